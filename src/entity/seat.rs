//! A seat of government stands for the government or for the town: the words around it decide.
//!
//! In: the text and where the seat's name stands. Out: a yes or no. When nothing speaks for the government it is the town.

use super::countries::{Countries, next_word, previous_word};
use crate::span::Span;

/// True when the seat named at `span` stands for its government: "Tehran said", "sanctions on Moscow".
pub(crate) fn governs(text: &str, span: Span, countries: &Countries) -> bool {
    let list = |name: &str, word: &str| {
        let lower = word.to_lowercase();
        countries
            .seats
            .get(name)
            .is_some_and(|words| words.contains(lower.as_str()))
    };
    if list("never", span.of(text)) {
        return false;
    }
    let rest = &text[span.end..];
    if let Some(answer) = hyphenated(rest, &list) {
        return answer;
    }
    if dateline(text, span) || of_region(rest) {
        return false;
    }
    let (previous, at) = previous_word(text, span.start);
    let touching = text[..span.start].chars().next_back();
    if touching == Some('-') {
        let (prefix, _) = previous_word(text, span.start - 1);
        return matches!(prefix.to_lowercase().as_str(), "pro" | "anti" | "post");
    }
    let possessive = ["'s ", "’s "]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark));
    if let Some(owned) = possessive {
        return owned_by_government(owned, &list) && (previous == "at" || !list("place", previous));
    }
    let next = next_word(text, span.end);
    if !next.is_empty() && list("town", next) {
        return false;
    }
    if list("offices", next) && !capital(next) {
        return !list("place", previous) || previous.eq_ignore_ascii_case("in");
    }
    if list("place", previous) {
        return matches!(previous, "in" | "over") && noun_within(text, at, 2, "trust", &list);
    }
    match previous {
        "to" | "from" | "of" | "on" | "for" | "into" | "about" => carried(text, at, &list),
        "against" | "between" | "with" | "by" | "upon" | "toward" | "towards" | "like" => true,
        _ if list("verbs", next) => true,
        _ if acts_jointly(rest, &list) => true,
        "and" | "or" | "nor" | "both" | "neither" => {
            joined(text, at, countries, &list)
                || (rest.starts_with(", who ") || rest.starts_with(", which "))
        }
        "the" | "a" | "an" => false,
        _ => list("before", previous) && !capital(next) && !next_is_noun(rest),
    }
}

fn capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// "Tehran-backed" is the government's, "London-based" the town's.
fn hyphenated(rest: &str, list: &impl Fn(&str, &str) -> bool) -> Option<bool> {
    let part = rest.strip_prefix(['-', '‐', '‑'])?;
    if part.starts_with(' ') {
        return Some(false);
    }
    Some(list("hyphen", next_word(part, 0)))
}

