"""Languages of documents: what is given wins, what is stated comes next, what is detected is sure or nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.segmenters.base import ModelInfo
from segtool.segmenters.language import detect, language_of, primary

SAMPLES = {
    "en": "The tenant shall keep the premises in good repair and shall not assign this lease without written consent.",
    "de": "Der Mieter hat die Wohnung pfleglich zu behandeln und darf sie ohne Erlaubnis keinem Dritten überlassen.",
    "fr": "Le locataire entretient les lieux et ne peut les céder à un tiers sans l'accord écrit du propriétaire.",
    "th": "ผู้เช่าต้องดูแลรักษาห้องพักให้อยู่ในสภาพดีและห้ามให้ผู้อื่นเช่าต่อโดยไม่ได้รับอนุญาตเป็นหนังสือ",
    "ja": "借主は部屋を良好な状態に保ち、書面による承諾なしに第三者へ転貸してはならないものとします。",
    "nb": "Leietakeren skal holde leiligheten i god stand og kan ikke fremleie den uten skriftlig samtykke fra eieren.",
}


@pytest.mark.parametrize("lang", SAMPLES)
def test_a_sentence_tells_its_language_in_the_spelling_of_the_cards(lang: str) -> None:
    assert detect(SAMPLES[lang]) == lang


@pytest.mark.parametrize(
    "text", ["", " \n", "\0" * 200, "One. Two.", "12.345,67 " * 40, "😀" * 300, "\ud800\udfff" * 50, "x", "?!" * 200]
)
def test_what_says_nothing_has_no_language(text: str) -> None:
    assert detect(text) is None


def test_languages_in_foreign_letters_are_unknown() -> None:
    assert (
        detect("eto ochen dlinnoe predlozhenie na russkom yazyke zapisannoe latinskimi bukvami vmesto kirillitsy")
        is None
    )


@given(st.text(max_size=600))
def test_any_text_is_answered_and_the_same_twice(text: str) -> None:
    assert detect(text) == detect(text)


def test_nul_and_half_surrogates_hide_nothing() -> None:
    assert detect("\0\ud800" + SAMPLES["de"] + "\0") == "de"


def test_the_middle_and_the_end_of_a_long_text_count() -> None:
    page = "\n".join([SAMPLES["de"]] * 40)
    assert detect(SAMPLES["en"] + "\n" + page) in ("de", None)


@pytest.mark.parametrize(
    ("stated", "lang", "expected"),
    [
        ("de", "fr-CA", "fr"),
        ("de-AT", None, "de"),
        ("de", "auto", "de"),
        ("de", "none", None),
        ("deu", None, "de"),
        ("xx-unknown", None, "xx"),
        (None, None, "en"),
        (None, "none", None),
        (None, "ENG", "en"),
        ("", "", "en"),
        (None, "iw", "he"),
    ],
)
def test_given_before_stated_before_detected(stated: str | None, lang: str | None, expected: str | None) -> None:
    assert language_of(Document("d", SAMPLES["en"], lang=stated), lang) == expected


def test_tags() -> None:
    tags = ["en_GB", "zh-Hant", "no", "spa", None, "", " pt-BR "]
    assert [primary(tag) for tag in tags] == ["en", "zh", "nb", "es", None, None, "pt"]


def test_models_that_know_no_language_ask_for_none() -> None:
    assert not ModelInfo("m").knows_languages
    assert ModelInfo("m", thresholds={"th": 0.3}).knows_languages
    assert ModelInfo("m", takes_language=True).knows_languages


def test_a_short_text_loads_no_detector() -> None:
    code = "import sys, segtool; segtool.split('One. Two.'); sys.exit('gcld3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
