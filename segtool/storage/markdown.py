"""Markdown output: sections under their headings, sentences as a list, other units as paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from segtool.storage.records import Record

_INLINE = re.compile(r"[\\`*_\[\]<>&|~]")
_BLOCK = re.compile(r"^([ \t]*)(?:([#>+=-])|(\d+)([.)])(?=[ \t]|$))", re.MULTILINE)
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n\s*\n")


class MarkdownExporter:
    """A document to read; with several documents each under its name. Its text can't turn into markup."""

    def start(self) -> bytes:
        """Nothing."""
        return b""

    def document(self, records: Iterable[Record]) -> Iterator[bytes]:
        """The units; a chunk ends in a rule."""
        for record in records:
            if record["index"] == 0:
                yield f"<!-- {_comment(record['doc'])} -->\n\n".encode("utf-8", "replace")
            yield _render(record).encode("utf-8", "replace")

    def finish(self) -> bytes:
        """Nothing."""
        return b""


def escape(text: str) -> str:
    """The text such that Markdown shows it as it is: marks escaped, indents gone, line breaks kept as line breaks."""
    lines = "\n".join(line.strip() for line in _LINE_END.sub("\n", text).split("\n"))
    lines = _INLINE.sub(r"\\\g<0>", lines)
    return _BLOCK.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", lines)


def _render(record: Record) -> str:
    text = record["text"]
    if record["unit"] == "sentence":
        return f"- {_flat(text)}\n"
    if record["unit"] == "section":
        return _section(record)
    if record["kind"] in ("title", "heading"):
        return f"{_marks(record['level'])} {_flat(text)}\n\n"
    rule = "---\n\n" if record["unit"] == "chunk" else ""
    return f"{_blocks(text)}\n\n{rule}"


def _section(record: Record) -> str:
    """The first line is the heading if the section has a name; it stands in the text already."""
    text = record["text"]
    if record["number"] is None and record["heading"] is None:
        return f"{_blocks(text)}\n\n"
    head, _, body = text.partition("\n")
    heading = f"{_marks(record['level'])} {_flat(head)}\n\n"
    return f"{heading}{_blocks(body)}\n\n" if body.strip() else heading


def _marks(level: int) -> str:
    return "#" * min(max(level, 1), 6)


def _flat(text: str) -> str:
    return escape(re.sub(r"\s+", " ", text.strip()))


def _blocks(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", escape(text.strip()))


def _comment(text: str) -> str:
    return re.sub(r"--+|[<>\n\r]", "-", text)
