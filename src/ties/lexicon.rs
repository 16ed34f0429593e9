//! The vocabulary of sanctions: words with classes, and phrases that are triggers, operators or adjectives.
//!
//! In: the tables under `data/vocabulary/ties`. Out: a [`Lexicon`], built once and shared by all articles.
//! Words are compared in lower case with straight apostrophes. A verb stands for all its forms; the regular ones are made by rule, the
//! others read from `forms.tsv`. Absent on purpose: any entry that names one party of one article.

use std::collections::HashMap;

use super::types::Status;

/// A word's number; 0 is every word the lexicon does not know.
pub(super) type Word = u32;

/// How sure a phrase alone is to speak of a sanction of foreign policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Strength {
    /// Only where the article speaks of sanctions anyway.
    Faint,
    /// Only beside other signs.
    Weak,
    /// In most contexts.
    Strong,
    /// In every context.
    Certain,
}

/// What a verb asks of the words around it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Frame {
    /// Its object is a measure: impose sanctions.
    Act,
    /// Its object is the target: blacklist a firm.
    Target,
    /// Its object is the target and a measure follows "with": hit a state with sanctions.
    With,
    /// It governs another verb: threaten to impose.
    Control,
    /// Its subject gets around its object: evade sanctions.
    Evade,
    /// Its subject is the target: face sanctions.
    Suffer,
    /// A penalty for a violation: fine a bank for breaching sanctions.
    Penal,
    /// Its object are someone's assets: freeze the assets of.
    Assets,
    /// Its object is trade with, or someone kept from something: ban imports from, bar a firm from.
    Ban,
    /// Its object goes onto a list.
    List,
    /// Its object comes off a list.
    Unlist,
}

/// One reading of a verb phrase.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Verb {
    pub frame: Frame,
    /// None: the governed verb decides.
    pub status: Option<Status>,
    pub strength: Strength,
    pub form: Form,
}

/// Which forms of a verb a word can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Form(pub u8);

impl Form {
    pub const BASE: u8 = 1;
    pub const THIRD: u8 = 2;
    pub const PAST: u8 = 4;
    pub const PARTICIPLE: u8 = 8;
    pub const ING: u8 = 16;

    pub fn has(self, form: u8) -> bool {
        self.0 & form != 0
    }
}

/// What a phrase is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Entry {
    Verb(Verb),
    /// Names a measure, perhaps with a status of its own.
    Noun(Option<Status>, Strength),
    /// A noun that governs a measure: the lifting of.
    Operator(Status),
    /// Says of the name beside it that it is under a measure.
    Adjective(Strength),
}

/// A set of word classes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Classes(pub u64);

macro_rules! classes {
    ($($constant:ident $name:literal),* $(,)?) => {
        /// One class of words; the tables spell it in lower case.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Class { $($constant),* }

        impl Class {
            fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$constant),)* _ => None }
            }
        }
    };
}

classes! {
    Determiner "determiner", Adjective "adjective", Against "against", By "by", Of "of", To "to", From "from", With "with",
    For "for", Place "place", Conjunction "conjunction", Subordinator "subordinator", Relative "relative", Condition "condition",
    Modal "modal", Future "future", Possible "possible", Ought "ought", Negation "negation", Be "be", Have "have",
    Reflexive "reflexive", Say "say", Adverb "adverb", He "he", It "it", They "they", ManS "mans", ManP "manp", ManT "mant",
    ManB "manb", People "people", State "state", Assets "assets", Trade "trade", List "list", Office "office",
    Official "official", Lawmaker "lawmaker", Commentator "commentator", Link "link", Victim "victim", Include "include",
    Among "among", Past "past", Preposition "preposition", Do "do", For_ "context_for", Against_ "context_against",
}

impl Classes {
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u64) != 0
    }

    fn add(&mut self, class: Class) {
        self.0 |= 1 << class as u64;
    }
}

