"""Runs of letters are the same by the fast way for ASCII and by the expression for all else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from segtool.segmenters.letter_runs import letter_runs

_RUN = re.compile(r"[^\W\d_]+")


@given(st.text(st.characters(max_codepoint=127)) | st.text())
def test_runs_are_those_of_the_expression(text: str) -> None:
    assert letter_runs(text) == _RUN.findall(text)


def test_every_ascii_sign_but_a_letter_ends_a_run() -> None:
    for sign in map(chr, range(128)):
        assert len(letter_runs(f"a{sign}b")) == (1 if sign.isalpha() else 2)
