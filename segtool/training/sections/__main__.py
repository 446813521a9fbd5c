"""`python -m segtool.training.sections --corpora DIR --out models/topics`: train the section model."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

from segtool.inference.topic_features import SectionShape
from segtool.training.sections.corpus import Pack, load_corpora, read_pack, write_pack

log = logging.getLogger("segtool.training.sections")

SHAPES = {
    "wide": SectionShape(),
    "wider": SectionShape(body=192),
    "even": SectionShape(bits=16, width=128),
    "small": SectionShape(bits=16, width=128, body=128),
}

PARTS = (("even", 2_840, 1.0), ("wider", 22_370, 0.8))
"""Shape, steps and weight of the parts of `topics`: one stopped early, which knows what it does not know, and one
trained long, which knows laws, contracts and topics better but is too sure of headings in general prose."""


def main(arguments: list[str] | None = None) -> int:
    """Prepare, train, export and evaluate; each step can be left out."""
    parser = argparse.ArgumentParser(prog="python -m segtool.training.sections", description=__doc__)
    parser.add_argument("--corpora", type=Path, help="folder with sections/ and raw/")
    parser.add_argument("--pack", type=Path, help="folder of a pack: read it, or with --corpora write it")
    parser.add_argument("--work", type=Path, default=Path(".train/sections"), help="features, checkpoints")
    parser.add_argument("--out", type=Path, help="model folder, or with --shape a .npz for the weights")
    parser.add_argument("--shape", choices=sorted(SHAPES), help="train one part only, its weights to --out")
    parser.add_argument("--steps", type=int, default=22_370, help="of one part")
    parser.add_argument("--seconds", type=float, default=0, help="train for a time instead of a number of steps")
    parser.add_argument("--slice", type=float, default=float("inf"), help="stop after so many seconds; go on next call")
    parser.add_argument("--finish", action="store_true", help="with --slice: let the training end with this slice")
    parser.add_argument("--teacher-sentences", type=int, default=300_000)
    parser.add_argument("--law-share", type=float, default=0.5)
    parser.add_argument("--book-share", type=float, default=0.15)
    parser.add_argument("--only", default="", help="domains with sections to train on, by commas")
    parser.add_argument("--contrast", type=float, default=0.8)
    parser.add_argument("--batch", type=int, default=32, help="section documents a step")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--device", default="")
    parser.add_argument("--prepare-only", action="store_true")
    parser.add_argument("--graphs", action="store_true", help="replay the body as CUDA graphs")
    parser.add_argument("--no-measure", action="store_true", help="leave measuring to the report")
    parser.add_argument("--weights", type=Path, nargs="+", help="export these weights (.npz), one a part; no training")
    parser.add_argument("--top", type=int, default=6, help="exported word tables have levels from -top to top")
    parser.add_argument("--version", default="1.0.0", help="of the model, for its card")
    parser.add_argument("--name", default="topics", help="of the checkpoint")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    if options.shape or options.prepare_only:
        return _train(options)
    if not options.weights:
        options.weights = _train_parts(options)
    return _export(options)


def _train_parts(options: argparse.Namespace) -> list[Path]:
    """Train all parts of the model one after the other; where their weights are."""
    weights = []
    for number, (shape, steps, _) in enumerate(PARTS, 1):
        part = argparse.Namespace(**vars(options))
        part.shape, part.steps, part.name, part.no_measure = shape, steps, f"{options.name}-{number}", True
        part.out = options.work / f"{part.name}.npz"
        _train(part)
        weights.append(part.out)
    return weights


def _export(options: argparse.Namespace) -> int:
    """Write the model folder from weights, and its card without figures (the report adds them)."""
    from segtool.training.sections.export import export_model, load_weights
    from segtool.training.sections.model_card import write_card

    export_model([load_weights(path) for path in options.weights], options.out, options.top)
    write_card(options.out, options.version, [weight for _, _, weight in PARTS][: len(options.weights)], [])
    return 0


def _pack(options: argparse.Namespace) -> Pack:
    if options.corpora is None:
        return read_pack(options.pack)
    pack = load_corpora(options.corpora, options.law_share, options.book_share, options.seed)
    if options.pack:
        write_pack(pack, options.pack)
    return pack


def _train(options: argparse.Namespace) -> int:
    import torch

    from segtool.training.sections.batches import SectionOptions
    from segtool.training.sections.evaluate import evaluate
    from segtool.training.sections.export import save_weights
    from segtool.training.sections.train import (
        FACTS_FILE,
        Trainer,
        TrainOptions,
        load_prepared,
        network_predictor,
        prepare,
    )

    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True
    cache = options.work / "cache"
    if not (cache / FACTS_FILE).exists():
        pack = _pack(options)
        log.info("%d documents with sections, %d of raw text", len(pack.train), len(pack.raw))
        teacher = _teacher_folder(options, pack)
        prepare(pack, cache, teacher, device, options.processes, options.teacher_sentences)
    data = load_prepared(cache)
    log.info("features ready")
    if options.prepare_only:
        return 0
    train_options = TrainOptions(
        shape=SHAPES[options.shape],
        steps=0 if options.seconds else options.steps,
        seconds=options.seconds,
        contrast=options.contrast,
        seed=options.seed,
        workers=options.workers,
        graphs=options.graphs,
        only=tuple(filter(None, options.only.split(","))),
        sections=replace(SectionOptions(), size=options.batch),
    )
    trainer = Trainer(train_options, data, device, options.work / f"{options.name}.pt")
    done = trainer.run(options.slice, options.finish)
    log.info("%s after %d steps", "done" if done else "slice over", trainer.step)
    if options.out:
        save_weights(trainer.net, options.out)
    if options.out and not options.no_measure:
        pack = _pack(options)
        report = evaluate(network_predictor(trainer.net, device), pack.dev, pack.raw_dev)
        report["steps"], report["seconds"] = trainer.step, trainer.elapsed
        options.out.with_suffix(".json").write_text(json.dumps(report, indent=1))
        log.info("%s", json.dumps(report["summary"], indent=1))
    return 0


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
