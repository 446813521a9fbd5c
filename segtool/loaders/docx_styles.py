"""Paragraph styles of Word, each resolved over the styles that it is based on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from segtool.loaders.docx_numbering import is_on
from segtool.loaders.docx_package import value_at
from segtool.loaders.xml_parts import Element, attribute, child, integer, local

_HEADING = re.compile(r"heading ([1-9])$", re.I)
_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a style says; ``outline`` is a heading level from 1, ``list_level`` a level from 0.

    ``chain`` holds the ids of the style and its bases, nearest first.
    """

    name: str = ""
    chain: tuple[str, ...] = ()
    outline: int | None = None
    list_id: str | None = None
    list_level: int | None = None
    bold: bool | None = None
    italic: bool | None = None
    size: float | None = None
    centred: bool | None = None
    hidden: bool = False
    lang: str | None = None


class Styles:
    """The styles of a document; ``paragraph`` and ``run`` look one up."""

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._resolved: dict[str, ParagraphStyle] = {}
        self._default: str | None = None
        self._base = ParagraphStyle()
        for element in root if root is not None else ():
            if local(element) == "docDefaults":
                self._base = read_properties(
                    child(element, "pPrDefault", "pPr"), child(element, "rPrDefault", "rPr"), ParagraphStyle()
                )
            elif local(element) == "style":
                key = attribute(element, "styleId") or ""
                self._elements[key] = element
                if attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true"):
                    self._default = key
        self._base = replace(self._base, lang=None)  # the language of the writer's Word, not of the text

    def paragraph(self, style_id: str | None) -> ParagraphStyle:
        """The style of a paragraph; the default one for None or an unknown id."""
        key = style_id if style_id in self._elements else self._default
        return self._resolve(key, 0) if key is not None else self._base

    def run(self, style_id: str | None) -> Element | None:
        """The run properties of a character style."""
        return child(self._elements.get(style_id or ""), "rPr")

    def list_ids(self) -> dict[str, str]:
        """List ids of numbering styles, by style id."""
        found = {key: value_at(element, "pPr", "numPr", "numId") for key, element in self._elements.items()}
        return {key: value for key, value in found.items() if value}

    def _resolve(self, key: str, depth: int) -> ParagraphStyle:
        if key not in self._resolved:
            element = self._elements[key]
            base_id = value_at(element, "basedOn")
            known = base_id is not None and base_id in self._elements and depth < _MAX_DEPTH
            base = self._resolve(base_id, depth + 1) if known and base_id else self._base
            name = value_at(element, "name") or key
            style = read_properties(child(element, "pPr"), child(element, "rPr"), base)
            heading = _HEADING.match(name)
            if heading and child(element, "pPr", "outlineLvl") is None:
                style = replace(style, outline=int(heading.group(1)))
            self._resolved[key] = replace(style, name=name, chain=(key, *base.chain))
        return self._resolved[key]


def read_properties(paragraph: Element | None, run: Element | None, base: ParagraphStyle) -> ParagraphStyle:
    """``base`` with what ``w:pPr`` and ``w:rPr`` say on top."""
    outline = integer(value_at(paragraph, "outlineLvl"))
    alignment = value_at(paragraph, "jc")
    list_id, level = value_at(paragraph, "numPr", "numId"), value_at(paragraph, "numPr", "ilvl")
    points = integer(value_at(run, "sz"))
    style = replace(
        base,
        list_id=list_id if list_id is not None else base.list_id,
        list_level=integer(level, base.list_level),
        bold=toggle(run, "b", base.bold),
        italic=toggle(run, "i", base.italic),
        hidden=bool(toggle(run, "vanish", base.hidden)),
        size=(points or 0) / 2 or base.size,
        centred=alignment == "center" if alignment is not None else base.centred,
        lang=value_at(run, "lang") or base.lang,
    )
    if outline is not None:  # level 9 is body text
        style = replace(style, outline=outline + 1 if 0 <= outline < 9 else None)
    return style


def toggle(run: Element | None, name: str, inherited: bool | None) -> bool | None:
    """An on/off property of ``w:rPr``; what is inherited if it is not there."""
    element = child(run, name)
    return inherited if element is None else is_on(element)
