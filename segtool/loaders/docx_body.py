"""From the XML of a story (body, note, header) of a DOCX to blocks: paragraphs, tables, notes, text boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from segtool.core.document import ParagraphKind, Style
from segtool.loaders.blocks import Block, clean
from segtool.loaders.docx_numbering import Label, Numbering
from segtool.loaders.docx_package import value_at
from segtool.loaders.docx_runs import Line, RunReader
from segtool.loaders.docx_styles import ParagraphStyle, Styles, read_properties
from segtool.loaders.tables import TableCollector
from segtool.loaders.xml_parts import Element, attribute, child, local

_LONGEST_HEADING = 250
"""A paragraph in a heading style that is longer than this (characters) is a clause: many contracts are set so."""
_TRANSPARENT = frozenset(("ins", "moveTo", "customXml", "smartTag", "sdtContent", "dir", "bdo"))


class StoryReader:
    """Reads one story after the other; ``blocks`` is what they became, in order.

    Args:
        styles: of the document.
        numbering: its lists; the counters go on from story to story.
        notes: footnotes and endnotes by kind and id.
    """

    def __init__(self, styles: Styles, numbering: Numbering, notes: Mapping[tuple[str, str], Element]) -> None:
        self.blocks: list[Block] = []
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._runs = RunReader(styles)
        self._tables: list[TableCollector] = []
        self._kind: ParagraphKind | None = None
        self._carried: Line | None = None
        self._waiting: list[tuple[str, str]] = []  # notes cited in a table, which come behind it
        self._languages: Counter[str] = Counter()

    def language(self) -> str | None:
        """The language that most characters are marked with, None if few are marked."""
        total = sum(self._languages.values())
        language, count = self._languages.most_common(1)[0] if total else ("", 0)
        return language if language and count > 0.5 * total else None

    def read(self, container: Element) -> None:
        """Add what stands in a body, cell, note or text box."""
        last: Element | None = None
        for element in _children(container):
            if local(element) == "p":
                self._paragraph(element)
                last = element
            elif local(element) == "tbl":
                self._finish_carried(last)
                self._table(element)
        self._finish_carried(last)

    def _finish_carried(self, last: Element | None) -> None:
        """A paragraph whose mark was deleted with nothing behind it to join: it stands for itself."""
        line, self._carried = self._carried, None
        if line is not None and clean(line.text):
            self._finish(line, child(last, "pPr"))

    def _paragraph(self, element: Element) -> None:
        properties = child(element, "pPr")
        line, self._carried = self._carried or Line(), None
        style = self._styles.paragraph(value_at(properties, "pStyle"))
        self._runs.read(element, line, style)
        mark = child(properties, "rPr")
        if child(mark, "del") is not None or child(mark, "moveFrom") is not None:
            self._carried = line  # without its mark, what is left of it joins the next paragraph
            return
        self._finish(line, properties)

    def _finish(self, line: Line, properties: Element | None) -> None:
        base = self._styles.paragraph(value_at(properties, "pStyle"))
        style = read_properties(properties, None, base)
        label = self._label(properties, style)
        text = clean(line.text)
        self._languages.update(line.languages)
        if text:
            self._emit(self._block(text, line, style, label))
        for box in line.boxes:
            self._nested(box, self._kind)
        self._waiting.extend(line.notes)
        if not self._tables:
            self._cited_notes()

    def _label(self, properties: Element | None, style: ParagraphStyle) -> Label | None:
        if style.list_id in (None, "0") or style.list_id is None:
            return None
        level = style.list_level or 0
        if child(properties, "numPr", "ilvl") is None:
            tied = (self._numbering.level_of_style(style.list_id, key) for key in style.chain)
            level = next((found for found in tied if found is not None), level)
        return self._numbering.label(style.list_id, level)

    def _block(self, text: str, line: Line, style: ParagraphStyle, label: Label | None) -> Block:
        kind, level = _kind_of(text, style, label)
        if self._kind is not None:
            kind, level = self._kind, 0
        number = None
        if label and label.text.strip():
            text = f"{label.text}{label.gap}{text}"
            number = label.text.strip().removesuffix(".")
        look = Style(size=line.size, bold=line.bold, italic=line.italic, centred=style.centred, name=style.name or None)
        return Block(text, kind, level, number, look)

    def _emit(self, block: Block) -> None:
        if self._tables:
            self._tables[-1].add(block, True)
        else:
            self.blocks.append(block)

    def _nested(self, container: Element, kind: ParagraphKind | None) -> None:
        """Read a note or text box in the middle of a story."""
        outer, self._kind = self._kind, kind
        carried, self._carried = self._carried, None
        self.read(container)
        self._kind, self._carried = outer, carried

    def _cited_notes(self) -> None:
        cited, self._waiting = self._waiting, []
        for key in cited:
            note = self._notes.get(key)
            if note is not None and self._kind != "footnote":
                self._nested(note, "footnote")

    def _table(self, element: Element) -> None:
        table = TableCollector()
        self._tables.append(table)
        for row in _children(element):
            if local(row) != "tr" or child(row, "trPr", "del") is not None:
                continue
            table.start_row()
            for cell in _children(row):
                if local(cell) == "tc" and child(cell, "tcPr", "cellDel") is None:
                    table.start_cell()
                    if not _is_merged_away(cell):
                        self.read(cell)
        self._tables.pop()
        for block, _ in table.finish():
            self._emit(block if self._kind is None else replace(block, kind=self._kind, level=0))
        if not self._tables:
            self._cited_notes()


def _children(container: Element) -> Iterator[Element]:
    """The blocks, rows or cells in a container, seen through wrappers; deleted and moved ones are left out."""
    for element in container:
        name = local(element)
        if name in _TRANSPARENT:
            yield from _children(element)
        elif name == "sdt":
            content = child(element, "sdtContent")
            if content is not None:
                yield from _children(content)
        elif name == "AlternateContent":
            chosen = child(element, "Choice")
            chosen = child(element, "Fallback") if chosen is None else chosen
            if chosen is not None:
                yield from _children(chosen)
        elif name not in ("del", "moveFrom"):
            yield element


def _is_merged_away(cell: Element) -> bool:
    merge = child(cell, "tcPr", "vMerge")
    return merge is not None and attribute(merge, "val") != "restart"


def _kind_of(text: str, style: ParagraphStyle, label: Label | None) -> tuple[ParagraphKind, int]:
    name = style.name.lower()
    if name == "title":
        return "title", 0
    if style.outline is not None and len(text) <= _LONGEST_HEADING:
        return "heading", style.outline
    if name == "caption":
        return "caption", 0
    if label is not None and (label.is_bullet or label.text.strip()):
        return "list_item", label.level + 1
    if name.startswith(("list bullet", "list number")):
        depth = name[-1]
        return "list_item", int(depth) if depth.isdecimal() else 1
    return "body", 0
