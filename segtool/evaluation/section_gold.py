"""The section corpora as the benchmark sees them: paragraphs, and where sections start among them, at which level."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document, Paragraph
from segtool.core.span import Span
from segtool.evaluation.gold import _open_text

Mode = Literal["kept", "dropped", "joined"]
"""Headings as items of their own, none at all, or run-in ones joined to their paragraphs again, as printed."""

MODES: tuple[Mode, ...] = ("kept", "dropped", "joined")
KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionGold:
    """A document's paragraphs, the depth its boundaries are of, before which paragraphs these lie, and their levels.

    ``levels`` is of boundaries at any depth: the nesting depth of the outermost section that starts there, else 0.
    """

    group: str
    document: Document
    depth: int
    gold: NDArray[np.bool_]
    levels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def units(self) -> list[str]:
        """The texts of its paragraphs."""
        return [p.span.of(self.document.text) for p in self.document.paragraphs]


def iter_gold_sections(
    paths: Iterable[Path], mode: Mode, by: str = "domain", depth: int | None = None
) -> Iterator[SectionGold]:
    """The documents of section corpora with at least two sections, in order.

    Args:
        paths: JSON Lines, also packed with zstd.
        mode: what is done with their headings.
        by: the field that groups them, or ``file``.
        depth: of the boundaries; None: the main depth of each document.
    """
    for path in paths:
        with _open_text(path) as lines:
            for line in lines:
                if line.strip():
                    made = _gold(json.loads(line), mode, by, path, depth)
                    if made.gold.any():
                        yield made


def sampled(documents: Sequence[SectionGold], per_group: int) -> list[SectionGold]:
    """No more than so many documents of each group, the same ones in every run; the order stays."""
    ranked = sorted(documents, key=lambda gold: crc32(gold.document.id.encode()))
    chosen: dict[str, set[str]] = {}
    for gold in ranked:
        names = chosen.setdefault(gold.group, set())
        if len(names) < per_group:
            names.add(gold.document.id)
    return [gold for gold in documents if gold.document.id in chosen[gold.group]]


def keyed(record: Mapping[str, Any], mode: Mode) -> list[tuple[str, KeyPath]]:
    """Text and path of each paragraph that stands in this mode, a heading in the section it opens."""
    found: list[tuple[str, KeyPath]] = []
    is_open = False
    for paragraph in record["paragraphs"]:
        is_heading = paragraph["kind"] == "heading"
        path = tuple(paragraph.get("path") or ())
        if is_heading:
            path = (*path[: max(0, paragraph["level"] - 1)], paragraph["text"])
        if is_heading and mode == "dropped":
            continue
        if is_open and not is_heading:
            found[-1] = (f"{found[-1][0]} {paragraph['text']}", found[-1][1])
        else:
            found.append((paragraph["text"], path))
        is_open = mode == "joined" and bool(paragraph.get("run_in"))
    return found


def levels_of(paths: Sequence[KeyPath]) -> NDArray[np.int64]:
    """Nesting depth of the outermost section that starts at each paragraph, 0 where none does or at the first."""
    levels = np.zeros(len(paths), np.int64)
    for i, (before, here) in enumerate(pairwise(paths), 1):
        if before != here:
            shared = next((k for k, (a, b) in enumerate(zip(before, here, strict=False)) if a != b), len(before))
            levels[i] = max(1, min(shared + 1, len(here)))
    return levels


def _gold(record: Mapping[str, Any], mode: Mode, by: str, path: Path, depth: int | None) -> SectionGold:
    depth = depth or record.get("main_depth") or 1
    pairs = keyed(record, mode)
    cut = [key[:depth] for _, key in pairs]
    gold = np.array([i > 0 and cut[i] != cut[i - 1] for i in range(len(cut))], np.bool_)
    group = path.name.split(".")[0] if by == "file" else str(record.get(by, "?"))
    made = joined(str(record["id"]), [text for text, _ in pairs], gold)
    document = replace(made.document, lang=record.get("lang"))
    return replace(made, group=group, document=document, depth=depth, levels=levels_of([key for _, key in pairs]))


def joined(name: str, texts: Sequence[str], gold: NDArray[np.bool_]) -> SectionGold:
    """A document of these paragraphs, its boundaries at the outermost depth."""
    spans, at = [], 0
    for text in texts:
        spans.append(Paragraph(Span(at, at + len(text))))
        at += len(text) + 2
    return SectionGold("", Document(name, "\n\n".join(texts), tuple(spans)), 1, gold, gold.astype(np.int64))
