"""Pages of words to lines in reading order, a run of pages at a time.

The pages of a run are looked at together (what repeats is furniture) and then let go: only lines are kept, so memory
grows with the text, not with the glyphs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice, pairwise
from types import MappingProxyType

from segtool.loaders.pdf.aligned import aligned_tables
from segtool.loaders.pdf.columns import Gutter, Region, columns_of, regions_of
from segtool.loaders.pdf.contents import mark_contents
from segtool.loaders.pdf.figures import figure_lines, figures_of
from segtool.loaders.pdf.form_cells import form_table
from segtool.loaders.pdf.furnish import Furniture
from segtool.loaders.pdf.furniture import take_furniture
from segtool.loaders.pdf.glyphs import FontStyle, Frame, PageGlyphs, Recognised, Rule
from segtool.loaders.pdf.lines import MIXED, Line, Look, line_of
from segtool.loaders.pdf.measures import measures_of
from segtool.loaders.pdf.page_words import PageWords, Removed
from segtool.loaders.pdf.recognition import needs_recognition, with_shared_sizes
from segtool.loaders.pdf.rows import Row, rows_of
from segtool.loaders.pdf.tables import (
    PLACEHOLDER,
    Table,
    find_tables,
    placeholder_index,
    table_lines,
    with_placeholders,
)
from segtool.loaders.pdf.tagged import by_tags, parts_of, tagged_tables, take_artifacts
from segtool.loaders.pdf.vertical import upright
from segtool.loaders.pdf.words import Word, words_of

_MUCH_SIDEWAYS = 80
"""Least characters of text that runs sideways for it to be body text."""
RUN = 48
"""Pages looked at together, about."""


@dataclass(slots=True)
class Layout:
    """What the pages of a run gave: lines in reading order, furniture, frames, and pages without text."""

    lines: list[Line] = field(default_factory=list)
    furniture: list[Furniture] = field(default_factory=list)
    frames: dict[int, Frame] = field(default_factory=dict)
    rules: dict[int, list[Rule]] = field(default_factory=dict)
    empty_pages: list[int] = field(default_factory=list)
    unmapped: dict[int, int] = field(default_factory=dict)
    recognised: dict[int, Recognised] = field(default_factory=dict)


def runs_of(n_pages: int) -> list[range]:
    """Numbers of the pages that are looked at together: runs of about ``RUN``, none much shorter than the others."""
    n_runs = max(1, round(n_pages / RUN))
    bounds = [1 + n_pages * index // n_runs for index in range(n_runs + 1)]
    return [range(first, end) for first, end in pairwise(bounds)]


def iter_layouts(pages: Iterable[PageGlyphs], styles: list[FontStyle], n_pages: int) -> Iterator[Layout]:
    """The layouts of ``n_pages`` pages, one a run; ``styles`` may grow while they are read."""
    turned = (upright(page) for page in pages)
    for numbers in runs_of(n_pages):
        yield lay_out(list(islice(turned, len(numbers))), styles)


def lay_out(run: Sequence[PageGlyphs], styles: Sequence[FontStyle]) -> Layout:
    """The layout of pages that are looked at together."""
    layout = Layout()
    words: list[PageWords] = []
    run = with_shared_sizes(run)
    for page in run:
        layout.frames[page.number] = page.frame
        if page.unmapped:
            layout.unmapped[page.number] = page.unmapped
        found = words_of(page.glyphs)
        if page.recognised is not None:
            layout.recognised[page.number] = page.recognised
        elif not found or needs_recognition(page):
            layout.empty_pages.append(page.number)
        words.append(PageWords(page.number, page.frame.width, page.frame.height, found))
    take_furniture(words)
    for page_words in words:
        take_artifacts(page_words)
    look = _look(styles, words)
    flows = [_Flow.of(page_words, page, look.rtl) for page, page_words in zip(run, words, strict=True)]
    known, ends = _shared_gutters(flows), _shared_ends(flows)
    parted: dict[int, list[Line]] = {}
    for page, page_words, flow in zip(run, words, flows, strict=True):
        layout.rules[page.number] = [rule for rule in page.rules if rule.bottom - rule.top < 2.5]
        gutters = [*known, *(Gutter(*fence) for fence in page_words.fences)]
        lines = list(underlined(flow.lines(page_words.number, look, gutters, ends), layout.rules[page.number]))
        layout.lines.extend(mark_contents(lines))
        if page.tags is not None and any(line.content == MIXED for line in lines):
            parted[page.number] = list(flow.lines(page_words.number, look, gutters, ends, parted=True))
        unseen = words_of(page.unseen)
        if unseen:
            page_words.removed.append(Removed("invisible", tuple(unseen)))
        layout.furniture.extend(_furniture(page_words, look))
        for frame, glyphs in page.sideways:
            _add_sideways(layout, page, frame, words_of(glyphs), look)
    _follow_tags(layout, run, parted)
    return layout


def _follow_tags(layout: Layout, run: Sequence[PageGlyphs], parted: Mapping[int, list[Line]]) -> None:
    """Puts the lines of tagged pages in the order of their structure tree, where that is sound.

    ``parted`` are lines in which what stands apart and belongs to several blocks is apart: columns that only the tree
    shows.
    """
    tags = {page.number: page.tags.tags for page in run if page.tags is not None}
    if not tags:
        return
    measures = measures_of(layout.lines)
    lines: list[Line] = []
    for number, group in groupby(layout.lines, key=lambda line: line.page):
        own = list(group)
        if number in tags:
            own = by_tags(own, tags[number], measures) or by_tags(parted.get(number, ()), tags[number], measures) or own
        lines += own
    layout.lines = lines


def _look(styles: Sequence[FontStyle], pages: list[PageWords]) -> Look:
    rtl = letters = 0
    for page in pages:
        letters += sum(len(word.text) for word in page.words)
        rtl += sum(len(word.text) for word in page.words if not word.text.isascii() and word.is_rtl)
    return Look([style.bold for style in styles], [style.italic for style in styles], rtl * 2 > letters)


def _add_sideways(layout: Layout, page: PageGlyphs, frame: Frame, words: list[Word], look: Look) -> None:
    """Adds text that runs sideways: after the page if there is much of it, else as furniture."""
    letters = sum(len(word.text) for word in words)
    if not letters:
        return
    side = PageWords(page.number, frame.width, frame.height, words)
    lines = list(_Flow.of(side, None, look.rtl).lines(page.number, look, ()))
    column = max((line.column for line in layout.lines if line.page == page.number), default=-1) + 1
    turned = [
        replace(line, box=page.frame.from_page(frame.to_page(*line.box)), column=column + line.column) for line in lines
    ]
    if letters >= max(_MUCH_SIDEWAYS, 0.2 * len(page.glyphs.text)):
        layout.lines.extend(turned)
    else:
        pieces = tuple(replace(line, role="furniture") for line in turned)
        layout.furniture.append(Furniture("side_text", page.number, pieces))


def _furniture(page: PageWords, look: Look) -> Iterator[Furniture]:
    for removed in page.removed:
        rows = rows_of(list(removed.words))
        left, right = min(row.x0 for row in rows), max(row.x1 for row in rows)
        lines = [line_of(row, page.number, 0, (left, right), look) for row in rows]
        yield Furniture(removed.kind, page.number, tuple(replace(line, role="furniture") for line in lines))


@dataclass(slots=True)
class _Flow:
    """The words of a page with tables as single words among them, and the columns found on the page alone."""

    words: list[Word]
    tables: list[Table]
    regions: list[Region]
    gutters: list[Gutter]
    width: float
    """Of the page."""
    edges: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.edges = self._edges_of(self.regions)

    def _edges_of(self, regions: Sequence[Region]) -> list[tuple[float, float]]:
        """The edges of each region; where text runs off the page, its margins are taken as alike."""
        margin = min((word.x0 for word in self.words), default=0.0)
        return [
            (left, self.width - margin if left < self.width - margin and right > self.width else right)
            for left, right in map(_edges, regions)
        ]

    @classmethod
    def of(cls, page: PageWords, source: PageGlyphs | None, rtl: bool) -> _Flow:
        """The flow of a page; ``source`` has its rules and tags."""
        form = form_table(page, source.rules, source.fields) if source is not None and source.tags is None else None
        words = page.words
        tables = [form] if form is not None else []
        tables += tagged_tables(words, source.tags.tags) if source is not None and source.tags is not None else []
        tables += find_tables(_outside(words, tables), source.rules if source else ())
        words = with_placeholders(words, tables)
        words, rows = _with_aligned(words, rows_of(words), tables)
        return cls(words, tables, *columns_of(words, rtl, rows=rows), page.width)

    def lines(
        self,
        page: int,
        look: Look,
        known: Sequence[Gutter],
        ends: Mapping[int, float] = MappingProxyType({}),
        parted: bool = False,
    ) -> Iterator[Line]:
        """The lines in reading order.

        Gutters that other pages share may part the page further; ``ends`` says how wide open columns are there;
        ``parted`` parts rows where another block of the tags stands apart.
        """
        regions, all_edges = self.regions, self.edges
        if any(not any(gutter.is_close(own) for own in self.gutters) for gutter in known):
            regions = regions_of(self.words, look.rtl, known)
            all_edges = self._edges_of(regions)
        for column, (region, (left, right)) in enumerate(zip(regions, all_edges, strict=True)):
            edges = _widened(region, left, right, ends) if region.open else (left, right)
            rows = rows_of(region.words) if region.rows is None else region.rows
            if len(regions) > 1:
                rows = _with_aligned(region.words, rows, self.tables)[1]
            figures = figures_of(rows, edges, self.words)
            last = 0
            for index, row in enumerate(rows):
                if index in figures:
                    last = figures[index]
                    yield from figure_lines(rows[index:last], page, column, edges, look)
                if index < last:
                    continue
                places = [placeholder_index(word) for word in row.words if word.text == PLACEHOLDER]
                found = [place for place in places if place is not None]
                for place in found:
                    yield from table_lines(self.tables[place], page, column, look)
                if len(found) < len(row.words):
                    if found:
                        row = replace(row, words=[word for word in row.words if placeholder_index(word) is None])
                    for part in parts_of(row) if parted else [row]:
                        yield line_of(part, page, column, edges, look)


def _outside(words: list[Word], tables: Sequence[Table]) -> list[Word]:
    held = {id(word) for table in tables for row in table.rows for cell in row for word in cell}
    return [word for word in words if id(word) not in held] if held else words


def _with_aligned(words: list[Word], rows: list[Row], tables: list[Table]) -> tuple[list[Word], list[Row]]:
    """The words and their rows with tables without rules as single words; these are added to ``tables``."""
    found = aligned_tables(rows)
    if not found:
        return words, rows
    n_before = len(tables)
    tables += found
    words = with_placeholders(words, found, n_before)
    return words, rows_of(words)


def underlined(lines: Iterable[Line], rules: Sequence[Rule]) -> Iterator[Line]:
    """The lines, those marked that a rule underlines from end to end."""
    thin = [rule for rule in rules if rule.x1 - rule.x0 > 6.0]
    for line in lines:
        if not thin:
            yield line
            continue
        x0, _, x1, _ = line.box
        runs = [
            rule for rule in thin if 0 < rule.top - line.base + 0.5 < 0.35 * line.size and rule.x0 < x1 and rule.x1 > x0
        ]
        covered = sum(min(rule.x1, x1) - max(rule.x0, x0) for rule in runs)
        is_marked = covered > 0.8 * (x1 - x0) and all(x0 - 3 < rule.x0 and rule.x1 < x1 + 3 for rule in runs)
        yield replace(line, underlined=True) if is_marked else line


def _shared_gutters(flows: list[_Flow]) -> list[Gutter]:
    """Gutters that a third of the pages share, for pages that are too short to show them."""
    counts: Counter[int] = Counter()
    gutters: dict[int, Gutter] = {}
    for flow in flows:
        for gutter in flow.gutters:
            key = round(gutter.right / 3)
            counts[key] += 1
            gutters.setdefault(key, gutter)
    return [gutters[key] for key, count in counts.items() if 3 * count >= len(flows)]


def _shared_ends(flows: list[_Flow]) -> dict[int, float]:
    """The furthest end of open columns, by where they start: a page of short lines doesn't show it."""
    found: dict[int, float] = {}
    for flow in flows:
        for region, (left, right) in zip(flow.regions, flow.edges, strict=True):
            if region.open:
                key = round(left / 3)
                found[key] = max(found.get(key, right), right)
    return found


