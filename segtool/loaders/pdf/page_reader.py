"""Characters of a PDF from PDFium through ctypes: boxes, sizes and fonts at the speed of the parser.

Fonts, sizes and angles are asked for once a text object, not once a character; that and one call for the text
of the page make this about ten times as fast as pdfminer.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import deque
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.loaders.pdf.actual_text import with_actual_text
from segtool.loaders.pdf.forms import field_values, with_fields
from segtool.loaders.pdf.glyphs import (
    MAX_PLACE_PT,
    MAX_SIZE_PT,
    Field,
    Floats,
    FontStyle,
    Frame,
    Glyphs,
    PageGlyphs,
    Quarter,
    Rule,
)
from segtool.loaders.pdf.objects import Drawn, drawn_on, lost_texts
from segtool.loaders.pdf.paths import Box
from segtool.loaders.pdf.pictures import cover_of
from segtool.loaders.pdf.private_use import private_use
from segtool.loaders.pdf.recognition import COVER
from segtool.loaders.pdf.structure_tree import ARTIFACT, UNTAGGED, PageTags, is_artifact, read_tags

if TYPE_CHECKING:
    from segtool.loaders.pdf.pdfium import PdfiumFile

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_INVISIBLE = (3, 7)
"""Modes in which text is rendered so that nothing of it shows."""
_LINE_ENDS = ("", "\r", "\n")
_MOST_HIDDEN = 0.5
"""Share of a page's characters from which invisible ones are its text: words behind a drawing of them."""
_FEW_CHARS = 0.4
"""Characters that print to a text object, under which some of the objects may have lost theirs."""
_STRIDE = 8
_MAX_PAGE_CHARS = 400_000
_MAX_SIDE_PT = 200_000.0


@dataclass(frozen=True, slots=True)
class _TextObjects:
    """Text objects of a page as columns of equal length.

    ``size`` is the font size on the page (0.0: unknown), ``style`` the font style (-1: unknown), ``turn`` the quarter
    turns (-1: odd, -2: unknown), ``mapped`` whether the characters have Unicode.
    """

    size: Floats
    style: NDArray[np.int64]
    turn: NDArray[np.int64]
    mapped: NDArray[np.bool_]


