//! Sentence → token ids with spans.
//!
//! In: the text and its sentence spans. Out: [`Tokens`] of the whole body, in text order, each with the bytes it
//! stands for. Invariants: spans are ascending, lie on character borders and inside their sentence; a
//! character that the model's normalizer drops belongs to no token. Deliberately absent: truncation, padding,
//! windows; special tokens, but for the two [`Edges`] that a row of a batch is framed with.

mod shape;
mod tokens;

use crate::span::Span;

pub use shape::Shape;
pub use tokens::Tokens;

/// What the model's second input holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenTypes {
    /// Zeros, as for any model that knows one sentence at a time.
    Zero,
    /// Word shapes ([`Shape`]).
    Shapes,
}

/// The special tokens before and after a row, as (id, type).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edges {
    /// Before the window's tokens: `[CLS]`, `<s>`.
    pub before: Vec<(u32, u8)>,
    /// After them: `[SEP]`, `</s>`.
    pub after: Vec<(u32, u8)>,
}

/// Text → word pieces, by a model folder's own tokenizer.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    types: TokenTypes,
    edges: Edges,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub fn from_json(json: &[u8], types: TokenTypes) -> Result<Self, String> {
        let inner = tokenizers::Tokenizer::from_bytes(json)
            .map_err(|error| format!("tokenizer.json cannot be read: {error}"))?;
        Self::new(inner, types)
    }

    /// Reads a `vocab.txt` of BERT word pieces, one a line.
    ///
    /// # Errors
    /// A sentence saying which special token the vocabulary lacks.
    pub fn from_vocabulary(
        vocabulary: &str,
        lower_case: bool,
        types: TokenTypes,
    ) -> Result<Self, String> {
        let tokens: Vec<&str> = vocabulary.lines().map(str::trim_end).collect();
        let id = |token: &str| {
            let found = tokens.iter().position(|known| *known == token);
            found.ok_or_else(|| {
                format!("vocab.txt has no {token}; expected BERT word pieces, one a line")
            })
        };
        let (class, separator) = (id("[CLS]")?, id("[SEP]")?);
        id("[UNK]")?;
        let vocab: serde_json::Map<String, serde_json::Value> = (0_u32..)
            .zip(&tokens)
            .map(|(id, token)| ((*token).to_owned(), id.into()))
            .collect();
        let json = serde_json::json!({
            "version": "1.0",
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100, "vocab": vocab},
            "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                           "strip_accents": null, "lowercase": lower_case},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", separator], "cls": ["[CLS]", class]},
        });
        Self::from_json(json.to_string().as_bytes(), types)
    }

    fn new(mut inner: tokenizers::Tokenizer, types: TokenTypes) -> Result<Self, String> {
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|error| format!("tokenizer: {error}"))?;
        let edges = edges(&inner, types)?;
        Ok(Self {
            inner,
            types,
            edges,
        })
    }

    /// The special tokens a row is framed with.
    #[must_use]
    pub fn edges(&self) -> &Edges {
        &self.edges
    }

    /// Number of ids, added ones included.
    #[must_use]
    pub fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// Makes the tokens of the sentences, in order. Bytes of `text` outside them are not read.
    ///
    /// # Errors
    /// A sentence naming the byte where the tokenizer failed.
    pub fn tokens(&self, text: &str, sentences: &[Span]) -> Result<Tokens, String> {
        let mut tokens = Tokens::default();
        for &sentence in sentences {
            self.push(text, sentence, &mut tokens).map_err(|error| {
                format!(
                    "tokenizer failed on the sentence at byte {}: {error}",
                    sentence.start
                )
            })?;
        }
        Ok(tokens)
    }

    fn push(&self, text: &str, sentence: Span, tokens: &mut Tokens) -> Result<(), String> {
        let mut opens_sentence = true;
        let mut rest = sentence;
        while !rest.is_empty() {
            let (piece, left) = cut(text, rest);
            let before = tokens.len();
            self.push_piece(text, piece, opens_sentence, tokens)?;
            opens_sentence &= tokens.len() == before;
            rest = left;
        }
        Ok(())
    }

    fn push_piece(
        &self,
        text: &str,
        sentence: Span,
        mut opens_sentence: bool,
        tokens: &mut Tokens,
    ) -> Result<(), String> {
        let slice = sentence.of(text);
        let encoding = self
            .inner
            .encode(slice, false)
            .map_err(|error| error.to_string())?;
        let words = encoding.get_word_ids();
        let spans = encoding.get_offsets();
        let mut at = 0;
        while at < spans.len() {
            let end = (at + 1..spans.len())
                .find(|&next| words[next].is_none() || words[next] != words[at])
                .unwrap_or(spans.len());
            let word = slice.get(spans[at].0..spans[end - 1].1).unwrap_or_default();
            let kind = match self.types {
                TokenTypes::Zero => 0,
                TokenTypes::Shapes => Shape::of(word) as u8,
            };
            let pieces = spans[at..end].iter().zip(&encoding.get_ids()[at..end]);
            for (nth, (&offsets, &id)) in pieces.enumerate() {
                let (from, to) = on_borders(slice, offsets);
                let span = Span::new(from, to).shifted(sentence.start);
                tokens.push(id, kind, span, nth == 0, opens_sentence);
                opens_sentence = false;
            }
            at = end;
        }
        Ok(())
    }
}

