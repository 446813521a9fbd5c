"""Runs one peer over texts; a script of its own, as it is run by the Python of the benchmark environment.

usage: python peer_runner.py NAME < TEXTS > ENDS
       python peer_runner.py NAME --records < RECORDS > RECORDS

TEXTS has one {"text", "lang"} a line. ENDS gets one {"ends": [...]} a line, exclusive ends of sentences, and a last
line {"name", "version", "cpu_s"}: CPU seconds of the calls that split, loading and the search for offsets left out.
It must import nothing of segtool.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

Split = Callable[[str, str], Iterable[Any]]
"""Text and language to sentences: strings in order, or spans."""


def nupunkt() -> Split:
    """nupunkt's own model, made for legal English."""
    spans = importlib.import_module("nupunkt").sent_spans
    return lambda text, _: spans(text)


def pysbd() -> Split:
    """pySBD, English rules where it has none for a language."""
    segmenter = importlib.import_module("pysbd").Segmenter
    codes = importlib.import_module("pysbd.languages").LANGUAGE_CODES
    made = functools.lru_cache(None)(lambda lang: segmenter(language=lang, clean=False))
    return lambda text, lang: made(lang if lang in codes else "en").segment(text)


def cleave() -> Split:
    """cleave-sbd, English rules where it has none for a language."""
    segmenter = importlib.import_module("csbd").Segmenter

    @functools.lru_cache(None)
    def made(lang: str) -> Any:
        try:
            return segmenter(language=lang)
        except (ValueError, ImportError, KeyError):
            return segmenter(language="en")

    return lambda text, lang: made(lang).segment(text)


def sentencex() -> Split:
    """sentencex, the Rust version."""
    segment = importlib.import_module("sentencex").segment
    return lambda text, lang: segment(lang, text)


def blingfire() -> Split:
    """BlingFire's model for all languages."""
    split = importlib.import_module("blingfire").text_to_sentences_and_offsets
    return lambda text, _: split(text)[1]


def simplemma() -> Split:
    """simplemma's sentence splitter."""
    split = importlib.import_module("simplemma").split_sentences
    return lambda text, lang: list(split(text, lang))


def sakurs() -> Split:
    """sakurs, English rules but for Japanese, one thread."""
    split = importlib.import_module("sakurs").split
    return lambda text, lang: split(text, language="ja" if lang == "ja" else "en", execution_mode="sequential")


def yasbd() -> Split:
    """yasbd, English rules where it has none for a language."""
    module = importlib.import_module("yasbd")
    known = set(module.get_supported_langs())
    made = functools.lru_cache(None)(lambda lang: module.BoundaryDetector(lang))
    return lambda text, lang: [(0, end) for end in made(lang if lang in known else "en").detect(text)]


def kaos() -> Split:
    """kaos-nlp-core, the legal model that it brings."""
    segment = importlib.import_module("kaos_nlp_core.segmentation").segment_sentences
    return lambda text, _: [(found.start, found.end) for found in segment(text)]


def spacy() -> Split:
    """spaCy's sentencizer behind the blank pipeline of a language, or of none."""
    module = importlib.import_module("spacy")

    @functools.lru_cache(None)
    def made(lang: str) -> Any:
        try:
            pipeline = module.blank(lang)
        except (ImportError, OSError):
            pipeline = module.blank("xx")
        pipeline.add_pipe("sentencizer")
        pipeline.max_length = 1 << 30
        return pipeline

    return lambda text, lang: [(found.start_char, found.end_char) for found in made(lang)(text).sents]


PEERS = {
    "yasbd": (yasbd, "yasbd-lib"),
    "kaos": (kaos, "kaos-nlp-core"),
    "spacy": (spacy, "spacy"),
    "nupunkt": (nupunkt, "nupunkt"),
    "pysbd": (pysbd, "pysbd"),
    "cleave": (cleave, "cleave-sbd"),
    "sentencex": (sentencex, "sentencex"),
    "blingfire": (blingfire, "blingfire"),
    "simplemma": (simplemma, "simplemma"),
    "sakurs": (sakurs, "sakurs"),
}
"""Name to the function that loads the peer, and the distribution that it comes from."""


def ends_of(text: str, pieces: Iterable[Any]) -> list[int]:
    """Exclusive ends of pieces given as spans, or as strings that follow each other in the text."""
    ends: list[int] = []
    position = 0
    for piece in pieces:
        if not isinstance(piece, str):
            ends.append(int(piece[1]))
            continue
        piece = piece.strip()
        start = text.find(piece, position) if piece else -1
        if start >= 0:  # a peer may have changed the text; such a sentence is lost
            position = start + len(piece)
            ends.append(position)
    return ends


def records_of(doc: str, text: str, ends: list[int]) -> Iterable[dict[str, Any]]:
    """Records with the keys of ``segtool split --format jsonl``."""
    start, index = 0, 0
    for end in [*ends, len(text)]:
        content = text[start:end].strip()
        if content:
            begin = text.index(content[0], start)
            yield {
                "doc": doc, "unit": "sentence", "index": index, "start": begin, "end": begin + len(content),
                "level": 1, "kind": None, "number": None, "heading": None, "path": [], "score": None,
                "origin": "rule", "page": None, "bbox": None, "boxes": None, "text": content,
            }  # fmt: skip
            index += 1
        start = max(start, end)


def write_records(split: Split) -> None:
    """Read records, write the records of their sentences, as fast as Python can: by orjson where it is installed."""
    try:
        module = importlib.import_module("orjson")
        load, dump = module.loads, module.dumps
    except ImportError:
        load, dump = json.loads, lambda record: json.dumps(record, separators=(",", ":")).encode()
    for line in sys.stdin.buffer:
        record = load(line)
        text = record["text"]
        ends = ends_of(text, split(text, record["lang"] or "en") if text.strip() else [])
        sys.stdout.buffer.write(b"".join([dump(row) + b"\n" for row in records_of(record["id"], text, ends)]))


def main() -> None:
    """Read texts, write ends, or records."""
    load, distribution = PEERS[sys.argv[1]]
    split = load()
    if "--records" in sys.argv:
        write_records(split)
        return
    list(split("Warm up. Twice.", "en"))
    cpu_s = 0.0
    for line in sys.stdin.buffer:
        record = json.loads(line)
        text, lang = record["text"], record["lang"] or "en"
        begin = time.process_time()
        pieces = split(text, lang) if text.strip() else []
        cpu_s += time.process_time() - begin
        print(json.dumps({"ends": ends_of(text, pieces)}))
    print(json.dumps({"name": sys.argv[1], "version": importlib.metadata.version(distribution), "cpu_s": cpu_s}))


if __name__ == "__main__":
    main()
