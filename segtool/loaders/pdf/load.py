"""The PDF loader: bytes in, document out."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from segtool.core.document import Document, Source, Style
from segtool.errors import LoadError, NoTextError
from segtool.loaders.pdf.assemble import assemble, text_of_block
from segtool.loaders.pdf.furnish import described, in_place
from segtool.loaders.pdf.glyphs import FontStyle
from segtool.loaders.pdf.hyphens import Vocabulary
from segtool.loaders.pdf.info import Info, read_info
from segtool.loaders.pdf.kinds import is_bookmarked, kinds_of
from segtool.loaders.pdf.layout import Layout, lay_out, runs_of
from segtool.loaders.pdf.notes import Notes, part_notes
from segtool.loaders.pdf.pages import iter_pages
from segtool.loaders.pdf.paragraphs import Block, blocks_of, measures_of, note_blocks
from segtool.loaders.pdf.parallel import lay_out_in_processes
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.repair import rebuilt
from segtool.settings import LoadSettings

_LOG = logging.getLogger(__name__)


def load_pdf(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document in a PDF.

    Args:
        data: the file.
        name: how messages call it; the id of the document.
        settings: ``password``, ``keep_furniture`` and ``jobs`` are read.

    Raises:
        EncryptedError: if a password is needed or wrong.
        NoTextError: if no page has text: scans (the message names the pages), or no pages.
        LoadError: if it can't be read at all.
    """
    if not data:
        raise NoTextError(f"{name}: the file is empty")
    if b"%PDF-" not in data:
        raise LoadError(f"{name}: not a PDF: it doesn't hold %PDF-; give the format by --from if it is another")
    file = _opened(data, name, settings.password)
    try:
        layout, styles = _laid_out(file, name, settings)
        if not layout.lines and not (settings.keep_furniture and layout.furniture):
            raise NoTextError(_no_text(name, len(file)))
        info = read_info(file.document)
    finally:
        file.close()
    return _document(data, name, layout, info, styles, settings)


def _opened(data: bytes, name: str, password: str | None) -> PdfiumFile:
    try:
        return PdfiumFile(data, name, password)
    except NoTextError:
        raise
    except LoadError as error:
        # An encrypted file says so and is not mended.
        mended = rebuilt(data) if type(error) is LoadError else None
        if mended is None:
            raise
        _LOG.warning("%s: the file is damaged; read from what is left of it", name)
        return PdfiumFile(mended, name, password)


def _laid_out(file: PdfiumFile, name: str, settings: LoadSettings) -> tuple[Layout, list[FontStyle]]:
    if settings.jobs > 1 and len(runs_of(len(file))) > 1:
        return lay_out_in_processes(file.data, name, settings.password, len(file), settings.jobs)
    return lay_out(iter_pages(file, settings.password), file.styles, len(file)), file.styles


def _document(
    data: bytes, name: str, layout: Layout, info: Info, styles: list[FontStyle], settings: LoadSettings
) -> Document:
    measures = measures_of(layout.lines)
    notes = part_notes(layout.lines, layout.rules, measures.body_size, settings.keep_furniture)
    blocks = _merged(blocks_of(notes.body, measures), note_blocks(notes.notes))
    if settings.keep_furniture:
        blocks = in_place(blocks, layout.furniture, layout.frames)
    vocabulary = Vocabulary(line.text for line in layout.lines)
    texts = [text_of_block(block, vocabulary) for block in blocks]
    kinds = kinds_of(blocks, texts, measures, info.bookmarks)
    looks = [
        _style(block, styles[block.lines[0].style].name, text, info) for block, text in zip(blocks, texts, strict=True)
    ]
    body = assemble(blocks, kinds, looks, layout.frames, vocabulary)
    warnings = _warnings(layout)
    for warning in warnings:
        _LOG.warning("%s: %s", name, warning)
    return Document(
        id=name,
        text=body.text,
        paragraphs=body.paragraphs,
        fragments=body.fragments,
        metadata=_metadata(layout, notes, info, warnings),
        source=Source(name, "pdf", len(data), hashlib.sha256(data).hexdigest()),
        lang=info.language,
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


def _style(block: Block, font: str, text: str, info: Info) -> Style:
    first = block.lines[0]
    room = first.right - first.left
    spare = (first.start - first.left, first.right - first.stop)
    centred = abs(spare[0] - spare[1]) < 0.5 * first.size + 0.02 * room and min(spare) > first.size
    letters = sum(len(line.text) for line in block.lines)
    bold = sum(line.bold * len(line.text) for line in block.lines) / letters
    marked = is_bookmarked(block, text, info.bookmarks) is not None
    return Style(round(first.size, 2), bold > 0.5, first.italic > 0.5, centred, font, marked)


def _warnings(layout: Layout) -> list[str]:
    found = [
        f"page {page}: {count} characters can't be mapped to Unicode" for page, count in sorted(layout.unmapped.items())
    ]
    if layout.empty_pages:
        found.append(f"no text layer on {_ranges(layout.empty_pages)}")
    return found


def _ranges(pages: list[int]) -> str:
    """Page numbers as ranges: ``pages 1-3, 7``."""
    parts: list[list[int]] = []
    for page in pages:
        if parts and page == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], page]
        else:
            parts.append([page])
    shown = ", ".join("-".join(str(page) for page in part) for part in parts)
    return f"{'page' if len(pages) == 1 else 'pages'} {shown}"


def _metadata(layout: Layout, notes: Notes, info: Info, warnings: list[str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {**info.fields, "pages": len(layout.frames)}
    if info.language:
        metadata["language"] = info.language
    if info.bookmarks:
        metadata["bookmarks"] = [{"title": b.title, "level": b.level, "page": b.page} for b in info.bookmarks]
    if info.page_labels:
        metadata["page_labels"] = list(info.page_labels)
    if warnings:
        metadata["warnings"] = warnings
    metadata["furniture"] = described(layout.furniture, notes.taken, layout.frames)
    return metadata
