//! Can this article speak of sanctions at all?
//!
//! In: the text and its body ranges. Out: yes or no, and what said yes. A vocabulary
//! (`data/vocabulary/gate.txt`) is looked for in the *folded* text: ASCII letters in lower case, digits and other scripts' letters
//! as they are, soft hyphens and zero-width marks dropped, and every run of anything else (blanks, line breaks,
//! hyphens, quotes, stops but those inside "E.O.") one blank. So "black-list", "black  list" and "Black\nList" are one; a hyphen at a line's end is
//! read both as a blank and as nothing ("sanc-\ntions"). Deliberately absent: any judgement; a court's sanction is admitted and
//! left to the ties.

mod fold;
mod screen;
mod vocabulary;

use crate::error::Result;
use crate::span::Span;
use fold::Breaks;
use screen::Screen;
use vocabulary::{Vocabulary, WIDEST_MATCH};

/// Candidates at most this many bytes after the last one lie in its window, which is that much wider.
const SKIP: usize = 64;

/// The vocabulary, ready to be looked for. Built once, shared by any number of threads.
pub struct Gate {
    vocabulary: Vocabulary,
    screen: Option<Screen>,
}

impl Gate {
    /// Builds the gate from the vocabulary that the program holds.
    ///
    /// # Errors
    /// When the vocabulary cannot be made into an automaton.
    pub fn new() -> Result<Self> {
        let vocabulary = Vocabulary::new(include_str!("../data/vocabulary/gate.txt"))?;
        let screen = Screen::new(&vocabulary.stems());
        Ok(Self { vocabulary, screen })
    }

    /// True when some body range holds something of the vocabulary. `body` must lie on character borders of `text`.
    #[must_use]
    pub fn admits(&self, text: &str, body: &[Span]) -> bool {
        body.iter().any(|range| match &self.screen {
            Some(screen) => self.admits_screened(range.of(text), screen),
            None => self.first_in(range.of(text)).is_some(),
        })
    }

    /// Looks around the screen's candidates alone, unless they are so many that the whole costs less.
    fn admits_screened(&self, text: &str, screen: &Screen) -> bool {
        let mut left = 4 * text.len() + (64 << 10);
        let mut last = None;
        let mut give_up = false;
        let near = screen.any(text, |at| {
            if last.is_some_and(|last| last <= at && at <= last + SKIP) {
                return false;
            }
            last = Some(at);
            let part = fold::around(text, at, WIDEST_MATCH + SKIP);
            give_up |= left < part.len();
            left = left.saturating_sub(part.len());
            give_up || self.admits_part(text, part)
        });
        if give_up {
            self.first_in(text).is_some()
        } else {
            near
        }
    }

    /// The first thing of the vocabulary in the body, as bytes of `text`; what [`Gate::admits`] said yes to.
    #[must_use]
    pub fn first(&self, text: &str, body: &[Span]) -> Option<Span> {
        body.iter().find_map(|range| {
            self.first_in(range.of(text))
                .map(|span| span.shifted(range.start))
        })
    }

    /// The same without the screen: the plain automaton over the whole folded text.
    fn first_in(&self, text: &str) -> Option<Span> {
        let whole = Span::new(0, text.len());
        let spaced = self.first_folded(text, whole, Breaks::Blank);
        let joined = fold::has_broken_line(text, whole)
            .then(|| self.first_folded(text, whole, Breaks::Nothing))
            .flatten();
        [spaced, joined].into_iter().flatten().min()
    }

    fn first_folded(&self, text: &str, part: Span, breaks: Breaks) -> Option<Span> {
        let folded = fold::fold(text, part, breaks);
        let found = self.vocabulary.first(&folded)?;
        Some(fold::unfold(text, part, breaks, found))
    }

