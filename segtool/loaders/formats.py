"""The one dict of input formats: names of ``--from`` to the functions that load them."""

from __future__ import annotations

FORMATS: dict[str, str] = {
    "text": "segtool.loaders.text:load_text",
    "jsonl": "segtool.loaders.jsonl:load_jsonl",
    "markdown": "segtool.loaders.markdown:load_markdown",
    "html": "segtool.loaders.html:load_html",
    "docx": "segtool.loaders.docx:load_docx",
    "akn": "segtool.loaders.legal_xml:load_akn",
    "uslm": "segtool.loaders.legal_xml:load_uslm",
    "pdf": "segtool.loaders.pdf:load_pdf",
    "image": "segtool.loaders.image:load_image",
}
"""Format name to "module:function"; each is ``(data: bytes, name: str, settings: LoadSettings) -> Document``."""

STOPPABLE: frozenset[str] = frozenset({"pdf", "image"})
"""Formats whose loaders take a fourth argument: a function, asked before each page, that says whether to give up."""

STREAMS: dict[str, str] = {"pdf": "segtool.loaders.pdf:iter_pdf"}
"""Formats read a paragraph at a time; each is ``(data, name, settings) -> Iterator[Passage]``."""

PLANNED: frozenset[str] = frozenset({"csv", "parquet", "odt", "rtf", "epub", "eml"})
"""Format names that are reserved but have no loader: refused with a clear message."""

SUFFIXES: dict[str, str] = {
    ".txt": "text",
    ".text": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".docx": "docx",
    ".docm": "docx",
    ".xml": "xml",
    ".akn": "xml",
    ".pdf": "pdf",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".odt": "odt",
    ".rtf": "rtf",
    ".epub": "epub",
    ".eml": "eml",
}
"""File suffix (lower case) to format; ``xml`` stands for whichever legal XML the content is."""

NAMES: dict[str, str] = {
    "text": "plain text",
    "jsonl": "JSON Lines",
    "markdown": "Markdown",
    "html": "HTML",
    "docx": "DOCX",
    "akn": "Akoma Ntoso",
    "uslm": "USLM",
    "pdf": "PDF",
    "image": "a picture",
    "xml": "XML",
    "csv": "CSV",
    "parquet": "Parquet",
    "odt": "ODT",
    "rtf": "RTF",
    "epub": "EPUB",
    "eml": "e-mail",
}
"""How messages call the formats."""
