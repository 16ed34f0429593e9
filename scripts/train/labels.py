"""The label set of the model, and how each corpus's own labels map onto it."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = ("PER", "ORG", "LOC", "MISC")
LABELS = ("O",) + tuple(f"{prefix}-{name}" for name in CLASSES for prefix in "BI")
LABEL_ID = {label: index for index, label in enumerate(LABELS)}

OPEN = "?"
"""A label of training data only: nothing here, or something of class MISC."""

TARGETS: tuple[frozenset[int], ...] = tuple(frozenset([index]) for index in range(len(LABELS))) + (
    frozenset([LABEL_ID["O"], LABEL_ID["B-MISC"], LABEL_ID["I-MISC"]]),
)
"""The labels each target allows; the last one is that of `OPEN`."""

TARGET_ID = {**LABEL_ID, OPEN: len(LABELS)}


@dataclass(frozen=True)
class Corpus:
    """How a corpus enters: its share of an epoch, what its classes mean, and what its O means."""

    share: float
    classes: dict[str, str]
    open_o: bool = False


SAME = {name: name for name in CLASSES}

CORPORA: dict[str, Corpus] = {
    "conll2003": Corpus(1.5, SAME),
    "en_worldwide": Corpus(1.0, SAME),
    "finer_ord": Corpus(2.0, SAME, open_o=True),
    "wikineural_en": Corpus(0.5, SAME),
    "wikigold": Corpus(1.0, SAME),
    "crossner_politics": Corpus(
        1.0,
        {
            "politician": "PER",
            "person": "PER",
            "politicalparty": "ORG",
            "organisation": "ORG",
            "country": "LOC",
            "location": "LOC",
            "election": "MISC",
            "event": "MISC",
            "misc": "MISC",
        },
    ),
    "btc": Corpus(0.3, SAME, open_o=True),
    "wnut17": Corpus(
        0.3,
        {
            "person": "PER",
            "location": "LOC",
            "corporation": "ORG",
            "group": "ORG",
            "product": "MISC",
            "creative-work": "MISC",
        },
        open_o=True,
    ),
}


def may_follow(before: str, label: str) -> bool:
    """Whether IOB2 allows `label` after `before`; a sentence begins as after `O`."""
    return not label.startswith("I-") or before[2:] == label[2:]


def mapped(label: str, corpus: Corpus) -> str:
    """Gives a corpus's IOB2 label in the model's set, or `OPEN`."""
    if label == "O":
        return OPEN if corpus.open_o else "O"
    prefix, _, name = label.partition("-")
    return f"{prefix}-{corpus.classes[name]}"
