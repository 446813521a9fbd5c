"""Automatic numbering of Word: from numbering.xml and the order of paragraphs to the labels that a reader sees.

Counters belong to the abstract definition, so lists that share one go on counting; a ``startOverride`` restarts at the
first paragraph of its list. Source: ECMA-376 part 1, 17.9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from segtool.loaders.docx_package import value_at
from segtool.loaders.numerals import number_text
from segtool.loaders.xml_parts import Element, attribute, child, integer, local

_PLACE = re.compile(r"%([1-9])")
_LAST_LEVEL = 8


@dataclass(frozen=True, slots=True)
class NumberedLevel:
    """One level of a list.

    ``restart`` is the level (from 1) whose paragraphs, and those above, restart it: 0 for none, None for any above.
    """

    start: int = 1
    format: str = "decimal"
    text: str = ""
    legal: bool = False
    restart: int | None = None
    suffix: str = "tab"
    style: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph; ``text`` is "" for bullets and hidden numbers, ``gap`` follows it."""

    text: str
    gap: str
    is_bullet: bool
    level: int


@dataclass(slots=True)
class _List:
    """A ``num``: its abstract definition and what it overrides."""

    abstract: str
    levels: dict[int, NumberedLevel] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a document and their counters; ``label`` is called once a paragraph, in order."""

    def __init__(self, root: Element | None, style_lists: Mapping[str, str]) -> None:
        """``style_lists`` gives the list id of numbering styles, for definitions that only point to one."""
        self._abstracts: dict[str, dict[int, NumberedLevel]] = {}
        self._lists: dict[str, _List] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._seen: set[str] = set()
        links: dict[str, str] = {}
        for element in root if root is not None else ():
            if local(element) == "abstractNum":
                key = attribute(element, "abstractNumId") or ""
                self._abstracts[key] = _levels(element)
                link = value_at(element, "numStyleLink")
                if link:
                    links[key] = link
            elif local(element) == "num":
                self._lists[attribute(element, "numId") or ""] = _list(element)
        self._resolve(links, style_lists)

    def _resolve(self, links: dict[str, str], style_lists: Mapping[str, str]) -> None:
        for key, style in links.items():
            target = self._lists.get(style_lists.get(style, ""))
            if target and target.abstract != key and not self._abstracts[key]:
                self._abstracts[key] = self._abstracts.get(target.abstract, {})
                for entry in self._lists.values():
                    if entry.abstract == key:
                        entry.abstract = target.abstract

    def level_of_style(self, list_id: str, style: str) -> int | None:
        """The level (from 0) of a list that is tied to a paragraph style."""
        entry = self._lists.get(list_id)
        if entry is None:
            return None
        levels = {**self._abstracts.get(entry.abstract, {}), **entry.levels}
        return next((index for index, level in levels.items() if level.style == style), None)

    def label(self, list_id: str, index: int) -> Label | None:
        """Count a paragraph at level ``index`` (from 0) and return its label; None if there is no such list."""
        entry = self._lists.get(list_id)
        if entry is None or not 0 <= index <= _LAST_LEVEL:
            return None
        levels = {**self._abstracts.get(entry.abstract, {}), **entry.levels}
        level = levels.get(index)
        if level is None:
            return None
        counters = self._counters.setdefault(entry.abstract, [None] * (_LAST_LEVEL + 1))
        self._count(list_id, entry, levels, counters, index)
        if level.format == "bullet":
            return Label("", "", True, index)
        text = "" if level.hidden else _fill(level, levels, counters, entry.starts)
        return Label(text, "" if level.suffix == "nothing" else " ", False, index)

    def _count(
        self, list_id: str, entry: _List, levels: dict[int, NumberedLevel], counters: list[int | None], index: int
    ) -> None:
        if list_id not in self._seen:
            self._seen.add(list_id)
            for overridden in entry.starts:
                counters[overridden] = None
        before = counters[index]
        counters[index] = entry.starts.get(index, levels[index].start) if before is None else before + 1
        for deeper in range(index + 1, _LAST_LEVEL + 1):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or (restart and index < restart):
                counters[deeper] = None


def _fill(
    level: NumberedLevel, levels: dict[int, NumberedLevel], counters: list[int | None], starts: dict[int, int]
) -> str:
    """The label's text with every ``%n`` replaced by the counter of level n."""

    def value(match: re.Match[str]) -> str:
        other = int(match.group(1)) - 1
        definition = levels.get(other, NumberedLevel())
        count = counters[other]
        if count is None:  # a level that no paragraph has had yet shows where it would start
            count = starts.get(other, definition.start)
        number_format = "decimal" if level.legal and definition.format != "none" else definition.format
        return number_text(count, number_format)

    return _PLACE.sub(value, level.text)


def _levels(element: Element) -> dict[int, NumberedLevel]:
    return {_int(attribute(e, "ilvl"), 0): _level(e) for e in element if local(e) == "lvl"}


def _level(element: Element) -> NumberedLevel:
    number_format = value_at(element, "numFmt")
    if number_format is None:
        number_format = _alternate_format(element)
    restart = value_at(element, "lvlRestart")
    legal = child(element, "isLgl")
    vanish = child(element, "rPr", "vanish")
    bullet = child(element, "lvlPicBulletId") is not None
    return NumberedLevel(
        start=_int(value_at(element, "start"), 0 if child(element, "start") is None else 1),
        format="bullet" if bullet else number_format,
        text=value_at(element, "lvlText") or "",
        legal=legal is not None and is_on(legal),
        restart=None if restart is None else _int(restart, 0),
        suffix=value_at(element, "suff") or "tab",
        style=value_at(element, "pStyle"),
        hidden=vanish is not None and is_on(vanish),
    )


def _alternate_format(element: Element) -> str:
    """The format inside a compatibility block: ``custom`` ones are written by example ("001, 002, ...")."""
    for candidate in element.iter():
        if local(candidate) == "numFmt":
            if attribute(candidate, "val") == "custom" and (attribute(candidate, "format") or "").startswith("01"):
                return "decimalZero"
            if attribute(candidate, "val") != "custom":
                return attribute(candidate, "val") or "decimal"
    return "decimal"


def _list(element: Element) -> _List:
    found = _List(value_at(element, "abstractNumId") or "")
    for override in element:
        if local(override) != "lvlOverride":
            continue
        index = _int(attribute(override, "ilvl"), 0)
        level = child(override, "lvl")
        if level is not None:
            found.levels[index] = _level(level)
        start = value_at(override, "startOverride")
        if start is not None:
            found.starts[index] = _int(start, 1)
    return found


def is_on(element: Element) -> bool:
    """Whether an on/off property is on: it is there and does not say that it is off."""
    return (attribute(element, "val") or "true").lower() not in ("0", "false", "off", "none")


def _int(value: str | None, default: int) -> int:
    found = integer(value)
    return default if found is None else found
