"""How fast sections are found in documents of 1,000, 10,000 and 100,000 paragraphs, beside the peers.

The paragraphs are those of the corpus, its documents in an order that mixes domains, none used twice: what repeats
flatters whoever remembers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from zlib import crc32

import numpy as np

from segtool.errors import UsageError
from segtool.evaluation.section_gold import SectionGold, joined
from segtool.evaluation.section_peers import SLOW
from segtool.evaluation.sections import timed
from segtool.settings import Settings

SCALES = (1_000, 10_000, 100_000)
MOST_DOCUMENTS = 10
"""Documents of one size that are timed together, so that short ones are measured as well as long ones."""

Speeds = dict[str, float]
"""Characters a second of CPU time by the number of paragraphs."""


def long_documents(documents: Sequence[SectionGold], n_paragraphs: int) -> list[SectionGold]:
    """Up to ten documents of so many paragraphs of the corpus, none used twice.

    Raises:
        UsageError: if the corpus has too few paragraphs for one.
    """
    mixed = sorted(documents, key=lambda gold: crc32(gold.document.id.encode()))
    texts = (text for gold in mixed for text in gold.units if text.strip())
    made: list[SectionGold] = []
    while len(made) < MOST_DOCUMENTS:
        part = list(islice(texts, n_paragraphs))
        if len(part) < n_paragraphs:
            break
        made.append(joined(f"{n_paragraphs} paragraphs, {len(made) + 1}", part, np.zeros(n_paragraphs, np.bool_)))
    if not made:
        raise UsageError(f"--scale: the files have fewer than {n_paragraphs:,d} paragraphs")
    return made


def scaling(
    names: Sequence[str], documents: Sequence[SectionGold], settings: Settings, python: str | None = None
) -> dict[str, Speeds]:
    """Characters a second of each method by number of paragraphs; slow ones on few or the shorter documents only."""
    found: dict[str, Speeds] = {name: {} for name in names}
    for n in SCALES:
        long = long_documents(documents, n)
        for name in names:
            limit = SLOW.get(name, len(long) * n)
            chosen = long[: limit // n]
            if chosen:
                characters = sum(len(gold.document.text) for gold in chosen)
                found[name][str(n)] = round(characters / max(timed(name, chosen, settings, python)[1], 1e-9))
    return found


def scaling_lines(speeds: Mapping[str, Speeds]) -> list[str]:
    """A table of `scaling`: Mchar/s, and how many times as fast as the embedding method on 1,000 paragraphs."""
    lines = [f"{'Mchar/s of CPU':20s}" + "".join(f"{n:>12,d}" for n in SCALES)]
    slowest = speeds.get("embedding-valleys", {}).get(str(SCALES[0]))
    for name, row in speeds.items():
        cells = "".join(f"{row[str(n)] / 1e6:12.3f}" if str(n) in row else f"{'':12s}" for n in SCALES)
        ratio = f"  {row[str(SCALES[0])] / slowest:8.1f} x" if slowest else ""
        lines.append(f"{name:20s}{cells}{ratio}")
    return lines
