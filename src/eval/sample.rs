//! Output lines → a sample for labelling, pre-annotated in the form of a labelling program.
//!
//! Strata are told apart by what the line says: not relevant, relevant without a measure, or by the status of its first measure. Each
//! stratum gives its share (or, asked for, the same number as every other); within one, the lines with the lowest hash of seed and id are
//! drawn, so that a sample depends on seed and ids alone, not on the order of the lines. Every record carries its id, its stratum
//! and its weight (lines of the stratum for each drawn), and comes straight back as gold.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Which program the sample is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// One task a line, with spans.
    Prodigy,
    /// One text a line, with labels.
    Doccano,
    /// One array of tasks, with predictions that become annotations once accepted.
    LabelStudio,
    /// Article gold, for roles and measures too; edited as text.
    Gold,
}

/// How many each stratum gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Share {
    /// As many of the sample as of the whole, one at least.
    Proportional,
    /// As many as every other, as far as it has them.
    Equal,
}

/// A line that was drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Drawn {
    line: Map<String, Value>,
    stratum: String,
    weight: f64,
}

/// A stratum with its size and what was drawn of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Stratum {
    /// Its name.
    pub name: String,
    /// Its lines.
    pub lines: usize,
    /// Those drawn.
    pub drawn: usize,
}

fn stratum(line: &Map<String, Value>) -> String {
    let first = line
        .get("measures")
        .and_then(|measures| measures.get(0)?.get("status")?.as_str());
    match (line.get("relevant").and_then(Value::as_bool), first) {
        (Some(true), Some(status)) => status.to_owned(),
        (Some(true), None) => "relevant, no measure".to_owned(),
        _ => "not relevant".to_owned(),
    }
}

fn rank(seed: u64, id: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(id.as_bytes());
    hash.finalize().into()
}

/// Draws `n` lines, in the order of the input, with what was drawn of each stratum.
#[must_use]
pub fn draw(
    lines: Vec<Map<String, Value>>,
    n: usize,
    share: Share,
    seed: u64,
) -> (Vec<Drawn>, Vec<Stratum>) {
    let mut strata: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        strata.entry(stratum(line)).or_default().push(at);
    }
    let sizes: Vec<usize> = strata.values().map(Vec::len).collect();
    let id = |at: usize| {
        lines[at]
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (mut chosen, mut told) = (BTreeMap::new(), Vec::new());
    for ((name, mut members), drawn) in strata.into_iter().zip(shares(&sizes, n, share)) {
        let lines = members.len();
        members.sort_by_cached_key(|&at| (rank(seed, id(at)), at));
        let weight = lines as f64 / drawn.max(1) as f64;
        chosen.extend(
            members
                .into_iter()
                .take(drawn)
                .map(|at| (at, (name.clone(), weight))),
        );
        told.push(Stratum { name, lines, drawn });
    }
    let drawn = lines.into_iter().enumerate().filter_map(|(at, line)| {
        let (stratum, weight) = chosen.remove(&at)?;
        Some(Drawn {
            line,
            stratum,
            weight,
        })
    });
    (drawn.collect(), told)
}

/// How many each stratum gives: never more than it has, together `n` where there are so many.
fn shares(sizes: &[usize], n: usize, share: Share) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let n = n.min(total);
    let mut given = vec![0; sizes.len()];
    // One more each time to whoever is furthest below its due; ties go to the first.
    for _ in 0..n {
        let need = |at: usize| {
            let due = match share {
                Share::Proportional => sizes[at] as f64,
                Share::Equal => 1.0,
            };
            if given[at] == 0 {
                f64::INFINITY
            } else {
                due / (given[at] as f64 + 0.5)
            }
        };
        let open = (0..sizes.len()).filter(|&at| given[at] < sizes[at]);
        let next =
            open.max_by(|&one, &other| need(one).total_cmp(&need(other)).then(other.cmp(&one)));
        if let Some(at) = next {
            given[at] += 1;
        }
    }
    given
}

