//! The columns of the logits: tags of a scheme such as IOB2 or BIOES, read from `id2label`.

use std::collections::BTreeMap;

/// What a tag says about a token's place in a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Prefix {
    /// Outside every name.
    Outside,
    /// First token of a name.
    Begin,
    /// Inside a name; opens one where none is open (IOB1, IO, and models that emit only `I-`).
    Inside,
    /// Last token of a name (BIOES; `L` in BILOU).
    End,
    /// A name of one token (BIOES; `U` in BILOU).
    Single,
}

/// One column: its place in a name and, but for outside, the index of its kind in [`Labels::kinds`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tag {
    /// Place in a name.
    pub prefix: Prefix,
    /// Index into [`Labels::kinds`]; 0 and without meaning for [`Prefix::Outside`].
    pub kind: usize,
}

/// The columns of a model's logits, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Labels {
    tags: Vec<Tag>,
    kinds: Vec<String>,
    strict: bool,
}

impl Labels {
    /// Reads labels in column order: `O`, `B-PER`, `I-ORG-GOV`, `U-LOC`, or bare kinds (IO).
    ///
    /// # Errors
    /// A sentence that names the label and the schemes that are understood, when there is no outside
    /// label, a label stands twice, or no label names a kind.
    pub fn parse<S: AsRef<str>>(columns: &[S]) -> Result<Self, String> {
        let mut kinds: Vec<String> = Vec::new();
        let mut tags = Vec::with_capacity(columns.len());
        let mut seen = BTreeMap::new();
        for (column, label) in columns.iter().enumerate() {
            let label = label.as_ref().trim();
            if let Some(first) = seen.insert(label, column) {
                return Err(format!(
                    "label {label:?} stands in columns {first} and {column}; id2label must name each label once"
                ));
            }
            let (prefix, kind) = split(label);
            if prefix == Prefix::Outside {
                tags.push(Tag { prefix, kind: 0 });
                continue;
            }
            if kind.is_empty() {
                return Err(format!(
                    "label {label:?} names no kind; expected O and labels such as B-PER and I-PER (IOB1, IOB2, BIOES, BILOU) or PER (IO)"
                ));
            }
            let index = kinds.iter().position(|known| known == kind);
            let kind = index.unwrap_or_else(|| {
                kinds.push(kind.to_owned());
                kinds.len() - 1
            });
            tags.push(Tag { prefix, kind });
        }
        if !tags.iter().any(|tag| tag.prefix == Prefix::Outside) {
            return Err("id2label has no outside label; expected one label named O".to_owned());
        }
        if kinds.is_empty() {
            return Err(
                "id2label names no kind; expected labels such as B-PER and I-PER".to_owned(),
            );
        }
        if columns.iter().all(|label| generic(label.as_ref())) {
            return Err("id2label holds the placeholder names LABEL_0, LABEL_1 …; write the model's real labels into config.json".to_owned());
        }
        Ok(Self {
            tags,
            kinds,
            strict: false,
        })
    }

    /// The tags in column order.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Names of the kinds as the model spells them, in order of first appearance.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }

    /// Number of columns.
    #[must_use]
    pub fn n(&self) -> usize {
        self.tags.len()
    }

    /// Declares that names never open with an inside tag where a begin tag exists (IOB2 proper).
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// True when tag `next` may follow tag `previous` (`None`: the text's edge) in a valid sequence.
    ///
    /// Without [`Labels::strict`] an inside tag may open a name after the outside, as IOB1 has it.
    #[must_use]
    pub fn may_follow(&self, previous: Option<usize>, next: Option<usize>) -> bool {
        let outside = Tag {
            prefix: Prefix::Outside,
            kind: 0,
        };
        let previous = previous.map_or(outside, |column| self.tags[column]);
        let next = next.map_or(outside, |column| self.tags[column]);
        let open = matches!(previous.prefix, Prefix::Begin | Prefix::Inside);
        let same = open && next.kind == previous.kind;
        if open && self.has(Prefix::End, previous.kind) {
            return same && matches!(next.prefix, Prefix::Inside | Prefix::End);
        }
        match next.prefix {
            Prefix::Outside | Prefix::Begin | Prefix::Single => true,
            Prefix::End => same,
            Prefix::Inside if same || !self.has(Prefix::Begin, next.kind) => true,
            Prefix::Inside => !open && !self.strict && !self.has(Prefix::End, next.kind),
        }
    }

