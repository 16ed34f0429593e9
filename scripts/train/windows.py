"""Documents → windows of pieces: random ones to learn from, overlapping ones to judge by."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from corpora import Document, Sentence
from labels import TARGET_ID
from shapes import PUNCTUATION, Encoder

WINDOW = 128
"""Pieces of a window, [CLS] and [SEP] included."""

ROOM = WINDOW - 2
CONTEXT = 24
"""Pieces on each side of an overlapping window that only serve as context."""

IGNORED = -1


@dataclass(frozen=True)
class Window:
    """Ids, shapes and targets (`TARGET_ID`, or `IGNORED`) of equal length, [CLS] and [SEP] included."""

    ids: np.ndarray
    shapes: np.ndarray
    targets: np.ndarray


def window(encoder: Encoder, tokens: list[str], labels: list[str]) -> Window:
    """Encodes tokens into one window, cut to fit; every piece of an entity carries its class."""
    ids, shapes, targets = [encoder.cls], [PUNCTUATION], [IGNORED]
    for token, label in zip(tokens, labels, strict=True):
        pieces = encoder(token)
        rest = "I-" + label[2:] if label.startswith("B-") else label
        ids += pieces.ids
        shapes += pieces.shapes
        targets += [TARGET_ID[label], *[TARGET_ID[rest]] * (len(pieces.ids) - 1)][: len(pieces.ids)]
    del ids[WINDOW - 1 :], shapes[WINDOW - 1 :], targets[WINDOW - 1 :]
    return Window(
        np.array([*ids, encoder.sep], np.int32),
        np.array([*shapes, PUNCTUATION], np.int8),
        np.array([*targets, IGNORED], np.int8),
    )


def cuts(encoder: Encoder, document: Document, rng: random.Random) -> Iterator[list[Sentence]]:
    """Cuts a document into runs of sentences that fit a window, most of them full, some short.

    A sentence that does not fit is either cut, its rest opening the next run, or begins the next
    run whole: a window of an article may start and end anywhere.
    """
    run: list[Sentence] = []
    room = _room(rng)
    for sentence in document:
        tokens, labels = sentence.tokens, sentence.labels
        while tokens:
            n_tokens = _fitting(encoder, tokens, room)
            if n_tokens < len(tokens) and run and rng.random() < 0.5:
                yield run
                run, room = [], _room(rng)
                continue
            n_tokens = max(n_tokens, 0 if run else 1)
            if n_tokens:
                run.append(Sentence(tokens[:n_tokens], labels[:n_tokens]))
                room -= sum(len(encoder(token).ids) for token in tokens[:n_tokens])
            tokens, labels = tokens[n_tokens:], labels[n_tokens:]
            if tokens:
                yield run
                run, room = [], _room(rng)
    if run:
        yield run


def _room(rng: random.Random) -> int:
    return ROOM if rng.random() < 0.75 else rng.randint(8, ROOM)


def _fitting(encoder: Encoder, tokens: tuple[str, ...], room: int) -> int:
    for index, token in enumerate(tokens):
        room -= len(encoder(token).ids)
        if room < 0:
            return index
    return len(tokens)


@dataclass(frozen=True)
class Judged:
    """A window of a document of which the pieces `owned` (in the document) are judged."""

    ids: np.ndarray
    shapes: np.ndarray
    start: int
    owned: range


@dataclass(frozen=True)
class Flat:
    """A document as windows, with the first piece of each token (or `IGNORED` where it has none)."""

    windows: list[Judged]
    firsts: list[int]
    n_pieces: int


def flat(encoder: Encoder, document: Document) -> Flat:
    """Lays a document out in overlapping windows whose owned ranges cover its pieces exactly once."""
    ids: list[int] = []
    shapes: list[int] = []
    firsts: list[int] = []
    for sentence in document:
        for token in sentence.tokens:
            pieces = encoder(token)
            firsts.append(len(ids) if pieces.ids else IGNORED)
            ids += pieces.ids
            shapes += pieces.shapes
    windows = []
    owned = 0
    while owned < len(ids):
        start = max(0, min(owned - CONTEXT, len(ids) - ROOM))
        end = min(start + ROOM, len(ids))
        stop = end if end == len(ids) else end - CONTEXT
        windows.append(
            Judged(
                np.array([encoder.cls, *ids[start:end], encoder.sep], np.int32),
                np.array([PUNCTUATION, *shapes[start:end], PUNCTUATION], np.int8),
                start,
                range(owned, stop),
            )
        )
        owned = stop
    return Flat(windows, firsts, len(ids))
