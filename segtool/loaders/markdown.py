"""Markdown: the source stays as it is, markup included; markdown-it tells which lines form which paragraph.

Offsets index the decoded file, as for plain text, so a paragraph holds its own marks (``##``, ``-``, ``>``, fences).
Front matter, rules and comments are paragraphs of kind furniture: they stand in the text but are no prose. Lines that
become no block (link definitions, an empty list item) are paragraphs of their own, so that no character is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from segtool.core.document import Document, Paragraph, ParagraphKind, Style
from segtool.core.span import Span
from segtool.errors import UnsupportedError
from segtool.loaders.blocks import primary_language
from segtool.loaders.encoding import decode, looks_binary
from segtool.loaders.paragraphs import find_paragraphs
from segtool.settings import LoadSettings

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n(.*?)(?:\r?\n)?^\1[ \t]*$", re.S | re.M)
_FIELD = re.compile(r"^(\w[\w-]*)[ \t]*[:=][ \t]*(\S.*?)[ \t]*\r?$", re.M)
_FIELDS = {
    "title": "title",
    "author": "author",
    "date": "created",
    "created": "created",
    "updated": "modified",
    "lastmod": "modified",
    "lang": "language",
    "language": "language",
}
_LINE_END = re.compile(r"\r\n?|\n")
_COMMENT = re.compile(r"\s*(?:<!--.*?-->\s*)+", re.S)


def load_markdown(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document of a Markdown file (CommonMark with tables and footnotes); its text is the decoded source.

    Raises:
        UnsupportedError: the bytes are no text, unless ``settings.format`` says that they are.
    """
    decoded = decode(data)
    if settings.format is None and looks_binary(decoded.text):
        raise UnsupportedError(f"{name}: is a binary file, not Markdown; give --from to say what it is")
    text = decoded.text
    front = _FRONT_MATTER.match(text)
    metadata: dict[str, Any] = {"encoding": decoded.encoding}
    if front:
        metadata |= _front_fields(front.group(2))
    paragraphs = _paragraphs(text, front.end() if front else 0)
    language = metadata.get("language")
    return Document(name, text, tuple(paragraphs), metadata=metadata, lang=primary_language(language))


def _front_fields(front: str) -> dict[str, str]:
    """The simple fields of front matter; a YAML parser for three fields would be one more dependency."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(front):
        target = _FIELDS.get(match.group(1).lower())
        if target:
            found.setdefault(target, match.group(2).strip("\"'"))
    return found


def _paragraphs(text: str, front_end: int) -> list[Paragraph]:
    """Paragraphs of the whole text; the front matter, up to ``front_end``, is one."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    starts.append(len(text) + 1)  # so that every line has an end
    found = [Paragraph(Span(0, front_end), "furniture")] if front_end else []
    at = front_end
    # Line numbers stay right: the front matter is blanked out but for its line ends.
    source = re.sub(r"[^\r\n]", "", text[:front_end]) + text[front_end:]
    for first, last, kind, level, number in _leaves(source):
        start, end = max(starts[first], at), min(starts[min(last, len(starts) - 1)], len(text))
        if start >= end or not text[start:end].strip():
            continue
        found.extend(_plain(text, at, start))
        found.append(_paragraph(text, start, end, kind, level, number))
        at = end
    found.extend(_plain(text, at, len(text)))
    return found


def _paragraph(text: str, start: int, end: int, kind: ParagraphKind, level: int, number: str | None) -> Paragraph:
    span = Span(start, end).trimmed(text)
    style = Style(name=f"h{level}") if kind == "heading" else None
    return Paragraph(span, kind, level, number, style)


def _plain(text: str, start: int, end: int) -> Iterator[Paragraph]:
    """Paragraphs of lines that belong to no block."""
    for paragraph in find_paragraphs(text[start:end]):
        span = paragraph.span
        yield Paragraph(Span(span.start + start, span.end + start), paragraph.kind, paragraph.level)


_Leaf = tuple[int, int, ParagraphKind, int, str | None]


def _leaves(source: str) -> list[_Leaf]:
    """First line, line behind the last, kind, level and number of every block that holds text, in order."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table").use(footnote_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])  # inline markup is not needed
    leaves = list(_walk(parser.parse(source)))
    return sorted(leaves, key=lambda leaf: leaf[:2])


def _walk(tokens: Sequence[Token]) -> Iterator[_Leaf]:
    depth = 0
    in_footnote = False
    item: str | None = None  # number of the list item just opened, "" for a bullet, None behind its first paragraph
    for token in tokens:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif kind in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif kind == "list_item_open":
            item = token.info
        elif kind in ("footnote_reference_open", "footnote_reference_close"):
            in_footnote = kind.endswith("open")
        elif token.map and kind in _KINDS:
            leaf = _KINDS[kind]
            if leaf == "heading":
                yield token.map[0], token.map[1], "heading", int(token.tag[1:]), None
            elif leaf == "body" and in_footnote:
                yield token.map[0], token.map[1], "footnote", 0, None
            elif leaf == "body" and item is not None:
                yield token.map[0], token.map[1], "list_item", depth, item or None
            elif kind == "html_block" and _COMMENT.fullmatch(token.content):
                yield token.map[0], token.map[1], "furniture", 0, None
            else:
                yield token.map[0], token.map[1], leaf, 0, None
            item = None


_KINDS: dict[str, ParagraphKind] = {
    "heading_open": "heading",
    "paragraph_open": "body",
    "fence": "body",
    "code_block": "body",
    "html_block": "body",
    "table_open": "table",
    "hr": "furniture",
}
