//! What all lines together say.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::output::{Entity, Line, Output};
use crate::tables::{Article, who};

/// Most rows of the tables in the page, which says so.
const MOST_TARGETED: usize = 100;
const MATRIX_IMPOSERS: usize = 15;
const MATRIX_TARGETS: usize = 25;
/// Most steps of the timeline; longer spans are counted by longer steps.
const MOST_STEPS: usize = 120;

/// Counts over all lines. Memory grows with the number of different names, not of lines.
#[derive(Default)]
pub(super) struct Tally {
    files: Vec<Value>,
    articles: u64,
    relevant: u64,
    entities: u64,
    mentions: u64,
    measures: u64,
    outlets: HashSet<String>,
    undated: u64,
    statuses: BTreeMap<String, u64>,
    targets: HashMap<String, Party>,
    imposers: HashMap<String, Party>,
    pairs: HashMap<(String, String), u64>,
    days: BTreeMap<NaiveDate, BTreeMap<String, u64>>,
    countries: BTreeMap<String, Country>,
    hasher: RandomState,
}

/// One who imposes or is targeted.
#[derive(Default)]
struct Party {
    name: String,
    kind: String,
    articles: u64,
    measures: u64,
    /// Hashes of the outlets.
    outlets: HashSet<u64>,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
}

/// Articles that name a country, by its role in them.
#[derive(Default)]
struct Country {
    named: u64,
    target: u64,
    imposer: u64,
    linked: u64,
}

impl Tally {
    /// Notes a file of lines, with what its manifest says.
    pub fn file(&mut self, output: &Output) {
        let manifest = output.tagged.manifest.as_ref();
        let of = |name: &str| manifest.map_or(Value::Null, |manifest| manifest[name].clone());
        let job = of("job");
        self.files.push(json!({
            "path": output.path.to_string_lossy(),
            "run": of("run"), "version": job["version"], "model": job["model"]["path"],
            "scope": job["options"]["scope"], "counts": of("counts"), "seconds": of("seconds"),
            "finished": of("finished"),
        }));
    }

    /// Counts a line.
    pub fn add(&mut self, line: &Line, article: &Article) {
        self.articles += 1;
        self.relevant += u64::from(line.relevant);
        self.entities += line.entities.len() as u64;
        self.mentions += line
            .entities
            .iter()
            .map(|it| it.mentions.len() as u64)
            .sum::<u64>();
        self.measures += line.measures.len() as u64;
        if let Some(outlet) = article.outlet().filter(|&it| !self.outlets.contains(it)) {
            self.outlets.insert(outlet.to_owned());
        }
        let day = article.published_on();
        self.undated += u64::from(day.is_none());
        for entity in &line.entities {
            self.add_country(entity);
        }
        self.add_measures(line, article.outlet(), day);
    }

    fn add_country(&mut self, entity: &Entity) {
        let Some(country) = &entity.country else {
            return;
        };
        let counted = self.countries.entry(country.alpha2.clone()).or_default();
        let has = |role: &str| u64::from(entity.roles.iter().any(|it| it == role));
        counted.named += 1;
        counted.target += has("target");
        counted.imposer += has("imposer");
        counted.linked += has("linked");
    }

    fn add_measures(&mut self, line: &Line, outlet: Option<&str>, day: Option<NaiveDate>) {
        let known: HashMap<&str, (&Entity, String)> = line
            .entities
            .iter()
            .map(|entity| (entity.id.as_str(), (entity, who(entity))))
            .collect();
        let outlet = outlet.map(|outlet| self.hasher.hash_one(outlet));
        let mut seen = [HashSet::new(), HashSet::new()];
        let mut pairs = HashSet::new();
        for measure in &line.measures {
            *self.statuses.entry(measure.status.clone()).or_default() += 1;
            if let Some(day) = day {
                let counts = self.days.entry(day).or_default();
                *counts.entry(measure.status.clone()).or_default() += 1;
            }
            let sides = [
                (&measure.imposers, &mut self.imposers),
                (&measure.targets, &mut self.targets),
            ];
            for ((ids, parties), seen) in sides.into_iter().zip(&mut seen) {
                for (entity, who) in ids.iter().filter_map(|id| known.get(id.as_str())) {
                    let party = parties.entry(who.clone()).or_default();
                    party.add(entity, seen.insert(who.clone()), outlet, day);
                }
            }
            for imposer in measure
                .imposers
                .iter()
                .filter_map(|id| known.get(id.as_str()))
            {
                for target in measure
                    .targets
                    .iter()
                    .filter_map(|id| known.get(id.as_str()))
                {
                    pairs.insert((imposer.1.clone(), target.1.clone()));
                }
            }
        }
        for pair in pairs {
            *self.pairs.entry(pair).or_default() += 1;
        }
    }

