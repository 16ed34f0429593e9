"""A slice of text written for this project and a random two-layer model, to exercise the path in seconds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from model import Shape

TINY = Path(__file__).with_name("tiny")


def tiny_tokenizer(texts: list[Path], out: Path) -> Shape:
    """Writes a lower-casing BERT tokenizer of the texts' characters and repeated words, and gives the shape for it.

    The vocabulary is listed here because the library's trainer gives another order at every run.
    """
    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    tokens = [line.partition("\t")[0] for path in texts for line in path.read_text(encoding="utf-8").splitlines()]
    words = Counter(word for token in tokens for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(token)))
    letters = sorted({letter for word in words for letter in word})
    repeated = sorted(word for word, count in words.items() if count > 1 and len(word) > 1)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *repeated]
    tokenizer = Tokenizer(models.WordPiece({piece: index for index, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.save(str(out))
    return Shape(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
