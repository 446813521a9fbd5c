"""PDFium's functions that are called once a character or object: without conversions, a call takes half the time."""

from __future__ import annotations

import ctypes
from typing import Any


class Calls:
    """PDFium's functions that are called once a character or object, without ctypes' conversions of pointers."""

    def __init__(self, raw: Any) -> None:
        address, index, number = ctypes.c_void_p, ctypes.c_int, ctypes.c_int
        self.loose_box = _plain(raw.FPDFText_GetLooseCharBox, number, address, index, address)
        self.origin = _plain(raw.FPDFText_GetCharOrigin, number, address, index, address, address)
        self.text_object = _plain(raw.FPDFText_GetTextObject, address, address, index)
        self.unicode = _plain(raw.FPDFText_GetUnicode, ctypes.c_uint, address, index)
        self.map_error = _plain(raw.FPDFText_HasUnicodeMapError, number, address, index)
        self.font_size = _plain(raw.FPDFText_GetFontSize, ctypes.c_double, address, index)
        self.matrix = _plain(raw.FPDFText_GetMatrix, number, address, index, address)
        self.font = _plain(raw.FPDFTextObj_GetFont, address, address)
        self.object = _plain(raw.FPDFPage_GetObject, address, address, index)
        self.kind = _plain(raw.FPDFPageObj_GetType, number, address)
        self.content = _plain(raw.FPDFPageObj_GetMarkedContentID, number, address)
        self.mode = _plain(raw.FPDFTextObj_GetTextRenderMode, number, address)


def _plain(function: Any, result: Any, *arguments: Any) -> Any:
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)
