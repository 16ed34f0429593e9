//! Output lines as `sanctag tag` writes them, made without a model.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// An article that says one thing.
pub struct Article {
    id: String,
    published: String,
    url: String,
    status: String,
    imposer: String,
    targets: Vec<String>,
}

impl Article {
    /// `imposer` may be empty: then nobody is named as imposing. A target called Iran is a country.
    pub fn new(
        id: &str,
        published: &str,
        url: &str,
        status: &str,
        imposer: &str,
        targets: &[&str],
    ) -> Self {
        Self {
            id: id.to_owned(),
            published: published.to_owned(),
            url: url.to_owned(),
            status: status.to_owned(),
            imposer: imposer.to_owned(),
            targets: targets.iter().map(|&target| target.to_owned()).collect(),
        }
    }

    /// Its line.
    pub fn line(&self) -> Value {
        let imposer = if self.imposer.is_empty() {
            "Someone"
        } else {
            &self.imposer
        };
        // A first line beside the body, with letters of more than one byte.
        let chrome = "Überschrift — ";
        let sentence = format!(
            "{imposer} {} sanctions on {}.",
            self.status,
            self.targets.join(" and ")
        );
        let text = format!("{chrome}{sentence}");
        let range = |word: &str| {
            let start = text[..text.find(word).unwrap()].chars().count();
            json!({"start": start, "end": start + word.chars().count(), "text": word})
        };
        let named = std::iter::once(("imposer", self.imposer.as_str()))
            .filter(|(_, name)| !name.is_empty());
        let parties: Vec<_> = named
            .chain(self.targets.iter().map(|name| ("target", name.as_str())))
            .collect();
        let mut entities = Vec::new();
        for (number, (role, name)) in (1..).zip(&parties) {
            let mut mention = range(name);
            mention["score"] = json!(0.5);
            let mut entity = json!({"id": format!("e{number}"), "type": "ORG", "name": name, "score": 0.75,
                "roles": [role], "mentions": []});
            if *name == "Iran" {
                mention["form"] = json!("name");
                entity["type"] = json!("COUNTRY");
                entity["country"] = json!({"alpha2": "IR", "alpha3": "IRN"});
            }
            entity["mentions"] = json!([mention]);
            entities.push(entity);
        }
        let ids = |part: &str| -> Vec<String> {
            let of_part = (1..).zip(&parties).filter(|(_, (role, _))| *role == part);
            of_part.map(|(number, _)| format!("e{number}")).collect()
        };
        let (start, end) = (chrome.chars().count(), text.chars().count());
        let mut line = json!({"schema": "sanctag/1", "id": self.id, "source": {"path": "in.jsonl", "record": 0},
            "published": self.published, "text": text, "body": [[start, end]], "relevant": true, "entities": entities,
            "measures": [{"id": "m1", "status": self.status, "imposers": ids("imposer"), "targets": ids("target"),
                "trigger": range("sanctions"), "evidence": {"start": start, "end": end}, "score": 0.5}],
            "stats": {"sentences": 1, "tokens": 9, "windows": 1, "tokens_read": 9}, "run": "r1"});
        if !self.url.is_empty() {
            line["url"] = json!(self.url);
        }
        line
    }
}

/// Writes `NAME.jsonl`, and beside it the manifest of a run that began at `started`.
pub fn written(dir: &Path, name: &str, articles: &[Article], started: u64) -> PathBuf {
    let lines: String = articles
        .iter()
        .map(|article| article.line().to_string() + "\n")
        .collect();
    let path = dir.join(format!("{name}.jsonl"));
    std::fs::write(&path, lines).unwrap();
    let manifest = json!({"run": "r1", "started_unix": started, "job": {"version": "9.9.9",
        "model": {"path": "sanctag-en", "sha256": "00"}, "options": {"write": {"unit": "points"}}},
        "counts": {"read": articles.len(), "written": articles.len(), "faults": 0, "relevant": articles.len(), "tokens": 9},
        "finished": true, "seconds": 1.5});
    std::fs::write(dir.join(format!("{name}.run.json")), manifest.to_string()).unwrap();
    path
}
