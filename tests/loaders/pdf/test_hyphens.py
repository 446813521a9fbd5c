"""Joining lines."""

import pytest

from segtool.loaders.pdf.hyphens import Vocabulary, joint


def join(before: str, after: str, *known: str) -> str:
    drop, glue = joint(before, after, Vocabulary(known))
    return before[: len(before) - drop] + glue + after


@pytest.mark.parametrize(
    ("before", "after", "known", "joined"),
    [
        ("the agree-", "ment of", ["one agreement"], "the agreement of"),
        ("a well-", "known rule", ["a well-known rule"], "a well-known rule"),
        ("is non-", "exclusive use", ["exclusive rights"], "is non-exclusive use"),
        ("the con\u2010", "tract", [], "the contract"),
        ("Anglo-", "Saxon law", [], "Anglo-Saxon law"),
        ("pages 3-", "5 of it", [], "pages 3-5 of it"),
        ("a break -", "then on", [], "a break - then on"),
        ("and/", "or", [], "and/or"),
        ("plain words", "go on", [], "plain words go on"),
        ("すべての", "人は", [], "すべての人は"),
        ("soft\u00ad", "ened", [], "softened"),
    ],
)
def test_lines_are_joined_by_evidence(before: str, after: str, known: list[str], joined: str) -> None:
    assert join(before, after, *known) == joined


def test_the_cut_word_itself_is_no_evidence() -> None:
    assert "agree" not in Vocabulary(["they all agree-"])
    assert "all" in Vocabulary(["they all agree-"])