_Look = tuple[float, int, int, bool]
"""Size, style, turn and Unicode of a text object."""
_UNKNOWN_LOOK: _Look = (0.0, -1, -2, True)
_LookKey = tuple[int, bool, float, float, float, float, float]
"""Font, whether it is mapped, its size in the text's own space, and the matrix (a, b, c, d; zeros: unknown) of a text
object."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """Characters of a page as PDFium gives them: boxes in PDF space, and which text object each belongs to."""

    text: list[str]
    boxes: NDArray[np.float32]
    objects: _TextObjects
    which: NDArray[np.int64]


def _size(key: _LookKey) -> float:
    size, matrix = key[2], key[3:]
    return abs(size) * math.hypot(matrix[2], matrix[3]) if any(matrix) else size


def _turn_of(key: _LookKey) -> int:
    """The quarter turns of a text object, -1 for an odd angle."""
    angle = math.degrees(math.atan2(key[4], key[3])) / 90.0
    return round(angle) % 4 if abs(angle - round(angle)) < 0.06 else -1


class PageReader:
    """Reads one page; holds what the steps share."""

    def __init__(
        self, raw: Any, file: PdfiumFile, page: Any, text_page: Any, number: int, visible_only: bool = False
    ) -> None:
        self.raw, self.file, self.page, self.text_page, self.number = raw, file, page, text_page, number
        self.visible_only = visible_only
        self.tags: NDArray[np.int64] | None = None
        box = [ctypes.c_float() for _ in range(4)]
        if not raw.FPDFPage_GetCropBox(page, *box) and not raw.FPDFPage_GetMediaBox(page, *box):
            for cell, value in zip(box, (0.0, 0.0, 612.0, 792.0), strict=True):
                cell.value = value
        self.rotation = raw.FPDFPage_GetRotation(page) % 4
        width, height = raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page)
        self.displayed = (_bounded(width), _bounded(height))
        self.inner = self.displayed if self.rotation % 2 == 0 else self.displayed[::-1]
        self.left, self.lower = float(box[0].value), float(box[1].value)
        self.fonts: dict[int, int] = {}
        self.looks: dict[_LookKey, _Look] = {}
        self.text_address = ctypes.cast(text_page, ctypes.c_void_p).value
        self.unmapped = 0

    def read(self) -> PageGlyphs:
        count = min(max(self.raw.FPDFText_CountChars(self.text_page), 0), _MAX_PAGE_CHARS)
        text = self._text(count)
        boxes, owners = self._boxes(count)
        known, places, which = np.unique(owners, return_index=True, return_inverse=True)
        modes = [self.file.calls.mode(owner) if owner else 0 for owner in known.tolist()]
        hidden = np.array([mode in _INVISIBLE for mode in modes], np.bool_)[which]
        if self.visible_only:
            text = _only(text, ~hidden)
        objects = self._objects(known.tolist(), places.tolist())
        turn = _main_turn(objects.turn[which] if count else owners)
        tags = None if self.visible_only or not self.file.is_tagged else read_tags(self.raw, self.page)
        if tags is not None:
            content = self.file.calls.content
            contents = [content(owner) if owner else -1 for owner in known.tolist()]
            self.tags = np.array([self._tag(int(o), c, tags) for o, c in zip(known, contents, strict=True)], np.int64)
            if tags.actual:
                text = with_actual_text(text, np.array(contents, np.int64)[which].tolist(), tags.actual)
        drawn = drawn_on(self.raw, self.file.calls, self.page)
        cover = cover_of(self.raw, drawn.pictures, (self.left, self.lower), self.inner)
        lost = 0 if cover >= COVER else self._lost(text, owners, drawn)
        unseen = Glyphs.empty()
        n_hidden = 0 if self.visible_only else int(hidden.sum())
        if 0 < n_hidden < _MOST_HIDDEN * count and cover < COVER:
            unseen = self._glyphs(_Marks(_only(text, hidden), boxes, objects, which), turn, True)
            text = _only(text, ~hidden)
        marks = _Marks(text, boxes, objects, which)
        glyphs, others = self._glyphs(marks, turn, True), set(objects.turn.tolist()) - {turn, -1, -2}
        if drawn.pictures:
            # PDFium drops what is printed twice, but not across forms.
            glyphs = glyphs.once()
        sideways = tuple((self._frame(other), self._glyphs(marks, other, False)) for other in sorted(others))
        values = [] if self.file.form is None else self._fields(turn)
        if values:
            glyphs = with_fields(glyphs, values)
        if not self.file.styles:
            self.file.add_style(FontStyle())  # of glyphs that have no font: values on a page without text
        return PageGlyphs(
            self.number,
            self._frame(turn),
            glyphs,
            self._rules(drawn.boxes, turn),
            self.unmapped,
            sideways,
            cover,
            drawn.n_objects,
            n_hidden if cover >= COVER else 0,
            lost,
            self.rotation,
            tuple(Field(*box, bool(value.strip())) for value, box in values),
            unseen=unseen,
            tags=tags,
        )

    def _tag(self, owner: int, content: int, tags: PageTags) -> int:
        """The index of a text object's tag, or what stands for none and for an artifact."""
        tag = tags.of_content.get(content, UNTAGGED)
        if tag != UNTAGGED or not owner:
            return tag
        return ARTIFACT if is_artifact(self.raw, ctypes.cast(owner, self.raw.FPDF_PAGEOBJECT)) else UNTAGGED

    def _fields(self, turn: int) -> list[tuple[str, tuple[float, float, float, float]]]:
        """Values of form fields with their boxes in the reading frame."""
        found = []
        for value, (a, b, c, d) in field_values(self.raw, self.file.form, self.page):
            box = (a - self.left, b - self.lower, c - self.left, d - self.lower)
            found.append((value, _turn(box, *self.inner, turn)))
        return found

    def _frame(self, turn: int) -> Frame:
        turns: Quarter = (turn - self.rotation) % 4
        width, height = self.displayed if turns % 2 == 0 else self.displayed[::-1]
        return Frame(width, height, turns)

    def _text(self, count: int) -> list[str]:
        if count == 0:
            return []
        buffer = (ctypes.c_ushort * (count + 1))()
        written = self.raw.FPDFText_GetText(self.text_page, 0, count, buffer)
        get, page = self.file.calls.unicode, self.text_address
        if written == count + 1:
            units = np.frombuffer(memoryview(buffer), np.uint16)[:count].copy()
            for index in np.flatnonzero(units >= 0xFFFE).tolist():
                # Hyphens at line ends, which PDFium's text gives as U+FFFE.
                units[index] = min(get(page, index), 0xFFFF)
            if not (((units >= 0xD800) & (units < 0xE000)) | (units >= 0xFFFE) | (units == 0)).any():
                return list(units.tobytes().decode("utf-16-le"))
        return _join_surrogates([get(page, index) for index in range(count)])

    def _boxes(self, count: int) -> tuple[NDArray[np.float32], NDArray[np.uint64]]:
        """Left, bottom, right and top of each character, and the address of its text object (0: none)."""
        page = self.text_address
        boxes = np.zeros((count, 4), np.float32)
        address, stride = boxes.ctypes.data, 4 * boxes.itemsize
        # A loop over the characters of the page, without its steps in Python.
        places = range(address, address + stride * count, stride)
        deque(map(self.file.calls.loose_box, repeat(page), range(count), places), maxlen=0)
        owners = _owners(self.file.calls.text_object, page, count)
        # FS_RECTF holds left, top, right, bottom.
        return boxes[:, (0, 3, 2, 1)], owners

    def _objects(self, owners: list[int], places: list[int]) -> _TextObjects:
        """What text objects (addresses, 0: none) are like, each asked of its character at the same index."""
        calls, page = self.file.calls, self.text_address
        matrices = np.zeros((len(owners), 6), np.float32)  # as FS_MATRIX, zeros where there is none
        address = matrices.ctypes.data
        rows = range(address, address + 24 * len(owners), 24)
        deque(map(calls.matrix, repeat(page), places, rows), maxlen=0)
        sizes = map(calls.font_size, repeat(page), places)
        errors = map(calls.map_error, repeat(page), places)
        looks: list[_Look] = []
        columns = (owners, places, map(calls.font, owners), sizes, errors, matrices[:, :4].tolist())
        for owner, place, font, size, error, matrix in zip(*columns, strict=True):
            key = (font or 0, error != 1, size, *matrix)
            look = self.looks.get(key) if owner else _UNKNOWN_LOOK
            if look is None:
                look = self.looks[key] = (_size(key), self._style(font or 0, place), _turn_of(key), error != 1)
            looks.append(look)
        size, style, turn, mapped = zip(*looks, strict=True) if looks else ((), (), (), ())
        return _TextObjects(
            np.array(size, np.float64), np.array(style, np.int64), np.array(turn, np.int64), np.array(mapped, np.bool_)
        )

    def _style(self, font: int, index: int) -> int:
        if font not in self.fonts:
            raw = self.raw
            handle = ctypes.cast(font, raw.FPDF_FONT)
            name, flags, angle = ctypes.create_string_buffer(200), ctypes.c_int(), ctypes.c_int()
            raw.FPDFText_GetFontInfo(self.text_page, index, name, 200, ctypes.byref(flags))
            raw.FPDFFont_GetItalicAngle(handle, ctypes.byref(angle))
            weight = raw.FPDFFont_GetWeight(handle)
            shown = name.value.decode("utf-8", "replace")
            self.fonts[font] = self.file.style_index(shown, weight, flags.value, angle.value)
        return self.fonts[font]

    def _glyphs(self, marks: _Marks, turn: int, is_main: bool) -> Glyphs:
        """The characters that run in one direction, without line ends and second halves of surrogate pairs.

        Text at odd angles goes with the main direction, marked as turned unless most of the page is like that.
        """
        kept = np.array([i for i, char in enumerate(marks.text) if char > "\r" or char not in _LINE_ENDS], np.int64)
        if not len(kept):
            return Glyphs.empty()
        objects = marks.objects
        which = _filled_forward(marks.which[kept], objects.style < 0)
        own = objects.turn[which]
        chosen = (own == turn) | (own < 0) if is_main else own == turn
        kept, which, own = kept[chosen], which[chosen], own[chosen]
        if not len(kept):
            return Glyphs.empty()
        box = marks.boxes[kept].astype(np.float64) - np.array([self.left, self.lower, self.left, self.lower])
        x0, top, x1, bottom = _turned(_sane(box), *self.inner, turn)
        size = np.minimum(objects.size[which], MAX_SIZE_PT)
        size = np.where(size > 0, size, np.maximum(bottom - top, 1.0))
        self.unmapped += int((~objects.mapped)[which].sum())
        style = np.maximum(objects.style[which], 0)
        base = _sane(self._baselines(kept, which, turn))
        shown = self._shown([marks.text[index] for index in kept.tolist()], style)
        odd = own == -1
        odd = odd if odd.mean() <= 0.5 else np.zeros_like(odd)
        tag = None if self.tags is None else self.tags[which]
        return Glyphs(shown, x0, x1, top, bottom, base, size, style, odd, tag)

    def _baselines(self, kept: NDArray[np.int64], which: NDArray[np.int64], turn: int) -> Floats:
        """The baseline of each character in the reading frame, asked of one character of each text object.

        Boxes of fonts without metrics say nothing of it; characters of one object share it.
        """
        found, first, back = np.unique(which, return_index=True, return_inverse=True)
        points = np.zeros((len(found), 2), np.float64)
        address, end = points.ctypes.data, points.ctypes.data + 16 * len(found)
        places = (range(address, end, 16), range(address + 8, end + 8, 16))
        deque(map(self.file.calls.origin, repeat(self.text_address), kept[first].tolist(), *places), maxlen=0)
        points -= np.array([self.left, self.lower])
        width, height = self.inner
        across, up = points.T
        bases: Floats = (height - up, across, up, width - across)[turn]
        return bases[back]

    def _shown(self, text: list[str], style: NDArray[np.int64]) -> list[str]:
        joined = "".join(text)
        if _PRIVATE.search(joined):
            names = [item.name for item in self.file.styles] or [""]
            text = [private_use(char, names[style[index]]) for index, char in enumerate(text)]
        self.unmapped += joined.count("\ufffd") + joined.count("\x00")
        return text

    def _lost(self, text: list[str], owners: NDArray[np.uint64], drawn: Drawn) -> int:
        """Text objects that gave no character that prints; looked for where there are few characters to an object."""
        n_printed = sum(map(len, "".join(text).split()))
        if n_printed >= _FEW_CHARS * len(drawn.texts) and (drawn.texts or n_printed or not drawn.pictures):
            return 0
        printed = np.array([bool(char.strip()) for char in text], np.bool_)
        return lost_texts(self.raw, drawn, set(owners[printed].tolist()))

    def _rules(self, boxes: list[Box], turn: int) -> tuple[Rule, ...]:
        """Ruling lines and boxes in the reading frame."""
        moved = ((a - self.left, b - self.lower, c - self.left, d - self.lower) for a, b, c, d in boxes)
        return tuple(Rule(*_turn(box, *self.inner, turn)) for box in moved)


