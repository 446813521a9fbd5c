"""The configuration file: flags over file over defaults.

``segtool.toml``, or the table ``[tool.segtool]`` of ``pyproject.toml``, in the working directory or the nearest folder
above it that has one. A table for each command, its keys the long names of options::

    [split]
    by = "section"
    max-tokens = 400
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from segtool.errors import UsageError

CONFIG_NAME = "segtool.toml"


def read_config(commands: Iterable[str], folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """Defaults of options by command, as typer takes them; empty without a file.

    Args:
        commands: the names of commands, the tables that there may be.
        folder: where to begin; by default the working directory.

    Raises:
        UsageError: if the file is no TOML, or has a table that is no command.
    """
    path = find_config(folder)
    if path is None:
        return {}
    table = _read_table(path)
    known = set(commands)
    for name, values in table.items():
        if name not in known or not isinstance(values, dict):
            raise UsageError(f"{path}: {name!r} is no table of a command; there are {', '.join(sorted(known))}")
    return {name: {key.replace("-", "_"): value for key, value in values.items()} for name, values in table.items()}


def find_config(folder: Path | None = None) -> Path | None:
    """The nearest configuration file: of ``folder``, or of a folder above it."""
    try:
        start = (folder or Path.cwd()).resolve()
    except OSError:  # the working directory is gone
        return None
    for place in (start, *start.parents):
        own = place / CONFIG_NAME
        if own.is_file():
            return own
        project = place / "pyproject.toml"
        if project.is_file() and b"[tool.segtool" in project.read_bytes():
            return project
    return None


def _read_table(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: can't be read as TOML ({error})") from error
    if path.name == CONFIG_NAME:
        return data
    table: dict[str, Any] = data.get("tool", {}).get("segtool", {})
    return table
