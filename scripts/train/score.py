"""Strict span scores with an interval: a span counts only where class, start and end all agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

Span = tuple[str, int, int]
"""Class, first token, token after the last."""


def spans(labels: Sequence[str], classes: Iterable[str]) -> set[Span]:
    """Reads the spans of some classes; a bare `I-`, or one of another class, begins a span."""
    found: set[Span] = set()
    start, name = 0, ""
    for index, label in enumerate([*labels, "O"]):
        prefix, _, here = label.partition("-")
        if name and not (prefix == "I" and here == name):
            found.add((name, start, index))
            name = ""
        if not name and prefix in ("B", "I"):
            start, name = index, here
    return {span for span in found if span[0] in classes}


@dataclass(frozen=True)
class Tally:
    """Counts of true positives, predictions and gold spans; tallies add."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        both = self.predicted + self.gold
        return 2 * self.right / both if both else 0.0


def tally(predicted: set[Span], gold: set[Span]) -> Tally:
    return Tally(len(predicted & gold), len(predicted), len(gold))


def interval(tallies: Sequence[Tally], n_draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of F1 over documents drawn with replacement."""
    counts = np.array([(one.right, one.predicted + one.gold) for one in tallies], float)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(counts), size=(n_draws, len(counts)))
    right, both = counts[drawn].sum(axis=1).T
    low, high = np.percentile(2 * right / np.maximum(both, 1), [2.5, 97.5])
    return float(low), float(high)