    /// What the page shows.
    pub fn shown(&self) -> Value {
        let names: HashMap<&str, &str> = crate::entity::named()
            .map(|(code, name)| (code.alpha2, name))
            .collect();
        let shown = |who: &str, party: &Party| -> String {
            names
                .get(who)
                .map_or_else(|| party.name.clone(), |&name| name.to_owned())
        };
        let targets = most(&self.targets, MOST_TARGETED);
        let table: Vec<Value> = targets
            .iter()
            .map(|(who, party)| {
                json!({"who": who, "name": shown(who, party), "type": party.kind, "articles": party.articles,
                    "measures": party.measures, "outlets": party.outlets.len(), "first": spelt(party.first), "last": spelt(party.last)})
            })
            .collect();
        let countries: BTreeMap<&str, Value> = self
            .countries
            .iter()
            .map(|(code, it)| {
                let name = names.get(code.as_str()).copied().unwrap_or(code);
                let value = json!({"name": name, "named": it.named, "target": it.target, "imposer": it.imposer, "linked": it.linked});
                (code.as_str(), value)
            })
            .collect();
        json!({
            "files": self.files,
            "counts": {"articles": self.articles, "relevant": self.relevant, "entities": self.entities,
                "mentions": self.mentions, "measures": self.measures, "outlets": self.outlets.len(), "undated": self.undated,
                "targets": self.targets.len(), "imposers": self.imposers.len()},
            "days": [spelt(self.days.keys().next().copied()), spelt(self.days.keys().next_back().copied())],
            "statuses": self.statuses,
            "targets": table,
            "matrix": self.matrix(&shown),
            "timeline": self.timeline(),
            "countries": countries,
            "tiles": super::map::tiles(),
        })
    }

    /// Articles for each of the foremost imposers and targets.
    fn matrix(&self, shown: &dyn Fn(&str, &Party) -> String) -> Value {
        let imposers = most(&self.imposers, MATRIX_IMPOSERS);
        let targets = most(&self.targets, MATRIX_TARGETS);
        let cells: Vec<Vec<u64>> = imposers
            .iter()
            .map(|(imposer, _)| {
                let cell = |target: &str| {
                    let pair = ((*imposer).to_owned(), target.to_owned());
                    self.pairs.get(&pair).copied().unwrap_or(0)
                };
                targets.iter().map(|(target, _)| cell(target)).collect()
            })
            .collect();
        let named = |parties: &[(&str, &Party)]| -> Vec<Value> {
            let parties = parties.iter();
            parties
                .map(|(who, party)| json!({"who": who, "name": shown(who, party)}))
                .collect()
        };
        json!({"imposers": named(&imposers), "targets": named(&targets), "cells": cells})
    }

    /// Measures by status for each day, week, month or year, whichever first needs few enough steps.
    fn timeline(&self) -> Value {
        type Step = fn(NaiveDate) -> String;
        let steps: [(&str, Step); 4] = [
            ("day", |day| day.to_string()),
            ("week", |day| day.format("%G-W%V").to_string()),
            ("month", |day| day.format("%Y-%m").to_string()),
            ("year", |day| day.format("%Y").to_string()),
        ];
        let (Some((first, _)), Some((last, _))) =
            (self.days.first_key_value(), self.days.last_key_value())
        else {
            return json!({"step": "day", "bins": []});
        };
        let n_days = last.signed_duration_since(*first).num_days();
        let fits = |days_a_step: i64| n_days / days_a_step < MOST_STEPS as i64;
        let step = [1, 7, 28].iter().position(|&days| fits(days)).unwrap_or(3);
        let (name, label) = steps[step];
        let mut bins: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        // Every step between the first and the last is there, empty ones too; years are few in any case.
        if step < 3 {
            for day in first.iter_days().take_while(|day| day <= last) {
                bins.entry(label(day)).or_default();
            }
        }
        for (day, counts) in &self.days {
            let bin = bins.entry(label(*day)).or_default();
            for (status, count) in counts {
                *bin.entry(status.clone()).or_default() += count;
            }
        }
        json!({"step": name, "bins": bins.into_iter().collect::<Vec<_>>()})
    }
}

impl Party {
    fn add(
        &mut self,
        entity: &Entity,
        first_in_article: bool,
        outlet: Option<u64>,
        day: Option<NaiveDate>,
    ) {
        // The smallest spelling, so that the order of lines does not matter.
        if self.name.is_empty() || entity.name < self.name {
            self.name.clone_from(&entity.name);
            self.kind.clone_from(&entity.r#type);
        }
        self.articles += u64::from(first_in_article);
        self.measures += 1;
        self.outlets.extend(outlet);
        self.first = self.first.into_iter().chain(day).min();
        self.last = self.last.into_iter().chain(day).max();
    }
}

/// A day as JSON has it.
fn spelt(day: Option<NaiveDate>) -> Option<String> {
    day.map(|day| day.to_string())
}

/// The parties of most articles.
fn most(parties: &HashMap<String, Party>, n: usize) -> Vec<(&str, &Party)> {
    let mut parties: Vec<(&str, &Party)> = parties
        .iter()
        .map(|(who, party)| (who.as_str(), party))
        .collect();
    parties.sort_by_key(|(who, party)| (std::cmp::Reverse(party.articles), *who));
    parties.truncate(n);
    parties
}
