"""Why a section starts at a paragraph, or why none does: the evidence by its source, for a person who checks.

Nothing of this is kept while a document is segmented. ``SectionReasons`` reads the document again when it is first
asked, and weighs one paragraph at a time: what the chance of a heading would be if one source of evidence were as it is
in the document's average line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.core.scores import Scores
from segtool.inference.topic_decode import topic_sections
from segtool.segmenters.blend import calibrated
from segtool.segmenters.evidence import Array, block_columns
from segtool.segmenters.headings import Line
from segtool.segmenters.outline import Reading, bare_score, read, scored_units
from segtool.segmenters.scorer import N_CLASSES, Scorer, aggregates, load_scorer, word_columns
from segtool.segmenters.sequences import Sequence

Source = Literal["layout", "number", "sequence", "form", "contents", "kin", "neighbours", "words", "cohesion", "topic"]
_FLOOR = 1e-6
_LEAST_WEIGHT = 0.05
"""Sources that move the log-odds by less are not listed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One source of evidence about one paragraph.

    Attributes:
        source: where the evidence is from; ``topic`` is the section model.
        text: a short line to be read by a person.
        weight: natural log of the odds by which it moves "a section starts here"; above 0 speaks for it. None where
            the loader's word is certain.
    """

    source: Source
    text: str
    weight: float | None


class SectionReasons:
    """The evidence of the paragraphs of one document; reading it costs about what its outline does, once.

    Args:
        document: the document.
        scores: the section model's; None: headings alone decide.
        threshold: chance from which a section starts.
    """

    def __init__(self, document: Document, scores: Scores | None, threshold: float = 0.4) -> None:
        self._document, self._scores, self._threshold = document, scores, threshold

    def at(self, offset: int) -> tuple[Reason, ...]:
        """The reasons at the paragraph that starts at or holds ``offset``, the weightiest first; none without one."""
        index = self._index(offset)
        if index < 0:
            return ()
        reading = self._reading
        if reading.layout.levels[index] > 0:
            return (Reason("layout", f"the source marks a heading of level {reading.layout.levels[index]}", None),)
        if reading.by_topic:
            return self._topic_alone(index)
        if reading.is_bare:
            return self._without_headings(index)
        found = [*self._looks(index), *self._given(index)]
        found.sort(key=lambda reason: -abs(reason.weight or 0))
        return tuple(found[:1] + [reason for reason in found[1:] if abs(reason.weight or 0) >= _LEAST_WEIGHT])

    def chance(self, offset: int) -> float | None:
        """The chance that a section starts at this paragraph; None where that is certain."""
        index = self._index(offset)
        if index < 0 or self._reading.layout.levels[index] > 0:
            return None
        if self._reading.by_topic:
            return self._topic_chance(index)
        if self._reading.is_bare:
            return bare_score(self._reading, index) if index else None
        return float(calibrated(1 - self._reading.chances[index : index + 1, 0], load_scorer().weights)[0])

    @cached_property
    def _reading(self) -> Reading:
        return read(self._document, self._scores, self._threshold)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.array([line.start for line in self._reading.lines], np.int64)

    def _index(self, offset: int) -> int:
        return int(np.searchsorted(self._starts, offset, side="right")) - 1 if len(self._starts) else -1

    @cached_property
    def _judge(self) -> _Judge:
        return _Judge.of(self._reading)

    def _looks(self, index: int) -> list[Reason]:
        """What form, number and neighbours say, by the scorer."""
        reading = self._reading
        weights = self._judge.weights(index)
        return [Reason(source, _say(source, reading, index), weight) for source, weight in weights.items()]

    def _given(self, index: int) -> list[Reason]:
        """What the section model and the source of the document say."""
        reading, found = self._reading, []
        own = _odds(1 - reading.looks[index, 0])
        layout = float(np.log(max(reading.layout.odds[index], _FLOOR)))
        if layout:
            found.append(Reason("layout", _say_layout(reading.lines[index]), layout))
        if reading.topics is not None and reading.topics[index].any():
            joint = _odds(1 - reading.chances[index, 0]) - layout
            found.append(Reason("topic", _say_topic(reading.topics[index]), joint - own))
        return found

    def _without_headings(self, index: int) -> tuple[Reason, ...]:
        reading = self._reading
        if reading.topics is None or not reading.topics[index].any():
            return ()
        topic = _odds(float(reading.topics[index, :-1].max()))
        text = f"no headings here, so the topic decides: {_say_topic(reading.topics[index])}"
        looks = _odds(bare_score(reading, index)) - topic
        found = [Reason("topic", text, topic), Reason("form", "its form and the lines around", looks)]
        return tuple(sorted(found, key=lambda reason: -abs(reason.weight or 0)))

    def _topic_alone(self, index: int) -> tuple[Reason, ...]:
        chances = self._topics_at(index)
        if chances is None:
            return ()
        text = f"no headings here, so the topic decides: {_say_topic(chances)}"
        return (Reason("topic", text, _odds(float(chances[:-1].max()))),)

    @cached_property
    def _topic_chances(self) -> Array:
        assert self._scores is not None
        units = scored_units(self._document, self._scores)
        chances: Array = topic_sections(self._scores.probabilities, units, self._threshold)[1]
        return chances

    def _topic_chance(self, index: int) -> float | None:
        chances = self._topics_at(index)
        if chances is None or self._scores is None:
            return None
        return float(self._topic_chances[self._row(index)])

    def _topics_at(self, index: int) -> Array | None:
        row = self._row(index)
        if self._scores is None or row < 0:
            return None
        chances: Array = self._scores.probabilities[row]
        return chances

    def _row(self, index: int) -> int:
        """The row of the model's scores that stands at a line; -1 if it scored none there."""
        if self._scores is None or not len(self._scores):
            return -1
        row = int(np.searchsorted(self._scores.offsets, self._starts[index]))
        return row if row < len(self._scores) and self._scores.offsets[row] == self._starts[index] else -1


