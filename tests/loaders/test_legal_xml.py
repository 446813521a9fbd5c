from __future__ import annotations

from collections.abc import Callable

import pytest

from segtool.core.document import Document
from segtool.core.outline import section_tree
from segtool.errors import LoadError
from segtool.loaders import load_bytes

Texts = Callable[[Document], list[str]]

AKN = """<?xml version="1.0"?>
<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act><meta><identification><FRBRWork>
<FRBRdate date="2024-05-01" name="x"/><FRBRauthor href="#house"/><FRBRname value="Bees Act"/></FRBRWork>
<FRBRExpression><FRBRlanguage language="eng"/></FRBRExpression></identification>
<references><TLCOrganization eId="house" showAs="The House"/></references></meta>
<preface><p>An <docType>Act</docType> on <docTitle>bees</docTitle></p></preface>
<body><chapter eId="chp_1"><num>CHAPTER I</num><heading>General<authorialNote><p>A note.</p></authorialNote></heading>
<section eId="sec_1"><num>1.</num><heading>Scope</heading>
<subsection eId="sec_1__subsec_1"><num>(1)</num><intro><p>This Act covers</p></intro>
<paragraph eId="sec_1__subsec_1__para_a"><num>(a)</num><content><p>bees, and</p></content></paragraph>
<paragraph><num>(b)</num><content><p>hives<authorialNote><p>Hives only.</p></authorialNote> of wood.</p></content>
</paragraph>
<wrapUp><p>and nothing else.</p></wrapUp></subsection></section></chapter>
<section eId="sec_2"><num>2.</num><content><p>In section 1 read: <mod>for <quotedText>bees</quotedText> put
<quotedStructure><section><num>“9.</num><heading>Wasps.</heading><content><p>Wasps too”</p></content></section>
</quotedStructure>.</mod></p><table><tr><th>Year</th><th>Fee</th></tr><tr><td>1</td><td>20</td></tr></table></content>
</section></body><conclusions><p>Done on 1 May.</p></conclusions></act></akomaNtoso>"""


def tree(document: Document) -> list[tuple[int, str | None, str | None]]:
    roots = section_tree(document.layers["section"], document.text)
    return [(node.level, node.label.number, node.label.heading) for root in roots for node in root.walk()]


def test_the_hierarchy_of_akoma_ntoso_is_the_section_layer() -> None:
    document = load_bytes(AKN.encode(), "act.xml")
    assert tree(document) == [
        (1, None, None),
        (1, "CHAPTER I", "General"),
        (2, "1", "Scope"),
        (3, "(1)", None),
        (4, "(a)", None),
        (4, "(b)", None),
        (4, None, None),  # what ends the sentence behind (a) and (b)
        (1, "2", None),
        (1, None, None),
    ]
    layer = document.layers["section"]
    assert {boundary.origin for boundary in layer} == {"loader"}
    starts = {p.span.start for p in document.paragraphs}
    assert set(layer.offsets.tolist()) <= starts


def test_the_text_is_what_a_reader_sees(texts: Texts, check_cover: Callable[[Document], None]) -> None:
    document = load_bytes(AKN.encode(), "act.xml")
    assert texts(document) == [
        "An Act on bees",
        "CHAPTER I General",
        "A note.",
        "1. Scope",
        "(1) This Act covers",
        "(a) bees, and",
        "(b) hives of wood.",
        "Hives only.",
        "and nothing else.",
        "2. In section 1 read: for bees put",
        "“9. Wasps.",
        "Wasps too”.",
        "Year\tFee\n1\t20",
        "Done on 1 May.",
    ]
    kinds = [p.kind for p in document.paragraphs]
    assert kinds[:5] == ["title", "heading", "footnote", "heading", "list_item"]
    assert kinds[10:13] == ["body", "body", "table"]
    check_cover(document)


def test_metadata_and_ids() -> None:
    document = load_bytes(AKN.encode(), "act.xml")
    metadata = document.metadata
    assert (metadata["title"], metadata["author"], metadata["created"]) == ("bees", "The House", "2024-05-01")
    assert document.lang == "en"
    assert document.text[metadata["eids"]["sec_1__subsec_1__para_a"] :].startswith("(a) bees")


