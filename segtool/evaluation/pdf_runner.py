"""Runs one reader of PDFs over files; a script of its own, so that its memory and CPU time are its own.

usage: python pdf_runner.py NAME FILE.pdf... > RESULT

RESULT is one {"characters", "cpu_s", "peak_mb", "version"}: CPU seconds of reading (imports left out, child
processes counted), the peak of resident memory in MiB (null where the system doesn't tell).
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Read = Callable[[Path], int]
"""A file to the number of characters read."""


def _version(distribution: str) -> str:
    return importlib.metadata.version(distribution)


def segtool() -> tuple[Read, str]:
    """The whole loader: text to paragraphs."""
    load = importlib.import_module("segtool.loaders.pdf").load_pdf
    settings = importlib.import_module("segtool.settings").LoadSettings()
    return lambda path: len(load(path.read_bytes(), path.name, settings).text), _version("segtool")


def segtool_characters() -> tuple[Read, str]:
    """segtool's characters with boxes, sizes and fonts."""
    source = importlib.import_module("segtool.loaders.pdf.pdfium").PdfiumFile

    def read(path: Path) -> int:
        file = source(path.read_bytes(), path.name)
        try:
            return sum(len(page.glyphs.text) for page in file.pages())
        finally:
            file.close()

    return read, _version("segtool")


def pdfplumber() -> tuple[Read, str]:
    """pdfplumber's extract_text, page by page, each page closed."""
    library = importlib.import_module("pdfplumber")

    def read(path: Path) -> int:
        total = 0
        with library.open(path) as file:
            for page in file.pages:
                total += len(page.extract_text())
                page.close()
        return total

    return read, _version("pdfplumber")


def pdfminer() -> tuple[Read, str]:
    """pdfminer.six's extract_text with its layout analysis."""
    extract = importlib.import_module("pdfminer.high_level").extract_text
    return lambda path: len(extract(path)), _version("pdfminer.six")


def pypdfium2() -> tuple[Read, str]:
    """PDFium's plain text."""
    library = importlib.import_module("pypdfium2")

    def read(path: Path) -> int:
        file = library.PdfDocument(path)
        total = 0
        for page in file:
            text = page.get_textpage()
            total += len(text.get_text_range())
            text.close()
            page.close()
        file.close()
        return total

    return read, _version("pypdfium2")


def liteparse() -> tuple[Read, str]:
    """liteparse without OCR."""
    parser = importlib.import_module("liteparse").LiteParse(ocr_enabled=False, quiet=True)
    return lambda path: len(parser.parse(str(path)).text), _version("liteparse")


def pdftotext() -> tuple[Read, str]:
    """poppler's pdftotext with its default order."""
    version = subprocess.run(["pdftotext", "-v"], capture_output=True, text=True, check=True).stderr.split("\n")[0]

    def read(path: Path) -> int:
        done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
        return len(done.stdout.decode("utf-8", "replace"))

    return read, version.removeprefix("pdftotext version ")


READERS: dict[str, Callable[[], tuple[Read, str]]] = {
    "segtool": segtool,
    "segtool-characters": segtool_characters,
    "pdfplumber": pdfplumber,
    "pdfminer.six": pdfminer,
    "pypdfium2": pypdfium2,
    "liteparse": liteparse,
    "pdftotext": pdftotext,
}


def _cpu_s() -> float:
    """CPU seconds of this process and of children that have ended."""
    try:
        import resource
    except ImportError:
        return time.process_time()
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + child.ru_utime + child.ru_stime


def _peak_mb() -> float | None:
    """Peak memory of this process or of a child; of Linux's own counter, as ru_maxrss keeps that of the parent."""
    try:
        import resource
    except ImportError:
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    status = Path("/proc/self/status")
    if not status.is_file():
        return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, child)
    row = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return max(float(row.split()[1]) / 2**10, child)


def main(arguments: list[str]) -> None:
    """Run the reader named first over the files behind it."""
    read, version = READERS[arguments[0]]()
    begin = _cpu_s()
    characters = sum(read(Path(name)) for name in arguments[1:])
    result: dict[str, Any] = {"characters": characters, "cpu_s": _cpu_s() - begin, "peak_mb": _peak_mb()}
    print(json.dumps({**result, "version": version}))


if __name__ == "__main__":
    main(sys.argv[1:])
