"""Scores a tagger on dev sets: `python evaluate.py --model models/sanctag-en --data DIR`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from corpora import Document, read
from labels import CLASSES, CORPORA, LABEL_ID, LABELS, SAME, Corpus, may_follow
from model import Shape, Tagger
from score import Tally, interval, spans, tally
from shapes import Encoder
from windows import Flat, Judged, Window, flat

DEV_SETS = ("conll2003", "en_worldwide", "finer_ord")

NO_MISC = ("PER", "ORG", "LOC")


@dataclass(frozen=True)
class DevSet:
    """A corpus to judge by, laid out once; `classes` are those it marks."""

    name: str
    documents: list[Document]
    flats: list[Flat]
    classes: tuple[str, ...]


def dev_set(data: Path, name: str, encoder: Encoder) -> DevSet:
    """Reads `DATA/NAME/dev.tsv`; a set without documents is judged by the sentence."""
    corpus = CORPORA.get(name, Corpus(0.0, SAME, open_o=True))
    documents = read(data / name / "dev.tsv", corpus)
    if len(documents) == 1:
        documents = [[sentence] for sentence in documents[0]]
    return DevSet(name, documents, [flat(encoder, one) for one in documents], NO_MISC if corpus.open_o else CLASSES)


def padded(windows: Sequence[Judged | Window]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids and shapes of some windows as `[rows, longest]`, with the rows' lengths."""
    lengths = [len(window.ids) for window in windows]
    ids = np.zeros((len(windows), max(lengths)), np.int64)
    shapes = np.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : lengths[row]] = window.ids
        shapes[row, : lengths[row]] = window.shapes
    return torch.from_numpy(ids), torch.from_numpy(shapes), torch.tensor(lengths)


STEPS = np.array([[0.0 if may_follow(before, label) else -np.inf for label in LABELS] for before in LABELS])
"""`[before, label]`: what a step between two labels costs."""


def likeliest(scores: np.ndarray) -> list[str]:
    """The likeliest labels of a sentence that IOB2 allows (Viterbi), from `[tokens, labels]` scores."""
    best = scores[0] + STEPS[LABEL_ID["O"]]
    back = np.zeros(scores.shape, np.int8)
    for index, row in enumerate(scores[1:], 1):
        reached = best[:, None] + STEPS
        back[index] = reached.argmax(axis=0)
        best = reached.max(axis=0) + row
    path = [int(best.argmax())]
    for row in back[:0:-1]:
        path.append(int(row[path[-1]]))
    return [LABELS[label] for label in reversed(path)]


@torch.inference_mode()
def predicted(tagger: Tagger, dev: DevSet, batch: int = 32) -> list[list[str]]:
    """One label a token of each document, decided sentence by sentence from the tokens' first pieces."""
    tagger.eval()
    scores = [np.zeros((one.n_pieces, len(LABELS)), np.float32) for one in dev.flats]
    order = [(index, window) for index, one in enumerate(dev.flats) for window in one.windows]
    order.sort(key=lambda entry: len(entry[1].ids))
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        ids, shapes, lengths = padded([window for _, window in part])
        found = tagger(ids, shapes, lengths).numpy()
        for row, (index, window) in enumerate(part):
            owned = window.owned
            offset = 1 - window.start
            scores[index][owned.start : owned.stop] = found[row, owned.start + offset : owned.stop + offset]
    nothing = np.where(np.arange(len(LABELS)) == LABEL_ID["O"], 0.0, -np.inf)
    labels: list[list[str]] = []
    for document, one, pieces in zip(dev.documents, dev.flats, scores, strict=True):
        tokens = np.array([nothing if first < 0 else pieces[first] for first in one.firsts])
        ends = np.cumsum([len(sentence.labels) for sentence in document])
        labels.append([label for part in np.split(tokens, ends[:-1]) for label in likeliest(part)])
    return labels


def tallies(tagger: Tagger, dev: DevSet) -> list[dict[str, Tally]]:
    """Counts by class for each document."""
    found = []
    for document, labels in zip(dev.documents, predicted(tagger, dev), strict=True):
        counts = {name: Tally() for name in dev.classes}
        start = 0
        for sentence in document:
            stop = start + len(sentence.labels)
            right = spans(["O" if label == "?" else label for label in sentence.labels], dev.classes)
            guess = spans(labels[start:stop], dev.classes)
            for name in dev.classes:
                counts[name] += tally(
                    {one for one in guess if one[0] == name}, {one for one in right if one[0] == name}
                )
            start = stop
        found.append(counts)
    return found


def f1(tagger: Tagger, dev: DevSet) -> float:
    return sum((sum(counts.values(), Tally()) for counts in tallies(tagger, dev)), Tally()).f1


def report(tagger: Tagger, dev: DevSet) -> str:
    """One line for all classes, with the interval, and one for each class."""
    counts = tallies(tagger, dev)
    totals = [sum(one.values(), Tally()) for one in counts]
    total = sum(totals, Tally())
    low, high = interval(totals)
    lines = [
        f"{dev.name}: F1 {100 * total.f1:.2f} [{100 * low:.2f}, {100 * high:.2f}] "
        f"P {100 * total.precision:.2f} R {100 * total.recall:.2f}, "
        f"{total.gold} spans, {len(totals)} documents"
    ]
    for name in dev.classes:
        one = sum((part[name] for part in counts), Tally())
        figures = f"F1 {100 * one.f1:.2f} P {100 * one.precision:.2f} R {100 * one.recall:.2f}"
        lines.append(f"  {name:4} {figures}, {one.gold} spans")
    return "\n".join(lines)


def load(folder: Path, compute: torch.dtype = torch.float32) -> Tagger:
    """Loads an exported model."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    labels = [config["id2label"][str(index)] for index in range(len(config["id2label"]))]
    if labels != list(LABELS):
        raise ValueError(f"{folder / 'config.json'}: labels are {labels}")
    fields = {name: config[name] for name in Shape.__dataclass_fields__ if name in config}
    tagger = Tagger(Shape(**fields), compute=compute)
    weights = load_file(str(folder / "model.safetensors"))
    tagger.load_state_dict({name: tensor.float() for name, tensor in weights.items() if name in tagger.state_dict()})
    return tagger.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of config, tokenizer and weights")
    parser.add_argument("--data", type=Path, required=True, help="folder with NAME/dev.tsv")
    parser.add_argument("--sets", nargs="+", default=list(DEV_SETS))
    args = parser.parse_args()
    encoder = Encoder(args.model / "tokenizer.json")
    tagger = load(args.model)
    for name in args.sets:
        print(report(tagger, dev_set(args.data, name, encoder)), flush=True)


if __name__ == "__main__":
    main()
