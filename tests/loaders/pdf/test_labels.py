"""Shapes of labels."""

import pytest

from segtool.loaders.pdf.labels import bullet, follows, label, named_label


@pytest.mark.parametrize(
    "text", ["(a) x", "(iv) x", "1. x", "2.1 x", "10.2.3. x", "a) x"[:1] + ". x", "3) x", "§ 5 x", "(12) x"]
)
def test_labels(text: str) -> None:
    assert label(text) == text.removesuffix(" x")


@pytest.mark.parametrize("text", ["v. Jones", "1984 was", "The (a) case", "3.5x more", "Mr. X", "(see a) x"])
def test_words_that_are_no_labels(text: str) -> None:
    assert label(text) is None


@pytest.mark.parametrize("text", ["• x", "– x", "(cid:127) x", "o x", "\uf0b7 x"])
def test_bullets(text: str) -> None:
    assert bullet(text) is not None
    assert bullet("-5 degrees") is None


@pytest.mark.parametrize("text", ["Article IV. Rent", "SECTION 1.02. Fees", "第3条", "§ 1"])
def test_named_labels(text: str) -> None:
    assert (named_label(text) is not None) == (text != "§ 1")
    assert named_label("Sections of it") is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("(a)", "(b)", True), ("1.9", "1.10", True), ("(iv)", "(v)", True), ("3.", "4.", True), ("(h)", "(i)", True),
        ("(a)", "(c)", False), ("1.", "2)", False), ("1.9", "2.10", False), ("(a)", "(B)", False), ("", "1.", False),
    ],
)  # fmt: skip
def test_labels_that_follow_each_other(before: str, after: str, expected: bool) -> None:
    assert follows(before, after) is expected
