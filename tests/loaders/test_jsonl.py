from __future__ import annotations

from io import BytesIO

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.errors import LoadError, RecordError
from segtool.loaders import iter_records, load_bytes
from segtool.settings import LoadSettings


def read(data: bytes, settings: LoadSettings | None = None) -> list[Document | RecordError]:
    return list(iter_records(BytesIO(data), settings, "c.jsonl"))


@given(st.lists(st.text(st.characters(codec="utf-8")), max_size=5))
def test_texts_are_kept_whatever_they_hold(texts: list[str]) -> None:
    data = b"\n".join(orjson.dumps({"id": str(i), "text": text}) for i, text in enumerate(texts))
    documents = read(data)
    assert [d.text for d in documents if isinstance(d, Document)] == texts
    assert [d.id for d in documents if isinstance(d, Document)] == [str(i) for i in range(len(texts))]


def test_lines_end_at_line_feeds_alone() -> None:
    raw = '{"text": "a\u2028b\u2029c\x85d"}\n{"text": "\\u0000"}\r\n{"text": ""}\n'.encode()
    assert [d.text for d in read(raw) if isinstance(d, Document)] == ["a\u2028b\u2029c\x85d", "\0", ""]


def test_ids_and_languages() -> None:
    rows = [
        b'\xef\xbb\xbf{"text": "x"}',
        b"",
        b'{"id": 7, "text": "x", "lang": "xx-unknown"}',
        b'{"id": "", "text": "x", "lang": null}',
        b'{"id": null, "text": "x", "lang": 5, "n": NaN}',
        b'{"text": "x", "lang": "none"}',
    ]
    documents = [d for d in read(b"\n".join(rows)) if isinstance(d, Document)]
    assert [d.id for d in documents] == ["1", "7", "", "5", "6"]
    assert [d.lang for d in documents] == [None, "xx-unknown", None, None, None]


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b'"x"', b"{}", b'{"text": null}', b'{"text": 3}', b'{"text": "\xff"}', b'{"text": "\\ud800"}',
             b"[" * 100_000]
)  # fmt: skip
def test_a_broken_line_is_an_error_with_its_number_and_the_rest_goes_on(line: bytes) -> None:
    first, error, last = read(b'{"text": "a"}\n' + line + b'\n{"text": "b"}\n')
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(error, RecordError)
    assert error.line == 2
    assert "c.jsonl: line 2" in str(error)
    assert "\n" not in str(error)


def test_an_endless_line_is_skipped() -> None:
    rows = read(b'{"text": "' + b"x" * 5000 + b'"}\n{"text": "b"}', LoadSettings(max_bytes=1000))
    assert isinstance(rows[0], RecordError)
    assert isinstance(rows[1], Document)


def test_records_come_one_by_one() -> None:
    class Stream(BytesIO):
        n_lines = 0

        def readline(self, size: int | None = -1) -> bytes:
            self.n_lines += 1
            return super().readline(size)

    stream = Stream(b'{"text": "x"}\n' * 100)
    next(iter_records(stream))
    assert stream.n_lines == 1


def test_one_record_is_a_document_and_more_are_not() -> None:
    assert load_bytes(b'{"id": "a", "text": "x"}\n', "c.jsonl").id == "a"
    with pytest.raises(LoadError, match="more than one"):
        load_bytes(b'{"text": "x"}\n' * 2, "c.jsonl")


def test_utf16_is_named() -> None:
    (error,) = read('{"text": "x"}'.encode("utf-16"))
    assert "UTF-8" in str(error)
