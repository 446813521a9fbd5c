"""Where the program starts: plain calls of ``segtool split`` go straight to work, all others through ``app``.

Importing the library that reads command lines takes longer than splitting a few pages; a plain call does without it.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from segtool.cli import output
from segtool.cli.ending import INTERRUPTED, finished, leave, leave_at_once

_VALUES = {
    "--by": "by",
    "--format": "format",
    "--output": "output",
    "-o": "output",
    "--from": "from",
    "--lang": "lang",
    "--model": "model",
}
_GARBAGE = 100_000
"""Objects made until cycles among them are looked for: there are hardly any, and looking costs short runs a lot."""
_FLAGS = ("--stream", "--force", "--no-edits")


def start() -> NoReturn:
    """The program: ``main`` with the arguments of the command line, then leave with its code."""
    gc.set_threshold(_GARBAGE)
    try:
        output.configure()
        plain = plain_split(sys.argv[1:])
        if plain is None:
            leave(main())
        leave_at_once(finished(plain))
    except KeyboardInterrupt:  # while something was imported
        leave(finished(lambda: INTERRUPTED))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run segtool and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    output.configure()
    plain = plain_split(words)
    if plain is not None:
        return finished(plain)
    from segtool.cli import app

    return app.main(words)


def plain_split(words: Sequence[str]) -> Callable[[], int] | None:
    """What a call of ``split`` for sentences runs, if it is as plain as can be; None: ``app`` has to read it.

    Plain is a call of long options from a short list (and ``-o``), each once and with sound values, without a
    configuration file. Whatever is wrong with a call is said by ``app``.
    """
    given = _read(words)
    if given is None or os.environ.get("_SEGTOOL_COMPLETE"):
        return None
    from segtool.cli.config import find_config
    from segtool.cli.splitting import SplitRequest, run_split, run_stream
    from segtool.settings import DEFAULT_SENTENCE_MODEL, LoadSettings, SentenceSettings, Settings
    from segtool.storage.export import EXPORTERS, format_of

    values, flags, inputs = given
    target = Path(values["output"]) if "output" in values else None
    format_name = values.get("format") or format_of(target)
    if values.get("by", "sentence") != "sentence" or format_name not in EXPORTERS or find_config() is not None:
        return None
    source = values.get("from")
    if source not in (None, "text", "jsonl"):
        return None
    settings = Settings(
        load=LoadSettings(format=source, record_paragraphs=False),
        sentences=SentenceSettings(lang=values.get("lang"), model=values.get("model", DEFAULT_SENTENCE_MODEL)),
    )
    request = SplitRequest(
        inputs, "sentence", format_name, target, force="--force" in flags, edits="--no-edits" not in flags
    )
    run = run_stream if "--stream" in flags and source != "jsonl" else run_split
    return lambda: run(request, settings)


def _read(words: Sequence[str]) -> tuple[dict[str, str], set[str], list[str]] | None:
    """Values of options, flags and inputs of a call of ``split``; None if there is anything else."""
    if not words or words[0] != "split":
        return None
    values: dict[str, str] = {}
    flags: set[str] = set()
    inputs: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word in _FLAGS:
            flags.add(word)
        elif word in _VALUES:
            value = next(rest, "")
            if not value or value.startswith("-") or _VALUES[word] in values:
                return None
            values[_VALUES[word]] = value
        elif word.startswith("-") and word != "-":
            return None
        else:
            inputs.append(word)
    return values, flags, inputs


if __name__ == "__main__":
    start()
