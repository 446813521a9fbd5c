"""``python -m segtool.training.sentences``: corpora to packs, packs to weights, weights to models."""

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
    print(json.dumps(sizes, indent=1))


def _train(args: argparse.Namespace) -> None:
    import torch

    from segtool.training.sentences import features, learn, mixture

    begun = time.monotonic()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    plan = learn.Plan(
        shapes=tuple(args.shapes.split(",")),
        seconds=args.seconds,
        steps=args.steps,
        windows=args.windows,
        rate=args.rate,
        raw_end=args.raw_end,
        teach=args.teach,
        gate=args.gate,
        compiled=args.compile,
        seed=args.seed,
    )
    tables = features.load_tables(args.packs, args.cache, "train", args.workers)
    dev = features.load_tables(args.packs, args.cache, "dev", args.workers)
    source = mixture.Mixture(tables, device, args.seed)
    del tables
    run = learn.Run(plan, source, device, args.checkpoints / f"{args.name}.pt")
    logging.info("%s ready after %.1f s: %s", args.name, time.monotonic() - begun, device)
    run.train(args.limit or 1e9)
    args.out.mkdir(parents=True, exist_ok=True)
    learn.write_weights(run, args.out / f"{args.name}.npz")
    (args.out / f"{args.name}.log.json").write_text(json.dumps(run.log))
    logging.info("%s after %.1f s, progress %.3f", args.name, time.monotonic() - begun, run.progress)
    if run.progress < 1:
        return
    scores = run.measure(dev)
    (args.out / f"{args.name}.json").write_text(json.dumps(scores, indent=1))
    for shape, parts in scores.items():
        for part, measures in parts.items():
            for measure, row in measures.items():
                logging.info("%s %s %s %s", shape, part, measure, row["macro"])


def _features(args: argparse.Namespace) -> None:
    from segtool.training.sentences import features

    for part in ("train", "dev"):
        for name, table in features.load_tables(args.packs, args.cache, part, args.workers).items():
            logging.info("%s %s: %d pieces, %d documents", part, name, len(table.classes), len(table.lengths))


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
    for name, function in (("features", _features), ("train", _train)):
        one = steps.add_parser(name)
        one.add_argument("--packs", type=pathlib.Path, required=True)
        one.add_argument("--cache", type=pathlib.Path, required=True)
        one.add_argument("--workers", type=int, default=os.cpu_count() or 1)
        one.set_defaults(run=function)
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.add_argument("--checkpoints", type=pathlib.Path, required=True)
    one.add_argument("--name", default="sentences")
    one.add_argument("--shapes", default="pool-att256x3")
    one.add_argument("--seconds", type=float, default=0.0, help="length of the schedule in seconds")
    one.add_argument("--steps", type=int, default=0, help="or in steps")
    one.add_argument(
        "--limit", type=float, default=0.0, help="stop this call after so many seconds; run again to go on"
    )
    one.add_argument("--windows", type=int, default=512)
    one.add_argument("--rate", type=float, default=2e-3)
    one.add_argument("--raw-end", type=float, default=0.4)
    one.add_argument("--teach", type=float, default=0.0)
    one.add_argument("--gate", action="store_true", help="train the cascade's first stage along")
    one.add_argument("--compile", action="store_true")
    one.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    args.run(args)


if __name__ == "__main__":
    main()
