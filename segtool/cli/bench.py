"""``segtool bench``: quality and speed, with the peers in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segtool.cli import output
from segtool.cli.options import check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from segtool.evaluation.agreement import Agreement
    from segtool.evaluation.gold import GoldDocument
    from segtool.evaluation.sentences import Result, Run

app = typer.Typer(help="Quality and speed beside the peers.", no_args_is_help=True)

EPILOG = """Examples:

segtool bench sentences dev/legal.jsonl.zst --by source

segtool bench sentences dev/*.zst --by file --peers-python .venv-bench/bin/python --format json

segtool bench sentences dev/ud.jsonl.zst --lang en --corrupt bare --model sentences --model spacy:en

segtool bench sentences dev/*.zst --by standard --agreement sentences-full
"""


SECTIONS_EPILOG = """Examples:

segtool bench sections dev/contract.jsonl.zst dev/law.jsonl.zst --mode dropped

segtool bench sections dev/contract.jsonl.zst --mode joined --depth 99 --method segtool

segtool bench sections dev/tos.jsonl.zst --method segtool --method kaos-nlp-core --peers-python .venv-bench/bin/python

segtool bench sections dev/*.jsonl.zst --scale --method segtool --method embedding-valleys
"""


PDF_EPILOG = """Examples:

segtool bench pdf contract.pdf act.pdf

segtool bench pdf pdfs/*.pdf --reader segtool --reader pdfplumber --format json
"""


@app.callback()
def _group() -> None:
    pass


@app.command(epilog=EPILOG)
def sentences(
    gold: Annotated[
        list[Path],
        typer.Argument(metavar="GOLD...", help='JSON Lines (also .zst) of {"id", "text", "ends"}.', show_default=False),
    ],
    model: Annotated[
        list[str] | None, typer.Option("--model", metavar="NAME", help="A model; may be repeated.", show_default=False)
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by", help="Groups of the macro F1: lang, domain, source, file, or standard (rows of the README's table)."
        ),
    ] = "lang",
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="CODE", help="Only documents of this language.", show_default=False)
    ] = None,
    corrupt: Annotated[
        str, typer.Option("--corrupt", metavar="KIND", help="clean, bare, one-blank, lower, wrapped, no-breaks, ...")
    ] = "clean",
    threshold: Annotated[
        float | None, typer.Option("--threshold", min=0.0, max=1.0, help="By default the model's.", show_default=False)
    ] = None,
    characters: Annotated[
        int | None,
        typer.Option("--characters", min=1, help="No more than these, no text twice: for speed.", show_default=False),
    ] = None,
    agreement: Annotated[
        str | None,
        typer.Option(
            "--agreement",
            metavar="NAME",
            help="Also how often each model agrees with this one, and what F1 it loses.",
            show_default=False,
        ),
    ] = None,
    peers_python: Annotated[
        Path | None,
        typer.Option("--peers-python", help="Python of scripts/bench-requirements.txt; runs the peers too."),
    ] = None,
    peer: Annotated[
        list[str] | None, typer.Option("--peer", metavar="NAME", help="Only this peer; may be repeated.")
    ] = None,
    shell: Annotated[
        bool, typer.Option("--shell", help="Also the speed of whole processes, JSON Lines to JSON Lines.")
    ] = False,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
) -> None:
    """F1 of sentence boundaries and characters a second of CPU time, on one core."""
    from segtool.evaluation import sentences as bench
    from segtool.evaluation.gold import GROUPINGS, STANDARD, iter_gold, unique
    from segtool.evaluation.standard import standard_rows
    from segtool.settings import DEFAULT_SENTENCE_MODEL, SentenceSettings, Settings

    check_choice("--format", format, ("text", "json"))
    check_choice("--by", by, GROUPINGS)
    peers = [check_choice("--peer", name, bench.PEERS) for name in peer or bench.PEERS] if peers_python else []
    found = iter_gold(gold, by, lang)
    documents = bench.corrupted(unique(found, characters) if characters else list(found), corrupt)
    names = list(model or [DEFAULT_SENTENCE_MODEL])
    if agreement is not None and agreement not in names:
        names.append(agreement)
    models = [SentenceSettings(model=name, threshold=threshold) for name in names]
    with bench.one_core():
        runs = [bench.run_model(documents, Settings(sentences=item)) for item in models]
        runs += [bench.run_peer(documents, name, str(peers_python)) for name in peers]
        if shell:
            runs = bench.from_shell(documents, runs, str(peers_python) if peers_python else None)
    results = [bench.score(documents, run) for run in runs]
    compared = _agreements(documents, runs, agreement, by == STANDARD) if agreement is not None else {}
    if format == "json":
        rows = [result.to_json() for result in results]
        rows = [{**row, **_agreement_json(compared.get(row["name"]), agreement)} for row in rows]
        if by == STANDARD:
            rows = [{**row, "rows": standard_rows(result.groups)} for row, result in zip(rows, results, strict=True)]
        _print_json({"by": by, "lang": lang, "corrupt": corrupt, "results": rows})
        return
    for line in [*_table(results, by == STANDARD), *_agreement_lines(compared, agreement)]:
        output.print_text(line)


@app.command(epilog=SECTIONS_EPILOG)
def sections(
    gold: Annotated[
        list[Path],
        typer.Argument(
            metavar="GOLD...", help="JSON Lines (also .zst) of documents with headings.", show_default=False
        ),
    ],
    mode: Annotated[
        str, typer.Option("--mode", help="Headings kept, dropped, or joined: run-in ones to their text, as printed.")
    ] = "kept",
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth",
            metavar="N",
            min=1,
            help="Depth of boundaries, 99 for all; by default each document's main depth.",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Groups of the macro: domain, lang, source or file.")] = "domain",
    method: Annotated[
        list[str] | None,
        typer.Option("--method", metavar="NAME", help="segtool, topics (the model alone) or a peer; may be repeated."),
    ] = None,
    documents: Annotated[
        int | None,
        typer.Option(
            "--documents", metavar="N", min=1, help="No more than these of each group: slow peers.", show_default=False
        ),
    ] = None,
    scale: Annotated[
        bool, typer.Option("--scale", help="Speed on 1,000, 10,000 and 100,000 paragraphs instead of quality.")
    ] = False,
    peers_python: Annotated[
        Path | None, typer.Option("--peers-python", help="Python of scripts/bench-requirements.txt, for kaos-nlp-core.")
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
) -> None:
    """Pk and F1 of section boundaries, share of exact levels, characters a second of CPU time, on one core."""
    from segtool.evaluation import section_gold, section_speed
    from segtool.evaluation import sections as bench
    from segtool.evaluation.sentences import one_core
    from segtool.settings import Settings

    check_choice("--format", format, ("text", "json"))
    chosen = next(name for name in section_gold.MODES if name == check_choice("--mode", mode, section_gold.MODES))
    check_choice("--by", by, ("domain", "lang", "source", "file"))
    names = [check_choice("--method", name, bench.METHODS) for name in method or bench.QUICK_METHODS]
    found = list(section_gold.iter_gold_sections(gold, chosen, by, depth))
    found = section_gold.sampled(found, documents) if documents else found
    python = str(peers_python) if peers_python else None
    with one_core():
        if scale:
            speeds = section_speed.scaling(names, found, Settings(), python)
            _print_json(speeds) if format == "json" else output.print_text(
                "\n".join(section_speed.scaling_lines(speeds))
            )
            return
        results = [bench.run(name, found, Settings(), python) for name in names]
    if format == "json":
        _print_json({"mode": mode, "by": by, "depth": depth, "results": [result.to_json() for result in results]})
        return
    output.print_text("\n".join(bench.table(results)))


@app.command(epilog=PDF_EPILOG)
def pdf(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.pdf...", help="PDFs.", show_default=False)],
    reader: Annotated[
        list[str] | None,
        typer.Option("--reader", metavar="NAME", help="Only this reader; may be repeated.", show_default=False),
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
) -> None:
    """Pages a second of CPU time and peak memory of reading PDFs, on one core, beside other readers."""
    from segtool.evaluation import bench_pdf as bench
    from segtool.evaluation.sentences import one_core

    check_choice("--format", format, ("text", "json"))
    names, pages = bench.available(reader), bench.count_pages(files)
    with one_core():
        readings = [bench.read_all(name, files, pages) for name in names]
    if format == "json":
        _print_json({"pages": pages, "readings": [reading.to_json() for reading in readings]})
        return
    output.print_text("\n".join(bench.table(readings)))


def _table(results: list[Result], is_standard: bool) -> list[str]:
    widths = [max(10, len(result.name)) for result in results]
    head = "".join(f"  {result.name:>{width}}" for result, width in zip(results, widths, strict=True))
    lines = [f"{'F1':34s}{head}"]
    for name, values in _rows(results, is_standard):
        cells = "".join(f"  {value:{width}.4f}" for value, width in zip(values, widths, strict=True))
        lines.append(f"{name:34s}{cells}")
    speeds = (result.characters_per_s / 1000 for result in results)
    cells = "".join(f"  {speed:{width},.0f}" for speed, width in zip(speeds, widths, strict=True))
    lines.append(f"{'kchar/s of CPU':34s}{cells}")
    if any(result.shell_s for result in results):
        speeds = (result.n_characters / 1000 / result.shell_s if result.shell_s else 0.0 for result in results)
        cells = "".join(f"  {speed:{width},.0f}" for speed, width in zip(speeds, widths, strict=True))
        lines.append(f"{'kchar/s from the shell':34s}{cells}")
    return lines


def _agreements(
    documents: Sequence[GoldDocument], runs: Sequence[Run], reference: str, is_standard: bool
) -> dict[str, list[Agreement]]:
    """By the name of every other run how it agrees with the reference."""
    from segtool.evaluation.agreement import agreements

    (full,) = (run for run in runs if run.name == reference)
    others = (run for run in runs if run.name != reference)
    return {run.name: agreements(documents, run, full, is_standard=is_standard) for run in others}


def _agreement_json(rows: list[Agreement] | None, reference: str | None) -> dict[str, Any]:
    return {"agreement": {"with": reference, "rows": [row.to_json() for row in rows]}} if rows is not None else {}


def _agreement_lines(compared: Mapping[str, list[Agreement]], reference: str | None) -> list[str]:
    lines = []
    for name, rows in compared.items():
        lines += ["", f"{f'{name} and {reference}':34s}      agree    F1 lost  most, in a group"]
        for row in rows:
            numbers = f"{row.share:10.4f} {row.loss:10.4f} {row.greatest:7.4f}"
            lines.append(f"{row.name:34s} {numbers} {row.group.replace(chr(9), ' ')}")
    return lines


def _rows(results: list[Result], is_standard: bool) -> list[tuple[str, list[float]]]:
    """Names of rows with the F1 of every result."""
    from segtool.evaluation.boundaries import macro_f1
    from segtool.evaluation.standard import standard_rows

    if is_standard:
        columns = [standard_rows(result.groups) for result in results]
        return [(name, [column[name] for column in columns]) for name in columns[0]]
    names = sorted({name for result in results for name in result.groups})
    rows = [(name, [result.groups[name].f1 for result in results]) for name in names]
    return [*rows, ("macro", [macro_f1(result.groups.values()) for result in results])]


def _print_json(value: dict[str, Any]) -> None:
    import orjson

    output.print_text(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode("utf-8"))


REVIEW_EPILOG = """Examples:

segtool bench review

segtool bench review --format json
"""


@app.command(epilog=REVIEW_EPILOG)
def review(
    pages: Annotated[int, typer.Option("--pages", min=1, help="Pages of the generated document.")] = 2000,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
) -> None:
    """Opening, key presses and memory of the review screen over a generated document."""
    from segtool.evaluation import bench_review

    check_choice("--format", format, ("text", "json"))
    result = bench_review.run(pages)
    if format == "json":
        _print_json(result.to_json())
        return
    for line in bench_review.report_lines(result):
        output.print_text(line)
