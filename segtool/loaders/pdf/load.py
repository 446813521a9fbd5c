"""The PDF loader: bytes in, document out."""

from __future__ import annotations

import hashlib
from typing import Any

from segtool.core.document import Document, Source, Style
from segtool.errors import LoadError, NoTextError
from segtool.loaders.pdf.assemble import assemble, text_of_block
from segtool.loaders.pdf.hyphens import Vocabulary
from segtool.loaders.pdf.kinds import kinds_of
from segtool.loaders.pdf.layout import Layout, lay_out
from segtool.loaders.pdf.notes import Notes, part_notes
from segtool.loaders.pdf.paragraphs import Block, blocks_of, measures_of, note_blocks
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.settings import LoadSettings


def load_pdf(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document in a PDF.

    Args:
        data: the file.
        name: how messages call it; the id of the document.
        settings: ``password`` and ``keep_furniture`` are read.

    Raises:
        EncryptedError: if a password is needed or wrong.
        NoTextError: if no page has text: scans (the message names the pages), or no pages.
        LoadError: if it can't be read at all.
    """
    if not data:
        raise NoTextError(f"{name}: the file is empty")
    if b"%PDF-" not in data[:4096] and b"%PDF-" not in data:
        raise LoadError(f"{name}: not a PDF: it doesn't hold %PDF-")
    file = PdfiumFile(data, name, settings.password)
    try:
        layout = lay_out(file.pages(), file.styles)
        styles = file.styles
        n_pages = len(file)
    finally:
        file.close()
    if not layout.lines:
        raise NoTextError(_no_text(name, n_pages))
    measures = measures_of(layout.lines)
    notes = part_notes(layout.lines, layout.rules, measures.body_size)
    blocks = _merged(blocks_of(notes.body, measures), note_blocks(notes.notes))
    vocabulary = Vocabulary(line.text for line in layout.lines)
    texts = [text_of_block(block, vocabulary) for block in blocks]
    kinds = kinds_of(blocks, texts, measures)
    looks = [_style(block, styles[block.lines[0].style].name) for block in blocks]
    body = assemble(blocks, kinds, looks, layout.frames, vocabulary)
    return Document(
        id=name,
        text=body.text,
        paragraphs=body.paragraphs,
        fragments=body.fragments,
        metadata=_metadata(layout, notes, n_pages),
        source=Source(name, "pdf", len(data), hashlib.sha256(data).hexdigest()),
    )


def _merged(body: list[Block], notes: list[Block]) -> list[Block]:
    """Body and notes in one order: each note behind the last paragraph that starts on its page or before."""
    out: list[Block] = []
    waiting = notes[:]
    for block in body:
        while waiting and waiting[0].lines[0].page < block.lines[0].page:
            out.append(waiting.pop(0))
        out.append(block)
    return out + waiting


def _no_text(name: str, n_pages: int) -> str:
    if n_pages == 0:
        return f"{name}: the PDF has no pages"
    pages = "page 1" if n_pages == 1 else f"pages 1-{n_pages}"
    return f"{name}: no text layer on {pages} (a scan?): run OCR over it first"


def _style(block: Block, font: str) -> Style:
    first = block.lines[0]
    room = first.right - first.left
    spare = (first.start - first.left, first.right - first.stop)
    centred = abs(spare[0] - spare[1]) < 0.5 * first.size + 0.02 * room and min(spare) > first.size
    bold = sum(line.bold * len(line.text) for line in block.lines) / sum(len(line.text) for line in block.lines)
    return Style(round(first.size, 2), bold > 0.5, first.italic > 0.5, centred, font)


def _metadata(layout: Layout, notes: Notes, n_pages: int) -> dict[str, Any]:
    furniture = []
    for number, removed in layout.removed:
        words = removed.words
        box = layout.frames[number].to_page(
            min(w.x0 for w in words), min(w.top for w in words), max(w.x1 for w in words), max(w.bottom for w in words)
        )
        furniture.append(
            {"kind": removed.kind, "page": number, "bbox": [box.x0, box.top, box.x1, box.bottom], "text": removed.text}
        )
    for mark in notes.taken:
        box = layout.frames[mark.page].to_page(*mark.box)
        bbox = [box.x0, box.top, box.x1, box.bottom]
        furniture.append({"kind": "note_mark", "page": mark.page, "bbox": bbox, "text": mark.text})
    return {"pages": n_pages, "furniture": furniture}