def _only(text: list[str], chosen: NDArray[np.bool_]) -> list[str]:
    """The characters that are chosen, nothing in the place of the others."""
    return [char if is_chosen else "" for char, is_chosen in zip(text, chosen.tolist(), strict=True)]


def _bounded(side: float) -> float:
    return min(side, _MAX_SIDE_PT) if side > 0 else 792.0


def _join_surrogates(codes: list[int]) -> list[str]:
    """One string a code unit, the second half of a surrogate pair empty."""
    text: list[str] = []
    for code in codes:
        if 0xDC00 <= code < 0xE000 and text and text[-1] and 0xD800 <= ord(text[-1][0]) < 0xDC00:
            text[-1] = chr(0x10000 + ((ord(text[-1]) - 0xD800) << 10) + (code - 0xDC00))
            text.append("")
        else:
            text.append(chr(code) if 0 < code < 0x110000 else "\ufffd")
    return [char if not char or not 0xD800 <= ord(char[0]) < 0xE000 else "\ufffd" for char in text]


def _sane(places: Floats) -> Floats:
    """Places that damaged files put beyond any page, within reach; 0 for what is no number."""
    if places.size and np.abs(places).max() < MAX_PLACE_PT:
        return places
    return np.clip(np.nan_to_num(places), -MAX_PLACE_PT, MAX_PLACE_PT)


