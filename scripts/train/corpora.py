"""Reads corpora: one token and its IOB2 label a line, a blank line between sentences, `# doc` between documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labels import Corpus, mapped


@dataclass(frozen=True)
class Sentence:
    """Tokens as the corpus spells them, and one label a token."""

    tokens: tuple[str, ...]
    labels: tuple[str, ...]


Document = list[Sentence]


def read(path: Path, corpus: Corpus) -> list[Document]:
    """Reads a file's documents in order; one without `# doc` lines is a single document."""
    documents: list[Document] = [[]]
    rows: list[tuple[str, str]] = []

    def close() -> None:
        if rows:
            tokens, labels = zip(*rows, strict=True)
            documents[-1].append(Sentence(tokens, labels))
            rows.clear()

    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        token, tab, label = line.rstrip("\r").partition("\t")
        if tab:
            try:
                rows.append((token, mapped(label, corpus)))
            except KeyError:
                raise ValueError(f"{path}:{number}: unknown label {label!r}") from None
        elif token.startswith("# doc"):
            close()
            documents.append([])
        elif not token.strip():
            close()
        else:
            raise ValueError(f"{path}:{number}: expected a token, a tab and a label")
    close()
    return [document for document in documents if document]
