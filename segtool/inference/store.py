"""Where models lie on this computer, and which folder a name means.

Three places, in this order: the folder of ``settings.models_path``; the built-in models, inside the installed package
or beside it in a checkout; the user's own folder (``platformdirs``). A folder with a ``card.toml`` is one of segtool's
own models, a folder with ``config.json`` and an ONNX file is one in the layout of the wtpsplit package. What was
pulled from the hub lies in the hub's own cache: see ``hub.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from segtool.errors import ModelError
from segtool.inference.card import CARD_NAME

Layout = Literal["segtool", "wtpsplit"]
Place = Literal["models path", "built-in", "user", "folder", "hub"]

WTPSPLIT_GRAPHS = ("model_optimized.onnx", "model.onnx")
"""Names of the graph in wtpsplit's layout, the better one first."""
CONFIG_NAME = "config.json"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model on this computer: its name, folder, layout, and the place it was found in."""

    name: str
    folder: Path
    layout: Layout
    place: Place


def layout_of(folder: Path) -> Layout | None:
    """The layout of the model in ``folder``, None if there is no model."""
    if (folder / CARD_NAME).is_file():
        return "segtool"
    if (folder / CONFIG_NAME).is_file() and any((folder / name).is_file() for name in WTPSPLIT_GRAPHS):
        return "wtpsplit"
    return None


def is_pair_classifier(folder: Path) -> bool:
    """Whether a folder holds a sequence classifier in the hub's layout, for pairs of paragraphs."""
    try:
        config = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    kinds = config.get("architectures") if isinstance(config, dict) else None
    return isinstance(kinds, list) and any(str(kind).endswith("ForSequenceClassification") for kind in kinds)


def built_in_folder() -> Path:
    """The folder of the models that come with segtool: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "models"
    return inside if inside.is_dir() or not (package.parent / "pyproject.toml").is_file() else package.parent / "models"


def user_folder() -> Path:
    """The user's own folder of models; it need not exist."""
    import platformdirs

    return platformdirs.user_data_path("segtool", appauthor=False) / "models"


def iter_models(models_path: Path | None = None) -> Iterator[StoredModel]:
    """The models in all three places by name; of two with the same name only the one that is used.

    Raises:
        ModelError: if ``models_path`` is given and is no folder.
    """
    seen: set[str] = set()
    for place, folder in _places(models_path):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            layout = layout_of(path)
            if layout and path.name not in seen:
                seen.add(path.name)
                yield StoredModel(path.name, path, layout, place)


def find_model(name: str, models_path: Path | None = None) -> StoredModel | None:
    """The model of this name, else the one in the folder of this path, else None. Opens no connection.

    A name wins over a folder of the working directory; write ``./NAME`` for the folder.

    Raises:
        ModelError: if ``name`` is a path to a folder that holds no model, or ``models_path`` is no folder.
    """
    if not is_path(name):
        for place, folder in _places(models_path):
            layout = layout_of(folder / name)
            if layout:
                return StoredModel(name, folder / name, layout, place)
    path = Path(name).expanduser()
    layout = layout_of(path)
    if layout:
        return StoredModel(path.resolve().name, path, layout, "folder")
    if path.is_dir() and (is_path(name) or "/" in name):
        graphs = " or ".join(WTPSPLIT_GRAPHS)
        raise ModelError(f"{name}: no model in this folder (neither {CARD_NAME} nor {CONFIG_NAME} with {graphs})")
    return None


def is_path(name: str) -> bool:
    """Whether a name can only be a path: it starts like one, or has a separator other than one slash inside."""
    return name.startswith((".", "~", "/", os.sep)) or Path(name).is_absolute() or "\\" in name or name.count("/") > 1


def unknown_model(name: str, known: Iterable[str]) -> ModelError:
    """The error for a name that means nothing, with the nearest known names."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=2)
    meant = f"; did you mean {' or '.join(repr(other) for other in close)}?" if close else ""
    return ModelError(f"{name}: no such model{meant} ('segtool models list' names those that are here)")


def _places(models_path: Path | None) -> Iterator[tuple[Place, Path]]:
    if models_path is not None:
        if not models_path.is_dir():
            raise ModelError(f"{models_path}: the models path is no folder")
        yield "models path", models_path
    yield "built-in", built_in_folder()
    yield "user", user_folder()
