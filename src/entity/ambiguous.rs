//! Country words that mean something else as well: the article and the words around decide.
//!
//! In: the hits of one article. Out: for each a country or none. Deliberately absent: seats of government, which have
//! a room of their own.

use std::collections::HashSet;

use super::countries::{Hit, Shared, code, next_word, previous_word};
use super::types::{Code, Form};
use crate::span::Span;

/// What an article as a whole says about the words that two places share.
pub(crate) struct Evidence<'a> {
    text: &'a str,
    /// Countries named by words that mean nothing else.
    clear: HashSet<&'static str>,
    /// Countries named by words that two places do not share.
    codes: HashSet<&'static str>,
    spoken_of_us_state: bool,
    surnames: HashSet<&'a str>,
}

/// Words near which Georgia is the US state.
const US_STATE: &[&str] = &[
    "Atlanta",
    "Savannah",
    "Augusta",
    "Macon",
    "Fulton County",
    "Athens, Georgia",
    "Bulldogs",
    "Stacey Abrams",
    "Brian Kemp",
    "Raffensperger",
    "Warnock",
    "Ossoff",
    "Alabama",
    "South Carolina",
    "North Carolina",
    "Florida",
    "Tennessee",
    "Georgia Tech",
];

/// Words near which Georgia is the country.
const CAUCASUS: &[&str] = &[
    "Tbilisi",
    "Saakashvili",
    "Abkhaz",
    "Ossetia",
    "Caucasus",
    "Kutaisi",
    "Batumi",
    "Adjar",
    "Ajar",
    "Shevardnadze",
    "Ivanishvili",
    "Georgian Dream",
    "Armenia",
    "Azerbaijan",
    "Moldova",
    "Kobakhidze",
    "Garibashvili",
    "Zourabichvili",
    "Gori",
];

/// Words of a kitchen or a farm, where Turkey is the bird.
const POULTRY: &[&str] = &[
    "Thanksgiving",
    "roast",
    "stuffing",
    "poultry",
    "oven",
    "farmers",
    "Christmas dinner",
];

impl<'a> Evidence<'a> {
    /// Reads the article once. `surnames` are the last words of the full names of persons the model found.
    pub(crate) fn new(
        text: &'a str,
        body: &[Span],
        hits: &[Hit],
        surnames: HashSet<&'a str>,
    ) -> Self {
        let codes_of = |keep: &dyn Fn(&Hit) -> bool| -> HashSet<&'static str> {
            let kept = hits
                .iter()
                .filter(|hit| hit.word.doubts.shared.is_none() && keep(hit));
            kept.map(|hit| hit.word.code.alpha2).collect()
        };
        let codes = codes_of(&|_| true);
        let clear = codes_of(&|hit| !(hit.word.doubts.person || hit.word.doubts.word));
        let asked = hits
            .iter()
            .any(|hit| hit.word.doubts.shared == Some(Shared::Georgia));
        let count = |words: &[&str]| -> usize {
            let parts = body.iter().map(|part| part.of(text));
            parts
                .map(|part| words.iter().filter(|word| part.contains(*word)).count())
                .sum()
        };
        Self {
            text,
            spoken_of_us_state: asked
                && count(US_STATE) > count(CAUCASUS) + usize::from(codes.contains("RU")),
            codes,
            clear,
            surnames,
        }
    }

    /// True when a full name of the article ends with what stands at `span`: George Washington.
    pub(crate) fn is_surname(&self, span: Span) -> bool {
        self.surnames.contains(span.of(self.text))
    }

    /// The country `hit` names here, if it names one.
    pub(crate) fn country(&self, hit: &Hit) -> Option<Code> {
        let name = hit.span.of(self.text);
        let known = |two: &str| self.codes.contains(two);
        if hit.word.doubts.language && self.speaks_of_language(hit.span) {
            return None;
        }
        if hit.word.doubts.person
            && self.surnames.contains(name)
            && !self.clear.contains(hit.word.code.alpha2)
        {
            return None;
        }
        if name == "Turkey" && self.bird(hit.span) && !self.clear.contains("TR") {
            return None;
        }
        match hit.word.doubts.shared {
            Some(Shared::Georgia) if hit.word.form == Form::Name => {
                (!self.us_state(hit.span)).then_some(hit.word.code)
            }
            Some(Shared::Korea) if name.ends_with("eas") || name.ends_with("EAS") => None,
            Some(Shared::Korea) if known("KP") && !known("KR") => code("KP"),
            Some(Shared::Congo) if known("CG") && !known("CD") => code("CG"),
            Some(Shared::Congo) => code("CD"),
            Some(Shared::Dominican) if known("DM") && !known("DO") => code("DM"),
            Some(Shared::Dominican) => code("DO"),
            _ => Some(hit.word.code),
        }
    }

    /// "in English", "Russian-speaking", "the French language".
    fn speaks_of_language(&self, span: Span) -> bool {
        let rest = &self.text[span.end..];
        let next = next_word(rest.strip_prefix('-').unwrap_or(rest), 0);
        if matches!(
            next.to_lowercase().as_str(),
            "language"
                | "edition"
                | "version"
                | "languages"
                | "speaking"
                | "speaker"
                | "speakers"
                | "translation"
                | "translations"
                | "dictionary"
                | "grammar"
                | "lesson"
                | "lessons"
                | "subtitles"
                | "alphabet"
                | "script"
        ) {
            return true;
        }
        let (previous, _) = previous_word(self.text, span.start);
        let speaking = matches!(
            previous.to_lowercase().as_str(),
            "in" | "into"
                | "speak"
                | "speaks"
                | "spoke"
                | "speaking"
                | "learn"
                | "learned"
                | "learning"
                | "fluent"
                | "broken"
                | "taught"
        );
        let alone = !rest.starts_with([' ', '-'])
            || matches!(
                next,
                "and"
                    | "or"
                    | "to"
                    | "at"
                    | "with"
                    | "on"
                    | "for"
                    | "that"
                    | "but"
                    | "as"
                    | "by"
                    | "when"
                    | "before"
                    | "after"
                    | "is"
                    | "was"
                    | ""
            );
        speaking && alone
    }

    /// "Atlanta, Georgia", "Georgia's governor", or an article on the state.
    fn us_state(&self, span: Span) -> bool {
        let (previous, _) = previous_word(self.text, span.start.saturating_sub(2));
        let after_town = self.text[..span.start].ends_with(", ") && US_STATE.contains(&previous);
        let rest = &self.text[span.end..];
        let rest = rest
            .strip_prefix("'s")
            .or_else(|| rest.strip_prefix("’s"))
            .unwrap_or(rest);
        let next = next_word(rest, 0);
        let office = matches!(
            next,
            "governor"
                | "Governor"
                | "Gov"
                | "Republican"
                | "Republicans"
                | "Democrat"
                | "Democrats"
                | "legislature"
                | "Legislature"
                | "senator"
                | "Senator"
                | "congressman"
                | "Senate"
                | "peach"
                | "peaches"
                | "lawmaker"
                | "Bulldogs"
        );
        after_town || office || self.spoken_of_us_state
    }

    /// A turkey is eaten: "the" or a number before it, or a kitchen around it.
    fn bird(&self, span: Span) -> bool {
        let mut from = span.start.saturating_sub(80);
        while !self.text.is_char_boundary(from) {
            from -= 1;
        }
        let mut to = (span.end + 80).min(self.text.len());
        while !self.text.is_char_boundary(to) {
            to += 1;
        }
        POULTRY
            .iter()
            .any(|word| self.text[from..to].contains(word))
    }
}
