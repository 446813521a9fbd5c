"""A teacher of English: a small pretrained language model learns to find sentences in text without punctuation.

all-MiniLM-L6-v2 (Apache-2.0) knows English from far more text than our corpora hold. It is trained further as a tagger
of words on stripped, lower-cased text, and then says of all English text of the corpora where sentences may end. The
shipped nets learn from its answers; none of its weights are shipped. Its input are word pieces, its answers stand at
the last word piece of each of our pieces.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import io
import json
import logging
import lzma
import pathlib
import time
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segtool.inference import pieces as p
from segtool.training.sentences import features as f
from segtool.training.sentences import measure
from segtool.training.sentences.exchange import write_answers
from segtool.training.sentences.mixture import UNTAUGHT, Mixture
from segtool.training.sentences.pack import Record

log = logging.getLogger(__name__)

PER_PIECE = 4
"""Most word pieces of one of our pieces; longer ones keep the first."""
PIECES, TOKENS, MARGIN = 168, 256, 24
"""A window: our pieces, word pieces with the two marks at its ends, and context on either side when it answers."""
HIDDEN = 0.08
"""Share of word pieces that are masked in training."""
FILES = ("labelled", "raw", "dev")


class WordPieces:
    """Words to numbers of the vocabulary: the longest known beginning, then the longest known rests."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        self._known: dict[str, tuple[int, ...]] = {}

    def ids(self, word: str) -> tuple[int, ...]:
        """Numbers of a word without white space, without regard to case and accents; at most ``PER_PIECE``."""
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = self._cut(word)
        return found

    def _cut(self, word: str) -> tuple[int, ...]:
        plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")
        out: list[int] = []
        start = 0
        while start < len(plain) and len(out) < PER_PIECE:
            stop = len(plain)
            while stop > start and ("##" if start else "") + plain[start:stop] not in self._vocabulary:
                stop -= 1
            if stop == start:
                return (self._vocabulary["[UNK]"],)
            out.append(self._vocabulary[("##" if start else "") + plain[start:stop]])
            start = stop
        return tuple(out) or (self._vocabulary["[UNK]"],)


def stripped_words(record: Record, cutter: p.PieceCutter) -> list[str]:
    """The pieces of the text without punctuation and symbols, as ``FeatureMaker.stripped`` cuts it."""
    codes = p.code_points(record.text.replace("\r\n", "\n "))
    kept = codes[(cutter.traits(codes) & 15) < p.PUNCTUATION]
    text = kept.tobytes().decode("utf-32-le", "surrogatepass")
    pieces = cutter.cut(text)
    return [text[a:b] for a, b in zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True)]


def _job(job: tuple[tuple[pathlib.Path, int, int], pathlib.Path]) -> npt.NDArray[np.uint16]:
    given, vocabulary = job
    words, cutter = WordPieces(json.loads(vocabulary.read_text())), p.PieceCutter()
    rows = [np.zeros((0, PER_PIECE), np.uint16)]
    for record in f.job_records(given):
        if record.language == "en":
            found = [words.ids(word) for word in stripped_words(record, cutter)]
            row = np.zeros((len(found), PER_PIECE), np.uint16)
            for i, ids in enumerate(found):
                row[i, : len(ids)] = ids
            rows.append(row)
    return np.concatenate(rows)


def load_words(packs: pathlib.Path, cache: pathlib.Path, workers: int) -> dict[str, npt.NDArray[np.uint16]]:
    """Word pieces (n, ``PER_PIECE``) of all English stripped pieces, 0 for none, in the order of the tables; cached."""
    paths = [cache / f"english-{name}.npy" for name in FILES]
    if not all(path.exists() for path in paths):
        labelled, raw = f.pack_jobs(packs, "train")
        dev, _ = f.pack_jobs(packs, "dev")
        vocabulary = packs / "teacher" / "vocabulary.json"
        raw = [job for job in raw if job[0].name.split(".")[0] in ("en", "raw-en")]
        with concurrent.futures.ProcessPoolExecutor(workers) as pool:
            for path, jobs in zip(paths, (labelled, raw, dev), strict=True):
                parts = list(pool.map(_job, [(job, vocabulary) for job in jobs]))
                np.save(path.with_suffix(".partial.npy"), np.concatenate(parts))
                path.with_suffix(".partial.npy").replace(path)
    return {name: np.load(path) for name, path in zip(FILES, paths, strict=True)}


