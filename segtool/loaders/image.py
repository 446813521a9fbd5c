"""Pictures of pages (PNG, JPEG, TIFF): put into a PDF in memory, and recognised like any scan."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from segtool.core.document import Document
from segtool.errors import LoadError
from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings

if TYPE_CHECKING:
    from PIL import Image

_MAX_FRAMES = 2_000
_DPI = (70.0, 1200.0)
_LONG_SIDE_PT = 842.0
"""Height of a page (A4) for pictures that don't say how large they are."""


def load_image(data: bytes, name: str, settings: LoadSettings, stopped: Callable[[], bool] | None = None) -> Document:
    """The document in a picture, each frame of a TIFF a page.

    Args:
        data: the file.
        name: how messages call it; the id of the document.
        settings: as for PDF; text is recognised whatever ``ocr`` says.
        stopped: as for PDF.

    Raises:
        LoadError: if it can't be read as a picture, or there is no engine.
        NoTextError: if nothing could be read in it.
    """
    if settings.ocr == "never":
        settings = replace(settings, ocr="auto")
    return load_pdf(as_pdf(data, name), name, settings, stopped)


def as_pdf(data: bytes, name: str) -> bytes:
    """A PDF with a page for each frame of a picture.

    Raises:
        LoadError: if it can't be read as a picture.
    """
    from PIL import Image, ImageOps, ImageSequence

    pages: list[Image.Image] = []
    dpi = 0.0
    try:
        with Image.open(io.BytesIO(data)) as picture:
            dpi = float(picture.info.get("dpi", (0.0, 0.0))[0])
            for frame in ImageSequence.Iterator(picture):
                pages.append(ImageOps.exif_transpose(_on_white(frame)).convert("L"))
                if len(pages) == _MAX_FRAMES:
                    break
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise LoadError(f"{name}: not a readable picture; it may be cut off or damaged") from error
    if not _DPI[0] < dpi < _DPI[1]:
        dpi = max(72.0 * max(pages[0].size) / _LONG_SIDE_PT, 1.0)
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=pages[1:], quality=92)
    return out.getvalue()


def _on_white(frame: Image.Image) -> Image.Image:
    """A frame without transparency: what shows through is paper."""
    from PIL import Image

    if frame.mode not in ("RGBA", "LA", "PA") and "transparency" not in frame.info:
        return frame
    shown = frame.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
