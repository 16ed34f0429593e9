"""Trains the second head of a tagger, which the decision on ties reads, and writes it into the tagger's folder.

    python scripts/train/train_ties.py --model models/sanctag-en --articles data/ties [--news DIR...] [--steps N]

The tagger's own weights stay as they are, so names are found as before (with `--tune` the encoder learns too, held to what it said of names). Its states of every article are made once, in a few
cuts into windows with some pieces hidden, and with sentences of ordinary news put between its own; the head then learns from them in minutes on one core. Articles of the split
`held` are never learned from; their scores at equal odds are printed. `decide.py` fits the decision afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from corpora import read
from evaluate import load, padded
from labels import CORPORA, LABELS
from model import Shape, Tagger, TiesHead
from shapes import Encoder
from ties import (
    COLUMNS,
    N_TIES,
    ROLES,
    TRIGGER_AT,
    Article,
    article_loss,
    interleaved,
    log_none,
    mention_scores,
    padded_rows,
    read_news,
    read_ties,
)
from train import epoch_batches
from windows import Window

KEPT = 0.99
"""Share the averaged weights keep at every step."""

ROWS = 16
"""Windows a step."""

EVERY = 250
"""Steps between two lines of progress."""


@dataclass
class View:
    """One cut of an article into windows, `[rows, length]`, and where its pieces are."""

    article: Article
    ids: Tensor
    shapes: Tensor
    lengths: Tensor
    places: tuple[Tensor, Tensor]
    states: Tensor | None = None
    """What a tagger that stays as it is says of them, `[layers + 1, rows, length, hidden]`."""


def views(
    tagger: Tagger, encoder: Encoder, article: Article, n: int, news: list[Article], rng: random.Random, kept: bool
) -> list[View]:
    """`n` cuts of an article, the first as it is, some of the others with ordinary news in between; `kept` with states."""
    found = []
    for number in range(n):
        cut = article
        if number and news and rng.random() < 0.6:
            for _ in range(rng.randint(1, 2)):
                cut = interleaved(cut, rng.choice(news), rng)
        view = View(cut, *padded_rows(cut, encoder, rng if number else None))
        if kept:
            view.states = torch.stack(tagger.states(view.ids, view.shapes, view.lengths)).to(torch.bfloat16)
        found.append(view)
    return found


def names_in(tagger: Tagger, encoder: Encoder, article: Article) -> list[list[int]]:
    """Pieces of each name that the tagger finds: runs of one class."""
    ids, shapes, lengths, places = padded_rows(article, encoder, None)
    best = tagger(ids, shapes, lengths)[places].argmax(-1).tolist()
    found: list[list[int]] = []
    for piece, label in enumerate(LABELS[at] for at in best):
        if label == "O":
            continue
        goes_on = found and found[-1][-1] == piece - 1 and not label.startswith("B-")
        if goes_on:
            found[-1].append(piece)
        else:
            found.append([piece])
    return found


def together(views: list[View]) -> tuple[Tensor, Tensor, Tensor]:
    """The windows of some views as one batch: ids, shapes and lengths."""
    longest = max(view.ids.shape[1] for view in views)
    grown = lambda name: torch.cat([F.pad(getattr(view, name), (0, longest - view.ids.shape[1])) for view in views])
    return grown("ids"), grown("shapes"), torch.cat([view.lengths for view in views])


def kept_states(views: list[View]) -> Tensor:
    longest = max(view.ids.shape[1] for view in views)
    return torch.cat([F.pad(view.states, (0, 0, 0, longest - view.ids.shape[1])) for view in views], 1)


def batch_loss(head: TiesHead, batch: list[View], states: Tensor, compute: torch.dtype) -> Tensor:
    scores = head(states, torch.cat([view.lengths for view in batch]), compute).float()
    losses, first = [], 0
    for view in batch:
        at_row, at_place = view.places
        losses.append(article_loss(scores[first + at_row, at_place], view.article))
        first += len(view.lengths)
    return torch.stack(losses).mean()


def strayed(scores: Tensor, wanted: Tensor, lengths: Tensor) -> Tensor:
    """Mean over real pieces of the divergence of the labels' probabilities from those wanted."""
    real = torch.arange(scores.shape[1])[None, :] < lengths[:, None]
    found, wanted = torch.log_softmax(scores[real], -1), torch.log_softmax(wanted[real], -1)
    return F.kl_div(found, wanted, reduction="batchmean", log_target=True)


