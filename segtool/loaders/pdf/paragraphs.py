"""Lines to paragraphs: where one ends and the next starts, over columns and pages.

Pure. Evidence in order: change of size, a gap above the leading, labels, indents, and whether the next word would
have found room on the line before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segtool.loaders.pdf.labels import bullet, caption, follows, label, named_label, shape
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures, is_below, is_centred, is_labelled, room_of, share_centre
from segtool.loaders.pdf.rows import is_unspaced

_TERMINAL = ".!?:;。！？؟۔…"
_CLOSERS = "\"'”’)]»」』"


@dataclass(slots=True)
class Block:
    """The lines of one paragraph."""

    lines: list[Line]
    label: str | None = None
    bullet: bool = False


class BlockBuilder:
    """Paragraphs from lines that come in runs; the last paragraph of a run stays open for the next run."""

    def __init__(self) -> None:
        self._open: Block | None = None
        self._edge = 0.0

    def add(self, lines: Sequence[Line], measures: Measures) -> list[Block]:
        """The paragraphs that these lines end. Every line lies in exactly one, in order."""
        edges = _right_edges(lines, measures)
        ended: list[Block] = []
        block, edge = self._open, self._edge
        for line, own_edge in zip(lines, edges, strict=True):
            if block is None or _starts(block, line, edge, measures):
                if block is not None:
                    ended.append(block)
                block = _block(line)
            else:
                block.lines.append(line)
            edge = own_edge
        self._open, self._edge = block, edge
        return ended

    def finish(self) -> list[Block]:
        """The paragraph that is still open, if there is one."""
        ended = [] if self._open is None else [self._open]
        self._open = None
        return ended


def _block(line: Line) -> Block:
    if line.role in ("table", "figure"):
        return Block([line])
    return Block([line], label(line.text), bullet(line.text) is not None)


def blocks_of(lines: Sequence[Line], measures: Measures) -> list[Block]:
    """The paragraphs of all lines of a document, in order."""
    builder = BlockBuilder()
    return builder.add(lines, measures) + builder.finish()


def _right_edges(lines: Sequence[Line], measures: Measures) -> list[float]:
    """Where each line could have run to: its column's edge, or that of a block of lines set narrower."""
    edges = [0.0] * len(lines)
    start = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines) and is_below(lines[index - 1], lines[index]):
            size = lines[index].size
            if measures.excess(lines[index].base - lines[index - 1].base, size) <= 0.2 * size:
                continue
        run = lines[start:index]
        widest = max(line.stop for line in run)
        # A block set narrower than its column shows by several lines that reach as far.
        is_block = len(run) >= 4 and sum(1 for line in run if widest - line.stop < 2.0 * line.size) >= 2
        for i in range(start, index):
            edges[i] = min(widest, lines[i].right) if is_block else lines[i].right
        start = index
    return edges


def _starts(block: Block, line: Line, edge: float, measures: Measures) -> bool:
    """Whether a line opens a paragraph after ``block``, whose last line could have run to ``edge``."""
    before = block.lines[-1]
    if line.role != before.role or line.opens or line.is_head or before.is_head:
        return True
    if line.role in ("table", "contents", "figure"):
        return False
    if _is_label_of(block, line):
        return False
    is_caption = line.size <= 1.02 * measures.body_size and caption(line.text) is not None
    if is_caption and (not _ends_open(before) or not is_below(before, line)):
        return True
    # Groups, and pages whose tree is not trusted, say nothing of the paragraphs in them.
    if before.tag is not None and line.tag is not None and not (before.tag.loose and line.tag.loose):
        if before.tag.block != line.tag.block:
            return True
        # A cell may hold several paragraphs.
        if line.tag.cell is None:
            return False
    if line.glue is not None:
        return False
    size = max(line.size, before.size)
    # Lines whose words are of several types may change in their midst.
    goes_on = before.last_type == line.first_type and abs(line.size - before.size) < 0.25 * size
    changes = not (goes_on or before.drop_cap or line.drop_cap)
    is_other_type = line.style != before.style and abs(line.size - before.size) > 0.04 * size
    if is_other_type and changes:
        return not _goes_on(before, line, edge - before.stop, measures)
    if abs(line.size - before.size) > 0.08 * size and changes:
        return not _goes_on(before, line, edge - before.stop, measures)
    mark = bullet(line.text)
    if mark is not None and mark.strip() not in "-–—*o":
        return True
    room = edge - before.stop
    fits = room > line.first_width + before.space + 0.3 * size
    heading = _is_display(before, measures)
    if measures.justified and not heading and before.width > 0.3 * room_of(before):
        fits = fits or room > 0.7 * size
    if line.beside_cap:
        return False
    if not is_below(before, line):
        return _starts_elsewhere(block, before, line, fits, measures)
    # A raised mark pushes its line down in HTML engines.
    slack = 0.2 + 0.35 * line.raised
    gap = measures.excess(line.base - before.base, size)
    if gap > slack * size or _is_wider_apart(block, line):
        # Another font in the line pushes it down a little, too; words that must go on outweigh that.
        most = 0.9 if line.raised and line.start == before.start else 0.45
        return gap > most * size or fits or not _ends_open(before) or not line.text[0].islower()
    if abs(line.bold - before.bold) > 0.85 and fits:
        return True
    if _goes_on_centred(before, line):
        return False
    return _starts_by_indent(block, before, line, fits, measures) or fits


