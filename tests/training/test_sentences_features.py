"""Features: labels of clean and stripped text agree, and packs give back what went in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from segtool.evaluation.corruption import bare
from segtool.training.sentences import features as f
from segtool.training.sentences.pack import Record, read_pack, write_pack

TEXT = "Dr. Smith's cat, it was 3.5 years old, died.\r\n\r\nHe didn't cry: \"No!\" Never."
ENDS = tuple(TEXT.index(last) + len(last) for last in ("died.", 'No!"', "Never."))
RECORD = Record(TEXT, ENDS, "en", "own", "sentence", "ud")


def ends_of(pieces: f.p.Pieces, flags: np.ndarray) -> list[int]:  # type: ignore[type-arg]
    """Ends of the pieces that are flagged as sentence ends."""
    return pieces.ends[(flags & f.FLAG_END) > 0].tolist()  # type: ignore[no-any-return]


def test_clean_labels_sit_on_the_last_piece_of_each_sentence() -> None:
    pieces, flags = f.FeatureMaker().clean(TEXT, f.moved_left(TEXT, ENDS))
    assert ends_of(pieces, flags) == list(ENDS)


def test_stripped_labels_are_those_of_the_evaluation() -> None:
    maker = f.FeatureMaker()
    ends = f.moved_left(TEXT, ENDS)
    clean, _ = maker.clean(TEXT, ends)
    pieces, flags, links = maker.stripped(TEXT, ends, clean)
    text, expected = bare(TEXT, ENDS)
    assert ends_of(pieces, flags) == expected
    assert np.array_equal(pieces.hashes, maker.cutter.cut(text).hashes)
    marks = (flags >> f.MARK_SHIFT & 7).tolist()
    words = [text[a:b] for a, b in zip(pieces.starts, pieces.ends, strict=True)]
    assert dict(zip(words, marks, strict=True)) == {
        "dr": 1, "smiths": 0, "cat": 2, "it": 0, "was": 0, "35": 0, "years": 0, "old": 2, "died": 1,
        "he": 0, "didnt": 0, "cry": 3, "no": 1, "never": 1,
    }  # fmt: skip
    assert (links[:, 1] > links[:, 0])[:-1].all()


def test_links_carry_clean_labels_to_stripped_text() -> None:
    clean, stripped = f.make_tables([RECORD, RECORD])
    first = np.repeat(np.cumsum(clean.lengths) - clean.lengths, stripped.lengths)
    is_end = (clean.flags & f.FLAG_END) > 0
    carried = [bool(is_end[a + o : b + o].any()) for (a, b), o in zip(stripped.links, first, strict=True)]
    inner = (stripped.flags & f.FLAG_LAST) == 0
    assert np.array_equal(np.array(carried)[inner], ((stripped.flags & f.FLAG_END) > 0)[inner])


def test_packs_give_records_back(tmp_path: Path) -> None:
    records = [
        RECORD,
        Record("\ud800 lone\u2028\x00", (), "xx", "s", "raw", "raw"),
        Record("", (), "xx", "s", "raw", "raw"),
    ]
    write_pack(tmp_path / "a.pack", records)
    assert read_pack(tmp_path / "a.pack") == records