/// Writes drawn lines in the form of a program.
///
/// # Errors
/// A sentence naming the line that has no text.
pub fn written(drawn: &[Drawn], form: Form) -> Result<String, String> {
    let records = drawn
        .iter()
        .map(|one| one.record(form))
        .collect::<Result<Vec<_>, _>>()?;
    if form == Form::LabelStudio {
        let mut text = serde_json::to_string_pretty(&records).map_err(|error| error.to_string())?;
        text.push('\n');
        return Ok(text);
    }
    Ok(records.iter().map(|record| format!("{record}\n")).collect())
}

/// One mention of a line: start and end in code points, its words, its label.
struct Found<'a> {
    start: u64,
    end: u64,
    text: &'a str,
    label: &'a str,
}

impl Drawn {
    fn id(&self) -> &str {
        self.line
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn text(&self) -> Result<&str, String> {
        self.line
            .get("text")
            .and_then(Value::as_str)
            .ok_or_else(|| {
                format!(
                    "line {:?} has no text; write the lines without --no-text",
                    self.id()
                )
            })
    }

    /// Its mentions without those inside other names, in text order.
    fn found(&self) -> Vec<Found<'_>> {
        let entities = self
            .line
            .get("entities")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let mut found: Vec<Found<'_>> = entities
            .flat_map(|entity| {
                let label = entity
                    .get("type")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let mentions = entity
                    .get("mentions")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten();
                mentions.filter_map(move |mention| {
                    let number = |name: &str| mention.get(name).and_then(Value::as_u64);
                    let part = mention.get("form").and_then(Value::as_str) == Some("part");
                    let found = Found {
                        start: number("start")?,
                        end: number("end")?,
                        text: mention.get("text").and_then(Value::as_str)?,
                        label,
                    };
                    (!part).then_some(found)
                })
            })
            .collect();
        found.sort_by_key(|one| (one.start, one.end));
        found
    }

