//! The articles that can be read in the page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde_json::{Value, json};

use crate::output::{Line, Range};
use crate::tables::{Article, who};

/// Keeps a fixed number of articles: those with measures before the relevant before the others, and among equals those
/// with the smallest hashes, which is a fair sample and the same for any order of the lines.
pub(super) struct Sample {
    n_articles: usize,
    kept: BinaryHeap<Kept>,
}

/// What decides whether an article is kept: the smaller, the sooner.
type Rank = (u8, [u8; 16]);

struct Kept {
    rank: Rank,
    published: Option<String>,
    shown: Value,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Kept {}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl Sample {
    pub fn new(n_articles: usize) -> Self {
        Self {
            n_articles,
            kept: BinaryHeap::new(),
        }
    }

    pub fn add(&mut self, line: &Line, article: &Article, hash: [u8; 16]) {
        let class = match (line.measures.is_empty(), line.relevant) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => 2,
        };
        let rank = (class, hash);
        let full = self.kept.len() >= self.n_articles;
        if full && self.kept.peek().is_none_or(|worst| worst.rank <= rank) {
            return;
        }
        if full {
            self.kept.pop();
        }
        self.kept.push(Kept {
            rank,
            published: line.published.clone(),
            shown: shown(line, article),
        });
    }

    /// The articles, the newest first.
    pub fn into_articles(self) -> Vec<Value> {
        let mut kept = self.kept.into_vec();
        kept.sort_by(|a, b| (Reverse(&a.published), a.rank).cmp(&(Reverse(&b.published), b.rank)));
        kept.into_iter().map(|kept| kept.shown).collect()
    }
}

/// What the page has of an article; ranges count code points.
fn shown(line: &Line, article: &Article) -> Value {
    let range =
        |start: usize, end: usize| json!([article.in_points(start), article.in_points(end)]);
    let of = |it: &Range| range(it.start, it.end);
    let entities: Vec<Value> = line
        .entities
        .iter()
        .map(|entity| {
            let mentions = entity.mentions.iter();
            let mentions: Vec<Value> = mentions.map(|it| range(it.start, it.end)).collect();
            json!({"type": entity.r#type, "name": entity.name, "who": who(entity), "roles": entity.roles,
                "score": entity.score, "mentions": mentions})
        })
        .collect();
    let places = |ids: &[String]| -> Vec<usize> {
        let place = |id: &String| line.entities.iter().position(|entity| entity.id == *id);
        ids.iter().filter_map(place).collect()
    };
    let measures: Vec<Value> = line
        .measures
        .iter()
        .map(|measure| {
            json!({"status": measure.status, "imposers": places(&measure.imposers), "targets": places(&measure.targets),
                "trigger": of(&measure.trigger), "words": measure.trigger.text, "evidence": of(&measure.evidence),
                "score": measure.score})
        })
        .collect();
    json!({"id": line.id, "path": line.source.path, "record": line.source.record, "title": line.title,
        "published": line.published, "outlet": article.outlet(), "url": line.url, "text": line.text,
        "from": line.body.first().map(|(start, _)| article.in_points(*start)),
        "relevant": line.relevant, "entities": entities, "measures": measures})
}