    /// True when the vocabulary is found in one part of the text.
    fn admits_part(&self, text: &str, part: Span) -> bool {
        let found = |breaks| {
            self.vocabulary
                .first(&fold::fold(text, part, breaks))
                .is_some()
        };
        found(Breaks::Blank) || (fold::has_broken_line(text, part) && found(Breaks::Nothing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> [Span; 1] {
        [Span::new(0, text.len())]
    }

    #[test]
    fn every_spelling_of_a_sanction_is_admitted() {
        let gate = Gate::new().expect("the vocabulary is sound");
        for text in [
            "Sanctions were imposed.",
            "a sanctioned bank",
            "SANCTIONING",
            "new counter\u{2010}sanctions",
            "sanc\u{ad}tions",
            "sanc-\n   tions",
            "sanc\u{2010}\r\ntioned",
            "an asset freeze",
            "the assets\nof the two men were frozen",
            "froze about $2m of the minister's funds",
            "“asset  freezes”",
            "an arms-embargo",
            "export\u{2011}control rules",
            "black-listed",
            "the Entity\u{a0}List",
            "a travel\r\nban",
            "visa bans",
            "a ban on imports of timber",
            "the price\tcap",
            "cut off from SWIFT",
            "OFAC said",
            "(OFSI)",
            "the SDN list",
            "under CAATSA",
            "the Magnitsky Act",
            "pursuant to E.O. 13224",
            "under E. O. 13224 of blocking property",
            "Executive\nOrder 14024",
            "U.N. Security Council Resolution 1718",
            "specially-designated nationals",
            "dual-\nuse goods",
            "dual use",
            "restrictive measures",
            "expelled ten Russian diplomats",
            "blocking statute",
        ] {
            assert!(gate.admits(text, &whole(text)), "{text:?}");
            let span = gate.first(text, &whole(text)).expect("what admitted it");
            assert!(
                !span.trimmed(text).is_empty() && span == span.trimmed(text),
                "{text:?}"
            );
        }
    }

    #[test]
    fn everyday_news_is_not_admitted() {
        let gate = Gate::new().expect("the vocabulary is sound");
        for text in [
            "",
            "The striker scored twice and the crowd went home happy.",
            "New tariffs on steel will raise prices, an investment bank said.",
            "Water pipes froze overnight. The town council met to discuss it.",
            "The swiftlet is a bird; the banner was red.",
            "Shares rose by 3 percent after the company raised its forecast.",
        ] {
            assert!(
                !gate.admits(text, &whole(text)),
                "{text:?}: {:?}",
                gate.first(text, &whole(text)).map(|s| s.of(text))
            );
        }
    }

    #[test]
    fn the_trigger_is_a_slice_of_the_body() {
        let gate = Gate::new().expect("the vocabulary is sound");
        let text = "Sanctions page\nThe asset- \"freeze\" holds. Ünal left.";
        let body = [Span::new(15, text.len())];
        let span = gate.first(text, &body).expect("admitted");
        assert_eq!(span.of(text), "asset- \"freez");
    }

    #[test]
    fn the_screen_admits_exactly_what_the_plain_automaton_admits() {
        let gate = Gate::new().expect("the vocabulary is sound");
        let screen = gate.screen.as_ref();
        assert!(
            screen.is_some() || !cfg!(target_arch = "x86_64"),
            "nothing to compare"
        );
        let mut alphabet: Vec<String> = [
            " ",
            " ",
            "  ",
            "\n",
            "-",
            "-\n",
            "\u{ad}",
            "\u{200b}",
            "\u{2010}\n ",
            "’",
            "é",
            "a",
            "x",
            "word",
            "E.",
            ".",
            "😀",
            "        ",
            "the nation of",
        ]
        .map(String::from)
        .to_vec();
        alphabet.extend(gate.vocabulary.stems().iter().map(|s| s.trim().to_owned()));
        for word in [
            "Asset", "FUNDS", "sanc", "TIONS", "fre", "ez", "o. 13", "EO 13", "russia", "imports",
            "oil", "council", "econom",
        ] {
            alphabet.push(word.into());
        }
        let mut seed = 5_u64;
        let mut random = |below: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let (mut yes, mut no) = (0, 0);
        for _ in 0..4_000 {
            let mut text: String = (0..1 + random(8))
                .map(|_| alphabet[random(alphabet.len())].as_str())
                .collect();
            if random(20) == 0 {
                text = format!("{}{text}", "lorem ipsum - ".repeat(random(2_600)));
            }
            let plain = gate.first_in(&text).is_some();
            let screened = screen.map(|screen| gate.admits_screened(&text, screen));
            assert_eq!(screened.unwrap_or(plain), plain, "{text:?}");
            if plain { yes += 1 } else { no += 1 }
        }
        assert!(yes > 100 && no > 100, "{yes} admitted, {no} not");
    }

    #[test]
    fn hostile_text_takes_no_time() {
        let gate = Gate::new().expect("the vocabulary is sound");
        for unit in [
            "x",
            "a\u{ad}",
            "a-\n",
            "ban ",
            "ban                                                                                 ",
            "\u{ad}",
            "a\u{200c}    ",
        ] {
            let text = unit.repeat(300_000);
            let begun = std::time::Instant::now();
            assert!(!gate.admits(&text, &whole(&text)), "{unit:?}");
            assert!(
                begun.elapsed().as_secs() < 20,
                "{unit:?} took {:?}",
                begun.elapsed()
            );
        }
    }
}