@dataclass(frozen=True, slots=True)
class _Judge:
    """The scorer over one document, to be asked what one line would be without this or that."""

    scorer: Scorer
    rows: Array
    kinship: Array
    words: NDArray[np.int64]

    @classmethod
    def of(cls, reading: Reading) -> _Judge:
        scorer = load_scorer()
        words = word_columns(reading.lines)
        guess = scorer.first(reading.rows, words)
        return cls(scorer, reading.rows, aggregates(reading.lines, reading.sequence, guess), words)

    def weights(self, index: int) -> dict[Source, float]:
        """How far the log-odds of a heading fall if a source is as in the average line."""
        columns = block_columns()
        kinds: dict[Source, tuple[slice | None, slice | None]] = {
            "number": (columns["number"], None),
            "sequence": (columns["sequence"], None),
            "form": (columns["form"], None),
            "cohesion": (columns["cohesion"], None),
            "contents": (columns["contents"], None),
            "kin": (columns["kin"], slice(N_CLASSES, 3 * N_CLASSES)),
            "neighbours": (columns["neighbours"], slice(3 * N_CLASSES, None)),
        }
        n = len(kinds) + 2
        rows, kinship = np.repeat(self.rows[[index]], n, 0), np.repeat(self.kinship[[index]], n, 0)
        words = np.repeat(self.words[[index]], n, 0)
        for row, (own, shared) in enumerate(kinds.values(), 1):
            if own is not None:
                rows[row, own] = self.rows[:, own].mean(axis=0)
            if shared is not None:
                kinship[row, shared] = self.kinship[:, shared].mean(axis=0)
        words[-1] = 0
        kinship[:, :N_CLASSES] = self.scorer.first(rows, words)
        chances = self.scorer.second(np.concatenate([rows, kinship], axis=1), words)
        odds = [_odds(1 - chance) for chance in chances[:, 0]]
        names: tuple[Source, ...] = (*kinds, "words")
        return {name: odds[0] - changed for name, changed in zip(names, odds[1:], strict=True)}


def _odds(chance: float) -> float:
    return float(np.log(max(chance, _FLOOR) / max(1 - chance, _FLOOR)))


def _say(source: Source, reading: Reading, index: int) -> str:
    line, sequence = reading.lines[index], reading.sequence
    number = sequence.numbers[index]
    if source == "number":
        return "no number" if number is None else f"numbered {number.text}"
    if source == "sequence":
        return _say_sequence(sequence, index)
    if source == "form":
        return _say_form(line)
    if source == "contents":
        return _say_contents(reading.rows[index, block_columns()["contents"]])
    if source == "kin":
        n_alike = sum(other.key == line.key for other in reading.lines) - 1
        return f"{n_alike} other lines look like it"
    if source == "cohesion":
        return "whether its words come back in the text around it"
    if source == "neighbours":
        return "the lines around it"
    return "the words it begins with"


def _say_sequence(sequence: Sequence, index: int) -> str:
    if sequence.series[index] < 0:
        return "in no series of numbers"
    parts = ["first of its series"] if sequence.is_first[index] else []
    if sequence.continues[index]:
        parts.append("next in its series" if sequence.continues[index] == 1 else "goes on its series with a gap")
    parts.append("the next number follows" if sequence.is_continued[index] else "no next number follows")
    return ", ".join(parts)


def _say_contents(columns: Array) -> str:
    in_contents, is_named, stands_later, stood_before = columns[:4] > 0
    if in_contents:
        return "a line of a table of contents"
    if is_named:
        return "named in the table of contents"
    return "its words stand again as a line" if stands_later or stood_before else "its words stand once"


def _say_form(line: Line) -> str:
    if line.lead:
        return "begins with a few words set apart from a text that follows"
    if line.is_long:
        return "too long for a heading"
    parts = ["short" if line.end - line.start <= 60 else "of middling length"]
    if line.words:
        in_capitals = line.shouted * 2 > line.words
        parts.append("in capitals" if in_capitals else f"{line.capitals} of {line.words} words with a capital")
    return ", ".join(parts)


def _say_layout(line: Line) -> str:
    style = line.paragraph.style
    looks = [f"{style.size:g} pt"] if style and style.size else []
    looks += ["bold"] if style and style.bold else []
    looks += ["bookmarked"] if style and style.bookmark else []
    seen = "looks like a heading" if line.paragraph.kind == "heading" else f"looks like {line.paragraph.kind}"
    return f"{seen} ({', '.join(looks)})" if looks else seen


def _say_topic(chances: Array) -> str:
    depths = np.maximum.accumulate(chances[:-1])
    depth = int(np.argmax(depths >= depths[-1] / 2)) + 1
    return f"section model: {depths[depth - 1]:.2f} at depth {depth}"
