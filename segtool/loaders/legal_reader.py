"""From the elements of legal XML to blocks and sections: one walk over the tree for all vocabularies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from segtool.core.document import ParagraphKind, Style
from segtool.core.layer import Label
from segtool.loaders import legal_vocabulary as words
from segtool.loaders.blocks import Block, flat, table_text
from segtool.loaders.xml_parts import Element, attribute, integer, local

_TRAILING = re.compile(r"[\s.:;,–—―-]+$")
_BREAKS = frozenset(("br", "eol"))
_SPACED = frozenset(("referenceItem", "tocItem", "action", "HistoricalNote"))
_RUNNING = frozenset(("p", "block", "span", "inline"))  # where a title is part of a running text
_FLAT_HEADINGS = frozenset(("Heading", "ScheduleFormHeading"))


@dataclass(frozen=True, slots=True)
class Section:
    """A section as the source names it; ``block`` is the index of the block that opens it, ``level`` counts from 1."""

    block: int
    level: int
    label: Label
    eid: str | None = None


@dataclass(slots=True)
class LegalReader:
    """Reads one document; ``blocks`` and ``sections`` are what it became, in order."""

    blocks: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    _depth: int = 0
    _lists: int = 0
    _quoted: int = 0
    _titled: int = 0
    _sectionless: int = 0
    _heads: list[int] = field(default_factory=list)
    """Levels of the flat headings (Canada) that are open."""
    _number: str | None = None
    """A number that waits for the first paragraph of what it numbers."""
    _line: list[str] = field(default_factory=list)
    _notes: list[Element] = field(default_factory=list)
    _kind: ParagraphKind = "body"

    def read_root(self, root: Element) -> None:
        """Read a whole document; a D.C. law has its number and titles as children of the root."""
        if local(root) != "document":
            self.read(root)
            return
        number = next((_plain_text(child) for child in root if local(child) == "num"), "")
        headings = [_plain_text(child) for child in root if local(child) == "heading"]
        self._add(Block(flat(f"{number} {' '.join(headings[:1])}"), "title"))
        for heading in headings[1:]:
            self._add(Block(heading))
        for child in root:
            if local(child) not in ("num", "heading"):
                self.read(child)
        self._flush()

    def read(self, element: Element) -> None:
        """Add an element that stands apart from the text around it."""
        name = local(element)
        if not name or name in words.SKIPPED or attribute(element, "display") == "no":
            return
        if name in words.NOTES:
            self._notes.append(element)
            self._flush()
        elif name in words.TABLES:
            self._table(element)
        elif name in _FLAT_HEADINGS:
            self._flat_heading(element)
        elif name in words.QUOTED:
            self._quoted += 1
            self._inside(element)
            self._quoted -= 1
        elif self._is_section(element, name):
            self._section(element)
        elif name in words.SUBHEADINGS:
            self._flush()
            self._add(
                Block(_plain_text(element), "heading", self._depth + len(self._heads) + 1, None, Style(name=name))
            )
        else:
            self._other(element, name)

    def _other(self, element: Element, name: str) -> None:
        """Something that opens no section; it may have a number or heading all the same."""
        if name in words.TAILS and self.sections and not self._quoted:
            self._flush()
            self._heads.clear()
            self.sections.append(Section(len(self.blocks), 1, Label()))
        number, heading = _number_of(element), _heading_of(element)
        outer_kind = self._kind
        if name in words.TITLES or (self._titled and _has(element, "docTitle")):
            self._kind = "title"
        if number:
            self._number_only()
            self._number, self._lists = number, self._lists + 1
        if heading:
            self._heading_paragraph(heading, self._depth + len(self._heads) + 1, name)
        self._notes.extend(_label_notes(element))
        front = name in ("preface", "coverPage", "longTitle")
        sectionless = name in words.WITHOUT_SECTIONS
        self._titled += front
        self._sectionless += sectionless
        self._inside(element)
        self._sectionless -= sectionless
        self._titled -= front
        if number:
            self._number_only()
            self._lists -= 1
        self._kind = outer_kind

    def _is_section(self, element: Element, name: str) -> bool:
        if self._quoted or self._sectionless or name in words.NOT_SECTIONS or name in words.PARAGRAPHS:
            return False
        return bool(_number_of(element) or _heading_of(element))

    def _section(self, element: Element) -> None:
        self._number_only()
        number, heading = _number_of(element), _heading_of(element)
        self._depth += 1
        level = self._depth + len(self._heads)
        label = Label(_TRAILING.sub("", number) or None if number else None, heading.rstrip("—– ") or None)
        eid = attribute(element, "eId") or attribute(element, "identifier") or attribute(element, "id")
        self._flush()
        self.sections.append(Section(len(self.blocks), level, label, eid))
        lists, self._lists = self._lists, self._lists if heading else self._lists + 1
        margin = any(local(child) == "MarginalNote" for child in element)
        if heading and not margin:
            self._number = number
        if heading:
            self._heading_paragraph(heading, level, local(element))
        if number and (margin or not heading):
            self._number = number
        self._notes.extend(_label_notes(element))
        self._inside(element)
        self._number_only()
        self._lists = lists
        self._depth -= 1

    def _flat_heading(self, element: Element) -> None:
        """A heading that encloses nothing: what follows belongs to it up to the next of its level or above."""
        self._number_only()
        own = integer(attribute(element, "level"), 1 if local(element) == "Heading" else 0) or 0
        while self._heads and self._heads[-1] >= own:
            self._heads.pop()
        number, heading = _number_of(element), _heading_of(element)
        text = flat(f"{number} {heading}")
        if self._quoted:
            self._add(Block(text, self._kind))
        elif text:
            self._heads.append(own)
            level = self._depth + len(self._heads)
            self.sections.append(Section(len(self.blocks), level, Label(number or None, heading or None)))
            self._add(Block(text, "heading", level, number or None, Style(name="Heading")))
        self._inside(element)

    def _heading_paragraph(self, heading: str, level: int, name: str) -> None:
        number, self._number = self._number, None
        self._flush()
        text = f"{number} {heading}" if number else heading
        label = _TRAILING.sub("", number) or None if number else None
        kind: ParagraphKind = self._kind if self._quoted else "heading"
        self._add(Block(text, kind, min(level, 9) if kind == "heading" else 0, label, Style(name=name)))

    def _number_only(self) -> None:
        """A number without text of its own (its first child has a number too) is a paragraph by itself."""
        self._flush()
        if self._number:
            number, self._number = self._number, None
            self._add(Block(number, "heading", self._depth + len(self._heads) or 1, _TRAILING.sub("", number) or None))

    def _inside(self, element: Element) -> None:
        """The content of an element that stands apart: text of its own, inline elements, blocks."""
        self._flush()
        mixed = local(element) in words.PARAGRAPHS or _has_text(element)
        self._content(element, mixed)
        self._flush()

    def _content(self, element: Element, mixed: bool) -> None:
        self._line.append(element.text or "")
        for child in element:
            name = local(child)
            if name in words.NUMBERS or name in words.HEADINGS:
                if not _is_label(element, child):
                    self._flush()
                    self._content(child, True)
                    self._flush()
            elif name in _BREAKS:
                self._line.append(" ")
            elif name in words.NOTES and mixed:
                self._notes.append(child)
                self._line.append(" " if (child.tail or " ")[0].isalnum() else "")
            elif self._breaks(child, name, mixed):
                self._flush()
                self.read(child)
            elif name and not _is_skipped(child, name):
                self._content(child, True)
                if local(element) in _SPACED:
                    self._line.append(" ")
            self._line.append(child.tail or "")

    def _breaks(self, child: Element, name: str, mixed: bool) -> bool:
        """Whether a child stands apart from the text around it."""
        if name in words.INLINE or (name == "docTitle" and local(child.getparent()) in _RUNNING):
            return False  # what stands apart inside it breaks the line by itself
        if not name or name in words.SKIPPED:
            return False
        return not mixed or name in words.BLOCKS

    def _flush(self) -> None:
        text, self._line = flat("".join(self._line)), []
        if text and self.blocks and not self._number and len(text) < 4 and not any(map(str.isalnum, text)):
            self.blocks[-1].text += text  # the full stop behind a quotation that stands apart
        elif text:
            kind, level, number = self._kind, 0, None
            if self._number:
                number, self._number = self._number, None
                text = f"{number} {text}"
                kind, level = ("list_item", self._lists) if kind == "body" and self._lists else (kind, 0)
                number = _TRAILING.sub("", number) or None
            self._add(Block(text, kind, level, number))
        if self._notes and (text or not self._number):
            notes, self._notes = self._notes, []
            for note in notes:
                self._note(note)

    def _note(self, note: Element) -> None:
        outer, self._kind = self._kind, "footnote"
        waiting, self._number = self._number, None
        self._quoted += 1
        number, heading = _number_of(note), _heading_of(note)
        self._number = number or None
        self._line.append(f"{heading} " if heading else "")
        self._content(note, True)
        self._flush()
        self._quoted -= 1
        self._kind, self._number = outer, waiting

    def _table(self, element: Element) -> None:
        self._number_only()
        rows = [
            [_plain_text(cell) for cell in row if local(cell) in words.CELLS]
            for row in element.iterdescendants()
            if local(row) in words.ROWS
        ]
        self._add(Block(table_text(rows), "table"))
        self._notes.extend(note for note in element.iterdescendants() if local(note) in words.NOTES)
        self._flush()

    def _add(self, block: Block) -> None:
        """Add a block. Text of a section behind its subsections opens a part without a name: it is not of the last."""
        if not block.text.strip():
            return
        level = self._depth + len(self._heads)
        last = self.sections[-1] if self.sections else None
        if last and last.level > level and block.kind != "footnote":
            nameless = Section(len(self.blocks), level + 1, Label())
            if (last.level, last.label, last.eid) != (nameless.level, nameless.label, nameless.eid):
                self.sections.append(nameless)
        self.blocks.append(block)


def _is_skipped(element: Element, name: str) -> bool:
    """Whether an element prints nothing of the text; the mark of a footnote does not."""
    return name in words.SKIPPED or attribute(element, "class") == "footnoteRef"


def _is_label(element: Element, child: Element) -> bool:
    """Whether a number or heading is the one that its owner prints: the first, or the one behind a prefix."""
    kind = words.NUMBERS if local(child) in words.NUMBERS else words.HEADINGS
    same = [e for e in element if local(e) in kind]
    return child in same[: 2 if local(same[0]) == "prefix" else 1]


def _label_notes(element: Element) -> list[Element]:
    """The notes that hang on the number and heading of an element."""
    labels = [child for child in element if local(child) in words.NUMBERS or local(child) in words.HEADINGS]
    return [note for label in labels for note in label.iterdescendants() if local(note) in words.NOTES]


def _number_of(element: Element) -> str:
    """The number of an element as printed, "" if it has none or does not show it."""
    shown = [
        _plain_text(child)
        for child in element
        if local(child) in words.NUMBERS and attribute(child, "undesignated") != "true"
    ]
    has_prefix = any(local(child) == "prefix" for child in element)
    return flat(" ".join(shown[: 2 if has_prefix else 1]))


def _heading_of(element: Element) -> str:
    return next((_plain_text(child) for child in element if local(child) in words.HEADINGS), "")


def _plain_text(element: Element) -> str:
    """The text of an element without its notes."""
    parts = [element.text or ""]
    for child in element:
        name = local(child)
        if name in _BREAKS or name in words.BLOCKS:
            parts.append(" ")
        if name and name not in words.NOTES and not _is_skipped(child, name):
            parts.append(_plain_text(child))
        if name in words.BLOCKS:
            parts.append(" ")
        parts.append(child.tail or "")
    return flat("".join(parts))


def _has_text(element: Element) -> bool:
    """Whether text stands directly inside an element."""
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _has(element: Element, name: str) -> bool:
    return local(element) in words.PARAGRAPHS and any(local(inner) == name for inner in element.iterdescendants())
