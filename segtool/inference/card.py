"""Model cards: ``card.toml`` says what a model is, what it may be given, and which bytes it consists of.

name = "sentences"
version = "1.0.0"                # semantic; new weights, new version
format = 1                       # of the card and the graph's inputs: segtool refuses other formats
task = "sentence"                # sentence | section
architecture = "…"               # one line
languages = ["en", "de"]         # or ["mul"]
licence = "Apache-2.0"
source = "segtool.training.sentences"
training_data = ["name (licence): remark"]
window = 256                     # pieces, tokens or units: inference reads them, never guesses
stride = 224
opset = 17
precision = "int8"

[thresholds]
general = 0.4
languages = { th = 0.3 }         # only where measured

[parameters]                     # numbers that the model's own inference code reads
...

[[files]]
path = "model.onnx"
bytes = 123
sha256 = "…"

[[scores]]
data = "sentences/dev/legal"
scorer = "score_sentences.py"
figures = { macro_f1 = 0.97 }
command = "…"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from segtool.errors import ModelError

CARD_FORMAT = 1
CARD_NAME = "card.toml"

_REQUIRED = (
    "name",
    "version",
    "format",
    "task",
    "architecture",
    "languages",
    "licence",
    "source",
    "training_data",
    "thresholds",
    "files",
)
_OPTIONAL = ("window", "stride", "opset", "precision", "parameters", "scores", "summary")
_TASKS = ("sentence", "section")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: path relative to the card, size in bytes, sha256 in hexadecimal."""

    path: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Card:
    """What ``card.toml`` says; ``folder`` is where it lies, ``data`` the whole of it as TOML values."""

    folder: Path
    name: str
    version: str
    task: str
    threshold: float
    thresholds: Mapping[str, float]
    files: tuple[ModelFile, ...]
    window: int | None = None
    stride: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """The path of one of the model's files, its size checked.

        Raises:
            ModelError: if the card does not list it, or the file is missing or of another size.
        """
        for file in self.files:
            if file.path == name:
                return _checked(self.folder / name, file.n_bytes)
        raise ModelError(f"{self.folder / CARD_NAME}: lists no file {name!r}")


def load_card(folder: Path) -> Card:
    """The card of the model in ``folder``.

    Raises:
        ModelError: if there is none, or it is not of this format, misses a key, or has an unknown one.
    """
    path = folder / CARD_NAME
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{folder}: no model here (no {CARD_NAME})") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: not a readable card ({error})") from error
    _check_keys(path, data)
    thresholds = data["thresholds"]
    return Card(
        folder=folder,
        name=data["name"],
        version=data["version"],
        task=data["task"],
        threshold=float(thresholds["general"]),
        thresholds=MappingProxyType({k: float(v) for k, v in thresholds.get("languages", {}).items()}),
        files=tuple(ModelFile(f["path"], f["bytes"], f["sha256"]) for f in data["files"]),
        window=data.get("window"),
        stride=data.get("stride"),
        parameters=MappingProxyType(data.get("parameters", {})),
        data=MappingProxyType(data),
    )


def _check_keys(path: Path, data: Mapping[str, Any]) -> None:
    if data.get("format") != CARD_FORMAT:
        raise ModelError(f"{path}: made for card format {data.get('format')}, this segtool reads format {CARD_FORMAT}")
    missing = [key for key in _REQUIRED if key not in data]
    unknown = [key for key in data if key not in _REQUIRED + _OPTIONAL]
    if missing or unknown:
        what = f"misses {', '.join(missing)}" if missing else f"has unknown keys {', '.join(unknown)}"
        raise ModelError(f"{path}: the card {what}")
    if data["task"] not in _TASKS:
        raise ModelError(f"{path}: task {data['task']!r} is none of {', '.join(_TASKS)}")
    if "general" not in data["thresholds"]:
        raise ModelError(f"{path}: thresholds.general is missing")
    for file in data["files"]:
        if set(file) != {"path", "bytes", "sha256"} or Path(file["path"]).is_absolute() or ".." in file["path"]:
            raise ModelError(f"{path}: a file entry needs path (inside the folder), bytes and sha256")


def card_of_files(card: Card) -> Card:
    """The card that lists the files of a model: its own, or that of the sibling that shares its files with it.

    Raises:
        ModelError: if the sibling is missing or its card can't be used.
    """
    base = card.parameters.get("base")
    return card if base is None else load_card(card.folder.parent / str(base))


def verify(card: Card) -> None:
    """Compare every file of a model with its card, by size and hash.

    Raises:
        ModelError: naming the first file that is missing or differs.
    """
    for file in card.files:
        path = _checked(card.folder / file.path, file.n_bytes)
        if sha256_of(path) != file.sha256:
            raise ModelError(f"{path}: the content is not what {CARD_NAME} says (sha256 differs); fetch the model anew")


def sha256_of(path: Path) -> str:
    """The sha256 of a file in hexadecimal, read in pieces."""
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checked(path: Path, n_bytes: int) -> Path:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ModelError(f"{path}: a file of the model is missing; fetch the model anew") from error
    if size != n_bytes:
        raise ModelError(f"{path}: {size} bytes, its card says {n_bytes}; the file is corrupt, fetch the model anew")
    return path
