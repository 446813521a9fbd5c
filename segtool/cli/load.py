"""``segtool load``: what a loader makes of an input."""

from __future__ import annotations

from typing import Annotated

import typer

from segtool.cli import options as shared

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
    jobs: shared.Jobs = 1,
) -> int:
    """The text and paragraphs of a document, with provenance."""
    from segtool.cli import output
    from segtool.cli.single import load_one
    from segtool.storage.export import dump_json, encode
    from segtool.storage.outline import document_to_json

    shared.check_choice("--format", format, ("text", "json"))
    document = load_one(source, shared.load_settings(from_format, password, keep_furniture, jobs))
    if format == "json":
        output.print_bytes(dump_json(document_to_json(document)))
    else:
        output.print_bytes(encode(document.text) + b"\n")
    return 0
