from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.errors import UnsupportedError
from segtool.loaders import load_bytes
from segtool.settings import LoadSettings

MARKDOWN = LoadSettings(format="markdown")
SOURCE = """---
title: "Terms of Use"
lang: de
---

Heading one
===========

Some *text* over
two lines.

## Scope

- first

  more of it
  1. nested
- [ ] task

> quoted

| a | b |
|---|---|
| 1 | 2 |

```python
code

more code
```

[ref]: https://example.org

Noted.[^1]

[^1]: The note.

<!-- hidden -->
"""


def read(text: str) -> Document:
    return load_bytes(text.encode(), "x.md", MARKDOWN)


def test_kinds_and_levels_stand_on_the_untouched_source(check_cover: Callable[[Document], None]) -> None:
    document = read(SOURCE)
    assert document.text == SOURCE
    check_cover(document)
    found = [(p.kind, p.level, p.span.of(SOURCE).split("\n")[0]) for p in document.paragraphs]
    assert found == [
        ("furniture", 0, "---"),
        ("heading", 1, "Heading one"),
        ("body", 0, "Some *text* over"),
        ("heading", 2, "## Scope"),
        ("list_item", 1, "- first"),
        ("body", 0, "more of it"),
        ("list_item", 2, "1. nested"),
        ("list_item", 1, "- [ ] task"),
        ("body", 0, "> quoted"),
        ("table", 0, "| a | b |"),
        ("body", 0, "```python"),
        ("body", 0, "[ref]: https://example.org"),
        ("body", 0, "Noted.[^1]"),
        ("footnote", 0, "[^1]: The note."),
        ("furniture", 0, "<!-- hidden -->"),
    ]
    assert (document.metadata["title"], document.lang) == ("Terms of Use", "de")


def test_line_ends_of_any_kind_keep_their_offsets() -> None:
    text = "# A\r\n\r\nb\r\nc\r\n\r\n## D\r"
    document = read(text)
    assert document.text == text
    assert [p.span.of(text) for p in document.paragraphs] == ["# A", "b\r\nc", "## D"]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["# ", "- ", "1. ", "> ", "```", "---", "\n", "\n\n", "\r\n", "|", "    ", "\t", "[a]: b", "=="]
            ),
            st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\ufffe"), max_size=5),
        ),
        max_size=25,
    )
)
def test_no_character_is_lost_or_counted_twice(pieces: list[str]) -> None:
    text = "".join(pieces)
    document = load_bytes(b"\xef\xbb\xbf" + text.encode(), "x.md", MARKDOWN)
    assert document.text == text
    end = 0
    for paragraph in document.paragraphs:
        assert not text[end : paragraph.span.start].strip()
        assert paragraph.span.of(text).strip() == paragraph.span.of(text) != ""
        end = paragraph.span.end
    assert not text[end:].strip()


@pytest.mark.parametrize("text", [">" * 20_000 + " x", "- " * 5_000 + "x", "[" * 20_000, "*" * 20_000, "`" * 20_000])
def test_hostile_nesting_is_survived(text: str) -> None:
    assert read(text).paragraphs


def test_binary_content_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="binary"):
        load_bytes(bytes(range(1, 9)) * 100, "x.md")
