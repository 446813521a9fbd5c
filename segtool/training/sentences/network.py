"""The nets: one embedder of pieces, and encoders of several shapes on top of it.

An encoder is described by a ``Shape``; the string of its blocks has one letter a block: ``c`` a dense convolution of
width 3, ``d`` to ``h`` the same with dilation 2 to 32, ``a`` attention, ``l`` an LSTM. With ``pool`` above 1, that
many pieces make one position, and a last convolution works on the pieces again.
"""

from __future__ import annotations

import dataclasses

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segtool.inference import pieces as p

N_ROWS = 1 << p.HASH_BITS
PAD_ROW, PAD_CLASS = N_ROWS, p.N_CLASSES
DROPOUT, DROPOUT_EMBEDDED = 0.1, 0.15
"""Of what each block adds, and of embedded pieces."""
STEPS = {"c": 1, "d": 2, "e": 4, "f": 8, "g": 16, "h": 32}
"""Dilation of a convolution block by its letter."""
REACH = 64
"""Attention sees so many positions to either side."""
HEAD_END, HEAD_PARAGRAPH, HEAD_MARK, HEAD_UPPER, N_HEADS = 0, 1, 2, 7, 8
"""Columns of the logits; ``HEAD_MARK`` begins five columns."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """Size and order of an encoder's blocks."""

    width: int
    blocks: str
    pool: int = 1
    heads: int = 4
    feed: int = 3
    local: int = 0
    """Convolution blocks on single pieces before pooling."""


SHAPES: dict[str, Shape] = {
    "att192x4": Shape(192, "caaaa"),
    "pool-conv256x6": Shape(256, "cdecde", pool=2),
    "pool-att256x3": Shape(256, "caaa", pool=2, heads=8),
    "pool-mix256": Shape(256, "cacdac", pool=2, heads=8, feed=2, local=1),
    "pool-att320x4": Shape(320, "caaaa", pool=2, heads=8, feed=2, local=1),
    "pool4-att384x4": Shape(384, "caaaa", pool=4, heads=8, feed=2, local=1),
    "pool-att160x3": Shape(160, "caaa", pool=2, feed=2),
    "pool-conv192x5": Shape(192, "cdece", pool=2),
    "pool-conv256x4": Shape(256, "cdec", pool=2),
    "conv192x12": Shape(192, "cdefghcdefgh"),
    "lstm160x2": Shape(160, "ll"),
    "att384x6": Shape(384, "caaaaaa", heads=8),
}
SIZE = 112
"""Width of a piece's embedding."""


class Embedder(nn.Module):
    """Sum of a piece's four table rows, its class row, and the row of the language; language 0 is unknown."""

    def __init__(self, size: int = SIZE, n_languages: int = 0) -> None:
        super().__init__()
        self.size = size
        self.languages = nn.Embedding(n_languages + 1, size, padding_idx=0)
        nn.init.zeros_(self.languages.weight)
        self.table = nn.Embedding(N_ROWS + 1, size, padding_idx=PAD_ROW)
        self.classes = nn.Embedding(p.N_CLASSES + 1, size)
        nn.init.normal_(self.table.weight, std=0.05)
        nn.init.normal_(self.classes.weight, std=0.05)
        with torch.no_grad():
            self.table.weight[PAD_ROW].zero_()

    def forward(self, rows: Tensor, classes: Tensor, language: Tensor) -> Tensor:
        """(B, T, 4), (B, T) and (B,) to (B, T, size)."""
        spoken = self.languages(language)[:, None] * (classes != PAD_CLASS)[:, :, None]
        return F.dropout(self.table(rows).sum(2) + self.classes(classes) + spoken, DROPOUT_EMBEDDED, self.training)


def shifted(x: Tensor, step: int) -> Tensor:
    """(B, T, C) to (B, T, 3 C): each position with those ``step`` before and after it, zero outside."""
    before = F.pad(x, (0, 0, step, 0))[:, : x.shape[1]]
    after = F.pad(x, (0, 0, 0, step))[:, step:]
    return torch.cat((before, x, after), 2)


class Convolution(nn.Module):
    """Residual: layer norm, dense convolution of width 3 as one product, ReLU, linear."""

    def __init__(self, width: int, step: int = 1) -> None:
        super().__init__()
        self.step = step
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(3 * width, width)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        added = self.out(F.relu(self.mix(shifted(self.norm(x), self.step))))
        return x + F.dropout(added, DROPOUT, self.training)


