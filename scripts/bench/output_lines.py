#!/usr/bin/env python3
"""Writes many output lines for benches of load, export and report, from lines that `sanctag tag` wrote:

    sanctag tag data/sample -o sample.jsonl
    scripts/bench/output_lines.py sample.jsonl 1000000 > million.jsonl
    scripts/bench/output_lines.py sample.jsonl 50000 --relevant 1 > all_relevant.jsonl

Each line is one of the sample's with an id, address, date and names of its own. A share of them, --relevant (default 0.1, as
broad news crawls have at most), has entities and measures; the others are as the gate leaves them: text alone.
"""

import argparse
import datetime
import hashlib
import json
import random
import sys


def renamed(line, number, names):
    """The line with every name that is no country followed by a number, so that names are as many as in real corpora."""
    for entity in line["entities"]:
        if entity["type"] != "COUNTRY":
            entity["name"] = f"{entity['name']} {number % names}"
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample")
    parser.add_argument("lines", type=int)
    parser.add_argument("--relevant", type=float, default=0.1)
    parser.add_argument("--names", type=int, default=500, help="how many things share a name's stem")
    arguments = parser.parse_args()
    with open(arguments.sample, encoding="utf-8") as file:
        sample = [json.loads(line) for line in file]
    relevant = [line for line in sample if line["measures"]]
    chance = random.Random(7)
    first = datetime.date(2023, 1, 1)
    for number in range(arguments.lines):
        line = json.loads(json.dumps(chance.choice(relevant)))
        line["id"] = hashlib.sha256(str(number).encode()).hexdigest()[:16]
        line["source"] = {"path": f"corpus/{number // 10000}.jsonl", "record": number % 10000}
        line["url"] = f"https://www.outlet{number % 211}.example/news/{number}"
        line["published"] = str(first + datetime.timedelta(days=chance.randrange(730)))
        if chance.random() < arguments.relevant:
            renamed(line, number, arguments.names)
        else:
            line.update(relevant=False, entities=[], measures=[])
            line["stats"] = {"sentences": 0, "tokens": 0, "windows": 0, "tokens_read": 0}
        sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
