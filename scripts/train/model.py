"""The tagger: a plain BERT encoder with one linear layer of label scores a piece.

Parameter names are those of `BertForTokenClassification`, so that what is trained here loads
there unchanged. Written out instead of imported for speed on CPUs: the matrix products run in
bfloat16 where asked, while weights, residuals and layer norms stay in float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    """The sizes of a tagger, under the names of a BERT `config.json`."""

    vocab_size: int = 30522
    hidden_size: int = 384
    num_hidden_layers: int = 6
    num_attention_heads: int = 12
    intermediate_size: int = 1536
    max_position_embeddings: int = 512
    type_vocab_size: int = 8
    layer_norm_eps: float = 1e-12
    n_labels: int = 9


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Multiplies in the type of `x`, whatever the type the weights are kept in."""
    return F.linear(x, weight.to(x.dtype), bias.to(x.dtype))


class Dropout:
    """Dropout whose masks are slices of one pool of random bits, redrawn by `refill`.

    Drawing a fresh mask at every call took a tenth of a training step.
    """

    POOL = 1 << 22

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.pool = torch.ones(self.POOL)

    def refill(self) -> None:
        self.pool = (torch.rand(self.POOL) >= self.rate).float() / (1.0 - self.rate)

    def __call__(self, x: Tensor, training: bool) -> Tensor:
        if not training or self.rate == 0.0:
            return x
        start = int(torch.randint(self.POOL - x.numel() + 1, ()))
        return x * self.pool[start : start + x.numel()].view(x.shape).to(x.dtype)


