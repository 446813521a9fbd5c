"""Titles of sections without a heading: taken from the section, telling, and never for those that have one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segtool.core.layer import Boundary, Label, Layer
from segtool.segmenters.titles import MAX_CHARACTERS, section_titles

BEES = "The bees leave the hive at dawn. A hive of bees needs a calm keeper, and the hive must face the sun."
BOATS = "The ferry crosses at noon. A ferry captain steers, and the ferry captain must know the tide and the sun."


def _layer(text: str, *boundaries: Boundary) -> Layer:
    return Layer.from_boundaries("section", len(text), boundaries)


def test_a_title_tells_what_only_this_section_speaks_of() -> None:
    text = f"{BEES}\n\n{BOATS}"
    titles = section_titles(_layer(text, Boundary(0), Boundary(len(BEES) + 2)), text)
    first, second = titles[0], titles[len(BEES) + 2]
    assert "hive" in first.text or "bees" in first.text
    assert "ferry" in second.text.lower()
    assert first.method == second.method == "phrase"


def test_a_section_with_a_heading_gets_none() -> None:
    text = f"1. Bees\n\n{BEES}\n\n{BOATS}"
    at = text.index(BOATS)
    titles = section_titles(_layer(text, Boundary(0, label=Label("1", "Bees")), Boundary(at)), text)
    assert list(titles) == [at]


def test_text_without_words_in_our_sense_gets_its_sentence() -> None:
    text = "賃料は毎月末日までに支払う。遅延した場合は利息が生じる。"
    title = section_titles(_layer(text), text)[0]
    assert title.text
    assert title.text in text


@given(st.lists(st.text(max_size=300), max_size=5))
def test_every_title_stands_in_its_section(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    offsets = [0]
    for part in parts[:-1]:
        offsets.append(offsets[-1] + len(part) + 2)
    layer = _layer(text, *(Boundary(o) for o in offsets if o < len(text)))
    trimmed = {s.trimmed(text).start: s.trimmed(text) for s in layer.spans() if len(s.trimmed(text))}
    titles = section_titles(layer, text)
    assert titles.keys() == trimmed.keys()
    for start, title in titles.items():
        assert trimmed[start].start <= title.span.start < title.span.end <= trimmed[start].end
        assert title.text == " ".join(title.span.of(text).split())
        assert 0 < len(title.text) <= MAX_CHARACTERS
