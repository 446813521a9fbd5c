"""What a training starts from: features of all documents, the teacher's judgements, and first weights from both."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from segtool.inference.topic_tokens import CharacterTable, Tokenizer, table_rows
from segtool.training.sections.cache import (
    TABLE_BITS,
    UnitCache,
    build_cache,
    load_cache,
    names_of,
    save_cache,
    sentence_offsets,
    sentences_of,
)
from segtool.training.sections.corpus import Pack, RawRecord, SectionRecord, family
from segtool.training.sections.network import SectionNet
from segtool.training.sections.samples import Source
from segtool.training.sections.teacher import Teacher

log = logging.getLogger(__name__)
FACTS_FILE = "facts.json"


def half_of(identity: str) -> int:
    """0 or 1 for a document, the same for the translations of a page: those of one path in several repositories."""
    digest = hashlib.blake2b(identity.split(":", 1)[-1].encode(), digest_size=1).digest()
    return digest[0] & 1


@dataclass(frozen=True, slots=True)
class TrainData:
    """Prepared documents and the teacher's judgements."""

    source: Source
    langs: list[str]
    domains: list[str]
    teacher: npt.NDArray[np.float16] | None
    word_vectors: tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]] | None


def prepare(pack: Pack, folder: Path, teacher: Path | None, device: str, processes: int, limit: int) -> None:
    """Make features and teacher's vectors of a pack and keep them in a folder.

    Args:
        pack: All documents.
        folder: Where the arrays are kept.
        teacher: Folder with the rounded teacher and `words.txt`; None to train without.
        device: Where the teacher runs.
        processes: Worker processes for the features.
        limit: Sentences the teacher reads.
    """
    records: list[SectionRecord | RawRecord] = [*pack.train, *pack.raw]
    langs, domains = names_of(records)
    save_cache(build_cache(records, langs, domains, processes), folder)
    families: dict[str, int] = {}
    rows = [families.setdefault(family(record.id), len(families)) for record in records]
    np.save(folder / "family.npy", np.array(rows))
    np.save(folder / "half.npy", np.array([half_of(record.id) for record in records], np.int8))
    if teacher is not None:
        _ask_teacher(records, load_cache(folder), folder, Teacher(teacher, device), teacher, limit)
    # written last: it says that the rest is whole
    facts = {"langs": langs, "domains": domains, "n_sections": len(pack.train)}
    (folder / FACTS_FILE).write_text(json.dumps(facts), encoding="utf-8")


def load_prepared(folder: Path) -> TrainData:
    """What `prepare` left in a folder."""
    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    cache = load_cache(folder)
    is_section = np.arange(cache.n_documents) < facts["n_sections"]
    known = {"family": np.load(folder / "family.npy"), "half": np.load(folder / "half.npy")}
    if not (folder / "teacher_vectors.npy").exists():
        return TrainData(Source(cache, is_section, None, **known), facts["langs"], facts["domains"], None, None)
    source = Source(cache, is_section, np.load(folder / "teacher_rows.npy"), **known)
    stored = np.load(folder / "word_vectors.npz")
    words = (stored["rows"], stored["vectors"])
    return TrainData(source, facts["langs"], facts["domains"], np.load(folder / "teacher_vectors.npy"), words)


def _ask_teacher(
    records: Sequence[SectionRecord | RawRecord],
    cache: UnitCache,
    folder: Path,
    teacher: Teacher,
    words_from: Path,
    limit: int,
) -> None:
    """Vectors of English sentences of all domains, and of the frequent words."""
    offsets = sentence_offsets(cache)
    rng = np.random.default_rng(5)
    english = [i for i, r in enumerate(records) if r.lang == "en"]
    by_domain: dict[str, list[int]] = {}
    for i in rng.permutation(english).tolist():
        by_domain.setdefault(records[i].domain, []).append(i)
    quota = limit // max(1, len(by_domain))
    texts: list[str] = []
    rows = np.full(int(offsets[-1]), -1, np.int32)
    for _, documents in sorted(by_domain.items()):
        taken = 0
        for i in documents:
            if taken >= quota:
                break
            for at, sentence in enumerate(sentences_of(records[i])):
                if len(sentence) >= 20:
                    rows[offsets[i] + at] = len(texts)
                    texts.append(sentence[:500])
                    taken += 1
    vectors = teacher.embed(texts).astype(np.float32)
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6
    words = (words_from / "words.txt").read_text(encoding="utf-8").split("\n")
    embedded = teacher.embed(words).astype(np.float32)
    embedded -= embedded.mean(axis=0)
    tokens = Tokenizer(CharacterTable.build())(words)
    whole = np.diff(tokens.offsets) == 1
    at = tokens.offsets[:-1][whole]
    pairs = np.stack([table_rows(h[at], TABLE_BITS) for h in (tokens.whole, tokens.part)], axis=1)
    _, _, axes = np.linalg.svd(embedded[whole][::3], full_matrices=False)
    np.savez(folder / "word_vectors.npz", rows=pairs, vectors=(embedded[whole] @ axes[:128].T).astype(np.float32))
    np.save(folder / "teacher_rows.npy", rows)
    np.save(folder / "teacher_vectors.npy", vectors.astype(np.float16))
    log.info("teacher: %d sentences, %d words", len(texts), len(pairs))


def word_weights(data: TrainData, bits: int) -> npt.NDArray[np.float32]:
    """Log weight of each row of a word table by its frequency (SIF, Arora et al. 2017): float32 (2^bits,)."""
    cache = data.source.cache
    rows = np.asarray(cache.words[:, 0]) >> (TABLE_BITS - bits)
    at = np.asarray(cache.word_at)[sentence_offsets(cache)]
    share = np.zeros(1 << bits)
    for lang in range(len(data.langs)):
        documents = np.flatnonzero(cache.lang == lang)
        counts = np.bincount(np.concatenate([rows[at[i] : at[i + 1]] for i in documents]), minlength=len(share))
        share = np.maximum(share, counts / max(5_000, counts.sum()))
    weights: npt.NDArray[np.float32] = np.log(1e-3 / (1e-3 + share)).astype(np.float32)
    return weights


def fit_words(net: SectionNet, data: TrainData, device: str, steps: int = 250) -> None:
    """Let the sum of a word's two rows match the teacher's vector of the word."""
    if data.word_vectors is None:
        return
    rows = torch.from_numpy(data.word_vectors[0] >> (TABLE_BITS - net.shape.bits)).long().to(device)
    target = torch.from_numpy(data.word_vectors[1][:, : net.shape.width]).to(device)
    target = 0.5 * target / target.norm(dim=1, keepdim=True).mean()
    optimiser = torch.optim.Adam([net.table.weight], lr=0.01)
    for _ in range(steps):
        vectors = net.table(rows[:, 0]) + net.table(rows[:, 1])
        loss = (vectors - target).square().sum(1).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    log.info("words fitted: %.4f", float(loss.detach()))
