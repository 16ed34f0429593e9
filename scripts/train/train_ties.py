"""Trains the second head of a tagger, which the decision on ties reads, and writes it into the tagger's folder.

    python scripts/train/train_ties.py --model models/sanctag-en --articles data/ties [--news DIR...] [--steps N]

The tagger's own weights stay as they are, so names are found as before. Its states of every article are made once, in a few
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
from torch import Tensor
from torch.nn import functional as F

from evaluate import load
from labels import LABELS
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

KEPT = 0.99
"""Share the averaged weights keep at every step."""

ROWS = 16
"""Windows a step."""


@dataclass
class View:
    """A tagger's states of one cut of an article, `[layers + 1, rows, length, hidden]`, and where its pieces are."""

    article: Article
    states: Tensor
    lengths: Tensor
    places: tuple[Tensor, Tensor]


def views(
    tagger: Tagger, encoder: Encoder, article: Article, n: int, news: list[Article], rng: random.Random
) -> list[View]:
    """`n` cuts of an article, the first as it is, some of the others with ordinary news in between."""
    found = []
    for number in range(n):
        cut = article
        if number and news and rng.random() < 0.6:
            for _ in range(rng.randint(1, 2)):
                cut = interleaved(cut, rng.choice(news), rng)
        ids, shapes, lengths, places = padded_rows(cut, encoder, rng if number else None)
        states = torch.stack(tagger.states(ids, shapes, lengths)).to(torch.bfloat16)
        found.append(View(cut, states, lengths, places))
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


def batch_loss(head: TiesHead, batch: list[View], compute: torch.dtype) -> Tensor:
    longest = max(view.states.shape[2] for view in batch)
    states = torch.cat([F.pad(view.states, (0, 0, 0, longest - view.states.shape[2])) for view in batch], 1)
    scores = head(states, torch.cat([view.lengths for view in batch]), compute).float()
    losses, first = [], 0
    for view in batch:
        at_row, at_place = view.places
        losses.append(article_loss(scores[first + at_row, at_place], view.article))
        first += len(view.lengths)
    return torch.stack(losses).mean()


@torch.inference_mode()
def judged(head: TiesHead, articles: list[View]) -> str:
    """F1 of each role, of being tied at all, and of sides by status, at even odds and with gold names."""
    counts: dict[str, list[int]] = {}
    for view in articles:
        scores = head(view.states, view.lengths, torch.float32)[view.places]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--news", type=Path, nargs="*", default=[], help="folders of plain text: ordinary news, to learn what is no tie")
    parser.add_argument("--plain", type=int, default=250, help="how many articles of --news to learn from")
    parser.add_argument("--out", type=Path, help="where config.json and model.safetensors go; the model's folder without it")
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
    articles = read_ties(args.articles, encoder)
    with torch.no_grad():
        paths = sorted(path for folder in args.news for path in folder.rglob("*.txt"))
        rng.shuffle(paths)
        news = read_news(paths, args.plain, encoder, lambda article: names_in(tagger, encoder, article))
        learned = [views(tagger, encoder, a, args.views, news, rng) for a in articles if not a.held and len(a.ids)]
        n_tied = len(learned)
        learned += [views(tagger, encoder, a, 1, [], rng) for a in news]
        held = [views(tagger, encoder, a, 1, [], rng)[0] for a in articles if a.held and len(a.ids)]
    print(f"{n_tied} articles and {len(news)} of ordinary news to learn from, {len(held)} held out", flush=True)
    optimizer = torch.optim.AdamW(head.parameters(), lr=args.lr, weight_decay=0.05, fused=True)
    average = {name: tensor.detach().clone() for name, tensor in head.state_dict().items()}
    order: list[list[View]] = []
    total, printed = 0.0, time.monotonic()
    for step in range(args.steps):
        if step % 100 == 0:
            head.dropout.refill()
        done = step / args.steps
        for group in optimizer.param_groups:
            group["lr"] = args.lr * min(done / 0.06, (1 - done) / 0.94)
        batch: list[View] = []
        while sum(len(view.lengths) for view in batch) < ROWS:
            if not order:
                order = rng.sample(learned, len(learned))
            batch.append(rng.choice(order.pop()))
        head.train()
        loss = batch_loss(head, batch, compute)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item()
        for name, tensor in head.state_dict().items():
            average[name].lerp_(tensor, 1.0 - min(KEPT, step / (step + 10)))
        if (step + 1) % 500 == 0 or step + 1 == args.steps:
            head.eval()
            minutes = (time.monotonic() - printed) / 60
            print(f"step {step + 1} loss {total / 500:.3f} {minutes:.1f} min; held: {judged(head, held)}", flush=True)
            total = 0.0
    head.load_state_dict(average)
    head.eval()
    print(f"averaged; held: {judged(head, held)}", flush=True)
    out = args.out or args.model
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: one for name, one in load_file(args.model / "model.safetensors").items() if not name.startswith("ties.")}
    weights |= {name: tensor.half().contiguous() for name, tensor in head.exported().items()}
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
