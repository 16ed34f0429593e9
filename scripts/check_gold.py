#!/usr/bin/env python3
"""Checks gold annotations against their articles; prints every fault, exits 1 on any.

usage: check_gold.py GOLD.jsonl ARTICLES... [--body BODY.jsonl]

ARTICLES: folders of .txt files (id = file stem) and JSONL files with `id`, `text` and perhaps `body`.
body: code point ranges of the article proper, [[start, end], ...]; aliases and evidence are then looked
for in these ranges alone, and the ranges are checked too. --body gives them beside the articles.
White space is compared as single spaces, since wire copy breaks lines inside names and sentences.
"""
import argparse
import json
import pathlib
import re
import sys

TYPES = {"PERSON", "ORG", "COUNTRY"}
ROLES = ["target", "imposer", "linked"]
STATUS = set("imposed extended eased lifted threatened proposed opposed evaded enforced".split())
# ISO 3166-1 alpha-2, with SU and YU for the two former states that news archives speak of, and XK, in general use for Kosovo.
ISO = set(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT "
    "MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG "
    "UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW SU YU XK".split()
)


def squeeze(text):
    return " ".join(text.split())


def read_articles(paths):
    """Returns id -> text and id -> body; line ends as they stand, a byte order mark left out."""
    articles, bodies = {}, {}

    def put(key, text):
        if key in articles:
            sys.exit(f"two articles with the id {key}")
        articles[key] = text

    for path in map(pathlib.Path, paths):
        if path.is_dir():
            for file in sorted(path.glob("*.txt")):
                put(file.stem, file.read_bytes().decode("utf-8-sig"))
        else:
            for line in path.read_text(encoding="utf8").splitlines():
                record = json.loads(line)
                put(record["id"], record["text"])
                if "body" in record:
                    bodies[record["id"]] = record["body"]
    return articles, bodies


def names_it(alias, text):
    return re.search(r"(?<!\w)" + re.escape(squeeze(alias)) + r"(?!\w)", text) is not None


def entity_faults(entity, text):
    """Yields what is wrong with one entity, given the article's body with white space squeezed."""
    name = entity["name"]
    keys = {"type", "name", "aliases", "roles"} | ({"iso"} if entity["type"] == "COUNTRY" else set())
    if set(entity) != keys:
        yield f"{name}: fields {sorted(entity)}"
    if entity["type"] not in TYPES:
        yield f"{name}: type {entity['type']}"
    if entity["type"] == "COUNTRY" and entity.get("iso") not in ISO:
        yield f"{name}: iso {entity.get('iso')}"
    if name not in entity["aliases"]:
        yield f"{name}: the name is not among its aliases"
    if len(set(entity["aliases"])) != len(entity["aliases"]):
        yield f"{name}: an alias twice"
    for alias in entity["aliases"]:
        if not names_it(alias, text):
            yield f"{name}: alias not in the article: {alias}"
    roles = entity["roles"]
    if roles != [r for r in ROLES if r in roles]:
        yield f"{name}: roles {roles}"
    if "linked" in roles and len(roles) > 1:
        yield f"{name}: linked beside another role"


def measure_faults(measure, roles, text):
    """Yields what is wrong with one measure, given the roles by entity name."""
    status = measure["status"]
    if set(measure) - {"trigger"} != {"status", "imposers", "targets", "evidence"}:
        yield f"measure fields {sorted(measure)}"
    if status not in STATUS:
        yield f"status {status}"
    if squeeze(measure["evidence"]) not in text:
        yield f"evidence not in the article: {measure['evidence']}"
    if squeeze(measure.get("trigger", "")) not in squeeze(measure["evidence"]):
        yield f"trigger not in the evidence: {measure['trigger']}"
    for name in measure["imposers"] + measure["targets"]:
        if name not in roles:
            yield f"measure names an unlisted entity: {name}"
    for name in measure["imposers"]:
        if "imposer" not in roles.get(name, ()):
            yield f"{status}: {name} has no imposer role"
    # Who is merely accused of evasion is linked, and stands among the targets of these two alone.
    accused = {"evaded", "enforced"}
    for name in measure["targets"]:
        if "target" not in roles.get(name, ()) and not (status in accused and "linked" in roles.get(name, ())):
            yield f"{status}: {name} has no target role"


def record_faults(record, text):
    """Yields what is wrong with one gold record, given the article's body."""
    text = squeeze(text)
    entities, measures = record["entities"], record["measures"]
    seen, countries, surfaces = set(), set(), {}
    for entity in entities:
        yield from entity_faults(entity, text)
        if entity["name"] in seen:
            yield f"two entities named {entity['name']}"
        seen.add(entity["name"])
        if entity["type"] == "COUNTRY":
            if entity["iso"] in countries:
                yield f"two entities for {entity['iso']}"
            countries.add(entity["iso"])
        for alias in entity["aliases"]:
            other = surfaces.setdefault((entity["type"], alias), entity["name"])
            if other != entity["name"]:
                yield f"alias {alias} of both {other} and {entity['name']}"
    roles = {e["name"]: e["roles"] for e in entities}
    for measure in measures:
        yield from measure_faults(measure, roles, text)
    for side, role in (("targets", "target"), ("imposers", "imposer")):
        named = {name for m in measures for name in m[side]}
        for name, has in roles.items():
            if role in has and name not in named:
                yield f"{name} is {role} in no measure"
    if record["sanctions_relevant"] != bool(measures):
        yield "relevant without a measure, or the other way round"
    if not record["sanctions_relevant"] and any(roles.values()):
        yield "a role in an article that is not relevant"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold")
    parser.add_argument("articles", nargs="+")
    parser.add_argument("--body")
    args = parser.parse_args()
    articles, bodies = read_articles(args.articles)
    lines = lambda path: [json.loads(l) for l in pathlib.Path(path).read_text(encoding="utf8").splitlines()]
    if args.body:
        bodies.update((r["id"], r["body"]) for r in lines(args.body))
    faults, ids, n_entities, n_measures = [], [], 0, 0
    if args.body and set(bodies) != set(articles):
        faults.append(f"body ids differ from the articles': {sorted(set(bodies) ^ set(articles))}")
    for record in lines(args.gold):
        key = record["id"]
        ids.append(key)
        if key not in articles:
            continue
        text = articles[key]
        if key in bodies:
            ends = [x for span in bodies[key] for x in span]
            if ends != sorted(ends) or ends[0] < 0 or len(text) < ends[-1]:
                faults.append(f"{key}: body ranges {bodies[key]}")
            text = "\n".join(text[a:b] for a, b in bodies[key])
        faults += [f"{key}: {fault}" for fault in record_faults(record, text)]
        n_entities += len(record["entities"])
        n_measures += len(record["measures"])
    if sorted(ids) != sorted(articles):
        faults.append(f"ids differ: {sorted(set(ids) ^ set(articles)) or 'a repeated id'}")
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(ids)} records, {n_entities} entities, {n_measures} measures, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
