"""The words of legal XML: Akoma Ntoso, USLM and two of their kin (Canada's Justice Laws, the D.C. Council's library).

The vocabularies are close enough to be read by one reader: something with a number or a heading is a section, unless
it is named here as something else. Names are local names; the four never give one of them two meanings.
"""

from __future__ import annotations

SKIPPED = frozenset((
    "meta", "noteRef", "markerReference", "marker", "img", "colspec", "FootnoteRef", "search-text", "page",
    "graphic", "BillHistory", "RunningHead", "Chapter", "InstrumentNumber", "RegistrationDate",
    "ConsolidationDate", "RecentAmendments", "RegulationMakerOrder", "componentInfo", "insert", "documentRef",
    "distributionCode", "ImageGroup", "MathML", "Language", "OriginatingRef",
))  # fmt: skip
"""Elements that print nothing, or nothing of the text."""

NUMBERS = frozenset(("num", "Label", "prefix"))
"""The number of what they stand in; ``prefix`` is the word before it ("Chapter")."""

HEADINGS = frozenset(("heading", "MarginalNote", "TitleText"))
SUBHEADINGS = frozenset(("subheading", "crossHeading", "crossheading"))

NOTES = frozenset((
    "authorialNote", "footnote", "Footnote", "annotation", "HistoricalNote", "sourceCredit", "editionNote",
    "note", "notes", "editorialNote", "explanationNote", "ReaderNote", "Note",
))  # fmt: skip
"""Elements whose text is a note: it follows the paragraph that it hangs on."""

QUOTED = frozenset(("quotedStructure", "quotedContent", "embeddedStructure", "AmendedText", "ReadAsText", "QuotedText"))
"""Quoted law: its numbers are text, its sections are none of this document's."""

TABLES = frozenset(("table", "TableGroup"))
ROWS = frozenset(("tr", "row"))
CELLS = frozenset(("td", "th", "entry"))

PARAGRAPHS = frozenset((
    "p", "P", "block", "chapeau", "continuation", "Text", "text", "from", "docTitle", "officialTitle",
    "referenceItem", "tocItem", "caption", "LongTitle", "ShortTitle", "enactingFormula", "resolvingClause", "h1",
    "h2", "h3", "FormulaText", "Provision", "signature", "role", "slugLine", "action", "longTitle",
    "currentChamber", "li",
))  # fmt: skip
"""Elements that are a paragraph unless others stand in them."""

TITLES = frozenset(("docTitle", "officialTitle", "LongTitle", "ShortTitle"))

INLINE = frozenset((
    "a", "abbr", "amendingAction", "b", "br", "cite", "code-cite", "concept", "date", "def", "DefinedTermEn",
    "DefinedTermFr", "DefinitionRef", "del", "docDate", "docNumber", "docType", "Emphasis", "em", "entity", "eol",
    "event", "fillIn", "i", "inline", "ins", "Ins", "judge", "lawyer", "legislature", "location", "mod", "mref",
    "neutralCitation", "object", "omissis", "opinion", "organization", "party", "person", "placeholder",
    "process", "quantity", "quotedText", "recordedTime", "ref", "remark", "rref", "session", "shortTitle", "span",
    "strong", "sub", "Sub", "sup", "Sup", "term", "time", "u", "vote", "XRefExternal", "XRefInternal",
    "designator", "label", "addedText", "deletedText", "docketNumber", "courtType", "argument", "docPurpose",
    "docProponent", "docStage", "docStatus", "change", "rmod", "embeddedText", "affectedDocument",
    "relatedDocument", "outcome", "caseNumber", "headingText", "s", "small", "font",
))  # fmt: skip
"""Elements that never break a line of text."""

BLOCKS = (
    PARAGRAPHS
    | QUOTED
    | TABLES
    | frozenset((
        "alinea", "appendix", "article", "attachment", "blockContainer", "blockList", "body", "book",
        "chapter", "citation", "citations", "clause", "component", "conclusions", "container", "content",
        "coverPage", "crossHeading", "decision", "Definition", "division", "formula", "hcontainer", "header",
        "indent", "intro", "introduction", "item", "level", "list", "listIntroduction", "listConclusion",
        "listWrapUp", "longTitle", "mainBody", "motivation", "paragraph", "para", "Paragraph", "part",
        "point", "preamble", "preface", "proviso", "recital", "recitals", "rule", "schedule", "Schedule",
        "section", "Section", "speech", "subchapter", "subclause", "Subclause", "Clause", "subitem",
        "subparagraph", "Subparagraph", "subpart", "subrule", "subsection", "Subsection", "subtitle",
        "tblock", "title", "toc", "tome", "transitional", "ul", "ol", "wrapUp", "wrap", "Heading", "foreign",
        "interstitial", "groupItem",
    ))
)  # fmt: skip
"""Elements that always stand apart from the text around them."""

NOT_SECTIONS = frozenset((
    "item", "recital", "citation", "toc", "tocItem", "Definition", "li", "blockList", "groupItem",
    "FormulaGroup", "Formula", "FormulaDefinition", "FormulaParagraph", "document", "referenceItem", "speech",
    "question", "answer", "scene", "narrative", "summary", "preface", "coverPage", "longTitle", "vote", "voting",
    "formula", "table", "caption", "listIntroduction", "figure", "docNumber",
))  # fmt: skip
"""Elements that may have a number or heading and still open no section."""

TAILS = frozenset(("conclusions", "attachment", "component", "signatures", "endorsement", "attestation"))
"""What stands behind the body and belongs to none of its sections."""

WITHOUT_SECTIONS = frozenset(("preface", "coverPage", "preamble", "recitals", "toc", "conclusions", "signatures"))
"""Parts of a document in which a number or heading opens no section."""
