//! The tokens of an article.

use crate::span::Span;

/// The tokens of one article's body, in text order; arrays of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Vocabulary ids.
    pub ids: Vec<u32>,
    /// Token types: word shapes for models that read them, else 0.
    pub types: Vec<u8>,
    /// The bytes of the text each token stands for.
    pub spans: Vec<Span>,
    /// True where a token begins a word.
    word_starts: Vec<bool>,
    /// True where a token begins a sentence.
    sentence_starts: Vec<bool>,
}

impl Tokens {
    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True when there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// True when token `at` begins a word.
    #[must_use]
    pub fn starts_word(&self, at: usize) -> bool {
        self.word_starts[at]
    }

    /// True when token `at` begins a sentence.
    #[must_use]
    pub fn starts_sentence(&self, at: usize) -> bool {
        self.sentence_starts[at]
    }

    /// Appends one token.
    pub fn push(
        &mut self,
        id: u32,
        kind: u8,
        span: Span,
        starts_word: bool,
        starts_sentence: bool,
    ) {
        self.ids.push(id);
        self.types.push(kind);
        self.spans.push(span);
        self.word_starts.push(starts_word);
        self.sentence_starts.push(starts_sentence);
    }
}
