"""Documents for the section model: reading the corpora, the split for topic tests, and the pack.

The pack is one compact file (JSON Lines in xz) that holds all that a training machine without network needs:
documents with headings (`SectionRecord`), running text for joined documents (`RawRecord`), and documents to
measure on. Paths are not stored: they follow from the levels of the headings.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import random
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHOI_LANGUAGES = ("cs", "de", "es", "fi", "fr", "it", "ja", "pl", "ru", "tr")
SECTION_DOMAINS_IN_RAW = ("contracts", "statutes", "terms of service", "decisions")
"""Raw text of these domains repeats documents of the section corpus; what it repeats is left out."""

REPEATED = 0.05
"""Share of its paragraphs from which on a raw document counts as a repetition."""

RAW_BUDGET = {"news": 8_000_000, "novels": 5_000_000, "books": 5_000_000, "technical docs": 5_000_000}
RAW_BUDGET_ENGLISH = {"novels": 6_000_000, "technical docs": 9_000_000}
RAW_BUDGET_CHOI = 3_000_000
RAW_BUDGET_OTHER = 600_000
RAW_BUDGET_LAW = {"contracts": 16_000_000, "statutes": 8_000_000}
RAW_BUDGET_LAW_CHOI = 1_200_000
NOVEL_PIECE = 15_000


@dataclass(frozen=True, slots=True)
class SectionRecord:
    """One document with headings: `paragraphs` are (heading level or 0, run-in flag, text)."""

    id: str
    lang: str
    domain: str
    main_depth: int
    paragraphs: tuple[tuple[int, bool, str], ...]


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One document of running text."""

    id: str
    lang: str
    domain: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """All documents of one training: sections to train and tune on, raw text to train and to test topics on."""

    train: tuple[SectionRecord, ...]
    dev: tuple[SectionRecord, ...]
    raw: tuple[RawRecord, ...]
    raw_dev: tuple[RawRecord, ...]


