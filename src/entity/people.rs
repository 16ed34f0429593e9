//! Persons: full names that are one, and the full name a surname stands for.
//!
//! In: folded names in text order. Out: for each the number of its person. Two different full names of one surname
//! stay two persons; a bare surname goes to the nearest full name before it, else to the first after it.

use std::collections::HashMap;

use super::cluster::{Nearest, Sets};

/// Longest name in words whose parts are tried.
const MAX_WORDS: usize = 8;
/// Different full names with the same first and last word that are compared with each other.
const MAX_NAMESAKES: usize = 8;

/// One person mention.
pub(crate) struct Named<'a> {
    /// First byte in the text.
    pub at: usize,
    /// The folded name, not empty.
    pub name: &'a str,
}

/// For each mention the number of its person.
pub(crate) fn people(mentions: &[Named<'_>]) -> Vec<usize> {
    let mut keys: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<Vec<&str>> = Vec::new();
    let mut key_of = Vec::with_capacity(mentions.len());
    for mention in mentions {
        let next = keys.len();
        let key = *keys.entry(mention.name).or_insert(next);
        if key == next {
            names.push(words(mention.name));
        }
        key_of.push(key);
    }
    let mut sets = Sets::new(names.len());
    join_namesakes(&names, &mut sets);
    join_parts(&names, &keys, &mut sets);

    let [mut surnames, mut fronts, mut middles] = [(); 3].map(|()| Nearest::default());
    for (mention, &key) in mentions.iter().zip(&key_of) {
        let words = &names[key];
        if !is_full(words) {
            continue;
        }
        let set = sets.find(key);
        for cut in 1..words.len() {
            surnames.note(&words[cut..].join(" "), mention.at, set);
            fronts.note(&words[..cut].join(" "), mention.at, set);
        }
        for middle in &words[1..words.len() - 1] {
            if middle.len() > 3 && !particle(middle) {
                middles.note(middle, mention.at, set);
            }
        }
    }
    mentions
        .iter()
        .zip(&key_of)
        .map(|(mention, &key)| {
            if is_full(&names[key]) {
                return sets.find(key);
            }
            let short = names[key].join(" ");
            let bare = names[key].last().copied().unwrap_or_default();
            [&surnames, &fronts, &middles]
                .iter()
                .find_map(|places| {
                    places
                        .find(&short, mention.at)
                        .or_else(|| places.find(bare, mention.at))
                })
                .unwrap_or(key)
        })
        .collect()
}

/// The words of a folded name without Jr. and the like.
fn words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split(' ').take(MAX_WORDS).collect();
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| matches!(*word, "jr" | "sr" | "ii" | "iii"))
    {
        words.pop();
    }
    words
}

/// Small words inside surnames.
fn particle(word: &str) -> bool {
    matches!(
        word,
        "al" | "el"
            | "bin"
            | "ben"
            | "ibn"
            | "bint"
            | "abu"
            | "de"
            | "del"
            | "della"
            | "da"
            | "dos"
            | "di"
            | "du"
            | "la"
            | "le"
            | "van"
            | "von"
            | "der"
            | "den"
            | "ten"
            | "ter"
            | "zu"
            | "af"
            | "st"
            | "mac"
            | "o"
            | "ul"
            | "ur"
            | "as"
            | "ad"
            | "an"
            | "ash"
            | "az"
    )
}

/// True for a name of more than a surname with its particles.
fn is_full(words: &[&str]) -> bool {
    words.len() > 1 && !words[..words.len() - 1].iter().all(|word| particle(word))
}

/// Joins full names with the same first and last word whose middles agree, and "B. Nelson" with "Brian Nelson".
fn join_namesakes(names: &[Vec<&str>], sets: &mut Sets) {
    let mut same: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    let mut by_last: HashMap<&str, Vec<usize>> = HashMap::new();
    for (key, words) in names.iter().enumerate().filter(|(_, words)| is_full(words)) {
        let (first, last) = (words[0], words[words.len() - 1]);
        let known = same.entry((first, last)).or_default();
        if let Some(other) = known
            .iter()
            .find(|other| middles_agree(&names[**other], words))
        {
            sets.join(*other, key);
        }
        if known.len() < MAX_NAMESAKES {
            known.push(key);
        }
        by_last.entry(last).or_default().push(key);
    }
    for keys in by_last.values().filter(|keys| keys.len() <= MAX_NAMESAKES) {
        for &key in keys.iter().filter(|key| names[**key][0].len() == 1) {
            let fits = |other: &&usize| {
                names[**other][0].len() > 1 && names[**other][0].starts_with(names[key][0])
            };
            let mut persons: Vec<usize> = keys
                .iter()
                .filter(fits)
                .map(|other| sets.find(*other))
                .collect();
            persons.dedup();
            if let [person] = persons[..] {
                sets.join(person, key);
            }
        }
    }
}