    fn record(&self, form: Form) -> Result<Value, String> {
        let (text, found) = (self.text()?, self.found());
        let meta = json!({"sanctag_id": self.id(), "stratum": self.stratum, "weight": self.weight});
        let objects =
            |make: fn(&Found<'_>) -> Value| -> Vec<Value> { found.iter().map(make).collect() };
        Ok(match form {
            Form::Prodigy => {
                let spans = objects(
                    |one| json!({"start": one.start, "end": one.end, "label": one.label, "text": one.text}),
                );
                json!({"text": text, "spans": spans, "meta": meta})
            }
            Form::Doccano => {
                let label = objects(|one| json!([one.start, one.end, one.label]));
                json!({"text": text, "label": label, "sanctag_id": self.id(), "stratum": self.stratum, "weight": self.weight})
            }
            Form::LabelStudio => {
                let result = objects(|one| {
                    json!({"from_name": "label", "to_name": "text", "type": "labels",
                        "value": {"start": one.start, "end": one.end, "text": one.text, "labels": [one.label]}})
                });
                let mut data = meta;
                data["text"] = text.into();
                json!({"data": data, "predictions": [{"model_version": self.line.get("run"), "result": result}]})
            }
            Form::Gold => self.gold(text),
        })
    }

    /// The line as article gold, measures with their evidence.
    fn gold(&self, text: &str) -> Value {
        let list =
            |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let mut names: BTreeMap<String, Value> = BTreeMap::new();
        let mut entities = Vec::new();
        for entity in list(self.line.get("entities")) {
            let kind = entity
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if !super::document::ARTICLE_TYPES.contains(&kind) {
                continue;
            }
            let mut aliases: Vec<Value> = Vec::new();
            for mention in list(entity.get("mentions")) {
                let form = mention["text"].clone();
                if !aliases.contains(&form) {
                    aliases.push(form);
                }
            }
            if let Some(id) = entity["id"].as_str() {
                names.insert(id.to_owned(), entity["name"].clone());
            }
            let mut gold = json!({"type": kind, "name": entity["name"], "aliases": aliases, "roles": entity["roles"]});
            if let Some(code) = entity.pointer("/country/alpha2") {
                gold["iso"] = code.clone();
            }
            entities.push(gold);
        }
        let letters: Vec<char> = text.chars().collect();
        let measures: Vec<Value> = list(self.line.get("measures"))
            .iter()
            .map(|measure| {
                let named = |side: &str| -> Vec<Value> {
                    let ids = list(measure.get(side));
                    ids.iter().filter_map(|id| names.get(id.as_str()?).cloned()).collect()
                };
                let at = |name: &str| measure.pointer(&format!("/evidence/{name}")).and_then(Value::as_u64).unwrap_or(0) as usize;
                let evidence: String = letters.get(at("start")..at("end")).into_iter().flatten().collect();
                json!({"status": measure["status"], "imposers": named("imposers"), "targets": named("targets"), "evidence": evidence})
            })
            .collect();
        json!({"id": self.id(), "sanctions_relevant": self.line.get("relevant"), "entities": entities, "measures": measures, "text": text})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(n: usize) -> Vec<Map<String, Value>> {
        let line = |at: usize| {
            let measures = match at % 10 {
                0 => {
                    json!([{"status": "imposed", "imposers": [], "targets": ["e1"], "evidence": {"start": 0, "end": 9}}])
                }
                _ => json!([]),
            };
            let line = json!({"id": format!("a{at}"), "text": "é😀 Ann Lee spoke", "relevant": at % 10 == 0, "measures": measures,
                "entities": [{"id": "e1", "type": "PERSON", "name": "Ann Lee", "roles": ["target"], "mentions": [{"start": 3, "end": 10, "text": "Ann Lee"}]}]});
            line.as_object().unwrap().clone()
        };
        (0..n).map(line).collect()
    }

    #[test]
    fn strata_give_their_share_and_never_more_than_they_have() {
        for (sizes, n, share, expected) in [
            (&[90, 10][..], 10, Share::Proportional, &[9, 1][..]),
            (&[990, 10], 10, Share::Proportional, &[9, 1]),
            (&[90, 10], 10, Share::Equal, &[5, 5]),
            (&[90, 2, 8], 12, Share::Equal, &[5, 2, 5]),
            (&[3, 2], 100, Share::Equal, &[3, 2]),
        ] {
            assert_eq!(shares(sizes, n, share), expected);
        }
    }

    #[test]
    fn a_sample_depends_on_seed_and_ids_and_not_on_the_order_of_lines() {
        let ids = |lines, seed| {
            let (drawn, _) = draw(lines, 12, Share::Equal, seed);
            let mut ids: Vec<String> = drawn.iter().map(|one| one.id().to_owned()).collect();
            ids.sort();
            ids
        };
        let mut backward = lines(100);
        backward.reverse();
        assert_eq!(ids(lines(100), 1), ids(backward, 1));
        assert_ne!(ids(lines(100), 1), ids(lines(100), 2));
    }

    #[test]
    fn every_form_comes_back_as_gold() {
        let (drawn, strata) = draw(lines(30), 6, Share::Equal, 0);
        assert_eq!(
            strata
                .iter()
                .map(|one| (one.lines, one.drawn))
                .collect::<Vec<_>>(),
            [(3, 3), (27, 3)]
        );
        for (form, name) in [
            (Form::Prodigy, "a.jsonl"),
            (Form::Doccano, "a.jsonl"),
            (Form::LabelStudio, "a.json"),
            (Form::Gold, "a.jsonl"),
        ] {
            let text = written(&drawn, form).unwrap();
            // In Label Studio an accepted prediction is an annotation.
            let text = text.replace("\"predictions\"", "\"annotations\"");
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            let gold = crate::eval::gold::read(&[path], &[]).unwrap();
            assert_eq!(
                (gold.documents.len(), gold.faults),
                (6, Vec::new()),
                "{form:?}"
            );
            for (document, one) in gold.documents.iter().zip(&drawn) {
                assert_eq!(document.id, one.id());
                match (&document.marks, &document.article) {
                    (Some(marks), _) => assert_eq!(
                        marks[0].span.of(document.text.as_deref().unwrap()),
                        "Ann Lee"
                    ),
                    (_, Some(article)) => assert!(article.entities[0].roles.contains("target")),
                    _ => panic!("{form:?}"),
                }
            }
        }
    }
}
