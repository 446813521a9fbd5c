"""Blocks of lines to passages: text, paragraph and fragments of each.

Pure. Paragraphs are joined by a blank line; the lines of one by a space, or by nothing where a hyphen is repaired.
"""

from __future__ import annotations

from collections.abc import Mapping

from segtool.core.document import Fragment, Paragraph, ParagraphKind, Style
from segtool.core.passage import JOINER, Passage
from segtool.core.span import Span
from segtool.loaders.pdf.glyphs import Frame
from segtool.loaders.pdf.hyphens import Vocabulary, joint
from segtool.loaders.pdf.paragraphs import Block


def pieces_of(block: Block, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """For each line of a paragraph its text as it enters the document, and what is put before it."""
    pieces: list[tuple[str, str]] = []
    before, glue = "", ""
    for line in block.lines:
        if before:
            drop, glue = (0, line.glue) if line.glue is not None else joint(before, line.text, vocabulary)
            if drop:
                text, own_glue = pieces[-1]
                pieces[-1] = (text[:-drop], own_glue)
        pieces.append((line.text, glue))
        before = line.text
    return pieces


def text_of_block(block: Block, vocabulary: Vocabulary) -> str:
    """The text of a paragraph."""
    return "".join(glue + text for text, glue in pieces_of(block, vocabulary))


class Assembler:
    """Paragraphs to passages, each at the place where the one before it ends."""

    def __init__(self, frames: Mapping[int, Frame], vocabulary: Vocabulary) -> None:
        self._frames, self._vocabulary = frames, vocabulary
        self._offset = 0

    def passage(self, block: Block, kind: ParagraphKind, level: int, style: Style) -> Passage:
        """The next passage."""
        if self._offset:
            self._offset += len(JOINER)
        start = offset = self._offset
        parts: list[str] = []
        fragments: list[Fragment] = []
        for line, (text, glue) in zip(block.lines, pieces_of(block, self._vocabulary), strict=True):
            offset += len(glue)
            box = self._frames[line.page].to_page(*line.box)
            fragments.append(Fragment(Span(offset, offset + len(text)), line.page, box, line.column))
            parts += (glue, text)
            offset += len(text)
        self._offset = offset
        paragraph = Paragraph(Span(start, offset), kind, level, block.label, style)
        return Passage(paragraph, "".join(parts), tuple(fragments))
