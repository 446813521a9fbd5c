"""A text gives the same sentences in whatever parts it comes, with bounded look-ahead and memory."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segtool.errors import UsageError
from segtool.inference import sentence_stream
from segtool.inference.sentence_stream import SentenceStream
from segtool.loaders import document_of
from segtool.pipeline import segment_documents
from segtool.segmenters.registry import sentence_segmenter
from segtool.segmenters.sat import SatSegmenter
from segtool.settings import SentenceSettings, Settings
from segtool.storage.records import Record, iter_records
from segtool.streaming import stream_sentences

FORMS = ("sentences", "sentences-full", "sentences-fast", "sentences-gate", "sentences-scan")
FRAGMENTS = (
    "The court denied the motion on 5 May. See Fed. R. Civ. P. 12(b)(6); id. at 5-6. ",
    "Dr. Osei met Mr. Lund at 5 p.m. They spoke for an hour, i.e. until six!\r\n\r\n",
    "so then we went down to the harbour and it was closed and nobody had told us anything about it ",
    "12:05:31 WARN disk /dev/sda1 is 91% full\n",
    "ARTICLE IV\nTerm and termination\n\n(a) the lease; (b) the annex;\n",
    "これは最初の文です。次の文は短い！「終わり」と彼は言った。",
    "ภาษาไทยไม่มีเครื่องหมายระหว่างประโยค เราเขียนต่อกันไปเรื่อยๆ ",
    "   \t\n\n   ",
    "x" * 150 + " ",
    "—" * 70 + "\n",
    "No space here.Another one.\u2028Next \U0001f469\u200d line… “Quoted.” ",
    "\x00\ud800 a\u0301. ",
)
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=12), max_size=40).map("".join)
_SEGMENTERS: dict[str, SatSegmenter] = {}


def segmenter(name: str) -> SatSegmenter:
    """One segmenter of each form for all tests."""
    if name not in _SEGMENTERS:
        made = sentence_segmenter(Settings(sentences=SentenceSettings(model=name)))
        assert isinstance(made, SatSegmenter)
        _SEGMENTERS[name] = made
    return _SEGMENTERS[name]


def parts_of(text: str, cuts: list[int]) -> Iterator[str]:
    """The text in parts that end at places given in thousandths."""
    places = sorted({len(text) * cut // 1000 for cut in cuts})
    for low, high in itertools.pairwise([0, *places, len(text)]):
        yield text[low:high]


def found(stream: SentenceStream, parts: Iterator[str]) -> list[tuple[int, float, bool]]:
    """Everything that a stream finds: offset, chance, bare."""
    founds = [item for part in parts for item in stream.feed(part)]
    rows = [
        zip(f.offsets.tolist(), f.chances.tolist(), f.bare.tolist(), strict=True) for f in [*founds, stream.finish()]
    ]
    return [row for row_list in rows for row in row_list]


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(TEXTS, st.lists(st.integers(0, 1000), max_size=30), st.sampled_from(FORMS), st.sampled_from([None, "en", "ja"]))
def test_parts_make_no_difference(text: str, cuts: list[int], form: str, lang: str | None) -> None:
    model = segmenter(form)
    whole = next(iter(model.score([replace(document_of(text), lang=lang)])))["sentence"]
    streamed = found(model.stream(lang), parts_of(text, cuts))
    assert [row[0] for row in streamed] == whole.offsets.tolist()
    assert np.allclose([row[1] for row in streamed], whole.probabilities, atol=1e-5)
    bare = np.zeros(len(whole), np.bool_) if whole.bare is None else whole.bare
    assert [row[2] for row in streamed] == bare.tolist()


def test_characters_one_by_one() -> None:
    text = "".join(FRAGMENTS)
    for form in FORMS:
        whole = next(iter(segmenter(form).score([document_of(text)])))["sentence"]
        assert [row[0] for row in found(segmenter(form).stream(), iter(text))] == whole.offsets.tolist()


@pytest.mark.parametrize("form", FORMS)
def test_slices_of_a_whole_text_make_no_difference(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(FRAGMENTS) * 6
    whole = next(iter(segmenter(form).score([document_of(text)])))["sentence"]
    monkeypatch.setattr(sentence_stream, "SLICE", 700)
    sliced = next(iter(segmenter(form).score([document_of(text)])))["sentence"]
    assert np.array_equal(whole.offsets, sliced.offsets)
    assert np.allclose(whole.probabilities, sliced.probabilities, atol=1e-5)


class SlowPipe(BytesIO):
    """Bytes that come in small and uneven parts."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        super().__init__(data)
        self._sizes = itertools.cycle(sizes)

    def read1(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002
        """A few bytes, of whatever was asked for."""
        return super().read(next(self._sizes))


@pytest.mark.parametrize("sizes", [[1], [3, 1, 7], [4096]])
def test_records_are_those_of_the_whole_text(sizes: list[int]) -> None:
    text = "".join(fragment for fragment in FRAGMENTS if "\ud800" not in fragment) * 3
    options = Settings(sentences=SentenceSettings(lang="en"))
    whole = next(segment_documents([document_of(text, "log")], layers=("sentence",), settings=options))
    expected = list(iter_records(whole, whole.layers["sentence"]))
    streamed = list(itertools.chain(*stream_sentences(SlowPipe(text.encode(), sizes), "log", options)))
    assert without_scores(streamed) == without_scores(expected)
    for one, other in zip(streamed, expected, strict=True):
        assert one["score"] == pytest.approx(other["score"], abs=1e-5)


def without_scores(records: list[Record]) -> list[Record]:
    """The records but for their scores."""
    return [{key: value for key, value in record.items() if key != "score"} for record in records]


def test_empty_and_damaged_streams(caplog: pytest.LogCaptureFixture) -> None:
    assert list(itertools.chain(*stream_sentences(BytesIO(b""), "-"))) == []
    assert list(itertools.chain(*stream_sentences(BytesIO(b" \n\n "), "-"))) == []
    texts = [record["text"] for part in stream_sentences(BytesIO(b"Caf\xe9 is open. Come in."), "-") for record in part]
    assert texts == ["Caf\ufffd is open.", "Come in."]
    assert "U+FFFD" in caplog.text
    wide = "\ufeffEins. Zwei kam.".encode("utf-16-le")
    texts = [record["text"] for part in stream_sentences(SlowPipe(wide, [2, 1]), "-") for record in part]
    assert " ".join(texts) == "Eins. Zwei kam."


def test_what_needs_the_whole_text_is_refused() -> None:
    for options in (SentenceSettings(max_length=80), SentenceSettings(model="spacy:en")):
        with pytest.raises(UsageError, match="--stream"):
            list(stream_sentences(BytesIO(b"One. Two."), "-", Settings(sentences=options)))


def test_endless_white_space_and_endless_words_take_bounded_memory() -> None:
    model = segmenter("sentences")
    stream = model.stream()
    parts = ["It begins. ", *[" \n" * 30_000] * 30, "It goes on. ", *["x" * 60_000] * 20, " It ends. Now."]
    rows = [row for part in parts for f in stream.feed(part) for row in f.offsets.tolist()]
    assert len(stream._text) < 300_000
    rows += stream.finish().offsets.tolist()
    text = "".join(parts)
    assert text.index("It goes") in rows
    assert text.index("Now") in rows


def run(*arguments: str) -> list[str]:
    """The command line of ``segtool split --stream``."""
    return [sys.executable, "-m", "segtool", "split", "--stream", "--lang", "en", *arguments]


LINES = b"The disk is full. Please make room on it, and start again. Then we shall see.\n" * 30
"""More than the longest look ahead."""


def test_sentences_come_before_the_end_of_the_input() -> None:
    with subprocess.Popen(run(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(LINES)
        process.stdin.flush()
        assert process.stdout.readline() == b"The disk is full.\n"
        process.stdin.close()
        assert process.stdout.read().endswith(b"Please make room on it, and start again.\nThen we shall see.\n")
    assert process.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_and_a_closed_pipe_end_it() -> None:
    with subprocess.Popen(run(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(LINES)
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 130
    with subprocess.Popen(run(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        for _ in range(200):
            try:
                process.stdin.write(LINES)
                process.stdin.flush()
            except BrokenPipeError:
                break
            time.sleep(0.01)
        with suppress(BrokenPipeError):
            process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
