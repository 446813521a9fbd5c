"""Corpora to packs: a few compact files that hold all that training reads, and nothing else.

A pack is an LZMA-compressed ``.npz``: labelled corpora keep text, sentence ends, language, source and unit;
raw corpora keep text and language. Packs make training independent of the layout of the corpora, and are
small enough to be carried to the machine that trains.
"""

from __future__ import annotations

import collections
import dataclasses
import io
import json
import logging
import lzma
import pathlib
import random
import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

log = logging.getLogger(__name__)

UNLIMITED = 1 << 40
MAIN_LANGUAGES = frozenset(re.findall(r"\w+", "en fr cs de es it hu ja fi et ru pl pt ro sk sl sr sv uk zh"))
"""The 20 languages with most raw text: sampled more, and reported as 'macro' on corrupted text."""


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One document of a corpus; ``ends`` are exclusive offsets of sentence ends, empty for raw text."""

    text: str
    ends: tuple[int, ...]
    language: str
    source: str
    unit: str
    group: str


@dataclasses.dataclass(frozen=True, slots=True)
class RawLimits:
    """Most characters of raw text by domain, for English, the other main languages, and all others."""

    english: Mapping[str, int]
    main: Mapping[str, int]
    others: Mapping[str, int]

    def limit(self, language: str, domain: str) -> int:
        """Characters that may be taken of this language and domain."""
        table = self.english if language == "en" else self.main if language in MAIN_LANGUAGES else self.others
        return table.get(domain, table["*"])


SMALL = RawLimits(
    english={
        "novels": 7_000_000,
        "statutes": 3_000_000,
        "contracts": 5_000_000,
        "technical docs": 7_000_000,
        "*": UNLIMITED,
    },
    main={"novels": 2_300_000, "books": 2_000_000, "statutes": 800_000, "*": 1_400_000},
    others={"*": 250_000},
)
FULL = RawLimits(
    english={"*": UNLIMITED},
    main={"*": UNLIMITED},
    others={"*": UNLIMITED},
)


def iter_json(path: pathlib.Path) -> Iterator[dict[str, object]]:
    """Yields the records of a ``.jsonl.zst`` file in order."""
    import zstandard

    with path.open("rb") as raw:
        reader = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(raw)
        for line in io.TextIOWrapper(reader, encoding="utf-8", newline="\n"):
            if line.strip():
                yield json.loads(line)


def labelled_records(path: pathlib.Path) -> Iterator[Record]:
    """Yields the documents of a labelled corpus in order."""
    for item in iter_json(path):
        yield Record(
            text=str(item["text"]),
            ends=tuple(item["ends"]),  # type: ignore[arg-type]
            language=str(item["lang"]),
            source=str(item["source"]),
            unit=str(item.get("unit") or "sentence"),
            group=path.name.split(".")[0],
        )


def raw_records(path: pathlib.Path, limits: RawLimits, seed: int) -> list[Record]:
    """Documents of a raw corpus, drawn at random up to the limits, in the order of their domains."""
    items = list(iter_json(path))
    random.Random(seed).shuffle(items)
    left: dict[str, int] = collections.defaultdict(lambda: -1)
    chosen = []
    for item in items:
        language, text = str(item["lang"]), str(item["text"])
        domain = str(item["domain"]).split(" (")[0]
        if left[domain] < 0:
            left[domain] = limits.limit(language, domain)
        if len(text) > left[domain]:
            continue
        left[domain] -= len(text)
        chosen.append((domain, Record(text, (), language, domain, "raw", "raw")))
    chosen.sort(key=lambda pair: pair[0])
    return [record for _, record in chosen]


def write_pack(path: pathlib.Path, records: Iterable[Record]) -> int:
    """Writes the records to one pack; returns its size in bytes. Texts may hold any code point."""
    records = list(records)
    meta = [(r.language, r.source, r.unit, r.group) for r in records]
    kinds = sorted(set(meta))
    index = {kind: i for i, kind in enumerate(kinds)}
    deltas = [np.diff(np.array((0, *r.ends), np.int64)) for r in records]
    buffer = io.BytesIO()
    np.savez(
        buffer,
        text=np.frombuffer("".join(r.text for r in records).encode("utf-8", "surrogatepass"), np.uint8),
        lengths=np.array([len(r.text) for r in records], np.int32),
        n_ends=np.array([len(r.ends) for r in records], np.int32),
        ends=np.concatenate([np.zeros(0, np.int64), *deltas]).astype(np.int32),
        kind=np.array([index[m] for m in meta], np.int32),
        kinds=np.frombuffer(json.dumps(kinds).encode(), np.uint8),
    )
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 26, "lc": 4, "pb": 0}]
    path.write_bytes(lzma.compress(buffer.getvalue(), filters=filters))
    return path.stat().st_size


def read_pack(path: pathlib.Path) -> list[Record]:
    """The records of a pack, as written."""
    with np.load(io.BytesIO(lzma.decompress(path.read_bytes()))) as arrays:
        text = arrays["text"].tobytes().decode("utf-8", "surrogatepass")
        kinds = json.loads(arrays["kinds"].tobytes())
        stops = np.cumsum(arrays["lengths"])
        end_stops = np.cumsum(arrays["n_ends"])
        flat, kind = arrays["ends"], arrays["kind"]
    records, start, first = [], 0, 0
    for i, (stop, last) in enumerate(zip(stops.tolist(), end_stops.tolist(), strict=True)):
        ends = tuple(np.cumsum(flat[first:last]).tolist())
        records.append(Record(text[start:stop], ends, *kinds[kind[i]]))
        start, first = stop, last
    return records


def pack_corpora(corpora: pathlib.Path, out: pathlib.Path, limits: RawLimits, seed: int = 1) -> dict[str, int]:
    """Writes the packs of ``corpora`` (folders ``sentences`` and ``raw``) to ``out``.

    Returns:
        Bytes of each pack: ``train-NAME``, ``dev-NAME`` for labelled files, ``raw-N`` for raw text.
    """
    out.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for part in ("train", "dev"):
        for path in sorted((corpora / "sentences" / part).glob("*.jsonl.zst")):
            records = sorted(labelled_records(path), key=lambda r: (r.language, r.source))
            name = f"{part}-{path.name.split('.')[0]}.pack"
            sizes[name] = write_pack(out / name, records)
    for path in sorted((corpora / "raw").glob("*.jsonl.zst")):
        name = f"raw-{path.name.split('.')[0]}.pack"
        sizes[name] = write_pack(out / name, raw_records(path, limits, seed))
    return sizes


def pack_teacher(out: pathlib.Path) -> None:
    """Writes the pretrained English model and its vocabulary to ``out``, if its package is installed."""
    from segtool.training.sections.teacher import package_folder, write_teacher

    try:
        source = package_folder()
    except FileNotFoundError as error:
        log.warning("no teacher of English: %s", error)
        return
    write_teacher(out, source)
    words = (source / "vocab.txt").read_text(encoding="utf-8").split("\n")
    (out / "vocabulary.json").write_text(json.dumps({word: i for i, word in enumerate(words) if word}))
