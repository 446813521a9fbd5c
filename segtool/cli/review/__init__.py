"""``segtool review``: check and correct a segmentation in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from segtool.cli import options as shared
from segtool.core.layer import LayerName

app = typer.Typer()

EPILOG = """Examples:

segtool review judgment.pdf

segtool review docs/

segtool review lease.pdf --against 0.3

segtool review lease.pdf --export gold.jsonl --report notes.md

segtool review --check docs/

fetch-minutes | segtool review - --format jsonl > reviewed.jsonl
"""

THEMES = ("auto", "dark", "light")


@app.command(epilog=EPILOG)
def review(
    inputs: shared.Inputs = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="UNIT",
            help="Layer to show: sentence, paragraph, section or chunk; by default where you left off.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="OTHER",
            help="Compare with a threshold, a sidecar, an output of segtool split, or a model.",
            show_default=False,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="PATH", help="Write the corrected layer as a corpus; draws nothing."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="PATH", help="Write what was changed and noted; draws nothing."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 0 only if all units of the layer are checked; draws nothing.")
    ] = False,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="Of the units written when standard input is reviewed.")
    ] = "text",
    model: shared.SentenceModel = None,
    section_model: shared.SectionModel = None,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="Budget of a unit, in tokens.")] = 512,
    from_format: shared.FromFormat = None,
    password: shared.Password = None,
    keep_furniture: shared.KeepFurniture = False,
    ocr: shared.Ocr = False,
    ocr_always: shared.OcrAlways = False,
    ocr_engine: shared.OcrEngine = None,
    glob: Annotated[
        str | None, typer.Option("--glob", metavar="PATTERN", help="Which files of folders to take.")
    ] = None,
    theme: Annotated[str, typer.Option("--theme", metavar="THEME", help="auto, dark or light.")] = "auto",
    keys: Annotated[
        list[str] | None,
        typer.Option("--keys", metavar="ACTION=KEY,KEY", help="Other keys for an action (also in the config file)."),
    ] = None,
    mouse: Annotated[bool, typer.Option("--mouse/--no-mouse", help="Whether the mouse is used.")] = True,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Keep segmentations for the next time.")] = True,
) -> int:
    """Check and correct a segmentation in the terminal."""
    from segtool.cli.review import running
    from segtool.settings import (
        DEFAULT_SECTION_MODEL,
        DEFAULT_SENTENCE_MODEL,
        ChunkSettings,
        SectionSettings,
        SentenceSettings,
        Settings,
    )
    from segtool.storage.export import EXPORTERS

    layer = cast("LayerName | None", by and shared.check_choice("--by", by, get_args(LayerName)))
    settings = Settings(
        load=shared.load_settings(
            from_format, password, keep_furniture, ocr=ocr, ocr_always=ocr_always, ocr_engine=ocr_engine
        ),
        sentences=SentenceSettings(model or DEFAULT_SENTENCE_MODEL),
        sections=SectionSettings(section_model or DEFAULT_SECTION_MODEL),
        chunks=ChunkSettings(max_tokens),
    )
    request = running.Request(
        inputs or [],
        settings,
        layer,
        glob=glob,
        against=against,
        format=shared.check_choice("--format", format, tuple(EXPORTERS)),
        theme=shared.check_choice("--theme", theme, THEMES),
        keys=tuple(keys or ()),
        mouse=mouse,
        is_cached=cache,
    )
    if check or export or report:
        return running.run_without_screen(request, check=check, export=export, report=report)
    return running.run_on_screen(request)
