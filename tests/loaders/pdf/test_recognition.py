"""Recognised lines to glyphs: skew, sizes, bold, noise, what is a picture."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from segtool.core.document import BBox
from segtool.loaders.pdf.glyphs import Frame, Glyphs, PageGlyphs
from segtool.loaders.pdf.recognition import (
    Picture,
    Reading,
    TextLine,
    TextWord,
    is_picture,
    is_upright,
    mean_confidence,
    needs_recognition,
    recognised_page,
    with_bullets,
    without_noise,
)
from segtool.loaders.pdf.words import words_of

WHITE = Picture(np.full((1584, 1224), 255, np.uint8), 2.0)
FRAME = Frame(612.0, 792.0)


def glyphs(text: str, x0: float = 50.0, base: float = 60.0, size: float = 10.0) -> Glyphs:
    left = x0 + 0.5 * size * np.arange(len(text), dtype=np.float64)
    same = np.ones(len(text))
    return Glyphs(
        list(text), left, left + 0.5 * size, (base - size) * same, (base + 2) * same, base * same, size * same,
        np.zeros(len(text), np.int64), np.zeros(len(text), np.bool_),
    )  # fmt: skip


def line(text: str, base: float, slope: float = 0.0, size: float = 20.0, x0: float = 100.0) -> TextLine:
    """A line in pixels, half the size a character wide."""
    words = []
    for piece in text.split():
        x1 = x0 + 0.5 * size * len(piece)
        middle = base + slope * (x0 + x1) / 2
        words.append(TextWord(piece, (x0, middle - 0.8 * size, x1, middle + 0.2 * size), 0.9))
        x0 = x1 + 0.3 * size
    return TextLine(tuple(words), base, slope, size)


def page(**more: object) -> PageGlyphs:
    values = {"glyphs": Glyphs.empty(), "cover": 1.0, "n_objects": 1, **more}
    return PageGlyphs(1, FRAME, **values)  # type: ignore[arg-type]


def test_words_stand_where_they_were_read() -> None:
    read = recognised_page(page(), Reading([line("the tenant pays", 400)], WHITE), (0, 1))
    words = words_of(read.glyphs)
    assert [word.text for word in words] == ["the", "tenant", "pays"]
    assert [word.base for word in words] == [200.0] * 3
    assert words[0].x0 == pytest.approx(50.0)
    assert words[0].size == 10.0
    assert [word.spaced for word in words] == [False, True, True]


@pytest.mark.parametrize("slope", [-0.05, 0.01, 0.03])
def test_skew_is_taken_out_of_the_frame_and_put_back_into_boxes(slope: float) -> None:
    lines = [line("the tenant pays the rent on the first day", base, slope) for base in (300.0, 330.0, 360.0, 390.0)]
    read = recognised_page(page(), Reading(lines, WHITE), (0, 1))
    assert math.tan(read.frame.skew) == pytest.approx(slope)
    words = words_of(read.glyphs)
    rows = sorted({round(word.base, 1) for word in words})
    assert len(rows) == 4
    firsts = [word.x0 for word in words if word.text == "the" and word.order % 9 == 0]
    assert max(firsts) - min(firsts) < 1.0 + 90 * abs(slope)
    first = words[0]
    box = read.frame.to_page(first.x0, first.top, first.x1, first.bottom)
    seen = lines[0].words[0].box
    middle = ((seen[0] + seen[2]) / 4, (seen[1] + seen[3]) / 4)
    assert box.x0 < middle[0] < box.x1
    assert box.top < middle[1] < box.bottom
    assert (box.x0 + box.x1) / 2 == pytest.approx(middle[0], abs=0.6)


def test_a_frame_without_skew_keeps_boxes_as_they_are() -> None:
    assert FRAME.to_page(10, 20, 30, 40) == BBox(10, 20, 30, 40)
    assert FRAME.straight(10.0, 20.0) == (10.0, 20.0)


def test_sizes_that_are_about_alike_become_one_and_headings_keep_theirs() -> None:
    lines = [line("a line of the body text", 300 + 30 * i, size=size) for i, size in enumerate((20, 21, 20, 19, 20.5))]
    lines.insert(0, line("Heading", 240, size=30))
    read = recognised_page(page(), Reading(lines, WHITE), (0, 1))
    assert {word.size for word in words_of(read.glyphs)} == {15.0, 10.0}


def test_thick_strokes_are_bold() -> None:
    pixels = WHITE.pixels.copy()
    lines = [line("plain words of a line", 300), line("plain words again here", 340), line("HEADING", 380)]
    for item in lines:
        width = 5 if item.words[0].text == "HEADING" else 2
        for word in item.words:
            x0, top, x1, bottom = (round(side) for side in word.box)
            for x in range(x0 + 2, x1 - 5, 10):
                pixels[top:bottom, x : x + width] = 0
    read = recognised_page(page(), Reading(lines, replace(WHITE, pixels=pixels)), (0, 1))
    assert {word.text: word.style for word in words_of(read.glyphs)}["HEADING"] == 1
    assert [word.style for word in words_of(read.glyphs)].count(1) == 1


def test_what_the_page_says_itself_is_not_said_twice() -> None:
    own = page(glyphs=glyphs("Filed 3 May", 50, 200))
    lines = [line("Filed 3 May", 400), line("The court finds that", 460)]
    read = recognised_page(own, Reading(lines, WHITE), (0, 1))
    assert sorted(word.text for word in words_of(read.glyphs)) == ["3", "Filed", "May", "The", "court", "finds", "that"]


def test_noise_goes_and_short_labels_stay() -> None:
    speck = replace(line("~~ -- == ,,", 100), words=line("~~ -- == ,,", 100).words)
    unsure = TextLine((TextWord("blob", (0, 0, 9, 9), 0.1),), 9, 0, 9)
    kept = without_noise([speck, unsure, line("§", 200), line("12 words", 300)])
    assert [" ".join(word.text for word in item.words) for item in kept] == ["§", "12 words"]


def test_confidence_is_a_mean_over_characters() -> None:
    words = (TextWord("aaaa", (0, 0, 1, 1), 1.0), TextWord("b", (0, 0, 1, 1), 0.5))
    assert mean_confidence([TextLine(words, 0, 0, 1)]) == pytest.approx(0.9)
    assert mean_confidence([]) == 0.0


@pytest.mark.parametrize(
    ("own", "picture", "needed"),
    [
        (page(), True, True),
        (page(n_objects=0, cover=0.0), False, False),
        (page(glyphs=glyphs("word " * 100)), False, False),
        (page(glyphs=glyphs("Case 1:20-cv-00001 Filed 3 May")), True, True),
        (page(glyphs=glyphs("word " * 100), hidden=400), True, False),
        (page(glyphs=glyphs("word " * 100), cover=0.3), False, False),
        (page(glyphs=glyphs("word " * 100), unmapped=200, cover=0.0), False, True),
    ],
)
def test_which_pages_are_pictures_and_need_recognition(own: PageGlyphs, picture: bool, needed: bool) -> None:
    assert (is_picture(own), needs_recognition(own)) == (picture, needed)


def test_small_signs_at_half_height_before_a_line_are_bullets() -> None:
    rest = line("the tenant pays", 400, x0=130)

    def led_by(text: str, height: float, middle: float) -> str:
        box = (100.0, 400 - middle - height / 2, 106.0, 400 - middle + height / 2)
        return with_bullets([replace(rest, words=(TextWord(text, box, 0.5), *rest.words))])[0].words[0].text

    assert led_by("+", 7, 7) == "•"
    assert led_by("e", 7, 7) == "•"
    assert led_by("e", 10, 5) == "e"
    assert led_by("-", 2, 6) == "-"
    assert led_by("1", 7, 7) == "1"
    assert with_bullets([rest]) == [rest]


def test_words_on_end_are_not_upright() -> None:
    words = tuple(TextWord("tenant", (10.0, 50.0 * n, 30.0, 50.0 * n + 45), 0.9) for n in range(3))
    assert not is_upright([TextLine(words, 0, 0, 20)])
    assert is_upright([line("the tenant pays", 400)])
    assert is_upright([])
