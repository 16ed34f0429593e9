//! Organizations: long names, short names and acronyms of one body.
//!
//! In: names in text order. Out: for each the number of its body. A name is taken apart into the country before it
//! and its core ("U.S. Treasury Department": US, "treasury department"), forms of incorporation dropped. A core
//! without its country goes to the nearest body before it with that core; two countries' ministries stay two.

use std::collections::HashMap;

use super::cluster::{Nearest, Sets};
use super::lexicon::Lexicon;

/// Longest name in words whose endings are tried.
const MAX_WORDS: usize = 12;

/// One organization mention.
pub(crate) struct Body<'a> {
    /// First byte in the text.
    pub at: usize,
    /// The name as written.
    pub written: &'a str,
    /// The folded name, not empty.
    pub name: &'a str,
    /// Index of the mention whose acronym in brackets this is.
    pub stands_for: Option<usize>,
}

#[derive(PartialEq, Eq, Hash, Clone, Debug)]
struct Key {
    country: Option<&'static str>,
    core: String,
}

/// Joins the mentions of one body.
pub(crate) fn bodies(mentions: &[Body<'_>], lexicon: &Lexicon) -> Vec<usize> {
    let mut keys: HashMap<Key, usize> = HashMap::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    let mut list: Vec<Key> = Vec::new();
    let mut key_of = Vec::with_capacity(mentions.len());
    for mention in mentions {
        let key = *by_name.entry(mention.name).or_insert_with(|| {
            let key = key(mention.written, mention.name, lexicon);
            *keys.entry(key.clone()).or_insert_with(|| {
                list.push(key);
                list.len() - 1
            })
        });
        key_of.push(key);
    }
    let mut sets = Sets::new(list.len());
    join_acronyms(&by_name, lexicon, &mut sets);
    join_initials(&by_name, mentions, &mut sets);
    join_generic(&list, &keys, lexicon, &mut sets);
    for (mention, key) in mentions.iter().zip(&key_of) {
        if let Some(long) = mention.stands_for {
            sets.join(key_of[long], *key);
        }
    }
    // Twice, so that "Council" after "Security Council" reaches the "UN Security Council" before both.
    let mut bodies: Vec<usize> = key_of.iter().map(|key| sets.find(*key)).collect();
    for _ in 0..2 {
        let mut nearest = Nearest::default();
        for ((mention, &key), &body) in mentions.iter().zip(&key_of).zip(&bodies) {
            note_short_forms(&list[key], mention.at, body, lexicon, &mut nearest);
        }
        for ((mention, &key), body) in mentions.iter().zip(&key_of).zip(&mut bodies) {
            let Key { country, core } = &list[key];
            if country.is_none()
                && let Some(near) = nearest.find(core, mention.at)
            {
                *body = sets.find(near);
            }
        }
    }
    bodies
}

/// Takes a name apart into country and core.
fn key(written: &str, name: &str, lexicon: &Lexicon) -> Key {
    let mut words: Vec<&str> = name.split(' ').collect();
    if words.first() == Some(&"the") && words.len() > 1 {
        words.remove(0);
    }
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| lexicon.bodies.legal.contains(word))
    {
        words.pop();
        while words.len() > 1 && words.last() == Some(&"and") {
            words.pop();
        }
    }
    let mut country = None;
    if let Some((code, n_words)) = leading_country(written, lexicon)
        && n_words < words.len()
        && words[n_words] != "and"
    {
        country = Some(code);
        words.drain(..n_words);
        if words.first() == Some(&"s") && words.len() > 1 {
            words.remove(0);
        }
    } else if let Some((code, n_words)) = trailing_country(written, lexicon)
        && words.len() > n_words + 1
    {
        let kept = words.len() - n_words - 1;
        let enough = kept > 1 || !lexicon.bodies.heads.contains(words[0]);
        let kept = kept - usize::from(words.get(kept) == Some(&"the"));
        if words.get(kept) == Some(&"of") && enough {
            country = Some(code);
            words.truncate(kept);
        }
    }
    if let [head @ ("department" | "ministry"), "of", rest @ ..] = &words[..]
        && !rest.is_empty()
    {
        let rest = rest.strip_prefix(&["the"]).unwrap_or(rest);
        let rest = rest
            .strip_suffix(&["affairs"])
            .filter(|rest| !rest.is_empty())
            .unwrap_or(rest);
        let core = format!("{} {head}", rest.join(" "));
        return Key { country, core };
    }
    Key {
        country,
        core: words.join(" "),
    }
}

