"""XML read without its attacks: no entities, no DTD, no network, bounded depth; and names without namespaces."""

from __future__ import annotations

import re
from typing import Any

from segtool.errors import LoadError

Element = Any  # lxml has no types
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})\s*")


def parse_xml(data: bytes, where: str, *, doctype: bool = False) -> Element:
    """The root element of an XML text.

    Args:
        data: the bytes, in the encoding that they declare.
        where: the file (and part) for messages.
        doctype: whether a DOCTYPE that declares no entity may stand there (it is never read).

    Raises:
        LoadError: not well-formed, entity declarations, or nested too deep.
    """
    from lxml import etree

    if _declares(data, "<!ENTITY") or (not doctype and _declares(data, "<!DOCTYPE")):
        raise LoadError(f"{where}: declares XML entities, which segtool refuses; save it without its DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = str(error).split("\n")[0]
        raise LoadError(f"{where}: is not well-formed XML ({reason}); get an intact copy") from error


def local(element: Element) -> str:
    """The name of an element without its namespace; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """The attribute of this name in whatever namespace."""
    for key, value in element.attrib.items():
        if key == name or key.endswith("}" + name):
            return str(value)
    return None


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of this name, and of that one the next in ``path``; None where one is missing."""
    for name in path:
        if element is None:
            return None
        element = next((e for e in element if local(e) == name), None)
    return element


def integer(value: str | None, default: int | None = None) -> int | None:
    """The whole number that an attribute holds; ``default`` if it holds none, or one of more than nine digits."""
    match = _INTEGER.fullmatch(value or "")
    return int(match.group(1)) if match else default


def _declares(data: bytes, word: str) -> bool:
    head = data[: 2**20]
    return any(word.encode(encoding) in head for encoding in ("ascii", "utf-16-le", "utf-16-be"))
