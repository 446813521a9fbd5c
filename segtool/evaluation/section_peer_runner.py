"""Finds sections by kaos-nlp-core; a script of its own, as it is run by the Python of the benchmark environment.

usage: python section_peer_runner.py < DOCUMENTS > LEVELS

DOCUMENTS has one {"units": [...]} a line. LEVELS gets one {"levels": [...]} a line, the level of the section that each
unit opens and 0 where it opens none, and a last line {"name", "version", "cpu_s"}: CPU seconds of the calls alone. It
must import nothing of segtool.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

NAME = "kaos-nlp-core"


def levels(structure: Any, units: Sequence[str]) -> list[int]:
    """1 for each unit that it labels a heading, else 0; units become lines with a blank one between them.

    Its depths are left out: with them it is worse (contracts F1 .19), for titles hold all numbered headings.
    """
    text = "\n\n".join(" ".join(unit.split("\n")) for unit in units)
    return [int(label == "heading") for label in structure.label_lines(text).labels[::2]]


def main() -> None:
    """Read documents, write levels."""
    structure = importlib.import_module("kaos_nlp_core.structure")
    levels(structure, ["1. Rent", "The rent is due each month."])  # loads its data
    cpu_s = 0.0
    for line in sys.stdin.buffer:
        units = json.loads(line)["units"]
        begin = time.process_time()
        found = levels(structure, units)
        cpu_s += time.process_time() - begin
        print(json.dumps({"levels": found}))
    print(json.dumps({"name": NAME, "version": importlib.metadata.version(NAME), "cpu_s": cpu_s}))


if __name__ == "__main__":
    main()
