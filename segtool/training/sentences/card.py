"""Writes a sentence model's ``card.toml`` from its files and measured figures."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

from segtool.inference.card import CARD_FORMAT, CARD_NAME, sha256_of


def toml_value(value: object) -> str:
    """A TOML value: strings, numbers, booleans, lists, and inline tables of these."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(k))} = {toml_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def write_card(
    folder: pathlib.Path, fields: Mapping[str, Any], files: list[str], scores: list[Mapping[str, Any]]
) -> None:
    """Writes the card: plain keys first, then tables, files with size and hash, scores.

    Args:
        folder: of the model; its files are measured and hashed.
        fields: keys of the card; mappings become tables.
        files: names inside the folder.
        scores: rows with ``data scorer figures command``.
    """
    lines = [f"{key} = {toml_value(value)}" for key, value in fields.items() if not isinstance(value, Mapping)]
    lines.insert(2, f"format = {CARD_FORMAT}")
    for key, value in fields.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{key}]", *(f"{k} = {toml_value(v)}" for k, v in value.items())]
    if not files:
        lines.insert(3, "files = []")
    for name in files:
        path = folder / name
        lines += ["", "[[files]]", f"path = {toml_value(name)}", f"bytes = {path.stat().st_size}"]
        lines.append(f"sha256 = {toml_value(sha256_of(path))}")
    for row in scores:
        lines += ["", "[[scores]]", *(f"{k} = {toml_value(v)}" for k, v in row.items())]
    (folder / CARD_NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
