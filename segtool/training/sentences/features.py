"""Packs to arrays: the pieces and labels of every document, clean and stripped of punctuation.

Four tables come out: labelled and raw text, each clean and stripped. Stripped text is cut again, because
words join ("don't" becomes "dont"). The arrays of a table hold all its documents one after another.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import logging
import pathlib
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from segtool.inference import pieces as p
from segtool.segmenters.language import primary
from segtool.training.sentences.pack import FULL, Record, raw_records, read_pack

log = logging.getLogger(__name__)

Job = tuple[pathlib.Path, int, int]
"""A pack, and which part of how many."""
TABLES = ("labelled-clean", "labelled-stripped", "raw-clean", "raw-stripped")
FLAG_END, FLAG_PARAGRAPH, FLAG_UPPER, FLAG_CASED, FLAG_LAST = 1, 2, 32, 64, 128
MARK_SHIFT = 2
"""Bits 2 to 4 of a flag hold the class of the punctuation removed after a piece, 0 for none."""

_STOPS = set(".?!…。．？！｡؟।॥።။៕۔")
_COMMAS = set(",،、，､፣၊")
_COLONS = set(":;–—-：；―‐‑፤")


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """Pieces of many documents: ``hashes`` (n, 4), ``classes`` and ``flags`` (n,), ``lengths`` per document.

    In a stripped table ``links`` (n, 2) are the clean pieces ``[first, last)`` of the same document whose ends fall
    into the gap after a stripped piece: what is known of them holds for it. In a clean table it is empty.
    """

    hashes: npt.NDArray[np.uint16]
    classes: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint8]
    lengths: npt.NDArray[np.int32]
    links: npt.NDArray[np.int32]
    kinds: list[tuple[str, str, str, str]]


MakeTables = Callable[[Job], tuple[Table, Table]]
"""A part of a pack to its clean and its stripped table."""


def moved_left(text: str, ends: Sequence[int]) -> npt.NDArray[np.int64]:
    """Ends moved left over white space, sorted, without the empty ones."""
    out = set()
    for end in ends:
        while end > 0 and text[end - 1].isspace():
            end -= 1
        if end:
            out.add(end)
    return np.array(sorted(out), np.int64)


def _mark_class(character: str) -> int:
    if character in _STOPS:
        return 1
    return 2 if character in _COMMAS else 3 if character in _COLONS else 4


class FeatureMaker:
    """Makes the piece arrays of single documents."""

    def __init__(self, cutter: p.PieceCutter | None = None) -> None:
        self.cutter = cutter or p.PieceCutter()
        self._marks = np.zeros(0x110000, np.uint8)
        for code in range(0x110000):
            if unicodedata.category(chr(code))[0] in "PS":
                self._marks[code] = _mark_class(chr(code))

    def clean(self, text: str, ends: npt.NDArray[np.int64]) -> tuple[p.Pieces, npt.NDArray[np.uint8]]:
        """Pieces of the text as it is, and their flags."""
        pieces = self.cutter.cut(text)
        flags = self._flags(pieces)
        index = np.searchsorted(pieces.starts, ends, side="left") - 1
        flags[index[index >= 0]] |= FLAG_END
        return pieces, flags

    def stripped(
        self, text: str, ends: npt.NDArray[np.int64], clean: p.Pieces
    ) -> tuple[p.Pieces, npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
        """Pieces of the text without punctuation and symbols, flags and links; case and white space stay."""
        codes = p.code_points(text.replace("\r\n", "\n "))
        kinds = self.cutter.traits(codes) & 15
        kept = np.flatnonzero(kinds < p.PUNCTUATION)
        pieces = self.cutter.cut(codes[kept].tobytes().decode("utf-32-le", "surrogatepass"))
        flags = self._flags(pieces)
        if not len(pieces):
            return pieces, flags, np.zeros((0, 2), np.int32)
        solid = np.concatenate([[0], np.cumsum(kinds[kept] != p.SPACE)])
        moved = solid[np.searchsorted(kept, ends, side="left")]
        flags[np.isin(solid[pieces.ends], moved)] |= FLAG_END
        marks = self._marks[codes]
        after = kept[pieces.ends - 1] + 1
        before = np.append(kept[pieces.starts[1:]], len(codes))
        for value in (4, 2, 3, 1):
            total = np.concatenate([[0], np.cumsum(marks == value)])
            found = total[before] > total[after]
            flags[found] = (flags[found] & ~np.uint8(7 << MARK_SHIFT)) | np.uint8(value << MARK_SHIFT)
        bounds = [np.searchsorted(clean.starts, at, side="right") - 1 for at in (after - 1, before)]
        return pieces, flags, np.stack(bounds, 1).astype(np.int32)

    def _flags(self, pieces: p.Pieces) -> npt.NDArray[np.uint8]:
        n = len(pieces)
        flags = np.zeros(n, np.uint8)
        if not n:
            return flags
        spaces = pieces.classes % p.N_SPACES
        case = pieces.classes // p.N_SPACES % p.N_CASES
        flags[:-1] |= (spaces[1:] == p.SPACE_BREAKS).astype(np.uint8) * FLAG_PARAGRAPH
        flags[:-1] |= ((case[1:] != p.CASE_LOWER) & (case[1:] != p.CASE_NONE)).astype(np.uint8) * FLAG_UPPER
        flags[:-1] |= (case[1:] != p.CASE_NONE).astype(np.uint8) * FLAG_CASED
        flags[-1] |= FLAG_LAST
        return flags


def make_tables(records: Sequence[Record]) -> tuple[Table, Table]:
    """The clean and the stripped table of the records, in their order; empty documents have length 0."""
    return tables_of(records, FeatureMaker())


def tables_of(records: Sequence[Record], maker: FeatureMaker) -> tuple[Table, Table]:
    """The same with a maker of one's own."""
    cleans, stripped = [], []
    for record in records:
        ends = moved_left(record.text, record.ends)
        pieces, flags = maker.clean(record.text, ends)
        cleans.append((pieces, flags, np.zeros((0, 2), np.int32)))
        stripped.append(maker.stripped(record.text, ends, pieces))
    kinds = [(r.language, r.source, r.unit, r.group) for r in records]
    return _table(cleans, kinds), _table(stripped, kinds)