def _widened(region: Region, left: float, right: float, ends: Mapping[int, float]) -> tuple[float, float]:
    """The edges of an open column, with what other pages show of it."""
    key = round(region.left / 3)
    if region.left < left and key in ends:
        # Most lines of this page stand in, but the column starts where it does on other pages.
        left = region.left
    return left, max(right, ends.get(round(left / 3), right))


def _edges(region: Region) -> tuple[float, float]:
    """The edges of a column, by where several of its rows end, so that one long line does not widen it."""
    rights: dict[int, float] = {}
    lefts: dict[int, float] = {}
    for word in region.words:
        key = round(word.base)
        if word.x1 > rights.get(key, -1e9):
            rights[key] = word.x1
        if word.x0 < lefts.get(key, 1e9):
            lefts[key] = word.x0
    if len(rights) < 8:
        return region.left, region.right
    return -_common_end([-left for left in lefts.values()]), _common_end(list(rights.values()))


def _common_end(ends: list[float]) -> float:
    """The furthest end that a tenth of the rows share, or else the second furthest of every twenty."""
    counts = Counter(round(end) for end in ends)
    least = max(3.0, 0.1 * len(ends))
    shared = [end for end in counts if counts[end] + counts[end - 1] + counts[end + 1] >= least]
    ordered = sorted(ends, reverse=True)
    fallback = ordered[min(1 + len(ends) // 20, len(ends) - 1)]
    # Lines that end at one place by chance have others that reach further.
    if not shared or fallback > max(shared) + 1.0:
        return fallback
    edge = max(shared)
    return max((end for end in ends if end <= edge + 1.0), default=fallback)
