//! One batch of lines → one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Loaded;
use super::store::{Known, Place, RunAbout, Store};
use crate::error::Result;
use crate::output::Record;
use crate::tables::{Article, Table};
use crate::write::Unit;

/// Lines of one file.
pub(super) struct Batch {
    /// Records in order, those that are faults left out.
    pub records: Vec<Record>,
    /// The byte after the last.
    pub end: u64,
    /// The file ends here.
    pub last: bool,
}

/// What all lines of a file share.
pub(super) struct Shared {
    /// What ranges count where a line does not tell.
    pub unit: Unit,
    /// When the run began, in seconds since 1970.
    pub tagged_at: i64,
    /// Loads the texts.
    pub text: bool,
    /// What the manifest beside the file says of its run.
    pub about: Option<(String, RunAbout)>,
}

/// What becomes of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    New,
    Replaces(i64),
    Unchanged,
    Older,
}

/// Loads a batch and counts what became of its lines.
pub(super) fn load(
    store: &mut dyn Store,
    batch: &Batch,
    shared: &Shared,
    place: &mut Place,
    loaded: &mut Loaded,
) -> Result<()> {
    let articles: Vec<Article> = batch
        .records
        .iter()
        .filter_map(|record| Some((record, record.line.as_ref().ok()?)))
        .map(|(record, line)| {
            let mut article = Article::new(line, shared.unit);
            article.hash = record.hash;
            article.tagged_at = shared.tagged_at;
            article.output = place.output;
            article.keep_text = shared.text;
            article
        })
        .collect();
    store.begin()?;
    let ids: Vec<&str> = articles.iter().map(Article::id).collect();
    let known = store.known(&ids)?;
    for run in articles.iter().map(Article::run).collect::<BTreeSet<_>>() {
        let about = shared.about.as_ref().filter(|(of, _)| of == run);
        store.run(
            run,
            &about.map(|(_, about)| about.clone()).unwrap_or_default(),
        )?;
    }
    let mut key = store.last_key()?;
    let mut kept: Vec<(i64, &Article)> = Vec::with_capacity(articles.len());
    let mut removed = Vec::new();
    let mut counts = Loaded::default();
    let last = last_of_each(&articles);
    for (at, article) in articles.iter().enumerate() {
        // Of lines with one id in a batch the last stays, as it would were they batches apart.
        if !last.contains(&at) {
            counts.replaced += 1;
            continue;
        }
        match fate(article, &known) {
            Fate::New => {
                key += 1;
                kept.push((key, article));
                counts.new += 1;
            }
            Fate::Replaces(old) => {
                removed.push(old);
                kept.push((old, article));
                counts.replaced += 1;
            }
            Fate::Unchanged => counts.unchanged += 1,
            Fate::Older => counts.older += 1,
        }
    }
    if !removed.is_empty() {
        store.remove(&removed)?;
    }
    // Rows of one key lie together.
    kept.sort_by_key(|(key, _)| *key);
    for (table, n_rows) in Table::ALL.into_iter().zip(&mut counts.rows) {
        *n_rows = store.put(table, &mut |take| {
            kept.iter()
                .try_for_each(|(key, article)| article.stored(table, &mut |row| take(*key, row)))
        })?;
    }
    place.loaded_bytes = batch.end;
    place.finished = batch.last;
    store.note(*place)?;
    store.commit()?;
    loaded.add(&counts);
    loaded.with_nul += kept.iter().filter(|(_, article)| article.has_nul()).count() as u64;
    Ok(())
}

/// The last place of each id.
fn last_of_each(articles: &[Article]) -> HashSet<usize> {
    let places = articles.iter().enumerate();
    let last: HashMap<&str, usize> = places.map(|(at, article)| (article.id(), at)).collect();
    last.into_values().collect()
}

fn fate(article: &Article, known: &HashMap<String, Known>) -> Fate {
    match known.get(article.id()) {
        None => Fate::New,
        Some(there) if there.hash == article.hash => Fate::Unchanged,
        Some(there) if article.tagged_at < there.tagged_at => Fate::Older,
        Some(there) => Fate::Replaces(there.article),
    }
}

impl Loaded {
    fn add(&mut self, other: &Self) {
        self.new += other.new;
        self.replaced += other.replaced;
        self.unchanged += other.unchanged;
        self.older += other.older;
        for (rows, more) in self.rows.iter_mut().zip(other.rows) {
            *rows += more;
        }
    }
}
