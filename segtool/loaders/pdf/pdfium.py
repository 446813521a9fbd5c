"""An open PDF in PDFium: its pages one at a time, and what they share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any

from segtool.errors import EncryptedError, LoadError, NoTextError
from segtool.loaders.pdf.calls import Calls
from segtool.loaders.pdf.form_loops import without_loops
from segtool.loaders.pdf.glyphs import FontStyle, Frame, Glyphs, PageGlyphs
from segtool.loaders.pdf.page_reader import PageReader

_NO_PAGES = re.compile(rb"/Type\s*/Pages\b")
_ONE_PAGE = re.compile(rb"/Type\s*/Page\b|/ObjStm")
_ERR_PASSWORD = 4
_ERR_SECURITY = 5


class PdfiumFile:
    """An open PDF: pages one at a time, each closed before the next is read.

    ``data`` is the file without the drawings of forms that would never end; ``n_cut`` counts those.

    Raises:
        EncryptedError: if it needs a password or the one given is wrong.
        LoadError: if PDFium can't read it.
    """

    def __init__(self, data: bytes, name: str, password: str | None = None) -> None:
        import pypdfium2 as pdfium
        import pypdfium2.raw as raw

        self._raw = raw
        data, self.n_cut = without_loops(data)
        self.data = data
        self.calls = Calls(raw)
        self.styles: list[FontStyle] = []
        self._style_of: dict[str, int] = {}
        try:
            self.document = pdfium.PdfDocument(data, password=password or None)
        except pdfium.PdfiumError as error:
            # PDFium keeps the code of an earlier failure, so the file itself has to agree.
            code = getattr(error, "err_code", None)
            if code in (_ERR_PASSWORD, _ERR_SECURITY) and b"/Encrypt" in data:
                wrong = "the password is wrong" if password else "it is encrypted: give its --password"
                raise EncryptedError(f"{name}: {wrong}") from error
            if _NO_PAGES.search(data) and not _ONE_PAGE.search(data):
                raise NoTextError(f"{name}: the PDF has no pages") from error
            raise LoadError(f"{name}: not a readable PDF; it may be cut off or damaged") from error
        # A damaged form is no reason not to read the pages.
        with suppress(pdfium.PdfiumError):
            self.document.init_forms()

    @cached_property
    def is_tagged(self) -> bool:
        """Whether the file says that it is tagged."""
        return bool(self._raw.FPDFCatalog_IsTagged(self.document.raw))

    @property
    def form(self) -> Any:
        """The handle of the form, None without one."""
        return None if self.document.formenv is None else self.document.formenv.raw

    def __len__(self) -> int:
        return len(self.document)

    def close(self) -> None:
        """Frees the file."""
        self.document.close()

    def pages(self, numbers: range | None = None) -> Iterator[PageGlyphs]:
        """The pages (numbers from 1) in order; pages that PDFium can't load come without glyphs."""
        for number in numbers or range(1, len(self) + 1):
            yield self.page(number)

    def page(self, number: int, visible_only: bool = False) -> PageGlyphs:
        """Page ``number`` (from 1), on demand without the invisible text that recognition puts behind a picture."""
        raw = self._raw
        page = raw.FPDF_LoadPage(self.document.raw, number - 1)
        if not page:
            return PageGlyphs(number, Frame(612.0, 792.0), Glyphs.empty())
        text_page = raw.FPDFText_LoadPage(page)
        try:
            return PageReader(raw, self, page, text_page, number, visible_only).read()
        finally:
            raw.FPDFText_ClosePage(text_page)
            raw.FPDF_ClosePage(page)

    def style_index(self, name: str, weight: int, flags: int, italic_angle: float) -> int:
        """The index in ``styles`` of the font of this name."""
        index = self._style_of.get(name)
        if index is None:
            index = self._style_of[name] = self.add_style(FontStyle.named(name, weight, flags, italic_angle))
        return index

    def add_style(self, style: FontStyle) -> int:
        """The index in ``styles`` of a style, added where it is not yet there as it is."""
        if style not in self.styles:
            self.styles.append(style)
        return self.styles.index(style)
