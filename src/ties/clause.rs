//! Tokens → verb groups and the segments between which a subject or an object does not reach.
//!
//! Light syntax by hand: no parts of speech beyond the lexicon's own words, no tree. Every token belongs to one segment; a segment may be
//! interrupted by another (a relative clause between commas, a parenthesis).

use super::lexicon::{Class, Entry, Form, Frame, Lexicon, Strength, Verb};
use super::token::Token;
use super::types::Status;

/// A phrase of the lexicon in a sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noun {
    pub first: usize,
    /// Its last word.
    pub last: usize,
    pub status: Option<Status>,
    pub strength: Strength,
}

/// A verb with its auxiliaries.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// First word, auxiliaries and adverbs included.
    pub first: usize,
    /// The verb itself.
    pub head: usize,
    /// Last word of the verb phrase ("called FOR").
    pub last: usize,
    pub senses: Vec<Verb>,
    pub passive: bool,
    /// Governed by "to".
    pub infinitive: bool,
    /// An -ing form or a participle without auxiliary.
    pub bare: bool,
    pub possible: bool,
    pub ought: bool,
    pub future: bool,
    pub negated: bool,
    pub say: bool,
}

impl Group {
    pub fn sense(&self, frame: Frame) -> Option<Verb> {
        self.senses
            .iter()
            .copied()
            .find(|sense| sense.frame == frame)
    }

    /// True when it can carry a subject of its own.
    pub fn finite(&self) -> bool {
        !self.infinitive && !self.bare
    }
}

/// What a segment is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Main,
    /// Who, which, that; the token is the antecedent's last.
    Relative(usize),
    Subordinate,
    Condition,
    Parenthesis,
}

/// A sentence with its phrases, verb groups and segments.
#[derive(Debug)]
pub(super) struct Parse<'t> {
    pub tokens: Vec<Token<'t>>,
    pub nouns: Vec<Noun>,
    pub operators: Vec<Noun>,
    pub adjectives: Vec<Noun>,
    pub groups: Vec<Group>,
    /// The group whose words include the token.
    pub group_at: Vec<Option<usize>>,
    /// The segment of each token.
    pub segment: Vec<usize>,
    pub kinds: Vec<Kind>,
}

impl<'t> Parse<'t> {
    pub fn new(tokens: Vec<Token<'t>>, lexicon: &Lexicon) -> Self {
        let n = tokens.len();
        let mut parse = Self {
            tokens,
            nouns: Vec::new(),
            operators: Vec::new(),
            adjectives: Vec::new(),
            groups: Vec::new(),
            group_at: vec![None; n],
            segment: vec![0; n],
            kinds: vec![Kind::Main],
        };
        parse.find_phrases(lexicon);
        parse.find_segments();
        parse
    }