def _table(
    rows: Sequence[tuple[p.Pieces, npt.NDArray[np.uint8], npt.NDArray[np.int32]]],
    kinds: list[tuple[str, str, str, str]],
) -> Table:
    return Table(
        hashes=np.concatenate([np.zeros((0, p.N_HASHES), np.uint16), *(x.hashes for x, _, _ in rows)]),
        classes=np.concatenate([np.zeros(0, np.uint16), *(x.classes for x, _, _ in rows)]),
        flags=np.concatenate([np.zeros(0, np.uint8), *(f for _, f, _ in rows)]),
        lengths=np.array([len(x) for x, _, _ in rows], np.int32),
        links=np.concatenate([np.zeros((0, 2), np.int32), *(link for _, _, link in rows)]),
        kinds=kinds,
    )


def join(tables: Sequence[Table]) -> Table:
    """One table after another."""
    return Table(
        np.concatenate([t.hashes for t in tables]),
        np.concatenate([t.classes for t in tables]),
        np.concatenate([t.flags for t in tables]),
        np.concatenate([t.lengths for t in tables]),
        np.concatenate([t.links for t in tables]),
        [kind for t in tables for kind in t.kinds],
    )


def language_codes(tables: Mapping[str, Table]) -> list[str]:
    """The languages of labelled documents, as cards spell them, in order."""
    kinds = {kind for name, table in tables.items() if name.startswith("labelled") for kind in table.kinds}
    return sorted({primary(kind[0]) or "" for kind in kinds} - {""})


