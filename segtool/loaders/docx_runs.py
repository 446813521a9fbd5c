"""The runs of a Word paragraph as one line of text: changes accepted, fields by their result, hidden text gone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from segtool.loaders.docx_numbering import is_on
from segtool.loaders.docx_package import value_at
from segtool.loaders.docx_styles import ParagraphStyle, Styles, toggle
from segtool.loaders.xml_parts import Element, attribute, child, integer, local

_SKIPPED = frozenset(
    ("del", "moveFrom", "pPr", "rPr", "rt", "sdtPr", "fldData", "instrText", "delText", "delInstrText")
)
# The pictures that fonts of symbols keep in the private area, as characters that every font has.
_SYMBOLS = {
    0xB7: "•",
    0xA7: "▪",
    0xA8: "☐",
    0xFC: "✓",
    0xFB: "✗",
    0xFE: "☑",
    0xFD: "☒",
    0xE0: "→",
    0xD2: "®",
    0xD3: "©",
}


@dataclass(slots=True)
class Line:
    """The text of a paragraph so far, with what its runs look like and what hangs on it."""

    pieces: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    sizes: Counter[float] = field(default_factory=Counter)
    n_bold: int = 0
    n_italic: int = 0
    n_all: int = 0

    @property
    def text(self) -> str:
        """The characters."""
        return "".join(self.pieces)

    @property
    def bold(self) -> bool:
        """Whether nearly all of it is bold."""
        return self.n_all > 0 and self.n_bold > 0.9 * self.n_all

    @property
    def italic(self) -> bool:
        """Whether nearly all of it is italic."""
        return self.n_all > 0 and self.n_italic > 0.9 * self.n_all

    @property
    def size(self) -> float | None:
        """The size of most of it, in points."""
        return self.sizes.most_common(1)[0][0] if self.sizes else None


class RunReader:
    """Reads paragraphs in order; fields may reach over several, so whether one is open is kept here."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[bool] = []
        """For each open field whether its result has begun."""

    def read(self, element: Element, line: Line, style: ParagraphStyle) -> None:
        """Add the runs inside ``element`` to ``line``."""
        for item in element:
            name = local(item)
            if name in _SKIPPED:
                continue
            if name == "r":
                self._run(item, line, style)
            elif name == "t":  # of a formula
                line.pieces.append(item.text or "")
            elif name == "AlternateContent":
                self._alternate(item, line, style)
            elif name == "txbxContent":
                line.boxes.append(item)
            else:
                self.read(item, line, style)

    def _alternate(self, element: Element, line: Line, style: ParagraphStyle) -> None:
        """One of the two forms in which Word saves a drawing, never both."""
        for name in ("Choice", "Fallback"):
            chosen = child(element, name)
            if chosen is not None:
                self.read(chosen, line, style)
                return

    def _run(self, run: Element, line: Line, style: ParagraphStyle) -> None:
        properties = child(run, "rPr")
        character = self._styles.run(value_at(properties, "rStyle"))
        hidden = toggle(properties, "vanish", toggle(character, "vanish", style.hidden))
        before = len(line.pieces)
        for item in run:
            name = local(item)
            if name == "fldChar":
                if self._is_shown() and not hidden:
                    line.pieces.append(_check_box(item))
                self._field(attribute(item, "fldCharType"))
            elif name in ("footnoteReference", "endnoteReference") and self._is_shown():
                line.notes.append((name.removesuffix("Reference"), attribute(item, "id") or ""))
            elif name in ("drawing", "pict", "object"):
                self.read(item, line, style)
            elif name == "AlternateContent":
                self._alternate(item, line, style)
            elif name == "ruby":
                self.read(item, line, style)
            elif not hidden and self._is_shown():
                line.pieces.append(_characters(item, name))
        self._measure(line, before, properties, character, style)

    def _measure(
        self, line: Line, before: int, run: Element | None, character: Element | None, style: ParagraphStyle
    ) -> None:
        n = sum(len(piece.strip()) for piece in line.pieces[before:])
        if not n:
            return
        line.n_all += n
        line.n_bold += n if toggle(run, "b", toggle(character, "b", style.bold)) else 0
        line.n_italic += n if toggle(run, "i", toggle(character, "i", style.italic)) else 0
        size = integer(value_at(run, "sz") or value_at(character, "sz"))
        points = size / 2 if size else style.size
        if points:
            line.sizes[points] += n
        line.languages[value_at(run, "lang") or value_at(character, "lang") or style.lang or ""] += n

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _is_shown(self) -> bool:
        return all(self._fields)


def _characters(item: Element, name: str) -> str:
    if name == "t":
        return item.text or ""
    if name in ("tab", "ptab"):
        return "\t"
    if name in ("br", "cr"):
        return "\n"
    if name == "noBreakHyphen":
        return "\N{NON-BREAKING HYPHEN}"
    if name == "sym":
        return _symbol(attribute(item, "char"))
    return ""


def _check_box(field_character: Element) -> str:
    """The box of an old form field, ticked or not; "" for other fields."""
    box = child(field_character, "ffData", "checkBox")
    if box is None:
        return ""
    state = child(box, "checked")
    state = child(box, "default") if state is None else state
    return "☒" if state is not None and is_on(state) else "☐"


def _symbol(code: str | None) -> str:
    try:
        value = int(code or "", 16)
    except ValueError:
        return ""
    if 0xF000 <= value <= 0xF0FF:
        value -= 0xF000
        return _SYMBOLS.get(value, chr(value) if 0x20 <= value < 0x7F else "")
    return chr(value) if 0x20 <= value < 0xD800 else ""