/// True when the words between first and last are the same, left out in one name, or shortened to initials.
fn middles_agree(a: &[&str], b: &[&str]) -> bool {
    let middle = |words: &[&str]| -> Vec<String> {
        let inner = &words[1..words.len() - 1];
        inner
            .iter()
            .filter(|word| !particle(word))
            .map(|word| (*word).to_owned())
            .collect()
    };
    let (a, b) = (middle(a), middle(b));
    let (short, long) = if a.len() <= b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    let mut rest = long.iter();
    short.iter().all(|word| {
        rest.any(|other| {
            let initial = word.chars().count() == 1 || other.chars().count() == 1;
            word == other || (initial && word.chars().next() == other.chars().next())
        })
    })
}

/// Joins a full name with the longer one that begins or ends with it: "Nicolás Maduro" and "Nicolás Maduro Moros".
fn join_parts(names: &[Vec<&str>], keys: &HashMap<&str, usize>, sets: &mut Sets) {
    let mut taken: HashMap<usize, usize> = HashMap::new();
    for (key, words) in names.iter().enumerate() {
        for cut in 2..words.len() {
            for part in [&words[..cut], &words[words.len() - cut..]] {
                let Some(&short) = keys.get(part.join(" ").as_str()) else {
                    continue;
                };
                if !is_full(&names[short]) {
                    continue;
                }
                let person = sets.find(key);
                let owner = *taken.entry(short).or_insert(person);
                if sets.find(owner) == person {
                    sets.join(short, key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::fold::fold;

    fn clusters(names: &[&str]) -> Vec<usize> {
        let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let mentions: Vec<Named<'_>> = folded
            .iter()
            .enumerate()
            .map(|(at, name)| Named { at: at * 10, name })
            .collect();
        let found = people(&mentions);
        let mut order = Vec::new();
        found
            .iter()
            .map(|person| {
                order
                    .iter()
                    .position(|known| known == person)
                    .unwrap_or_else(|| {
                        order.push(*person);
                        order.len() - 1
                    })
            })
            .collect()
    }

    #[test]
    fn mentions_of_one_person_meet_and_namesakes_stay_apart() {
        struct Case(&'static [&'static str], &'static [usize]);
        for Case(names, expected) in [
            Case(&["Brian Nelson", "Nelson"], &[0, 0]),
            Case(
                &["MADURO", "Nicolás Maduro Moros", "Nicolas Maduro", "Maduro"],
                &[0, 0, 0, 0],
            ),
            Case(&["Kim Jong Un", "Kim", "Kim Jong-un"], &[0, 0, 0]),
            Case(&["Xi Jinping", "Xi"], &[0, 0]),
            Case(
                &["Anna Orlova", "Boris Orlov", "Orlova", "Orlov"],
                &[0, 1, 0, 1],
            ),
            Case(
                &["John Smith", "Mary Smith", "Smith", "John Smith", "Smith"],
                &[0, 1, 1, 0, 0],
            ),
            Case(
                &["Bashar al-Assad", "Assad", "al-Assad", "Bashar Assad"],
                &[0, 0, 0, 0],
            ),
            Case(
                &["Ursula von der Leyen", "von der Leyen", "Leyen"],
                &[0, 0, 0],
            ),
            Case(&["Osama bin Laden", "bin Laden", "Bin Laden"], &[0, 0, 0]),
            Case(
                &["George W. Bush", "George H. Bush", "George Bush"],
                &[0, 1, 0],
            ),
            Case(&["B. Nelson", "Brian Nelson"], &[0, 0]),
            Case(&["B. Nelson", "Brian Nelson", "Boris Nelson"], &[0, 1, 2]),
            Case(&["Sammy Davis Jr.", "Davis"], &[0, 0]),
            Case(&["Luis Arce Catacora", "Arce"], &[0, 0]),
            Case(&["Orlov", "Petrov", "Orlov"], &[0, 1, 0]),
            Case(&["Orlov", "Ivan Orlov"], &[0, 0]),
            Case(
                &["Saddam Hussein", "Saddam", "Uday Hussein", "Hussein"],
                &[0, 0, 1, 1],
            ),
        ] {
            assert_eq!(clusters(names), expected, "{names:?}");
        }
    }
}
