//! Mentions mended at their borders and in their kind, where grammar or a well-known name leaves no doubt.
//!
//! In: cleaned mentions in text order. Out: mentions in text order that do not overlap. Names parted at a hyphen or
//! after "of" are joined, a country's possessive before a body's name is taken off, persons that are plainly firms
//! become bodies, agencies that merely sign are dropped. Deliberately absent: names the model did not find; `missed`
//! adds those.

use super::countries::{next_word, previous_word};
use super::fold::fold;
use super::lexicon::Lexicon;
use crate::decode::{Kind, Mention};
use crate::span::Span;

/// Mends the mentions of one article.
pub(crate) fn repaired(text: &str, mentions: &[Mention], lexicon: &Lexicon) -> Vec<Mention> {
    let mut mended: Vec<Mention> = Vec::with_capacity(mentions.len());
    for mention in mentions {
        if let Some(last) = mended.last_mut()
            && let Some(joined) = joined(text, last, mention, lexicon)
        {
            *last = joined;
            continue;
        }
        mended.push(*mention);
    }
    let mut floor = 0;
    for mention in &mut mended {
        if mention.kind == Kind::Person && is_firm(text, mention.span, lexicon) {
            mention.kind = Kind::Org;
        }
        if mention.kind == Kind::Org {
            mention.span = of_whole(text, mention.span, floor, lexicon);
        }
        floor = mention.span.end;
    }
    mended.retain(|mention| !mention.span.is_empty() && !signs(text, mention, lexicon));
    mended
}

/// One mention of two: "Solberg" + "-" + "Myint", "Council of" + "the EU", "Industry" + line break + "Association".
fn joined(text: &str, first: &Mention, second: &Mention, lexicon: &Lexicon) -> Option<Mention> {
    let between = text.get(first.span.end..second.span.start)?;
    let name = first.span.of(text);
    let same = first.kind == second.kind;
    let hyphen = between == "-" && same && matches!(first.kind, Kind::Person | Kind::Org);
    let of = (name.ends_with(" of") || name.ends_with(" for")) && matches!(between, " " | " the ");
    let head = fold(second.span.of(text));
    let parted = same
        && first.kind == Kind::Org
        && matches!(between, " " | "\n")
        && (lexicon.bodies.heads.contains(head.as_str())
            || lexicon.bodies.legal.contains(head.as_str()));
    let country = |span: Span| lexicon.countries.word(span.of(text)).is_some();
    if !(hyphen && !(country(first.span) || country(second.span))
        || (of && first.kind == Kind::Org)
        || parted)
    {
        return None;
    }
    Some(Mention {
        span: Span::new(first.span.start, second.span.end),
        kind: first.kind,
        score: first.score.min(second.score),
    })
}

/// True when a name tagged as a person is a firm's by its last word or by the word before it.
fn is_firm(text: &str, span: Span, lexicon: &Lexicon) -> bool {
    let folded = fold(span.of(text));
    let known = |rule: &str, word: &str| lexicon.bodies.known(rule, word);
    if known("group", span.of(text)) || known("agency", span.of(text)) {
        return true;
    }
    if let Some((_, last)) = folded.rsplit_once(' ')
        && (known("telling", last)
            || matches!(
                last,
                "ag" | "gmbh"
                    | "ltd"
                    | "llc"
                    | "inc"
                    | "plc"
                    | "ojsc"
                    | "pjsc"
                    | "jsc"
                    | "spa"
                    | "oy"
                    | "asa"
            ))
    {
        return true;
    }
    if matches!(
        folded.split(' ').next(),
        Some("bank" | "bankhaus" | "banco" | "banque" | "hizb")
    ) && folded.contains(' ')
    {
        return true;
    }
    let (before, _) = previous_word(text, span.start);
    known("firm", before)
}