    fn has(&self, prefix: Prefix, kind: usize) -> bool {
        self.tags.contains(&Tag { prefix, kind })
    }
}

fn generic(label: &str) -> bool {
    label
        .strip_prefix("LABEL_")
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn split(label: &str) -> (Prefix, &str) {
    if matches!(label, "O" | "o" | "OUT" | "0") {
        return (Prefix::Outside, "");
    }
    let Some((prefix, kind)) = label.split_once(['-', '_']) else {
        return match label {
            "B" | "I" | "E" | "S" | "L" | "U" => (Prefix::Inside, ""),
            kind => (Prefix::Inside, kind),
        };
    };
    match prefix {
        "B" => (Prefix::Begin, kind),
        "I" | "M" => (Prefix::Inside, kind),
        "E" | "L" => (Prefix::End, kind),
        "S" | "U" => (Prefix::Single, kind),
        _ => (Prefix::Inside, label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(labels: &Labels, columns: &[&str], pair: (&str, &str)) -> bool {
        let find = |label: &str| columns.iter().position(|column| *column == label);
        labels.may_follow(find(pair.0), find(pair.1))
    }

    #[test]
    fn each_scheme_allows_its_own_sequences_and_no_others() {
        const IOB: &[&str] = &["O", "B-PER", "I-PER", "B-ORG", "I-ORG"];
        const BIOES: &[&str] = &["O", "B-PER", "I-PER", "E-PER", "S-PER"];
        const IO: &[&str] = &["O", "I-PER", "I-ORG"];
        const BARE: &[&str] = &["O", "PER", "ORG"];
        struct Case(
            &'static [&'static str],
            bool,
            (&'static str, &'static str),
            bool,
        );
        for Case(columns, strict, pair, allowed) in [
            Case(IOB, false, ("O", "I-PER"), true),
            Case(IOB, true, ("O", "I-PER"), false),
            Case(IOB, true, ("", "I-PER"), false),
            Case(IOB, false, ("B-ORG", "I-PER"), false),
            Case(IOB, true, ("I-PER", "I-PER"), true),
            Case(IOB, true, ("B-PER", "B-PER"), true),
            Case(BIOES, false, ("B-PER", "O"), false),
            Case(BIOES, false, ("B-PER", ""), false),
            Case(BIOES, false, ("B-PER", "E-PER"), true),
            Case(BIOES, false, ("O", "E-PER"), false),
            Case(BIOES, false, ("O", "I-PER"), false),
            Case(BIOES, false, ("S-PER", "S-PER"), true),
            Case(IO, false, ("O", "I-PER"), true),
            Case(IO, false, ("I-PER", "I-ORG"), true),
            Case(BARE, false, ("PER", "ORG"), true),
        ] {
            let labels = Labels::parse(columns).unwrap();
            let labels = if strict { labels.strict() } else { labels };
            assert_eq!(
                follow(&labels, columns, pair),
                allowed,
                "{columns:?} {pair:?}"
            );
        }
    }

    #[test]
    fn kinds_keep_their_own_hyphens_and_first_order() {
        let labels = Labels::parse(&["B-ORG-GOV", "O", "U-LOC", "L-LOC"]).unwrap();
        assert_eq!(labels.kinds(), ["ORG-GOV", "LOC"]);
        assert_eq!(
            labels.tags()[3],
            Tag {
                prefix: Prefix::End,
                kind: 1
            }
        );
    }

    #[test]
    fn labels_without_meaning_are_refused_with_the_reason() {
        for (columns, part) in [
            (&["B-PER", "I-PER"][..], "outside"),
            (&["O"][..], "names no kind"),
            (&["O", "B-PER", "B-PER"][..], "stands in columns 1 and 2"),
            (&["O", "B-"][..], "names no kind"),
        ] {
            let error = Labels::parse(columns).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert!(Labels::parse(&["LABEL_0", "LABEL_1"]).is_err());
    }
}