/// Longest piece of a sentence that the tokenizer gets at once, in bytes. On its way it takes several hundred bytes for each
/// of them, and no sentence that a person wrote is so long.
const MAX_PIECE_BYTES: usize = 16 << 10;

/// Longest word that is never cut, in bytes.
const MAX_WORD_BYTES: usize = 512 << 10;

/// Cuts off what is tokenized at once: at a blank where there is one, so that words stay whole.
fn cut(text: &str, sentence: Span) -> (Span, Span) {
    let slice = sentence.of(text);
    if slice.len() <= MAX_PIECE_BYTES {
        return (sentence, Span::new(sentence.end, sentence.end));
    }
    let most = slice.floor_char_boundary(MAX_PIECE_BYTES);
    let at = match slice[..most].rfind(char::is_whitespace) {
        Some(blank) if blank > 0 => blank,
        _ => {
            // A word without end is one word still, up to a length.
            let longest = slice.floor_char_boundary(MAX_WORD_BYTES.min(slice.len()));
            let end = slice[most..longest].find(|char: char| !char.is_alphanumeric());
            end.map_or(longest, |end| most + end)
        }
    };
    let at = sentence.start + at;
    (Span::new(sentence.start, at), Span::new(at, sentence.end))
}

/// A piece's offsets, widened to the characters they touch (byte-level pieces may split one).
fn on_borders(text: &str, (from, to): (usize, usize)) -> (usize, usize) {
    let from = text.floor_char_boundary(from);
    let to = text.ceil_char_boundary(to.max(from));
    let blank = text[from..to].len() - text[from..to].trim_start().len();
    if blank < to - from {
        (from + blank, to)
    } else {
        (from, to)
    }
}

/// What the tokenizer's own template puts around a text.
fn edges(inner: &tokenizers::Tokenizer, types: TokenTypes) -> Result<Edges, String> {
    let encode = |special| {
        inner
            .encode("a", special)
            .map_err(|error| format!("tokenizer: {error}"))
    };
    let (bare, framed) = (encode(false)?, encode(true)?);
    let kind = match types {
        TokenTypes::Zero => 0,
        TokenTypes::Shapes => Shape::Punctuation as u8,
    };
    let (bare, framed) = (bare.get_ids(), framed.get_ids());
    let at =
        (0..=framed.len().saturating_sub(bare.len())).find(|&at| framed[at..].starts_with(bare));
    let at = at.ok_or("tokenizer: its template changes the text's own tokens")?;
    let special = |ids: &[u32]| ids.iter().map(|&id| (id, kind)).collect();
    Ok(Edges {
        before: special(&framed[..at]),
        after: special(&framed[at + bare.len()..]),
    })
}

#[cfg(test)]
mod tests;
