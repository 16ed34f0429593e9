#!/usr/bin/env python3
"""Compares engines on one model and the same windows, one thread each, interleaved: medians of ratios.

    scripts/bench/engines.py MODEL TEXT [--rounds N] [--sets w29,w64,w128] [--skip torch,ort,rust-bert,pair]

MODEL is a Hugging Face folder, TEXT any plain text or token-per-line file (the first column is read).
Needs torch, transformers, onnx, onnxscript, onnxruntime, tokenizers; builds nothing: run
`cargo build --release --example engine_bench` first, with `--features rust-bert` (see scripts/libtorch) to have that
engine in it. ONNX files go to --cache, never into the repository.

Prints for each set of windows: tokens a second, how many times faster the native int8 engine is, and the encoder's
linear layers' operations a second as a share of this core's int8 peak without AMX (so that it is the same yardstick
on processors with and without; above 100 % is AMX); then what two workers do against one.
"""
import argparse, json, os, random, statistics, struct, subprocess, sys, tempfile, time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

SETS = {"w29": None, "w32": 32, "w64": 64, "w128": 128, "w256": 256}


def words(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# doc") or not line.strip():
                continue
            yield line.split("\t")[0].split()[0] if "\t" in line or " " in line.strip() else line.strip()


def windows(tokenizer, text, length, n_tokens, types):
    """Windows of `length` pieces (None: sentences of 29 on average), [CLS] and [SEP] included."""
    rng = random.Random(7)
    pieces = tokenizer.encode(" ".join(text), add_special_tokens=False).ids
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if cls is None:
        cls, sep = tokenizer.token_to_id("<s>"), tokenizer.token_to_id("</s>")
    rows, at, total = [], 0, 0
    while total < n_tokens:
        n = length or max(6, min(128, int(rng.lognormvariate(3.2, 0.55))))
        if at + n > len(pieces):
            at = 0
        row = [cls, *pieces[at : at + n - 2], sep]
        at += n - 2
        rows.append([(i, rng.randrange(types) if types > 1 else 0) for i in row])
        total += len(row)
    return rows


def batches(rows, budget=1024):
    """Rows sorted by length, at most eight or `budget` tokens a batch, as each runtime likes them best."""
    rows = sorted(rows, key=len)
    out, batch = [], []
    for row in rows:
        if batch and (len(batch) == 8 or len(row) * (len(batch) + 1) > budget):
            out.append(batch)
            batch = []
        batch.append(row)
    return out + [batch]


def padded(batch):
    n = max(map(len, batch))
    ids = np.zeros((len(batch), n), np.int64)
    mask, types = np.zeros_like(ids), np.zeros_like(ids)
    for i, row in enumerate(batch):
        ids[i, : len(row)] = [t for t, _ in row]
        types[i, : len(row)] = [k for _, k in row]
        mask[i, : len(row)] = 1
    return ids, mask, types


class Ours:
    def __init__(self, binary, model, parts):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".rows")
        for batch in parts:
            for row in batch:
                self.file.write(" ".join(f"{i}:{k}" for i, k in row) + "\n")
            self.file.write("\n")
        self.file.flush()
        self.process = subprocess.Popen(
            [binary, model, self.file.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("engine_bench ended")
        return float(answer)

    def logits(self, precision):
        with tempfile.NamedTemporaryFile() as out:
            self.ask(f"logits {precision} {out.name}")
            return np.fromfile(out.name, "<f4")


def torch_engine(model):
    import torch
    from transformers import AutoModelForTokenClassification

    torch.set_num_threads(1)
    net = AutoModelForTokenClassification.from_pretrained(model, dtype=torch.float32).eval()

    def run(ids, mask, types):
        with torch.inference_mode():
            kinds = {"token_type_ids": torch.from_numpy(types)} if net.config.model_type in ("bert", "electra") else {}
            return net(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask), **kinds).logits.numpy()

    return run, net


def onnx_files(net, cache):
    import torch

    os.makedirs(cache, exist_ok=True)
    f32, int8 = os.path.join(cache, "f32.onnx"), os.path.join(cache, "int8.onnx")
    if not os.path.exists(int8):
        from onnxruntime.quantization import QuantType, quantize_dynamic

        net.config._attn_implementation = "eager"

        class Logits(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.net = net

            def forward(self, input_ids, attention_mask, token_type_ids):
                return self.net(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits

        names = ["input_ids", "attention_mask", "token_type_ids"]
        rows, tokens = torch.export.Dim("rows", max=512), torch.export.Dim("tokens", max=512)
        sample = torch.ones(2, 16, dtype=torch.long)
        torch.onnx.export(
            Logits().eval(), (sample, sample, sample), f32, input_names=names, output_names=["logits"], dynamo=True,
            dynamic_shapes={n: {0: rows, 1: tokens} for n in names}, external_data=False,
        )
        from onnxruntime.transformers import optimizer
        fused = os.path.join(cache, "fused.onnx")
        best = optimizer.optimize_model(f32, model_type="bert", num_heads=net.config.num_attention_heads, hidden_size=net.config.hidden_size)
        print("fused:", best.get_fused_operator_statistics())
        best.save_model_to_file(fused)
        os.replace(fused, f32)
        quantize_dynamic(f32, int8, weight_type=QuantType.QInt8, per_channel=True)
    return f32, int8


def ort_engine(path):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]

    def run(ids, mask, types):
        return session.run(None, dict(zip(names, (ids, mask, types))))[0]

    return run


def timed(run, parts):
    start = time.perf_counter()
    for part in parts:
        run(*part)
    return time.perf_counter() - start


def flops(config):
    h, i = config["hidden_size"], config["intermediate_size"]
    return 2 * config["num_hidden_layers"] * (4 * h * h + 2 * h * i)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("text")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tokens", type=int, default=8192)
    parser.add_argument("--sets", default="w29,w64,w128,w256")
    parser.add_argument("--skip", default="")
    parser.add_argument("--isa", default="")
    parser.add_argument("--binary", default="target/release/examples/engine_bench")
    parser.add_argument("--cache", default="/tmp/sanctag-onnx")
    options = parser.parse_args()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(options.model, "tokenizer.json"))
    tokenizer.no_truncation(), tokenizer.no_padding()
    config = json.load(open(os.path.join(options.model, "config.json")))
    text = list(words(options.text))[:60_000]
    skip = set(options.skip.split(","))
    others = {}
    if "torch" not in skip:
        others["torch f32"], net = torch_engine(options.model)
        if "ort" not in skip:
            f32, int8 = onnx_files(net, options.cache)
            others["ort f32"], others["ort int8"] = ort_engine(f32), ort_engine(int8)
    for name in options.sets.split(","):
        rows = windows(tokenizer, text, SETS[name], options.tokens, config.get("type_vocab_size", 1))
        parts = batches(rows)
        n = sum(map(len, rows))
        ours = Ours(options.binary, options.model, parts)
        arrays = [padded(part) for part in parts]
        isa = f" {options.isa}" if options.isa else ""
        rust_bert = "rust-bert" not in skip and ours.ask("rust-bert?") == 1
        runs = {
            "ours int8": lambda: ours.ask("run int8" + isa),
            "ours f32": lambda: ours.ask("run f32" + isa),
            **({"rust-bert": lambda: ours.ask("run rust-bert")} if rust_bert else {}),
            **{k: (lambda run=run: timed(run, arrays)) for k, run in others.items()},
        }
        if "torch f32" in others:
            exact = np.concatenate([l[m.astype(bool)] for (l, m) in ((others["torch f32"](*a), a[1]) for a in arrays)])
            for precision in ("f32", "int8", "rust-bert")[: 3 if rust_bert else 2]:
                mine = ours.logits(precision).reshape(len(exact), -1)[:, : exact.shape[1]]
                same = (mine.argmax(1) == exact.argmax(1)).mean()
                print(f"{name} {precision}: largest difference from torch {np.abs(mine - exact).max():.2e}, same label {same:.4%}")
        pair = "pair" not in skip
        for run in runs.values():
            run()
        if pair:
            ours.ask("pair int8" + isa)
        pairs = []
        seconds, peaks = {k: [] for k in runs}, []
        for _ in range(options.rounds):
            for k, run in runs.items():
                if k == "ours int8":
                    peaks.append(ours.ask("peak"))
                seconds[k].append(run())
            if pair:
                # two passes in a pair, one before and one after it
                wall, cpu = zip(*((ours.ask(f"{how} int8{isa}"), ours.ask("cpu")) for how in ("run", "pair", "run")))
                pairs.append(((wall[0] + wall[2]) / wall[1], (cpu[0] + cpu[2]) / cpu[1]))
        peak = statistics.median(peaks)
        print(f"{name}: {len(rows)} windows, {n} tokens, mean {n / len(rows):.0f}; int8 peak {peak / 1e9:.0f} GOP/s")
        for k, s in seconds.items():
            ratio = statistics.median(a / b for a, b in zip(s, seconds["ours int8"]))
            share = statistics.median(n * flops(config) / a / p for a, p in zip(s, peaks))
            print(f"  {k:10} {n / statistics.median(s):9.0f} tokens/s   ours int8 is {ratio:5.2f} times it   {share:4.0%} of int8 peak")
        f32 = seconds["ours f32"]
        for k in seconds.keys() & {"torch f32", "ort f32", "rust-bert"}:
            print(f"  ours f32 is {statistics.median(a / b for a, b in zip(seconds[k], f32)):.2f} times {k}")
        if pair:
            wall, cpu = zip(*pairs)
            print(f"  two workers do {statistics.median(wall):.2f} times (best {max(wall):.2f}) what one does; "
                  f"by processor time, that is without other programs' turns, {statistics.median(cpu):.2f} times")


if __name__ == "__main__":
    main()
