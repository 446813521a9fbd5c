"""Features of all training documents as flat arrays, so that a batch is a matter of indexing.

Everything is kept by sentence; a unit of a training document is a run of sentences (one, a few, a paragraph, a
heading joined with its body), and its features follow by slicing words and subtracting sums. Arrays lie in `.npy`
files that worker processes map into memory.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.inference.topic_numbering import Numbers, find_numbers
from segtool.inference.topic_tokens import CharacterTable, Tokenizer, table_rows
from segtool.inference.topic_units import sentence_starts
from segtool.training.sections.corpus import RawRecord, SectionRecord

log = logging.getLogger(__name__)
Array = npt.NDArray[Any]
TABLE_BITS = 17
N_DEPTHS = 5
HEAD_SAMPLE = 160


@dataclass(frozen=True, slots=True)
class UnitCache:
    """Documents by sentence.

    Args:
        words: int32 (words, 2), rows of each word in a table of 2^17.
        word_at: int64 (sentences + 1,), where the words of a sentence start.
        head, tail, first, last: see `UnitTokens`; head and first of a paragraph's first sentence see the paragraph.
        counts: float64 (sentences + 1, 6), running sums of the counts.
        numbers: int32 (sentences, 7): kind, value, other, series, prefix, length, tokens of the number.
        sentence_at: int64 (paragraphs + 1,), where the sentences of a paragraph start.
        level: int8 (paragraphs,), heading level or 0.
        run_in: bool (paragraphs,).
        keys: int16 (paragraphs, 5), section of the paragraph at depth 1 to 4 and at main depth.
        paragraph_at: int64 (documents + 1,).
        lang, domain: int16 (documents,), indices of `names`.
    """

    words: Array
    word_at: Array
    head: Array
    tail: Array
    first: Array
    last: Array
    counts: Array
    numbers: Array
    sentence_at: Array
    level: Array
    run_in: Array
    keys: Array
    paragraph_at: Array
    lang: Array
    domain: Array

    @property
    def n_documents(self) -> int:
        return len(self.lang)

    def numbers_at(self, sentences: Array) -> Numbers:
        """The numbers that open some sentences."""
        rows = self.numbers[sentences]
        kind, value, other, series, prefix, length, _ = rows.T
        return Numbers(kind.astype(np.int8), value, other, series, prefix, length.astype(np.int16))


def section_keys(record: SectionRecord) -> npt.NDArray[np.int16]:
    """Which section each paragraph lies in, at depth 1 to 4 and the main depth: int16 (n, 5).

    Sections are equal when their paths are, as the scorer has it.
    """
    ids: list[dict[tuple[str, ...], int]] = [{} for _ in range(N_DEPTHS)]
    keys = np.zeros((len(record.paragraphs), N_DEPTHS), np.int16)
    stack: list[tuple[int, str]] = []
    for row, (level, _, text) in enumerate(record.paragraphs):
        if level:
            stack = [item for item in stack if item[0] < level] + [(level, text)]
        path = tuple(text for _, text in stack)
        for column, depth in enumerate((1, 2, 3, 4, record.main_depth)):
            keys[row, column] = ids[column].setdefault(path[:depth], len(ids[column]))
    return keys


def _paragraph_rows(record: SectionRecord | RawRecord) -> list[tuple[int, bool, str]]:
    if isinstance(record, SectionRecord):
        return [(level, run_in, text) for level, run_in, text in record.paragraphs]
    return [(0, False, text) for text in record.paragraphs if text.strip()]


def _build(records: Sequence[SectionRecord | RawRecord]) -> dict[str, Array]:
    """Arrays of some documents, with positions counted from 0."""
    tokenizer = Tokenizer(CharacterTable.build())
    parts: list[dict[str, Array]] = []
    for record in records:
        rows = _paragraph_rows(record)
        texts = [text for _, _, text in rows]
        cuts = [sentence_starts(text) for text in texts]
        sentences = [
            text[a:b]
            for text, cut in zip(texts, cuts, strict=True)
            for a, b in zip(cut, [*cut[1:], len(text)], strict=True)
        ]
        tokens = tokenizer(sentences)
        opening = tokenizer([text[:HEAD_SAMPLE] for text in texts])
        n_sentences = np.array([len(cut) for cut in cuts], np.int64)
        starts = np.cumsum(n_sentences) - n_sentences
        head, first = tokens.head.copy(), tokens.first.copy()
        head[starts], first[starts] = opening.head, opening.first
        for i, text in zip(starts.tolist(), texts, strict=True):
            sentences[i] = text
        numbers = find_numbers(sentences)
        marks = tokenizer([text[:n] for text, n in zip(sentences, numbers.length.tolist(), strict=True)])
        marked = (marks.head > 0).sum(axis=1)
        parts.append(
            {
                "words": np.stack([table_rows(tokens.whole, TABLE_BITS), table_rows(tokens.part, TABLE_BITS)], 1),
                "n_words": np.diff(tokens.offsets),
                "head": head,
                "tail": tokens.tail,
                "first": first,
                "last": tokens.last,
                "counts": tokens.counts,
                "numbers": np.stack(
                    [
                        numbers.kind.astype(np.int32),
                        numbers.value,
                        numbers.other,
                        numbers.series,
                        numbers.prefix,
                        numbers.length.astype(np.int32),
                        marked.astype(np.int32),
                    ],
                    axis=1,
                ),
                "n_sentences": n_sentences,
                "level": np.array([level for level, _, _ in rows], np.int8),
                "run_in": np.array([run_in for _, run_in, _ in rows], np.bool_),
                "keys": section_keys(record)
                if isinstance(record, SectionRecord)
                else np.zeros((len(rows), N_DEPTHS), np.int16),
                "n_paragraphs": np.array([len(rows)], np.int64),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def build_cache(
    records: Sequence[SectionRecord | RawRecord], langs: Sequence[str], domains: Sequence[str], processes: int
) -> UnitCache:
    """Arrays of all documents, built by several processes; `langs` and `domains` give the indices of names."""
    groups = [records[at : at + 40] for at in range(0, len(records), 40)]
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            parts = list(pool.map(_build, groups))
    else:
        parts = [_build(group) for group in groups]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    counts = np.zeros((len(joined["counts"]) + 1, joined["counts"].shape[1]))
    np.cumsum(joined["counts"], axis=0, dtype=np.float64, out=counts[1:])
    lang_at = {name: i for i, name in enumerate(langs)}
    domain_at = {name: i for i, name in enumerate(domains)}
    return UnitCache(
        words=joined["words"],
        word_at=_positions(joined["n_words"]),
        head=joined["head"],
        tail=joined["tail"],
        first=joined["first"],
        last=joined["last"],
        counts=counts,
        numbers=joined["numbers"],
        sentence_at=_positions(joined["n_sentences"]),
        level=joined["level"],
        run_in=joined["run_in"],
        keys=joined["keys"],
        paragraph_at=_positions(joined["n_paragraphs"]),
        lang=np.array([lang_at[r.lang] for r in records], np.int16),
        domain=np.array([domain_at[r.domain] for r in records], np.int16),
    )


def _positions(counts: Array) -> npt.NDArray[np.int64]:
    out = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=out[1:])
    return out


def save_cache(cache: UnitCache, folder: Path) -> None:
    """Write each array as one file."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(cache):
        np.save(folder / f"{field.name}.npy", getattr(cache, field.name))


def load_cache(folder: Path) -> UnitCache:
    """Map the arrays of a folder into memory."""
    return UnitCache(
        **{f.name: np.asarray(np.load(folder / f"{f.name}.npy", mmap_mode="r")) for f in fields(UnitCache)}
    )


def sentences_of(record: SectionRecord | RawRecord) -> Iterable[str]:
    """The sentences of a document in the order of the cache."""
    for _, _, text in _paragraph_rows(record):
        cut = sentence_starts(text)
        for start, end in zip(cut, [*cut[1:], len(text)], strict=True):
            yield text[start:end]


def sentence_offsets(cache: UnitCache) -> npt.NDArray[np.int64]:
    """Where the sentences of each document start: int64 (documents + 1,)."""
    return np.asarray(cache.sentence_at)[np.asarray(cache.paragraph_at)]


def names_of(records: Iterable[SectionRecord | RawRecord]) -> tuple[list[str], list[str]]:
    """All languages and domains, sorted."""
    records = list(records)
    return sorted({r.lang for r in records}), sorted({r.domain for r in records})
