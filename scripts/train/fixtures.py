"""Writes `tests/fixtures/word_shapes.jsonl`: texts with their pieces, shapes and spans as Python has them.

    python scripts/train/fixtures.py --tokenizer models/sanctag-en/tokenizer.json

The Rust side must compute the same from the same texts. Ids are without [CLS] and [SEP]; spans are
half-open, in code points. With `--check` nothing is written and a difference is an error.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from shapes import Encoder

OUT = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "word_shapes.jsonl"

TEXTS = (
    "The Treasury sanctioned Arvand Shipping LLC on Tuesday.",
    "OFAC added J. R. Doe (a.k.a. \"Johnny\") to the SDN List.",
    "U.S. and U.K. officials met in St. Petersburg",
    "McAllister told iNews that eBay, YouTube and AeroTech-GmbH had left.",
    "O'Neill's lawyer didn't appear; l'Oise and d'Arcy did.",
    "O’Neill’s lawyer said “no comment” – twice…",
    "Erdoğan, Łukasz, Đorđe, Żółć, Ångström and ÉCOLE",
    "İstanbul ve ISPARTA, ıssız IĞDIR",
    "E\u0301cole e\u0301tait a\u0300 l'E\u0301TAT, Mu\u0308ller A\u030angstro\u0308m",
    "Straße STRASSE GROẞ ﬁnance Ǆungla ǅungla ǆungla",
    "Президент Лукашенко подписал указ. МИД РФ ответил",
    "Ο Πρωθυπουργός της ΕΛΛΑΔΑΣ Σ",
    "中国商务部回应制裁 Huawei公司 2023年",
    "東京でソニーが発表 ｿﾆｰ ＳＯＮＹ Ｓｏｎｙ",
    "김정은 국무위원장 DPRK",
    "وزارت خارجه ایران و الخليج",
    "दिल्ली में भारत सरकार",
    "EUR 5m, $3.2bn, €40, £7 and ₽90; 12th, 3D, B2B, G7, COVID-19",
    "½ of №7 was ² or Ⅳ, ٣ and ५",
    "A B c D. E",
    "IRGC-QF, IRGC/QF and IRGC_QF",
    "e-mail: press@example.org, https://example.org/News?id=7&L=EN",
    "#Sanctions @OFAC_Desk 🚢 Tanker ⚓️ 👩‍⚖️ judge",
    "Zero\u200bWidth soft\u00adhyphen no\u00a0break tab\tnew\nline\u2028sep",
    "\ufeffMark first, then text\u0000 and\u0007 bells",
    "PEOPLE'S REPUBLIC of Korea's Kim JONG-un",
    "ALL CAPS HEADLINE: MINISTER SACKED",
    "all lower case: minister sacked in minsk",
    "Mañana's piñata cost ¥1,000—or 1 000",
    "x X xX Xx XX Xxx xXx X1 1X",
    "Ⓐ ⓑ ℃ K Å ª º ʰ",
    "Antidisestablishmentarianism Pneumonoultramicroscopicsilicovolcanoconiosis",
    "a" * 101 + " B" + "b" * 120,
    "^caret `tick` ~tilde <tag> a=b a+b |pipe|",
    "",
    "   ",
    "Nguyễn Phú Trọng ở Hà Nội",
    "Kraków’da TÜBİTAK‑SAGE",
    "Sh.p.k., d.o.o., S.A.R.L., A.Ş., Sp. z o.o.",
)
"""Written for this project."""


def lines(encoder: Encoder) -> str:
    """One JSON object a text."""
    rows = []
    for text in TEXTS:
        pieces = encoder(text)
        row = {"text": text, "ids": pieces.ids, "shapes": pieces.shapes, "spans": pieces.spans}
        rows.append(json.dumps(row, ensure_ascii=True, separators=(",", ":")))
    return "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--check", action="store_true", help="compare with what is there")
    args = parser.parse_args()
    found = lines(Encoder(args.tokenizer))
    if not args.check:
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(found, encoding="utf-8")
    elif OUT.read_text(encoding="utf-8") != found:
        sys.exit(f"{OUT} differs from what Python computes")


if __name__ == "__main__":
    main()
