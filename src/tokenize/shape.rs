//! The shape of a word's spelling, which an uncased model reads beside its pieces.

/// How a word is spelt. The numbers are the model's token types and must not change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Shape {
    /// Lower case, or a script without case.
    Lower = 0,
    /// A capital, then no other.
    Title = 1,
    /// Two capitals or more, and no small letter.
    Upper = 2,
    /// Capitals and small letters in any other order.
    Mixed = 3,
    /// One capital alone.
    Capital = 4,
    /// Has a digit.
    Digit = 5,
    /// No letter and no digit; the special tokens too.
    Punctuation = 6,
}

impl Shape {
    /// The shape of `word` as the text spells it. Only letters with case count as capital or small.
    #[must_use]
    pub fn of(word: &str) -> Self {
        if word.chars().any(char::is_numeric) {
            return Self::Digit;
        }
        if !word.chars().any(char::is_alphabetic) {
            return Self::Punctuation;
        }
        let mut cased = word
            .chars()
            .filter(|char| char.is_uppercase() || char.is_lowercase());
        let first_is_upper = cased.next().is_some_and(char::is_uppercase);
        let rest_upper = cased.clone().filter(|char| char.is_uppercase()).count();
        let rest_lower = cased.count() - rest_upper;
        match (first_is_upper, rest_upper, rest_lower) {
            (false, 0, _) => Self::Lower,
            (true, 0, 0) => Self::Capital,
            (true, _, 0) => Self::Upper,
            (true, 0, _) => Self::Title,
            _ => Self::Mixed,
        }
    }
}
