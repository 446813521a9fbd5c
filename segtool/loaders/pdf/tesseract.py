"""Recognition by Tesseract's command line: no binding, so that any installed version from 4 on serves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.errors import LoadError
from segtool.loaders.pdf.recognition import TextLine, TextWord

_TIMEOUT_S = 120
_MAX_JOINT = 4
"""Most languages that are looked for together."""
_DIGITS = "tessedit_char_whitelist=0123456789ivxlcIVXLC"
_SCRIPT = re.compile(rb"^Script: (\w+)", re.MULTILINE)
_NO_LANGUAGE = {"osd", "equ", "snum"}
_CODES = {
    "af": "afr", "am": "amh", "ar": "ara", "as": "asm", "az": "aze", "be": "bel", "bg": "bul", "bn": "ben",
    "bs": "bos", "ca": "cat", "cs": "ces", "cy": "cym", "da": "dan", "de": "deu", "el": "ell", "en": "eng",
    "eo": "epo", "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fil": "fil", "fr": "fra",
    "fy": "fry", "ga": "gle", "gd": "gla", "gl": "glg", "gu": "guj", "he": "heb", "hi": "hin", "hr": "hrv",
    "ht": "hat", "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn", "jv": "jav",
    "ka": "kat", "kk": "kaz", "km": "khm", "kn": "kan", "ko": "kor", "ky": "kir", "la": "lat", "lb": "ltz",
    "lo": "lao", "lt": "lit", "lv": "lav", "mi": "mri", "mk": "mkd", "ml": "mal", "mn": "mon", "mr": "mar",
    "ms": "msa", "mt": "mlt", "my": "mya", "nb": "nor", "ne": "nep", "nl": "nld", "nn": "nor", "no": "nor",
    "oc": "oci", "or": "ori", "pa": "pan", "pl": "pol", "ps": "pus", "pt": "por", "ro": "ron", "ru": "rus",
    "sa": "san", "sd": "snd", "si": "sin", "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp", "su": "sun",
    "sv": "swe", "sw": "swa", "ta": "tam", "te": "tel", "tg": "tgk", "th": "tha", "tr": "tur", "tt": "tat",
    "ug": "uig", "uk": "ukr", "ur": "urd", "uz": "uzb", "vi": "vie", "yi": "yid", "zh": "chi_sim",
}  # fmt: skip
_SCRIPTS = {
    "Latin": "eng fra deu spa ita por nld pol swe ron ces tur vie ind fin dan nor hun cat",
    "Cyrillic": "rus ukr bul srp bel kaz mkd", "Arabic": "ara fas urd uig", "Han": "chi_sim chi_tra jpn",
    "Japanese": "jpn", "Hangul": "kor", "Korean": "kor", "Hebrew": "heb yid", "Greek": "ell", "Armenian": "hye",
    "Georgian": "kat", "Devanagari": "hin mar nep san", "Bengali": "ben asm", "Gujarati": "guj", "Gurmukhi": "pan",
    "Tamil": "tam", "Telugu": "tel", "Kannada": "kan", "Malayalam": "mal", "Sinhala": "sin", "Thai": "tha",
    "Lao": "lao", "Khmer": "khm", "Myanmar": "mya", "Ethiopic": "amh tir", "Syriac": "syr",
}  # fmt: skip
"""Scripts by the names of Tesseract's own detection, each with the codes of its languages, the likeliest first."""
_LANGUAGE = re.compile(r"[a-z]{3}(?:_[a-z]+)?")
_BOX = re.compile(r"\bbbox (-?\d+) (-?\d+) (-?\d+) (-?\d+)")
_BASELINE = re.compile(r"\bbaseline (-?[\d.]+) (-?[\d.]+)")
_SIZE = re.compile(r"\bx_size ([\d.]+)")
_SECTION = re.compile(r"\$ ?\d{1,4}[a-z]?\b(?![.,]\d)")
_CONFIDENCE = re.compile(r"\bx_wconf (\d+)")


def is_installed() -> bool:
    """Whether there is a ``tesseract`` on the path."""
    return shutil.which("tesseract") is not None


