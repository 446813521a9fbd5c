"""Makes the two samples that are no plain text: the lease (PDF, typeset here) and the judgment (DOCX).

Same input, same bytes: no clock, no random ids. The other samples are written by hand. Needs the extra ``samples``.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "sample_docs"

LEASE: tuple[tuple[str, str], ...] = (
    ("title", "LEASE OF PREMISES"),
    ("centre", "14 Harbour Street, Port Ellery"),
    (
        "body",
        "This Lease is made on 3 March 2025 between Ellery Quay Properties Ltd. (the “Landlord”) and Marlow & Finch "
        "Bookbinders LLP (the “Tenant”). The parties agree as follows.",
    ),
    ("heading", "1. Definitions"),
    (
        "clause",
        "1.1 In this Lease, “Premises” means the ground floor and basement of 14 Harbour Street, as outlined in red "
        "on the plan in Schedule 1, and includes the fixtures listed there.",
    ),
    (
        "clause",
        "1.2 “Business Day” means a day other than a Saturday, a Sunday or a public holiday on which banks in Port "
        "Ellery are open. “Term” has the meaning given in clause 2.1.",
    ),
    (
        "clause",
        "1.3 Headings do not affect the interpretation of this Lease. A reference to a statute is to that statute as "
        "amended, re-enacted or replaced from time to time.",
    ),
    ("heading", "2. Term"),
    (
        "clause",
        "2.1 The Landlord lets the Premises to the Tenant for five years from 1 April 2025. The Term ends without "
        "notice at midnight on 31 March 2030.",
    ),
    (
        "clause",
        "2.2 The Tenant may renew the Term once, for a further five years, by notice in writing given at least six "
        "months before the Term ends. The notice is of no effect if rent is then in arrears.",
    ),
    ("heading", "3. Rent"),
    (
        "clause",
        "3.1 The rent is £2,450.00 per month. It falls due on the first Business Day of each month, in advance, and "
        "is paid by bank transfer to the account that the Landlord names.",
    ),
    (
        "clause",
        "3.2 Rent that is more than ten days late bears interest at 4.5% a year above the base rate of the Central "
        "Bank, from the due date until it is paid. No demand is needed.",
    ),
    (
        "clause",
        "3.3 On each anniversary of the commencement date the rent changes by the same percentage as the index of "
        "consumer prices published for the preceding December (see Schedule 2, Part B). It never falls below the "
        "amount stated in clause 3.1.",
    ),
    ("heading", "4. Use and repair"),
    (
        "clause",
        "4.1 The Tenant uses the Premises as a workshop and shop for bookbinding and for no other purpose without "
        "the Landlord’s consent, which is not to be unreasonably withheld or delayed.",
    ),
    ("clause", "4.2 The Tenant shall, at its own cost:"),
    ("item", "(a) keep the interior of the Premises, including all windows and doors, in good and clean repair;"),
    ("item", "(b) have the heating and the goods lift serviced once a year by a qualified engineer; and"),
    (
        "item",
        "(c) tell the Landlord of any damage to the structure within three Business Days after it becomes aware of it.",
    ),
    (
        "clause",
        "4.3 The Landlord keeps the roof, the outer walls and the foundations in repair. It may enter the Premises "
        "for that purpose on two Business Days’ notice, or without notice in an emergency.",
    ),
    (
        "clause",
        "4.4 No alteration may be made to the structure. The Tenant may put up, and at the end of the Term shall take "
        "down, shelves, partitions and signs that can be removed without lasting damage.",
    ),
    ("heading", "5. Insurance"),
    (
        "clause",
        "5.1 The Landlord insures the building against fire, flood and storm for its full cost of reinstatement. The "
        "Tenant insures its stock, tools and machinery, and its liability to third parties for not less than "
        "£5,000,000 for any one event.",
    ),
    (
        "clause",
        "5.2 Each party shows the other, on request and not more than once a year, that its policy is in force and "
        "that the premium has been paid.",
    ),
    ("heading", "6. Ending the Lease"),
    ("clause", "6.1 The Landlord may end this Lease by notice in writing if:"),
    ("item", "(a) rent is more than thirty days late and is not paid within fourteen days after a written reminder;"),
    (
        "item",
        "(b) the Tenant breaks clause 4 in a material way and does not put matters right in a reasonable time; or",
    ),
    ("item", "(c) the Tenant is wound up, or an administrator is appointed over its assets."),
    (
        "clause",
        "6.2 If fire or flood makes the Premises unfit for use for more than six months, either party may end this "
        "Lease by one month’s notice. Rent is not due for any day on which the Premises can’t be used.",
    ),
    (
        "clause",
        "6.3 When the Lease ends the Tenant hands over the Premises empty, clean and in the repair that clause 4.2 "
        "requires, together with all keys. Fair wear and tear is excepted.",
    ),
    ("heading", "7. General"),
    (
        "clause",
        "7.1 Notices are in writing and are delivered by hand or sent by recorded post to the address at the head of "
        "this Lease, or to another that a party has notified. E-mail is not enough.",
    ),
    (
        "clause",
        "7.2 This Lease is the whole agreement between the parties about the Premises. It may be changed only in "
        "writing. If a provision is void, the others stand.",
    ),
    (
        "clause",
        "7.3 The law of the Ellery Islands governs this Lease, and its courts have jurisdiction. Before a party goes "
        "to court it offers mediation under the rules of the Port Ellery Chamber of Commerce, as in force from "
        "time to time.",
    ),
)

JUDGMENT: tuple[tuple[str, str], ...] = (
    ("Title", "Okafor v. Ellery Ferries Ltd."),
    ("Subtitle", "High Court of the Ellery Islands, Commercial Division · [2025] EIHC 118 (Comm)"),
    ("Heading 1", "Introduction"),
    (
        "number",
        "The claimant, Ms. Adaeze Okafor, booked passage for herself and a delivery van on the 07:40 sailing of 9 "
        "November 2023. The van was damaged when a stay parted and the ramp fell. She claims £18,340.",
    ),
    (
        "number",
        "The defendant admits that the ramp fell. It says that its liability is limited by cl. 12 of its Conditions "
        "of Carriage, and in any event that the stay had been inspected “in accordance with good practice”.",
    ),
    ("Heading 1", "The facts"),
    (
        "number",
        "I heard Ms. Okafor, the second officer (Mr. J. Lindqvist) and one expert, Prof. R. A. Mbeki. There was little "
        "dispute about what happened. I find as follows.",
    ),
    ("letter", "The stay was replaced in May 2019 and had a stated life of four years."),
    ("letter", "No inspection is recorded after 30 June 2022, though the manual requires one every six months."),
    ("letter", "The weather was calm; nobody stood near the ramp."),
    (
        "number",
        "Mr. Lindqvist told me that “everyone knew it was old”. I accept that. He was a careful witness, and what he "
        "said was against his employer’s interest.",
    ),
    ("Heading 1", "The law"),
    (
        "number",
        "A carrier by sea must use reasonable care to keep its vessel fit for the carriage: Carriage by Sea Act 1987, "
        "s. 6(1). Whether it may limit its liability for breach of that duty turns on s. 9. See Harcourt v. Strait "
        "Lines Ltd. [2004] EICA 31 at [22]–[27].",
    ),
    (
        "number",
        "Section 9 allows a limit only if the condition was brought fairly to the passenger’s notice before the "
        "contract was made. What is fair depends on the term: the harsher it is, the plainer the notice must be.",
    ),
    ("Heading 1", "Decision"),
    (
        "number",
        "Clause 12 stood on the ninth screen of a document that could be opened, but did not have to be, before "
        "payment. That is not fair notice of a term that reduces a claim of £18,340 to £250. The limit does not apply.",
    ),
    (
        "number",
        "The defendant did not take reasonable care. A stay past its stated life, uninspected for sixteen months, is "
        "not made safe by the practice of others.",
    ),
    (
        "number",
        "There will be judgment for the claimant in the sum of £18,340, with interest at 3% from 9 November 2023.",
    ),
)


def main() -> None:
    """Write both files."""
    make_lease(FOLDER / "lease.pdf")
    make_judgment(FOLDER / "judgment.docx")


def make_lease(path: Path) -> None:
    """The lease on A4 with a running head and the page's number at the foot of each page."""
    from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=14, spaceAfter=7, alignment=TA_JUSTIFY)
    styles = {
        "title": ParagraphStyle("title", fontName="Times-Bold", fontSize=17, leading=22, alignment=TA_CENTER),
        "centre": ParagraphStyle("centre", parent=body, alignment=TA_CENTER, spaceAfter=18),
        "body": body,
        "heading": ParagraphStyle(
            "heading", fontName="Times-Bold", fontSize=12.5, leading=16, spaceBefore=9, spaceAfter=6, keepWithNext=1
        ),
        "clause": ParagraphStyle("clause", parent=body, leftIndent=28, firstLineIndent=-28),
        "item": ParagraphStyle("item", parent=body, leftIndent=52, firstLineIndent=-20, spaceAfter=4),
    }

    def furniture(canvas: Any, template: Any) -> None:
        width, height = A4
        canvas.setFont("Times-Italic", 9)
        canvas.drawString(72, height - 44, "Lease of 14 Harbour Street")
        canvas.drawRightString(width - 72, height - 44, "Ellery Quay Properties Ltd.")
        canvas.drawCentredString(width / 2, 36, f"Page {template.page}")

    template = SimpleDocTemplate(
        str(path),
        pagesize=A4,
        margin=72,
        title="Lease of 14 Harbour Street",
        author="Ellery Quay Properties Ltd.",
        lang="en-GB",
        invariant=1,
    )
    story = [Paragraph(text.replace("&", "&amp;"), styles[kind]) for kind, text in LEASE]
    template.build(story, onFirstPage=furniture, onLaterPages=furniture)


