"""Pieces: they tile what is not white space, and a word's numbers do not depend on where it stands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.inference import pieces as p
from segtool.inference.pieces import PieceCutter, Pieces

NASTY = st.text(
    st.sampled_from("aZ0 .,\n\r\t\u2028\u00a0\u0301\u200d\U0001f469漢カไทยกะ\u0627\u0644\ud800\x00İß—")
    | st.characters(),
    max_size=60,
)


@pytest.fixture(scope="module")
def cutter() -> PieceCutter:
    return PieceCutter()


def texts(text: str, pieces: Pieces) -> list[str]:
    """The pieces as strings."""
    return [text[a:b] for a, b in zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True)]


def spaces(text: str, cutter: PieceCutter) -> list[int]:
    """The white space before each piece."""
    return (cutter.cut(text).classes % p.N_SPACES).tolist()


@settings(deadline=None)
@given(NASTY)
def test_pieces_tile_what_is_not_white_space(text: str) -> None:
    pieces = PieceCutter().cut(text)
    covered = np.zeros(len(text), np.int32)
    for start, end in zip(pieces.starts, pieces.ends, strict=True):
        assert start < end
        covered[start:end] += 1
    assert covered.tolist() == [0 if c.isspace() else 1 for c in text]
    assert (pieces.classes < p.N_CLASSES).all()
    assert pieces.hashes.shape == (len(pieces), p.N_HASHES)


def test_what_is_a_piece(cutter: PieceCutter) -> None:
    text = "Don't stop... now?! 12b 東京タ naïve ภาษาไทย"
    assert texts(text, cutter.cut(text)) == [
        "Don", "'", "t", "stop", "...", "now", "?", "!", "12b", "東", "京", "タ", "naïve", "ภาษา", "ไทย",
    ]  # fmt: skip


@given(st.text(st.sampled_from("ab cD.\n"), max_size=30), st.text(st.sampled_from("xY z,"), max_size=30))
def test_a_word_has_the_same_hashes_at_any_place(before: str, after: str) -> None:
    cutter = PieceCutter()
    alone = cutter.cut("Straßenbahn").hashes[0]
    text = f"{before} straßenbahn {after}"
    inside = cutter.cut(text)
    index = texts(text, inside).index("straßenbahn")
    assert (inside.hashes[index] == alone).all()


def test_different_words_differ_and_share_their_ends(cutter: PieceCutter) -> None:
    hashes = cutter.cut("walking walked talking").hashes
    assert len({tuple(row) for row in hashes.tolist()}) == 3
    assert hashes[0, 2] == hashes[1, 2]
    assert hashes[0, 3] == hashes[2, 3]


def test_hashes_spread_over_the_table(cutter: PieceCutter) -> None:
    hashes = cutter.cut(" ".join(f"w{i}" for i in range(20_000))).hashes
    for column in (0, 1):
        assert len(np.unique(hashes[:, column])) > 16_000


def test_white_space_before_a_piece(cutter: PieceCutter) -> None:
    assert spaces("a b", cutter) == [p.SPACE_MORE, p.SPACE_ONE]
    assert spaces("a b\nc", cutter) == [p.SPACE_BREAKS, p.SPACE_ONE, p.SPACE_BREAK]
    assert spaces("a  b", cutter)[1] == p.SPACE_MORE
    assert spaces("a.b", cutter)[1:] == [p.SPACE_NONE, p.SPACE_NONE]
    assert spaces("a\nb", cutter)[1] == spaces("a\r\nb", cutter)[1] == spaces("a\u2028b", cutter)[1] == p.SPACE_BREAK
    assert spaces("a \nb", cutter)[1] == spaces("a\r\n b", cutter)[1] == p.SPACE_BREAK_BLANKS
    assert spaces("a\n\nb", cutter)[1] == spaces("a\r\n\r\nb", cutter)[1] == p.SPACE_BREAKS


def test_case_of_a_piece(cutter: PieceCutter) -> None:
    case = (cutter.cut("low Title UPPER miXed 42 漢").classes // p.N_SPACES % p.N_CASES).tolist()
    assert case == [p.CASE_LOWER, p.CASE_TITLE, p.CASE_UPPER, p.CASE_MIXED, p.CASE_NONE, p.CASE_NONE]


def test_slices_change_nothing(cutter: PieceCutter, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Ein Satz steht hier, und\n\nnoch einer.  Dann 3,14 — Ende! " * 40
    whole = cutter.cut(text)
    monkeypatch.setattr(p, "SLICE", 100)
    monkeypatch.setattr(p, "SLACK", 60)
    assert len(list(cutter.iter_cut(text))) > 10
    sliced = cutter.cut(text)
    for name in ("starts", "ends", "hashes", "classes"):
        assert np.array_equal(getattr(whole, name), getattr(sliced, name))


def test_endless_words_and_lines_are_cut(cutter: PieceCutter) -> None:
    pieces = cutter.cut("x" * 200_000)
    assert (pieces.ends - pieces.starts).max() == p.WORD_LIMIT
    assert int((pieces.ends - pieces.starts).sum()) == 200_000
    assert len(cutter.cut(" " * 200_000)) == 0