class Kept:
    """Holds a tagger whose encoder learns to what it said of names before: on the articles, and on labelled text."""

    def __init__(self, folder: Path, data: Path, encoder: Encoder, compute: torch.dtype, seed: int) -> None:
        self.before = load(folder, compute)
        self.corpora = {
            name: read(data / name / "train.tsv", CORPORA[name]) for name in CORPORA if (data / name / "train.tsv").is_file()
        }
        self.encoder, self.seed, self.epoch = encoder, seed, 0
        self.batches: list[list[Window]] = []

    def loss(self, tagger: Tagger, ids: Tensor, shapes: Tensor, lengths: Tensor, states: list[Tensor]) -> Tensor:
        with torch.no_grad():
            wanted = self.before(ids, shapes, lengths)
        found = strayed(tagger.classifier(states[-1]), wanted, lengths)
        if not self.batches:
            self.batches = epoch_batches(self.corpora, self.encoder, self.seed, self.epoch, ROWS, 1500)
            self.epoch += 1
        window = padded(self.batches.pop())
        with torch.no_grad():
            wanted = self.before(*window)
        return found + strayed(tagger(*window), wanted, window[2])


@torch.inference_mode()
def judged(tagger: Tagger, head: TiesHead, articles: list[View]) -> str:
    """F1 of each role, of being tied at all, and of sides by status, at even odds and with gold names."""
    counts: dict[str, list[int]] = {}
    for view in articles:
        states = view.states
        if states is None:
            states = torch.stack(tagger.states(view.ids, view.shapes, view.lengths))
        scores = head(states, view.lengths, torch.float32)[view.places]
        pairs = []
        for number, entity in enumerate(view.article.entities):
            truth = {column for column in range(TRIGGER_AT) if entity.truth[column]}
            found = set()
            if entity.mentions:
                none = log_none(mention_scores(scores, entity))
                found = {column for column in range(TRIGGER_AT) if none[column] < -0.6931}
            pairs.append((number, truth, found))
        for name, kept in [*((role, {at}) for at, role in enumerate(ROLES)), ("sides", set(range(len(ROLES), TRIGGER_AT)))]:
            tally = counts.setdefault(name, [0, 0, 0])
            for _, truth, found in pairs:
                tally[0] += len(truth & found & kept)
                tally[1] += len((found - truth) & kept)
                tally[2] += len((truth - found) & kept)
    return ", ".join(f"{name} {200 * c[0] / max(1, 2 * c[0] + c[1] + c[2]):.1f}" for name, c in counts.items())


