"""Text → pieces, each with the shape of its word: the input form of the model.

A word here is a BERT pre-token: a run between white space and punctuation, or one punctuation mark
or CJK character. Its shape is taken from the original spelling, since the base lower-cases, and
goes in as `token_type_ids`. The Rust side computes the same; `tests/fixtures/word_shapes.jsonl`
holds both to one definition.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

LOWER, TITLE, UPPER, MIXED, CAPITAL, DIGITS, PUNCTUATION = range(7)
N_SHAPES = 8
"""Rows of the embedding; row 7 is spare."""


def shape(word: str) -> int:
    """Classifies a word by its original spelling.

    In this order: a character of Unicode category N makes it `DIGITS`; none of category L and none
    cased, `PUNCTUATION` (symbols too); no upper-case character, `LOWER`; a single cased character,
    `CAPITAL`; upper case throughout, `UPPER`; only its first cased character in upper case,
    `TITLE`; anything else, `MIXED`. Upper and lower case are Unicode's derived properties.
    """
    categories = [unicodedata.category(char)[0] for char in word]
    if "N" in categories:
        return DIGITS
    cased = [char.isupper() for char in word if char.isupper() or char.islower()]
    if "L" not in categories and not cased:
        return PUNCTUATION
    n_upper = sum(cased)
    if n_upper == 0:
        return LOWER
    if n_upper == len(cased):
        return CAPITAL if n_upper == 1 else UPPER
    return TITLE if cased[0] and n_upper == 1 else MIXED


@dataclass(frozen=True)
class Pieces:
    """Ids, shapes and code-point spans of a text's pieces, without [CLS] and [SEP]."""

    ids: tuple[int, ...]
    shapes: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


class Encoder:
    """A tokenizer without truncation or padding, remembering what it has encoded."""

    def __init__(self, tokenizer: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.cls = self.tokenizer.token_to_id("[CLS]")
        self.sep = self.tokenizer.token_to_id("[SEP]")
        self.seen: dict[str, Pieces] = {}

    def __call__(self, text: str) -> Pieces:
        """Encodes a text: a token of a corpus or a whole sentence."""
        found = self.seen.get(text)
        if found is None:
            found = self.seen[text] = self._encode(text)
        return found

    def _encode(self, text: str) -> Pieces:
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        words: dict[int | None, tuple[int, int]] = {}
        for word, (start, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
            first = words.get(word, (start, end))[0]
            words[word] = (first, end)
        shapes = {word: shape(text[start:end]) for word, (start, end) in words.items()}
        return Pieces(
            tuple(encoding.ids),
            tuple(shapes[word] for word in encoding.word_ids),
            tuple((start, end) for start, end in encoding.offsets),
        )
