"""``segtool inspect``: pictures of the pages of a PDF with what was found."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segtool.cli import options as shared

if TYPE_CHECKING:
    from segtool.core.document import Document

app = typer.Typer()

EPILOG = """Examples:

segtool inspect contract.pdf -o pages/

segtool inspect contract.pdf --pages 3-5,9 -o pages/
"""
_MARK = "segtool inspect"
_RANGE = re.compile(r"^(\d+)(?:-(\d*))?$")


@app.command(epilog=EPILOG)
def inspect(
    source: Annotated[Path, typer.Argument(metavar="FILE.pdf", help="A PDF.", show_default=False)],
    target: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="The folder of the pictures; made if it is missing."),
    ],
    pages: Annotated[
        str | None, typer.Option("--pages", metavar="RANGES", help="Pages such as 3-5,9; all by default.")
    ] = None,
    scale: Annotated[float, typer.Option("--scale", min=0.2, max=8.0, help="Pixels a point.")] = 1.5,
    password: shared.Password = None,
    keep_furniture: shared.KeepFurniture = False,
    ocr: shared.Ocr = False,
    ocr_always: shared.OcrAlways = False,
    ocr_engine: shared.OcrEngine = None,
    force: shared.Force = False,
) -> int:
    """Pictures of a PDF's pages with what was found.

    Columns, paragraphs in reading order with their kinds, and in grey what was left out.
    """
    from segtool.cli import output
    from segtool.cli.single import load_one
    from segtool.loaders.pdf.drawing import iter_pictures

    document = load_one(
        str(source),
        shared.load_settings("pdf", password, keep_furniture, ocr=ocr, ocr_always=ocr_always, ocr_engine=ocr_engine),
    )
    numbers = page_numbers(pages, int(document.metadata["pages"]))
    folder = _folder(target)
    for number, picture in iter_pictures(source.read_bytes(), document, numbers, password, scale):
        path = folder / f"{source.stem}-{number:04d}.png"
        _write(path, picture, force)
        output.print_text(_line(path, document, number))
    return 0


def page_numbers(ranges: str | None, n_pages: int) -> list[int]:
    """The pages that ranges such as ``3-5,9,12-`` name, in order, each once.

    Raises:
        UsageError: if a range is none, or names a page that the document has not.
    """
    from segtool.errors import UsageError

    if ranges is None:
        return list(range(1, n_pages + 1))
    found: dict[int, None] = {}
    for part in ranges.split(","):
        match = _RANGE.match(part.strip())
        if match is None:
            raise UsageError(f"--pages {ranges}: give pages as 3-5,9")
        first = int(match[1])
        last = first if match[2] is None else int(match[2] or n_pages)
        if not 1 <= first <= last <= n_pages:
            raise UsageError(f"--pages {ranges}: the document has pages 1 to {n_pages}")
        found.update(dict.fromkeys(range(first, last + 1)))
    return list(found)


def _folder(target: Path) -> Path:
    from segtool.errors import OutputError

    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{target}: can't be made ({error.strerror})") from error
    return target


def _write(path: Path, picture: Any, force: bool) -> None:
    from PIL.PngImagePlugin import PngInfo

    from segtool.errors import UsageError
    from segtool.storage.target import whole_file

    if path.exists() and not force and not _is_ours(path):
        raise UsageError(f"{path}: exists and is no earlier picture of segtool; --force overwrites it")
    info = PngInfo()
    info.add_text("Software", _MARK)
    buffer = BytesIO()
    picture.save(buffer, "PNG", pnginfo=info)
    with whole_file(path) as sink:
        sink.write(buffer.getvalue())


def _is_ours(path: Path) -> bool:
    """Whether a file is a picture that this command drew earlier."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return bool(picture.info.get("Software") == _MARK)
    except (OSError, UnidentifiedImageError):
        return False


def _line(path: Path, document: Document, number: int) -> str:
    from collections import Counter

    from segtool.loaders.pdf.drawing import marks_of

    kinds = Counter(mark.kind for mark in marks_of(document).get(number, []))
    left_out = sum(1 for item in document.metadata["furniture"] if item["page"] == number)
    found = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "no text"
    return f"{path}: {found}; {left_out} left out"
