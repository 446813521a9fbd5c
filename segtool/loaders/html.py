"""HTML: headings, lists with their numbers, tables and paragraphs; the chrome of the page is furniture.

lxml's parser sends events and builds no tree, so nesting of any depth costs nothing. What is chrome is told by
elements (nav, aside, footer), roles, and a short list of words in ids and classes; if there is a ``main`` that holds
most of the text, what stands outside is chrome too.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from segtool.core.document import Document
from segtool.loaders.blocks import Block, document_of_blocks, flat, primary_language
from segtool.loaders.encoding import decode
from segtool.settings import LoadSettings

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_META = {
    "author": "author",
    "dc.creator": "author",
    "dcterms.creator": "author",
    "article:author": "author",
    "article:published_time": "created",
    "dc.date": "created",
    "dcterms.created": "created",
    "dcterms.date": "created",
    "date": "created",
    "article:modified_time": "modified",
    "dcterms.modified": "modified",
    "last-modified": "modified",
    "content-language": "language",
    "dc.language": "language",
    "dc.title": "title",
    "og:title": "title",
}


def load_html(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document of an HTML or XHTML page."""
    from segtool.loaders.html_reader import read_html

    page = read_html(_DECLARATION.sub("", decode_html(data)))
    metadata = _metadata(page.title, page.language, page.meta)
    blocks = mark_outside_main(page.blocks, page.in_main)
    language = metadata.get("language")
    return document_of_blocks(
        name, blocks, metadata, lang=primary_language(language), keep_furniture=settings.keep_furniture
    )


def decode_html(data: bytes) -> str:
    """The text of a page: by its byte order mark, its declared charset if that decodes it, else as plain text."""
    head = data[:4096]
    declared = _XML_ENCODING.search(head) or _CHARSET.search(head)
    if declared and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        label = declared.group(1).decode("ascii").lower()
        # As browsers do: pages that say Latin-1 are in Windows-1252, and no page that can say it is in UTF-16.
        label = "cp1252" if label in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii") else label
        if not label.startswith(("utf-16", "utf-32")):
            try:
                return data.decode(label)
            except (UnicodeDecodeError, LookupError):
                pass
    return decode(data).text


def mark_outside_main(blocks: list[Block], in_main: list[bool]) -> list[Block]:
    """Blocks outside ``main`` become furniture if it holds most of the text; no page is furniture as a whole."""
    sizes = [0 if block.kind == "furniture" else len(block.text) for block in blocks]
    inside = sum(size for size, main in zip(sizes, in_main, strict=True) if main)
    if not sum(sizes):
        for block in blocks:
            block.kind = "body"
    elif inside > 0.5 * sum(sizes):
        for block, main in zip(blocks, in_main, strict=True):
            if not main:
                block.kind, block.level = "furniture", 0
    return blocks


def _metadata(title: str, language: str | None, meta: list[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if flat(title):
        found["title"] = flat(title)
    if language:
        found["language"] = language
    for key, value in meta:
        target = _META.get(key)
        if target and flat(value):
            found.setdefault(target, flat(value))
    return found
