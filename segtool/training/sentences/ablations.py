"""What each part of the recipe is worth, and each architecture: small trainings on one core, alike but for one thing.

    python -m segtool.training.sentences.ablations --corpora DIR --model models/sentences-full

English only, so that minutes suffice: all labelled documents, and some raw text. Every row sees ``--pieces`` pieces,
with one seed. Figures are on dev, each at the threshold that is best for it; the speed is that of PyTorch on one core.
The teacher is a finished model of segtool: it says of all stripped text where sentences end, as the teachers of the
shipped nets do. Prints a Markdown table; the last row takes as long as three others.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import pathlib
import tempfile
import time
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from segtool.inference import pieces as p
from segtool.inference.card import Card, load_card
from segtool.inference.sentence_net import Block, SentenceNet
from segtool.training.sentences import features as f
from segtool.training.sentences import learn, measure
from segtool.training.sentences.mixture import RAW_BEGIN, UNTAUGHT, Mixture
from segtool.training.sentences.pack import RawLimits, Record, labelled_records, raw_records

log = logging.getLogger(__name__)

LANGUAGE, RAW_CHARACTERS, WINDOW = "en", 120_000, 256
COLUMNS = (("clean", "court"), ("clean", "english"), ("clean", "ud"), ("bare", "court"), ("bare", "ud-english"))
HEADER = "| | parameters | court | English | English UD | bare: court | bare: English UD | seconds | kchar/s |"

Tables = Mapping[str, f.Table]
Answers = Mapping[str, npt.NDArray[np.uint8]]


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One training: its shape, and what is left out."""

    name: str
    shape: str
    is_taught: bool = True
    auxiliary: float = 1.0
    is_corrupted: bool = True
    has_raw: bool = True


RECIPE = "pool-att160x3"
ROWS = (
    Row(RECIPE, RECIPE),
    Row("the same without a teacher", RECIPE, is_taught=False),
    Row("without auxiliary targets", RECIPE, auxiliary=0.0),
    Row("without corruption", RECIPE, is_corrupted=False),
    Row("without raw text", RECIPE, has_raw=False),
    Row("pool-conv256x6", "pool-conv256x6"),
    Row("lstm160x2", "lstm160x2"),
    Row("att192x4", "att192x4"),
)


def english(corpora: pathlib.Path) -> dict[str, list[Record]]:
    """English documents: labelled for training, labelled dev, and raw."""
    out = {
        part: [
            record
            for path in sorted((corpora / "sentences" / part).glob("*.jsonl.zst"))
            for record in labelled_records(path)
            if record.language == LANGUAGE
        ]
        for part in ("train", "dev")
    }
    limits = RawLimits({"*": RAW_CHARACTERS}, {}, {})
    return out | {"raw": raw_records(corpora / "raw" / f"{LANGUAGE}.jsonl.zst", limits, 1)}


def tables_of(records: Mapping[str, Sequence[Record]]) -> tuple[Tables, Tables]:
    """Training and dev tables."""
    parts = {name: f.make_tables(items) for name, items in records.items()}
    train = dict(zip(f.TABLES, (*parts["train"], *parts["raw"]), strict=True))
    return train, dict(zip(f.TABLES, parts["dev"], strict=False))


def taught(card: Card, tables: Tables) -> Answers:
    """What a finished model says of all stripped text, lower-cased, with single blanks."""
    net = SentenceNet(card, load_card(card.folder.parent / str(card.parameters.get("base", card.name))))
    out = {}
    for name in ("labelled-stripped", "raw-stripped"):
        table = tables[name]
        classes = measure.bare_classes(table.classes, p.SPACE_ONE)
        answers, first = np.full(len(classes), UNTAUGHT, np.uint8), 0
        for length in table.lengths.tolist():
            part, place = slice(first, first + length), np.arange(length)
            block = Block(p.Pieces(place, place + 1, table.hashes[part], classes[part]), 0, length, LANGUAGE)
            for window, logits in net.run(block, net.windows(0, length)):
                inner = logits[window.first - window.start : window.last - window.start, 0]
                answers[first + window.first : first + window.last] = np.round(254 / (1 + np.exp(-inner)))
            first += length
        out[name] = answers
    return out


class Bench:
    """The documents, and one training after another on them.

    Args:
        work: folder for checkpoints.
        pieces: how many a row sees.
    """

    def __init__(self, corpora: pathlib.Path, card: Card, work: pathlib.Path, pieces: int, seed: int) -> None:
        self.records, self.work, self.pieces, self.seed = english(corpora), work, pieces, seed
        self.train, self.dev = tables_of(self.records)
        self.answers = taught(card, self.train)

    def line(self, row: Row, windows: int = 16) -> str:
        """Trains a row and gives its line of the table."""
        mixture = Mixture(self.train, torch.device("cpu"), self.seed, row.is_corrupted)
        if row.is_taught:
            for name, answers in self.answers.items():
                mixture.teach(name, answers)
        plan = learn.Plan(
            shapes=(row.shape,),
            steps=max(1, round(self.pieces / windows / WINDOW)),
            windows=windows,
            window=WINDOW,
            warm_up=50,
            raw_begin=RAW_BEGIN if row.has_raw else 0.0,
            raw_end=0.4 if row.has_raw else 0.0,
            auxiliary=row.auxiliary,
            seed=self.seed,
        )
        begun = time.process_time()
        run = learn.Run(plan, mixture, torch.device("cpu"), self.work / f"{ROWS.index(row)}.pt")
        run.train(1e9)
        seconds = time.process_time() - begun
        run.use_average()
        begun = time.process_time()
        scores = run.measure(self.dev)[row.shape]
        speed = 2 * sum(len(record.text) for record in self.records["dev"]) / 1000 / (time.process_time() - begun)
        size = sum(weight.numel() for weight in run.model.encoders[0].parameters())
        shown = " | ".join(f"{best(scores[part][name]):.3f}".lstrip("0") for part, name in COLUMNS)
        return f"| {row.name} | {size / 1e6:.2f} M | {shown} | {seconds:.0f} | {speed:.0f} |"


def best(row: Mapping[str, object]) -> float:
    """The macro F1 at the best threshold."""
    macro = row["macro"]
    assert isinstance(macro, dict)
    return float(max(macro.values()))


def main() -> None:
    """Trains all rows, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="the teacher")
    parser.add_argument("--pieces", type=int, default=1_000_000, help="pieces that a row sees")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    print(HEADER + "\n|---" + "|--:" * (HEADER.count("|") - 2) + "|", flush=True)
    with tempfile.TemporaryDirectory() as work:
        card = load_card(arguments.model)
        bench = Bench(arguments.corpora, card, pathlib.Path(work), arguments.pieces, arguments.seed)
        for row in ROWS:
            print(bench.line(row), flush=True)


if __name__ == "__main__":
    main()
