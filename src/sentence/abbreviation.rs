//! What the word before a full stop is, and whether the word after it opens a sentence.

/// What a full stop after a word can mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// An ordinary word: the stop ends the sentence.
    Word,
    /// Stands before a name or a term ("Gen.", "vs."): the stop never ends a sentence.
    Title,
    /// Stands before a number ("No. 5"), else an ordinary word.
    Number,
    /// "a.m." and "p.m.": the sentence goes on with a weekday, month or zone.
    Hour,
    /// Initials, dotted acronyms, company forms, months, states: the sentence ends where the next word opens one.
    Other,
}

/// Before a name or a term, as written.
const TITLES: &[&str] = &[
    "Adm", "Amb", "Ald", "Atty", "Ayat", "Brig", "Capt", "Cdr", "Cmdr", "Cmdre", "Col", "Cols",
    "Comdr", "Cpl", "Cpt", "Det", "Dr", "Drs", "Ens", "Fr", "Ft", "Gen", "Gens", "Gov", "Govs",
    "Hon", "Insp", "Lt", "Maj", "Messrs", "Mgr", "Mlle", "Mme", "Mr", "Mrs", "Ms", "Msgr", "Mt",
    "Mx", "Pfc", "Pres", "Prof", "Profs", "Pvt", "Rep", "Reps", "Rev", "Sen", "Sens", "Sgt",
    "Sgts", "Sra", "Supt", "approx", "ca", "cf", "e.g", "eg", "i.e", "v", "viz", "vs",
];

/// Before a number, as written.
const NUMBERS: &[&str] = &[
    "Art", "Arts", "Ch", "Fig", "Figs", "No", "Nos", "Nr", "Para", "Paras", "Pt", "Reg", "Res",
    "Rs", "Sec", "Vol", "art", "arts", "ch", "fig", "figs", "no", "nos", "nr", "p", "para",
    "paras", "pp", "pt", "reg", "res", "sec", "vol",
];

/// Company forms, months, weekdays, streets, states, and others that may end a sentence as well.
const OTHERS: &[&str] = &[
    "Jan", "Feb", "Mar", "Apr", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec", "Jun", "Jul", "Mon",
    "Tue", "Tues", "Wed", "Thu", "Thur", "Thurs", "Fri", "Sat", "Inc", "Ltd", "Corp", "Co", "Cos",
    "Bros", "Jr", "Sr", "Plc", "plc", "LLC", "LLP", "PLC", "Pty", "Pte", "Pvt", "Bhd", "Sdn",
    "Cie", "Mfg", "Intl", "Int'l", "Assn", "Ass'n", "Dept", "Div", "Univ", "Govt", "Gov't", "Ave",
    "Blvd", "Rd", "St", "Ste", "Sq", "Hwy", "Bldg", "Ala", "Ariz", "Ark", "Calif", "Colo", "Conn",
    "Del", "Fla", "Ga", "Kan", "Ky", "Md", "Mich", "Minn", "Mont", "Neb", "Nev", "Okla", "Ore",
    "Tenn", "Tex", "Vt", "Va", "Wis", "Wyo", "Ont", "Que", "Alta", "al", "etc", "est", "ed", "eds",
    "Ed", "Eds", "dept", "ft", "mln", "bln", "dlrs", "incl", "max", "min", "Esq", "Bt", "Hts",
    "Is", "Mass", "Pa", "Wash", "Miss",
];

/// Words that open a sentence far oftener than they begin a name.
const OPENERS: &[&str] = &[
    "A",
    "About",
    "According",
    "After",
    "All",
    "Also",
    "Although",
    "Among",
    "An",
    "And",
    "Another",
    "Any",
    "As",
    "Asked",
    "At",
    "Because",
    "Before",
    "Both",
    "But",
    "By",
    "Despite",
    "During",
    "Earlier",
    "Each",
    "Even",
    "Every",
    "Few",
    "For",
    "From",
    "Had",
    "Has",
    "Have",
    "He",
    "Her",
    "Here",
    "His",
    "How",
    "However",
    "I",
    "If",
    "In",
    "Instead",
    "Is",
    "It",
    "Its",
    "Last",
    "Later",
    "Many",
    "Meanwhile",
    "More",
    "Moreover",
    "Most",
    "My",
    "Neither",
    "No",
    "Nor",
    "Not",
    "Now",
    "Of",
    "On",
    "Once",
    "One",
    "Only",
    "Or",
    "Other",
    "Others",
    "Our",
    "Over",
    "Several",
    "She",
    "Since",
    "So",
    "Some",
    "Still",
    "Such",
    "That",
    "The",
    "Their",
    "Then",
    "There",
    "These",
    "They",
    "This",
    "Those",
    "Though",
    "Through",
    "Thus",
    "To",
    "Two",
    "Under",
    "Until",
    "We",
    "What",
    "When",
    "Where",
    "Whether",
    "Which",
    "While",
    "Who",
    "Why",
    "With",
    "Without",
    "Would",
    "Yet",
    "You",
    "Your",
];

/// What may follow "5 p.m." in the same sentence.
const AFTER_HOURS: &[&str] = &[
    "BST",
    "CET",
    "CEST",
    "CST",
    "CDT",
    "EDT",
    "EEST",
    "EET",
    "EST",
    "ET",
    "Eastern",
    "GMT",
    "IST",
    "JST",
    "KST",
    "Local",
    "MSK",
    "MST",
    "Moscow",
    "PDT",
    "PST",
    "PT",
    "Pacific",
    "Central",
    "UTC",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Sept",
    "Oct",
    "Nov",
    "Dec",
];

/// What the word before a full stop is; `word` comes without the stop.
pub(super) fn kind(word: &str) -> Kind {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    if matches!(word, "a.m" | "p.m" | "A.M" | "P.M" | "am" | "pm") {
        return if word.contains('.') {
            Kind::Hour
        } else {
            Kind::Word
        };
    }
    if TITLES.contains(&word) {
        return Kind::Title;
    }
    if NUMBERS.contains(&word) {
        return Kind::Number;
    }
    if is_initials(word) || OTHERS.contains(&word) {
        return Kind::Other;
    }
    Kind::Word
}

/// One capital ("J"), or letters with stops between them ("U.S", "Ph.D", "Lt.Col").
fn is_initials(word: &str) -> bool {
    let mut chars = word.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        return only.is_uppercase();
    }
    word.contains('.')
        && word.split('.').all(|part| {
            (1..=3).contains(&part.chars().count()) && part.chars().all(char::is_alphabetic)
        })
}

/// True when the text after a stop opens a new sentence rather than going on with a name.
pub(super) fn opens_a_sentence(next: &str) -> bool {
    OPENERS.contains(&first_word(next))
}

/// True when the text goes on with what follows an hour of the day: a weekday, a month, a time zone.
pub(super) fn follows_an_hour(next: &str) -> bool {
    AFTER_HOURS.contains(&first_word(next))
}

/// The letters a text begins with; nothing when they run on for more than a dozen bytes.
fn first_word(next: &str) -> &str {
    let n = next
        .bytes()
        .take(13)
        .take_while(u8::is_ascii_alphabetic)
        .count();
    if n <= 12 { &next[..n] } else { "" }
}

/// True for the number of a list item, "1." at the start of a paragraph or sentence: what follows belongs to it.
pub(super) fn own_line_number(word: &str, text: &str, sentence: usize, stop: usize) -> bool {
    (1..=3).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_digit())
        && text
            .get(sentence..stop)
            .is_some_and(|before| before.trim_start().len() == word.len())
}
