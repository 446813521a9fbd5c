"""Builders of small documents, and the property that every loader must keep."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from segtool.core.document import Document

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def _relations(pairs: dict[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="r{i}" Type="{REL}/{kind}" Target="{target}"/>'
        for i, (target, kind) in enumerate(pairs.items())
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


@pytest.fixture
def make_docx() -> Callable[..., bytes]:
    """Builds a DOCX of the XML inside its body; other parts by file name, without their root element's start."""

    def build(body: str, **parts: str) -> bytes:
        roots = {
            "numbering": "numbering",
            "styles": "styles",
            "footnotes": "footnotes",
            "header": "hdr",
            "footer": "ftr",
        }
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", TYPES)
            archive.writestr("_rels/.rels", _relations({"word/document.xml": "officeDocument"}))
            archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
            archive.writestr("word/_rels/document.xml.rels", _relations({f"{name}.xml": name for name in parts}))
            for name, content in parts.items():
                archive.writestr(f"word/{name}.xml", f"<w:{roots[name]} {W}>{content}</w:{roots[name]}>")
        return out.getvalue()

    return build


@pytest.fixture
def texts() -> Callable[[Document], list[str]]:
    """The texts of a document's paragraphs."""
    return lambda document: [p.span.of(document.text) for p in document.paragraphs]


@pytest.fixture
def check_cover() -> Callable[[Document], None]:
    """Fails unless the paragraphs are trimmed and hold every non-space character exactly once."""

    def check(document: Document) -> None:
        end = 0
        for paragraph in document.paragraphs:
            start = paragraph.span.start
            assert not document.text[end:start].strip(), f"text without a paragraph at {end}"
            piece = paragraph.span.of(document.text)
            assert piece, f"empty paragraph at {start}"
            assert piece == piece.strip()
            end = paragraph.span.end
        assert not document.text[end:].strip()

    return check
