"""How well a sentence model finds the paragraphs of text that shows none, and its calibration for that.

    python -m segtool.training.sentences.newlines --corpora CORPORA --model models/sentences

Paragraphs of the section corpus (dev), which no sentence net has seen, are joined by single blanks. Half of the
documents fit ``paragraph_scale``, ``paragraph_shift`` and ``thresholds.paragraph``; the other half gives F1 and Pk by
domain, beside breaks put at every sentence end that is nearest to the mean length of a paragraph. ``--write`` puts the
three numbers into the card, after ``publish`` has written it.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document, Paragraph
from segtool.core.span import Span
from segtool.evaluation.sections import pk_f1
from segtool.inference.card import CARD_NAME, load_card
from segtool.segmenters.decode import log_odds
from segtool.segmenters.language import primary
from segtool.segmenters.newlines import NewlineSegmenter
from segtool.training.sentences.pack import iter_json

MOST_DOCUMENTS, MOST_CHARACTERS = 40, 12_000
"""Documents of a domain, characters of each."""
THRESHOLDS = np.arange(0.1, 0.62, 0.02)
Predict = Callable[["Joined"], NDArray[np.int64]]


@dataclasses.dataclass(frozen=True, slots=True)
class Joined:
    """A document without its paragraph breaks: where they were, and where the model says that some may be."""

    domain: str
    text: str
    starts: NDArray[np.int64]
    offsets: NDArray[np.int64]
    logits: NDArray[np.float64]


def read(corpora: Path) -> list[tuple[str, str, str, NDArray[np.int64]]]:
    """Domain, language, joined text and paragraph starts of dev documents, headings among the paragraphs."""
    out = []
    for path in sorted((corpora / "sections" / "dev").glob("*.jsonl.zst")):
        for item in itertools.islice(iter_json(path), MOST_DOCUMENTS):
            parts, n = [], 0
            for paragraph in item["paragraphs"]:  # type: ignore[attr-defined]
                text = " ".join(paragraph["text"].split())
                if paragraph["kind"] == "table_row" or not text or n > MOST_CHARACTERS:
                    continue
                parts.append(text)
                n += len(text) + 1
            if len(parts) > 3:
                starts = np.cumsum([len(part) + 1 for part in parts])[:-1]
                out.append((path.name.split(".")[0], str(item["lang"]), " ".join(parts), starts))
    return out


def score(segmenter: NewlineSegmenter, scale: float, shift: float, corpora: Path) -> list[Joined]:
    """Every document with the candidates of a segmenter, its calibration taken off."""
    rows = read(corpora)
    documents = [Document("", text, (Paragraph(Span(0, len(text))),), lang=primary(lang)) for _, lang, text, _ in rows]
    out = []
    for (domain, _, text, starts), scores in zip(rows, segmenter.score(documents), strict=True):
        found = scores["paragraph"]
        logits = (np.array([log_odds(p) for p in found.probabilities.tolist()]) - shift) / scale
        out.append(Joined(domain, text, starts, found.offsets, logits))
    return out


def fit(documents: Sequence[Joined]) -> tuple[float, float, float]:
    """Scale and shift of the logits by logistic regression, and the threshold of the best macro F1.

    A net that has learnt nothing, which finds no start or nothing else, keeps its logits.
    """
    from sklearn.linear_model import LogisticRegression

    x = np.concatenate([d.logits for d in documents])
    y = np.concatenate([np.isin(d.offsets, d.starts) for d in documents])
    if y.all() or not y.any():
        return 1.0, 0.0, 0.5
    model = LogisticRegression(C=1e6).fit(x[:, None], y)
    scale, shift = float(model.coef_[0, 0]), float(model.intercept_[0])
    by_threshold = [macro(figures(documents, by_model(scale, shift, t)))[1] for t in THRESHOLDS]
    return scale, shift, float(THRESHOLDS[int(np.argmax(by_threshold))])


def by_model(scale: float, shift: float, threshold: float) -> Predict:
    """The starts above a threshold."""
    return lambda d: d.offsets[1 / (1 + np.exp(-(d.logits * scale + shift))) >= threshold]


def by_length(mean: float) -> Predict:
    """Sentence ends, by full stops, nearest to every multiple of a length: what a reader could do without reading."""

    def predict(document: Joined) -> NDArray[np.int64]:
        text = document.text
        ends = np.array([i for i in range(2, len(text)) if text[i - 1] == " " and text[i - 2] in ".?!:;"], np.int64)
        if not len(ends):
            return ends
        wanted = np.arange(mean, len(text), mean)
        return np.unique(ends[np.abs(ends[None, :] - wanted[:, None]).argmin(axis=1)])

    return predict


def figures(documents: Sequence[Joined], predict: Predict) -> dict[str, tuple[float, float]]:
    """Mean Pk over words, and F1 of all starts together, by domain."""
    pks: dict[str, list[float]] = defaultdict(list)
    counts: dict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros(3))
    for document in documents:
        found = predict(document)
        words = np.flatnonzero(np.array([c == " " for c in document.text])) + 1
        pk, _ = pk_f1(np.isin(words, document.starts), np.isin(words, found))
        pks[document.domain].append(pk)
        counts[document.domain] += [len(np.intersect1d(found, document.starts)), len(found), len(document.starts)]
    return {name: (float(np.mean(pks[name])), 2 * n[0] / max(n[1] + n[2], 1)) for name, n in counts.items()}


def macro(by_domain: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Means over the domains."""
    pk, f1 = np.mean(list(by_domain.values()), axis=0)
    return float(pk), float(f1)