def _is_wider_apart(block: Block, line: Line) -> bool:
    """Whether a line stands further from its block than the lines of that do from each other."""
    if len(block.lines) < 2 or not is_below(block.lines[-2], block.lines[-1]):
        return False
    return line.base - block.lines[-1].base > 1.5 * (block.lines[-1].base - block.lines[-2].base)


def _goes_on(before: Line, line: Line, room: float, measures: Measures) -> bool:
    """Whether a line of another size goes on with a sentence: small capitals and quotations change it in mid-text."""
    size = max(line.size, before.size)
    if abs(line.size - before.size) > 0.3 * size or not is_below(before, line) or is_labelled(line):
        return False
    # Larger type in another font, and the first line of a paragraph below it.
    if (
        before.size > 1.04 * measures.body_size
        and line.style != before.style
        and line.start - before.start > 0.5 * size
    ):
        return False
    if room > line.first_width + before.space + 0.3 * size or abs(line.bold - before.bold) > 0.5:
        return False
    if measures.justified and room > 0.7 * size:
        return False
    return _ends_open(before) and measures.excess(line.base - before.base, size) <= 0.2 * size


def _is_label_of(block: Block, line: Line) -> bool:
    """Whether a block is but the label of what stands beside it: the tree of some files parts the two."""
    before = block.lines[-1]
    if len(block.lines) > 1 or (before.page, before.column) != (line.page, line.column):
        return False
    beside = abs(line.base - before.base) < 0.1 * line.size and line.start > before.start
    return beside and (block.label == before.text or (block.bullet and len(before.text) == 1))


def _is_display(line: Line, measures: Measures) -> bool:
    return line.size > 1.08 * measures.body_size or line.bold > 0.9 or line.text.isupper()


def _starts_by_indent(block: Block, before: Line, line: Line, fits: bool, measures: Measures) -> bool:
    size = line.size
    step = line.start - before.start
    first = block.lines[0]
    own_label = label(line.text)
    if own_label and block.label and follows(block.label, own_label) and abs(line.start - first.start) < 0.5 * size:
        return True
    has_label = own_label is not None or bullet(line.text) is not None
    if named_label(line.text) is not None and fits:
        return True
    if len(block.lines) == 1:
        hanging = block.bullet or block.label is not None
        if hanging and abs(line.start - first.text_start) < 0.6 * size:
            return has_label and fits
        if hanging and measures.hanging and line.start < first.text_start and not _ends_open(before):
            return True
        is_same_kind = block.label and own_label and shape(block.label) == shape(own_label)
        if is_same_kind and abs(step) < 0.3 * size and not _ends_open(before):
            return True
        # A first line stands in by itself, so that the step back says nothing of a label.
        steps = step > 0.5 * size or (step < -0.5 * size and not _ends_open(before))
        if has_label and (fits or steps or _has_tab(line)):
            return True
        if step > 0.8 * size:
            return not (hanging or _ends_open(before))
        # Two first lines in a row: a paragraph of one full line stands before.
        stands_in = 0.8 * size < line.start - line.left < 4 * size
        return measures.indented and stands_in and not hanging and abs(step) < 0.3 * size and not _ends_open(before)
    if has_label and (fits or abs(step) > 0.5 * size or _has_tab(line)):
        return True
    return abs(step) > 0.8 * size and not share_centre(before, line)


def _goes_on_centred(before: Line, line: Line) -> bool:
    """Whether a centred line goes on with another: its writer broke the text where it reads best."""
    if before.text[-1] in _TERMINAL or is_labelled(line) or named_label(line.text) is not None:
        return False
    if abs(line.bold - before.bold) > 0.5 or before.text.isupper() != line.text.isupper():
        return False
    # The line before may fill the column.
    stands_in = line.start - line.left > line.size
    return stands_in and is_centred(line, line) and is_centred(before, line)


def _has_tab(line: Line) -> bool:
    """Whether the text behind the first word stands apart from it, as behind a hanging label."""
    return line.text_start - line.start - line.first_width > 2.2 * max(line.space, 0.22 * line.size)


def _ends_open(line: Line) -> bool:
    """Whether a line's text can't be the end of a sentence."""
    text = line.text.rstrip(_CLOSERS)
    return bool(text) and text[-1] not in _TERMINAL


def _starts_elsewhere(block: Block, before: Line, line: Line, fits: bool, measures: Measures) -> bool:
    """Whether a line at the top of a column or page opens a paragraph."""
    size = line.size
    text = line.text.lstrip("\"'“‘«([")
    lower = text[:1].islower()
    if abs(line.bold - before.bold) > 0.85 and (line.bold > 0.9 or before.bold > 0.9) and not lower:
        return True
    if before.text[-1:] in "-\u2010" and lower:
        return False
    indent = line.start - line.left
    expected = _continuing_indent(block)
    if before.in_list and not lower:
        return True
    if _ends_open(before) and lower and label(line.text) is None:
        return False
    if fits:
        return True
    if (label(line.text) or named_label(line.text)) and (not _ends_open(before) or _has_tab(line)):
        return True
    if indent - expected > 0.8 * size:
        return True
    if _ends_open(before):
        return False
    if measures.indented:
        return False
    if measures.justified:
        return False
    return not is_unspaced(before.text[-1])


def _continuing_indent(block: Block) -> float:
    """How far the second and later lines of a paragraph stand in."""
    if len(block.lines) > 1:
        line = block.lines[-1]
        return line.start - line.left
    line = block.lines[0]
    if block.bullet or block.label is not None:
        return line.text_start - line.left
    return line.start - line.left
