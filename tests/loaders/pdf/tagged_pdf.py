"""Writes small tagged PDFs: marked contents on pages, and a structure tree over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Element:
    """An element of the tree: role, children (elements, or (page, id) of marked contents), more entries."""

    role: str
    children: Sequence[Element | tuple[int, int]] = ()
    more: str = ""


@dataclass
class TaggedPdf:
    """Pages of content streams and a tree; ``role_map`` and ``catalog`` are more entries of those."""

    pages: list[str]
    tree: Sequence[Element] = ()
    role_map: str = ""
    catalog: str = ""
    objects: list[bytes] = field(default_factory=list)

    def build(self) -> bytes:
        """The file."""
        count = len(self.pages)
        self.objects = [b""] * (4 + 2 * count)
        kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(count))
        self._put(2, f"<</Type/Pages/Kids[{kids}]/Count {count}>>")
        self._put(3, "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>")
        parents = []
        for index, content in enumerate(self.pages):
            data = content.encode("cp1252")
            self._put(
                5 + 2 * index,
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {6 + 2 * index} 0 R/StructParents {index}"
                "/Resources<</Font<</F1 3 0 R>>>>>>",
            )
            self.objects[5 + 2 * index] = b"<</Length %d>>stream\n" % len(data) + data + b"\nendstream"
        owners: dict[tuple[int, int], int] = {}
        root = len(self.objects) + 1
        self.objects.append(b"")
        tops = [self._element(element, root, owners) for element in self.tree]
        for page in range(count):
            ids = [content for own, content in owners if own == page]
            refs = " ".join(
                f"{owners[page, content]} 0 R" if content in ids else "null" for content in range(max([-1, *ids]) + 1)
            )
            parents.append(f"{page}[{refs}]")
        self._put(
            root,
            f"<</Type/StructTreeRoot/K[{' '.join(f'{top} 0 R' for top in tops)}]"
            f"/ParentTree<</Nums[{' '.join(parents)}]>>/RoleMap<<{self.role_map}>>>>",
        )
        tagged = f"/MarkInfo<</Marked true>>/StructTreeRoot {root} 0 R" if self.tree else ""
        self._put(1, f"<</Type/Catalog/Pages 2 0 R{tagged}{self.catalog}>>")
        self._put(4, "<<>>")
        return self._written()

    def _put(self, number: int, body: str) -> None:
        self.objects[number - 1] = body.encode("cp1252")

    def _element(self, element: Element, parent: int, owners: dict[tuple[int, int], int]) -> int:
        number = len(self.objects) + 1
        self.objects.append(b"")
        kids = []
        for child in element.children:
            if isinstance(child, Element):
                kids.append(f"{self._element(child, number, owners)} 0 R")
            else:
                owners[child] = number
                kids.append(f"<</Type/MCR/Pg {5 + 2 * child[0]} 0 R/MCID {child[1]}>>")
        self._put(
            number,
            f"<</Type/StructElem/S/{element.role}/P {parent} 0 R/K[{' '.join(kids)}]{element.more}>>",
        )
        return number

    def _written(self) -> bytes:
        out = bytearray(b"%PDF-1.7\n")
        offsets = []
        for number, body in enumerate(self.objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, start)
        return bytes(out)


def marked(content: int, *lines: tuple[float, float, str], size: float = 11, more: str = "", role: str = "P") -> str:
    """A marked content that shows lines at places (from the bottom left)."""
    shown = "".join(f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n" for x, y, text in lines)
    return f"/{role} <</MCID {content}{more}>> BDC\n{shown}EMC\n"


def artifact(x: float, y: float, text: str) -> str:
    """Text that is marked as no content."""
    return f"/Artifact BMC\nBT /F1 9 Tf {x} {y} Td ({text}) Tj ET\nEMC\n"
