"""Blocks: what loaders of rich formats collect, and how the one text is built of them.

Each block becomes a paragraph; a blank line stands between two. Blocks without text vanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from segtool.core.document import Document, Paragraph, ParagraphKind, Style
from segtool.core.span import Span

JOINER = "\n\n"
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_BREAK = re.compile(r"[^\S\n]*\n\s*")
_DROPPED = str.maketrans("", "", "\u00ad\u200b\ufeff\0")


@dataclass(slots=True)
class Block:
    """A paragraph to be: its text and what the source says of it."""

    text: str
    kind: ParagraphKind = "body"
    level: int = 0
    number: str | None = None
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Assembled:
    """The text of blocks with its paragraphs; ``starts[i]`` is where block ``i`` (or the next with text) starts."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    starts: tuple[int, ...] = field(default=())


def clean(text: str) -> str:
    """White space as a reader sees it: runs become one space, but line breaks stay; soft hyphens and NULs go.

    >>> clean("  a \\xa0 b \\n c\\u00adc ")
    'a b\\ncc'
    """
    return _AROUND_BREAK.sub("\n", _SPACES.sub(" ", text.translate(_DROPPED))).strip()


def flat(text: str) -> str:
    """Like ``clean``, with line breaks as spaces: the text of a table cell."""
    return " ".join(text.translate(_DROPPED).split())


def assemble(blocks: Iterable[Block]) -> Assembled:
    """The text of ``blocks`` and its paragraphs; the text of a block is stripped, else kept as it is."""
    pieces: list[str] = []
    paragraphs: list[Paragraph] = []
    starts: list[int] = []
    length = 0
    for block in blocks:
        text = block.text.strip()
        if not text:
            starts.append(length + len(JOINER) if pieces else 0)
            continue
        start = length + len(JOINER) if pieces else 0
        length = start + len(text)
        pieces.append(text)
        starts.append(start)
        paragraphs.append(Paragraph(Span(start, length), block.kind, block.level, block.number, block.style))
    return Assembled(JOINER.join(pieces), tuple(paragraphs), tuple(starts))


def document_of_blocks(
    name: str, blocks: Sequence[Block], metadata: dict[str, Any], *, lang: str | None, keep_furniture: bool
) -> Document:
    """The document of ``blocks``; furniture stays in the text or goes to ``metadata["furniture"]``."""
    if not keep_furniture:
        removed = [flat(block.text) for block in blocks if block.kind == "furniture" and block.text.strip()]
        blocks = [block for block in blocks if block.kind != "furniture"]
        if removed:
            metadata = {**metadata, "furniture": removed}
    built = assemble(blocks)
    return Document(name, built.text, built.paragraphs, metadata=metadata, lang=lang)


def primary_language(tag: str | None) -> str | None:
    """The language of a tag such as ``en-US`` or ``eng``: ``en``; None for none or nonsense."""
    match = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", tag or "")
    code = match.group().lower() if match else None
    return _TWO_LETTERS.get(code, code) if code else None


def table_text(rows: Iterable[Sequence[str]]) -> str:
    """A table as text: rows by line breaks, cells by tabs; columns and rows without any text are left out."""
    cells = [[flat(cell) for cell in row] for row in rows]
    width = max((len(row) for row in cells), default=0)
    used = [i for i in range(width) if any(len(row) > i and row[i] for row in cells)]
    lines = ("\t".join(row[i] if len(row) > i else "" for i in used).rstrip("\t") for row in cells)
    return "\n".join(line for line in lines if line)


_TWO_LETTERS = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "cze": "cs", "chi": "zh", "cym": "cy", "dan": "da", "deu": "de",
    "dut": "nl", "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de",
    "gle": "ga", "gre": "el", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "ind": "id", "isl": "is", "ita": "it",
    "jpn": "ja", "kor": "ko", "lav": "lv", "lit": "lt", "ltz": "lb", "mlt": "mt", "nld": "nl", "nob": "nb", "nor": "no",
    "pol": "pl", "por": "pt", "roh": "rm", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slv": "sl", "spa": "es",
    "srp": "sr", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi", "zho": "zh",
}  # fmt: skip
