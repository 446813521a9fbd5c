"""The PDF loader: bytes in, document out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from segtool.core.document import Document, Source
from segtool.core.passage import JOINER, Passage
from segtool.errors import LoadError, NoTextError
from segtool.loaders.pdf.analysis import Analysis, Found
from segtool.loaders.pdf.annotations import read_annotations
from segtool.loaders.pdf.info import read_info
from segtool.loaders.pdf.kinds import Ranks
from segtool.loaders.pdf.layout import Layout, iter_layouts, runs_of
from segtool.loaders.pdf.page_language import described_languages, language_of_all
from segtool.loaders.pdf.pages import iter_pages
from segtool.loaders.pdf.parallel import iter_layouts_in_processes
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.repair import rebuilt
from segtool.settings import LoadSettings

_LOG = logging.getLogger(__name__)


def load_pdf(data: bytes, name: str, settings: LoadSettings, stopped: Callable[[], bool] | None = None) -> Document:
    """The document in a PDF.

    Args:
        data: the file.
        name: how messages call it; the id of the document.
        settings: ``password``, ``keep_furniture``, ``annotations``, ``jobs``, ``ocr`` and ``ocr_engine`` are read.
        stopped: asked before each page whether to give up, by any thread or process that reads one.

    Raises:
        StoppedError: if ``stopped`` says so.
        EncryptedError: if a password is needed or wrong.
        NoTextError: if no page has text: scans (the message names the pages), or no pages.
        LoadError: if it can't be read at all.
    """
    reader = _Reader(data, name, settings, stopped)
    ranks, found = Ranks(), list[Found]()
    for item in reader.found():
        if item.look is not None:
            ranks.add(item.look)
        found.append(item)
    passages = [_ranked(item, ranks) for item in found]
    return Document(
        id=name,
        text=JOINER.join(passage.text for passage in passages),
        paragraphs=tuple(passage.paragraph for passage in passages),
        fragments=tuple(fragment for passage in passages for fragment in passage.fragments),
        metadata=reader.metadata(),
        source=Source(name, "pdf", len(data), hashlib.sha256(data).hexdigest()),
        lang=reader.language,
    )


def iter_pdf(data: bytes, name: str, settings: LoadSettings) -> Iterator[Passage]:
    """The passages of a PDF as its pages are read; all of them are the paragraphs of ``load_pdf``.

    But for the levels of headings: a rank among those met by then, not among all of the document.

    Raises:
        LoadError: as ``load_pdf``, before the first passage.
    """
    ranks = Ranks()
    for item in _Reader(data, name, settings).found(keep_described=False):
        if item.look is not None:
            ranks.add(item.look)
        yield _ranked(item, ranks)


def _ranked(item: Found, ranks: Ranks) -> Passage:
    if item.look is None:
        return item.passage
    return replace(item.passage, paragraph=replace(item.passage.paragraph, level=ranks.level(item.look)))


class _Reader:
    """Reads one file once; what it tells of the document is complete when ``found`` ends."""

    def __init__(
        self, data: bytes, name: str, settings: LoadSettings, stopped: Callable[[], bool] | None = None
    ) -> None:
        if not data:
            raise NoTextError(f"{name}: the file is empty")
        if b"%PDF-" not in data:
            raise LoadError(f"{name}: not a PDF: it doesn't hold %PDF-; give the format by --from if it is another")
        self._name, self._settings, self._stopped = name, settings, stopped
        self._file = _opened(data, name, settings.password)
        self.info = read_info(self._file.document)
        self._styles = self._file.styles
        self._annotations: list[dict[str, Any]] = []
        self._analysis = Analysis(self._styles, self.info, settings.keep_furniture)

    def found(self, keep_described: bool = True) -> Iterator[Found]:
        """The passages as they become ready; ``keep_described`` keeps what ``metadata`` tells of furniture."""
        n_pages, some = len(self._file), False
        try:
            for item in self._analysis.passages(self._layouts()):
                some = True
                yield item
                if not keep_described:
                    self._analysis.furniture.clear()
            if self._settings.annotations:
                self._annotations = read_annotations(self._file.document)
        finally:
            self._file.close()
        if not some:
            raise NoTextError(_no_text(self._name, n_pages, self._settings.ocr != "never"))
        for warning in self._warnings():
            _LOG.warning("%s: %s", self._name, warning)

    def _layouts(self) -> Iterator[Layout]:
        file, settings = self._file, self._settings
        if settings.jobs > 1 and len(runs_of(len(file))) > 1:
            return iter_layouts_in_processes(file, self._name, settings, self._stopped)
        pages = iter_pages(file, self._name, settings, stopped=self._stopped)
        return iter_layouts(pages, file.styles, len(file))

    @property
    def language(self) -> str | None:
        """The language of the document by its pages, else as the file states it; complete when ``found`` ends."""
        return language_of_all(self._analysis.languages, self.info.language)

    def metadata(self) -> dict[str, Any]:
        """What is known of the document besides its text."""
        info, warnings = self.info, self._warnings()
        metadata: dict[str, Any] = {**info.fields, "pages": len(self._analysis.frames)}
        if self.language:
            metadata["language"] = self.language
        metadata["languages"] = described_languages(self._analysis.languages)
        if info.bookmarks:
            metadata["bookmarks"] = [{"title": b.title, "level": b.level, "page": b.page} for b in info.bookmarks]
        if info.page_labels:
            metadata["page_labels"] = list(info.page_labels)
        if self._analysis.recognised:
            metadata["recognised"] = [
                {"page": page, "engine": found.engine, "lang": found.lang, "confidence": found.confidence}
                for page, found in sorted(self._analysis.recognised.items())
            ]
        if self._annotations:
            metadata["annotations"] = self._annotations
        if warnings:
            metadata["warnings"] = warnings
        metadata["furniture"] = self._analysis.furniture
        return metadata

    def _warnings(self) -> list[str]:
        unmapped, empty = sorted(self._analysis.unmapped.items()), self._analysis.empty_pages
        found = [f"page {page}: {count} characters can't be mapped to Unicode" for page, count in unmapped]
        if self._file.n_cut:
            found.append(
                f"{self._file.n_cut} drawings of forms are left out: they lead back to themselves or are too many"
            )
        hint = "" if self._settings.ocr != "never" else ": give --ocr to recognise it"
        return [*found, f"no text layer on {_ranges(empty)}{hint}"] if empty else found


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


def _no_text(name: str, n_pages: int, recognised: bool) -> str:
    if n_pages == 0:
        return f"{name}: the PDF has no pages"
    pages = "page 1" if n_pages == 1 else f"pages 1-{n_pages}"
    if recognised:
        return f"{name}: no text could be read on {pages}"
    return f"{name}: no text layer on {pages} (a scan?): give --ocr to recognise it"


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