/// The country at the front of a name and its length in folded words.
fn leading_country(written: &str, lexicon: &Lexicon) -> Option<(&'static str, usize)> {
    let ends = written
        .match_indices([' ', '\n', '\'', '’'])
        .map(|(at, _)| at)
        .take(4);
    ends.filter_map(|end| {
        let word = lexicon.countries.word(&written[..end])?;
        (!word.seat).then(|| {
            (
                word.code.alpha2,
                super::fold::fold(&written[..end]).split(' ').count(),
            )
        })
    })
    .last()
}

/// The country after the last "of" of a name and its length in folded words.
fn trailing_country(written: &str, lexicon: &Lexicon) -> Option<(&'static str, usize)> {
    let (_, tail) = written.rsplit_once(" of ")?;
    let tail = tail.strip_prefix("the ").unwrap_or(tail);
    let word = lexicon.countries.word(tail)?;
    Some((word.code.alpha2, super::fold::fold(tail).split(' ').count()))
}

/// Joins what the list of well-known acronyms pairs.
fn join_acronyms(by_name: &HashMap<&str, usize>, lexicon: &Lexicon, sets: &mut Sets) {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<(&&str, &usize)> = by_name.iter().collect();
    names.sort_unstable_by_key(|(name, key)| (**key, **name));
    for (name, &key) in names {
        let folded = lexicon.bodies.acronyms.get(*name).copied();
        let acronym = folded.or_else(|| {
            let upper = name.to_uppercase().replace(' ', "-");
            lexicon.bodies.written.get(upper.as_str()).copied()
        });
        if let Some(acronym) = acronym {
            let first = *known.entry(acronym).or_insert(key);
            sets.join(first, key);
        }
    }
}

/// Joins an acronym with the first long name whose initials it holds.
fn join_initials(by_name: &HashMap<&str, usize>, mentions: &[Body<'_>], sets: &mut Sets) {
    let mut initials: HashMap<String, usize> = HashMap::new();
    let mut seen: std::collections::HashSet<&str> = std::collections::HashSet::new();
    for mention in mentions.iter().filter(|mention| mention.name.contains(' ')) {
        if !seen.insert(mention.name) {
            continue;
        }
        let key = by_name[mention.name];
        for form in initials_of(mention.name) {
            if form.chars().count() > 2 {
                initials.entry(form).or_insert(key);
            }
        }
    }
    let loud = |mention: &&Body<'_>| {
        let letters = mention.written.chars().filter(|letter| *letter != '.');
        !mention.name.contains(' ')
            && letters.clone().count() <= 8
            && letters
                .clone()
                .filter(|letter| letter.is_uppercase())
                .count()
                + 1
                >= letters.count()
    };
    for mention in mentions.iter().filter(loud) {
        if let Some(&key) = initials.get(mention.name) {
            sets.join(key, by_name[mention.name]);
        }
    }
}

/// Initials with and without the small words.
fn initials_of(name: &str) -> [String; 2] {
    let first = |small: bool| -> String {
        let words = name.split(' ');
        words
            .filter(|word| {
                small
                    || !matches!(
                        *word,
                        "of" | "the"
                            | "and"
                            | "for"
                            | "in"
                            | "on"
                            | "to"
                            | "de"
                            | "al"
                            | "del"
                            | "la"
                    )
            })
            .filter_map(|word| word.chars().next())
            .collect()
    };
    [first(true), first(false)]
}

/// Joins "Huawei Technologies" with "Huawei": a name and the same name with words that add nothing.
fn join_generic(list: &[Key], keys: &HashMap<Key, usize>, lexicon: &Lexicon, sets: &mut Sets) {
    let adds_nothing =
        |word: &str| lexicon.bodies.generic.contains(word) || lexicon.bodies.legal.contains(word);
    for (at, key) in list.iter().enumerate() {
        let mut words: Vec<&str> = key.core.split(' ').collect();
        while words.len() > 1 && adds_nothing(words[words.len() - 1]) {
            words.pop();
            for country in [key.country, None] {
                let base = Key {
                    country,
                    core: words.join(" "),
                };
                if !adds_nothing(&base.core)
                    && let Some(&base) = keys.get(&base)
                {
                    sets.join(base, at);
                }
            }
        }
        let words: Vec<&str> = key.core.split(' ').collect();
        if let [
            "bank" | "banco" | "banque" | "pt" | "air" | "group" | "company" | "grupo",
            rest @ ..,
        ] = &words[..]
            && !rest.is_empty()
        {
            let base = Key {
                country: key.country,
                core: rest.join(" "),
            };
            if let Some(&base) = keys.get(&base) {
                sets.join(base, at);
            }
        }
    }
}