    pub fn token(&self, i: usize) -> Option<&Token<'t>> {
        self.tokens.get(i)
    }

    /// True when the token at `i` has the class.
    pub fn is(&self, i: usize, class: Class) -> bool {
        self.tokens.get(i).is_some_and(|t| t.is(class))
    }

    pub fn is_preposition(&self, i: usize) -> bool {
        use Class::{Against, By, For, From, Of, Place, Preposition, To, With};
        [Against, By, For, From, Of, Place, Preposition, To, With]
            .iter()
            .any(|&class| self.is(i, class))
    }

    pub fn noun_at(&self, i: usize) -> Option<&Noun> {
        self.nouns
            .iter()
            .find(|noun| noun.first <= i && i <= noun.last)
    }

    fn find_phrases(&mut self, lexicon: &Lexicon) {
        let mut noun_end = 0;
        let mut verb_end = 0;
        for i in 0..self.tokens.len() {
            let words = self.tokens[i..].iter().map(|t| t.word);
            let found = lexicon.phrases(words);
            let mut noun: Option<Noun> = None;
            let mut senses: Vec<(usize, Verb)> = Vec::new();
            for phrase in &found {
                let last = i + phrase.words - 1;
                for &entry in phrase.entries {
                    match entry {
                        Entry::Noun(status, strength) => {
                            noun = Some(Noun {
                                first: i,
                                last,
                                status,
                                strength,
                            })
                        }
                        Entry::Operator(status) => {
                            self.operators.push(Noun {
                                first: i,
                                last,
                                status: Some(status),
                                strength: Strength::Weak,
                            });
                        }
                        Entry::Adjective(strength) => self.adjectives.push(Noun {
                            first: i,
                            last,
                            status: None,
                            strength,
                        }),
                        Entry::Verb(verb) => senses.push((last, verb)),
                    }
                }
            }
            let as_verb = i >= verb_end && self.reads_as_verb(i, &senses, noun.is_some());
            if as_verb {
                self.push_group(i, &senses);
                verb_end = self.groups.last().map_or(i + 1, |group| group.last + 1);
            }
            let longer = noun.is_some_and(|noun| noun.last > i);
            if let Some(noun) = noun.filter(|_| i >= noun_end && (!as_verb || longer)) {
                noun_end = noun.last + 1;
                self.nouns.push(noun);
            }
        }
    }

    /// Decides between noun and verb from the words around.
    fn reads_as_verb(&self, i: usize, senses: &[(usize, Verb)], noun: bool) -> bool {
        let token = &self.tokens[i];
        if token.atom.is_some() {
            return false;
        }
        let before = i.checked_sub(1).map(|b| &self.tokens[b]);
        if before.is_some_and(|b| b.text == "-") {
            return false;
        }
        let Some(&(_, verb)) = senses.first() else {
            let lower = token.text;
            let participle = lower.len() > 4
                && lower.ends_with("ed")
                && !token.is_capital()
                && !before.is_some_and(|b| b.is(Class::Determiner) || b.is(Class::Adjective));
            return token.is(Class::Say) && before.is_none_or(|b| !b.is(Class::Determiner))
                || participle
                || self.is_lone_auxiliary(i);
        };
        let form = verb.form;
        if form.has(Form::PARTICIPLE) && !form.has(Form::BASE) {
            // "the sanctioned tycoon" is no verb
            let modifier = before.is_some_and(|b| {
                b.is(Class::Determiner) || b.is(Class::Adjective) || b.is_possessive()
            });
            return !modifier;
        }
        if form.has(Form::ING) {
            return !before.is_some_and(|b| b.is(Class::Determiner) || b.is(Class::Adjective));
        }
        let mut left = i;
        while left > 0 && (self.is(left - 1, Class::Adverb) || self.is(left - 1, Class::Negation)) {
            left -= 1;
        }
        let lead = left.checked_sub(1).map(|b| &self.tokens[b]);
        let opener = lead.is_some_and(|b| {
            b.is(Class::Modal)
                || b.is(Class::Do)
                || b.text == "to"
                || b.is(Class::Relative)
                || b.is(Class::He)
                || b.is(Class::They) && !b.is(Class::Determiner)
        });
        if opener {
            return true;
        }
        let closed = before.is_none_or(|b| {
            b.is(Class::Determiner)
                || b.is(Class::Adjective)
                || b.is_possessive()
                || b.is_number()
                || b.is_mark()
        }) || i > 0 && (self.is_preposition(i - 1) || self.is(i - 1, Class::Negation));
        if closed {
            return i > 0 && self.tokens[i - 1].is_comma() && !noun;
        }
        if i > 0 && self.is(i - 1, Class::Conjunction) {
            return !noun;
        }
        if noun {
            return self.headline_verb(i, form);
        }
        true
    }

    /// "US sanctions Iranian firms": a sender, the word, then a noun phrase.
    fn headline_verb(&self, i: usize, form: Form) -> bool {
        let subject = i > 0 && self.tokens[i - 1].atom.is_some();
        let object = self.tokens.get(i + 1).is_some_and(|next| {
            next.atom.is_some()
                || next.is_number()
                || next.is(Class::Determiner)
                || next.is(Class::People)
                || next.is_capital() && !next.is_mark()
        });
        let starts_title = i > 0
            && !self.tokens[..i].iter().any(|t| {
                t.atom.is_none() && !t.is(Class::Conjunction) && !t.is_mark() && !t.is_capital()
            });
        subject && object && form.has(Form::THIRD | Form::BASE) && starts_title
    }

    fn is_lone_auxiliary(&self, i: usize) -> bool {
        let token = &self.tokens[i];
        if !(token.is(Class::Be) || token.is(Class::Have)) || token.is_possessive() {
            return false;
        }
        let mut next = i + 1;
        while self.is(next, Class::Adverb)
            || self.is(next, Class::Negation)
            || self.is(next, Class::Be)
            || self.is(next, Class::Have)
        {
            next += 1;
        }
        !self.tokens.get(next).is_some_and(|t| {
            t.atom.is_none()
                && (t.text.ends_with("ed") || t.text.ends_with("ing") || t.text.ends_with("en"))
        })
    }

    fn push_group(&mut self, head: usize, senses: &[(usize, Verb)]) {
        // the longest phrase stands; shorter ones only where it has no sense of the same frame
        let last = senses.iter().map(|&(last, _)| last).max().unwrap_or(head);
        let mut group = Group {
            first: head,
            head,
            last,
            say: self.is(head, Class::Say),
            ..Group::default()
        };
        let mut kept: Vec<Verb> = Vec::new();
        for &(_, verb) in senses.iter().rev() {
            if !kept.iter().any(|known| known.frame == verb.frame) {
                kept.push(verb);
            }
        }
        let form = kept
            .first()
            .map_or(Form(Form::PAST | Form::PARTICIPLE), |verb| verb.form);
        group.senses = kept;
        let mut be = false;
        let mut auxiliary = false;
        while group.first > 0 {
            let token = &self.tokens[group.first - 1];
            if token.atom.is_some() || self.group_at[group.first - 1].is_some() {
                break;
            }
            if token.text == "to" || token.text == "To" {
                group.infinitive = true;
                group.first -= 1;
                break;
            }
            let verbal = token.is(Class::Be)
                || token.is(Class::Have)
                || token.is(Class::Modal)
                || token.is(Class::Do);
            if !(verbal && !token.is_possessive()
                || token.is(Class::Adverb)
                || token.is(Class::Negation) && token.text.len() > 2
                || token.text == "being"
                || token.text == "get"
                || token.text == "got")
            {
                break;
            }
            be |= token.is(Class::Be);
            auxiliary |= verbal;
            group.negated |= token.is(Class::Negation);
            group.possible |= token.is(Class::Possible);
            group.ought |= token.is(Class::Ought);
            group.future |= token.is(Class::Future);
            group.first -= 1;
        }
        // leading adverbs belong to the sentence
        while group.first < head && self.is(group.first, Class::Adverb) {
            group.first += 1;
        }
        let participle = form.has(Form::PARTICIPLE);
        group.passive = be && participle && !form.has(Form::ING);
        if !auxiliary
            && participle
            && !form.has(Form::BASE)
            && !group.infinitive
            && self.is_reduced(&group)
        {
            group.passive = true;
            group.bare = true;
        }
        group.bare |= form.has(Form::ING) && !be;
        let index = self.groups.len();
        for at in group.first..=group.last {
            self.group_at[at] = Some(index);
        }
        self.groups.push(group);
    }

    /// "sanctions imposed on", "X, blacklisted by": a participle without auxiliary.
    fn is_reduced(&self, group: &Group) -> bool {
        let after = group.last + 1;
        let Some(next) = self.tokens.get(after) else {
            return !group.senses.is_empty();
        };
        if next.is(Class::By) {
            return true;
        }
        let before = group.head.checked_sub(1);
        if before.is_some_and(|b| self.noun_at(b).is_some()) {
            return next.atom.is_none()
                && (self.is_preposition(after) || next.is_mark() || next.is(Class::Adverb));
        }
        let direct = [
            Frame::Target,
            Frame::Ban,
            Frame::List,
            Frame::Unlist,
            Frame::Penal,
        ]
        .iter()
        .any(|&frame| group.sense(frame).is_some());
        let say = self.is(group.head, Class::Say);
        direct
            && !say
            && next.atom.is_none()
            && (self.is_preposition(after)
                || next.is(Class::Adverb)
                    && (before.is_none() || before.is_some_and(|b| self.tokens[b].is_comma()))
                || next.is_mark() && !matches!(next.text, "“" | "\"")
                || next.is(Class::Subordinator))
            && !before.is_some_and(|b| {
                self.is(b, Class::He)
                    || self.is(b, Class::They)
                    || self.is(b, Class::It)
                    || self.is(b, Class::Relative)
            })
    }

    fn find_segments(&mut self) {
        // of each open segment: its number, and whether the next comma closes it
        let mut open: Vec<(usize, bool)> = vec![(0, false)];
        let mut verbs_seen = 0;
        for i in 0..self.tokens.len() {
            let token = self.tokens[i];
            let here = open.last().map_or(0, |&(segment, _)| segment);
            self.segment[i] = here;
            if token.atom.is_some() {
                continue;
            }
            let group = self.group_at[i]
                .map(|g| &self.groups[g])
                .filter(|group| group.first == i && group.finite());
            if matches!(self.kinds[here], Kind::Relative(_)) && group.is_some() {
                verbs_seen += 1;
                let joined =
                    i > 0 && (self.is(i - 1, Class::Conjunction) || self.tokens[i - 1].is_comma());
                if verbs_seen > 1 && !joined && open.len() > 1 && !open.last().is_some_and(|o| o.1)
                {
                    open.pop();
                    self.segment[i] = open.last().map_or(0, |&(segment, _)| segment);
                    continue;
                }
            }
            let kind = match token.text {
                "(" | "[" => Some((Kind::Parenthesis, false)),
                ")" | "]" => {
                    if open.len() > 1
                        && open
                            .iter()
                            .any(|&(s, _)| self.kinds[s] == Kind::Parenthesis)
                    {
                        while open.len() > 1
                            && open
                                .pop()
                                .is_some_and(|(s, _)| self.kinds[s] != Kind::Parenthesis)
                        {
                        }
                    }
                    None
                }
                ";" | ":" | "—" | "–" | "“" | "”" | "\"" | "•" => {
                    open.truncate(1);
                    let fresh = self.fresh(Kind::Main);
                    open[0] = (fresh, false);
                    self.segment[i] = fresh;
                    continue;
                }
                "," => {
                    if open.len() > 1 && open.last().is_some_and(|o| o.1) {
                        open.pop();
                        self.segment[i] = open.last().map_or(0, |&(segment, _)| segment);
                    }
                    None
                }
                _ => self.opens(i),
            };
            if let Some((kind, comma)) = kind {
                verbs_seen = 0;
                let fresh = self.fresh(kind);
                if kind == Kind::Main {
                    open.truncate(1);
                    open[0] = (fresh, false);
                } else {
                    open.push((fresh, comma));
                }
                self.segment[i] = fresh;
            }
        }
    }

    fn fresh(&mut self, kind: Kind) -> usize {
        self.kinds.push(kind);
        self.kinds.len() - 1
    }

    /// The segment a word opens, and whether the next comma closes it.
    fn opens(&self, i: usize) -> Option<(Kind, bool)> {
        let token = &self.tokens[i];
        let before = i.checked_sub(1).map(|b| &self.tokens[b]);
        if token.is(Class::Relative) {
            let said = i > 0 && self.group_at[i - 1].is_some();
            if token.text == "that" && said {
                return Some((Kind::Main, false));
            }
            let comma = before.is_some_and(Token::is_comma);
            let antecedent = if comma {
                i.checked_sub(2)
            } else {
                i.checked_sub(1)
            }?;
            if token.text == "that" && (comma || self.is_preposition(i - 1)) {
                return None;
            }
            return Some((Kind::Relative(antecedent), comma));
        }
        if token.is(Class::Condition) {
            return Some((Kind::Condition, true));
        }
        if token.is(Class::Subordinator) {
            return Some(if matches!(token.text, "but" | "yet" | "so") {
                (Kind::Main, false)
            } else {
                (Kind::Subordinate, true)
            });
        }
        None
    }
}