class Layer(nn.Module):
    """One layer of BERT."""

    def __init__(self, width: int, heads: int, inner: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.merge, self.up, self.down = nn.Linear(width, width), nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm, self.norm2 = nn.LayerNorm(width, epsilon), nn.LayerNorm(width, epsilon)

    def forward(self, x: Tensor, mask: Tensor, dropout: float) -> Tensor:
        b, t, c = x.shape
        q, k, v = (
            part(x).view(b, t, self.heads, c // self.heads).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(b, t, c)
        x = self.norm(x + F.dropout(self.merge(mixed), dropout, self.training))
        return self.norm2(x + F.dropout(self.down(F.gelu(self.up(x))), dropout, self.training))


NAMES = {
    "attention.self.query": "query", "attention.self.key": "key", "attention.self.value": "value",
    "attention.output.dense": "merge", "attention.output.LayerNorm": "norm",
    "intermediate.dense": "up", "output.dense": "down", "output.LayerNorm": "norm2",
}  # fmt: skip


class Tagger(nn.Module):
    """BERT with logits at every word piece: sentence end, paragraph end, class of the removed mark (5)."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        width, epsilon = int(config["hidden_size"]), float(config["layer_norm_eps"])
        self.words = nn.Embedding(int(config["vocab_size"]), width)
        self.places = nn.Embedding(int(config["max_position_embeddings"]), width)
        self.kinds = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, epsilon)
        self.layers = nn.ModuleList(
            Layer(width, int(config["num_attention_heads"]), int(config["intermediate_size"]), epsilon)
            for _ in range(int(config["num_hidden_layers"]))
        )
        self.heads = nn.Linear(width, 7)
        self.dropout = 0.1

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) word pieces, 0 for padding, to (B, T, 7)."""
        mask = (ids > 0)[:, None, None, :]
        x = self.words(ids) + self.places.weight[: ids.shape[1]] + self.kinds.weight[0]
        x = F.dropout(self.norm(x), self.dropout, self.training)
        for layer in self.layers:
            x = layer(x, mask, self.dropout)
        return self.heads(x)

    def take(self, weights: Mapping[str, Tensor]) -> None:
        """Loads the weights of a BERT model."""
        state = {
            "words.weight": weights["embeddings.word_embeddings.weight"],
            "places.weight": weights["embeddings.position_embeddings.weight"],
            "kinds.weight": weights["embeddings.token_type_embeddings.weight"],
            "norm.weight": weights["embeddings.LayerNorm.weight"],
            "norm.bias": weights["embeddings.LayerNorm.bias"],
        }
        for i in range(len(self.layers)):
            for theirs, ours in NAMES.items():
                for kind in ("weight", "bias"):
                    state[f"layers.{i}.{ours}.{kind}"] = weights[f"encoder.layer.{i}.{theirs}.{kind}"]
        missing, unexpected = self.load_state_dict(state, strict=False)
        if set(missing) != {"heads.weight", "heads.bias"} or unexpected:
            raise ValueError(f"not the weights of the teacher: {missing} {unexpected}")


def load_tagger(folder: pathlib.Path) -> Tagger:
    """The pretrained model of ``sections.teacher.write_teacher``, with new heads."""
    stored = np.load(io.BytesIO(lzma.decompress((folder / "teacher.npz.xz").read_bytes())))
    weights = {}
    for name in stored.files:
        if not name.endswith("|s"):
            value = stored[name].astype(np.float32)
            if name.endswith("|q"):
                value *= stored[name[:-2] + "|s"].astype(np.float32)[:, None]
            weights[name.removesuffix("|q")] = torch.from_numpy(value)
    tagger = Tagger(json.loads((folder / "config.json").read_text()))
    tagger.take(weights)
    return tagger


@dataclasses.dataclass(frozen=True, slots=True)
class Tokens:
    """Windows as word pieces ``ids`` (B, ``TOKENS``), and where among them each piece ends: ``last`` (B, T), 0 for
    pieces that found no room."""

    ids: Tensor
    last: Tensor


def tokens_of(words: Tensor, valid: Tensor, marks: tuple[int, int]) -> Tokens:
    """Pieces of windows, (B, T, ``PER_PIECE``) word pieces, as one line of word pieces each, between two marks."""
    there = (words > 0) & valid[:, :, None]
    flat = there.flatten(1)
    at = torch.cumsum(flat, 1)
    fits = flat & (at < TOKENS - 1)
    ids = torch.zeros(len(words), TOKENS, dtype=torch.long, device=words.device)
    spare = torch.where(fits, at, TOKENS - 1)
    ids.scatter_(1, spare, torch.where(fits, words.flatten(1), 0))
    ids[:, TOKENS - 1] = 0
    ids[:, 0] = marks[0]
    ids.scatter_(1, at[:, -1:].clamp(max=TOKENS - 2) + 1, marks[1])
    last = at.view(words.shape)[:, :, -1]
    return Tokens(ids, torch.where(valid & (last < TOKENS - 1) & (last > 0), last, 0))


class EnglishTeacher:
    """The tagger, English tables and the training of the one on the other.

    Args:
        tables: all four training tables; English documents are used.
        words: of ``load_words``.
    """

    def __init__(
        self,
        tables: Mapping[str, f.Table],
        words: Mapping[str, npt.NDArray[np.uint16]],
        folder: pathlib.Path,
        device: torch.device,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.device = device
        self._full = {name: table.lengths for name, table in tables.items()}
        self._keep = {name: np.array([k[0] == "en" for k in table.kinds]) for name, table in tables.items()}
        self.tables = {name: f.part_of(table, self._keep[name]) for name, table in tables.items()}
        self.mixture = Mixture(self.tables, device, seed)
        vocabulary = json.loads((folder / "vocabulary.json").read_text())
        self.marks, self.mask = (vocabulary["[CLS]"], vocabulary["[SEP]"]), vocabulary["[MASK]"]
        self.words = torch.zeros(self.mixture.offsets[-1], PER_PIECE, dtype=torch.int16, device=device)
        for name in ("labelled", "raw"):
            i = self.mixture.names.index(f"{name}-stripped")
            first, last = self.mixture.offsets[i : i + 2]
            if last - first != len(words[name]):
                raise ValueError(f"{name}: {len(words[name])} words of the teacher for {last - first} pieces")
            self.words[first:last] = torch.from_numpy(words[name].view(np.int16)).to(device)
        self.tagger = load_tagger(folder).to(device)
        self.has_raw = False

    def take_raw(self, soft: npt.NDArray[np.uint8]) -> None:
        """Labels of the whole raw stripped table, chances times 255, from a net that saw the punctuation."""
        pieces = np.repeat(self._keep["raw-stripped"], self._full["raw-stripped"])
        i = self.mixture.names.index("raw-stripped")
        if self.mixture.soft is None:
            self.mixture.soft = torch.zeros(self.mixture.offsets[-1], dtype=torch.uint8, device=self.device)
        self.mixture.soft[self.mixture.offsets[i] : self.mixture.offsets[i + 1]] = torch.from_numpy(soft[pieces]).to(
            self.device
        )
        self.has_raw = True

    def train(self, seconds: float, windows: int, rate: float, raw_labels: pathlib.Path | None, compiled: bool) -> None:
        """Trains for so many seconds; takes labels of raw text when the file appears."""
        fresh = [w for n, w in self.tagger.named_parameters() if n.startswith("heads")]
        old = [w for n, w in self.tagger.named_parameters() if not n.startswith("heads")]
        groups = [{"params": old, "share": 1.0}, {"params": fresh, "share": 5.0}]
        optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
        loss_of = torch.compile(self._loss) if compiled else self._loss
        begun, step, total = time.monotonic(), 0, torch.zeros((), device=self.device)
        self.tagger.train()
        while True:
            progress = (time.monotonic() - begun) / seconds
            if progress >= 1:
                break
            if step % 20 == 0 and not self.has_raw and raw_labels is not None and raw_labels.exists():
                self.take_raw(np.load(raw_labels))
                log.info("english: raw labels at %.2f", progress)
            for group in optimiser.param_groups:
                group["lr"] = rate * group["share"] * min(1.0, (step + 1) / 100) * (1.02 - progress)
            ids, last, targets = self._batch(windows)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
                loss = loss_of(ids, last, *targets)
            loss.backward()
            nn.utils.clip_grad_norm_(self.tagger.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            total += loss.detach()
            step += 1
            if step % 100 == 0:
                log.info("english step %d %.1f s loss %.4f", step, time.monotonic() - begun, float(total) / 100)
                total.zero_()
        log.info("english: %d steps", step)

    @torch.no_grad()
    def _batch(self, windows: int) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]:
        n_raw = windows * 6 // 10 if self.has_raw else 0
        chosen = self.mixture.choose({"labelled-stripped": windows - n_raw, "raw-stripped": n_raw}, PIECES)
        words = self.words[chosen.index].long() & 0xFFFF
        tokens = tokens_of(words, chosen.valid, self.marks)
        flags = self.mixture.flags[chosen.index].int()
        raw = (chosen.kind >= 2)[:, None]
        end = (flags & 1).float()
        if self.mixture.soft is not None:
            end = torch.where(raw, self.mixture.soft[chosen.index].float() / 255, end)
        inner = torch.zeros_like(chosen.valid)
        inner[:, 12:-12] = True
        loss = chosen.valid & inner & (tokens.last > 0) & ((flags & f.FLAG_LAST) == 0)
        hide = (torch.rand(tokens.ids.shape, device=self.device) < HIDDEN) & (tokens.ids > 0)
        ids = torch.where(hide, self.mask, tokens.ids)
        return ids, tokens.last, (end, loss, flags, raw)

    def _loss(self, ids: Tensor, last: Tensor, end: Tensor, loss: Tensor, flags: Tensor, raw: Tensor) -> Tensor:
        logits = self.tagger(ids).float()
        at = logits.gather(1, last[:, :, None].expand(-1, -1, 7))
        weight = loss.float()
        n = weight.sum().clamp(min=1)
        main = F.binary_cross_entropy_with_logits(at[..., 0], end, reduction="none") * weight
        breaks = F.binary_cross_entropy_with_logits(at[..., 1], (flags >> 1 & 1).float(), reduction="none")
        marks = F.cross_entropy(
            at[..., 2:].flatten(0, 1), (flags >> f.MARK_SHIFT & 7).long().flatten(), reduction="none"
        )
        return (main.sum() + 0.2 * (breaks * weight * raw).sum() + 0.2 * (marks * weight.flatten()).sum()) / n

    @torch.no_grad()
    def chances(self, lengths: npt.NDArray[np.int32], words: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
        """Chances of a sentence end after each piece of documents; -1 where there was no room."""
        self.tagger.eval()
        out = np.full(len(words), -1, np.float32)
        cut = measure.cut_windows(lengths, PIECES, MARGIN)
        for start in range(0, len(cut.index), 512):
            part = slice(start, start + 512)
            index = cut.index[part]
            valid = torch.from_numpy(cut.valid[part]).to(self.device)
            given = torch.from_numpy(words[index].astype(np.int64)).to(self.device)
            tokens = tokens_of(given, valid, self.marks)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
                logits = self.tagger(tokens.ids)[..., 0].float()
            found = torch.where(tokens.last > 0, torch.sigmoid(logits.gather(1, tokens.last)), -1.0).cpu().numpy()
            take = cut.take[part]
            out[index[take]] = found[take]
        self.tagger.train()
        return out

    def write_answers(self, words: Mapping[str, npt.NDArray[np.uint16]], path: pathlib.Path) -> None:
        """Answers on all stripped pieces of the training tables, as ``Mixture.teach`` takes them."""
        answers = {}
        for name in ("labelled", "raw"):
            table = f"{name}-stripped"
            found = self.chances(self.tables[table].lengths, words[name])
            row = np.full(int(self._full[table].sum()), UNTAUGHT, np.uint8)
            mine = np.repeat(self._keep[table], self._full[table])
            row[mine] = np.where(found < 0, UNTAUGHT, np.round(found * 254)).astype(np.uint8)
            answers[table] = row
        write_answers(path, answers)


def measured(
    teacher: EnglishTeacher, dev: f.Table, words: npt.NDArray[np.uint16], languages: Sequence[str] = ("en",)
) -> measure.Measures:
    """Scores of the teacher on the bare English dev documents."""
    part = f.part_of(dev, np.array([kind[0] in languages for kind in dev.kinds]))
    return measure.score(part, teacher.chances(part.lengths, words), True)
