"""Word documents: the text as printed when all tracked changes are accepted, with its automatic numbers written out.

The parts are read with lxml, since numbering, tracked changes and notes are beyond python-docx. Footnotes and endnotes
follow the paragraph that cites them; headers and footers are furniture.
"""

from __future__ import annotations

from segtool.core.document import Document
from segtool.errors import LoadError
from segtool.loaders.blocks import Block, document_of_blocks, primary_language
from segtool.loaders.docx_body import StoryReader
from segtool.loaders.docx_numbering import Numbering
from segtool.loaders.docx_package import Package, Relation, core_properties
from segtool.loaders.docx_styles import Styles
from segtool.loaders.xml_parts import Element, attribute, child, local
from segtool.settings import LoadSettings


def load_docx(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document of a DOCX file.

    Raises:
        LoadError: no DOCX, damaged, or inflating beyond the limits.
        EncryptedError: an encrypted archive.
    """
    package = Package(data, name, settings.max_bytes)
    main = package.main_part()
    root = package.xml(main)
    body = child(root, "body")
    if body is None:
        raise LoadError(f"{name}: is not a DOCX (it has no document part); get an intact copy")
    relations = package.relations(main)
    styles = Styles(package.xml(_target(relations, "styles", "word/styles.xml")))
    numbering = Numbering(package.xml(_target(relations, "numbering", "word/numbering.xml")), styles.list_ids())
    notes = {
        (kind, attribute(note, "id") or ""): note
        for kind in ("footnote", "endnote")
        for note in _notes(package.xml(_target(relations, f"{kind}s", f"word/{kind}s.xml")))
    }
    reader = StoryReader(styles, numbering, notes)
    reader.read(body)
    heads = _furniture(package, relations, "header", styles)
    feet = _furniture(package, relations, "footer", styles)
    metadata = core_properties(package)
    language = reader.language() or metadata.get("language")
    return document_of_blocks(
        name,
        [*heads, *reader.blocks, *feet],
        dict(metadata),
        lang=primary_language(language),
        keep_furniture=settings.keep_furniture,
    )


def _target(relations: dict[str, Relation], kind: str, default: str) -> str:
    return next((relation.target for relation in relations.values() if relation.kind == kind), default)


def _notes(root: Element | None) -> list[Element]:
    """The notes of a part, without the separators that Word keeps among them."""
    return [note for note in (root if root is not None else ()) if attribute(note, "type") in (None, "normal")]


def _furniture(package: Package, relations: dict[str, Relation], kind: str, styles: Styles) -> list[Block]:
    """The paragraphs of all headers or all footers, each text once."""
    found: dict[str, Block] = {}
    for part in sorted({relation.target for relation in relations.values() if relation.kind == kind}):
        root = package.xml(part)
        if root is None or local(root) not in ("hdr", "ftr"):
            continue
        reader = StoryReader(styles, Numbering(None, {}), {})
        reader.read(root)
        for block in reader.blocks:
            found.setdefault(block.text, Block(block.text, "furniture", style=block.style))
    return list(found.values())