def test_uslm(texts: Texts) -> None:
    source = """<bill xmlns="http://schemas.gpo.gov/xml/uslm" xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="en">
    <meta><dc:title>Bees Act</dc:title></meta><preface><distributionCode display="no">II</distributionCode>
    <action><date>May 1</date><actionDescription>Read twice</actionDescription></action></preface>
    <main><longTitle><docTitle>A BILL</docTitle><officialTitle>To protect bees.</officialTitle></longTitle>
    <section identifier="/us/bill/1/s1"><num value="1">SECTION 1. </num><heading>SHORT TITLE.</heading>
    <content>This is the “<shortTitle>Bees Act</shortTitle>”.</content></section>
    <section><heading>rules </heading><num>SEC. 2. </num><subsection><num>(a) </num><heading>In General.—</heading>
    <chapeau>Bees—</chapeau><paragraph><num>(1) </num><content>may fly;</content></paragraph></subsection></section>
    </main></bill>"""
    document = load_bytes(source.encode(), "bill.xml")
    assert texts(document) == [
        "May 1 Read twice",
        "A BILL",
        "To protect bees.",
        "SECTION 1. SHORT TITLE.",
        "This is the “Bees Act”.",
        "SEC. 2. rules",
        "(a) In General.—",
        "Bees—",
        "(1) may fly;",
    ]
    assert tree(document)[1:] == [
        (1, "SECTION 1", "SHORT TITLE."),
        (1, "SEC. 2", "rules"),
        (2, "(a)", "In General."),
        (3, "(1)", None),
    ]
    assert document.metadata["title"] == "Bees Act"


def test_flat_headings_and_marginal_notes_of_canadian_acts(texts: Texts) -> None:
    source = """<Statute xml:lang="fr"><Identification><LongTitle>Loi sur les abeilles</LongTitle></Identification>
    <Body>
    <Heading level="1"><Label>PARTIE 1</Label><TitleText>Ruches</TitleText></Heading>
    <Section><MarginalNote>Titre</MarginalNote><Label>1</Label><Text>Loi <Emphasis>courte</Emphasis>.</Text></Section>
    <Heading level="2"><TitleText>Miel</TitleText></Heading>
    <Section><Label>2</Label><Subsection><Label>(1)</Label><Text>Le miel.</Text></Subsection></Section>
    </Body></Statute>"""
    document = load_bytes(source.encode(), "loi.xml")
    assert texts(document)[1:] == ["PARTIE 1 Ruches", "Titre", "1 Loi courte.", "Miel", "2", "(1) Le miel."]
    assert tree(document)[1:] == [
        (1, "PARTIE 1", "Ruches"),
        (2, "1", "Titre"),
        (2, None, "Miel"),
        (3, "2", None),
        (4, "(1)", None),
    ]
    assert document.lang == "fr"


def test_a_law_without_sections_has_no_section_layer() -> None:
    document = load_bytes(
        b"<akomaNtoso><judgment><judgmentBody><p>One.</p></judgmentBody></judgment></akomaNtoso>", "-"
    )
    assert document.text == "One."
    assert "section" not in document.layers


ENTITIES = [
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>',
    '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
]


@pytest.mark.parametrize("doctype", ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(doctype: str, encoding: str) -> None:
    source = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<akomaNtoso><act><p>&x;</p></act></akomaNtoso>'
    with pytest.raises(LoadError) as caught:
        load_bytes(source.encode(encoding), "x.xml")
    assert "\n" not in str(caught.value)
    assert "root:" not in str(caught.value)


def test_a_doctype_without_entities_is_not_followed() -> None:
    source = '<!DOCTYPE akomaNtoso SYSTEM "file:///nonexistent.dtd"><akomaNtoso><act><p>x</p></act></akomaNtoso>'
    assert load_bytes(source.encode(), "x.xml").text == "x"


@pytest.mark.parametrize(
    "source",
    [
        "<akomaNtoso><act>",
        "<akomaNtoso>" + "<section><num>1</num>" * 240 + "x" + "</section>" * 240 + "</akomaNtoso>",
        "<akomaNtoso>" + "<list>" * 5000 + "</list>" * 5000 + "</akomaNtoso>",
        "<akomaNtoso>&undefined;</akomaNtoso>",
        "<akomaNtoso a='1' a='2'/>",
    ],
)
def test_broken_xml_is_an_error_in_one_line_or_read(source: str) -> None:
    message = "x.xml: "
    try:
        load_bytes(source.encode(), "x.xml")
    except LoadError as error:
        message = str(error)
    assert message.startswith("x.xml: ")
    assert "\n" not in message
