"""Assembly of the command line: which commands there are, what all of them share, and how errors end.

A command's module is imported when the command is called; the help of ``segtool`` itself needs none of them.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from segtool.cli import output
from segtool.cli.ending import INTERRUPTED, fail, finished


class CommandEntry(NamedTuple):
    """Where a command is defined (a module with a ``typer.Typer`` named ``app``), and its line in the help."""

    module: str
    summary: str


COMMANDS: dict[str, CommandEntry] = {
    "split": CommandEntry("segtool.cli.split", "Sentences, paragraphs, sections or chunks of documents."),
    "outline": CommandEntry("segtool.cli.outline", "The tree of a document's sections."),
    "show": CommandEntry("segtool.cli.show", "One section by its number or heading."),
    "load": CommandEntry("segtool.cli.load", "The text and paragraphs of a document, with provenance."),
    "review": CommandEntry("segtool.cli.review", "Check and correct a segmentation in the terminal."),
    "inspect": CommandEntry("segtool.cli.inspect", "Pictures of a PDF's pages with what was found."),
    "models": CommandEntry("segtool.cli.models", "The models: list, show, verify, pull, export."),
    "bench": CommandEntry("segtool.cli.bench", "Quality and speed beside the peers."),
}

_PLACEHOLDERS: dict[Any, str] = {bool: "", int: "N", float: "X", str: "TEXT", Path: "PATH"}
"""What stands for the value of an option in the help where the option has no word of its own."""

_HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}

EPILOG = """Examples:

segtool split contract.pdf

segtool split contract.pdf --by section --format jsonl

cat notes.txt | segtool split

segtool outline act.pdf

segtool show lease.pdf "4.2(a)"

segtool split docs/ --by chunk --max-tokens 400 -o chunks.jsonl
"""


class LazyGroup(TyperGroup):
    """The group of all commands: it knows their names and summaries without importing them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast(Any, dict.fromkeys(COMMANDS))  # for near misses; get_command has the commands
        self._is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (the base class has it)
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, with the defaults of the configuration; while help is printed a stand-in with its summary."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        if self._is_listing:
            return TyperCommand(cmd_name, help=entry.summary)
        command = load_command(cmd_name)
        if ctx.default_map and cmd_name in ctx.default_map:
            from segtool.cli.config import defaults_of

            ctx.default_map[cmd_name] = defaults_of(command, ctx.default_map[cmd_name])
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help, from the table of commands."""
        self._is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False


app = typer.Typer(
    cls=LazyGroup,
    help="Segments any document into sentences, sections and chunks, with exact offsets and pages, offline.",
    epilog=EPILOG,
    no_args_is_help=True,
    context_settings=_HELP,
)


def _print_version(value: bool) -> None:
    if value:
        from segtool import __version__

        output.print_text(f"segtool {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


def _common(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes, only errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what is done.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Say everything, and show tracebacks.")] = False,
) -> None:
    if debug or verbose or quiet:
        output.set_log_level(logging.DEBUG if debug else logging.INFO if verbose else logging.ERROR)


def load_command(name: str) -> Any:
    """The command of this name, a key of ``COMMANDS``, with the options that all commands have."""
    command = typer.main.get_command(importlib.import_module(COMMANDS[name].module).app)
    command.name = name
    command.params = [param for param in command.params if param.name not in ("install_completion", "show_completion")]
    _share_options(command)
    return command


def _share_options(command: Any) -> None:
    """Give a command, and those below it, the options that all have: they work before and after its name."""
    if not isinstance(command, LazyGroup):
        for sub in getattr(command, "commands", {}).values():
            _share_options(sub)
    single = typer.Typer(add_completion=False)
    single.command()(_common)
    shared = typer.main.get_command(single).params
    command.params.extend(shared)
    # The option of the help is made on first use, and kept.
    for param in (*command.params, command.get_help_option(typer.Context(command, **_HELP))):
        if param.param_type_name == "option" and param.metavar is None:
            param.metavar = _PLACEHOLDERS.get(param.type_descriptor.annotation)
    inner = command.callback

    def callback(**values: Any) -> Any:
        _common(**{param.name: values.pop(param.name) for param in shared})
        return inner(**values) if inner is not None else None

    command.callback = callback


def main(arguments: Sequence[str] | None = None) -> int:
    """Run segtool and return its exit code; every error ends here, as one line on standard error."""
    output.configure()
    return finished(lambda: _run(list(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: list[str]) -> int:
    from segtool.cli.config import read_config

    command = typer.main.get_command(app)
    _share_options(command)
    defaults: Any = {} if os.environ.get("_SEGTOOL_COMPLETE") else read_config(COMMANDS)
    try:
        result = command.main(arguments, prog_name="segtool", standalone_mode=False, default_map=defaults)
    except TyperException as error:
        # Without arguments the help has been printed, and there is nothing to add.
        return fail(error, error.exit_code, _usage_line(error)) if error.format_message() else error.exit_code
    except typer.Abort:
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def _usage_line(error: TyperException) -> str:
    """What is wrong, the near miss if there is one, and where to read on."""
    message = error.format_message().replace("\n\t", " ").strip()
    context = getattr(error, "ctx", None)
    where = f" (see {context.command_path} --help)" if context is not None else ""
    return f"{message}{where}"
