"""The section layer read as a tree: nesting by level, paths of headings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from segtool.core.layer import Label, Layer
from segtool.core.span import Span


@dataclass(frozen=True, slots=True)
class OutlineNode:
    """A section with everything below it.

    ``span`` is trimmed and reaches to the end of the whole subtree; ``level`` is the nesting depth (1 outermost);
    ``score`` is the chance that a section starts here, None for the first and for what is certain.
    """

    span: Span
    level: int
    label: Label
    score: float | None
    children: tuple[OutlineNode, ...]

    def walk(self) -> Iterator[OutlineNode]:
        """The node and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def nesting(levels: list[int]) -> list[int]:
    """Levels made dense: nesting depths from 1, a child exactly one deeper than its parent.

    ``[2, 4, 4, 1, 3]`` gives ``[1, 2, 2, 1, 2]``.
    """
    stack: list[int] = []
    depths = []
    for level in levels:
        while stack and stack[-1] >= level:
            stack.pop()
        stack.append(level)
        depths.append(len(stack))
    return depths


def section_paths(layer: Layer) -> tuple[tuple[str, ...], ...]:
    """For each unit the headings that contain it, outermost first, its own included ("" where one has none)."""
    stack: list[str] = []
    paths = []
    for boundary, depth in zip(layer, nesting(layer.levels.tolist()), strict=True):
        del stack[depth - 1 :]
        stack.append((boundary.label.heading if boundary.label else None) or "")
        paths.append(tuple(stack))
    return tuple(paths)


def section_tree(layer: Layer, text: str) -> tuple[OutlineNode, ...]:
    """The outermost sections with their children; sections that hold only white space are left out."""
    depths = nesting(layer.levels.tolist())
    starts = [*layer.offsets.tolist(), layer.length]

    def build(first: int, last: int) -> tuple[OutlineNode, ...]:
        nodes, i = [], first
        while i < last:
            j = i + 1
            while j < last and depths[j] > depths[i]:
                j += 1
            span = Span(starts[i], starts[j]).trimmed(text)
            if len(span):
                row = layer[i]
                nodes.append(OutlineNode(span, depths[i], row.label or Label(), row.score, build(i + 1, j)))
            i = j
        return tuple(nodes)

    return build(0, len(layer))
