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
    out = {}
    for name, (belongs, group_of) in ROWS.items():
        counts: dict[str, Counts] = {}
        for key, value in _keys(groups):
            if belongs(key):
                counts[group_of(key)] = counts.get(group_of(key), Counts()) + value
        if counts:
            out[name] = macro_f1(counts.values())
    return out


def _keys(groups: Mapping[str, Counts]) -> Iterable[tuple[Key, Counts]]:
    for name, counts in groups.items():
        file, source, lang = name.split("\t")
        yield (file, source, lang), counts
