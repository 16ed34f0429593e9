"""Articles with gold ties → windows, and what the second head (`model.TiesHead`) is to learn from them.

It gives every piece `N_TIES` scores (`COLUMNS`): the roles of the entity it names, as which side of a measure of
which status that entity stands here, and of which status's measure the piece itself is the trigger. Gold knows roles and
sides by the entity, not by the mention: an entity's probability is the noisy-or of its mentions', so that the mention that
says so learns it. Mentions inside a measure's evidence, and marked triggers, are also judged one by one.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from shapes import PUNCTUATION, Encoder
from windows import ROOM

ROLES = ("target", "imposer", "linked")
STATUSES = ("imposed", "extended", "eased", "lifted", "threatened", "proposed", "opposed", "evaded", "enforced")
SIDES = ("targets", "imposers")
COLUMNS = (
    ROLES
    + tuple(f"{side}:{status}" for side in SIDES for status in STATUSES)
    + tuple(f"trigger:{status}" for status in STATUSES)
)
N_TIES = len(COLUMNS)
SIDE_AT, TRIGGER_AT = len(ROLES), len(ROLES) + len(SIDES) * len(STATUSES)

CONTEXT = 12
"""Pieces on each side of a window that only serve as context, as at run time."""

MASKED = 0.04
"""Share of pieces hidden from the encoder while it learns."""


@dataclass
class Entity:
    """Piece ranges of its mentions, and what is true of it in the article."""

    kind: str
    name: str
    mentions: list[list[int]]
    truth: np.ndarray
    """`[TRIGGER_AT]`: roles, then sides by status."""


@dataclass
class Article:
    key: str
    topic: str
    held: bool
    relevant: bool
    ids: np.ndarray
    shapes: np.ndarray
    entities: list[Entity]
    sentences: list[tuple[range, np.ndarray]] = field(default_factory=list)
    """Pieces of a sentence and the statuses, `[9]`, whose evidence it is."""
    direct: list[tuple[int, int, int]] = field(default_factory=list)
    """(entity, mention, column) that a measure's evidence shows."""
    triggers: list[tuple[range, int]] = field(default_factory=list)
    """Pieces of a marked trigger and its status."""


SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]*[A-Z0-9])|\n\s*\n|\n(?=\s*[•*\-–])")


def _occurrences(text: str, alias: str) -> list[tuple[int, int]]:
    pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, alias.split())) + r"(?!\w)"
    return [found.span() for found in re.finditer(pattern, text)]


def _mentions(text: str, gold: list[dict]) -> list[list[tuple[int, int]]]:
    """Occurrences of each entity's aliases; a country may stand inside another's name, nothing else may."""
    taken: list[tuple[int, int, int]] = []
    found = [
        (span, index) for index, entity in enumerate(gold) for alias in entity["aliases"] for span in _occurrences(text, alias)
    ]
    for (start, end), index in sorted(set(found), key=lambda one: (one[0][0] - one[0][1], one)):
        country = gold[index]["type"] == "COUNTRY"
        clash = [
            (a, b, other)
            for a, b, other in taken
            if a < end and start < b and not (country and other != index and (b - a) > (end - start))
        ]
        if not clash:
            taken.append((start, end, index))
    return [sorted((a, b) for a, b, other in taken if other == index) for index in range(len(gold))]


