//! Logits → one label a word → mentions.
//!
//! In: the tokens of an article's whole body with their logits, so that a mention may cross a window's edge. Out:
//! [`Mention`]s in text order, none overlapping another. Probabilities are a stable softmax; pieces of a word speak with one
//! voice ([`Voice`]); the labels are the likeliest sequence that the tag scheme allows (Viterbi 1967, log space).
//! A mention never crosses a sentence border where a line breaks. Deliberately absent: windows, entities, the text's meaning.

use crate::engine::{Labels, Logits, Prefix};
use crate::span::Span;
use crate::tokenize::Tokens;

/// What the model calls a mention, in the field's common terms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A named individual.
    Person,
    /// A company, body, party, group, outlet.
    Org,
    /// A place: country, region, city, feature.
    Loc,
    /// A nationality, religion or political group (models with NORP).
    Norp,
    /// Any other name.
    Misc,
}

impl Kind {
    /// The kind a model's own label name stands for; `None` for what is no name (dates, amounts).
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        let label = label.to_ascii_uppercase();
        let head = label.split(['-', '_', ' ']).next().unwrap_or_default();
        match head {
            "PER" | "PERSON" | "PERS" | "POLITICIAN" => Some(Self::Person),
            "ORG" | "ORGANIZATION" | "ORGANISATION" | "CORPORATION" | "COMPANY" | "GROUP"
            | "POLITICALPARTY" => Some(Self::Org),
            "LOC" | "LOCATION" | "GPE" | "COUNTRY" | "FAC" | "FACILITY" | "PLACE" => {
                Some(Self::Loc)
            }
            "NORP" | "NATIONALITY" => Some(Self::Norp),
            "DATE" | "TIME" | "MONEY" | "PERCENT" | "QUANTITY" | "ORDINAL" | "CARDINAL"
            | "NUMBER" | "DURATION" => None,
            _ => Some(Self::Misc),
        }
    }
}

/// A name as it stands in the text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mention {
    /// Where it stands.
    pub span: Span,
    /// What it names.
    pub kind: Kind,
    /// Mean over its words of the probability of its kind, 0 to 1.
    pub score: f32,
}

/// How the pieces of a word decide its label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Voice {
    /// The first piece speaks, as in models that learned labels on first pieces.
    First,
    /// The mean of all pieces' probabilities.
    #[default]
    Mean,
}

/// Turns the logits of one model into mentions.
#[derive(Clone, Debug)]
pub struct Decoder {
    labels: Labels,
    /// Kind of each column; `None` for the outside and for what is no name.
    kinds: Vec<Option<Kind>>,
    voice: Voice,
}

/// One word of the body.
struct Word {
    tokens: std::ops::Range<usize>,
    /// No mention crosses the border before this word.
    edge: bool,
}

impl Decoder {
    /// Makes the decoder of a model with these labels.
    #[must_use]
    pub fn new(labels: &Labels, voice: Voice) -> Self {
        let named = |prefix, kind: usize| match prefix {
            Prefix::Outside => None,
            _ => Kind::of_label(&labels.kinds()[kind]),
        };
        Self {
            kinds: labels
                .tags()
                .iter()
                .map(|tag| named(tag.prefix, tag.kind))
                .collect(),
            labels: labels.clone(),
            voice,
        }
    }

    /// Finds the mentions of an article. `logits` holds one row for each of `tokens`.
    ///
    /// # Panics
    /// When `logits` has not one row for each token, or fewer columns than there are labels.
    #[must_use]
    pub fn mentions(&self, text: &str, tokens: &Tokens, logits: &Logits) -> Vec<Mention> {
        assert_eq!(
            logits.values.len(),
            tokens.len() * logits.n_columns,
            "bug: one row of logits a token"
        );
        let words = words(text, tokens);
        let probabilities = self.probabilities(&words, logits);
        let path = self.path(&words, &probabilities);
        self.collect(tokens, &words, &probabilities, &path)
    }

    /// One row of probabilities for each word.
    fn probabilities(&self, words: &[Word], logits: &Logits) -> Vec<f32> {
        let n = self.labels.n();
        let mut all = vec![0.0; words.len() * n];
        let mut piece = vec![0.0; n];
        for (word, row) in words.iter().zip(all.chunks_exact_mut(n)) {
            let pieces = match self.voice {
                Voice::First => word.tokens.start..word.tokens.start + 1,
                Voice::Mean => word.tokens.clone(),
            };
            let share = 1.0 / pieces.len() as f32;
            for token in pieces {
                softmax(&logits.of(token)[..n], &mut piece);
                for (sum, value) in row.iter_mut().zip(&piece) {
                    *sum += value * share;
                }
            }
        }
        all
    }

