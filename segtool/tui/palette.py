"""Colours and glyphs of the review screen: dark, light, sixteen colours, none.

The colours of origins are those of Okabe and Ito, told apart by colour-blind readers; whatever a colour
says is said by a glyph, too. Strength of a mark: how sure the model was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.style import Style

from segtool.core.layer import Origin

MARKS = ((0.9, "┃"), (0.6, "│"), (0.3, "┆"), (0.0, "┊"))
"""Least chance -> glyph of a boundary."""
BARS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by meaning."""

    name: str
    shades: tuple[Style, Style]
    """Text of even and odd units."""
    origins: Mapping[Origin, Style]
    """Marks by who put the boundary there."""
    heading: Style
    rule: Style
    """The line above a section."""
    dim: Style
    cursor: Style
    selection: Style
    hit: Style
    unsure: Style
    """A place where a unit may start and none does."""
    asked: Style
    checked: Style
    note: Style
    alarm: Style
    bar: Style
    """Bars of the strip."""
    key: Style
    """Keys in the footer."""
    panel: Style
    """The lines at the top and the bottom."""


def glyph_of(chance: float | None) -> str:
    """The glyph of a boundary by the chance that it is one; certain without a chance."""
    return next(glyph for least, glyph in MARKS if chance is None or chance >= least)


def bar_of(value: float) -> str:
    """One cell of a bar chart for a value in [0, 1]."""
    return BARS[min(int(value * (len(BARS) - 1) + 0.5), len(BARS) - 1)]


def _colours(dark: bool) -> Palette:
    text, first, second = ("#d7dae0", "#14171c", "#202733") if dark else ("#1b1f24", "#ffffff", "#edf1f6")
    loader, rule, model, user, checked = (
        ("#9aa0a6", "#56b4e9", "#e69f00", "#cc79a7", "#2fbf93")
        if dark
        else ("#6b7280", "#0072b2", "#b35900", "#a03a78", "#00734f")
    )
    alarm = "#ff8f7a" if dark else "#b3261e"
    return Palette(
        "dark" if dark else "light",
        (Style(color=text, bgcolor=first), Style(color=text, bgcolor=second)),
        {
            "loader": Style(color=loader),
            "rule": Style(color=rule),
            "model": Style(color=model),
            "user": Style(color=user, bold=True),
        },
        heading=Style(bold=True),
        rule=Style(color=rule),
        dim=Style(color="#7d8590" if dark else "#656d76"),
        cursor=Style(color=first, bgcolor=text),
        selection=Style(bgcolor="#31466b" if dark else "#cfe0ff"),
        hit=Style(bgcolor="#6b5500" if dark else "#ffe58a"),
        unsure=Style(color=model, underline=True),
        asked=Style(color="#14171c", bgcolor="#e69f00", bold=True),
        checked=Style(color=checked),
        note=Style(color=user),
        alarm=Style(color=alarm, bold=True),
        bar=Style(color=model),
        key=Style(color=rule, bold=True),
        panel=Style(color=text, bgcolor=second),
    )


DARK = _colours(dark=True)
LIGHT = _colours(dark=False)
SIXTEEN = Palette(
    "sixteen",
    (Style(), Style(color="cyan")),
    {
        "loader": Style(color="white"),
        "rule": Style(color="bright_blue"),
        "model": Style(color="yellow"),
        "user": Style(color="magenta", bold=True),
    },
    heading=Style(bold=True),
    rule=Style(color="bright_blue"),
    dim=Style(dim=True),
    cursor=Style(reverse=True),
    selection=Style(color="black", bgcolor="white"),
    hit=Style(color="black", bgcolor="yellow"),
    unsure=Style(color="yellow", underline=True),
    asked=Style(color="black", bgcolor="yellow", bold=True),
    checked=Style(color="green"),
    note=Style(color="magenta"),
    alarm=Style(color="red", bold=True),
    bar=Style(color="yellow"),
    key=Style(color="bright_blue", bold=True),
    panel=Style(),
)
PLAIN = Palette(
    "plain",
    (Style(), Style()),
    {"loader": Style(), "rule": Style(), "model": Style(), "user": Style(bold=True)},
    heading=Style(bold=True),
    rule=Style(),
    dim=Style(dim=True),
    cursor=Style(reverse=True),
    selection=Style(reverse=True, dim=True),
    hit=Style(bold=True, underline=True),
    unsure=Style(underline=True),
    asked=Style(reverse=True, bold=True),
    checked=Style(),
    note=Style(),
    alarm=Style(bold=True),
    bar=Style(),
    key=Style(bold=True),
    panel=Style(),
)


def choose(dark: bool, color_system: str | None, no_color: bool) -> Palette:
    """The palette for a terminal: ``color_system`` is rich's name of it, None for no colours."""
    if no_color or color_system is None:
        return PLAIN
    if color_system == "standard":
        return SIXTEEN
    return DARK if dark else LIGHT