class Embeddings(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.position_embeddings = nn.Embedding(shape.max_position_embeddings, shape.hidden_size)
        self.token_type_embeddings = nn.Embedding(shape.type_vocab_size, shape.hidden_size)
        self.LayerNorm = nn.LayerNorm(shape.hidden_size, eps=shape.layer_norm_eps)

    def forward(self, ids: Tensor, types: Tensor) -> Tensor:
        positions = self.position_embeddings.weight[: ids.shape[1]]
        return self.LayerNorm(self.word_embeddings(ids) + self.token_type_embeddings(types) + positions)


class SelfAttention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.query = nn.Linear(shape.hidden_size, shape.hidden_size)
        self.key = nn.Linear(shape.hidden_size, shape.hidden_size)
        self.value = nn.Linear(shape.hidden_size, shape.hidden_size)
        self.n_heads = shape.num_attention_heads

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        rows, length, width = x.shape
        parts = (self.query, self.key, self.value)
        weight = torch.cat([part.weight for part in parts])
        bias = torch.cat([part.bias for part in parts])
        mixed = linear(x, weight, bias).view(rows, length, 3, self.n_heads, width // self.n_heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4).reshape(3, rows * self.n_heads, length, -1)
        # Written out: at 128 pieces it runs about four times as fast on CPUs as torch's flash attention.
        bias = mask.expand(rows, self.n_heads, 1, length).reshape(rows * self.n_heads, 1, length)
        scores = torch.baddbmm(bias, query, key.transpose(1, 2), alpha=query.shape[-1] ** -0.5)
        found = torch.bmm(torch.softmax(scores, -1), value).view(rows, self.n_heads, length, -1)
        return found.transpose(1, 2).reshape(rows, length, width)


class ResidualOutput(nn.Module):
    """A linear layer whose result is added to the residual stream and normalised."""

    def __init__(self, width_in: int, shape: Shape) -> None:
        super().__init__()
        self.dense = nn.Linear(width_in, shape.hidden_size)
        self.LayerNorm = nn.LayerNorm(shape.hidden_size, eps=shape.layer_norm_eps)

    def forward(self, x: Tensor, residual: Tensor, dropout: Dropout) -> Tensor:
        added = dropout(linear(x, self.dense.weight, self.dense.bias), self.training)
        return self.LayerNorm(residual + added.to(residual.dtype))


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self = SelfAttention(shape)
        self.output = ResidualOutput(shape.hidden_size, shape)


class Intermediate(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.dense = nn.Linear(shape.hidden_size, shape.intermediate_size)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention = Attention(shape)
        self.intermediate = Intermediate(shape)
        self.output = ResidualOutput(shape.intermediate_size, shape)

    def forward(self, x: Tensor, mask: Tensor, compute: torch.dtype, dropout: Dropout) -> Tensor:
        x = self.attention.output(self.attention.self(x.to(compute), mask), x, dropout)
        dense = self.intermediate.dense
        inner = F.gelu(linear(x.to(compute), dense.weight, dense.bias))
        return self.output(inner, x, dropout)


class Encoder(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(shape) for _ in range(shape.num_hidden_layers))


class Bert(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embeddings = Embeddings(shape)
        self.encoder = Encoder(shape)


class Tagger(nn.Module):
    """Scores of every label for every piece.

    `compute` is the type the matrix products run in; `dropout` acts in training mode only.
    """

    def __init__(self, shape: Shape, dropout: float = 0.1, compute: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.bert = Bert(shape)
        self.classifier = nn.Linear(shape.hidden_size, shape.n_labels)
        self.shape = shape
        self.dropout = Dropout(dropout)
        self.compute = compute
        self.apply(_initialise)

    def forward(self, ids: Tensor, types: Tensor, lengths: Tensor) -> Tensor:
        """Takes `[rows, length]` pieces and shapes, and how many of each row are real.

        Returns `[rows, length, labels]` scores in float32; those beyond a row's length mean nothing.
        """
        return self.classifier(self.dropout(self.states(ids, types, lengths)[-1], self.training))

    def states(self, ids: Tensor, types: Tensor, lengths: Tensor) -> list[Tensor]:
        """The embeddings and what each layer makes of them, each `[rows, length, hidden]`."""
        x = self.dropout(self.bert.embeddings(ids, types), self.training)
        mask = attention_mask(lengths, ids.shape[1], self.compute)
        states = [x]
        for layer in self.bert.encoder.layer:
            states.append(layer(states[-1], mask, self.compute, self.dropout))
        return states


class TiesHead(nn.Module):
    """A few narrow layers over a mixture of a tagger's states, which stay as they are.

    `wide` is the tagger's shape, `narrow` that of the head's own layers.
    """

    def __init__(self, wide: Shape, narrow: Shape, n_columns: int, dropout: float) -> None:
        super().__init__()
        eps = wide.layer_norm_eps
        self.mix = nn.Parameter(torch.zeros(wide.num_hidden_layers + 1))
        self.norm = nn.LayerNorm(wide.hidden_size, eps=eps)
        self.project = nn.Linear(wide.hidden_size, narrow.hidden_size)
        self.project_norm = nn.LayerNorm(narrow.hidden_size, eps=eps)
        self.encoder = Encoder(narrow)
        self.classifier = nn.Linear(narrow.hidden_size, n_columns)
        self.shape = narrow
        self.dropout = Dropout(dropout)
        self.apply(_initialise)
        nn.init.normal_(self.project.weight, std=wide.hidden_size**-0.5)
        # Nothing is tied to a sanction before there is a reason.
        nn.init.constant_(self.classifier.bias, -3.0)

    def forward(self, states: Tensor, lengths: Tensor, compute: torch.dtype) -> Tensor:
        """Takes `[layers + 1, rows, length, wide]`, gives `[rows, length, columns]` scores."""
        mixed = torch.einsum("l,lrpw->rpw", torch.softmax(self.mix, 0), states.float())
        x = self.project_norm(self.project(self.dropout(self.norm(mixed), self.training)))
        mask = attention_mask(lengths, x.shape[1], compute)
        for layer in self.encoder.layer:
            x = layer(x, mask, compute, self.dropout)
        return self.classifier(self.dropout(x, self.training))

    def exported(self) -> dict[str, Tensor]:
        """Tensors under the names the program reads; `mix` as shares that sum to 1."""
        own = {f"ties.{name}": tensor.detach() for name, tensor in self.state_dict().items()}
        own["ties.mix"] = torch.softmax(self.mix.detach(), 0)
        return own


def attention_mask(lengths: Tensor, longest: int, compute: torch.dtype) -> Tensor:
    """`[rows, 1, 1, longest]`: 0 for real pieces, minus infinity past a row's end."""
    real = torch.arange(longest)[None, :] < lengths[:, None]
    return torch.zeros(real.shape, dtype=compute).masked_fill(~real, float("-inf"))[:, None, None, :]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def load_base(tagger: Tagger, weights: dict[str, Tensor]) -> None:
    """Fills the encoder from a BERT base without a head.

    The eight rows of the shape embedding start as copies of the base's row 0, with a little noise
    so that they can part.
    """
    own = tagger.state_dict()
    types = weights["embeddings.token_type_embeddings.weight"][0].expand(tagger.shape.type_vocab_size, -1)
    for name in own:
        if name.startswith("classifier."):
            continue
        if name == "bert.embeddings.token_type_embeddings.weight":
            own[name] = types + 0.01 * torch.randn(types.shape)
        else:
            own[name] = weights[name.removeprefix("bert.")].float()
    tagger.load_state_dict(own)


def loss(scores: Tensor, allowed: Tensor) -> Tensor:
    """Mean over pieces of −log of the probability of the allowed labels.

    `scores` is `[pieces, labels]`, `allowed` a boolean of the same form with at least one label a piece.
    """
    logged = torch.log_softmax(scores, dim=-1)
    return -torch.logsumexp(logged.masked_fill(~allowed, float("-inf")), dim=-1).mean()
