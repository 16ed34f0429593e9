//! Runs the ties room on gold entities: every occurrence of a gold alias is a mention.
//!
//! usage: ties_gold GOLD.jsonl TEXTS > PRED.jsonl
//!
//! TEXTS is a folder of `ID.txt`, or a file of JSON lines with `id`, `text` and, where there is page chrome, `body` in code points. The lines
//! written are of the schema `sanctag/1` as far as a scorer of roles and measures reads them. It shows what the ties room reaches when the
//! entities before it are right.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use sanctag::entity::{Code, Entity, EntityMention, EntityType};
use sanctag::sentence::sentences;
use sanctag::span::Span;
use sanctag::ties::{Lexicon, ties};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, gold, texts] = &args[..] else {
        anyhow::bail!("usage: ties_gold GOLD.jsonl TEXTS");
    };
    let lexicon = Lexicon::new();
    let articles = if Path::new(texts).is_dir() {
        HashMap::new()
    } else {
        read_articles(texts)?
    };
    for line in std::fs::read_to_string(gold)?.lines() {
        let gold: Value = serde_json::from_str(line)?;
        let id = gold["id"].as_str().context("no id")?;
        let (text, body) = match articles.get(id) {
            Some(article) => article.clone(),
            None => {
                let text = std::fs::read_to_string(Path::new(texts).join(format!("{id}.txt")))?;
                let body = vec![Span::new(0, text.len())];
                (text, body)
            }
        };
        let entities = entities(&gold, &text, &body);
        let found = ties(&text, &sentences(&text, &body), &entities, &lexicon, None);
        println!("{}", line_of(id, &text, &entities, &found));
    }
    Ok(())
}

type Article = (String, Vec<Span>);

fn read_articles(path: &str) -> Result<HashMap<String, Article>> {
    let mut articles = HashMap::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let article: Value = serde_json::from_str(line)?;
        let text = article["text"].as_str().context("no text")?.to_owned();
        let bytes: Vec<usize> = text
            .char_indices()
            .map(|(i, _)| i)
            .chain([text.len()])
            .collect();
        let at = |v: &Value| {
            v.as_u64()
                .and_then(|i| bytes.get(i as usize).copied())
                .unwrap_or(text.len())
        };
        let body = match article["body"].as_array() {
            Some(ranges) => ranges
                .iter()
                .map(|r| Span::new(at(&r[0]), at(&r[1])))
                .collect(),
            None => vec![Span::new(0, text.len())],
        };
        articles.insert(
            article["id"].as_str().context("no id")?.to_owned(),
            (text, body),
        );
    }
    Ok(articles)
}

fn entities(gold: &Value, text: &str, body: &[Span]) -> Vec<Entity> {
    let mut entities = Vec::new();
    for e in gold["entities"].as_array().into_iter().flatten() {
        let kind = match e["type"].as_str() {
            Some("PERSON") => EntityType::Person,
            Some("COUNTRY") => EntityType::Country,
            _ => EntityType::Org,
        };
        let country = e["iso"].as_str().map(|iso| {
            let alpha2: &'static str = String::leak(iso.to_owned());
            Code {
                alpha2,
                alpha3: alpha2,
            }
        });
        let mut spans: Vec<Span> = Vec::new();
        for alias in e["aliases"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            spans.extend(occurrences(text, alias).filter(|s| body.iter().any(|b| b.contains(*s))));
        }
        spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
        spans.dedup_by(|b, a| a.overlaps(*b));
        if spans.is_empty() {
            continue;
        }
        let mentions = spans
            .into_iter()
            .map(|span| EntityMention {
                span,
                score: 1.0,
                form: None,
            })
            .collect();
        let name = e["name"].as_str().unwrap_or_default().to_owned();
        entities.push(Entity {
            kind,
            name,
            country,
            score: 1.0,
            mentions,
        });
    }
    entities
}

fn occurrences<'t>(text: &'t str, alias: &'t str) -> impl Iterator<Item = Span> + 't {
    let border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(alias)
        .filter(move |(at, alias)| {
            border(text[..*at].chars().next_back())
                && border(text[at + alias.len()..].chars().next())
        })
        .map(|(at, alias)| Span::new(at, at + alias.len()))
}

fn line_of(id: &str, text: &str, entities: &[Entity], found: &sanctag::ties::Ties) -> Value {
    let entity_id = |i: &usize| format!("e{}", i + 1);
    let rows: Vec<Value> = entities
        .iter()
        .zip(&found.roles)
        .enumerate()
        .map(|(i, (e, roles))| {
            let mentions: Vec<Value> = e.mentions.iter().map(|m| json!({"text": m.span.of(text)})).collect();
            json!({"id": entity_id(&i), "type": e.kind.name(), "name": e.name, "mentions": mentions,
                "country": e.country.map(|c| json!({"alpha2": c.alpha2})), "roles": roles.names().collect::<Vec<_>>()})
        })
        .collect();
    let measures: Vec<Value> = found
        .measures
        .iter()
        .map(|m| {
            json!({"status": m.status.name(), "imposers": m.imposers.iter().map(entity_id).collect::<Vec<_>>(),
                "targets": m.targets.iter().map(entity_id).collect::<Vec<_>>(),
                "trigger": m.trigger.of(text), "evidence": m.evidence.of(text)})
        })
        .collect();
    json!({"schema": "sanctag/1", "id": id, "source": {"path": format!("{id}.txt")}, "relevant": found.relevant,
        "entities": rows, "measures": measures})
}