    /// The likeliest column for each word among the sequences that the scheme allows; ties go to the lower column.
    fn path(&self, words: &[Word], probabilities: &[f32]) -> Vec<usize> {
        let n = self.labels.n();
        let cost = |from, to| {
            if self.labels.may_follow(from, to) {
                0.0
            } else {
                f32::NEG_INFINITY
            }
        };
        let steps: Vec<f32> = (0..n * n)
            .map(|at| cost(Some(at / n), Some(at % n)))
            .collect();
        let open: Vec<f32> = (0..n).map(|to| cost(None, Some(to))).collect();
        let close: Vec<f32> = (0..n).map(|from| cost(Some(from), None)).collect();
        let mut best = vec![0.0; n];
        let mut next = vec![0.0; n];
        let mut back = vec![0_u16; words.len() * n];
        for (at, word) in words.iter().enumerate() {
            let row = &probabilities[at * n..(at + 1) * n];
            let (ended_in, ended) = argmax((0..n).map(|from| best[from] + close[from]));
            for to in 0..n {
                let (from, reached) = match (at, word.edge) {
                    (0, _) => (0, open[to]),
                    (_, true) => (ended_in, ended + open[to]),
                    (_, false) => argmax((0..n).map(|from| best[from] + steps[from * n + to])),
                };
                back[at * n + to] = from as u16;
                next[to] = reached + row[to].max(f32::MIN_POSITIVE).ln();
            }
            std::mem::swap(&mut best, &mut next);
        }
        let mut column = argmax((0..n).map(|from| best[from] + close[from])).0;
        let mut path = vec![0; words.len()];
        for at in (0..words.len()).rev() {
            path[at] = column;
            column = usize::from(back[at * n + column]);
        }
        path
    }

    /// Runs of labels → mentions.
    fn collect(
        &self,
        tokens: &Tokens,
        words: &[Word],
        probabilities: &[f32],
        path: &[usize],
    ) -> Vec<Mention> {
        let n = self.labels.n();
        let mut mentions = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let tag = self.labels.tags()[path[at]];
            let mut end = at + 1;
            if tag.prefix == Prefix::Outside {
                at = end;
                continue;
            }
            let mut ended = matches!(tag.prefix, Prefix::Single | Prefix::End);
            while end < words.len() && !ended && !words[end].edge {
                let next = self.labels.tags()[path[end]];
                if !matches!(next.prefix, Prefix::Inside | Prefix::End) || next.kind != tag.kind {
                    break;
                }
                ended = next.prefix == Prefix::End;
                end += 1;
            }
            if let Some(kind) = self.kinds[path[at]] {
                let of_kind = |word: usize| -> f32 {
                    let row = &probabilities[word * n..(word + 1) * n];
                    let columns = self.labels.tags().iter().zip(row);
                    let same = columns.filter(|(other, _)| {
                        other.prefix != Prefix::Outside && other.kind == tag.kind
                    });
                    same.map(|(_, value)| value).sum()
                };
                let score = (at..end).map(of_kind).sum::<f32>() / (end - at) as f32;
                let first = tokens.spans[words[at].tokens.start];
                let last = tokens.spans[words[end - 1].tokens.end - 1];
                mentions.push(Mention {
                    span: Span::new(first.start, last.end.max(first.end)),
                    kind,
                    score: score.clamp(0.0, 1.0),
                });
            }
            at = end;
        }
        mentions
    }
}

fn words(text: &str, tokens: &Tokens) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for at in 0..tokens.len() {
        if !tokens.starts_word(at) && !words.is_empty() {
            if let Some(word) = words.last_mut() {
                word.tokens.end = at + 1;
            }
            continue;
        }
        let breaks = |before: usize| {
            let gap = Span::new(
                tokens.spans[before].end.min(tokens.spans[at].start),
                tokens.spans[at].start,
            );
            gap.of(text).contains('\n')
        };
        let edge = at > 0 && tokens.starts_sentence(at) && breaks(at - 1);
        words.push(Word {
            tokens: at..at + 1,
            edge,
        });
    }
    words
}

/// `exp(x - max) / sum`, which neither overflows nor loses the largest.
fn softmax(logits: &[f32], out: &mut [f32]) {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (value, &logit) in out.iter_mut().zip(logits) {
        *value = (logit - max).exp();
        sum += *value;
    }
    for value in out {
        *value /= sum;
    }
}