/// The body's name without a country's possessive before it, without a dangling "of", and with the head before "of".
fn of_whole(text: &str, span: Span, floor: usize, lexicon: &Lexicon) -> Span {
    let mut span = span;
    let name = span.of(text);
    if let Some(at) = name.find("'s ").or_else(|| name.find("’s "))
        && lexicon.countries.word(&name[..at]).is_some()
    {
        let owned = &name[at..];
        let gap = owned.find(' ').map_or(owned.len(), |gap| gap + 1);
        if owned[gap..].starts_with(char::is_uppercase) {
            span = Span::new(span.start + at + gap, span.end);
        }
    }
    for dangling in [" of", " for", " and", " of the", " on"] {
        if let Some(kept) = span.of(text).strip_suffix(dangling) {
            span = Span::new(span.start, span.start + kept.len());
        }
    }
    if span.of(text).starts_with("of ") {
        let (head, start) = previous_word(text, span.start);
        let whole = head.starts_with(char::is_uppercase) && start >= floor;
        span = Span::new(if whole { start } else { span.start + 3 }, span.end);
    }
    let (before, at) = previous_word(text, span.start);
    let (office, _) = previous_word(text, at);
    if (before == "the" || before == "of")
        && matches!(office, "of" | "Secretary" | "Undersecretary")
        && let Some(end) = span.of(text).find(" for ")
        && span.of(text).starts_with("Treasury")
    {
        span = Span::new(span.start, span.start + end);
    }
    span
}

/// True for a news agency that signs and is not cited: alone on its line, or in brackets before a dateline's dash.
fn signs(text: &str, mention: &Mention, lexicon: &Lexicon) -> bool {
    let name = mention.span.of(text);
    if !lexicon.bodies.known("agency", name) {
        return false;
    }
    let line_start = text[..mention.span.start]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let line_end = text[mention.span.end..]
        .find('\n')
        .map_or(text.len(), |at| mention.span.end + at);
    let before = text[line_start..mention.span.start].trim();
    let after = text[mention.span.end..line_end].trim();
    let outside = |part: &str| !part.contains(char::is_alphanumeric);
    if outside(before) && outside(after) {
        return true;
    }
    let dateline = ["-", "–", "—"].iter().any(|dash| {
        after.trim_start_matches([')', '/', ' ']).starts_with(dash)
            && after.starts_with([')', '/', ' ', '-', '–', '—'])
    });
    if dateline && before.chars().count() < 60 {
        return true;
    }
    // The last words of an article: "… he said. Reuter"
    let closes = outside(after) && before.ends_with(['.', '(', '"', '”']);
    closes && next_word(text, mention.span.end).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks mentions as `[P Name]` or `[O Name]`.
    fn mended(marked: &str, lexicon: &Lexicon) -> Vec<String> {
        let mut text = String::new();
        let mut mentions = Vec::new();
        for part in marked.split('[') {
            let Some((name, rest)) = part.split_once(']') else {
                text.push_str(part);
                continue;
            };
            let kind = match &name[..1] {
                "P" => Kind::Person,
                "O" => Kind::Org,
                _ => Kind::Loc,
            };
            let start = text.len();
            text.push_str(&name[2..]);
            mentions.push(Mention {
                span: Span::new(start, text.len()),
                kind,
                score: 0.9,
            });
            text.push_str(rest);
        }
        let mended = repaired(&text, &mentions, lexicon);
        mended
            .iter()
            .map(|mention| format!("{:?} {}", mention.kind, mention.span.of(&text)))
            .collect()
    }

    #[test]
    fn borders_and_kinds_are_mended_where_there_is_no_doubt() {
        let lexicon = Lexicon::new();
        struct Case(&'static str, &'static [&'static str]);
        for Case(source, expected) in [
            Case(
                "[P Ingrid Holm]-[P Sato] said",
                &["Person Ingrid Holm-Sato"],
            ),
            Case("the [O Council of] the [L EU]", &["Org Council of the EU"]),
            Case("the [O Council of] ministers", &["Org Council"]),
            Case(
                "the [O Grain Traders] [O Association]",
                &["Org Grain Traders Association"],
            ),
            Case("[O France's Court of Audit] ruled", &["Org Court of Audit"]),
            Case("the Ministry [O of Forests]", &["Org Ministry of Forests"]),
            Case("[P Nordhavn Shipping] paid", &["Org Nordhavn Shipping"]),
            Case("the lender [P Alba Orsini] failed", &["Org Alba Orsini"]),
            Case("the director [P Alba Orsini] left", &["Person Alba Orsini"]),
            Case("BERLIN, May 2 ([O Reuters]) - It rained.", &[]),
            Case("He told [O Reuters] that it rained.", &["Org Reuters"]),
            Case("It rained.\n [P Reuter]\n", &[]),
            Case(
                "the Under Secretary of the [O Treasury for Terrorism]",
                &["Org Treasury"],
            ),
            Case("[L Moscow]-[L Kyiv]", &["Loc Moscow", "Loc Kyiv"]),
        ] {
            assert_eq!(mended(source, &lexicon), expected, "{source}");
        }
    }
}
