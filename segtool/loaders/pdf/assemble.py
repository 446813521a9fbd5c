"""Blocks of lines to the document: its text, paragraphs and fragments.

Pure. Paragraphs are joined by a blank line; the lines of one by a space, or by nothing where a hyphen is repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segtool.core.document import Fragment, Paragraph, ParagraphKind, Style
from segtool.core.span import Span
from segtool.loaders.pdf.glyphs import Frame
from segtool.loaders.pdf.hyphens import Vocabulary, joint
from segtool.loaders.pdf.paragraphs import Block


@dataclass(frozen=True, slots=True)
class Body:
    """What the layout gives a document."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    fragments: tuple[Fragment, ...]


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


def assemble(
    blocks: Sequence[Block],
    kinds: Sequence[tuple[ParagraphKind, int]],
    styles: Sequence[Style],
    frames: dict[int, Frame],
    vocabulary: Vocabulary,
) -> Body:
    """Text, paragraphs and fragments of these blocks in order."""
    parts: list[str] = []
    paragraphs: list[Paragraph] = []
    fragments: list[Fragment] = []
    offset = 0
    for block, (kind, level), style in zip(blocks, kinds, styles, strict=True):
        if parts:
            parts.append("\n\n")
            offset += 2
        start = offset
        for line, (text, glue) in zip(block.lines, pieces_of(block, vocabulary), strict=True):
            offset += len(glue)
            box = frames[line.page].to_page(*line.box)
            fragments.append(Fragment(Span(offset, offset + len(text)), line.page, box, line.column))
            parts += (glue, text)
            offset += len(text)
        paragraphs.append(Paragraph(Span(start, offset), kind, level, block.label, style))
    return Body("".join(parts), tuple(paragraphs), tuple(fragments))
