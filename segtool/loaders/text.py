"""Plain text: decoded and left exactly as it is; only its paragraphs are found."""

from __future__ import annotations

from segtool.core.document import Document
from segtool.errors import UnsupportedError
from segtool.loaders.encoding import decode, looks_binary
from segtool.loaders.paragraphs import find_paragraphs
from segtool.settings import LoadSettings


def load_text(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document of a plain text in any encoding; no character is changed (a byte order mark is no character).

    Raises:
        UnsupportedError: the bytes are no text, unless ``settings.format`` says that they are.
    """
    decoded = decode(data)
    if settings.format is None and looks_binary(decoded.text):
        raise UnsupportedError(f"{name}: is a binary file, not text; give --from to say what it is")
    return document_of(decoded.text, name, metadata={"encoding": decoded.encoding})


def document_of(
    text: str, document_id: str = "", *, lang: str | None = None, metadata: dict[str, object] | None = None
) -> Document:
    """The document of a text that is already decoded: the text as it is, with its paragraphs."""
    return Document(document_id, text, find_paragraphs(text), metadata=metadata or {}, lang=lang)
