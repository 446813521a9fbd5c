"""Writes docs/commands.md from the command line itself, and the figures of the README from the cards of the models."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path
from typing import Any

from segtool.cli.app import COMMANDS, load_command
from segtool.settings import DEFAULT_SECTION_MODEL, DEFAULT_SENTENCE_MODEL

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "commands.md"
README = ROOT / "README.md"
MARKS = ("<!-- figures of the cards -->\n", "<!-- end -->")
SHARED = ("quiet", "verbose", "debug")

HEAD = """# Commands

Written by `make docs`; what a command prints with `--help` is the same. Every command also takes `--quiet`/`-q` (no
progress, no notes), `--verbose`/`-v`, `--debug` (tracebacks too) and `--help`/`-h`; `segtool` alone takes `--version`,
`--install-completion` and `--show-completion`.

Any option can be given a default in `segtool.toml`, or in the table `[tool.segtool]` of `pyproject.toml`, in the
working directory or the nearest folder above it: a table for each command, its keys the long names of options. Options
given on the command line win.

```toml
[split]
by = "chunk"
max-tokens = 400
```
"""


def main() -> None:
    """Write the page."""
    parts = [HEAD]
    for name in COMMANDS:
        command = load_command(name)
        subcommands = getattr(command, "commands", None)
        if not subcommands:
            parts.append(section(f"segtool {name}", command, 2))
            continue
        parts.append(f"## segtool {name}\n\n{first_paragraph(command)}\n")
        parts += [section(f"segtool {name} {sub}", inner, 3) for sub, inner in subcommands.items()]
    TARGET.write_text("\n".join(parts), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    README.write_text(before + MARKS[0] + figures() + MARKS[1] + rest.split(MARKS[1], 1)[1], encoding="utf-8")


def figures() -> str:
    """The scores of the two default models as a table; nothing for a card without scores."""
    rows = []
    for name in (DEFAULT_SENTENCE_MODEL, DEFAULT_SECTION_MODEL):
        card = tomllib.loads((ROOT / "models" / name / "card.toml").read_text(encoding="utf-8"))
        for score in card.get("scores", ()):
            values = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in score["figures"].items())
            rows.append(
                f"| {card['name']} {card['version']} | {score['data']} | {values} | `{score.get('command', '')}` |"
            )
    return "\n".join(["", "| model | data | figures | command |", "|---|---|---|---|", *rows, "", ""]) if rows else ""


def section(title: str, command: Any, depth: int) -> str:
    """One command: what it does, its arguments and options as a table."""
    rows = [row(param) for param in command.params if param.name not in SHARED and "--help" not in param.opts]
    table = "\n".join(["| | |", "|---|---|", *rows]) if rows else "No options."
    return f"{'#' * depth} {title}\n\n{first_paragraph(command)}\n\n{table}\n"


def first_paragraph(command: Any) -> str:
    """The help of a command without its examples."""
    return inspect.cleandoc(command.help or "").split("\n\n")[0].replace("\n", " ")


def row(param: Any) -> str:
    """A row of the table: names with the metavariable, help and default."""
    names = [f"`{name}`" for name in (*param.opts, *param.secondary_opts) if name.startswith("-")]
    metavar = param.metavar or ("" if not names or isinstance(param.default, bool) else param.name.upper())
    label = " ".join([", ".join(names), f"`{metavar}`" if metavar else ""]).strip()
    shows_default = names and param.default not in (None, False, [], "")
    default = f" Default: `{param.default}`." if shows_default else ""
    return f"| {label} | {(param.help or '').replace('|', chr(92) + '|')}{default} |"


if __name__ == "__main__":
    main()
