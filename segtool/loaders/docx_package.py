"""The parts of a DOCX, read from its archive without trusting it: sizes are checked before and while inflating."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

from segtool.errors import EncryptedError, LoadError
from segtool.loaders.xml_parts import Element, attribute, child, local, parse_xml

MAX_RATIO = 100
"""Parts that inflate above this ratio are refused once they are large; ordinary Word files stay below 20."""
SMALL = 50 * 2**20
"""Bytes that may be inflated whatever the ratio."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of a part: the last word of its type ("footnotes", "header") and its target's name."""

    kind: str
    target: str


class Package:
    """An open archive; parts are parsed when asked for.

    Raises:
        LoadError: no archive, damaged, or inflating beyond the limits.
        EncryptedError: parts are encrypted.
    """

    def __init__(self, data: bytes, name: str, max_bytes: int) -> None:
        self.name = name
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise LoadError(f"{name}: is not a DOCX (no archive, or a damaged one); get an intact copy") from error
        self._names = {info.filename.lstrip("/"): info for info in self._archive.infolist()}
        total = sum(info.file_size for part, info in self._names.items() if part.endswith((".xml", ".rels")))
        if total > min(max_bytes, max(SMALL, MAX_RATIO * len(data))):
            raise LoadError(
                f"{name}: inflates from {len(data) / 2**20:.1f} to {total / 2**20:.0f} MiB, as a zip bomb does; refused"
            )
        self._budget = max(total, 1)
        if any(info.flag_bits & 1 for info in self._names.values()):
            raise EncryptedError(f"{name}: its archive is encrypted; remove the password and save it again")

    def main_part(self) -> str:
        """The name of the part that holds the text."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument":
                return relation.target
        return "word/document.xml"

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self._names

    def xml(self, part: str) -> Element | None:
        """The root element of a part; None if there is none."""
        data = self._read(part)
        return None if data is None else parse_xml(data, f"{self.name} ({part})")

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of a part by id, external ones left out; those of the whole archive for ""."""
        folder, _, file = part.rpartition("/")
        root = self.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
        found = {}
        for element in root if root is not None else ():
            target, kind, key = (attribute(element, word) for word in ("Target", "Type", "Id"))
            if key and target and kind and attribute(element, "TargetMode") != "External":
                path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[key] = Relation(kind.rpartition("/")[2], posixpath.normpath(path))
        return found

    def _read(self, part: str) -> bytes | None:
        info = self._names.get(part)
        if info is None:
            return None
        try:
            with self._archive.open(info) as stream:
                data = stream.read(self._budget + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError) as error:
            raise LoadError(f"{self.name}: its part {part} is damaged ({error}); get an intact copy") from error
        if len(data) > self._budget:
            raise LoadError(f"{self.name}: its part {part} is larger than the archive says; refused")
        return data


def core_properties(package: Package) -> dict[str, str]:
    """Title, author, dates and the like from the archive's core properties, under segtool's names."""
    part = next((r.target for r in package.relations("").values() if r.kind == "core-properties"), "docProps/core.xml")
    root = package.xml(part)
    found: dict[str, str] = {}
    for element in root if root is not None else ():
        key = _PROPERTIES.get(local(element))
        value = (element.text or "").strip()
        if key and value:
            found[key] = value
    return found


def value_at(element: Element | None, *path: str) -> str | None:
    """The ``val`` of the element at ``path``; None if it or the attribute is missing."""
    found = child(element, *path)
    return None if found is None else attribute(found, "val")


_PROPERTIES = {
    "title": "title",
    "creator": "author",
    "created": "created",
    "modified": "modified",
    "language": "language",
    "subject": "subject",
    "keywords": "keywords",
    "description": "description",
}
