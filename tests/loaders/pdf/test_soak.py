"""Mutated PDFs: every one ends as text or as a one-line error, within time and memory. ``make soak``.

SEGTOOL_SOAK_S sets the seconds (60), SEGTOOL_SOAK_SEED the seed; with SEGTOOL_CORPORA its PDFs are mutated, too.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.loaders.pdf.test_form_cells import claim
from tests.loaders.pdf.test_form_loops import nested

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]
BATCH = 25
SLOWEST_S = 20.0
RUNNER = Path(__file__).with_name("mutant_runner.py")


def mutated(data: bytes, random_: random.Random) -> bytes:
    """The file with one to six injuries of different kinds."""
    found = bytearray(data)
    for _ in range(random_.randint(1, 6)):
        if not found:
            break
        at = random_.randrange(len(found))
        kind = random_.randrange(6)
        if kind == 0:
            found[at] = random_.randrange(256)
        elif kind == 1:
            del found[at : at + random_.randint(1, 400)]
        elif kind == 2:
            found[at:at] = found[at : at + random_.randint(1, 400)]
        elif kind == 3:
            numbers = list(re.finditer(rb"-?\d+(?:\.\d+)?", bytes(found[at : at + 2000])))
            if numbers:
                match = random_.choice(numbers)
                value = random_.choice([b"0", b"-1", b"1e30", b"4294967296", b"99999999999", b"1e-30", b"NaN"])
                found[at + match.start() : at + match.end()] = value
        elif kind == 4:
            words = list(re.finditer(rb"/[A-Z][A-Za-z0-9]*", bytes(found)))
            if len(words) > 1:
                one, other = random_.choice(words), random_.choice(words)
                found[one.start() : one.end()] = other[0]
        else:
            del found[max(at, len(found) // 2) :]
    return bytes(found)


def test_mutated_files_end_cleanly(
    make_pdf: Callable[..., bytes], set_text: Callable[..., float], tmp_path: Path
) -> None:
    def plain(sheet: Any) -> None:
        sheet.grid([60, 200, 300], [300, 280, 260])
        sheet.drawString(65, 285, "cell")
        sheet.drawString(205, 265, "cell")
        set_text(sheet, "Some words of a deed, as long as the width of the page or longer. " * 12, 60, 700, 480)

    sources = [make_pdf(plain, plain, pageCompression=0), make_pdf(plain, plain, plain), make_pdf(claim)]
    sources += [nested(9, 2, is_shared, is_packed) for is_shared in (False, True) for is_packed in (False, True)]
    corpora = os.environ.get("SEGTOOL_CORPORA")
    if corpora:
        files = [*Path(corpora).glob("pdf/broken/*.pdf"), *Path(corpora).glob("pdf/real/*.pdf")]
        sources += [path.read_bytes() for path in sorted(files) if path.stat().st_size < 150_000]
    seed = int(os.environ.get("SEGTOOL_SOAK_SEED", "1"))
    random_ = random.Random(seed)
    end = time.monotonic() + float(os.environ.get("SEGTOOL_SOAK_S", "60"))
    bad: list[str] = []
    while time.monotonic() < end:
        paths = []
        for number in range(BATCH):
            path = tmp_path / f"mutant{number}{'x' * (number % 2)}.pdf"
            path.write_bytes(mutated(random_.choice(sources), random_))
            paths.append(path)
        bad += _run(paths)
        if bad:
            break
    assert not bad, f"seed {seed}: {bad}"


def _run(paths: list[Path]) -> list[str]:
    """What went wrong with these files; the culprits are kept beside them as ``bad-*.pdf``."""
    given = "".join(f"{path}\n" for path in paths)
    try:
        done = subprocess.run(
            [sys.executable, str(RUNNER)], input=given, capture_output=True, text=True, timeout=SLOWEST_S * BATCH
        )
        output, failed = done.stdout, done.returncode != 0
    except subprocess.TimeoutExpired as expired:
        output, failed = (expired.stdout or b"").decode(), True
    bad: list[str] = []
    current = None
    for row in output.splitlines():
        if row.startswith("start "):
            current = Path(row.removeprefix("start "))
        elif current is not None:
            _, seconds, ended = row.split(" ", 2)
            if ended not in ("text", "error") or float(seconds) > SLOWEST_S:
                bad.append(f"{_kept(current)}: {seconds} s, {ended}")
            current = None
    if failed and current is not None:
        bad.append(f"{_kept(current)}: the process ended")
    return bad


def _kept(path: Path) -> Path:
    kept = path.with_name(f"bad-{time.time_ns()}.pdf")
    kept.write_bytes(path.read_bytes())
    return kept