fn argmax(values: impl Iterator<Item = f32>) -> (usize, f32) {
    values
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, (at, value)| {
            if value > best.1 { (at, value) } else { best }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IOB2: &[&str] = &["O", "B-PER", "I-PER", "B-ORG", "I-ORG"];

    /// Decodes words given as (text, column of its label, margin); each word is one token after a blank,
    /// but for pieces marked with a leading `#`.
    fn decode(labels: &[&str], pieces: &[(&str, usize, f32)]) -> Vec<(String, Kind, f32)> {
        let labels = Labels::parse(labels).unwrap();
        let mut text = String::new();
        let mut tokens = Tokens::default();
        let mut logits = Logits {
            values: Vec::new(),
            n_columns: labels.n(),
        };
        for &(piece, column, margin) in pieces {
            let bare = piece.trim_start_matches(['#', '|']);
            if piece.starts_with('|') {
                text.push('\n');
            } else if !piece.starts_with('#') && !text.is_empty() {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(bare);
            tokens.push(
                0,
                0,
                Span::new(start, text.len()),
                !piece.starts_with('#'),
                piece.starts_with('|'),
            );
            logits
                .values
                .extend((0..labels.n()).map(|at| if at == column { margin } else { 0.0 }));
        }
        let decoder = Decoder::new(&labels, Voice::Mean);
        let mentions = decoder.mentions(&text, &tokens, &logits);
        mentions
            .iter()
            .map(|mention| {
                (
                    mention.span.of(&text).to_owned(),
                    mention.kind,
                    mention.score,
                )
            })
            .collect()
    }

    fn names(labels: &[&str], pieces: &[(&str, usize, f32)]) -> Vec<String> {
        decode(labels, pieces)
            .into_iter()
            .map(|(name, kind, _)| format!("{name}/{kind:?}"))
            .collect()
    }

    #[test]
    fn every_scheme_yields_the_names_it_marks() {
        const BIOES: &[&str] = &["O", "B-PER", "I-PER", "E-PER", "S-PER"];
        const IO: &[&str] = &["O", "I-PER", "I-ORG"];
        struct Case(
            &'static [&'static str],
            &'static [(&'static str, usize, f32)],
            &'static [&'static str],
        );
        for Case(labels, pieces, expected) in [
            Case(
                IOB2,
                &[
                    ("Ann", 1, 9.0),
                    ("Lee", 2, 9.0),
                    ("met", 0, 9.0),
                    ("Bo", 1, 9.0),
                ],
                &["Ann Lee/Person", "Bo/Person"],
            ),
            Case(
                IOB2,
                &[("Ann", 1, 9.0), ("Bo", 1, 9.0)],
                &["Ann/Person", "Bo/Person"],
            ),
            Case(
                IOB2,
                &[("Ann", 2, 9.0), ("Lee", 2, 9.0)],
                &["Ann Lee/Person"],
            ),
            Case(
                IO,
                &[("Ann", 1, 9.0), ("Lee", 1, 9.0), ("Acme", 2, 9.0)],
                &["Ann Lee/Person", "Acme/Org"],
            ),
            Case(
                BIOES,
                &[
                    ("Ann", 1, 9.0),
                    ("van", 2, 9.0),
                    ("Lee", 3, 9.0),
                    ("Bo", 4, 9.0),
                ],
                &["Ann van Lee/Person", "Bo/Person"],
            ),
            Case(
                IOB2,
                &[("San", 1, 9.0), ("#cho", 0, 1.0), ("ran", 0, 9.0)],
                &["Sancho/Person"],
            ),
            Case(
                IOB2,
                &[("Ann", 1, 9.0), ("|Lee", 2, 9.0)],
                &["Ann/Person", "Lee/Person"],
            ),
            Case(IOB2, &[], &[]),
        ] {
            assert_eq!(names(labels, pieces), expected, "{pieces:?}");
        }
    }

    #[test]
    fn an_unlikely_label_gives_way_to_the_sequence_the_scheme_allows() {
        // Alone, the second word would be I-ORG after B-PER, which no scheme allows.
        let pieces = [("Ann", 1, 4.0), ("Lee", 4, 0.3)];
        assert_eq!(names(IOB2, &pieces).len(), 1);
    }

    #[test]
    fn a_long_name_is_as_sure_as_its_words() {
        let pieces: Vec<_> = (0..20)
            .map(|at| ("Word", if at == 0 { 3 } else { 4 }, 6.0))
            .collect();
        let score = decode(IOB2, &pieces)[0].2;
        assert!(score > 0.98, "{score}");
    }

    #[test]
    fn extreme_logits_stay_numbers() {
        let found = decode(IOB2, &[("Ann", 1, 3.0e38), ("Lee", 2, f32::MAX)]);
        assert_eq!(found, [("Ann Lee".to_owned(), Kind::Person, 1.0)]);
    }

    #[test]
    fn amounts_and_dates_are_no_names() {
        assert!(names(&["O", "B-DATE", "I-DATE"], &[("Monday", 1, 9.0)]).is_empty());
        assert_eq!(Kind::of_label("ORG-GOV"), Some(Kind::Org));
    }
}
