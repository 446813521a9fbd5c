"""Characters as pieces, to compare architectures only: the same tables and training, one piece a character."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from segtool.inference import pieces as p
from segtool.inference.hashing import mix
from segtool.training.sentences import features as f

RAW_SHARE = 10
"""Of raw text, one document in so many is taken: a character is a fifth of a piece."""
_FACTOR = np.uint64(0x100000001B3)
_KINDS = np.array(
    [p.KIND_SYMBOL, p.KIND_WORD, p.KIND_NUMBER, p.KIND_IDEOGRAPH, p.KIND_CHUNK, p.KIND_PUNCTUATION, p.KIND_SYMBOL]
)


class CharacterCutter(p.PieceCutter):
    """Every character but white space is a piece; its hashes are of itself, with its neighbours, and of all three."""

    def cut(self, text: str) -> p.Pieces:
        """All characters of ``text``."""
        codes = p.code_points(text)
        traits = self.traits(codes)
        kinds = traits & 15
        at = np.flatnonzero(kinds != p.SPACE)
        x = self.lower(codes)[at].astype(np.uint64) + np.uint64(1)
        before, after = np.roll(x, 1), np.roll(x, -1)
        before[:1], after[-1:] = 0, 0
        values = (x, before * _FACTOR + x, x * _FACTOR + after, (before * _FACTOR + x) * _FACTOR + after)
        hashes = np.stack([mix(value, column) for column, value in enumerate(values)], 1).astype(np.uint16)
        lowered = self.lower(codes)[at] == codes[at]
        letters = kinds[at] == p.LETTER
        case = np.where(letters, np.where(lowered, p.CASE_LOWER, p.CASE_UPPER), p.CASE_NONE)
        classes = ((_KINDS[kinds[at]] * p.N_LENGTHS + 1) * p.N_CASES + case) * p.N_SPACES + self._spaces(codes, at)
        starts = at.astype(np.int32)
        return p.Pieces(starts, starts + 1, hashes, classes.astype(np.uint16))

    def _spaces(self, codes: npt.NDArray[np.uint32], at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """White space before each character."""
        gaps = np.diff(at, prepend=-1) - 1
        breaks = np.concatenate([[0], np.cumsum(codes == 10)])
        found = breaks[at] - breaks[np.concatenate([[0], at[:-1] + 1])[: len(at)]]
        single = np.where(gaps > 1, p.SPACE_BREAK_BLANKS, p.SPACE_BREAK)
        out: npt.NDArray[np.int64] = np.where(
            found == 0, np.minimum(gaps, 2), np.where(found == 1, single, p.SPACE_BREAKS)
        )
        out[:1] = p.SPACE_BREAKS
        return out


def make_tables(job: f.Job) -> tuple[f.Table, f.Table]:
    """Clean and stripped characters of one part of a pack."""
    records = f.job_records(job)
    if records and records[0].group == "raw":
        records = records[::RAW_SHARE]
    maker = f.FeatureMaker(CharacterCutter())
    return f.tables_of(records, maker)
