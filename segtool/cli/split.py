"""``segtool split``: the units of one layer of any number of documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from segtool.cli import options as shared
from segtool.core.layer import LayerName

app = typer.Typer()

EPILOG = """Examples:

segtool split contract.pdf

segtool split docs/ --by chunk --max-tokens 400 -o chunks.jsonl

segtool split corpus.jsonl --format jsonl -o sentences.jsonl

cat notes.txt | segtool split -0 | xargs -0 -n 1 echo

tail -f server.log | segtool split --stream --lang en
"""


@app.command(epilog=EPILOG)
def split(
    inputs: shared.Inputs = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="UNIT",
            autocompletion=shared.completer(*shared.UNITS),
            help="sentence, paragraph, section or chunk.",
        ),
    ] = "sentence",
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            autocompletion=shared.completer(*shared.FORMATS_OUT),
            help="text, jsonl, json, csv, tsv or markdown; by default what the suffix of -o says, else text.",
            show_default=False,
        ),
    ] = None,
    output: shared.Output = None,
    from_format: shared.FromFormat = None,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="CODE",
            help="Language of the documents (en, de, ...), auto (the default: stated, else detected) or none.",
            show_default=False,
        ),
    ] = None,
    model: shared.SentenceModel = None,
    lora: Annotated[
        Path | None,
        typer.Option("--lora", metavar="DIR", help="A LoRA adapter of a SaT model (extra lora).", show_default=False),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            "--style",
            metavar="NAME",
            help="A SaT model's own adapter for a style (ud, ...) in the language of --lang (extra lora).",
            show_default=False,
        ),
    ] = None,
    section_model: shared.SectionModel = None,
    threshold: shared.Threshold = None,
    min_length: Annotated[int, typer.Option("--min-length", min=0, help="Least characters of a sentence.")] = 0,
    max_length: Annotated[
        int | None, typer.Option("--max-length", min=1, help="Most characters of a sentence.", show_default=False)
    ] = None,
    target_length: Annotated[
        int | None,
        typer.Option(
            "--target-length",
            min=1,
            help="Characters that sentences should have, as far as the model agrees; with --max-length.",
            show_default=False,
        ),
    ] = None,
    length_prior: Annotated[
        str,
        typer.Option(
            "--length-prior",
            metavar="KIND",
            autocompletion=shared.completer(*shared.PRIORS),
            help="How the distance from --target-length counts: gaussian, lognormal or polynomial.",
        ),
    ] = "gaussian",
    paragraphs: Annotated[
        str,
        typer.Option(
            "--paragraphs",
            metavar="HOW",
            autocompletion=shared.completer(*shared.PARAGRAPH_MODES),
            help="Paragraphs of plain text: auto (a model looks into a text that is one long paragraph), model (into"
            " every long paragraph), or keep (as the text shows them).",
        ),
    ] = "auto",
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="Most tokens of a chunk.")] = 512,
    tokenizer: Annotated[
        str,
        typer.Option("--tokenizer", metavar="NAME", help="What a token is: words, characters, or a tokenizer.json."),
    ] = "words",
    password: shared.Password = None,
    keep_furniture: shared.KeepFurniture = False,
    ocr: shared.Ocr = False,
    ocr_always: shared.OcrAlways = False,
    ocr_engine: shared.OcrEngine = None,
    jobs: shared.Jobs = 1,
    glob: Annotated[
        str | None,
        typer.Option("--glob", metavar="PATTERN", help="Which files of folders to take.", show_default=False),
    ] = None,
    null: Annotated[
        bool, typer.Option("--null", "-0", help="End units in NUL and keep their line breaks (text).")
    ] = False,
    stream: Annotated[
        bool,
        typer.Option("--stream", help="Write each sentence of a text as soon as it is certain (text, jsonl)."),
    ] = False,
    force: shared.Force = False,
    no_edits: shared.NoEdits = False,
    models_path: shared.ModelsPath = None,
) -> int:
    """Sentences, paragraphs, sections or chunks of documents."""
    from dataclasses import replace

    from segtool.cli.splitting import SplitRequest, run_split, run_stream
    from segtool.errors import UsageError
    from segtool.settings import (
        DEFAULT_SENTENCE_MODEL,
        ChunkSettings,
        ParagraphMode,
        ParagraphSettings,
        PriorKind,
        SectionSettings,
        SentenceSettings,
        Settings,
    )
    from segtool.storage.export import EXPORTERS, format_of

    layer = cast(LayerName, shared.check_choice("--by", by, get_args(LayerName)))
    is_section, is_paragraph = layer == "section", layer == "paragraph"
    if target_length is not None and max_length is None:
        raise UsageError("--target-length: needs --max-length, which bounds the search")
    mode = cast(ParagraphMode, shared.check_choice("--paragraphs", paragraphs, shared.PARAGRAPH_MODES))
    settings = Settings(
        load=replace(
            shared.load_settings(
                from_format, password, keep_furniture, jobs, ocr=ocr, ocr_always=ocr_always, ocr_engine=ocr_engine
            ),
            record_paragraphs=layer != "sentence",
        ),
        sentences=SentenceSettings(
            lang=lang,
            threshold=None if is_section or is_paragraph else threshold,
            min_length=min_length,
            max_length=max_length,
            target_length=target_length,
            length_prior=cast(PriorKind, shared.check_choice("--length-prior", length_prior, shared.PRIORS)),
            lora=lora,
            style=style,
            model=DEFAULT_SENTENCE_MODEL if model is None else model,
        ),
        paragraphs=ParagraphSettings(mode, threshold if is_paragraph else None),
        sections=SectionSettings(
            threshold=threshold if is_section else None, **({} if section_model is None else {"model": section_model})
        ),
        chunks=ChunkSettings(max_tokens, tokenizer),
        models_path=models_path,
    )
    format_name = shared.check_choice("--format", format or format_of(output), tuple(EXPORTERS))
    request = SplitRequest(inputs or [], layer, format_name, output, glob, null, force, not no_edits)
    return run_stream(request, settings) if stream and from_format != "jsonl" else run_split(request, settings)
