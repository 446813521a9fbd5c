"""How much of the characters that poppler's ``pdftotext`` finds in a PDF the loader gives, furniture kept."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path

from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings

_SILENT = re.compile("[\\s\u00ad\u200b-\u200f\u2010\u202a-\u202e-]+")


def recall(path: Path) -> float | None:
    """The share of the characters of ``pdftotext``, as a bag, that the loader gives; None if it finds none.

    White space, hyphens and marks of direction don't count, and letters are compared in one case and form.

    Raises:
        FileNotFoundError: without ``pdftotext``.
        LoadError: if the loader can't read the file.
    """
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=False)
    wanted = _bag(done.stdout.decode("utf-8", "replace"))
    if not wanted:
        return None
    document = load_pdf(path.read_bytes(), path.name, LoadSettings(keep_furniture=True))
    # The other furniture stands in the text.
    marks = "".join(item["text"] for item in document.metadata["furniture"] if item["kind"] == "note_mark")
    found = _bag(document.text + marks)
    return (wanted & found).total() / wanted.total()


def _bag(text: str) -> Counter[str]:
    return Counter(_SILENT.sub("", unicodedata.normalize("NFKC", text)).casefold())