/// The vocabulary, ready to be looked up.
#[derive(Debug)]
pub struct Lexicon {
    words: HashMap<Box<str>, Word>,
    classes: Vec<Classes>,
    edges: HashMap<(u32, Word), u32>,
    entries: Vec<Vec<Entry>>,
    organs: Vec<(Box<str>, Box<str>)>,
    bodies: Vec<Box<str>>,
    senders: Vec<Box<str>>,
}

/// A phrase found: its length in words and what it may be.
pub(super) struct Found<'l> {
    pub words: usize,
    pub entries: &'l [Entry],
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::new()
    }
}

impl Lexicon {
    /// Reads the tables the program holds.
    #[must_use]
    pub fn new() -> Self {
        macro_rules! table {
            ($name:literal) => {
                include_str!(concat!("../../data/vocabulary/ties/", $name))
            };
        }
        let mut lexicon = Self {
            words: HashMap::new(),
            classes: vec![Classes::default()],
            edges: HashMap::new(),
            entries: vec![Vec::new()],
            organs: pairs(table!("organs.tsv")),
            bodies: rows(table!("bodies.tsv")).map(Box::from).collect(),
            senders: rows(table!("senders.txt")).map(Box::from).collect(),
        };
        let forms = irregular(table!("forms.tsv"));
        for row in rows(table!("verbs.tsv")) {
            lexicon.add_verb(row, &forms);
        }
        for row in rows(table!("nouns.tsv")) {
            let mut cells = row.split('\t');
            if let (Some(phrase), Some(status), Some(strength)) =
                (cells.next(), cells.next(), cells.next())
            {
                lexicon.add(
                    phrase,
                    Entry::Noun(read_status(status), read_strength(strength)),
                );
            }
        }
        for (phrase, status) in pairs(table!("operators.tsv")) {
            if let Some(status) = read_status(&status) {
                lexicon.add(&phrase, Entry::Operator(status));
            }
        }
        for (phrase, strength) in pairs(table!("adjectives.tsv")) {
            lexicon.add(&phrase, Entry::Adjective(read_strength(&strength)));
        }
        for (class, words) in pairs(table!("words.tsv")) {
            lexicon.classify(&class, &words);
        }
        for (side, words) in pairs(table!("sense.tsv")) {
            let class = if &*side == "+" {
                "context_for"
            } else {
                "context_against"
            };
            lexicon.classify(class, &words);
        }
        lexicon
    }

    /// The number of a word in lower case.
    pub(super) fn word(&self, lower: &str) -> Word {
        self.words.get(lower).copied().unwrap_or(0)
    }

    /// The classes of a word.
    pub(super) fn classes(&self, word: Word) -> Classes {
        self.classes.get(word as usize).copied().unwrap_or_default()
    }