def _pieces(spans: list[tuple[int, int]], start: int, end: int) -> list[int]:
    return [index for index, (a, b) in enumerate(spans) if start <= a and b <= end and a < b]


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    edges = [start, *(start + one.end() for one in SENTENCE_END.finditer(text[start:end])), end]
    return [(a, b) for a, b in zip(edges, edges[1:]) if text[a:b].strip()]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def read_ties(folder: Path, encoder: Encoder) -> list[Article]:
    """Reads `articles.jsonl` and `gold.jsonl`."""
    lines = lambda name: [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    gold = {record["id"]: record for record in lines("gold.jsonl")}
    return [_article(record, gold[record["id"]], encoder) for record in lines("articles.jsonl")]


def _article(record: dict, gold: dict, encoder: Encoder) -> Article:
    text = record["text"]
    body = "".join(text[a:b] + "\n\n" for a, b in record["body"])
    pieces = encoder(body)
    spans = list(pieces.spans)
    entities = []
    for entity, spans_of in zip(gold["entities"], _mentions(body, gold["entities"]), strict=True):
        mentions = [found for a, b in spans_of if (found := _pieces(spans, a, b))]
        truth = np.zeros(TRIGGER_AT, np.float32)
        for role in entity["roles"]:
            truth[ROLES.index(role)] = 1
        for measure in gold["measures"]:
            for side_at, side in enumerate(SIDES):
                if entity["name"] in measure[side]:
                    truth[SIDE_AT + side_at * len(STATUSES) + STATUSES.index(measure["status"])] = 1
        entities.append(Entity(entity["type"], entity["name"], mentions, truth))
    # A country inside a name keeps its pieces to itself.
    inside = {
        piece for one in entities if one.kind == "COUNTRY" for mention in one.mentions for piece in mention
    }
    for one in entities:
        if one.kind != "COUNTRY":
            one.mentions = [[p for p in mention if p not in inside] or mention for mention in one.mentions]
    article = Article(
        record["id"],
        record["topic"],
        record["split"] == "held",
        gold["sanctions_relevant"],
        np.array(pieces.ids, np.int64),
        np.array(pieces.shapes, np.int64),
        entities,
    )
    names = {one.name: index for index, one in enumerate(entities)}
    cuts = _sentences(body, 0, len(body))
    statuses = [np.zeros(len(STATUSES), np.float32) for _ in cuts]
    squeezed = [_squeezed(body[a:b]) for a, b in cuts]
    for measure in gold["measures"]:
        evidence, status = _squeezed(measure["evidence"]), STATUSES.index(measure["status"])
        hit = [at for at, one in enumerate(squeezed) if one and (one in evidence or evidence in one)]
        for at in hit:
            statuses[at][status] = 1
        if hit and "trigger" in measure:
            start, end = cuts[hit[0]][0], cuts[hit[-1]][1]
            at = re.search(r"\s+".join(map(re.escape, measure["trigger"].split())), body[start:end])
            if at:
                found = _pieces(spans, start + at.start(), start + at.end())
                if found:
                    article.triggers.append((range(found[0], found[-1] + 1), status))
        for side_at, side in enumerate(SIDES):
            for name in measure[side]:
                entity = names[name]
                for number, mention in enumerate(entities[entity].mentions):
                    place = spans[mention[0]][0]
                    if any(cuts[at][0] <= place < cuts[at][1] for at in hit):
                        column = SIDE_AT + side_at * len(STATUSES) + status
                        article.direct.append((entity, number, column))
                        role = ROLES.index("target" if side == "targets" else "imposer")
                        if entities[entity].truth[role]:
                            article.direct.append((entity, number, role))
    for (a, b), truth in zip(cuts, statuses, strict=True):
        found = _pieces(spans, a, b)
        if found:
            article.sentences.append((range(found[0], found[-1] + 1), truth))
    return article


SPOKEN = re.compile(r"sanction|embargo|blacklist|boycott|designat|retaliat|export control|travel ban|visa ban|asset|frozen|freez", re.I)
"""A text with none of these words speaks of no sanction."""


def read_news(paths: list[Path], n: int, encoder: Encoder, mentions: Callable[[Article], list[list[int]]]) -> list[Article]:
    """Up to `n` ordinary articles without any tie, of plain text files; `mentions` finds the piece ranges of names."""
    found: list[Article] = []
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        if len(found) == n:
            break
        if SPOKEN.search(text) or not 600 < len(text) < 6000:
            continue
        pieces = encoder(text)
        article = Article(path.stem, "", False, False, np.array(pieces.ids, np.int64), np.array(pieces.shapes, np.int64), [])
        nothing = np.zeros(TRIGGER_AT, np.float32)
        article.entities = [Entity("", "", [mention], nothing) for mention in mentions(article)]
        for a, b in _sentences(text, 0, len(text)):
            inside = _pieces(list(pieces.spans), a, b)
            if inside:
                article.sentences.append((range(inside[0], inside[-1] + 1), np.zeros(len(STATUSES), np.float32)))
        found.append(article)
    return found


def interleaved(article: Article, news: Article, rng: random.Random) -> Article:
    """The article with a run of another's sentences put between two of its own."""
    starts = [where.start for where, _ in article.sentences]
    if not starts or not news.sentences:
        return article
    at = rng.choice([*starts, len(article.ids)])
    first = rng.randrange(len(news.sentences))
    last = min(len(news.sentences) - 1, first + rng.randint(1, 9))
    start, end = news.sentences[first][0].start, news.sentences[last][0].stop
    grown = end - start
    own = lambda piece: piece + grown if piece >= at else piece
    alien = lambda piece: piece - start + at
    moved = lambda where, shift: range(shift(where.start), shift(where.stop - 1) + 1)
    strangers = [
        Entity("", "", [[alien(p) for p in mention]], one.truth)
        for one in news.entities
        for mention in one.mentions
        if start <= mention[0] and mention[-1] < end
    ]
    return replace(
        article,
        ids=np.concatenate([article.ids[:at], news.ids[start:end], article.ids[at:]]),
        shapes=np.concatenate([article.shapes[:at], news.shapes[start:end], article.shapes[at:]]),
        entities=[replace(one, mentions=[[own(p) for p in m] for m in one.mentions]) for one in article.entities] + strangers,
        sentences=[(moved(where, own), truth) for where, truth in article.sentences]
        + [(moved(where, alien), truth) for where, truth in news.sentences[first : last + 1]],
        triggers=[(moved(where, own), status) for where, status in article.triggers],
    )


def rows(article: Article, rng: random.Random | None) -> list[tuple[int, int, int, int]]:
    """Windows over the article's pieces as (start, end, owned start, owned end); shifted at random while learning."""
    n = len(article.ids)
    out, owned = [], 0
    first = rng.randint(ROOM // 2, ROOM) if rng and n > ROOM else ROOM
    while owned < n:
        start = max(0, owned - CONTEXT)
        end = min(n, start + (first if not out else ROOM))
        stop = end if end == n else end - CONTEXT
        out.append((start, end, owned, stop))
        owned = stop
    return out


def padded_rows(
    article: Article, encoder: Encoder, rng: random.Random | None
) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]]:
    """An article's windows as `[rows, longest]` ids and shapes, their lengths, and the row and place of each piece."""
    cut = rows(article, rng)
    longest = max(end - start for start, end, _, _ in cut) + 2
    ids = torch.zeros(len(cut), longest, dtype=torch.long)
    shapes = torch.zeros_like(ids)
    lengths = torch.tensor([end - start + 2 for start, end, _, _ in cut])
    at_row, at_place = [], []
    for at, (start, end, owned, stop) in enumerate(cut):
        inner = article.ids[start:end].copy()
        if rng:
            inner[np.array([rng.random() < MASKED for _ in inner], bool)] = encoder.tokenizer.token_to_id("[MASK]")
        row = [encoder.cls, *inner, encoder.sep]
        ids[at, : len(row)] = torch.tensor(row)
        shapes[at, : len(row)] = torch.tensor([PUNCTUATION, *article.shapes[start:end], PUNCTUATION])
        at_row.append(torch.full((stop - owned,), at))
        at_place.append(1 + torch.arange(owned - start, stop - start))
    return ids, shapes, lengths, (torch.cat(at_row), torch.cat(at_place))