def write(card: Path, threshold: float, scale: float, shift: float) -> None:
    """Put the numbers into a card, in place of older ones."""
    lines = [line for line in card.read_text(encoding="utf-8").splitlines() if not line.startswith("paragraph")]
    at = lines.index("[thresholds]") + 1
    lines.insert(at, f"paragraph = {threshold:.2f}")
    at = lines.index("[parameters]") + 1
    lines[at:at] = [f"paragraph_scale = {scale:.4f}", f"paragraph_shift = {shift:.4f}"]
    card.write_text("\n".join(lines) + "\n", encoding="utf-8")


def enter(corpora: Path, model: Path, folders: Sequence[Path]) -> None:
    """Fits on half of the documents, writes the numbers into the cards of folders, and prints them with the figures of
    the other half.
    """
    card = load_card(model)
    scale, shift = (float(card.parameters.get(f"paragraph_{key}", d)) for key, d in (("scale", 1.0), ("shift", 0.0)))
    documents = score(NewlineSegmenter(card), scale, shift, corpora)
    fitted, fresh = documents[::2], documents[1::2]
    scale, shift, threshold = fit(fitted)
    print(f"[thresholds] paragraph = {threshold:.2f}")
    print(f"[parameters] paragraph_scale = {scale:.4f}, paragraph_shift = {shift:.4f}")
    for folder in folders:
        write(folder / CARD_NAME, threshold, scale, shift)
    mean = sum(len(d.text) for d in fitted) / sum(len(d.starts) + 1 for d in fitted)
    ours, even = figures(fresh, by_model(scale, shift, threshold)), figures(fresh, by_length(mean))
    print(f"{len(fresh)} fresh documents, {sum(len(d.starts) for d in fresh)} starts; Pk and F1: model, even lengths")
    for name in [*sorted(ours), "macro"]:
        a, b = (macro(rows) if name == "macro" else rows[name] for rows in (ours, even))
        print(f"{name:12s} {a[0]:.3f} {a[1]:.3f}   {b[0]:.3f} {b[1]:.3f}")
    print(f"expected calibration error of the candidates {calibration_error(fresh, scale, shift):.3f}")


def calibration_error(documents: Sequence[Joined], scale: float, shift: float) -> float:
    """The mean distance of chance and share of starts, in 15 bins."""
    chances = np.concatenate([1 / (1 + np.exp(-(d.logits * scale + shift))) for d in documents])
    right = np.concatenate([np.isin(d.offsets, d.starts) for d in documents])
    bins = np.minimum((chances * 15).astype(int), 14)
    return float(
        sum(abs(right[bins == b].mean() - chances[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins))
    )


def main() -> None:
    """Fit on half of the documents, measure on the other, print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--write", type=Path, nargs="*", default=[], metavar="FOLDER", help="models to note it in")
    arguments = parser.parse_args()
    enter(arguments.corpora, arguments.model, arguments.write)


if __name__ == "__main__":
    main()
