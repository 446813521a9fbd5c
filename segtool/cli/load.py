"""``segtool load``: what a loader makes of an input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from segtool.cli import options as shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segtool.core.passage import Passage

app = typer.Typer()

EPILOG = """Examples:

segtool load contract.pdf

segtool load contract.pdf --format json | jq .metadata
"""


@app.command(epilog=EPILOG)
def load(
    source: shared.Input,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text: the text; json: with metadata and paragraphs.")
    ] = "text",
    from_format: shared.FromFormat = None,
    password: shared.Password = None,
    keep_furniture: shared.KeepFurniture = False,
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Put the notes, highlights and links of a PDF into the metadata.")
    ] = False,
    ocr: shared.Ocr = False,
    ocr_always: shared.OcrAlways = False,
    ocr_engine: shared.OcrEngine = None,
    jobs: shared.Jobs = 1,
) -> int:
    """The text and paragraphs of a document, with provenance."""
    from dataclasses import replace

    from segtool.cli import output
    from segtool.cli.single import load_one
    from segtool.cli.streams import is_streamed, open_stream
    from segtool.storage.export import dump_json, encode
    from segtool.storage.outline import document_to_json

    shared.check_choice("--format", format, ("text", "json"))
    settings = shared.load_settings(
        from_format, password, keep_furniture, jobs, ocr=ocr, ocr_always=ocr_always, ocr_engine=ocr_engine
    )
    if format == "text" and is_streamed(source, settings):
        output.print_pieces(_text(open_stream(source, settings)))
        return 0
    document = load_one(source, replace(settings, annotations=annotations))
    if format == "json":
        output.print_bytes(dump_json(document_to_json(document)))
    else:
        output.print_bytes(encode(document.text) + b"\n")
    return 0


def _text(passages: Iterator[Passage]) -> Iterator[bytes]:
    """The text of a document, paragraph by paragraph."""
    from segtool.core.passage import JOINER
    from segtool.storage.export import encode

    before = ""
    for passage in passages:
        yield encode(before + passage.text)
        before = JOINER
    yield b"\n"