/// Notes the endings by which a longer name may be meant: "Security Council", "the Commission", "the Treasury".
fn note_short_forms(key: &Key, at: usize, set: usize, lexicon: &Lexicon, nearest: &mut Nearest) {
    let words: Vec<&str> = key.core.split(' ').take(MAX_WORDS).collect();
    let head = |word: &str| lexicon.bodies.heads.contains(word);
    let from = usize::from(key.country.is_none());
    if words.len() < 2 && key.country.is_none() {
        return;
    }
    for cut in from..words.len() {
        let ending = &words[cut..];
        let own_name = words.len() == 1 && !lexicon.bodies.generic.contains(ending[0]);
        if ending.len() > 1 || head(ending[0]) || own_name {
            nearest.note(&ending.join(" "), at, set);
        }
    }
    let of = words
        .iter()
        .position(|word| matches!(*word, "of" | "for" | "on"));
    if let Some(of) = of
        && of > 0
        && head(words[of - 1])
    {
        nearest.note(words[of - 1], at, set);
        if of > 1 {
            nearest.note(&words[..of].join(" "), at, set);
        }
    }
    if let [front @ .., "department" | "ministry"] = &words[..]
        && let [only] = front
        && head(only)
    {
        nearest.note(only, at, set);
    }
    if words.len() > 1 && words[0] == "treasury" {
        nearest.note("treasury", at, set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::fold::fold;

    fn clusters(names: &[&str], lexicon: &Lexicon) -> Vec<usize> {
        let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let mentions: Vec<Body<'_>> = names
            .iter()
            .zip(&folded)
            .enumerate()
            .map(|(at, (written, name))| Body {
                at: at * 10,
                written,
                name,
                stands_for: None,
            })
            .collect();
        let found = bodies(&mentions, lexicon);
        let mut order = Vec::new();
        found
            .iter()
            .map(|body| {
                order
                    .iter()
                    .position(|known| known == body)
                    .unwrap_or_else(|| {
                        order.push(*body);
                        order.len() - 1
                    })
            })
            .collect()
    }

    #[test]
    fn names_of_one_body_meet_and_others_stay_apart() {
        let lexicon = Lexicon::new();
        struct Case(&'static [&'static str], &'static [usize]);
        for Case(names, expected) in [
            Case(
                &[
                    "U.S. Treasury Department",
                    "Treasury",
                    "Treasury Department",
                    "US Department of the Treasury",
                ],
                &[0, 0, 0, 0],
            ),
            Case(&["Office of Foreign Assets Control", "OFAC"], &[0, 0]),
            Case(&["Islamic Revolutionary Guard Corps", "IRGC"], &[0, 0]),
            Case(&["European Union", "EU", "E.U."], &[0, 0, 0]),
            Case(
                &["Northern Grain Export Council", "NGEC", "Council"],
                &[0, 0, 0],
            ),
            Case(&["Huawei Technologies Co., Ltd.", "Huawei"], &[0, 0]),
            Case(&["Gazprom Neft", "Gazprom", "Gazprombank"], &[0, 1, 2]),
            Case(
                &[
                    "Russian Foreign Ministry",
                    "Iranian Foreign Ministry",
                    "Foreign Ministry",
                ],
                &[0, 1, 1],
            ),
            Case(
                &[
                    "Russian Foreign Ministry",
                    "Ministry of Foreign Affairs of Russia",
                ],
                &[0, 0],
            ),
            Case(
                &[
                    "European Commission",
                    "European Council",
                    "Commission",
                    "Council",
                ],
                &[0, 1, 0, 1],
            ),
            Case(
                &["UN Security Council", "Security Council", "Council"],
                &[0, 0, 0],
            ),
            Case(&["Bank of China", "Bank of Iran"], &[0, 1]),
            Case(&["Sberbank of Russia", "Sberbank"], &[0, 0]),
            Case(&["Washington Post", "New York Post"], &[0, 1]),
            Case(&["Bank Melli", "Melli"], &[0, 0]),
            Case(&["Rusal", "Rusal plc"], &[0, 0]),
            Case(&["American Airlines", "British Airways"], &[0, 1]),
        ] {
            assert_eq!(clusters(names, &lexicon), expected, "{names:?}");
        }
    }
}