class Tesseract:
    """The engine; one process a page, on one core, bounded in time."""

    name = "tesseract"

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that are installed, by Tesseract's codes, English first.

        Raises:
            LoadError: if there are none, or the program does not run.
        """
        listed = self._run(["--list-langs"], b"").decode("utf-8", "replace").split()
        found = sorted(
            code for code in listed if re.fullmatch(r"[a-z]{3}(_[a-z]+)?", code) and code not in _NO_LANGUAGE
        )
        if not found:
            raise LoadError("tesseract has no language installed: get one (Debian: apt install tesseract-ocr-eng)")
        return tuple(sorted(found, key=lambda code: code != "eng"))

    def code_of(self, lang: str | None) -> str | None:
        """Tesseract's code of a language, None if it isn't installed."""
        code = _CODES.get(lang or "")
        if code == "chi_sim" and code not in self.languages:
            code = "chi_tra"
        return code if code in self.languages else None

    def reads(self, lang: str) -> bool:
        """Whether a language is installed."""
        return self.code_of(lang) is not None

    def read(self, pixels: NDArray[np.uint8], dpi: float, lang: str | None) -> list[TextLine]:
        """The lines of a picture in reading order.

        Args:
            pixels: uint8 (height, width), 0 is black.
            dpi: pixels an inch.
            lang: code of its language; None, or one that isn't installed: those of its script that are, together.

        Raises:
            LoadError: if the program fails or takes too long.
        """
        height, width = pixels.shape
        picture = b"P5 %d %d 255\n" % (width, height) + pixels.tobytes()
        code = self.code_of(lang) or "+".join(self._likely(picture, dpi))
        options = ["-", "-", "-l", code, "--dpi", str(round(dpi)), "-c", "tessedit_create_hocr=1"]
        lines = lines_of(self._run(options, picture))
        return with_section_signs(lines) if code == "deu" else lines

    def read_number(self, pixels: NDArray[np.uint8], dpi: float) -> list[TextLine]:
        """What is read in a picture that holds nothing but a page number."""
        height, width = pixels.shape
        options = ["-", "-", "-l", self.languages[0], "--psm", "7", "--dpi", str(round(dpi)), "-c", _DIGITS]
        picture = b"P5 %d %d 255\n" % (width, height) + pixels.tobytes()
        return lines_of(self._run([*options, "-c", "tessedit_create_hocr=1"], picture))

    def _likely(self, picture: bytes, dpi: float) -> tuple[str, ...]:
        """The languages of a page whose language nobody knows: all, or if that are many the likeliest of its script."""
        installed = self.languages
        if len(installed) <= _MAX_JOINT:
            return installed
        try:
            found = _SCRIPT.search(self._run(["-", "-", "--psm", "0", "-l", "osd", "--dpi", str(round(dpi))], picture))
        except LoadError:
            found = None  # the data for scripts isn't installed, or there is too little text to tell
        own = _SCRIPTS.get(found[1].decode() if found else "Latin", "").split()
        return tuple(code for code in own if code in installed)[:_MAX_JOINT] or installed[:_MAX_JOINT]

    def _run(self, options: list[str], data: bytes) -> bytes:
        environment, call = {**os.environ, "OMP_THREAD_LIMIT": "1"}, ["tesseract", *options]
        try:
            done = subprocess.run(
                call,
                input=data,
                capture_output=True,
                timeout=_TIMEOUT_S,
                env=environment,
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise LoadError(f"tesseract took more than {_TIMEOUT_S} s for a page") from error
        except (OSError, subprocess.CalledProcessError) as error:
            said = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").strip().splitlines()
            raise LoadError(f"tesseract failed: {said[-1] if said else error}") from error
        return done.stdout


def lines_of(hocr: bytes) -> list[TextLine]:
    """The lines of a page in hOCR, as Tesseract writes it."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    root = etree.fromstring(hocr, parser)
    if root is None:
        return []
    found: list[TextLine] = []
    for element in root.iter("{*}span"):
        title = element.get("title", "")
        box, baseline, size = _BOX.search(title), _BASELINE.search(title), _SIZE.search(title)
        if box is None or size is None:
            continue
        words = tuple(word for child in element.iter("{*}span") if (word := _word(child)) is not None)
        if words:
            left, bottom = float(box[1]), float(box[4])
            slope, offset = (float(baseline[1]), float(baseline[2])) if baseline else (0.0, 0.0)
            found.append(TextLine(words, bottom + offset - slope * left, slope, float(size[1])))
    return found


def with_section_signs(lines: list[TextLine]) -> list[TextLine]:
    """German lines with a section sign for the dollar sign that Tesseract reads before the number of a section."""
    return [
        replace(line, words=(replace(line.words[0], text="§" + line.words[0].text[1:]), *line.words[1:]))
        if _SECTION.match(" ".join(word.text for word in line.words[:2]))
        else line
        for line in lines
    ]


def _word(element: Any) -> TextWord | None:
    title = element.get("title", "")
    confidence, box = _CONFIDENCE.search(title), _BOX.search(title)
    text = "".join("".join(element.itertext()).split())
    if confidence is None or box is None or not text:
        return None
    x0, top, x1, bottom = (float(box[index]) for index in range(1, 5))
    return TextWord(text, (x0, top, max(x1, x0 + 1), max(bottom, top + 1)), min(float(confidence[1]), 100.0) / 100)
