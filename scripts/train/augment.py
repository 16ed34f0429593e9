"""Makes training text look like what the program meets: rare names, odd casing, page chrome, cut-off ends."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import names
from corpora import Document, Sentence

SWAP = 0.15
"""Share of windows in which entities are swapped."""

LOWERED, CAPITALS, HEADLINE, CHROME, NO_STOP = 0.04, 0.04, 0.03, 0.05, 0.06
"""Shares of windows changed in each of these ways."""

SWAPS: dict[str, Callable[[random.Random], str]] = {
    "PER": names.person,
    "ORG": names.organization,
    "LOC": names.place,
}

Rows = list[tuple[str, str]]
"""Tokens of a window, each with its label."""


def augmented(sentences: list[Sentence], rng: random.Random) -> tuple[list[str], list[str]]:
    """Gives the tokens and labels of a window's sentences, changed at random."""
    parts: list[Rows] = [list(zip(sentence.tokens, sentence.labels, strict=True)) for sentence in sentences]
    if rng.random() < SWAP:
        parts = swapped(parts, rng)
    if rng.random() < CHROME:
        fragment = rng.choice(names.CHROME).split()
        parts.insert(rng.randint(0, len(parts)), [(word, "O") for word in fragment])
    if rng.random() < NO_STOP and parts[-1][-1][0] in (".", "!", "?") and len(parts[-1]) > 1:
        parts[-1].pop()
    rows = [row for part in parts for row in part]
    roll = rng.random()
    spell: Callable[[str], str] | None = None
    if roll < LOWERED:
        spell = str.lower
    elif roll < LOWERED + CAPITALS:
        spell = str.upper
    elif roll < LOWERED + CAPITALS + HEADLINE:
        spell = _titled
    if spell is not None:
        rows = [(spell(token), label) for token, label in rows]
    return [token for token, _ in rows], [label for _, label in rows]


def _titled(token: str) -> str:
    return token[:1].upper() + token[1:]


def swapped(parts: list[Rows], rng: random.Random) -> list[Rows]:
    """Replaces about half of the names of persons, organizations and places, the same name always by the same."""
    chosen: dict[tuple[str, str], str | None] = {}
    out: list[Rows] = []
    for part in parts:
        rows: Rows = []
        index = 0
        while index < len(part):
            token, label = part[index]
            end = index + 1
            if not label.startswith("B-"):
                rows.append(part[index])
                index = end
                continue
            while end < len(part) and part[end][1] == "I-" + label[2:]:
                end += 1
            surface = " ".join(token for token, _ in part[index:end])
            key = (surface, label)
            if key not in chosen:
                chosen[key] = _other(surface, label[2:], rng)
            other = chosen[key]
            rows += part[index:end] if other is None else labelled(other, label[2:])
            index = end
        out.append(rows)
    return out


def _other(surface: str, name: str, rng: random.Random) -> str | None:
    if name not in SWAPS or rng.random() < 0.5:
        return None
    if not surface[:1].isupper() or (surface.isupper() and len(surface) > 6):
        return None
    if name == "PER" and " " not in surface:
        return names.surname(rng)
    if name == "ORG" and surface.isupper():
        return rng.choice(names.ACRONYMS)
    return SWAPS[name](rng)


def labelled(text: str, name: str) -> Rows:
    return [(word, f"{'I' if index else 'B'}-{name}") for index, word in enumerate(text.split())]


TEMPLATES = Path(__file__).with_name("templates.txt")

PAPERS = "Financial Times;Guardian;Wall Street Journal;Kommersant;Kyiv Independent;South China Morning Post".split(";")
DATES = "March 3;Jan 17;October 21;Aug 9;June 30".split(";")
NUMBERS = "eighth;ninth;tenth;12th;14th;latest;new".split(";")


def _slot(slot: str, rng: random.Random) -> Rows:
    if slot == "country":
        country = rng.choice(names.COUNTRIES)
        article = [("the", "O")] if country.startswith("the ") else []
        return article + labelled(country.removeprefix("the "), "LOC")
    if slot == "adjective":
        return labelled(rng.choice(names.ADJECTIVES).replace("North-Korean", "North Korean"), "MISC")
    if slot in ("date", "number"):
        return [(word, "O") for word in rng.choice(DATES if slot == "date" else NUMBERS).split()]
    name, make = {
        "person": ("PER", names.person),
        "surname": ("PER", names.surname),
        "company": ("ORG", names.company),
        "agency": ("ORG", names.agency),
        "place": ("LOC", names.place),
    }[slot]
    return labelled(make(rng), name)


def _plain(slot: str, rng: random.Random) -> str:
    return {
        "country_bare": lambda: rng.choice(names.COUNTRIES).removeprefix("the "),
        "adjective_bare": lambda: rng.choice(names.ADJECTIVES).replace("North-Korean", "North Korean"),
        "paper": lambda: rng.choice(PAPERS),
        "ship": lambda: " ".join(rng.sample(names.STEMS, rng.randint(1, 2))),
    }[slot]()


def filled(template: str, rng: random.Random) -> Sentence:
    """Fills one template's slots; a repeated `{surname}` is the same person."""
    rows: Rows = []
    same: dict[str, Rows] = {}
    for part in re.findall(r"\[[A-Z?]+ [^\]]*\]|\{\w+\}|[^\s\[\]{}]+", template):
        if part.startswith("["):
            name, _, text = part[1:-1].partition(" ")
            text = re.sub(r"\{(\w+)\}", lambda slot: _plain(slot[1], rng), text)
            rows += [(word, "?") for word in text.split()] if name == "?" else labelled(text, name)
        elif part.startswith("{"):
            made = _slot(part[1:-1], rng)
            rows += same.setdefault(part, made) if part == "{surname}" else made
        else:
            rows.append((part, "O"))
    tokens, labels = zip(*rows, strict=True)
    return Sentence(tokens, labels)


def written(n_sentences: int, rng: random.Random) -> list[Document]:
    """Short documents of filled templates."""
    lines = [line for line in TEMPLATES.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    documents: list[Document] = []
    while n_sentences > 0:
        size = rng.randint(1, 5)
        documents.append([filled(rng.choice(lines), rng) for _ in range(size)])
        n_sentences -= size
    return documents