def log_none(scores: Tensor) -> Tensor:
    """log of the probability that none of the rows says so, a column."""
    return -F.softplus(scores).sum(0)


def binary(none: Tensor, truth: Tensor) -> Tensor:
    """−log likelihood of `truth` where `none` is the log-probability of its absence."""
    none = none.clamp(max=-1e-6)
    return torch.where(truth > 0, -torch.log(-torch.expm1(none)), -none)


def mention_scores(scores: Tensor, entity: Entity) -> Tensor:
    """`[mentions, TRIGGER_AT]`: a mention's score is the mean over its pieces."""
    return torch.stack([scores[mention, :TRIGGER_AT].mean(0) for mention in entity.mentions])


def article_loss(scores: Tensor, article: Article) -> Tensor:
    """`scores` is `[pieces, N_TIES]`."""
    parts: list[Tensor] = []
    roles: list[Tensor] = []
    by_entity = [mention_scores(scores, one) if one.mentions else None for one in article.entities]
    for one, found in zip(article.entities, by_entity, strict=True):
        if found is not None:
            roles.append(binary(log_none(found), torch.from_numpy(one.truth)))
    if roles:
        each = torch.stack(roles)
        parts.append(each[:, : len(ROLES)].sum() + 0.7 * each[:, len(ROLES) :].sum())
    direct = [F.softplus(-by_entity[e][m, column]) for e, m, column in article.direct if by_entity[e] is not None]
    if direct:
        parts.append(0.3 * torch.stack(direct).sum())
    spoken = [binary(log_none(scores[list(where), TRIGGER_AT:]), torch.from_numpy(truth)) for where, truth in article.sentences]
    if spoken:
        parts.append(torch.stack(spoken).sum())
    marked = [F.softplus(-scores[list(where), TRIGGER_AT + status]).mean() for where, status in article.triggers]
    if marked:
        parts.append(0.5 * torch.stack(marked).sum())
    return torch.stack(parts).sum() / (4 + len(article.entities))
