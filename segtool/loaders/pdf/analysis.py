"""Layouts of runs of pages to passages: what a run must know of the runs before it, and nothing of those behind it.

A paragraph is ready once the run after its last line is laid out, so that a reader has the first ones of a long file at
once and memory does not grow with the pages. What is usual (body size, leading, indents) is measured over two runs,
words that repair hyphens are collected as the file is read: a document of one run is judged as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from segtool.core.document import Style
from segtool.core.passage import Passage
from segtool.loaders.pdf.assemble import Assembler, text_of_block
from segtool.loaders.pdf.furnish import InPlace, described
from segtool.loaders.pdf.glyphs import FontStyle, Frame, Recognised
from segtool.loaders.pdf.hyphens import Vocabulary
from segtool.loaders.pdf.info import Info
from segtool.loaders.pdf.kinds import Kinds, Look, is_bookmarked, look_of, titles_of
from segtool.loaders.pdf.layout import Layout
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures, measures_of
from segtool.loaders.pdf.notes import part_notes
from segtool.loaders.pdf.page_language import PageLanguage, page_languages
from segtool.loaders.pdf.paragraphs import Block, BlockBuilder
from segtool.loaders.pdf.short_lines import mark_short_lines
from segtool.loaders.pdf.subheads import mark_subheads
from segtool.loaders.pdf.title import Title


@dataclass(frozen=True, slots=True)
class Found:
    """A passage, its level that of a list item or 0; ``look`` is what the level of a heading depends on."""

    passage: Passage
    look: Look | None


class Analysis:
    """The paragraphs of one document, a run at a time.

    ``furniture`` describes what was left out in the pages since it was last emptied; ``n_pages``, ``unmapped``,
    ``empty_pages``, ``recognised`` and ``languages`` tell of all pages so far.
    """

    def __init__(self, styles: Sequence[FontStyle], info: Info, keep_furniture: bool) -> None:
        self.frames: dict[int, Frame] = {}
        self.furniture: list[dict[str, Any]] = []
        self.unmapped: dict[int, int] = {}
        self.empty_pages: list[int] = []
        self.recognised: dict[int, Recognised] = {}
        self.languages: list[PageLanguage] = []
        self._info = info
        self._title: Title | None = None
        self._styles = styles
        self._titles = titles_of(info.bookmarks)
        self._keep = keep_furniture
        self._measures = Measures()
        self._lines_before: list[Line] = []
        self._carried = False
        self._order = _Order()
        self._in_place = InPlace(self.frames) if keep_furniture else None
        self._vocabulary = Vocabulary()
        self._kinds = Kinds(self._titles)
        self._assembler = Assembler(self.frames, self._vocabulary)

    def passages(self, layouts: Iterable[Layout]) -> Iterator[Found]:
        """The passages of these runs, each as soon as it is complete."""
        for layout in layouts:
            self._note(layout)
            self._measures = measures_of([*self._lines_before, *layout.lines])
            self._lines_before = layout.lines
            if self._title is None and layout.lines:
                height = self.frames[layout.lines[0].page].height
                self._title = Title(layout.lines, self._measures, height, self._info.fields.get("title"))
            notes = part_notes(layout.lines, layout.rules, self._measures.body_size, self._keep, self._carried)
            self._carried = notes.carried
            mark_short_lines(notes.body, self._measures)
            mark_subheads(notes.body, self._measures)
            self.furniture += described(layout.furniture, notes.taken, self.frames)
            if self._in_place is not None:
                self._in_place.add(layout.furniture)
            yield from self._found(self._order.add(notes.body, notes.notes, self._measures))
        yield from self._found(self._order.finish())
        if self._in_place is not None:
            yield from map(self._describe, self._in_place.rest())

    def _note(self, layout: Layout) -> None:
        self.frames.update(layout.frames)
        self.unmapped.update(layout.unmapped)
        self.empty_pages += layout.empty_pages
        self.recognised.update(layout.recognised)
        self.languages += page_languages(layout.lines, self._info.language)
        self._vocabulary.add(line.text for line in layout.lines)

    def _found(self, blocks: Iterable[Block]) -> Iterator[Found]:
        for block in blocks:
            parts = [block] if self._in_place is None else self._in_place.around(block)
            yield from map(self._describe, parts)

    def _describe(self, block: Block) -> Found:
        text = text_of_block(block, self._vocabulary)
        kind, level = self._kinds.of(block, text, self._measures)
        if kind == "heading" and self._title is not None and self._title.takes(block, text):
            kind, level = "title", 0
        look = look_of(block) if kind == "heading" and not level else None
        return Found(self._assembler.passage(block, kind, level, self._style(block, text)), look)

    def _style(self, block: Block, text: str) -> Style:
        first = block.lines[0]
        room = first.right - first.left
        spare = (first.start - first.left, first.right - first.stop)
        centred = abs(spare[0] - spare[1]) < 0.5 * first.size + 0.02 * room and min(spare) > first.size
        letters = sum(len(line.text) for line in block.lines)
        bold = sum(line.bold * len(line.text) for line in block.lines) / letters
        marked = is_bookmarked(block, text, self._titles)
        name = self._styles[first.style].name
        return Style(round(first.size, 2), bold > 0.5, first.italic > 0.5, centred, name, marked)


class _Order:
    """Body and notes in one order: each note behind the last paragraph that starts on its page or before."""

    def __init__(self) -> None:
        self._body = BlockBuilder()
        self._waiting: list[Block] = []

    def add(self, body: Sequence[Line], notes: Sequence[Line], measures: Measures) -> Iterator[Block]:
        """The paragraphs that a run completes."""
        for line in notes:
            if line.opens or not self._waiting:
                self._waiting.append(Block([line]))
            else:
                self._waiting[-1].lines.append(line)
        return self._merged(self._body.add(body, measures))

    def finish(self) -> Iterator[Block]:
        """The paragraphs that are left."""
        yield from self._merged(self._body.finish())
        yield from self._waiting

    def _merged(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            while self._waiting and self._waiting[0].lines[0].page < block.lines[0].page:
                yield self._waiting.pop(0)
            yield block
