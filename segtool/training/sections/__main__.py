"""`python -m segtool.training.sections --corpora DIR --out models/topics`: train the section model."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segtool.inference.topic_features import SectionShape
from segtool.training.sections.corpus import Pack, is_kept_back, load_corpora, read_pack, write_pack

if TYPE_CHECKING:
    from segtool.training.sections.train import TrainOptions

log = logging.getLogger("segtool.training.sections")

SHAPES = {
    "full": SectionShape(width=128, body=192),
    "wide": SectionShape(),
    "wider": SectionShape(body=192),
    "slim": SectionShape(body=128),
    "even": SectionShape(bits=16, width=128),
    "small": SectionShape(bits=16, width=128, body=128),
    "tiny": SectionShape(bits=12, width=16, sketch=64, form_width=8, body=32, layers=1, heads=2),
}
KEPT_LEVELS = 31
"""Levels above zero of a word table in a file of weights: twice as fine as in the model, and small to carry."""


def main(arguments: list[str] | None = None) -> int:
    """Prepare, train, export and evaluate; each step can be left out."""
    parser = argparse.ArgumentParser(prog="python -m segtool.training.sections", description=__doc__)
    parser.add_argument("--corpora", type=Path, help="folder with sections/ and raw/")
    parser.add_argument("--pack", type=Path, help="folder of a pack: read it, or with --corpora write it")
    parser.add_argument("--work", type=Path, default=Path(".train/sections"), help="features, checkpoints")
    parser.add_argument("--out", type=Path, help="model folder, or a .npz for the weights alone")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="full")
    parser.add_argument("--judge", choices=["", *sorted(SHAPES)], default="even", help="shape of the judges, or none")
    parser.add_argument("--steps", type=int, default=13_000)
    parser.add_argument("--seconds", type=float, default=0, help="train for a time instead of a number of steps")
    parser.add_argument("--slice", type=float, default=float("inf"), help="stop after so many seconds; go on next call")
    parser.add_argument("--finish", action="store_true", help="with --slice: let the training end with this slice")
    parser.add_argument("--deadline", type=Path, help="file with the Unix time at which training ends; may change")
    parser.add_argument("--teacher-sentences", type=int, default=300_000)
    parser.add_argument("--law-share", type=float, default=0.5)
    parser.add_argument("--book-share", type=float, default=0.15)
    parser.add_argument("--only", default="", help="domains with sections to train on, by commas")
    parser.add_argument("--contrast", type=float, default=0.8)
    parser.add_argument("--begin", type=Path, help="weights (.npz) to begin with, as far as the shape is the same")
    parser.add_argument(
        "--advice", type=Path, nargs="*", default=[], help="weights of networks asked about each document"
    )
    parser.add_argument(
        "--advice-halves", type=Path, nargs="*", default=[], help="two that learnt from half of them each"
    )
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--words-off", type=float, default=0.3, help="largest share of words a step does not see")
    parser.add_argument("--dropped", type=float, default=0.55, help="share of documents without their headings")
    parser.add_argument("--favour", default="", help="domains drawn more often: contract=1.5,tos=2")
    parser.add_argument("--soft", type=float, default=0.6, help="share of the judges in the labels")
    parser.add_argument("--batch", type=int, default=32, help="section documents a step")
    parser.add_argument("--joined", type=int, default=64, help="joined documents a step")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--device", default="")
    parser.add_argument("--prepare-only", action="store_true")
    parser.add_argument("--graphs", action="store_true", help="replay the body as CUDA graphs")
    parser.add_argument("--no-measure", action="store_true", help="leave measuring to the report")
    parser.add_argument("--weights", type=Path, nargs="+", help="export these weights (.npz), one a part; no training")
    parser.add_argument("--part-weights", type=float, nargs="+", help="how much the log-odds of each part count")
    parser.add_argument("--top", type=int, default=6, help="exported word tables have levels from -top to top")
    parser.add_argument("--version", default="1.0.0", help="of the model, for its card")
    parser.add_argument("--name", default="topics", help="of the checkpoint")
    options = parser.parse_args(arguments)
    if options.advice_halves and not options.advice:
        parser.error("--advice-halves goes with --advice")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    if options.weights:
        return _export(options)
    if options.prepare_only or (options.out and options.out.suffix == ".npz"):
        return _train(options, options.out)
    options.weights = [options.work / f"{options.name}.npz"]
    return _train(options, options.weights[0]) or _export(options)


def _export(options: argparse.Namespace) -> int:
    """Write the model folder from weights, and its card without figures (the report adds them)."""
    from segtool.training.sections.export import export_model, load_weights
    from segtool.training.sections.model_card import write_card

    export_model([load_weights(path) for path in options.weights], options.out, options.top)
    weights = options.part_weights or [1.0] * len(options.weights)
    write_card(options.out, options.version, {"part_weights": weights}, [])
    return 0


def _pack(options: argparse.Namespace) -> Pack:
    if options.corpora is None:
        return read_pack(options.pack)
    pack = load_corpora(options.corpora, options.law_share, options.book_share, options.seed)
    if options.pack:
        write_pack(pack, options.pack)
    return pack


def _train(options: argparse.Namespace, out: Path | None) -> int:
    import torch

    from segtool.training.sections.evaluate import evaluate
    from segtool.training.sections.export import save_weights
    from segtool.training.sections.predict import network_predictor
    from segtool.training.sections.prepare import FACTS_FILE, load_prepared, prepare
    from segtool.training.sections.train import Trainer

    begun = time.monotonic()
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True
    cache = options.work / "cache"
    if not (cache / FACTS_FILE).exists():
        pack = _pack(options)
        log.info("%d documents with sections, %d of raw text", len(pack.train), len(pack.raw))
        teacher = _teacher_folder(options, pack)
        pack = replace(pack, train=tuple(record for record in pack.train if not is_kept_back(record.id)))
        prepare(pack, cache, teacher, device, options.processes, options.teacher_sentences)
    data = load_prepared(cache)
    log.info("features ready")
    if options.prepare_only:
        return 0
    trainer = Trainer(_train_options(options), data, device, options.work / f"{options.name}.pt")

    def keep() -> None:
        if out:
            save_weights(trainer.main.mean, out, KEPT_LEVELS)

    left = options.slice - (time.monotonic() - begun)  # starting up counts, too
    done = trainer.run(left, options.finish, options.deadline, keep)
    log.info("%s after %d steps", "done" if done else "slice over", trainer.step)
    keep()
    for number, judge in enumerate(trainer.judges, 1):
        if out:
            save_weights(judge.mean, out.with_name(f"{out.stem}-judge{number}.npz"), KEPT_LEVELS)
    if out and not options.no_measure:
        pack = _pack(options)
        report = evaluate(network_predictor(trainer.main.mean, device), pack.dev, pack.raw_dev)
        report["steps"], report["seconds"] = trainer.step, trainer.elapsed
        out.with_suffix(".json").write_text(json.dumps(report, indent=1))
        log.info("%s", json.dumps(report["summary"], indent=1))
    return 0


def _train_options(options: argparse.Namespace) -> TrainOptions:
    from segtool.training.sections.advisers import Advice
    from segtool.training.sections.batches import JoinOptions, SectionOptions
    from segtool.training.sections.learner import LossOptions
    from segtool.training.sections.train import TrainOptions

    return TrainOptions(
        shape=SHAPES[options.shape],
        judge=SHAPES[options.judge] if options.judge else None,
        steps=0 if options.seconds else options.steps,
        seconds=options.seconds,
        soft=options.soft,
        rate=options.rate,
        begin=options.begin,
        advice=Advice(tuple(options.advice), tuple(options.advice_halves)),
        losses=LossOptions(contrast=options.contrast, words_off=options.words_off),
        seed=options.seed,
        workers=options.workers,
        graphs=options.graphs,
        only=tuple(filter(None, options.only.split(","))),
        sections=SectionOptions(size=options.batch, dropped=options.dropped, favour=_favour(options.favour)),
        joins=JoinOptions(size=options.joined),
    )


def _favour(text: str) -> tuple[tuple[str, float], ...]:
    """`contract=1.5,tos=2` as pairs."""
    pairs = (part.split("=", 1) for part in text.split(",") if part)
    return tuple((name, float(times)) for name, times in pairs)


def _teacher_folder(options: argparse.Namespace, pack: Pack) -> Path | None:
    """The rounded teacher: of the pack, or made from the installed package."""
    from segtool.training.sections.teacher import frequent_words, package_folder, write_teacher

    folder: Path = (options.pack or options.work) / "teacher"
    if not (folder / "teacher.npz.xz").exists():
        write_teacher(folder, package_folder())
    if not (folder / "words.txt").exists():
        sections = frequent_words(t for r in pack.train if r.lang == "en" for _, _, t in r.paragraphs)
        raw = frequent_words(t for r in pack.raw if r.lang == "en" for t in r.paragraphs)
        alternating = [word for pair in zip(sections, raw, strict=False) for word in pair]
        words = list(dict.fromkeys(alternating))[:42_000]
        (folder / "words.txt").write_text("\n".join(words), encoding="utf-8")
    return folder


if __name__ == "__main__":
    sys.exit(main())
