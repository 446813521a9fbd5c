"""``segtool models``: what is here, what it says of itself, whether it is whole, and fetching official SaT models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segtool.cli import output
from segtool.cli.options import check_choice

if TYPE_CHECKING:
    from segtool.inference.inventory import Description

app = typer.Typer(help="The models: list, show, verify, pull, export.", no_args_is_help=True)

ModelName = Annotated[str, typer.Argument(metavar="NAME", help="A name, a folder, or a hub id.", show_default=False)]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")]
ModelsPath = Annotated[
    Path | None,
    typer.Option("--models-path", help="A folder of models that come before the built-in ones.", show_default=False),
]


@app.command("list")
def list_models(format: Format = "text", models_path: ModelsPath = None) -> None:
    """The models on this computer: name, task, version, size, languages, place."""
    from segtool.inference.inventory import describe, iter_stored

    check_choice("--format", format, ("text", "json"))
    models = [describe(model) for model in iter_stored(models_path)]
    if format == "json":
        _print_json([model.to_json() for model in models])
        return
    for line in _columns([_row(model) for model in models]):
        output.print_text(line)
    output.print_note("official SaT models (sat-3l-sm, ...): 'segtool models pull NAME'; spaCy: --model spacy:NAME")


@app.command()
def show(name: ModelName, format: Format = "text", models_path: ModelsPath = None) -> None:
    """A model's card."""
    from segtool.inference.inventory import details, locate

    check_choice("--format", format, ("text", "json"))
    model = locate(name, models_path)
    values = {**details(model), "place": model.place, "folder": str(model.folder)}
    if format == "json":
        _print_json(values)
        return
    for line in _card_lines(values):
        output.print_text(line)


@app.command()
def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One model; by default all.", show_default=False)
    ] = None,
    format: Format = "text",
    models_path: ModelsPath = None,
) -> None:
    """Compare models with their recorded hashes."""
    from segtool.errors import ModelError
    from segtool.inference.inventory import check, iter_stored, locate, shares_with

    check_choice("--format", format, ("text", "json"))
    models = [locate(name, models_path)] if name else list(iter_stored(models_path))
    results, problems = [], []
    for model in models:
        try:
            row = {"files": check(model), "shared_with": shares_with(model)}
            results.append({"name": model.name, "ok": True, **row, "problem": None})
        except ModelError as error:
            problems.append(error)
            results.append({"name": model.name, "ok": False, "files": 0, "shared_with": None, "problem": str(error)})
    if format == "json":
        _print_json(results)
    else:
        for result in results:
            output.print_text(_verdict(result))
    if problems:
        raise problems[0] if len(problems) == 1 else ModelError(f"{len(problems)} of {len(models)} models failed")


@app.command()
def pull(name: ModelName) -> None:
    """Download an official SaT model, or any other in its layout, into the hub's cache."""
    from segtool.inference import hub
    from segtool.inference.store import find_model, unknown_model

    model = find_model(name)
    if model is not None:
        output.print_note(f"{name}: needs no download")
    elif not hub.is_hub_id(name):
        raise unknown_model(name, hub.OFFICIAL)
    output.print_text(str(model.folder if model else hub.pull(name)))


@app.command()
def export(
    name: ModelName,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.", show_default=False)],
    layout: Annotated[str, typer.Option("--layout", metavar="LAYOUT", help="wtpsplit.")] = "wtpsplit",
    models_path: ModelsPath = None,
) -> None:
    """Write a sentence model so that wtpsplit's SaT loads it, offline and without torch (needs the package onnx)."""
    from segtool.errors import ModelError, UsageError
    from segtool.inference.card import load_card
    from segtool.inference.inventory import locate
    from segtool.inference.wtpsplit_export import export as write

    check_choice("--layout", layout, ("wtpsplit",))
    model = locate(name, models_path)
    if model.layout == "wtpsplit":
        raise ModelError(f"{name}: is in wtpsplit's layout already, in {model.folder}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: exists and is not an empty folder; name a new one")
    write(load_card(model.folder), folder)
    output.print_note(f"{folder}: its README.md says how wtpsplit loads it")


def _row(model: Description) -> tuple[str, ...]:
    languages = model.languages if len(model.languages) < 7 else (f"{len(model.languages)} languages",)
    size = f"{model.n_bytes / 1e6:.1f} MB"
    if model.problem:
        return (model.name, "unusable", "", size, "", model.place, model.problem)
    return (
        model.name,
        model.task or "",
        model.version or "-",
        size,
        " ".join(languages),
        model.place,
        str(model.folder),
    )


def _columns(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _card_lines(values: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _card_lines(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{indent}{key}:"
            for item in value:
                yield indent + "  - " + ", ".join(f"{k} {_plain(v)}" for k, v in item.items())
        else:
            yield f"{indent}{key}: {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_plain(item)}" for key, item in value.items())
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _verdict(result: Mapping[str, Any]) -> str:
    if not result["ok"]:
        return f"{result['name']}: failed"
    n_files = result["files"]
    compared = f"{n_files} file{'s' * (n_files != 1)}" if n_files else "no hashes recorded to compare with"
    if result["shared_with"]:
        compared += f", those of {result['shared_with']}"
    return f"{result['name']}: ok ({compared})"


def _print_json(value: Any) -> None:
    import orjson

    output.print_text(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=dict).decode("utf-8"))
