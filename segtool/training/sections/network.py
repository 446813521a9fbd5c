"""The section model in PyTorch.

A word table pools each unit into a topic vector and a plain vector; similarities of topics and of lexical sketches
around each gap, form, shape and numbering join them; four blocks of convolution, attention and a feed-forward net
look over up to 512 units and give five logits a unit. Only `Body` is exported to ONNX: what comes before it is array
code in `segtool.inference.topic_features`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from segtool.inference.topic_features import (
    MEAN_WIDTHS,
    N_FORM_HEAD,
    N_FORM_TAIL,
    N_PATCH,
    N_SHAPE,
    REACH,
    TOPIC_EPSILON,
    SectionShape,
    patch_pairs,
)
from segtool.inference.topic_numbering import N_NUMBER_FEATURES
from segtool.inference.topic_tokens import FORM_BITS
from segtool.training.sections.cache import N_DEPTHS, TABLE_BITS

MAX_LENGTH = 1024


def n_inputs(shape: SectionShape) -> int:
    """Numbers of a unit before the patch: topic, plain, form, shape, numbers, weight."""
    return 2 * shape.width + (N_FORM_HEAD + N_FORM_TAIL) * shape.form_width + N_SHAPE + N_NUMBER_FEATURES + 1


class Block(nn.Module):
    """Convolution over 7 units, attention over all, and a feed-forward net, each on its normed input."""

    def __init__(self, shape: SectionShape, dropout: float) -> None:
        super().__init__()
        d = shape.body
        self.heads = shape.heads
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(3))
        self.conv = nn.Conv1d(d, d, 7, padding=3, groups=d)
        self.mix = nn.Linear(d, d)
        self.qkv = nn.Linear(d, 3 * d)
        self.out = nn.Linear(d, d)
        self.up = nn.Linear(d, 2 * d)
        self.down = nn.Linear(2 * d, d)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, keep: Tensor | None, cos: Tensor, sin: Tensor) -> Tensor:
        """x: (samples, units, d); keep: (samples, units) bool, or None where no unit is padding."""
        h = self.norms[0](x)
        if keep is not None:
            h = h * keep[..., None]
        h = self._convolve(h)
        x = x + self.dropout(self.mix(F.gelu(h)))
        x = x + self.dropout(self.out(self._attend(self.norms[1](x), keep, cos, sin)))
        return x + self.dropout(self.down(F.gelu(self.up(self.norms[2](x)))))

    def _convolve(self, h: Tensor) -> Tensor:
        if not h.is_cuda:
            return self.conv(h.transpose(1, 2)).transpose(1, 2)
        # seven shifted products: the library's gradient of a convolution by channel is many times slower
        n, reach = h.shape[1], self.conv.kernel_size[0]
        padded = F.pad(h, (0, 0, reach // 2, reach // 2))
        weight = self.conv.weight[:, 0].to(h.dtype)
        out: Tensor = self.conv.bias.to(h.dtype)  # type: ignore[union-attr]
        for shift in range(reach):
            out = out + padded[:, shift : shift + n] * weight[:, shift]
        return out

    def _attend(self, h: Tensor, keep: Tensor | None, cos: Tensor, sin: Tensor) -> Tensor:
        b, n, d = h.shape
        q, k, v = self.qkv(h).view(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
        mask = None if keep is None else keep[:, None, None, :]
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return out.transpose(1, 2).reshape(b, n, d)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, dim=-1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


class Body(nn.Module):
    """From the numbers of each unit and its patch to five logits: chance of a section at depth 1 to 4, main depth."""

    def __init__(self, shape: SectionShape, dropout: float = 0.2) -> None:
        super().__init__()
        d = shape.body
        self.enter = nn.Linear(n_inputs(shape), d)
        self.patch = nn.Sequential(nn.Linear(N_PATCH, d), nn.GELU(), nn.Linear(d, d))
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(shape, dropout) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(d)
        self.leave = nn.Sequential(nn.Linear(2 * d, d), nn.GELU(), nn.Linear(d, N_DEPTHS))
        half = d // shape.heads // 2
        angles = torch.outer(torch.arange(MAX_LENGTH).float(), 10_000 ** (-torch.arange(half).float() / half))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, inputs: Tensor, patch: Tensor, keep: Tensor | None = None) -> Tensor:
        """inputs: (samples, units, n_inputs); patch: (samples, units, 252); gives (samples, units, 5)."""
        n = inputs.shape[1]
        cos, sin = self.cos[:n], self.sin[:n]
        x = self.dropout(self.enter(inputs) + self.patch(patch))
        for block in self.blocks:
            x = block(x, keep, cos, sin)
        x = self.norm(x)
        before = F.pad(x, (0, 0, 1, 0))[:, :n]
        logits: Tensor = self.leave(torch.cat([x, before], dim=-1))
        return logits


class SectionNet(nn.Module):
    """Tables and body; `forward` takes a batch of `segtool.training.sections.batches` as tensors."""

    def __init__(self, shape: SectionShape, teacher_width: int = 384) -> None:
        super().__init__()
        self.shape = shape
        rows = 1 << shape.bits
        self.table = nn.Embedding(rows, shape.width)
        self.weight = nn.Embedding(rows, 1)
        self.bias = nn.Parameter(torch.zeros(shape.width))
        self.plain_norm = nn.LayerNorm(shape.width)
        self.form = nn.Embedding(1 << FORM_BITS, shape.form_width)
        self.body = Body(shape)
        self.project = nn.Linear(shape.width, teacher_width)
        nn.init.normal_(self.table.weight, std=0.05)
        nn.init.normal_(self.form.weight, std=0.1)
        nn.init.zeros_(self.weight.weight)
        rows_, distances = patch_pairs()
        self.bodies: dict[tuple[int, int], Callable[[Tensor, Tensor, Tensor], Tensor]] = {}
        self.register_buffer("pair_row", torch.from_numpy(rows_), persistent=False)
        self.register_buffer("pair_distance", torch.from_numpy(distances), persistent=False)

    def pool(self, batch: dict[str, Tensor], words_off: Tensor | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Topic (unit length), plain mean, sketch (unit length, no gradient) and log of the weights of each unit."""
        ids = batch["words"].long() >> (TABLE_BITS - self.shape.bits)
        unit_at = batch["unit_at"]
        n = len(unit_at) - 1
        owner = torch.repeat_interleave(torch.arange(n, device=ids.device), unit_at.diff(), output_size=len(ids))
        keep = torch.ones(len(ids), device=ids.device) if words_off is None else (~words_off[ids[:, 0]]).float()
        vectors = self.table(ids[:, 0]) + self.table(ids[:, 1])
        weight = torch.exp(self.weight(ids[:, 0])[:, 0]) * keep
        total = torch.zeros(n, device=ids.device).index_add(0, owner, weight)
        count = torch.zeros(n, device=ids.device).index_add(0, owner, keep)
        zeros = torch.zeros(n, self.shape.width, device=ids.device)
        topic = zeros.index_add(0, owner, vectors * weight[:, None]) / (total + TOPIC_EPSILON)[:, None] - self.bias
        plain = zeros.index_add(0, owner, vectors * keep[:, None]) / count.clamp(min=1)[:, None]
        sketch = self._sketch(ids, owner, weight.detach(), n)
        return F.normalize(topic, dim=1, eps=1e-6), self.plain_norm(plain), sketch, torch.log(total + TOPIC_EPSILON)

    @torch.no_grad()
    def _sketch(self, ids: Tensor, owner: Tensor, weight: Tensor, n: int) -> Tensor:
        width = self.shape.sketch
        mixed = (ids * 2654435761) & 0xFFFFFFFF  # as `sketch_slots`, in 64 bits
        mixed = mixed ^ (mixed >> 15)
        mixed = (mixed * 2246822519) & 0xFFFFFFFF
        slots = (mixed >> 20) & (width - 1)
        signs = ((mixed >> 8) & 1).float() * 2 - 1
        sketch = torch.zeros(n * width, device=ids.device)
        for column in range(2):
            sketch.index_add_(0, owner * width + slots[:, column], weight * signs[:, column])
        return F.normalize(sketch.view(n, width), dim=1, eps=1e-6)

    def forward(
        self,
        batch: dict[str, Tensor],
        grid: tuple[int, int],
        words_off: Tensor | None = None,
        forms_off: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Logits (samples, longest, 5) and the topic of each unit (units, width).

        Args:
            batch: Units of all samples, flat.
            grid: Samples, and units of the longest.
            words_off, forms_off: bool by row of the tables, words and forms that are not seen.
        """
        topic, plain, sketch, weight = self.pool(batch, words_off)
        form, shown = self.form(batch["form"].long()), batch["form"] > 0
        if forms_off is not None:
            shown = shown & ~forms_off[batch["form"].long()]
        form = (form * shown[..., None]).flatten(1)
        flat = torch.cat([topic, plain, form, batch["shape"], batch["numbers"], weight[:, None]], dim=1)
        position, (b, n) = batch["position"], grid
        inputs = flat.new_zeros(b * n, flat.shape[1]).index_copy(0, position, flat).view(b, n, -1)
        topics = topic.new_zeros(b * n, topic.shape[1]).index_copy(0, position, topic).view(b, n, -1)
        sketches = sketch.new_zeros(b * n, sketch.shape[1]).index_copy(0, position, sketch).view(b, n, -1)
        sizes = batch["sizes"]
        keep = torch.arange(n, device=sizes.device)[None] < sizes[:, None]
        patch = torch.cat([p for v in (topics, sketches) for p in (self._pairs(v), _mean_cosines(v))], -1)
        if self.training and grid in self.bodies:
            return self.bodies[grid](inputs, patch, keep).float(), topic
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=inputs.is_cuda):
            logits = self.body(inputs, patch, keep)
        return logits.float(), topic

    def _pairs(self, vectors: Tensor) -> Tensor:
        """The 120 cosines among the 16 units around each gap: (samples, units, 120)."""
        b, n, _ = vectors.shape
        reach = 2 * REACH - 1
        with torch.autocast(vectors.device.type, enabled=False):
            product = torch.bmm(vectors, vectors.transpose(1, 2))
        product = F.pad(product, (0, reach, REACH, REACH))  # rows and columns outside are 0
        rows = torch.arange(n, device=vectors.device)[:, None] + self.pair_row  # in the padded grid
        columns = rows - REACH + self.pair_distance
        index = (rows * (n + reach) + columns.clamp(min=0)).flatten()  # a padded row is 0 in every column
        return product.flatten(1).index_select(1, index).view(b, n, -1)


def _mean_cosines(vectors: Tensor) -> Tensor:
    n = vectors.shape[1]
    sums = F.pad(vectors.cumsum(1), (0, 0, 1, 0))
    at = torch.arange(n, device=vectors.device)
    out = []
    for width in MEAN_WIDTHS:
        before = sums[:, :n] - sums[:, (at - width).clamp(min=0)]
        after = sums[:, (at + width).clamp(max=n)] - sums[:, :n]  # past a sample's end the sums stand still
        norms = before.square().sum(-1) * after.square().sum(-1)
        out.append((before * after).sum(-1) / torch.sqrt(norms + 1e-6))
    return torch.stack(out, dim=-1)


def section_loss(logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Half the cross entropy of main depth and half that of the four depths."""
    loss = F.binary_cross_entropy_with_logits(logits, labels, reduction="none") * mask
    depths = loss[..., :4].sum() / mask[..., :4].sum().clamp(min=1)
    main = loss[..., 4].sum() / mask[..., 4].sum().clamp(min=1)
    return 0.5 * depths + 0.5 * main


def join_loss(logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Cross entropy of main depth, and a quarter of that of the four depths: where a document ends all of them do."""
    loss = F.binary_cross_entropy_with_logits(logits, labels, reduction="none") * mask
    depths = loss[..., :4].sum() / mask[..., :4].sum().clamp(min=1)
    return loss[..., 4].sum() / mask[..., 4].sum().clamp(min=1) + 0.25 * depths


def contrast_loss(topic: Tensor, source: Tensor, temperature: float, limit: int = 6000) -> Tensor:
    """Supervised contrast (Khosla et al. 2020): units of one document are alike, those of others are not."""
    if len(topic) > limit:
        chosen = torch.randperm(len(topic), device=topic.device)[:limit]
        topic, source = topic[chosen], source[chosen]
    similarity = topic @ topic.T / temperature
    itself = torch.eye(len(topic), dtype=torch.bool, device=topic.device)
    similarity = similarity.masked_fill(itself, -math.inf)
    log_chance = similarity - similarity.logsumexp(1, keepdim=True)
    same = (source[:, None] == source[None]) & ~itself
    n_same = same.sum(1)
    means = log_chance.masked_fill(~same, 0).sum(1) / n_same.clamp(min=1)
    return -(means * (n_same > 0)).sum() / (n_same > 0).sum().clamp(min=1)


def distill_loss(projected: Tensor, topic: Tensor, teacher: Tensor) -> Tensor:
    """Distance of the projected topics to the teacher's unit vectors, and of the two matrices of cosines."""
    alike = (F.normalize(projected, dim=1) * teacher).sum(1)
    gap = (topic @ topic.T - teacher @ teacher.T).square().mean()
    return (1 - alike).mean() + 4 * gap