def make_judgment(path: Path) -> None:
    """The judgment; its numbers are automatic, as Word makes them, and not in the text."""
    from datetime import datetime

    from docx import Document

    document: Any = Document()
    when = datetime(2025, 2, 14)
    properties = document.core_properties
    properties.title, properties.author = "Okafor v. Ellery Ferries Ltd.", "High Court of the Ellery Islands"
    properties.created = properties.modified = when
    list_id = _add_numbering(document)
    for style, text in JUDGMENT:
        if style in ("number", "letter"):
            paragraph = document.add_paragraph(text)
            _number(paragraph, list_id, 0 if style == "number" else 1)
        else:
            document.add_paragraph(text, style=style)
    document.sections[0].header.paragraphs[0].text = "Okafor v. Ellery Ferries Ltd. [2025] EIHC 118 (Comm)"
    document.save(path)
    _fix_times(path)


def _add_numbering(document: Any) -> int:
    """A list of two levels, 1. and (a), in numbering.xml; returns its id."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, (kind, text) in enumerate((("decimal", "%1."), ("lowerLetter", "(%2)")))
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    return 90


def _number(paragraph: Any, list_id: int, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = list_id


def _fix_times(path: Path) -> None:
    """The archive anew, with one time for all files."""
    with zipfile.ZipFile(path) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 2, 14, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
