"""One row of features for each line: form, number, sequence, contents, layout, and what its neighbours look like."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.segmenters.cohesion import N_COHESION, read_cohesion
from segtool.segmenters.contents import read_contents
from segtool.segmenters.headings import Line, read_lines
from segtool.segmenters.number import Number
from segtool.segmenters.numbering_units import RANKS
from segtool.segmenters.sequences import Sequence, read_sequence

Array = NDArray[np.float32]

_GROUPS = (
    "none", "bullet", "arabic.", "arabic)", "arabic()", "arabic-", "arabic°", "arabic?", "decimal2", "decimal3",
    "decimal4", "letter.", "letter)", "letter()", "letterA", "roman.", "roman)", "roman()", "romanI", "roman?",
    "paragraph", *(name for name in RANKS if name != "paragraph"),
)  # fmt: skip
_GROUP = {name: i for i, name in enumerate(_GROUPS)}
N_GROUPS = len(_GROUPS)
_CLOSERS = "\"'”’»)]」』）*_ "
_QUOTES = frozenset("\"“«„‘'")
_STOPS = tuple(map(frozenset, (".。।", ":：", ";；,،", "?？", "!")))
_SHORT = 90
N_FORM, N_ORDER, N_CONTENTS, N_ALIKE, N_AROUND = 20, 10, 5, 6, 21
BLOCKS = ("number", "form", "sequence", "contents", "kin", "neighbours", "whole", "cohesion")
_STEPS = (-3, -2, -1, 1, 2, 3)


def evidence(document: Document) -> tuple[list[Line], Sequence, Array]:
    """The lines of a document, its numbers in sequence, and float32 (n lines, features)."""
    lines = read_lines(document)
    sequence = read_sequence([line.number for line in lines])
    if not lines:
        return lines, sequence, np.zeros((0, 1), np.float32)
    groups = np.array([_group(number) for number in sequence.numbers])
    form = _form(document.text, lines)
    order = _order(sequence)
    contents = read_contents(document.text, lines)
    alike = _alike(lines, form)
    one_hot = np.eye(len(_GROUPS), dtype=np.float32)[groups]
    around = _around(form, groups, order)
    whole = _whole(form, groups)
    cohesion = read_cohesion(document.text, lines)
    blocks = dict(zip(BLOCKS, (one_hot, form, order, contents, alike, around, whole, cohesion), strict=True))
    return lines, sequence, np.concatenate(list(blocks.values()), axis=1)


def block_columns() -> dict[str, slice]:
    """The columns of each block of ``BLOCKS`` in a row of evidence."""
    widths = (
        len(_GROUPS),
        N_FORM,
        N_ORDER,
        N_CONTENTS,
        N_ALIKE,
        len(_STEPS) * N_AROUND,
        2 * len(_GROUPS) + 6,
        N_COHESION,
    )
    ends = np.cumsum(widths).tolist()
    return {name: slice(end - width, end) for name, width, end in zip(BLOCKS, widths, ends, strict=True)}


def _group(number: Number | None) -> int:
    if number is None:
        return 0
    kind = number.kind
    if kind in RANKS or kind == "bullet":
        return _GROUP[kind]
    if kind == "decimal":
        return _GROUP[f"decimal{min(max(len(number.values), 2), 4)}"]
    if kind == "arabic":
        return _GROUP["arabic?" if number.is_weak else "arabic" + (number.style or ".")]
    if kind == "roman" and number.is_weak:
        return _GROUP["roman?"]
    if number.style != "()" and number.text.isupper():
        return _GROUP["romanI" if kind == "roman" else "letterA"]
    style = number.style if number.style in (".", ")", "()") else "."
    return _GROUP[kind + style]


def _form(text: str, lines: list[Line]) -> Array:
    """How each line is written and laid out: float32 (n, N_FORM)."""
    rows = np.zeros((len(lines), N_FORM), np.float32)
    n_chars = np.array([line.end - line.start for line in lines], np.float32)
    words = np.array([line.words for line in lines], np.float32)
    firsts = [text[line.rest] if line.rest < line.end else "" for line in lines]
    lasts = [text[max(line.rest, line.end - 4) : line.end].rstrip(_CLOSERS)[-1:] for line in lines]
    rows[:, 0] = np.log1p(n_chars) / 6
    rows[:, 1] = n_chars <= _SHORT
    rows[:, 2] = np.array([line.is_long for line in lines])
    rows[:, 3] = np.minimum(words, 20) / 10
    rows[:, 4] = np.array([line.capitals for line in lines], np.float32) / np.maximum(words, 1)
    rows[:, 5] = np.array([line.shouted for line in lines], np.float32) / np.maximum(words, 1)
    leads = np.array([max(line.lead - line.rest, 0) for line in lines], np.float32)
    rows[:, 6], rows[:, 7] = leads > 0, leads / 50
    rows[:, 8:13] = _by_sign(firsts, lambda c: [not c, c.islower(), c.isupper(), c.isdigit(), c in _QUOTES])
    rows[:, 13:18] = _by_sign(lasts, lambda c: [c in marks for marks in _STOPS])
    rows[:, 18] = np.array([line.has_leaders for line in lines])
    rows[:, 19] = rows[:, 1] * (1 - rows[:, 13]) * (1 - rows[:, 14]) * (1 - rows[:, 15]) * (1 - rows[:, 9])
    return rows


def _by_sign(signs: list[str], look: Callable[[str], list[bool]]) -> NDArray[np.bool_]:
    """What ``look`` says of each sign, asked once for each different one: (n, flags)."""
    seen: dict[str, int] = {}
    index = [seen.setdefault(sign, len(seen)) for sign in signs]
    return np.array([look(sign) for sign in seen])[index]


def _order(sequence: Sequence) -> Array:
    n = len(sequence.numbers)
    rows = np.zeros((n, N_ORDER), np.float32)
    rows[:, 0], rows[:, 1], rows[:, 2] = sequence.is_first, sequence.continues == 1, sequence.continues == 0.5
    rows[:, 3], rows[:, 4] = sequence.is_continued, np.minimum(sequence.nesting, 6) / 4
    rows[:, 5], rows[:, 6] = np.log1p(sequence.length) / 3, np.log1p(sequence.spacing) / 3
    rows[:, 7] = np.array(
        [min(number.values[-1], 999) if number and number.values else 0 for number in sequence.numbers]
    )
    rows[:, 7] = np.log1p(rows[:, 7]) / 4
    rows[:, 8] = np.array([bool(number and number.letter) for number in sequence.numbers])
    rows[:, 9] = np.array([min(len(number.values), 5) if number else 0 for number in sequence.numbers]) / 3
    return rows


def key_index(lines: list[Line]) -> NDArray[np.int64]:
    """For each line the index of its key, in order of first appearance."""
    seen: dict[tuple[object, ...], int] = {}
    return np.array([seen.setdefault(line.key, len(seen)) for line in lines], np.int64)


def _alike(lines: list[Line], form: Array) -> Array:
    """What the lines with the same key have in common."""
    keys = key_index(lines)
    n = len(lines)
    count = np.bincount(keys).astype(np.float32)
    rows = np.zeros((n, N_ALIKE), np.float32)
    rows[:, 0] = (np.log1p(count) / 4)[keys]
    rows[:, 1] = (count / n)[keys]
    for column, source in enumerate((1, 13, 6, 19), 2):
        rows[:, column] = (np.bincount(keys, form[:, source]) / count)[keys]
    return rows


_CONTEXT = [0, 1, 4, 5, 6, 9, 13, 14, 15, 16, 19]


def _around(form: Array, groups: NDArray[np.int64], order: Array) -> Array:
    """The form and number of the lines one, two and three before and after."""
    coarse = np.zeros((len(groups), 7), np.float32)
    kinds = np.searchsorted([1, 2, 8, 11, 20, 21], groups, side="right")  # none bullet arabic decimal letter § unit
    coarse[np.arange(len(groups)), kinds] = 1
    own = np.concatenate([form[:, _CONTEXT], coarse, order[:, :2], np.ones((len(groups), 1), np.float32)], axis=1)
    padded = np.pad(own, ((3, 3), (0, 0)))
    n = len(groups)
    return np.concatenate([padded[3 + step : 3 + step + n] for step in _STEPS], axis=1)


def _whole(form: Array, groups: NDArray[np.int64]) -> Array:
    """What the document is like: the same row for every line."""
    n = len(groups)
    counts = np.bincount(groups, form[:, 1], minlength=len(_GROUPS)).astype(np.float32)
    shares = np.concatenate([np.log1p(counts) / 3, counts / n, form.mean(axis=0)[[0, 1, 5, 6, 19]], [np.log1p(n) / 6]])
    return np.broadcast_to(shares.astype(np.float32), (n, len(shares)))
