"""One network that knows what several know: its body learns on, on its own tables, from the mean of its teachers.

A net that was trained long is strong where only the topic can tell, and too sure of headings; shorter or softer trained
ones are not. Their mean is better than any, and costs the time of all. So the body of the long one is taught what the
others say of the training documents, mixed with the labels. Judges that saw one half of them teach on the other half.
Tables stay, so that the inputs of the body are worked out once, and a core of any machine is enough: an hour.
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from segtool.inference.card import load_card
from segtool.inference.topic_model import Inputs, TopicModel
from segtool.inference.topic_units import sentence_starts
from segtool.training.sections.batches import changes
from segtool.training.sections.cache import section_keys
from segtool.training.sections.corpus import (
    CHOI_LANGUAGES,
    RawRecord,
    SectionRecord,
    is_kept_back,
    read_records,
)
from segtool.training.sections.export import load_weights, save_weights
from segtool.training.sections.network import Body
from segtool.training.sections.prepare import half_of

log = logging.getLogger("segtool.training.sections.refine")
CROP = 512
LONGEST_MEAN = 300
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shares:
    """What the body learns from.

    Args:
        kept, dropped: Share of the documents taken with their headings, and without.
        sentences: Share of the latter given by sentences.
        joined: Documents joined from pieces of others.
        gold: Share of the labels in the targets; the teachers have the rest.
        sample: Share of all that is used, for a trial.
    """

    kept: float = 0.45
    dropped: float = 0.6
    sentences: float = 0.12
    joined: int = 1_600
    gold: float = 0.35
    sample: float = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """A document as the body sees it.

    Args:
        inputs: Of the body, in 16 bits.
        target: float32 (n, 5), chances to be said.
    """

    inputs: Inputs
    target: F32


Units = tuple[list[str], F32, int | None]
"""Texts, labels (n, 5), and the half of a document with sections; None if joined."""


def section_units(records: Sequence[SectionRecord], shares: Shares, rng: random.Random) -> Iterator[Units]:
    """Documents with sections, some with their headings, some without, or both."""
    for record in records:
        keys = section_keys(record)
        for dropped, share in ((False, shares.kept), (True, shares.dropped)):
            if rng.random() >= share * shares.sample:
                continue
            rows = [i for i, (level, _, _) in enumerate(record.paragraphs) if not (dropped and level)]
            start = rng.randrange(max(1, len(rows) - CROP + 1))
            rows = rows[start : start + CROP]
            if len(rows) < 3:
                continue
            texts, labels = [record.paragraphs[i][2] for i in rows], changes(keys[rows])
            if dropped and rng.random() < shares.sentences:
                texts, labels = _by_sentence(texts, labels)
            yield texts, labels, half_of(record.id)


def _by_sentence(texts: Sequence[str], labels: F32) -> tuple[list[str], F32]:
    out: list[str] = []
    rows = np.zeros((CROP, labels.shape[1]), np.float32)
    for text, label in zip(texts, labels, strict=True):
        starts = sentence_starts(text)
        if len(out) + len(starts) > CROP:
            break
        rows[len(out)] = label
        out += [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return out, rows[: len(out)]


def joined_units(records: Sequence[RawRecord], shares: Shares, rng: random.Random) -> Iterator[Units]:
    """Pieces of 3 to 11 sentences (a third: 1 to 25 units) of up to 14 documents of a language, often of one domain."""
    groups: dict[tuple[str, str], list[RawRecord]] = {}
    for record in records:
        for domain in (record.domain, ""):
            groups.setdefault((record.lang, domain), []).append(record)
    languages = sorted({lang for lang, _ in groups})
    weights = [6.0 if lang == "en" else 1.0 if lang in CHOI_LANGUAGES else 0.1 for lang in languages]
    for _ in range(int(shares.joined * shares.sample)):
        lang = rng.choices(languages, weights)[0]
        domain = rng.choice(sorted({d for known, d in groups if known == lang and d})) if rng.random() < 0.6 else ""
        texts, sizes = [], []
        low, high = (3, 11) if rng.random() < 0.67 else (1, 25)
        by_sentence = rng.random() < 0.75
        pool = groups[lang, domain]
        for record in rng.sample(pool, min(len(pool), rng.randint(2, 14))):
            units = _pieces(record, by_sentence)
            size = min(len(units), rng.randint(low, high))
            start = rng.randint(0, len(units) - size)
            texts += units[start : start + size]
            sizes.append(size)
        labels = np.zeros((len(texts), 5), np.float32)
        labels[np.cumsum(sizes)[:-1]] = 1
        if len(sizes) > 1 and min(sizes) and len(texts) <= CROP:
            yield texts, labels, None


def _pieces(record: RawRecord, by_sentence: bool) -> list[str]:
    body = [p for p in record.paragraphs if len(p) >= 40 or p[-1:] in ".!?。！？…"]
    if not by_sentence:
        return body
    return [
        p[a:b].strip() for p in body for s in [sentence_starts(p)] for a, b in zip(s, [*s[1:], len(p)], strict=True)
    ]


class Teachers:
    """Models whose mean says what the student shall say.

    Args:
        always: Teach on every document.
        judges: None or two, of which the first learnt from half 0 of the documents and teaches on half 1.
    """

    def __init__(self, student: TopicModel, always: Sequence[TopicModel], judges: Sequence[TopicModel]) -> None:
        self._student, self._always, self._judges = student, tuple(always), tuple(judges)

    def example(self, units: Units, gold: float) -> Example:
        """What the student sees, and what it shall say."""
        texts, labels, half = units
        teachers = list(self._always)
        if half is None:
            teachers.append(self._student)  # it is good at joined documents
        elif self._judges:
            teachers.append(self._judges[1 - half])
        said = np.mean([_log_odds(teacher.probabilities(texts)) for teacher in teachers], axis=0)
        target = gold * labels + (1 - gold) / (1 + np.exp(-said))
        if half is None:  # whether a change of topic is of some depth, nobody knows: as it was
            target[:, :4] = self._student.probabilities(texts)[:, :4]
        seen = self._student.inputs(texts, 0)
        small = Inputs(seen.units.astype(np.float16), seen.patch.astype(np.float16))
        return Example(small, target.astype(np.float32))


def _log_odds(chances: F32) -> F32:
    inside = np.clip(chances, 1e-6, 1 - 1e-6)
    odds: F32 = np.log(inside / (1 - inside))
    return odds


def refine(body: Body, examples: Sequence[Example], epochs: float, rate: float, seed: int) -> Body:
    """The running mean of the body's weights after so many times through the examples."""
    torch.manual_seed(seed)
    order = random.Random(seed)
    mean = copy.deepcopy(body).eval().requires_grad_(False)
    body.train()
    batches = _batches(examples)
    n_steps = int(epochs * len(batches))
    free = [p for p in body.parameters() if p.ndim < 2]
    rest = [p for p in body.parameters() if p.ndim >= 2]
    optimiser = torch.optim.AdamW(
        [{"params": free, "weight_decay": 0.0}, {"params": rest, "weight_decay": 0.05}], lr=rate, betas=(0.9, 0.98)
    )
    queue: list[list[Example]] = []
    begun, losses = time.monotonic(), 0.0
    for step in range(n_steps):
        queue = queue or order.sample(batches, len(batches))
        share = min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / n_steps))
        for group in optimiser.param_groups:
            group["lr"] = rate * share
        loss = _loss(body, queue.pop())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(body.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            follow = max(1 / LONGEST_MEAN, 9 / (9 + step))
            torch._foreach_lerp_(list(mean.parameters()), list(body.parameters()), follow)
        losses += float(loss.detach())
        if step % 100 == 99:
            log.info("step %d of %d, %.0f s, loss %.4f", step + 1, n_steps, time.monotonic() - begun, losses / 100)
            losses = 0.0
    return mean


def _batches(examples: Sequence[Example], n_units: int = 1_024) -> list[list[Example]]:
    """Examples of like length together, of about so many units."""
    out: list[list[Example]] = [[]]
    for example in sorted(examples, key=lambda e: len(e.target)):
        if out[-1] and (len(out[-1]) + 1) * len(example.target) > n_units:
            out.append([])
        out[-1].append(example)
    return out


def _loss(body: Body, batch: Sequence[Example]) -> Tensor:
    """Half the cross entropy of main depth and half that of the four depths; the first unit of a document is no gap."""
    longest = max(len(example.target) for example in batch)

    def padded(arrays: Sequence[npt.NDArray[np.generic]]) -> Tensor:
        return torch.stack([F.pad(torch.from_numpy(a).float(), (0, 0, 0, longest - len(a))) for a in arrays])

    keep = torch.tensor([[i < len(example.target) for i in range(longest)] for example in batch])
    logits = body(padded([e.inputs.units for e in batch]), padded([e.inputs.patch for e in batch]), keep)
    targets = padded([e.target for e in batch])
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    loss = (0.125 * loss[..., :4].sum(-1) + 0.5 * loss[..., 4])[:, 1:]
    return (loss * keep[:, 1:]).sum() / keep[:, 1:].sum()


def main() -> int:
    """Read, teach, write the weights."""
    parser = argparse.ArgumentParser(prog="python -m segtool.training.sections.refine", description=__doc__)
    parser.add_argument("--pack", type=Path, required=True, help="a pack of training documents")
    parser.add_argument("--student", type=Path, required=True, help="weights (.npz)")
    parser.add_argument("--models", type=Path, required=True, help="folder of exported models: student, the teachers")
    parser.add_argument("--teachers", nargs="+", default=["short", "soft"], help="folders below --models")
    parser.add_argument("--judges", nargs="*", default=["judge1", "judge2"], help="the same of the judges")
    parser.add_argument("--out", type=Path, required=True, help="weights (.npz)")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--gold", type=float, default=0.35, help="share of the labels in what is taught")
    parser.add_argument("--sample", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")

    def model(name: str) -> TopicModel:
        return TopicModel.load(load_card(options.models / name / "topics"))

    teachers = Teachers(model("student"), [model(n) for n in options.teachers], [model(n) for n in options.judges])
    shares, rng = Shares(gold=options.gold, sample=options.sample), random.Random(options.seed)
    records = [r for r in read_records(options.pack / "train.jsonl.xz") if isinstance(r, SectionRecord)]
    raw = [r for r in read_records(options.pack / "raw.jsonl.xz") if isinstance(r, RawRecord)]
    learnt = [record for record in records if not is_kept_back(record.id)]
    examples = [teachers.example(u, shares.gold) for u in joined_units(raw, shares, rng)]
    log.info("%d joined documents, %d units", len(examples), sum(len(e.target) for e in examples))
    examples += [teachers.example(units, shares.gold) for units in section_units(learnt, shares, rng)]
    log.info("%d documents, %d units", len(examples), sum(len(e.target) for e in examples))
    net = load_weights(options.student)
    net.body = refine(net.body, examples, options.epochs, options.rate, options.seed)
    save_weights(net, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