/// "MOSCOW (Reuters) -", "WASHINGTON, March 3", "Tehran, Iran".
fn dateline(text: &str, span: Span) -> bool {
    let rest = &text[span.end..];
    let line_start = text[..span.start].trim_end_matches([' ', '\t']);
    let opens_line = line_start.is_empty() || line_start.ends_with('\n');
    if opens_line {
        let soon = rest.trim_start();
        if soon.starts_with(['(', '-', '–', '—', ':', '/']) {
            return true;
        }
        let loud = span
            .of(text)
            .chars()
            .filter(|letter| letter.is_alphabetic())
            .all(char::is_uppercase);
        if loud && rest.starts_with(',') {
            return true;
        }
    }
    rest.strip_prefix(", ").is_some_and(|after| {
        let word = next_word(after, 0);
        [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        .iter()
        .any(|month| word.starts_with(month) && opens_line)
    })
}

/// "Washington state", "Washington, D.C.", "Washington Irving".
fn of_region(rest: &str) -> bool {
    let Some(after) = rest.strip_prefix(' ') else {
        return rest.starts_with(", D.C") || rest.starts_with(", DC");
    };
    let next = next_word(after, 0);
    capital(next)
}

/// "Tehran's nuclear ambitions" against "Tehran's airport", "Moscow's Red Square".
fn owned_by_government(owned: &str, list: &impl Fn(&str, &str) -> bool) -> bool {
    let first = next_word(owned, 0);
    if capital(first) || first.is_empty() {
        return list("offices", first) || super::countries::next_word(owned, 0).len() > 12;
    }
    !owned
        .split_whitespace()
        .take(3)
        .take_while(|word| !word.ends_with([',', '.']))
        .any(|word| list("town", word))
}

/// "pressure on Tehran" against "march on Baghdad": the nearest telling word within six decides.
fn carried(text: &str, at: usize, list: &impl Fn(&str, &str) -> bool) -> bool {
    let mut at = at;
    for _ in 0..6 {
        let (word, start) = previous_word(text, at);
        if word.is_empty() {
            return false;
        }
        if list("moves", word) {
            return false;
        }
        if list("nouns", word) {
            return true;
        }
        at = start;
    }
    false
}

fn noun_within(
    text: &str,
    at: usize,
    n_words: usize,
    only: &str,
    list: &impl Fn(&str, &str) -> bool,
) -> bool {
    let mut at = at;
    for _ in 0..n_words {
        let (word, start) = previous_word(text, at);
        if matches!(
            word,
            "confidence" | "trust" | "faith" | "regime" | "power" | "government"
        ) {
            return only == "trust" && list("nouns", word);
        }
        at = start;
    }
    false
}

/// "Moscow and Beijing said": one verb for both, or "Moscow and Beijing, who".
fn acts_jointly(rest: &str, list: &impl Fn(&str, &str) -> bool) -> bool {
    let Some(other) = rest.strip_prefix(" and ") else {
        return false;
    };
    let first = next_word(other, 0);
    let after = &other[first.len()..];
    capital(first)
        && (list("verbs", next_word(after, 0))
            || after.starts_with(", who ")
            || after.starts_with(", which "))
}

/// "Moscow and Tehran": what the first is, the second is.
fn joined(
    text: &str,
    at: usize,
    countries: &Countries,
    list: &impl Fn(&str, &str) -> bool,
) -> bool {
    let end = text[..at].trim_end().len();
    let (mut word, mut start) = previous_word(text, end);
    if !capital(word) {
        return false;
    }
    for _ in 0..2 {
        let span = Span::new(start, end);
        if let Some(known) = countries.word(span.of(text)) {
            let (before, _) = previous_word(text, start);
            return (!known.seat && !list("place", before))
                || (known.seat && governs(text, span, countries));
        }
        (word, start) = previous_word(text, start);
        if word.is_empty() {
            return false;
        }
    }
    false
}

/// True when a lower-case word follows at once: "Moscow summer" is the town's, unless a verb was found before.
fn next_is_noun(rest: &str) -> bool {
    let next = next_word(rest, 0);
    rest.starts_with(' ')
        && next.starts_with(char::is_lowercase)
        && !matches!(
            next,
            "to" | "and"
                | "or"
                | "of"
                | "on"
                | "in"
                | "at"
                | "for"
                | "from"
                | "with"
                | "over"
                | "into"
                | "by"
                | "as"
                | "that"
                | "but"
                | "not"
                | "if"
                | "who"
                | "which"
                | "about"
                | "after"
                | "before"
                | "because"
                | "than"
                | "against"
                | "while"
                | "through"
                | "under"
                | "back"
                | "more"
                | "further"
                | "out"
                | "until"
                | "since"
                | "when"
                | "via"
                | "up"
                | "off"
                | "may"
                | "last"
                | "this"
                | "for_"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_the_government_only_where_the_words_around_it_say_so() {
        let countries = Countries::new();
        struct Case(&'static str, &'static str, bool);
        for Case(text, seat, expected) in [
            Case("Tehran said it would answer.", "Tehran", true),
            Case("New sanctions on Pyongyang were agreed.", "Pyongyang", true),
            Case(
                "Relations between Moscow and Washington are cold.",
                "Moscow",
                true,
            ),
            Case(
                "Relations between Moscow and Washington are cold.",
                "Washington",
                true,
            ),
            Case("Its ties with Tehran are close.", "Tehran", true),
            Case("He lives in Moscow with his family.", "Moscow", false),
            Case("A Moscow-based lender failed.", "Moscow", false),
            Case("A Tehran-backed militia fired.", "Tehran", true),
            Case("A Tehran court jailed him.", "Tehran", false),
            Case("the city of Kabul", "Kabul", false),
            Case("MOSCOW (Reuters) - The bank closed.", "MOSCOW", false),
            Case(
                "WASHINGTON, March 3 - The bank closed.",
                "WASHINGTON",
                false,
            ),
            Case("Farmers in Washington state voted.", "Washington", false),
            Case("She flew to Beijing on Monday.", "Beijing", false),
            Case("He sold missiles to Beijing for years.", "Beijing", true),
            Case("Anger at Minsk's crackdown grew.", "Minsk", true),
            Case("Pressure on Damascus to talk rose.", "Damascus", true),
            Case("An attack on Kyiv killed two.", "Kyiv", false),
            Case("Moscow's airport closed.", "Moscow", false),
            Case("Moscow's nuclear ambitions alarm them.", "Moscow", true),
            Case("Havana officials declined to comment.", "Havana", true),
            Case("It angered Beijing.", "Beijing", true),
            Case("The move was opposed by Ankara.", "Ankara", true),
            Case("Hotels near Ankara closed.", "Ankara", false),
            Case("The pro-Moscow party lost.", "Moscow", true),
            Case("It urged Caracas to hold elections.", "Caracas", true),
            Case("Exports from London rose.", "London", true),
            Case("A flight from London landed.", "London", false),
            Case("He was born in Paris and died there.", "Paris", false),
        ] {
            let start = text.find(seat).unwrap();
            let found = governs(text, Span::new(start, start + seat.len()), &countries);
            assert_eq!(found, expected, "{text}");
        }
    }
}
