"""Scores paragraphs of PDFs against their truth: a table with a row a document, and CPU seconds a page.

    SEGTOOL_CORPORA=/path/to/corpora python scripts/score_pdf.py [FOLDER...] [--ocr] [--out DIR] [--scorer FILE]

FOLDER (``pdf/typeset/dev`` of the corpora if none is given) holds ``NAME.pdf`` and ``NAME.truth.json``; ``--truth``
names another folder for the truth, as for scans of the same files. ``--recall`` needs no truth but poppler's
``pdftotext``. The scores are those of ``score_paragraphs.py``,
which stands beside the corpora.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from segtool.core.document import Document
from segtool.evaluation.pdf_recall import recall
from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings

COLUMNS = {
    "overall": "overall",
    "boundary": "boundary_f1",
    "word": "word_f1",
    "leak": "furn_leak",
    "order": "order_err",
    "heading": "heading_f1",
    "list": "list_f1",
    "note": "note_recall",
}
"""Heads of the table to columns of the scorer."""


def main() -> None:
    """Print the table of each folder."""
    corpora = Path(os.environ.get("SEGTOOL_CORPORA", "corpora")) / "pdf"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[corpora / "typeset" / "dev"])
    parser.add_argument("--truth", type=Path, help="folder of the truth, if it is another")
    parser.add_argument("--scorer", type=Path, default=corpora / "score_paragraphs.py")
    parser.add_argument("--out", type=Path, help="keep the paragraphs of each document here")
    parser.add_argument("--recall", action="store_true", help="characters found, by those that pdftotext finds")
    parser.add_argument("--ocr", action="store_true", help="recognise scanned pages")
    options = parser.parse_args()
    if options.recall:
        print_recall(options.folders)
        return
    settings = LoadSettings(ocr="auto" if options.ocr else "never")
    for folder in options.folders:
        with tempfile.TemporaryDirectory() as scratch:
            out = options.out / folder.name if options.out else Path(scratch)
            out.mkdir(parents=True, exist_ok=True)
            seconds = {path.stem: write_paragraphs(path, out, settings) for path in sorted(folder.glob("*.pdf"))}
            rows = scores(options.scorer, out, options.truth or folder, Path(scratch) / "scores.csv")
        print(f"{folder}\n" + "\n".join(table(rows, seconds)), flush=True)


def print_recall(folders: Iterable[Path]) -> None:
    """A row for each file that has a text layer, and the lowest of them."""
    paths = [path for folder in folders for path in sorted(folder.glob("*.pdf"))]
    found = [(value, path.name) for path in paths if (value := recall(path)) is not None]
    for value, name in found:
        print(f"{name[:40]:42s}{value:.4f}")
    if not found:
        raise SystemExit("no PDF with a text layer in these folders")
    print(f"{'lowest of ' + str(len(found)):42s}{min(found)[0]:.4f}")


def write_paragraphs(path: Path, folder: Path, settings: LoadSettings) -> float:
    """Writes the paragraphs of a file as the scorer reads them; CPU seconds a page, of recognition, too."""
    data, begin = path.read_bytes(), cpu_s()
    document = load_pdf(data, path.name, settings)
    spent = cpu_s() - begin
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in paragraphs(document))
    (folder / f"{path.stem}.jsonl").write_text(rows, "utf-8")
    return spent / max(int(document.metadata["pages"]), 1)


def cpu_s() -> float:
    """CPU seconds of this process and of those that it waited for."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def paragraphs(document: Document) -> Iterable[dict[str, object]]:
    """The paragraphs in reading order, each with its text, kind and first page."""
    pages = {fragment.span.start: fragment.page for fragment in document.fragments}
    for paragraph in document.paragraphs:
        text = paragraph.span.of(document.text)
        yield {"text": text, "kind": paragraph.kind, "page": pages.get(paragraph.span.start)}


def scores(scorer: Path, found: Path, truth: Path, target: Path) -> list[dict[str, str]]:
    """The scorer's row of each document, and that of their mean."""
    names = {path.stem for path in found.glob("*.jsonl")}
    with tempfile.TemporaryDirectory() as chosen:
        for name in names:
            source = truth / f"{name}.truth.json"
            if source.is_file():
                (Path(chosen) / source.name).write_bytes(source.read_bytes())
        command = [sys.executable, str(scorer), "--pred-dir", str(found), "--truth-dir", chosen, "--csv", str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with target.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(rows: Iterable[Mapping[str, str]], seconds: Mapping[str, float]) -> Iterable[str]:
    """The rows as lines of text; the last is their mean, "--" what a document has nothing of."""
    yield f"{'':26s}" + "".join(f"{head:>9s}" for head in COLUMNS) + f"{'s/page':>9s}"
    for row in rows:
        name = next(iter(row.values()))
        values = [f"{float(row[key]):9.3f}" if row[key] else f"{'--':>9s}" for key in COLUMNS.values()]
        spent = seconds.get(name, sum(seconds.values()) / max(len(seconds), 1))
        yield f"{name:26s}" + "".join(values) + f"{spent:9.4f}"


if __name__ == "__main__":
    main()
