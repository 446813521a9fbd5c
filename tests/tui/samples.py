"""Documents of our own writing for the review screen: a judgment of any length, with pages, and its segmentation."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from segtool.core.document import BBox, Document, Fragment, Paragraph, Source
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.core.span import Span
from segtool.settings import Settings
from segtool.storage.cache import Cache
from segtool.storage.decisions import decide
from segtool.tui.session import ReviewRequest, ReviewSession
from segtool.tui.state import ReviewState

HEADINGS = ["The parties", "The agreement", "What went wrong", "The law", "Did the buyer accept?", "Damages", "Costs"]
SENTENCES = [
    "The claimant runs a small mill on the river Alder and has done so since 1987.",
    "In the spring of 2019 it ordered a new turbine from the defendant.",
    "The price was fixed at 48,000 euros, payable in three parts.",
    "Mr. Harrow, who signed for the defendant, knew that the mill could not stop in summer.",
    "That much is common ground.",
    "The turbine came on 4 June, five weeks late, and its housing was cracked.",
    "Nobody told the claimant before the lorry arrived.",
    "Under cl. 7.2 the buyer may refuse goods that do not match the drawing.",
    "The defendant says that the buyer waited too long; I do not agree.",
    "A buyer who runs the machine for a day in order to test it does not accept it.",
    "See the judgment of this court in the matter of the Lower Weir, no. 12 of 2004.",
    "The expert, Dr. Salo, measured a loss of eleven per cent.",
    "Her figures were not challenged.",
    "It follows that the claim succeeds in part.",
    "Interest runs from the day of delivery, not from the day of the order.",
    "The second head of loss is harder.",
    "No diary was kept, and memory is a poor ledger.",
    "I accept the lower of the two estimates (see para. 31 above).",
]
PAGE = 2600


def judgment(n_characters: int, seed: int = 7) -> tuple[Document, list[int], list[tuple[int, int, str, str]]]:
    """A judgment: document, true sentence starts, sections as (offset, level, number, heading)."""
    rng = random.Random(seed)
    pieces: list[str] = []
    paragraphs: list[Paragraph] = []
    starts: list[int] = []
    sections: list[tuple[int, int, str, str]] = []
    position, section, numbered = 0, 0, 0

    def add(text: str, kind: str) -> None:
        nonlocal position
        paragraphs.append(Paragraph(Span(position, position + len(text)), kind, int(kind == "heading")))  # type: ignore[arg-type]
        pieces.append(text + "\n\n")
        position += len(text) + 2

    while position < n_characters:
        section += 1
        heading = HEADINGS[(section - 1) % len(HEADINGS)]
        sections.append((position, 1, str(section), heading))
        starts.append(position)
        add(f"{section} {heading}", "heading")
        for _ in range(rng.randint(4, 9)):
            numbered += 1
            at = position
            text = ""
            for sentence in rng.choices(SENTENCES, k=rng.randint(2, 7)):
                starts.append(at + len(text))
                text += sentence + " "
            add(text.rstrip(), "body")
    text = "".join(pieces)
    lines = [p.span for p in paragraphs]
    fragments = tuple(
        Fragment(span, span.start // PAGE + 1, BBox(72, 72, 500, 90 + (span.start % PAGE) / 4)) for span in lines
    )
    source = Source("judgment.txt", "text", len(text), None)
    return Document("judgment.txt", text, tuple(paragraphs), fragments, {}, source, "en"), starts[1:], sections


def segmentation(n_characters: int = 6000, seed: int = 7, certain: float = 0.97) -> Segmentation:
    """The judgment as a fair model would have it: right nearly everywhere, less sure at abbreviations."""
    document, starts, sections = judgment(n_characters, seed)
    text = document.text
    rng = np.random.default_rng(seed)
    candidates = sorted({i + 2 for i in range(len(text) - 2) if text[i] in ".;?" and text[i + 1] == " "} | set(starts))
    offsets = np.array([o for o in candidates if 0 < o < len(text) and not text[o].isspace()], dtype=np.int64)
    truth = np.isin(offsets, starts)
    noise = rng.beta(1.2, 12, len(offsets)).astype(np.float32)
    chances = np.where(truth, 1 - noise, noise).clip(0.001, certain + 0.029).astype(np.float32)
    scores = Scores("sentence", len(text), offsets, chances)
    rows = [Boundary(o, level, None, "rule", Label(number, heading)) for o, level, number, heading in sections]
    base = Segmentation(document, {}, {}, {"sentence": scores})
    layers = {
        "paragraph": Layer.from_offsets(
            "paragraph", len(text), np.array([p.span.start for p in document.paragraphs]), origin="rule"
        ),
        "sentence": Layer.from_offsets("sentence", len(text), offsets[chances >= 0.5], scores=chances[chances >= 0.5]),
        "section": Layer.from_boundaries("section", len(text), rows),
    }
    made = {"sentence": MadeBy("sentences", "0.1.0", 0.5), "section": MadeBy("topics", "0.1.0", 0.4)}
    return Segmentation(base.document, layers, made, base.scores)  # type: ignore[arg-type]


def request(folder: Path, made: Segmentation, name: str = "judgment.txt") -> ReviewRequest:
    """A file with the text of a segmentation, and a cache that holds the segmentation: no model runs."""
    path = folder / name
    path.write_text(made.document.text, encoding="utf-8", newline="")
    cache = Cache(folder / "cache")
    wanted = ReviewRequest(str(path), None, Settings(), None, cache)
    session = ReviewSession(wanted)
    session.load()
    assert session._key is not None
    cache.put(session._key, made)
    return wanted


def state_of(made: Segmentation) -> ReviewState:
    """A state without files."""
    return ReviewState(made, decode=decide)
