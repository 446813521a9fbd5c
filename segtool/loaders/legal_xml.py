"""Legal XML: Akoma Ntoso and USLM, with the section layer that the source itself defines.

Hierarchy, numbers and headings become the layer ``section`` with origin ``loader``; ``metadata["eids"]`` maps the
source's ids to offsets. Canada's Justice Laws and the D.C. Council's XML are read as kin of USLM.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from segtool.core.document import Document
from segtool.core.layer import Boundary, Layer
from segtool.errors import LoadError
from segtool.loaders.blocks import Block, assemble, flat, primary_language
from segtool.loaders.legal_reader import LegalReader, Section
from segtool.loaders.xml_parts import Element, attribute, local, parse_xml
from segtool.settings import LoadSettings

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def load_akn(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document of an Akoma Ntoso file (version 3, and earlier ones as far as their elements agree).

    Raises:
        LoadError: not well-formed, or it declares entities.
    """
    return _load(data, name, "akn", settings)


def load_uslm(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document of a USLM file, or of its kin of Canada and the District of Columbia.

    Raises:
        LoadError: not well-formed, or it declares entities.
    """
    return _load(data, name, "uslm", settings)


def _load(data: bytes, name: str, kind: str, settings: LoadSettings) -> Document:
    root = parse_xml(data, name, doctype=True)
    if local(root) in ("html", "Error"):
        raise LoadError(f"{name}: is {local(root)}, no legal XML; give --from to say what it is")
    reader = LegalReader()
    reader.read_root(root)
    if settings.keep_furniture:
        reader.blocks.extend(Block(flat(e.text or ""), "furniture") for e in root.iter() if local(e) == "RunningHead")
    built = assemble(reader.blocks)
    metadata = _metadata(root, kind)
    eids = {s.eid: built.starts[s.block] for s in reader.sections if s.eid and s.block < len(built.starts)}
    if eids:
        metadata["eids"] = eids
    layers = {"section": _layer(built.text, built.starts, reader.sections)} if reader.sections else {}
    return Document(
        name,
        built.text,
        built.paragraphs,
        metadata=metadata,
        lang=primary_language(metadata.get("language")),
        layers=layers,  # type: ignore[arg-type]
    )


def _layer(text: str, starts: tuple[int, ...], sections: list[Section]) -> Layer:
    boundaries = [
        Boundary(starts[section.block], section.level, origin="loader", label=section.label)
        for section in sections
        if section.block < len(starts) and starts[section.block] < len(text)
    ]
    if boundaries and boundaries[0].offset:
        boundaries.insert(0, Boundary(0, origin="loader"))
    if boundaries:
        boundaries[0] = replace(boundaries[0], score=None)
    return Layer.from_boundaries("section", len(text), boundaries)


def _metadata(root: Element, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    language = root.get(_LANGUAGE)
    if language:
        found["language"] = language
    people = {attribute(e, "eId") or attribute(e, "id"): attribute(e, "showAs") for e in _named(root, "TLC")}
    for element in root.iter():
        name = local(element)
        if name in _FROM_VALUE and "meta" in {local(a) for a in element.iterancestors()}:
            value = attribute(element, _FROM_VALUE[name][1])
            if value and name == "FRBRauthor":
                value = people.get(value.lstrip("#")) or value.lstrip("#")
            if value:
                found.setdefault(_FROM_VALUE[name][0], value)
        elif name in _FROM_TEXT[kind]:
            value = flat("".join(element.itertext()))
            if value:
                found.setdefault(_FROM_TEXT[kind][name], value)
    named = [value for key in ("name", "alias") if (value := found.pop(key, None)) and "/" not in value]
    if named:
        found.setdefault("title", named[0])
    return found


def _named(root: Element, prefix: str) -> list[Element]:
    return [element for element in root.iter() if local(element).startswith(prefix)]


_FROM_VALUE = {
    "FRBRname": ("name", "value"),
    "FRBRalias": ("alias", "value"),
    "FRBRauthor": ("author", "href"),
    "FRBRdate": ("created", "date"),
    "FRBRlanguage": ("language", "language"),
    "FRBRcountry": ("country", "value"),
    "FRBRnumber": ("number", "value"),
    "FRBRuri": ("uri", "value"),
}
_FROM_TEXT: dict[str, dict[str, str]] = {
    "akn": {"docTitle": "title", "docNumber": "number"},
    "uslm": {
        "title": "title",
        "officialTitle": "title",
        "ShortTitle": "title",
        "creator": "author",
        "language": "language",
        "publisher": "publisher",
        "docNumber": "number",
        "citableAs": "citation",
        "processedDate": "modified",
        "enacted": "created",
        "effective": "effective",
    },
}
