"""Pictures of pages: how they lean, their ruling lines, and numbers that stand alone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from segtool.loaders.pdf.deskew import lean_of, straightened
from segtool.loaders.pdf.glyphs import Frame, Glyphs, PageGlyphs, Recognised
from segtool.loaders.pdf.lone_ink import cut_out, lone_ink, numbers_in
from segtool.loaders.pdf.recognition import Picture, Reading, TextLine, TextWord, recognised_page, with_shared_sizes
from segtool.loaders.pdf.scan_rules import rules_in

DPI = 100.0
Pixels = NDArray[np.uint8]


def paper() -> Pixels:
    """A white page, letter size at 100 dots an inch."""
    return np.full((1100, 850), 250, np.uint8)


def text_page(seed: int = 0) -> Pixels:
    """Rows of dark blocks, as wide as letters, with gaps for words."""
    random, page = np.random.default_rng(seed), paper()
    for top in range(100, 1000, 18):
        x = 100
        while x < 740:
            width = int(random.integers(3, 9))
            if random.random() > 0.15:
                page[top : top + 9, x : x + width - 1] = 20
            x += width
    return page


def leaning(pixels: Pixels, degrees: float) -> Pixels:
    """The picture turned so that its lines fall to the right by an angle."""
    return straightened(pixels, -math.radians(degrees)).copy()


@pytest.mark.parametrize("degrees", [-5.0, -3.2, -1.0, 0.9, 2.5, 5.0, 6.0])
def test_the_lean_of_a_page_is_found_and_taken_out(degrees: float) -> None:
    page = leaning(text_page(), degrees)
    found = lean_of(page, DPI)
    assert math.degrees(found) == pytest.approx(degrees, abs=0.15)
    assert lean_of(straightened(page, found), DPI) == 0.0


def test_what_does_not_lean_is_left_alone() -> None:
    random = np.random.default_rng(1)
    noise = random.integers(0, 255, (1100, 850)).astype(np.uint8)
    pages = [text_page(), leaning(text_page(), 0.4), paper(), noise]
    assert [lean_of(page, DPI) for page in pages] == [0.0] * 4


def test_a_few_lines_tell_the_lean() -> None:
    page = text_page()
    page[160:] = 250
    assert math.degrees(lean_of(leaning(page, 4.0), DPI)) == pytest.approx(4.0, abs=0.2)


def test_columns_of_text_lean_as_one() -> None:
    page = text_page()
    page[:, 410:440] = 250
    assert math.degrees(lean_of(leaning(page, 4.0), DPI)) == pytest.approx(4.0, abs=0.15)


def grid(page: Pixels) -> Pixels:
    for y in (300, 360, 420):
        page[y : y + 2, 100:701] = 10
    for x in (100, 400, 699):
        page[300:422, x : x + 2] = 10
    return page


def test_ruling_lines_are_found_and_painted_over() -> None:
    page = grid(paper())
    page[320:330, 150:300:6] = 10
    rules, clean = rules_in(page, DPI)
    level = sorted(box[1] for box in rules if box[2] - box[0] > box[3] - box[1])
    upright = sorted(box[0] for box in rules if box[2] - box[0] < box[3] - box[1])
    assert (level, upright) == ([300.0, 360.0, 420.0], [100.0, 400.0, 699.0])
    assert clean[300:422, 100:104].min() > 200
    assert clean[320:330, 150].max() == 10
    assert page[300, 300] == 10


def test_broken_and_slightly_leaning_lines_are_one_rule_each() -> None:
    page = leaning(grid(paper()), 0.4)
    page[:, 200:202] = 250
    assert len(rules_in(page, DPI)[0]) == 6


def test_letters_filled_boxes_and_pictures_are_no_rules() -> None:
    page = text_page()
    page[1010:1060, 100:600] = 60
    rules, clean = rules_in(page, DPI)
    assert rules == []
    assert clean is page
    assert rules_in(paper(), DPI)[0] == []


def reading(pixels: Pixels, *words: TextWord) -> Reading:
    lines = [TextLine((word,), word.box[3], 0.0, word.box[3] - word.box[1]) for word in words]
    return Reading(lines, Picture(pixels, DPI / 72))


def test_ink_that_nobody_read_at_the_foot_is_found_without_its_dashes() -> None:
    page = text_page()
    page[1040:1055, 420:428] = 10
    page[1047:1049, 400:412] = page[1047:1049, 436:448] = 10
    page[1045, 100] = 10
    (box,) = lone_ink(reading(page))
    assert box == pytest.approx((420, 1040, 428, 1055), abs=1)
    shown, corner = cut_out(reading(page), box)
    assert (shown.min(), shown[0].min()) == (10, 250)
    assert corner[0] < 420
    assert (shown < 100).sum() == 15 * 8


def test_what_was_read_or_is_too_large_or_too_much_is_no_number() -> None:
    page = paper()
    page[1040:1055, 420:428] = 10
    word = TextWord("7", (418, 1038, 430, 1057), 0.9)
    assert lone_ink(reading(page, word)) == []
    large, many = paper(), paper()
    large[1000:1080, 300:380] = 10
    many[1040:1055, 100:700:90] = many[1040:1055, 101:701:90] = many[1040:1055, 102:702:90] = 10
    assert lone_ink(reading(large)) == lone_ink(reading(many)) == lone_ink(reading(paper())) == []


@pytest.mark.parametrize(
    ("text", "confidence", "is_number"),
    [("7", 0.9, True), ("xii", 0.8, True), ("7", 0.1, False), ("oy ha", 0.9, False)],
)
def test_only_sure_numbers_are_taken(text: str, confidence: float, is_number: bool) -> None:
    line = TextLine((TextWord(text, (5, 5, 13, 20), confidence),), 20, 0.0, 15)
    found = numbers_in([line], (420, 1040, 428, 1055), (400, 1030))
    assert [word.text for line in found for word in line.words] == ([text] if is_number else [])
    if found:
        assert found[0].words[0].box == (420, 1040, 428, 1055)
        assert found[0].base == 1050
    assert numbers_in([], (0, 0, 9, 9), (0, 0)) == []


def test_boxes_and_rules_of_a_straightened_page_stand_on_the_page_as_it_is_shown() -> None:
    lean, words = math.radians(4.0), [TextWord("rent", (100, 200, 140, 212), 0.9)]
    line = TextLine(tuple(words), 210, 0.0, 12)
    read = Reading([line], Picture(paper(), DPI / 72), 0, lean, [(100.0, 300.0, 500.0, 302.0)])
    page = recognised_page(PageGlyphs(1, Frame(612, 792), Glyphs.empty()), read, (0, 1))
    assert page.frame.skew == pytest.approx(lean)
    (rule,) = page.rules
    assert (rule.x0, rule.x1, rule.bottom - rule.top) == pytest.approx((72, 360, 1.0))
    x, y = 120 * 0.72 - 306, 206 * 0.72 - 396
    box = page.frame.to_page(100 * 0.72, 200 * 0.72, 140 * 0.72, 212 * 0.72)
    middle = ((box.x0 + box.x1) / 2, (box.top + box.bottom) / 2)
    turned = (306 + x * math.cos(lean) - y * math.sin(lean), 396 + x * math.sin(lean) + y * math.cos(lean))
    assert middle == pytest.approx(turned, abs=0.1)


def test_sizes_are_shared_by_the_scans_of_a_run() -> None:
    def scan(number: int, size: float, n: int) -> PageGlyphs:
        ones = np.ones(n)
        none = np.zeros(n, np.int64)
        glyphs = Glyphs(["a"] * n, ones, ones, ones, ones, ones, size * ones, none, none.astype(np.bool_))
        return PageGlyphs(number, Frame(612, 792), glyphs, recognised=Recognised("fake", None, 0.9))

    pages = [scan(1, 9.75, 50), scan(2, 9.25, 80), scan(3, 14.0, 5), replace(scan(4, 9.5, 9), recognised=None)]
    assert [set(page.glyphs.size.tolist()) for page in with_shared_sizes(pages)] == [{9.25}, {9.25}, {14.0}, {9.5}]
