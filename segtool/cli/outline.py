"""``segtool outline``: the tree of a document's sections."""

from __future__ import annotations

from typing import Annotated

import typer

from segtool.cli import options as shared

app = typer.Typer()

EPILOG = """Examples:

segtool outline act.pdf

segtool outline act.xml --depth 2 --format json

segtool outline transcript.txt --titles
"""

FORMATS = ("text", "json", "markdown")


@app.command(epilog=EPILOG)
def outline(
    source: shared.Input,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json or markdown.")] = "text",
    depth: Annotated[
        int | None, typer.Option("--depth", min=1, help="Show this many levels.", show_default=False)
    ] = None,
    titles: Annotated[
        bool, typer.Option("--titles", help="Title sections without a heading by their most telling words.")
    ] = False,
    section_model: shared.SectionModel = None,
    threshold: shared.Threshold = None,
    models_path: shared.ModelsPath = None,
    from_format: shared.FromFormat = None,
    password: shared.Password = None,
    keep_furniture: shared.KeepFurniture = False,
    ocr: shared.Ocr = False,
    ocr_always: shared.OcrAlways = False,
    ocr_engine: shared.OcrEngine = None,
    jobs: shared.Jobs = 1,
    no_edits: shared.NoEdits = False,
) -> int:
    """The tree of a document's sections."""
    from segtool.cli import output
    from segtool.cli.single import section_settings, segment_one
    from segtool.segmenters.titles import section_titles
    from segtool.storage.export import dump_json, encode
    from segtool.storage.outline import Outline

    shared.check_choice("--format", format, FORMATS)
    load = shared.load_settings(
        from_format, password, keep_furniture, jobs, ocr=ocr, ocr_always=ocr_always, ocr_engine=ocr_engine
    )
    segmentation = segment_one(source, section_settings(load, section_model, threshold, models_path), not no_edits)
    document = segmentation.document
    found = section_titles(segmentation.layers["section"], document.text) if titles else {}
    tree = Outline(document, segmentation.outline(), depth, found)
    if format == "json":
        output.print_bytes(dump_json(tree.to_json()))
        return 0
    lines = tree.to_text() if format == "text" else tree.to_markdown()
    output.print_bytes(b"".join(encode(line + "\n") for line in lines))
    return 0
