"""``python -m segtool.training.sentences``: corpora to packs, packs to weights, weights to models.

``all --corpora DIR --out models`` does all steps in one go: ``pack``, ``train`` with its teachers, ``publish``,
``scan``, ``cascade``, and the numbers of paragraphs.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import pathlib
import time

from segtool.training.sentences import pack


def _pack(args: argparse.Namespace) -> None:
    limits = pack.SMALL if args.small else pack.FULL
    sizes = pack.pack_corpora(args.corpora, args.out, limits, args.seed)
    pack.pack_teacher(args.out / "teacher")
    print(json.dumps(sizes, indent=1))


def _train(args: argparse.Namespace) -> None:
    import torch

    from segtool.training.sentences import characters, features, learn, mixture, weights
    from segtool.training.sentences.exchange import Exchange

    begun = time.monotonic()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    plan = learn.Plan(
        shapes=tuple(args.shapes.split(",")),
        seconds=args.seconds,
        steps=args.steps,
        windows=args.windows,
        window=args.window,
        rate=args.rate,
        raw_end=args.raw_end,
        teach=args.teach,
        gate=args.gate,
        gate_seconds=args.gate_seconds,
        size=args.size,
        compiled=args.compile,
        seed=args.seed,
    )
    make = characters.make_tables if args.characters else features.make_part
    cache = args.cache / "characters" if args.characters else args.cache
    tables = features.load_tables(args.packs, cache, "train", args.workers, make)
    dev = features.load_tables(args.packs, cache, "dev", args.workers, make)
    source = mixture.Mixture(tables, device, args.seed)
    exchange = Exchange(args.deadline, args.labels, tuple(args.answers))
    run = learn.Run(plan, source, device, args.checkpoints / f"{args.name}.pt", exchange)
    if args.begin is not None:
        run.begin_with(weights.read_weights(args.begin))
    logging.info("%s ready after %.1f s: %s", args.name, time.monotonic() - begun, device)
    run.train(args.limit or 1e9)
    args.out.mkdir(parents=True, exist_ok=True)
    weights.write_weights(run, args.out / f"{args.name}.npz")
    (args.out / f"{args.name}.log.json").write_text(json.dumps(run.log))
    logging.info("%s after %.1f s, progress %.3f", args.name, time.monotonic() - begun, run.progress)
    if run.progress < 1:
        return
    run.use_average()
    if args.answers_out is not None:
        run.write_answers(tables, args.answers_out)
        logging.info("%s: answers written after %.1f s", args.name, time.monotonic() - begun)
    if plan.gate and plan.gate_seconds:
        run.refine_gate(plan.gate_seconds)
        weights.write_weights(run, args.out / f"{args.name}.npz")
    scores = run.measure(dev)
    (args.out / f"{args.name}.json").write_text(json.dumps(scores, indent=1))
    for shape, parts in scores.items():
        for part, measures in parts.items():
            for measure, row in measures.items():
                logging.info("%s %s %s %s", shape, part, measure, row["macro"])


def _english(args: argparse.Namespace) -> None:
    import torch

    from segtool.training.sentences import english, features

    begun = time.monotonic()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tables = features.load_tables(args.packs, args.cache, "train", args.workers)
    dev = features.load_tables(args.packs, args.cache, "dev", args.workers)
    words = english.load_words(args.packs, args.cache, args.workers)
    teacher = english.EnglishTeacher(tables, words, args.packs / "teacher", device, args.seed)
    del tables
    logging.info("english ready after %.1f s: %s", time.monotonic() - begun, device)
    teacher.train(args.seconds, args.windows, args.rate, args.labels, args.compile)
    teacher.write_answers(words, args.answers_out)
    logging.info("english: answers written after %.1f s", time.monotonic() - begun)
    for name, row in english.measured(teacher, dev["labelled-stripped"], words["dev"]).items():
        logging.info("english bare %s %s %s", name, row["macro"], row["groups"])


def _features(args: argparse.Namespace) -> None:
    from segtool.training.sentences import features

    for part in ("train", "dev"):
        for name, table in features.load_tables(args.packs, args.cache, part, args.workers).items():
            logging.info("%s %s: %d pieces, %d documents", part, name, len(table.classes), len(table.lengths))
    if (args.packs / "teacher").exists():
        from segtool.training.sentences import english

        words = english.load_words(args.packs, args.cache, args.workers)
        logging.info("english: %s pieces", {name: len(rows) for name, rows in words.items()})


def _publish(args: argparse.Namespace) -> None:
    from segtool.training.sentences.publish import publish

    publish(args.weights, args.packs, args.out, args.version)


def _mean(args: argparse.Namespace) -> None:
    from segtool.training.sentences import weights

    weights.write_mean(args.weights, args.out)


def _scan(args: argparse.Namespace) -> None:
    from segtool.training.sentences import scan

    scan.fit(args.models, args.corpora, args.scale, args.seed)


def _cascade(args: argparse.Namespace) -> None:
    from segtool.training.sentences import cascade

    cascade.fit(args.models, args.corpora)


def _all(args: argparse.Namespace) -> None:
    """One after the other what `scripts/train_sentences_gpu.sh` does side by side, and what follows it."""
    from segtool.training.sentences import newlines

    work, models, steps = args.work, args.out, args.steps
    args.packs, args.cache, args.checkpoints = work / "packs", work / "cache", work / "checkpoints"
    args.small, args.out, args.limit, args.deadline = False, args.packs, 0.0, None
    _pack(args)
    args.out, args.labels = work, work / "labels.npy"
    big = {"name": "big", "shapes": "att384x6", "size": 192, "rate": 1.5e-3, "steps": steps // 3, "gate": False}
    big |= {"begin": None}
    _train(argparse.Namespace(**{**vars(args), **big, "answers": (), "answers_out": work / "big.npz"}))
    answers = [work / "big.npz"]
    if (args.packs / "teacher").exists():
        answers.insert(0, work / "english.npz")
        given = {
            "seconds": args.english_seconds,
            "windows": min(args.windows, 256),
            "rate": 2e-4,
            "answers_out": answers[0],
        }
        _english(argparse.Namespace(**{**vars(args), **given}))
    args.name, args.answers, args.answers_out = "weights", answers, None
    _train(args)
    args.weights, args.out = work / "weights.npz", models
    _publish(args)
    args.models, args.scale = models, 1.2
    _scan(args)
    _cascade(args)
    if (args.corpora / "sections" / "dev").exists():
        newlines.enter(args.corpora, models / "sentences", [models / "sentences", models / "sentences-full"])
        newlines.enter(args.corpora, models / "sentences-fast", [models / "sentences-fast", models / "sentences-gate"])


def _training_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--shapes", default="att192x4,pool-att160x3")
    one.add_argument("--seconds", type=float, default=0.0, help="length of the schedule in seconds")
    one.add_argument("--steps", type=int, default=0, help="or in steps (32,000 are about what the shipped nets saw)")
    one.add_argument("--windows", type=int, default=512)
    one.add_argument("--window", type=int, default=256, help="pieces of a window")
    one.add_argument("--characters", action="store_true", help="one piece a character, for comparison")
    one.add_argument("--rate", type=float, default=2.5e-3)
    one.add_argument("--raw-end", type=float, default=0.4)
    one.add_argument("--teach", type=float, default=1.0)
    one.add_argument("--gate", action=argparse.BooleanOptionalAction, default=True)
    one.add_argument("--compile", action="store_true")
    one.add_argument("--gate-seconds", type=float, default=90.0, help="the gate's own training at the end")
    one.add_argument("--size", type=int, default=112, help="width of a piece's embedding")
    one.add_argument("--deadline", type=pathlib.Path, help="file with the time at which the schedule ends")
    one.add_argument("--begin", type=pathlib.Path, help="trained weights (.npz) to begin with")
    one.add_argument("--labels", type=pathlib.Path, help="where to write what the net says of raw text")
    one.add_argument("--answers", type=pathlib.Path, nargs="*", default=(), help="answers of teachers")
    one.add_argument("--answers-out", type=pathlib.Path, help="be a teacher: where to write answers")


def main() -> None:
    """Runs one step; see ``--help`` of each."""
    parser = argparse.ArgumentParser(prog="python -m segtool.training.sentences", description=__doc__)
    steps = parser.add_subparsers(required=True)
    one = steps.add_parser("pack", help="corpora to compact packs")
    one.add_argument("--corpora", type=pathlib.Path, required=True)
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.add_argument("--small", action="store_true", help="less raw text: 60 MB of packs in all")
    one.add_argument("--seed", type=int, default=1)
    one.set_defaults(run=_pack)
    for name, function in (("features", _features), ("english", _english), ("train", _train)):
        one = steps.add_parser(name)
        one.add_argument("--packs", type=pathlib.Path, required=True)
        one.add_argument("--cache", type=pathlib.Path, required=True)
        one.add_argument("--workers", type=int, default=os.cpu_count() or 1)
        one.set_defaults(run=function)
        if name == "english":
            one.add_argument("--seconds", type=float, default=240.0)
            one.add_argument("--windows", type=int, default=256)
            one.add_argument("--rate", type=float, default=2e-4)
            one.add_argument("--labels", type=pathlib.Path, help="what a net says of raw text; waited for")
            one.add_argument("--answers-out", type=pathlib.Path, required=True)
            one.add_argument("--compile", action="store_true")
            one.add_argument("--seed", type=int, default=1)
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.add_argument("--checkpoints", type=pathlib.Path, required=True)
    one.add_argument("--name", default="sentences")
    one.add_argument(
        "--limit", type=float, default=0.0, help="stop this call after so many seconds; run again to go on"
    )
    one.add_argument("--seed", type=int, default=1)
    _training_options(one)
    one = steps.add_parser("mean", help="the mean of the weights of runs that began with one another")
    one.add_argument("--weights", type=pathlib.Path, nargs="+", required=True)
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.set_defaults(run=_mean)
    one = steps.add_parser("publish", help="weights to models: files, calibration, thresholds, cards")
    one.add_argument("--weights", type=pathlib.Path, required=True)
    one.add_argument("--packs", type=pathlib.Path, required=True)
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.add_argument("--version", default="1.0.0")
    one.set_defaults(run=_publish)
    one = steps.add_parser("scan", help="the cascade's first stage, from the published full model")
    one.add_argument("--models", type=pathlib.Path, required=True, help="folder of models, which it is written into")
    one.add_argument("--corpora", type=pathlib.Path, required=True)
    one.add_argument("--scale", type=float, default=1.2, help="share of the texts to learn from")
    one.add_argument("--seed", type=int, default=1)
    one.set_defaults(run=_scan)
    one = steps.add_parser("cascade", help="limits of the default model's stages, after the scan")
    one.add_argument("--models", type=pathlib.Path, required=True, help="folder of models, whose card gets them")
    one.add_argument("--corpora", type=pathlib.Path, required=True)
    one.set_defaults(run=_cascade)
    one = steps.add_parser("all", help="pack, train and publish")
    one.add_argument("--corpora", type=pathlib.Path, required=True)
    one.add_argument("--work", type=pathlib.Path, required=True, help="folder for packs, arrays and checkpoints")
    one.add_argument("--out", type=pathlib.Path, required=True, help="folder of models")
    one.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    one.add_argument("--version", default="1.0.0")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--english-seconds", type=float, default=270.0, help="training of the English teacher")
    _training_options(one)
    one.set_defaults(run=_all)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    args.run(args)


if __name__ == "__main__":
    main()
