"""The sentence benchmark: segtool's models and its peers over the same documents, on one core, in one run."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segtool.core.document import Document
from segtool.errors import UsageError
from segtool.evaluation.boundaries import Counts, count, macro_f1
from segtool.evaluation.gold import GoldDocument
from segtool.evaluation.shell import model_seconds, peer_seconds, write_records
from segtool.loaders import document_of
from segtool.pipeline import segment_documents
from segtool.settings import READ_AHEAD, Settings

PEERS = ("yasbd", "kaos", "spacy", "nupunkt", "pysbd", "cleave", "sentencex", "blingfire", "simplemma", "sakurs")
"""What ``peer_runner.py`` can run."""

_WARM_UP = "Warm up. Twice. " * (READ_AHEAD // 16) + "and so on " * 60
"""So long that nothing is read ahead of it, and with words without punctuation, for which a cascade opens its net."""
_RUNNER = Path(__file__).with_name("peer_runner.py")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Run:
    """One splitter over all documents: ends of its sentences, and CPU seconds without loading."""

    name: str
    version: str | None
    ends: tuple[tuple[int, ...], ...]
    cpu_s: float
    shell_s: float | None = None
    """CPU seconds of the whole process from JSON Lines to JSON Lines, if that was asked for."""


@dataclass(frozen=True, slots=True)
class Result:
    """One splitter's line of the table."""

    name: str
    version: str | None
    groups: Mapping[str, Counts]
    n_characters: int
    cpu_s: float
    shell_s: float | None = None

    @property
    def total(self) -> Counts:
        """The counts of all groups together."""
        return sum(self.groups.values(), Counts())

    @property
    def characters_per_s(self) -> float:
        """Characters a second of CPU time."""
        return self.n_characters / self.cpu_s if self.cpu_s else 0.0

    def to_json(self) -> dict[str, Any]:
        """JSON values: macro and micro F1, speed, and each group's precision, recall and F1."""
        return {
            "name": self.name,
            "version": self.version,
            "macro_f1": round(macro_f1(self.groups.values()), 5),
            "micro_f1": round(self.total.f1, 5),
            "documents": self.total.n_documents,
            "characters": self.n_characters,
            "cpu_s": round(self.cpu_s, 3),
            "characters_per_s": round(self.characters_per_s),
            **({"shell_s": round(self.shell_s, 3)} if self.shell_s is not None else {}),
            "groups": {
                name: {
                    "documents": counts.n_documents,
                    "gold": counts.found + counts.missed,
                    "precision": round(counts.precision, 5),
                    "recall": round(counts.recall, 5),
                    "f1": round(counts.f1, 5),
                }
                for name, counts in sorted(self.groups.items())
            },
        }


def run_model(documents: Sequence[GoldDocument], settings: Settings) -> Run:
    """Split with a model of segtool; its loading is not counted, making documents of the texts is."""
    settings = replace(settings, sentences=replace(settings.sentences, read_ahead=READ_AHEAD))
    ends: list[tuple[int, ...]] = []
    stream = segment_documents(
        itertools.chain([document_of(_WARM_UP)], map(_document, documents)), layers=("sentence",), settings=settings
    )
    version = next(stream).made_by["sentence"].version
    begin = time.process_time()
    ends.extend(tuple(segmentation.layers["sentence"].offsets[1:].tolist()) for segmentation in stream)
    return Run(settings.sentences.model, version, tuple(ends), time.process_time() - begin)


def run_peer(documents: Sequence[GoldDocument], name: str, python: str) -> Run:
    """Split with a peer, in the environment of another Python.

    Raises:
        UsageError: if that Python can't be run, or the peer fails in it.
    """
    lines = "".join(json.dumps({"text": document.text, "lang": document.lang}) + "\n" for document in documents)
    try:
        done = subprocess.run(
            [python, str(_RUNNER), name],
            input=lines.encode("ascii"),
            capture_output=True,
            check=False,
            env={**os.environ, **_ONE_THREAD, "PYTHONIOENCODING": "utf-8"},
        )
    except OSError as error:
        raise UsageError(f"--peers-python {python}: can't be run ({error})") from error
    if done.returncode:
        reason = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"peer {name} fails in {python}: {reason} (see scripts/bench-requirements.txt)")
    *rows, summary = (json.loads(line) for line in done.stdout.splitlines())
    return Run(name, summary["version"], tuple(tuple(row["ends"]) for row in rows), summary["cpu_s"])


def from_shell(documents: Sequence[GoldDocument], runs: Sequence[Run], python: str | None) -> list[Run]:
    """The runs with their CPU seconds from the shell, one process after the other.

    As of programs that have run before: each splits one document first, so that Python has its modules compiled.

    Raises:
        UsageError: if one of them fails there.
    """
    environment = {**os.environ, **_ONE_THREAD, "PYTHONIOENCODING": "utf-8"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def seconds(path: Path, name: str) -> float:
        if python is not None and name in PEERS:
            return peer_seconds(path, name, python, environment)
        return model_seconds(path, name, environment)

    with tempfile.TemporaryDirectory() as folder:
        path, first = Path(folder, "records.jsonl"), Path(folder, "first.jsonl")
        write_records(documents, path)
        write_records(documents[:1], first)
        for run in runs:
            seconds(first, run.name)
        return [replace(run, shell_s=seconds(path, run.name)) for run in runs]


def score(documents: Sequence[GoldDocument], run: Run) -> Result:
    """A run against the gold, gathered by the documents' groups."""
    groups: dict[str, Counts] = {}
    for document, ends in zip(documents, run.ends, strict=True):
        groups[document.group] = groups.get(document.group, Counts()) + count(document.text, document.ends, ends)
    n_characters = sum(len(document.text) for document in documents)
    return Result(run.name, run.version, groups, n_characters, run.cpu_s, run.shell_s)


def corrupted(documents: Sequence[GoldDocument], variant: str) -> list[GoldDocument]:
    """The documents under a corruption of ``corruption.VARIANTS``.

    Raises:
        UsageError: if there is no such corruption.
    """
    from segtool.evaluation.corruption import VARIANTS

    if variant not in VARIANTS:
        raise UsageError(f"--corrupt {variant}: is none of {', '.join(VARIANTS)}")
    change: Callable[..., tuple[str, list[int]]] = VARIANTS[variant]
    out = []
    for document in documents:
        text, ends = change(document.text, document.ends)
        out.append(replace(document, text=text, ends=tuple(ends)))
    return out


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and its children on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _document(gold: GoldDocument) -> Document:
    """As the JSON Lines loader makes it for sentences."""
    return Document(gold.id, gold.text, lang=gold.lang)
