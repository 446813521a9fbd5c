"""Finding a section by what a reader calls it: "4.2(a)", "Article IV", "§ 12a", or its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from segtool.core.document import Document, Paragraph
from segtool.core.outline import OutlineNode
from segtool.core.segmentation import Segmentation
from segtool.core.span import Span
from segtool.errors import UsageError

_NOISE = re.compile(r"[\s.,:;§\u00a0]+")
_WORDS = re.compile(r"^(?:section|sections|sec|clause|article|art|paragraph|para|no|nr|number)\b\.?", re.IGNORECASE)


_ITEM = re.compile(r"§? ?\d+(?:\.\d+)+[a-z]?(?:\([^()\s]{1,6}\))*\.?(?=\s)|\(?[^\W_]{1,6}[.)]")
_WORD = re.compile(r"[^\W\d_]{2}")
_DOTTED = re.compile(r"\d+(?:\.\d+)*[a-z]?")
_BRACKETS = re.compile(r"\([^()]+\)")


@dataclass(frozen=True, slots=True)
class Found:
    """What a label names: the span with all that it contains, and the full names of other sections that it names."""

    span: Span
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedNode:
    """A section with its full number: its own after those of the sections around it that it does not repeat."""

    node: OutlineNode
    number: str
    names: frozenset[str]
    """Every normal form under which it is found by number."""


def find_section(segmentation: Segmentation, label: str) -> Found:
    """The first section that ``label`` names, or the list item: ``4.2(a)`` where 4.2 is a section and (a) a paragraph.

    Raises:
        UsageError: if nothing has this name; it says which names are near.
    """
    nodes = segmentation.outline()
    sections = find_sections(nodes, label)
    if sections:
        others = tuple(item.number or item.node.label.heading or "" for item in sections[1:])
        return Found(sections[0].node.span, others)
    item = _find_item(nodes, segmentation.document, normal_number(label))
    if item is not None:
        return Found(item)
    close = get_close_matches(label, names_of(nodes), n=3, cutoff=0.5)
    meant = f"; did you mean {', '.join(map(repr, close))}?" if close else "; 'segtool outline' lists them"
    raise UsageError(f"{segmentation.document.id}: no section is called {label!r}{meant}")


def iter_named(nodes: Sequence[OutlineNode]) -> Iterator[NamedNode]:
    """All sections of a tree with their full numbers, in document order."""
    yield from _walk(nodes, ())


def find_sections(nodes: Sequence[OutlineNode], label: str) -> list[NamedNode]:
    """The sections that ``label`` names, in document order: by number, else by heading, else by part of a heading.

    A nested number is composed: in clause 4.2 the item (a) is found as ``4.2(a)``, and as ``(a)``.
    """
    named = list(iter_named(nodes))
    key, heading = normal_number(label), _normal_heading(label)
    by_number = [item for item in named if key and key in item.names]
    if by_number:
        full = [item for item in by_number if normal_number(item.number) == key]
        return full or by_number
    exact = [item for item in named if heading and heading in (_heading(item), _full_heading(item))]
    if exact or not _WORD.search(heading):
        return exact  # part of a number is another number: 2.1 is not 12.1
    return [item for item in named if heading in _full_heading(item)]


def names_of(nodes: Sequence[OutlineNode]) -> list[str]:
    """What the sections of a tree may be called, for suggestions: full numbers and headings."""
    named = list(iter_named(nodes))
    return [item.number for item in named if item.number] + [
        item.node.label.heading for item in named if item.node.label.heading
    ]


def normal_number(number: str) -> str:
    """A number without white space, last stop and words such as "Section": ``Section 4.2 (a).`` is ``4.2(a)``."""
    bare = _WORDS.sub("", number.strip().lstrip("§ \u00a0"))
    bare = re.sub(r"[\s\u00a0]+", "", bare).rstrip(".:;,").casefold()
    return bare or re.sub(r"\s+", "", number).casefold()


def _walk(nodes: Sequence[OutlineNode], above: tuple[str, ...]) -> Iterator[NamedNode]:
    for node in nodes:
        own = (node.label.number or "").strip()
        chain = (*above, own) if own else above
        yield NamedNode(node, _compose(chain) if own else "", _names(chain) if own else frozenset())
        yield from _walk(node.children, chain)


def _compose(chain: tuple[str, ...]) -> str:
    """``("Article 4", "4.2", "(a)")`` is ``4.2(a)``: only what opens with a bracket hangs on what stands before."""
    full = ""
    for number in chain:
        full = full.rstrip(".") + number if number.startswith("(") and full else number
    return full


def _names(chain: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        normal_number(form)
        for i in range(len(chain))
        for form in (_compose(chain[i:]), "".join(chain[i:]), ".".join(n.strip(".") for n in chain[i:]))
    )


def _normal_heading(text: str) -> str:
    return _NOISE.sub(" ", text).strip().casefold()


def _heading(item: NamedNode) -> str:
    return _normal_heading(item.node.label.heading or "")


def _full_heading(item: NamedNode) -> str:
    return _normal_heading(f"{item.node.label.number or ''} {item.node.label.heading or ''}")


def _find_item(nodes: Sequence[OutlineNode], document: Document, key: str) -> Span | None:
    """The paragraphs of a clause or list item: what ``key`` names below a section, or anywhere by a dotted number."""
    whole = Span(0, len(document.text))
    cut = key.find("(", 1) if "(" in key[1:] else len(key)
    while cut > 0:
        brackets = _BRACKETS.findall(key[cut:])
        places = [item.node.span for item in iter_named(nodes) if key[:cut] in item.names]
        clause = _descend(document, nodes, whole, [key[:cut]]) if _DOTTED.fullmatch(key[:cut]) else None
        for place in [*places, *([clause] if clause else [])]:
            span = _descend(document, nodes, place, brackets)
            if span is not None:
                return span
        cut = key.find("(", cut + 1)
    return None


def _descend(document: Document, nodes: Sequence[OutlineNode], span: Span, labels: Sequence[str]) -> Span | None:
    borders = {node.span.start for outer in nodes for node in outer.walk()}
    for label in labels:
        inside = [p for p in document.paragraphs if span.start <= p.span.start < span.end]
        first = next((i for i, p in enumerate(inside) if _label(p, document) == label), None)
        if first is None:
            return None
        after = (
            p.span.start for p in inside[first + 1 :] if p.span.start in borders or _ends(inside[first], p, document)
        )
        span = Span(inside[first].span.start, next(after, span.end)).trimmed(document.text)
    return span


def _label(paragraph: Paragraph, document: Document) -> str:
    """The last part of a paragraph's number, or of the mark that it begins with: ``4.2``, or ``(a)`` of ``4.2(a)``."""
    mark = _ITEM.match(document.text, paragraph.span.start)
    number = normal_number(paragraph.number if paragraph.number is not None else mark[0] if mark else "")
    brackets: list[str] = _BRACKETS.findall(number)
    if brackets:
        return brackets[-1]
    return number if not number or _DOTTED.fullmatch(number) else f"({number.strip('()')})"


def _ends(item: Paragraph, later: Paragraph, document: Document) -> bool:
    """Whether a later paragraph ends the item: a dotted number as short, the next letter, or a shallower paragraph."""
    one, other = _label(item, document), _label(later, document)
    if _DOTTED.fullmatch(one):
        return bool(_DOTTED.fullmatch(other)) and other.count(".") <= one.count(".")
    if _DOTTED.fullmatch(other):
        return True
    if len(one) == len(other) == 3:
        return ord(other[1]) == ord(one[1]) + 1
    return 0 < later.level < item.level
