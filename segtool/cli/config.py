"""The configuration file: flags over file over defaults.

``segtool.toml``, or the table ``[tool.segtool]`` of ``pyproject.toml``, in the working directory or the nearest folder
above it that has one. A table for each command, its keys the long names of options::

    [split]
    by = "section"
    max-tokens = 400
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from segtool.errors import UsageError

CONFIG_NAME = "segtool.toml"


def read_config(commands: Iterable[str], folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """The table of each command, its keys the long names of options; empty without a file.

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
    return table


def defaults_of(command: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a command's table by the names of its parameters, as typer takes them.

    Raises:
        UsageError: if a key is no long option of the command; it says which one is near.
    """
    from difflib import get_close_matches

    names = {name.removeprefix("--"): param.name for param in command.params for name in param.opts}
    defaults: dict[str, Any] = {}
    for key, value in values.items():
        if key.replace("_", "-") not in names:
            close = get_close_matches(key, names, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            raise UsageError(f"configuration: segtool {command.name} has no option --{key}{meant}")
        defaults[names[key.replace("_", "-")]] = value
    return defaults


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
    import tomllib

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: can't be read as TOML ({error})") from error
    if path.name == CONFIG_NAME:
        return data
    table: dict[str, Any] = data.get("tool", {}).get("segtool", {})
    return table
