"""A reliability diagram as SVG: share of right candidates by their chance, one panel a variant, one line a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

SIDE, LEFT, TOP, GAP, LEGEND = 300, 60, 50, 90, 150
COLOURS = ("#1b6ca8", "#c0392b", "#2d8a4e", "#8e44ad", "#b9770e", "#4d5656", "#117a8b")
LEAST_COUNT = 25
"""A bin with fewer candidates is left out of a line: its share says little."""

Bin = tuple[float, float, int]
"""Mean chance, share that is right, number of candidates."""


def picture(title: str, panels: Mapping[str, Mapping[str, Sequence[Bin]]]) -> str:
    """The diagram.

    Args:
        title: above the panels.
        panels: name of a panel to name of a line to its bins.
    """
    width = LEFT + len(panels) * (SIDE + GAP)
    height = TOP + SIDE + 50 + LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        _text(LEFT, 22, f"{title}: how often a candidate is right, by its score", size=15),
    ]
    for index, (name, lines) in enumerate(panels.items()):
        parts += _panel(LEFT + index * (SIDE + GAP), name, lines)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: float, name: str, lines: Mapping[str, Sequence[Bin]]) -> list[str]:
    """One panel: axes, the diagonal, lines with dots, and what they are."""
    bottom = TOP + SIDE
    parts = [
        f'<rect x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{left + SIDE}" y2="{TOP}" stroke="#bbb" stroke-dasharray="4 4"/>',
        _text(left, TOP - 8, name),
    ]
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        parts.append(_text(left + tick * SIDE - 8, bottom + 16, f"{tick:.1f}"))
        parts.append(_text(left - 26, bottom - tick * SIDE + 4, f"{tick:.1f}"))
    parts.append(_text(left + SIDE / 2 - 18, bottom + 34, "score"))
    for row, (colour, (line, bins)) in enumerate(zip(COLOURS, lines.items(), strict=False)):
        points = [(left + x * SIDE, bottom - y * SIDE) for x, y, n in bins if n >= LEAST_COUNT]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        at = bottom + 56 + 18 * row
        parts.append(f'<rect x="{left}" y="{at - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(left + 16, at, f"{line} ({sum(n for _, _, n in bins):,})"))
    return parts


def _text(x: float, y: float, words: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="#222">{escape(words)}</text>'
