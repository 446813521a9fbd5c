from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.loaders import load_bytes
from segtool.settings import LoadSettings

HTML = LoadSettings(format="html")
Texts = Callable[[Document], list[str]]
TAGS = [
    *("<p>", "</p>", "<ol>", "<li>", "</ol>", "<ul>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<h1>", "</h1>"),
    *("<pre>", "</pre>", "<b>", "</b>", "<br>", "<nav>", "</nav>", "<title>", "<main>", "</main>", "<script>", "<!--"),
    *("-->", "&", "&amp;", "&#0;", "<", ">", "<td rowspan=x>", "<svg>", "<textarea>"),
]


def read(body: str, settings: LoadSettings = HTML) -> Document:
    return load_bytes(f"<!doctype html><html lang='en-GB'><body>{body}</body></html>".encode(), "x.html", settings)


PAGE = """<head><title>Terms &amp; Conditions</title><meta name="author" content="A. Smith">
<meta property="article:published_time" content="2024-03-01"></head>
<header><nav><a href="/">Home</a></nav></header>
<div id="cookie-banner">We use cookies. <button>Accept</button></div>
<main><h1>Terms</h1><p>Body&nbsp;text   with <b>bold</b>&shy;face.<!-- no --></p>
<h2>Scope</h2><p>More.</p><div hidden>secret</div><script>var x = "<p>no</p>"</script></main>
<aside>Related</aside><footer>© 2024</footer>"""


def test_main_content_stays_and_the_chrome_of_the_page_goes(texts: Texts) -> None:
    document = load_bytes(f"<html lang=en-GB>{PAGE}".encode(), "x.html")
    assert texts(document) == ["Terms", "Body text with boldface.", "Scope", "More."]
    assert [(p.kind, p.level) for p in document.paragraphs][::2] == [("heading", 1), ("heading", 2)]
    metadata = document.metadata
    assert (metadata["title"], metadata["author"], metadata["created"]) == (
        "Terms & Conditions",
        "A. Smith",
        "2024-03-01",
    )
    assert (metadata["language"], document.lang) == ("en-GB", "en")
    assert metadata["furniture"] == ["Home", "We use cookies.", "Accept", "Related", "© 2024"]


def test_furniture_is_kept_on_request() -> None:
    document = load_bytes(f"<html>{PAGE}".encode(), "x.html", LoadSettings(keep_furniture=True))
    furniture = [p.span.of(document.text) for p in document.paragraphs if p.kind == "furniture"]
    assert furniture == ["Home", "We use cookies.", "Accept", "Related", "© 2024"]


def test_a_page_that_is_all_furniture_is_content(texts: Texts) -> None:
    assert texts(read("<nav>One</nav><footer>Two</footer>")) == ["One", "Two"]


@pytest.mark.parametrize("name", ["cookies", "share-capital", "navigation-rights", "page-header", "social", "consent"])
def test_sections_named_like_chrome_are_content(name: str, texts: Texts) -> None:
    assert texts(read(f"<section id={name}><p>One.</p></section><div class={name}>Two.</div>")) == ["One.", "Two."]


def test_what_stands_outside_main_is_furniture(texts: Texts) -> None:
    assert texts(read("<div>Menu</div><div role=main><p>A long enough text.</p></div><div>Links</div>")) == [
        "A long enough text."
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<ol><li>a<li>b</ol>", ["1. a", "2. b"]),
        ("<ol start=5 type=A><li>a<li value=9>b<li>c</ol>", ["E. a", "I. b", "J. c"]),
        ("<ol type=i reversed start=4><li>a<li>b</ol>", ["iv. a", "iii. b"]),
        ("<ol style='list-style: none'><li>(a) a</ol>", ["(a) a"]),
        ("<ol style='list-style-type:lower-alpha'><li>x<ol><li>y</ol></ol>", ["a. x", "1. y"]),
        ("<ul><li>a<p>b</ul>", ["a", "b"]),
        ("<ol><li>1. a</ol>", ["1. a"]),
        ("<ol><li><p>a</p><p>b</p></li></ol>", ["1. a", "b"]),
    ],
)
def test_numbers_of_lists_are_computed(source: str, expected: list[str], texts: Texts) -> None:
    document = read(source)
    assert texts(document) == expected
    assert document.paragraphs[0].kind == "list_item"


def test_breaks_and_preformatted_text(texts: Texts) -> None:
    assert texts(read("<p>a<br>b<br> <br>c</p><pre>x\n  y</pre>")) == ["a\nb", "c", "x\n  y"]


def test_tables_of_data_and_of_layout(texts: Texts) -> None:
    data = "<table><caption>Fees</caption><tr><th>Item<th>Fee<tr><td>Setup<td>100<tr><td><td>20</table>"
    document = read(data)
    assert texts(document) == ["Fees", "Item\tFee\nSetup\t100\n\t20"]
    assert [p.kind for p in document.paragraphs] == ["caption", "table"]
    layout = "<table><tr><td><h2>Head</h2><p>One.</p></td><td><p>Two.</p></td></tr></table>"
    assert texts(read(layout)) == ["Head", "One.", "Two."]
    clause = "<table><tr><td>(a)<td>The Supplier shall deliver the Goods in thirty days.</table>"
    item = read(clause).paragraphs[0]
    assert (item.kind, item.number) == ("list_item", "(a)")


def test_icons_and_permalinks_are_no_text(texts: Texts) -> None:
    document = read("<h2>Scope<a href='#s'>¶</a></h2><p>a<svg><title>icon</title></svg>b</p>")
    assert texts(document) == ["Scope", "ab"]
    assert "title" not in document.metadata


def test_style_is_evidence() -> None:
    document = read("<p style='text-align:center;font-size:14pt'><b>DEFINITIONS</b></p><p>x</p>")
    style = document.paragraphs[0].style
    assert style is not None
    assert (style.centred, style.bold, style.size, style.name) == (True, True, 14.0, "p")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [("<meta charset=windows-1251>", "cp1251"), ("<meta charset='utf-8'>", "utf-8"), ("", "utf-16"), ("", "utf-8-sig")],
)
def test_the_declared_charset_is_honoured(head: str, encoding: str) -> None:
    data = f"<html>{head}<p>Договор вступает в силу.</p>".encode(encoding)
    assert load_bytes(data, "x.html").text == "Договор вступает в силу."


@pytest.mark.parametrize(
    "source",
    ["<div>" * 100_000 + "deep clause" + "</div>" * 100_000, "<table><tr><td>" * 5_000 + "deep clause",
     "<ul><li>" * 20_000 + "deep clause", "</p>" * 50_000 + "deep clause", "<p>deep clause" + "\0" * 99]
)  # fmt: skip
def test_nesting_of_any_depth_is_survived(source: str) -> None:
    assert load_bytes(source.encode(), "x.html", HTML).text == "deep clause"


@given(
    st.lists(
        st.one_of(
            st.sampled_from(TAGS),
            st.text(st.characters(codec="utf-8"), max_size=6),
        ),
        max_size=30,
    )
)
def test_any_text_is_a_page(pieces: list[str]) -> None:
    document = load_bytes(
        "".join(["<p>", *pieces]).encode(), "x.html", LoadSettings(format="html", keep_furniture=True)
    )
    end = 0
    for paragraph in document.paragraphs:
        assert not document.text[end : paragraph.span.start].strip()
        end = paragraph.span.end
    assert not document.text[end:].strip()