def read_corpus(path: Path) -> Iterator[dict[str, Any]]:
    """Records of one JSON Lines file, plain or in zstd or xz."""
    if path.suffix == ".zst":
        import zstandard

        with path.open("rb") as file:
            reader = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file)
            for line in io.TextIOWrapper(reader, encoding="utf-8", newline="\n"):
                yield json.loads(line)
    else:
        opener = lzma.open if path.suffix == ".xz" else open
        with opener(path, "rt", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield json.loads(line)


def section_record(record: dict[str, Any]) -> SectionRecord:
    """A document of the section corpora in compact form."""
    paragraphs = tuple(
        (p["level"] if p["kind"] == "heading" else 0, bool(p.get("run_in")), p["text"]) for p in record["paragraphs"]
    )
    depth = record.get("main_depth") or 1
    return SectionRecord(record["id"], record.get("lang") or "und", record["domain"], depth, paragraphs)


def raw_record(record: dict[str, Any]) -> RawRecord:
    """A document of the raw corpora; machine translations count as their kind of text."""
    domain = record["domain"].split(" (")[0]
    return RawRecord(record["id"], record["lang"], domain, tuple(record["text"].split("\n\n")))


def paragraph_hash(text: str) -> bytes:
    """Eight bytes that tell paragraphs apart, whatever their spacing."""
    return hashlib.blake2b(" ".join(text.split()).encode(), digest_size=8).digest()


def hashes_of(texts: Iterable[str]) -> set[bytes]:
    """Hashes of the paragraphs long enough to be no boilerplate line."""
    return {paragraph_hash(text) for text in texts if len(text) >= 40}


def is_kept_back(identity: str) -> bool:
    """Whether a document with headings is left out of training, so that the outline can be fitted on it: one in 16."""
    return zlib.crc32(identity.encode()) % 16 == 3


def thin(records: Iterable[SectionRecord], share: float, seed: int) -> list[SectionRecord]:
    """A fixed random share of the documents, told by their ids."""
    chosen = []
    for record in records:
        digest = hashlib.blake2b(f"{seed}:{record.id}".encode(), digest_size=4).digest()
        if int.from_bytes(digest, "big") < share * 2**32:
            chosen.append(record)
    return chosen


def raw_budget(lang: str, domain: str) -> int:
    """Characters of raw text taken for one language and domain."""
    if domain in SECTION_DOMAINS_IN_RAW and lang != "zh":
        if lang == "en":
            return RAW_BUDGET_LAW.get(domain, RAW_BUDGET_CHOI)
        return RAW_BUDGET_LAW_CHOI if lang in CHOI_LANGUAGES else 0
    if lang == "en":
        return RAW_BUDGET_ENGLISH.get(domain, RAW_BUDGET.get(domain, RAW_BUDGET_CHOI))
    if lang in CHOI_LANGUAGES:
        return RAW_BUDGET.get(domain, RAW_BUDGET_CHOI)
    return RAW_BUDGET_OTHER


def pieces(record: RawRecord) -> Iterator[RawRecord]:
    """A long novel as several documents, for its chapters are about different things."""
    if record.domain not in ("novels", "books") or sum(map(len, record.paragraphs)) < 2 * NOVEL_PIECE:
        yield record
        return
    piece: list[str] = []
    size = n = 0
    for paragraph in record.paragraphs:
        piece.append(paragraph)
        size += len(paragraph)
        if size >= NOVEL_PIECE:
            yield RawRecord(f"{record.id}#{n}", record.lang, record.domain, tuple(piece))
            piece, size, n = [], 0, n + 1


def family(identity: str) -> str:
    """What pieces of one book have in common: its id."""
    return identity.split("#", 1)[0]


def repeats(record: RawRecord, known: set[bytes]) -> bool:
    """Whether a document of law repeats what is known already."""
    if record.domain not in SECTION_DOMAINS_IN_RAW:
        return False
    hashes = hashes_of(record.paragraphs)
    return len(hashes & known) > REPEATED * len(hashes)


def split_raw(
    records: Iterable[RawRecord], trained: set[bytes], seed: int, measured: set[bytes] | None = None
) -> tuple[list[RawRecord], list[RawRecord]]:
    """Raw documents to train on and to test topics on; no paragraph stands in both, or in `trained` and the tests.

    Documents of law that repeat what is `trained` or `measured` with its headings are not trained on.
    Tests take 12 % of the documents of a language and domain, at least 8 and at most 60; a book is held out whole.
    """
    known = trained | (measured or set())
    groups: dict[tuple[str, str], list[RawRecord]] = defaultdict(list)
    for record in records:
        groups[record.lang, record.domain].append(record)
    train: list[RawRecord] = []
    dev: list[RawRecord] = []
    for (lang, domain), group in sorted(groups.items()):
        random.Random(f"{seed}:{lang}:{domain}").shuffle(group)
        wanted = min(60, max(8, len(group) * 12 // 100)) if lang == "en" or lang in CHOI_LANGUAGES else 0
        held: list[RawRecord] = []
        rest: list[RawRecord] = []
        for record in group:
            clean = len(held) < wanted and sum(map(len, record.paragraphs)) > 1500
            if clean and not (hashes_of(record.paragraphs) & trained):
                held.append(record)
            else:
                rest.append(record)
        dev += held
        parts = [piece for record in rest if not repeats(record, known) for piece in pieces(record)]
        random.Random(f"{seed}:{lang}:{domain}:pieces").shuffle(parts)  # of many books a little
        budget = raw_budget(lang, domain)
        for part in parts:
            if budget > 0:
                train.append(part)
                budget -= sum(map(len, part.paragraphs))
    held_hashes = set().union(*(hashes_of(record.paragraphs) for record in dev))
    train = [record for record in train if not (hashes_of(record.paragraphs) & held_hashes)]
    return train, [shorten(record) for record in dev]


def shorten(record: RawRecord, limit: int = 8_000) -> RawRecord:
    """The document's first paragraphs: a test needs no more than eleven sentences of it."""
    kept: list[str] = []
    for paragraph in record.paragraphs:
        if limit <= 0:
            break
        kept.append(paragraph)
        limit -= len(paragraph)
    return RawRecord(record.id, record.lang, record.domain, tuple(kept))


def load_corpora(corpora: Path, law_share: float = 1.0, book_share: float = 1.0, seed: int = 1) -> Pack:
    """Read the corpora of sections and of raw text below a folder.

    Args:
        corpora: The folder with `sections/train`, `sections/dev` and `raw`.
        law_share: Share of statutes and regulations taken for training.
        book_share: Share of novels with chapters taken for training.
        seed: Decides which documents are taken and which raw documents are held out.
    """
    train: list[SectionRecord] = []
    hashes: set[bytes] = set()
    for path in sorted((corpora / "sections" / "train").glob("*.jsonl*")):
        records = [section_record(record) for record in read_corpus(path)]
        for record in records:
            hashes |= hashes_of(text for _, _, text in record.paragraphs)
        share = law_share if path.name.startswith("law") else book_share if path.name.startswith("book") else 1.0
        train += thin(records, share, seed) if share < 1 else records
    dev = [
        section_record(record)
        for path in sorted((corpora / "sections" / "dev").glob("*.jsonl*"))
        for record in read_corpus(path)
    ]
    raw_records = (
        raw_record(record) for path in sorted((corpora / "raw").glob("*.jsonl*")) for record in read_corpus(path)
    )
    measured = hashes_of(text for record in dev for _, _, text in record.paragraphs)
    raw, raw_dev = split_raw(raw_records, hashes, seed, measured)
    hashes |= {digest for record in raw if record.lang == "en" for digest in hashes_of(record.paragraphs)}
    return Pack(tuple(train), tuple(dev), tuple(raw), (*raw_dev, *unseen_textbooks(dev, hashes)))


def unseen_textbooks(dev: Iterable[SectionRecord], trained: set[bytes]) -> list[RawRecord]:
    """English textbooks of dev as running text, without their headings; none that shares a paragraph with training."""
    return [
        RawRecord(record.id, "en", "textbooks", tuple(text for level, _, text in record.paragraphs if not level))
        for record in dev
        if record.lang == "en"
        and record.domain == "textbook"
        and not hashes_of(text for _, _, text in record.paragraphs) & trained
    ]


def write_records(path: Path, records: Iterable[SectionRecord | RawRecord]) -> None:
    """Write records as compact JSON Lines in xz, with a window as large as the file."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 1 << 28}]
    with lzma.open(path, "wt", filters=filters, encoding="utf-8", newline="\n") as file:
        for r in records:
            row: list[Any] = [r.id, r.lang, r.domain]
            if isinstance(r, SectionRecord):
                row += [r.main_depth, [[-level if run_in else level, text] for level, run_in, text in r.paragraphs]]
            else:
                row += [0, list(r.paragraphs)]
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def read_records(path: Path) -> Iterator[SectionRecord | RawRecord]:
    """Read what `write_records` wrote."""
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            id_, lang, domain, depth, paragraphs = json.loads(line)
            if depth:
                rows = tuple((abs(level), level < 0, text) for level, text in paragraphs)
                yield SectionRecord(id_, lang, domain, depth, rows)
            else:
                yield RawRecord(id_, lang, domain, tuple(paragraphs))


def write_pack(pack: Pack, folder: Path) -> None:
    """Write a pack as four files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    order = sorted(pack.train, key=lambda r: (r.domain, r.lang, r.id))  # likes beside likes compress best
    write_records(folder / "train.jsonl.xz", order)
    write_records(folder / "dev.jsonl.xz", pack.dev)
    write_records(folder / "raw.jsonl.xz", sorted(pack.raw, key=lambda r: (r.lang, r.domain, r.id)))
    write_records(folder / "raw_dev.jsonl.xz", pack.raw_dev)


def read_pack(folder: Path) -> Pack:
    """Read what `write_pack` wrote."""
    parts = [tuple(read_records(folder / f"{n}.jsonl.xz")) for n in ("train", "dev", "raw", "raw_dev")]
    return Pack(*parts)  # type: ignore[arg-type]