class Recurrent(nn.Module):
    """Residual: layer norm, LSTM in both directions, linear. Only compared, never shipped."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * width, width)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        added = self.out(self.lstm(self.norm(x))[0])
        return x + F.dropout(added, DROPOUT, self.training)


def block_of(shape: Shape, kind: str) -> nn.Module:
    """The block that a letter of a shape stands for."""
    if kind == "a":
        return Attention(shape.width, shape.heads, shape.feed)
    return Recurrent(shape.width) if kind == "l" else Convolution(shape.width, STEPS[kind])


def slopes(heads: int) -> Tensor:
    """(heads, 2): penalty a position to the left and to the right; even heads look left, odd ones right."""
    pairs = max(1, heads // 2)
    gentle = [0.5 * (1 / 64) ** (i / max(1, pairs - 1)) for i in range(pairs)]
    rows = [
        (gentle[h // 2], 4 * gentle[h // 2]) if h % 2 == 0 else (4 * gentle[h // 2], gentle[h // 2])
        for h in range(heads)
    ]
    return torch.tensor(rows)


def attention_bias(heads: int, length: int, reach: int = REACH) -> Tensor:
    """(heads, length, length): two-sided linear penalties, minus 10,000 beyond ``reach`` positions."""
    distance = torch.arange(length)[None, :] - torch.arange(length)[:, None]
    rows = slopes(heads)
    bias = -rows[:, :1, None] * (-distance).clamp(min=0) - rows[:, 1:, None] * distance.clamp(min=0)
    return bias.masked_fill(distance.abs() > reach, -1e4)


class Attention(nn.Module):
    """Residual: layer norm and self-attention, then layer norm and a ReLU net of ``feed`` times the width."""

    def __init__(self, width: int, heads: int, feed: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, feed * width)
        self.down = nn.Linear(feed * width, width)
        nn.init.zeros_(self.merge.weight)
        nn.init.zeros_(self.down.weight)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        b, t, c = x.shape
        q, k, v = self.project(self.norm(x)).view(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        x = x + F.dropout(self.merge(mixed.transpose(1, 2).reshape(b, t, c)), DROPOUT, self.training)
        return x + F.dropout(self.down(F.relu(self.up(self.norm2(x)))), DROPOUT, self.training)


class Encoder(nn.Module):
    """(B, T, size) of the embedder to logits (B, T, N_HEADS); T must be a multiple of ``pool``."""

    def __init__(self, shape: Shape, size: int = SIZE, window: int = 256) -> None:
        super().__init__()
        self.shape = shape
        self.local = nn.ModuleList(Convolution(size) for _ in range(shape.local))
        self.enter = nn.Linear(shape.pool * size, shape.width)
        self.blocks = nn.ModuleList(block_of(shape, kind) for kind in shape.blocks)
        self.norm = nn.LayerNorm(shape.width)
        self.leave = nn.Linear(shape.width, shape.pool * size) if shape.pool > 1 else None
        self.last = Convolution(size) if shape.pool > 1 else None
        self.last_norm = nn.LayerNorm(size) if shape.pool > 1 else None
        self.heads = nn.Linear(size if shape.pool > 1 else shape.width, N_HEADS)
        with torch.no_grad():
            self.heads.bias.fill_(-2.0)
        self.register_buffer("bias", attention_bias(shape.heads, window // shape.pool), persistent=False)

    def forward(self, embedded: Tensor) -> Tensor:
        b, t, size = embedded.shape
        for block in self.local:
            embedded = block(embedded)
        x = self.enter(embedded.reshape(b, t // self.shape.pool, self.shape.pool * size))
        for block in self.blocks:
            x = block(x, self.bias) if isinstance(block, Attention) else block(x)
        x = self.norm(x)
        if self.leave is not None and self.last is not None and self.last_norm is not None:
            x = self.last_norm(self.last(embedded + self.leave(x).reshape(b, t, size)))
        return self.heads(x)


class Gate(nn.Module):
    """The cascade's first stage: a small net over the pieces around a gap, with a table of its own.

    It sees ``BEFORE`` pieces up to the gap and ``AFTER`` pieces after it, and imitates an encoder on
    punctuated text. At inference it runs at candidate gaps only.
    """

    BEFORE, AFTER, SIZE, SHIFT = 12, 12, 32, 1

    def __init__(self, hidden: int = 192, last: int = 64) -> None:
        super().__init__()
        n_rows = N_ROWS >> self.SHIFT
        self.table = nn.Embedding(n_rows + 1, self.SIZE, padding_idx=n_rows)
        self.classes = nn.Embedding(p.N_CLASSES + 1, self.SIZE)
        nn.init.normal_(self.table.weight, std=0.1)
        nn.init.normal_(self.classes.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[n_rows].zero_()
        self.first = nn.Linear((self.BEFORE + self.AFTER) * self.SIZE, hidden)
        self.second = nn.Linear(hidden, last)
        self.third = nn.Linear(last, 1)

    def forward(self, rows: Tensor, classes: Tensor) -> Tensor:
        """(B, T, 4) and (B, T) to logits (B, T): a sentence ends after each piece."""
        x = self.table(rows >> self.SHIFT).sum(2) + self.classes(classes)
        length = x.shape[1]
        x = F.pad(x, (0, 0, self.BEFORE - 1, self.AFTER))
        x = torch.cat([x[:, i : i + length] for i in range(self.BEFORE + self.AFTER)], 2)
        return self.third(F.relu(self.second(F.relu(self.first(x))))).squeeze(2)
