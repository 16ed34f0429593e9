"""Exercises the whole path on the tiny slice, in seconds: `python scripts/train/check.py`.

Trains straight through, and again stopped half way and resumed; both must export the same weights,
which must have learned something. Also holds span scoring and word shapes to known answers.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from augment import written
from evaluate import dev_set, f1, likeliest, load
from labels import LABEL_ID, LABELS
from model import Shape, Tagger, loss
from score import interval, spans, tally
from shapes import Encoder, shape
from tiny import TINY
from windows import ROOM, flat

HERE = Path(__file__).parent
STEPS = 120


def train(work: Path, *more: str) -> int:
    """Runs the entry command on the tiny slice and gives its exit status."""
    command = [sys.executable, str(HERE / "train.py"), "--tiny", "--out", str(work / "out"), "--work", str(work)]
    command += ["--steps", str(STEPS), "--lr", "0.01", "--batch", "4", "--written", "20", "--threads", "1"]
    command += ["--evaluate-every", "10000", *more]
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode not in (0, 3):
        print(ended.stdout)
    return ended.returncode


def shapes_are_known() -> None:
    words = {"oil": 0, "Oil": 1, "OFAC": 2, "GmbH": 3, "eBay": 3, "J": 4, "G7": 5, "-": 6, "€": 6, "王": 0, "É": 4}
    for word, known in words.items():
        assert shape(word) == known, (word, shape(word), known)


def spans_are_strict() -> None:
    labels = ["B-PER", "I-PER", "I-ORG", "O", "I-LOC", "B-LOC", "B-MISC"]
    found = spans(labels, ("PER", "ORG", "LOC"))
    assert found == {("PER", 0, 2), ("ORG", 2, 3), ("LOC", 4, 5), ("LOC", 5, 6)}, found
    one = tally(found, {("PER", 0, 2), ("ORG", 2, 4)})
    assert (one.right, one.predicted, one.gold) == (1, 4, 2)
    low, high = interval([one, tally({("PER", 0, 1)}, {("PER", 0, 1)})])
    assert 0.0 < low < high <= 1.0, (low, high)


def decoding_keeps_to_iob2() -> None:
    scores = np.full((3, len(LABELS)), -9.0)
    scores[0, LABEL_ID["O"]], scores[0, LABEL_ID["B-ORG"]] = 1.0, 0.5
    scores[1, LABEL_ID["I-ORG"]] = scores[2, LABEL_ID["I-ORG"]] = 2.0
    assert likeliest(scores) == ["B-ORG", "I-ORG", "I-ORG"]
    assert likeliest(scores[1:]) != ["I-ORG", "I-ORG"]


def open_o_allows_misc() -> None:
    certain = torch.full((1, 9), -20.0)
    certain[0, 7] = 20.0
    allowed = torch.zeros(1, 9, dtype=torch.bool)
    allowed[0, [0, 7, 8]] = True
    assert loss(certain, allowed) < 1e-6
    allowed[0, [7, 8]] = False
    assert loss(certain, allowed) > 10.0


def padding_changes_nothing() -> None:
    torch.manual_seed(0)
    tagger = Tagger(Shape(50, 32, 2, 2, 64, 128)).eval()
    ids, types = torch.randint(50, (2, 20)), torch.randint(7, (2, 20))
    together = tagger(ids, types, torch.tensor([20, 11]))
    alone = tagger(ids[1:, :11], types[1:, :11], torch.tensor([11]))
    assert torch.allclose(together[1:, :11], alone, atol=1e-5)


def owned_pieces_are_covered_once(encoder: Encoder) -> None:
    for document in written(200, random.Random(0)):
        laid = flat(encoder, document * 7)
        owned = [piece for window in laid.windows for piece in window.owned]
        assert owned == list(range(laid.n_pieces))
        assert all(len(window.ids) <= ROOM + 2 for window in laid.windows)


def main() -> None:
    shapes_are_known()
    spans_are_strict()
    decoding_keeps_to_iob2()
    open_o_allows_misc()
    padding_changes_nothing()
    with tempfile.TemporaryDirectory() as folder:
        straight, killed = Path(folder, "straight"), Path(folder, "killed")
        assert train(straight) == 0
        assert train(killed, "--stop-after", str(STEPS // 2 + 1)) == 3
        assert train(killed, "--resume") == 0
        weights = [(work / "out" / "model.safetensors").read_bytes() for work in (straight, killed)]
        assert weights[0] == weights[1], "a resumed run must end in the same weights"
        encoder = Encoder(straight / "out" / "tokenizer.json")
        owned_pieces_are_covered_once(encoder)
        found = f1(load(straight / "out"), dev_set(TINY, "conll2003", encoder))
        assert found > 0.3, found
    print("train: ok")


if __name__ == "__main__":
    main()
