"""Options that several commands share, as annotated types, and the settings that they become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, cast

import typer

from segtool.settings import LoadSettings, OcrEngineName


def completer(*choices: str) -> Callable[[str], list[str]]:
    """What the shell offers for an option with these choices."""

    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete


UNITS = ("sentence", "paragraph", "section", "chunk")
PRIORS = ("gaussian", "lognormal", "polynomial")
PARAGRAPH_MODES = ("auto", "keep", "model")
FORMATS_OUT = ("text", "jsonl", "json", "csv", "tsv", "markdown")
OCR_ENGINES = ("tesseract", "rapidocr")
FORMATS_IN = ("text", "jsonl", "markdown", "html", "docx", "akn", "uslm", "pdf", "image")

Input = Annotated[str, typer.Argument(metavar="INPUT", help="A file, or - for standard input.", show_default=False)]
Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="Files, folders (walked), or - for standard input, which is also what no INPUT means in a pipe.",
        show_default=False,
    ),
]
FromFormat = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FORMAT",
        autocompletion=completer(*FORMATS_IN),
        help=f"Format of the input where content and suffix do not tell: {', '.join(FORMATS_IN)}.",
        show_default=False,
    ),
]
Password = Annotated[
    str | None, typer.Option("--password", help="Password of encrypted documents.", show_default=False)
]
KeepFurniture = Annotated[bool, typer.Option("--keep-furniture", help="Keep running heads, page numbers and the like.")]
Ocr = Annotated[bool, typer.Option("--ocr", help="Recognise the text of scanned pages (PDF, PNG, JPEG, TIFF).")]
OcrAlways = Annotated[
    bool, typer.Option("--ocr-always", help="As --ocr, also where a scanned page brings a text layer.")
]
OcrEngine = Annotated[
    str | None,
    typer.Option(
        "--ocr-engine",
        metavar="NAME",
        autocompletion=completer(*OCR_ENGINES),
        help="What recognises text: tesseract or rapidocr; by default the first that is installed.",
        show_default=False,
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", min=1, help="Processes that read the pages of a PDF.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="PATH",
        help="Write to a file, whole or not at all, instead of standard output.",
        show_default=False,
    ),
]
NoEdits = Annotated[bool, typer.Option("--no-edits", help="Leave out the edits made in segtool review.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that segtool did not write.")]
SentenceModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Sentence model: a name or folder, a SaT model of the hub, or spacy:NAME.",
        show_default=False,
    ),
]
SectionModel = Annotated[
    str | None,
    typer.Option("--section-model", metavar="NAME", help="Section model: a name or folder.", show_default=False),
]
ModelsPath = Annotated[
    Path | None,
    typer.Option("--models-path", help="A folder of models that come before the built-in ones.", show_default=False),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        "--threshold",
        min=0.0,
        max=1.0,
        help="Chance from which a unit starts; by default the model's own.",
        show_default=False,
    ),
]


def load_settings(
    from_format: str | None,
    password: str | None,
    keep_furniture: bool,
    jobs: int = 1,
    *,
    ocr: bool = False,
    ocr_always: bool = False,
    ocr_engine: str | None = None,
) -> LoadSettings:
    """The settings of loading.

    Raises:
        UsageError: if the format or the engine is unknown.
    """
    if from_format is not None:
        check_choice("--from", from_format, FORMATS_IN)
    if ocr_engine is not None:
        check_choice("--ocr-engine", ocr_engine, OCR_ENGINES)
    return LoadSettings(
        format=from_format,
        password=password,
        keep_furniture=keep_furniture,
        jobs=jobs,
        ocr="always" if ocr_always else "auto" if ocr else "never",
        ocr_engine=cast("OcrEngineName | None", ocr_engine),
    )


def check_choice(option: str, value: str, choices: tuple[str, ...]) -> str:
    """The value, if it is one of the choices.

    Raises:
        UsageError: naming the choices and the nearest one.
    """
    if value in choices:
        return value
    from difflib import get_close_matches

    from segtool.errors import UsageError

    close = get_close_matches(value, choices, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    raise UsageError(f"{option} {value}: is none of {', '.join(choices)}{meant}")
