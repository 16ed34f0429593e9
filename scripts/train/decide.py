"""Fits the decision on ties and writes its weights into a model's `config.json`.

    cargo run --release --example observe -- MODEL ARTICLES.jsonl > observed.jsonl
    python scripts/train/decide.py --model MODEL --observed observed.jsonl --articles data/ties [--split held]

Seven logistic regressions over what `observe` saw of articles the head has not learned from. Each threshold is where F1 is best
over predictions for topics left out of the fit (five folds), over the articles that are as sparse in sanctions as news mostly is, and
goes into the bias; those F1 are printed.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ties import ROLES, SIDES, STATUSES

FOLDS = 5

KEPT = 0.97
"""Share of the articles that speak of sanctions which are to be found relevant."""

SPARSE = 3
"""Measures of an article up to which it counts for the thresholds: our articles are denser in sanctions than news is."""


@dataclass
class Rows:
    """Numbers `[rows, features]`, whether each is true, and the fold of its topic."""

    features: list[str]
    numbers: list[list[float]] = field(default_factory=list)
    truths: list[bool] = field(default_factory=list)
    folds: list[int] = field(default_factory=list)
    plain: list[bool] = field(default_factory=list)
    """Whether the article is as sparse in sanctions as news mostly is."""
    missed: int = 0
    """Truths of gold names that were not found, so that no decision can reach them."""

    def add(self, numbers: list[float], truth: bool, fold: int, plain: bool) -> None:
        self.numbers.append(numbers)
        self.truths.append(truth)
        self.folds.append(fold)
        self.plain.append(plain)


def squeezed(name: str) -> str:
    """A name for comparison: case, a leading article, a possessive, dots and commas do not count."""
    name = unicodedata.normalize("NFKC", name).replace("’", "'").lower().strip()
    name = re.sub(r"^the\s+", "", re.sub(r"'s$", "", name))
    return re.sub(r"[\s.,]+", " ", name).strip()


def matched(found: list[dict], gold: list[dict]) -> list[int | None]:
    """For each gold entity the found one of its type that shares most names, or its code; each is taken once."""
    taken: set[int] = set()
    out: list[int | None] = []
    for one in gold:
        names = {squeezed(alias) for alias in one["aliases"]}
        best: tuple[int, int] | None = None
        for at, other in enumerate(found):
            if at in taken or other["type"] != one["type"]:
                continue
            shared = len(names & {squeezed(name) for name in [*other["names"], other["name"]]})
            same = one["iso"] == other["iso"] if one["type"] == "COUNTRY" else shared > 0
            if same and (best is None or shared > best[0]):
                best = (shared, at)
        out.append(best[1] if best else None)
        if best:
            taken.add(best[1])
    return out


def fitted(numbers: np.ndarray, truths: np.ndarray, decay: float) -> np.ndarray:
    """Weights of a logistic regression; the bias, which stands first, does not decay."""
    x = torch.from_numpy(numbers).double()
    y = torch.from_numpy(truths).double()
    scale = x.std(0).clamp(min=0.1)
    scale[0] = 1.0
    weights = torch.zeros(x.shape[1], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits((x / scale) @ weights, y, reduction="sum")
        loss = loss + decay * weights[1:].pow(2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return (weights.detach() / scale).numpy()


def out_of_fold(numbers: np.ndarray, rows: Rows, decay: float) -> np.ndarray:
    folds, truths = np.array(rows.folds), np.array(rows.truths, float)
    scores = np.zeros(len(truths))
    for fold in range(FOLDS):
        test = folds == fold
        if test.any():
            scores[test] = numbers[test] @ fitted(numbers[~test], truths[~test], decay)
    return scores


def best_threshold(scores: np.ndarray, truths: np.ndarray, missed: int) -> tuple[float, float]:
    """The threshold of the highest F1 in a window that smooths single rows away, and that F1."""
    thresholds = np.linspace(-2.5, 1.0, 71)
    f1 = []
    for threshold in thresholds:
        found = scores > threshold
        hits = (found & truths).sum()
        f1.append(2 * hits / max(1, found.sum() + truths.sum() + missed))
    smooth = np.convolve(np.pad(f1, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    at = int(smooth.argmax())
    return float(thresholds[at]), float(f1[at])


def keeping_threshold(scores: np.ndarray, truths: np.ndarray) -> float:
    """The highest threshold that keeps nearly all articles that speak of sanctions; F1 would follow their share among ours."""
    return float(np.quantile(scores[truths], 1.0 - KEPT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--observed", type=Path, required=True)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--split", default="held")
    parser.add_argument("--decay", type=float, default=2.0)
    args = parser.parse_args()
    lines = lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    gold = {record["id"]: record for record in lines(args.articles / "gold.jsonl")}
    topics = {r["id"]: r["topic"] for r in lines(args.articles / "articles.jsonl") if r["split"] == args.split}
    fold_of = {topic: at % FOLDS for at, topic in enumerate(sorted(set(topics.values())))}
    records = [record for record in lines(args.observed) if record["id"] in topics]
    first = records[0]["observed"]
    tables = {role: Rows(first["role_features"]) for role in ROLES}
    tables |= {side: Rows(first["part_features"]) for side in SIDES}
    tables |= {name: Rows(first["status_features"]) for name in ("status", "relevant")}
    for record in records:
        seen, truth = record["observed"], gold[record["id"]]
        fold, plain = fold_of[topics[record["id"]]], len(truth["measures"]) <= SPARSE
        tables["relevant"].add(seen["relevant"], truth["sanctions_relevant"], fold, plain)
        if not truth["sanctions_relevant"]:
            continue
        spoken = {measure["status"] for measure in truth["measures"]}
        for at, status in enumerate(STATUSES):
            tables["status"].add(seen["statuses"][at], status in spoken, fold, plain)
        places = matched(record["entities"], truth["entities"])
        of = {place: entity for place, entity in zip(places, truth["entities"], strict=True) if place is not None}
        lost = [entity for place, entity in zip(places, truth["entities"], strict=True) if place is None]
        sides = {
            (side, measure["status"], name) for measure in truth["measures"] for side in SIDES for name in measure[side]
        }
        for at, entity in enumerate(record["entities"]):
            if entity["type"] not in ("PERSON", "ORG", "COUNTRY"):
                continue
            known = of.get(at)
            for role in ROLES:
                tables[role].add(seen["roles"][at], known is not None and role in known["roles"], fold, plain)
            for number, side in enumerate(SIDES):
                for place, status in enumerate(STATUSES):
                    true = known is not None and (side, status, known["name"]) in sides
                    tables[side].add(seen["parts"][at][number][place], true, fold, plain)
        for entity in lost:
            for role in entity["roles"]:
                tables[role].missed += 1
            for side in SIDES:
                tables[side].missed += sum((side, status, entity["name"]) in sides for status in STATUSES)
    decision: dict[str, dict[str, float]] = {}
    role_scores: dict[str, np.ndarray] = {}
    for name in ("relevant", "status", *ROLES, *SIDES):
        rows = tables[name]
        numbers, truths = np.array(rows.numbers), np.array(rows.truths)
        if name in SIDES:
            # What was decided on the role, once for each status.
            numbers[:, rows.features.index("role")] = np.repeat(role_scores[name.removesuffix("s")], len(STATUSES)).clip(-8, 8)
        scores = out_of_fold(numbers, rows, args.decay)
        plain = np.array(rows.plain)
        threshold, f1 = best_threshold(scores[plain], truths[plain], 0)
        if name == "relevant":
            # Far fewer of all articles speak of sanctions than of ours.
            threshold = keeping_threshold(scores, truths)
            found = scores > threshold
            print(f"relevant: {100 * found[truths].mean():.1f} % of those that are, {100 * found[~truths].mean():.1f} % of the others")
        weights = fitted(numbers, truths.astype(float), args.decay)
        weights[0] -= threshold
        if name in ROLES:
            role_scores[name] = scores - threshold
        decision[name] = {feature: round(float(w), 4) for feature, w in zip(rows.features, weights, strict=True) if abs(w) >= 5e-5}
        hits = ((scores > threshold) & truths).sum()
        all_f1 = 2 * hits / max(1, (scores > threshold).sum() + truths.sum() + rows.missed)
        print(
            f"{name}: F1 {100 * all_f1:.1f} over all, {100 * f1:.1f} over those with at most {SPARSE} measures; "
            f"{truths.sum() + rows.missed} true, {len(truths)} rows, threshold {threshold:.2f}"
        )
    path = args.model / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["sanctag_ties"]["decision"] = decision
    path.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