def language_numbers(table: Table, languages: Sequence[str]) -> npt.NDArray[np.int64]:
    """Of each document the number of its language from 1, 0 where it is none of ``languages``."""
    numbers = {code: i + 1 for i, code in enumerate(languages)}
    by_kind = {kind: numbers.get(primary(kind[0]) or "", 0) for kind in set(table.kinds)}
    return np.array([by_kind[kind] for kind in table.kinds], np.int64)


def part_of(table: Table, keep: npt.NDArray[np.bool_]) -> Table:
    """The documents marked in ``keep``."""
    pieces = np.repeat(keep, table.lengths)
    return Table(
        table.hashes[pieces],
        table.classes[pieces],
        table.flags[pieces],
        table.lengths[keep],
        table.links[pieces] if len(table.links) else table.links,
        [kind for kind, kept in zip(table.kinds, keep.tolist(), strict=True) if kept],
    )


def pack_jobs(packs: pathlib.Path, part: str) -> tuple[list[Job], ...]:
    """Labelled and raw packs in parts of a convenient size, in the order of the tables: (path, part, of parts)."""
    raw = sorted([*packs.glob("raw-*.pack"), *packs.glob("raw/*.jsonl.zst")]) if part == "train" else []
    labelled = sorted(packs.glob(f"{part}-*.pack"), key=lambda path: (-path.stat().st_size, path.name))
    return tuple(
        [(path, i, n) for path in paths for n in [max(1, path.stat().st_size // 700_000)] for i in range(n)]
        for paths in (labelled, raw)
    )


def job_records(job: Job) -> list[Record]:
    """The records of one part of a pack, or of a raw corpus as it is."""
    path, part, parts = job
    records = read_pack(path) if path.suffix == ".pack" else raw_records(path, FULL, 1)
    return records[part::parts]


def make_part(job: Job) -> tuple[Table, Table]:
    """Clean and stripped pieces of one part of a pack."""
    return make_tables(job_records(job))


def load_tables(
    packs: pathlib.Path, cache: pathlib.Path, part: str, workers: int, make: MakeTables = make_part
) -> dict[str, Table]:
    """The tables of all packs of a part, ``train`` (with raw text) or ``dev``; cached as ``.npz`` files."""
    names = TABLES if part == "train" else TABLES[:2]
    paths = [cache / f"{part}-{name}.npz" for name in names]
    if not all(path.exists() for path in paths):
        cache.mkdir(parents=True, exist_ok=True)
        for path, table in zip(paths, _build(packs, part, workers, make), strict=True):
            _save(path, table)
    return {name: _load(path) for name, path in zip(names, paths, strict=True)}


def _build(packs: pathlib.Path, part: str, workers: int, make: MakeTables) -> list[Table]:
    jobs, raw_jobs = pack_jobs(packs, part)
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        labelled = list(pool.map(make, jobs))
        unlabelled = list(pool.map(make, raw_jobs))
    log.info("%s: %d labelled and %d raw parts", part, len(labelled), len(unlabelled))
    tables = [join([pair[i] for pair in labelled]) for i in (0, 1)]
    return tables + ([join([pair[i] for pair in unlabelled]) for i in (0, 1)] if unlabelled else [])


def _save(path: pathlib.Path, table: Table) -> None:
    kinds = sorted(set(table.kinds))
    index = {kind: i for i, kind in enumerate(kinds)}
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        hashes=table.hashes,
        classes=table.classes,
        flags=table.flags,
        lengths=table.lengths,
        links=table.links,
        kind=np.array([index[k] for k in table.kinds], np.int32),
        kinds=np.array(kinds, dtype=np.str_),
    )
    partial.replace(path)


def _load(path: pathlib.Path) -> Table:
    with np.load(path) as arrays:
        kinds = [tuple(row) for row in arrays["kinds"].tolist()]
        return Table(
            arrays["hashes"],
            arrays["classes"],
            arrays["flags"],
            arrays["lengths"],
            arrays["links"],
            [kinds[i] for i in arrays["kind"].tolist()],
        )
