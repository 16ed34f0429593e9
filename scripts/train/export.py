"""Writes a tagger as a `BertForTokenClassification` folder: config, tokenizer and f16 weights."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from labels import LABELS
from model import Shape
from shapes import N_SHAPES
from windows import WINDOW


def config(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["BertForTokenClassification"],
        "attention_probs_dropout_prob": 0.1,
        "classifier_dropout": None,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": shape.hidden_size,
        "id2label": {str(index): label for index, label in enumerate(LABELS)},
        "initializer_range": 0.02,
        "intermediate_size": shape.intermediate_size,
        "label2id": {label: index for index, label in enumerate(LABELS)},
        "layer_norm_eps": shape.layer_norm_eps,
        "max_position_embeddings": shape.max_position_embeddings,
        "model_type": "bert",
        "num_attention_heads": shape.num_attention_heads,
        "num_hidden_layers": shape.num_hidden_layers,
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
        "sanctag_token_types": "word_shape",
        "sanctag_window": WINDOW,
        "torch_dtype": "float16",
        "type_vocab_size": N_SHAPES,
        "use_cache": True,
        "vocab_size": shape.vocab_size,
    }


def export(weights: dict[str, torch.Tensor], shape: Shape, tokenizer: Path, out: Path) -> None:
    """Writes `config.json`, `tokenizer.json` (without truncation or padding) and `model.safetensors`."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(config(shape), indent=1, ensure_ascii=False)
    (out / "config.json").write_text(text + "\n", encoding="utf-8")
    parts = json.loads(tokenizer.read_text(encoding="utf-8"))
    parts["truncation"] = parts["padding"] = None
    (out / "tokenizer.json").write_text(json.dumps(parts, ensure_ascii=False) + "\n", encoding="utf-8")
    halves = {name: tensor.half().contiguous() for name, tensor in sorted(weights.items())}
    for name, tensor in halves.items():
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{name} does not fit f16")
    save_file(halves, str(out / "model.safetensors"), metadata={"format": "pt"})
