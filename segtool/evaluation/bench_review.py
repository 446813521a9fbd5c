"""How fast the review screen is: ``segtool review`` as a child in a pseudo-terminal, over a generated document.

Two thousand pages of six million characters, segmented beforehand into the cache of the child. The child is
driven with real keys; what is measured is what a user waits for: bytes on the terminal. POSIX only.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np

from segtool.core.document import BBox, Document, Fragment, Paragraph, Source
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.core.span import Span
from segtool.errors import UsageError
from segtool.settings import ChunkSettings, Settings
from segtool.storage.cache import Cache, review_key

N_PAGES = 2000
PAGE_CHARACTERS = 3000
QUIET_S = 0.03
"""Silence after which the answer to a key counts as drawn."""

_SENTENCES = (
    "The tenant keeps the gutters clear and tells the landlord of any damage.",
    "Rent is due on the first working day of each quarter.",
    "The landlord may enter, on two days' notice, to read the meters.",
    "Sec. 14 applies to the yard as it does to the house.",
    "Nothing in this part takes away a right that a statute gives.",
    "Costs above 500 euros are shared in equal parts, unless cl. 9.3 says otherwise.",
)
_KEYS = {
    "cursor down": "j",
    "cursor right": "l",
    "page down": "\x1b[6~",
    "next question": "\t",
    "answer": "y",
    "split or merge": " ",
    "undo": "u",
    "end and top": "G",
}


@dataclass(frozen=True, slots=True)
class KeyTime:
    """Milliseconds from a key press to the last byte of its answer, and of CPU time (None where it can't be read)."""

    key: str
    median_ms: float
    worst_ms: float
    cpu_ms: float | None


@dataclass(frozen=True, slots=True)
class ReviewBench:
    """The figures.

    Attributes:
        n_characters: of the document.
        start_s: from starting a process to the first screen of a document of one page.
        open_s: the same for the whole document, from the cache.
        load_s: reading the document and its segmentation from the cache, in a process of its own.
        after_loading_s: what opening costs besides starting and loading.
        keys: the time of each key.
        document_mb: memory of a process that holds document and segmentation, above a bare one.
        review_mb: memory of the review above that.
    """

    n_characters: int
    start_s: float
    open_s: float
    load_s: float
    after_loading_s: float
    keys: tuple[KeyTime, ...]
    document_mb: float
    review_mb: float

    def to_json(self) -> dict[str, object]:
        """The figures as JSON values."""
        return asdict(self)


def report_lines(result: ReviewBench) -> list[str]:
    """The figures as lines for people."""
    lines = [
        f"document            {result.n_characters:,} characters",
        f"start, one page     {result.start_s:.2f} s to the first screen",
        f"open from the cache {result.open_s:.2f} s to the first screen",
        f"  of that loading   {result.load_s:.2f} s, after start and loading {result.after_loading_s:.2f} s",
        f"memory              {result.document_mb:.0f} MB the document, {result.review_mb:.0f} MB above it the review",
    ]
    for key in result.keys:
        cpu = "" if key.cpu_ms is None else f", CPU {key.cpu_ms:.1f} ms"
        lines.append(f"{key.key:<19} {key.median_ms:6.1f} ms, worst {key.worst_ms:.1f} ms{cpu}")
    return lines


def generated(n_pages: int = N_PAGES) -> Segmentation:
    """A document of ``n_pages`` with sentences, sections, scores and page boxes; the same on every machine."""
    rng = np.random.default_rng(20)
    pieces: list[str] = []
    spans: list[Span] = []
    starts: list[int] = []
    sections: list[Boundary] = []
    position = 0
    while position < n_pages * PAGE_CHARACTERS:
        if len(spans) % 12 == 0:
            number = str(len(sections) + 1)
            sections.append(Boundary(position, 1 + len(sections) % 3, None, "rule", Label(number, "Of the house")))
            chosen = [f"{number} Of the house"]
        else:
            chosen = [_SENTENCES[i] for i in rng.integers(0, len(_SENTENCES), int(rng.integers(2, 7)))]
        at = position
        for sentence in chosen:
            starts.append(at)
            at += len(sentence) + 1
        spans.append(Span(position, at - 1))
        pieces.append(" ".join(chosen) + "\n\n")
        position += len(pieces[-1])
    text = "".join(pieces)
    return _segmentation(text, spans, np.array(starts, dtype=np.int64), sections, rng)


def _segmentation(
    text: str, spans: list[Span], starts: np.ndarray, sections: list[Boundary], rng: np.random.Generator
) -> Segmentation:
    fragments = tuple(Fragment(span, span.start // PAGE_CHARACTERS + 1, BBox(72, 72, 500, 90)) for span in spans)
    source = Source("big.txt", "text", len(text))
    paragraphs = tuple(Paragraph(span) for span in spans)
    document = Document("big.txt", text, paragraphs, fragments, {}, source, "en")
    extra = starts[1::7] + 4
    offsets = np.unique(np.concatenate([starts[1:], extra]))
    is_start = np.isin(offsets, starts)
    noise = rng.beta(0.6, 12, len(offsets)).astype(np.float32)
    chances = np.where(is_start, 1 - noise, noise).clip(0, 1).astype(np.float32)
    kept = np.array([not text[offset].isspace() for offset in offsets.tolist()])
    scores = Scores("sentence", len(text), offsets[kept], chances[kept])
    chosen = scores.probabilities >= 0.5
    layers = {
        "paragraph": Layer.from_offsets("paragraph", len(text), np.array([span.start for span in spans])),
        "sentence": Layer.from_offsets(
            "sentence", len(text), scores.offsets[chosen], scores=scores.probabilities[chosen]
        ),
        "section": Layer.from_boundaries("section", len(text), sections),
    }
    made_by = {"sentence": MadeBy("generated", None, 0.5), "section": MadeBy("rule")}
    return Segmentation(document, layers, made_by, {"sentence": scores})  # type: ignore[arg-type]


def run(n_pages: int = N_PAGES, repeats: int = 15) -> ReviewBench:
    """Measure.

    Raises:
        UsageError: where there are no pseudo-terminals.
    """
    if sys.platform == "win32":
        raise UsageError("bench review needs a pseudo-terminal; it runs on Linux and macOS")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        big, small = generated(n_pages), generated(1)
        for title, made in (("big.txt", big), ("small.txt", small)):
            _prepare(folder, title, made)
        start_s = min(_open(folder, "small.txt") for _ in range(3))
        open_s = min(_open(folder, "big.txt") for _ in range(3))
        bare, _ = _load(folder, None)
        document_kb, load_s = _load(folder, "big.txt")
        keys, review_kb = _press(folder, repeats)
    own = (document_kb - bare) / 1024
    return ReviewBench(
        len(big.document.text),
        round(start_s, 3),
        round(open_s, 3),
        round(load_s, 3),
        round(open_s - start_s - load_s, 3),
        tuple(keys),
        round(own, 1),
        round((review_kb - document_kb) / 1024, 1),
    )


def _prepare(folder: Path, name: str, made: Segmentation) -> None:
    path = folder / name
    path.write_text(made.document.text, encoding="utf-8", newline="")
    key = review_key(path.read_bytes(), name, Settings(chunks=ChunkSettings(512)))
    Cache(folder / "cache" / "segtool" / "review").put(key, made)


class _Child:
    """``segtool review`` in a pseudo-terminal of 120 by 40."""

    def __init__(self, folder: Path, name: str) -> None:
        import fcntl
        import pty
        import termios

        self.started = time.perf_counter()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            environment.update(XDG_CACHE_HOME=str(folder / "cache"), XDG_STATE_HOME=str(folder / "state"))
            command = [sys.executable, "-m", "segtool", "review", name]
            os.execve(sys.executable, command, environment)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def wait_for(self, text: bytes, seconds: float = 120) -> float:
        """Seconds from the start until a text was drawn."""
        seen = b""
        while text not in seen:
            if time.perf_counter() - self.started > seconds:
                raise UsageError("bench review: the child drew no screen")
            ready, _, _ = select.select([self.master], [], [], 0.5)
            seen += os.read(self.master, 1 << 16) if ready else b""
        return time.perf_counter() - self.started

    def press(self, key: str) -> float:
        """Milliseconds from a key to the last byte of its answer."""
        self.drain()
        sent = last = time.perf_counter()
        os.write(self.master, key.encode())
        quiet = 1.0
        while select.select([self.master], [], [], quiet)[0]:
            os.read(self.master, 1 << 16)
            last, quiet = time.perf_counter(), QUIET_S
        return (last - sent) * 1000

    def drain(self) -> None:
        """Read until the child is silent."""
        while select.select([self.master], [], [], 0.2)[0]:
            os.read(self.master, 1 << 16)

    def cpu_ms(self) -> float | None:
        """CPU time so far (Linux)."""
        path = Path(f"/proc/{self.pid}/stat")
        if not path.exists():
            return None
        fields = path.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def memory_kb(self) -> int:
        """Resident memory."""
        done = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, check=True)
        return int(done.stdout)

    def close(self) -> None:
        """End the child."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)


def _open(folder: Path, name: str) -> float:
    child = _Child(folder, name)
    try:
        return child.wait_for(b"sentences")
    finally:
        child.close()


def _press(folder: Path, repeats: int) -> tuple[list[KeyTime], int]:
    child = _Child(folder, "big.txt")
    try:
        child.wait_for(b"sentences")
        child.drain()
        found = []
        for name, key in _KEYS.items():
            before = child.cpu_ms()
            times = [child.press(key) for _ in range(repeats)]
            after = child.cpu_ms()
            cpu = None if before is None or after is None else round((after - before) / repeats, 1)
            found.append(KeyTime(name, round(median(times), 1), round(max(times), 1), cpu))
        return found, child.memory_kb()
    finally:
        child.close()


_LOAD = """
import os, subprocess, sys, time
from pathlib import Path
from segtool.settings import ChunkSettings, Settings
from segtool.storage.cache import Cache, review_key
started = time.perf_counter()
if len(sys.argv) > 1:
    data = Path(sys.argv[1]).read_bytes()
    held = Cache(Path("cache/segtool/review")).get(review_key(data, sys.argv[1], Settings(chunks=ChunkSettings(512))))
    assert held is not None
seconds = time.perf_counter() - started
print(subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True).stdout.decode(), seconds)
"""


def _load(folder: Path, name: str | None) -> tuple[int, float]:
    """Memory (KiB) and seconds of a process that reads a document from the cache; bare without a name."""
    command = [sys.executable, "-c", _LOAD, *([name] if name else [])]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    memory, seconds = done.stdout.split()
    return int(memory), float(seconds)
