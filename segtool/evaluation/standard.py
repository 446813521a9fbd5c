"""The rows of the table that compares sentence splitters, from one run over ``legal``, ``ud`` and ``other``.

Each row is a macro F1 over its groups, but English, which is one group. A row without documents is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from segtool.evaluation.boundaries import Counts, macro_f1

COURT = "sbd_adjudicatory_dec/"
"""What the four sources of US court decisions begin with."""

Key = tuple[str, str, str]
"""File, source, language."""

ROWS: Mapping[str, tuple[Callable[[Key], bool], Callable[[Key], str]]] = {
    "court decisions (US) by source": (lambda key: key[1].startswith(COURT), lambda key: key[1]),
    "all legal by source": (lambda key: key[0] == "legal", lambda key: key[1]),
    "Universal Dependencies by language": (lambda key: key[0] == "ud", lambda key: key[2]),
    "English of all files": (lambda key: key[2] == "en", lambda _: "en"),
    "other by source": (lambda key: key[0] == "other", lambda key: key[1]),
}
"""Name to what belongs to a row, and what its groups are."""


def standard_rows(groups: Mapping[str, Counts]) -> dict[str, float]:
    """F1 by row, from the counts of the grouping ``standard``."""
    rows = row_groups(groups).items()
    return {name: macro_f1(_sum(groups, keys) for keys in parts.values()) for name, parts in rows}


def row_groups(names: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """By row its groups, each with those of the grouping ``standard`` that it is made of."""
    rows: dict[str, dict[str, list[str]]] = {}
    for row, (belongs, group_of) in ROWS.items():
        found: dict[str, list[str]] = {}
        for name in names:
            file, source, lang = name.split("\t")
            if belongs((file, source, lang)):
                found.setdefault(group_of((file, source, lang)), []).append(name)
        if found:
            rows[row] = found
    return rows


def _sum(groups: Mapping[str, Counts], names: Iterable[str]) -> Counts:
    return sum((groups[name] for name in names), Counts())
