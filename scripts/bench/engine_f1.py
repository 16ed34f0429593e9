#!/usr/bin/env python3
"""Scores the native engine's precisions on dev sets: what int8 costs in mention-level F1.

    scripts/bench/engine_f1.py MODEL DATA [SET...]     DATA holds SET/dev.tsv

Windows, labels and scores are those of scripts/train/evaluate.py; the logits come from
`cargo build --release --example engine_bench`.
"""
import argparse, pathlib, subprocess, sys, tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "train"))
from evaluate import DEV_SETS, dev_set, tallies
from score import Tally
from shapes import Encoder


class Recorded:
    """Stands in for the tagger: notes what it is asked, then answers from the engine's logits."""

    def __init__(self, n_labels):
        self.batches, self.logits, self.n_labels = [], None, n_labels

    def eval(self):
        self.at = 0

    def __call__(self, ids, shapes, lengths):
        out = np.zeros((*ids.shape, self.n_labels), np.float32)
        rows = list(zip(ids.tolist(), shapes.tolist(), lengths.tolist()))
        if self.logits is None:
            self.batches.append(rows)
            return torch.from_numpy(out)
        for row, (_, _, length) in enumerate(rows):
            out[row, :length] = self.logits[self.at : self.at + length]
            self.at += length
        return torch.from_numpy(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("sets", nargs="*", default=list(DEV_SETS))
    parser.add_argument("--binary", default="target/release/examples/engine_bench")
    options = parser.parse_args()
    encoder = Encoder(options.model / "tokenizer.json")
    for name in options.sets:
        dev = dev_set(options.data, name, encoder)
        recorded = Recorded(9)
        tallies(recorded, dev)
        with tempfile.TemporaryDirectory() as folder:
            rows = pathlib.Path(folder, "rows")
            with rows.open("w") as file:
                for batch in recorded.batches:
                    for ids, shapes, length in batch:
                        file.write(" ".join(f"{i}:{k}" for i, k in zip(ids[:length], shapes)) + "\n")
                    file.write("\n")
            scores = {}
            for precision in ("f32", "int8"):
                out = pathlib.Path(folder, precision)
                command = f"logits {precision} {out}\n"
                subprocess.run([options.binary, options.model, rows], input=command, text=True, check=True, stdout=subprocess.DEVNULL)
                values = np.fromfile(out, "<f4")
                # The ties head's columns follow the labels'.
                n_tokens = sum(length for batch in recorded.batches for *_, length in batch)
                recorded.logits = values.reshape(int(n_tokens), -1)[:, : recorded.n_labels]
                totals = (sum(one.values(), Tally()) for one in tallies(recorded, dev))
                scores[precision] = 100 * sum(totals, Tally()).f1
        print(f"{name}: F1 f32 {scores['f32']:.2f}, int8 {scores['int8']:.2f}, {scores['int8'] - scores['f32']:+.2f}")


if __name__ == "__main__":
    main()