def _turn(
    box: tuple[float, float, float, float], width: float, height: float, turn: int
) -> tuple[float, float, float, float]:
    """One box in the frame where text that runs ``turn`` quarters up is upright; see ``_turned``."""
    x0, top, x1, bottom = (column.item() for column in _turned(np.array([box]), width, height, turn))
    return x0, top, x1, bottom


def _turned(box: Floats, width: float, height: float, turn: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Boxes in PDF space (origin bottom left) in the frame where text that runs ``turn`` quarters up is upright.

    Returns x0, top, x1, bottom with the origin at the top left of that frame.
    """
    a, b, c, d = box.T
    if turn == 0:
        return a, height - d, c, height - b
    if turn == 1:
        return b, a, d, c
    if turn == 2:
        return width - c, b, width - a, d
    return height - d, width - c, height - b, width - a


def _owners(owner: Any, page: int | None, count: int) -> NDArray[np.uint64]:
    """The text object of each character; asked of every eighth, and between them only where those differ."""
    if not count:
        return np.zeros(0, np.uint64)
    places = [*range(0, count - 1, _STRIDE), count - 1]
    ends = np.array([address or 0 for address in map(owner, repeat(page), places)], np.uint64)
    lengths = np.diff(places)
    found = np.append(np.repeat(ends[:-1], lengths), ends[-1])
    unsure = np.repeat((ends[1:] != ends[:-1]) | (ends[:-1] == 0), lengths)
    between = np.flatnonzero(unsure).tolist()
    found[between] = [address or 0 for address in map(owner, repeat(page), between)]
    return found


def _main_turn(turns: NDArray[Any]) -> int:
    """The direction in quarters of most characters."""
    counts = [int((turns == quarter).sum()) for quarter in range(4)]
    return counts.index(max(counts))


def _filled_forward(which: NDArray[np.int64], unknown: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Characters without a text object (made up by PDFium) put to the object of the character before them."""
    places = np.arange(len(which))
    places[unknown[which]] = 0
    return which[np.maximum.accumulate(places)]
