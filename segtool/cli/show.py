"""``segtool show``: one section with what it contains."""

from __future__ import annotations

from typing import Annotated

import typer

from segtool.cli import options as shared

app = typer.Typer()

EPILOG = """Examples:

segtool show lease.pdf "4.2(a)"

segtool show act.xml "Interpretation"
"""


@app.command(epilog=EPILOG)
def show(
    source: shared.Input,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="Number or heading.", show_default=False)],
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
    """One section by its number or heading."""
    from segtool.cli import output
    from segtool.cli.single import section_settings, segment_one
    from segtool.core.lookup import find_section
    from segtool.storage.export import encode

    load = shared.load_settings(
        from_format, password, keep_furniture, jobs, ocr=ocr, ocr_always=ocr_always, ocr_engine=ocr_engine
    )
    segmentation = segment_one(source, section_settings(load, section_model, threshold, models_path), not no_edits)
    found = find_section(segmentation, label)
    for other in found.others:
        output.print_note(f"{source}: {label} names also {other}")
    output.print_bytes(encode(found.span.of(segmentation.document.text)) + b"\n")
    return 0
