from __future__ import annotations

from collections.abc import Callable

import pytest

from segtool.core.document import Document
from segtool.errors import LoadError
from segtool.loaders import load_bytes
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
Texts = Callable[[Document], list[str]]


def read(data: bytes, settings: LoadSettings | None = None) -> Document:
    return load_bytes(data, "x.docx", settings)


def par(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def num(level: int, list_id: int = 1) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'


def level(index: int, number_format: str, text: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(levels: str, key: int = 0, more: str = "") -> str:
    return f'<w:abstractNum w:abstractNumId="{key}">{more}{levels}</w:abstractNum>'


def instance(key: int, abstract_id: int = 0, more: str = "") -> str:
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{abstract_id}"/>{more}</w:num>'


CLAUSES = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "lowerLetter", "(%3)")


def test_numbers_are_computed_and_restart_below(make_docx: Make, texts: Texts) -> None:
    body = "".join(par("x", num(depth)) for depth in (0, 1, 2, 2, 1, 2, 0, 1))
    document = read(make_docx(body, numbering=abstract(CLAUSES) + instance(1)))
    assert texts(document) == ["1. x", "1.1 x", "(a) x", "(b) x", "1.2 x", "(a) x", "2. x", "2.1 x"]
    assert [p.number for p in document.paragraphs][:4] == ["1", "1.1", "(a)", "(b)"]
    assert [(p.kind, p.level) for p in document.paragraphs][2] == ("list_item", 3)


def test_lists_of_one_definition_count_on_unless_they_restart(make_docx: Make, texts: Texts) -> None:
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    numbering = abstract(CLAUSES) + instance(1) + instance(2) + instance(3, more=restart)
    body = par("x", num(0, 1)) + par("y", num(0, 2)) + par("z", num(0, 3)) + par("w", num(0, 3))
    assert texts(read(make_docx(body, numbering=numbering))) == ["1. x", "2. y", "7. z", "8. w"]


def test_legal_numbers_levels_that_do_not_restart_and_overrides(make_docx: Make, texts: Texts) -> None:
    levels = (
        level(0, "upperRoman", "Article %1")
        + level(1, "decimal", "%1.%2", "<w:isLgl/>")
        + level(2, "decimal", "[%3]", '<w:lvlRestart w:val="0"/>')
    )
    override = f'<w:lvlOverride w:ilvl="1">{level(1, "lowerRoman", "(%2)")}</w:lvlOverride>'
    numbering = abstract(levels) + instance(1) + abstract(levels, 1) + instance(2, 1, override)
    body = "".join(par("x", num(depth)) for depth in (0, 1, 2, 0, 1, 2)) + par("y", num(1, 2))
    assert texts(read(make_docx(body, numbering=numbering))) == [
        *("Article I x", "1.1 x", "[1] x", "Article II x", "2.1 x", "[2] x"),
        "(i) y",
    ]


def test_numbering_by_style_and_through_a_numbering_style(make_docx: Make, texts: Texts) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr>'
        '<w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="H3"><w:name w:val="Quiet"/><w:basedOn w:val="H1"/><w:pPr>'
        '<w:outlineLvl w:val="9"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="numbering" w:styleId="Legal"><w:name w:val="Legal"/><w:pPr><w:numPr>'
        '<w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    )
    tied = level(0, "decimal", "%1.", '<w:pStyle w:val="H1"/>') + level(1, "decimal", "%1.%2", '<w:pStyle w:val="H2"/>')
    numbering = (
        abstract("", 0, '<w:numStyleLink w:val="Legal"/>')
        + abstract(tied, 1, '<w:styleLink w:val="Legal"/>')
        + instance(1, 0)
        + instance(2, 1)
    )
    body = (
        par("One", '<w:pStyle w:val="H1"/>') + par("Two", '<w:pStyle w:val="H2"/>') + par("q", '<w:pStyle w:val="H3"/>')
    )
    document = read(make_docx(body, numbering=numbering, styles=styles))
    assert texts(document) == ["1. One", "1.1 Two", "q"]
    assert [(p.kind, p.level) for p in document.paragraphs] == [("heading", 1), ("heading", 2), ("body", 0)]


def test_bullets_are_items_without_a_glyph(make_docx: Make, texts: Texts) -> None:
    document = read(make_docx(par("x", num(0)), numbering=abstract(level(0, "bullet", "•")) + instance(1)))
    assert texts(document) == ["x"]
    assert document.paragraphs[0].kind == "list_item"


def test_tracked_changes_are_accepted(make_docx: Make, texts: Texts) -> None:
    mark = '<w:rPr><w:del w:id="1"/></w:rPr>'
    gone = f'<w:p><w:pPr>{num(0)}{mark}</w:pPr><w:del w:id="2"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>'
    joined = f"<w:p><w:pPr>{mark}</w:pPr><w:r><w:t xml:space='preserve'>first half, </w:t></w:r></w:p>"
    body = (
        par("a", num(0))
        + gone
        + joined
        + "<w:p><w:r><w:t>sec</w:t></w:r><w:del w:id='3'><w:r><w:delText>XX</w:delText></w:r></w:del>"
        "<w:ins w:id='4'><w:r><w:t>ond</w:t></w:r></w:ins><w:moveFrom w:id='5'><w:r><w:t>old</w:t></w:r></w:moveFrom>"
        "<w:moveTo w:id='6'><w:r><w:t> new</w:t></w:r></w:moveTo></w:p>" + par("b", num(0))
    )
    document = read(make_docx(body, numbering=abstract(CLAUSES) + instance(1)))
    assert texts(document) == ["1. a", "first half, second new", "2. b"]


def test_runs_fields_breaks_and_hidden_text(make_docx: Make, texts: Texts) -> None:
    body = (
        "<w:p><w:r><w:t>Agree</w:t></w:r><w:proofErr/><w:r><w:t>ment</w:t><w:noBreakHyphen/><w:t>x</w:t><w:br/>"
        "<w:t>line</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>"
        '<w:p><w:r><w:t xml:space="preserve">see </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        "<w:r>"
        '<w:instrText>REF x</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        "<w:r><w:t>4.2</w:t></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        '<w:fldSimple w:instr="PAGE"><w:r><w:t>!</w:t></w:r></w:fldSimple></w:p>'
        '<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink><w:r><w:sym w:char="F0A8"/></w:r></w:p>'
    )
    assert texts(read(make_docx(body))) == ["Agreement\u2011x\nline", "see 4.2!", "link☐"]


def test_text_boxes_once_and_content_controls(make_docx: Make, texts: Texts) -> None:
    box = f"<w:txbxContent>{par('boxed')}</w:txbxContent>"
    mc = "xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'"
    body = (
        f"<w:p {mc}><w:r><w:t>text</w:t><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        f"<w:sdt><w:sdtPr/><w:sdtContent>{par('inside')}</w:sdtContent></w:sdt>"
    )
    assert texts(read(make_docx(body))) == ["text", "boxed", "inside"]


def test_tables_and_footnotes_behind_what_cites_them(make_docx: Make, texts: Texts) -> None:
    def cell(text: str) -> str:
        return f"<w:tc>{par(text)}</w:tc>"

    deleted = f"<w:tr><w:trPr><w:del w:id='1'/></w:trPr>{cell('gone')}{cell('gone')}</w:tr>"
    cited = "<w:p><w:r><w:t>Text</w:t><w:footnoteReference w:id='2'/><w:t>.</w:t></w:r></w:p>"
    body = f"{cited}<w:tbl><w:tr>{cell('A')}{cell('B')}</w:tr>{deleted}<w:tr>{cell('1')}{cell('2')}</w:tr></w:tbl>"
    notes = (
        f'<w:footnote w:type="separator" w:id="0">{par("---")}</w:footnote>'
        f'<w:footnote w:id="2">{par(" The note.")}</w:footnote>'
    )
    document = read(make_docx(body, footnotes=notes))
    assert texts(document) == ["Text.", "The note.", "A\tB\n1\t2"]
    assert [p.kind for p in document.paragraphs] == ["body", "footnote", "table"]


def test_headers_and_footers_are_furniture(make_docx: Make, texts: Texts) -> None:
    data = make_docx(par("Body"), header=par("Head"), footer=par("Page 1"))
    assert texts(read(data)) == ["Body"]
    assert read(data).metadata["furniture"] == ["Head", "Page 1"]
    kept = read(data, LoadSettings(keep_furniture=True))
    assert [(p.kind, p.span.of(kept.text)) for p in kept.paragraphs] == [
        ("furniture", "Head"),
        ("body", "Body"),
        ("furniture", "Page 1"),
    ]


def test_what_python_docx_writes_is_read_with_its_properties() -> None:
    from io import BytesIO

    import docx

    source = docx.Document()
    source.core_properties.title, source.core_properties.author = "Lease", "A. Smith"
    source.add_heading("Lease", 0)
    source.add_heading("Term", 1)
    source.add_paragraph("The term is one year.")
    source.add_paragraph("first", style="List Number")
    source.add_paragraph("dot", style="List Bullet")
    out = BytesIO()
    source.save(out)
    document = read(out.getvalue())
    found = [(p.kind, p.level, p.span.of(document.text)) for p in document.paragraphs]
    assert found == [
        ("title", 0, "Lease"),
        ("heading", 1, "Term"),
        ("body", 0, "The term is one year."),
        ("list_item", 1, "1. first"),
        ("list_item", 1, "dot"),
    ]
    assert (document.metadata["title"], document.metadata["author"]) == ("Lease", "A. Smith")


@pytest.mark.parametrize(
    "body",
    [
        "<w:p><w:pPr><w:numPr><w:ilvl w:val='x'/><w:numId/></w:numPr>"
        "<w:outlineLvl w:val='99999999999999999999'/></w:pPr></w:p>",
        "<w:tbl><w:tr/><w:tr><w:tc/></w:tr></w:tbl><w:sdt/><w:p/>",
        "<w:p><w:r><w:fldChar w:fldCharType='end'/><w:fldChar/><w:sym/><w:footnoteReference/><w:t>x</w:t></w:r></w:p>",
        "<w:p><w:pPr><w:pStyle w:val='none'/><w:jc/></w:pPr>"
        "<w:r><w:rPr><w:sz w:val='-'/></w:rPr><w:t>x</w:t></w:r></w:p>",
    ],
)
def test_odd_markup_is_survived(body: str, make_docx: Make, check_cover: Callable[[Document], None]) -> None:
    check_cover(read(make_docx(body)))


def test_too_deep_is_refused_in_one_line(make_docx: Make) -> None:
    with pytest.raises(LoadError) as caught:
        read(make_docx("<w:sdt><w:sdtContent>" * 400 + par("x") + "</w:sdtContent></w:sdt>" * 400))
    assert "\n" not in str(caught.value)