    /// The phrases that start with the first of `words`, short to long.
    pub(super) fn phrases(&self, words: impl Iterator<Item = Word>) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        let mut node = 0;
        for (i, word) in words.enumerate() {
            if word == 0 {
                break;
            }
            let Some(&next) = self.edges.get(&(node, word)) else {
                break;
            };
            node = next;
            let entries = &self.entries[node as usize];
            if !entries.is_empty() {
                found.push(Found {
                    words: i + 1,
                    entries,
                });
            }
        }
        found
    }

    /// The state or union whose organ a body of this name (in lower case) is: alpha-2, or EU, UN, INT.
    pub(super) fn organ(&self, name: &str) -> Option<&str> {
        self.organs
            .iter()
            .filter(|(phrase, _)| holds(name, phrase))
            .max_by_key(|(phrase, _)| phrase.len())
            .map(|(_, of)| &**of)
    }

    /// True when the name (in lower case) holds a word that makes it a state body.
    pub(super) fn is_body(&self, name: &str) -> bool {
        self.bodies.iter().any(|word| holds(name, word))
    }

    /// True when a country of this alpha-2 code before the bare word is the one that sanctions.
    pub(super) fn is_sender(&self, code: &str) -> bool {
        self.senders.iter().any(|sender| &**sender == code)
    }

    fn intern(&mut self, word: &str) -> Word {
        if let Some(&known) = self.words.get(word) {
            return known;
        }
        let number = self.classes.len() as Word;
        self.words.insert(word.into(), number);
        self.classes.push(Classes::default());
        number
    }

    fn classify(&mut self, class: &str, words: &str) {
        let Some(class) = Class::named(class) else {
            return;
        };
        for word in words.split(' ') {
            let number = self.intern(word);
            self.classes[number as usize].add(class);
        }
    }

    fn add(&mut self, phrase: &str, entry: Entry) {
        let mut node = 0;
        for word in phrase.split(' ') {
            let word = self.intern(word);
            let fresh = self.entries.len() as u32;
            node = *self.edges.entry((node, word)).or_insert(fresh);
            if node == fresh {
                self.entries.push(Vec::new());
            }
        }
        let entries = &mut self.entries[node as usize];
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }

    fn add_verb(&mut self, row: &str, forms: &HashMap<&str, [&str; 5]>) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [phrase, frame, status, strength] = cells[..] else {
            return;
        };
        let Some(frame) = read_frame(frame) else {
            return;
        };
        let (base, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
        for (word, form) in inflected(base, forms.get(base)) {
            let verb = Verb {
                frame,
                status: read_status(status),
                strength: read_strength(strength),
                form,
            };
            let phrase = if rest.is_empty() {
                word
            } else {
                format!("{word} {rest}")
            };
            self.add(&phrase, Entry::Verb(verb));
        }
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn pairs(table: &'static str) -> Vec<(Box<str>, Box<str>)> {
    rows(table)
        .filter_map(|row| row.split_once('\t'))
        .map(|(a, b)| (a.into(), b.into()))
        .collect()
}

/// True when `phrase` stands in `name` between word borders.
fn holds(name: &str, phrase: &str) -> bool {
    name.match_indices(phrase).any(|(at, _)| {
        let border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        border(name[..at].chars().next_back()) && border(name[at + phrase.len()..].chars().next())
    })
}

fn irregular(table: &'static str) -> HashMap<&'static str, [&'static str; 5]> {
    rows(table)
        .filter_map(|row| {
            let cells: Vec<&str> = row.split('\t').collect();
            let forms: [&str; 5] = cells.try_into().ok()?;
            Some((forms[0], forms))
        })
        .collect()
}

/// All forms of a verb, each once, with what it can be.
fn inflected(base: &str, irregular: Option<&[&str; 5]>) -> Vec<(String, Form)> {
    const BITS: [u8; 5] = [
        Form::BASE,
        Form::THIRD,
        Form::PAST,
        Form::PARTICIPLE,
        Form::ING,
    ];
    let all: [String; 5] = match (base, irregular) {
        ("be", _) => ["be", "is", "was", "been", "being"].map(String::from),
        (_, Some(forms)) => forms.map(String::from),
        _ => regular(base),
    };
    let mut forms: Vec<(String, Form)> = Vec::new();
    let mut put = |word: String, bit: u8| match forms.iter_mut().find(|(known, _)| *known == word) {
        Some((_, form)) => form.0 |= bit,
        None => forms.push((word, Form(bit))),
    };
    for (word, bit) in all.into_iter().zip(BITS) {
        put(word, bit);
    }
    if base == "be" {
        put("are".into(), Form::THIRD);
        put("were".into(), Form::PAST);
    }
    forms
}

/// The forms of a regular verb: base, third person, past, participle, -ing.
fn regular(base: &str) -> [String; 5] {
    let vowel = |c: char| "aeiou".contains(c);
    let before = base.chars().rev().nth(1).unwrap_or(' ');
    let (third, past, ing) = if let Some(stem) = base.strip_suffix('y').filter(|_| !vowel(before)) {
        (
            format!("{stem}ies"),
            format!("{stem}ied"),
            format!("{base}ing"),
        )
    } else if let Some(stem) = base.strip_suffix('e').filter(|_| before != 'e') {
        (format!("{base}s"), format!("{base}d"), format!("{stem}ing"))
    } else {
        let hiss = ["s", "x", "z", "ch", "sh"]
            .iter()
            .any(|end| base.ends_with(end));
        let third = format!("{base}{}", if hiss { "es" } else { "s" });
        let past = format!("{base}{}", if base.ends_with('e') { "d" } else { "ed" });
        (third, past, format!("{base}ing"))
    };
    [base.into(), third, past.clone(), past, ing]
}

fn read_frame(name: &str) -> Option<Frame> {
    Some(match name {
        "act" => Frame::Act,
        "target" => Frame::Target,
        "with" => Frame::With,
        "control" => Frame::Control,
        "evade" => Frame::Evade,
        "suffer" => Frame::Suffer,
        "penal" => Frame::Penal,
        "assets" => Frame::Assets,
        "ban" => Frame::Ban,
        "list" => Frame::List,
        "unlist" => Frame::Unlist,
        _ => return None,
    })
}

fn read_status(name: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.name() == name)
}

fn read_strength(name: &str) -> Strength {
    match name {
        "certain" => Strength::Certain,
        "strong" => Strength::Strong,
        "faint" => Strength::Faint,
        _ => Strength::Weak,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(base: &str) -> Vec<String> {
        let forms = irregular(include_str!("../../data/vocabulary/ties/forms.tsv"));
        inflected(base, forms.get(base))
            .into_iter()
            .map(|(word, _)| word)
            .collect()
    }

    #[test]
    fn a_verb_stands_for_all_its_forms() {
        assert_eq!(
            forms("impose"),
            ["impose", "imposes", "imposed", "imposing"]
        );
        assert_eq!(forms("levy"), ["levy", "levies", "levied", "levying"]);
        assert_eq!(
            forms("punish"),
            ["punish", "punishes", "punished", "punishing"]
        );
        assert_eq!(
            forms("freeze"),
            ["freeze", "freezes", "froze", "frozen", "freezing"]
        );
        assert_eq!(forms("agree"), ["agree", "agrees", "agreed", "agreeing"]);
    }

    #[test]
    fn every_row_of_the_tables_is_read() {
        let table = include_str!("../../data/vocabulary/ties/verbs.tsv");
        for row in rows(table) {
            let cells: Vec<&str> = row.split('\t').collect();
            assert_eq!(cells.len(), 4, "{row}");
            assert!(read_frame(cells[1]).is_some(), "{row}");
            assert!(cells[2] == "-" || read_status(cells[2]).is_some(), "{row}");
        }
        for row in rows(include_str!("../../data/vocabulary/ties/nouns.tsv")) {
            assert_eq!(row.split('\t').count(), 3, "{row}");
        }
        for (_, status) in pairs(include_str!("../../data/vocabulary/ties/operators.tsv")) {
            assert!(read_status(&status).is_some(), "{status}");
        }
        for (class, _) in pairs(include_str!("../../data/vocabulary/ties/words.tsv")) {
            assert!(Class::named(&class).is_some(), "{class}");
        }
    }

    #[test]
    fn phrases_are_found_short_to_long() {
        let lexicon = Lexicon::new();
        let words = ["sanctions", "list", "of"].map(|word| lexicon.word(word));
        let found = lexicon.phrases(words.into_iter());
        assert_eq!(found.iter().map(|f| f.words).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn an_organ_is_known_by_words_of_its_name() {
        let lexicon = Lexicon::new();
        assert_eq!(lexicon.organ("u.s. treasury department"), Some("US"));
        assert_eq!(lexicon.organ("council of the eu"), Some("EU"));
        assert_eq!(lexicon.organ("unocal corp."), None);
        assert!(lexicon.is_body("ministry of defence"));
    }
}