def head_start(name: str, weights: dict[str, Tensor]) -> Tensor:
    found = weights[f"ties.{name}"].float()
    return found.clamp(min=1e-6).log() if name == "mix" else found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--news", type=Path, nargs="*", default=[], help="folders of plain text: ordinary news, to learn what is no tie")
    parser.add_argument("--plain", type=int, default=250, help="how many articles of --news to learn from")
    parser.add_argument("--out", type=Path, help="where config.json and model.safetensors go; the model's folder without it")
    parser.add_argument("--tune", type=float, help="let the encoder learn too, at this rate, held to what it says of names")
    parser.add_argument("--data", type=Path, help="with --tune, the folder of labelled corpora to hold it to, as of train.py")
    parser.add_argument("--keep", type=float, default=10.0, help="with --tune, weight of what the names' labels stray")
    parser.add_argument("--start", type=Path, help="a folder whose head to start from")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--dropout", type=float, default=0.15)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--views", type=int, default=4, help="cuts of each article to learn from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    compute = torch.bfloat16
    encoder = Encoder(args.model / "tokenizer.json")
    tagger = load(args.model, compute)
    narrow = Shape(
        hidden_size=args.width,
        num_hidden_layers=args.layers,
        num_attention_heads=args.width // 32,
        intermediate_size=4 * args.width,
    )
    head = TiesHead(tagger.shape, narrow, N_TIES, args.dropout)
    if args.start:
        start = load_file(args.start / "model.safetensors")
        head.load_state_dict({name: head_start(name, start) for name in head.state_dict()})
    articles = read_ties(args.articles, encoder)
    with torch.no_grad():
        paths = sorted(path for folder in args.news for path in folder.rglob("*.txt"))
        rng.shuffle(paths)
        news = read_news(paths, args.plain, encoder, lambda article: names_in(tagger, encoder, article))
        kept = args.tune is None
        learned = [views(tagger, encoder, a, args.views, news, rng, kept) for a in articles if not a.held and len(a.ids)]
        n_tied = len(learned)
        learned += [views(tagger, encoder, a, 1, [], rng, kept) for a in news]
        held = [views(tagger, encoder, a, 1, [], rng, kept)[0] for a in articles if a.held and len(a.ids)]
    print(f"{n_tied} articles and {len(news)} of ordinary news to learn from, {len(held)} held out", flush=True)
    groups = [{"params": list(head.parameters()), "lr": args.lr}]
    learners: list[nn.Module] = [head]
    keeper = None
    if args.tune is not None:
        keeper = Kept(args.model, args.data, encoder, compute, args.seed)
        groups.append({"params": [p for p in tagger.bert.encoder.parameters()], "lr": args.tune})
        learners.append(tagger)
    rates = [group["lr"] for group in groups]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.05, fused=True)
    average = [{name: tensor.detach().clone() for name, tensor in one.state_dict().items()} for one in learners]
    order: list[list[View]] = []
    total, strays, printed = 0.0, 0.0, time.monotonic()
    for step in range(args.steps):
        if step % 100 == 0:
            head.dropout.refill()
        done = step / args.steps
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * min(done / 0.06, (1 - done) / 0.94)
        batch: list[View] = []
        while sum(len(view.lengths) for view in batch) < ROWS:
            if not order:
                order = rng.sample(learned, len(learned))
            batch.append(rng.choice(order.pop()))
        for one in learners:
            one.train()
        if keeper is None:
            loss = batch_loss(head, batch, kept_states(batch), compute)
        else:
            windows = together(batch)
            states = tagger.states(*windows)
            held_to = keeper.loss(tagger, *windows, states)
            strays += held_to.item()
            loss = batch_loss(head, batch, torch.stack(states), compute) + args.keep * held_to
        loss.backward()
        for group in groups:
            torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item()
        for one, mean in zip(learners, average, strict=True):
            for name, tensor in one.state_dict().items():
                mean[name].lerp_(tensor, 1.0 - min(KEPT, step / (step + 10)))
        if (step + 1) % EVERY == 0 or step + 1 == args.steps:
            for one in learners:
                one.eval()
            minutes = (time.monotonic() - printed) / 60
            print(
                f"step {step + 1} loss {total / EVERY:.3f} strayed {strays / EVERY:.4f} {minutes:.1f} min; "
                f"held: {judged(tagger, head, held)}",
                flush=True,
            )
            total = strays = 0.0
    for one, mean in zip(learners, average, strict=True):
        one.load_state_dict(mean)
        one.eval()
    print(f"averaged; held: {judged(tagger, head, held)}", flush=True)
    out = args.out or args.model
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.half().contiguous() for name, tensor in (tagger.state_dict() | head.exported()).items()}
    config = json.loads((args.model / "config.json").read_text(encoding="utf-8"))
    config["sanctag_ties"] = {
        "columns": list(COLUMNS),
        "hidden_size": narrow.hidden_size,
        "num_hidden_layers": narrow.num_hidden_layers,
        "num_attention_heads": narrow.num_attention_heads,
        "intermediate_size": narrow.intermediate_size,
        "decision": {},
    }
    (out / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "tokenizer.json").write_bytes((args.model / "tokenizer.json").read_bytes())
    save_file(weights, str(out / "model.safetensors"), metadata={"format": "pt"})


if __name__ == "__main__":
    main()
