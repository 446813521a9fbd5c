"""The models on this computer, described and checked: what ``segtool models`` shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segtool.errors import ModelError
from segtool.inference import hub
from segtool.inference.card import card_of_files, load_card, sha256_of, verify
from segtool.inference.store import CONFIG_NAME, Place, StoredModel, find_model, iter_models, unknown_model
from segtool.inference.wtpsplit_graph import read_config


@dataclass(frozen=True, slots=True)
class Description:
    """A model in one line; ``problem`` says why it can't be used, None if its card or configuration can be read."""

    name: str
    task: str | None
    version: str | None
    n_bytes: int
    languages: tuple[str, ...]
    place: Place
    folder: Path
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON values, under the names of the fields."""
        return {
            "name": self.name,
            "task": self.task,
            "version": self.version,
            "bytes": self.n_bytes,
            "languages": list(self.languages),
            "place": self.place,
            "folder": str(self.folder),
            "problem": self.problem,
        }


def iter_stored(models_path: Path | None = None) -> Iterator[StoredModel]:
    """Every model that needs no download: those of the three places, then the hub's cache."""
    yield from iter_models(models_path)
    for name, folder in hub.iter_cached():
        yield StoredModel(name, folder, "wtpsplit", "hub")


def locate(name: str, models_path: Path | None = None) -> StoredModel:
    """The model that a name, path or hub id means, without fetching anything.

    Raises:
        ModelError: if there is none on this computer.
    """
    model = find_model(name, models_path)
    if model is None and hub.is_hub_id(name):
        folder = hub.cached(name)
        if folder is None:
            source = hub.repository(name)
            raise ModelError(f"{source}: not on this computer yet; 'segtool models pull {source}' fetches it")
        model = StoredModel(hub.repository(name), folder, "wtpsplit", "hub")
    if model is None:
        raise unknown_model(name, [*(other.name for other in iter_models(models_path)), *hub.OFFICIAL])
    return model


def describe(model: StoredModel) -> Description:
    """One model in one line; a broken one is described too."""
    task, version, languages, problem = "sentence", None, ("mul",), None
    try:
        if model.layout == "segtool":
            card = load_card(model.folder)
            task, version, languages = card.task, card.version, tuple(card.data["languages"])
        else:
            read_config(model.folder / CONFIG_NAME)
    except ModelError as error:
        problem = str(error)
    size = sum(path.stat().st_size for path in model.folder.rglob("*") if path.is_file())
    if problem:
        return Description(model.name, None, None, size, (), model.place, model.folder, problem)
    return Description(model.name, task, version, size, languages, model.place, model.folder)


def details(model: StoredModel) -> Mapping[str, Any]:
    """Everything that a model's card says, as TOML values; of a model in wtpsplit's layout, its configuration.

    Raises:
        ModelError: if the card or configuration can't be used.
    """
    if model.layout == "segtool":
        return load_card(model.folder).data
    config = read_config(model.folder / CONFIG_NAME)
    return {
        "name": model.name,
        "task": "sentence",
        "layout": "wtpsplit",
        "thresholds": {"general": config.threshold},
        "window": config.max_length,
        "lookahead": config.lookahead,
        "outputs": config.n_labels,
    }


def shares_with(model: StoredModel) -> str | None:
    """The name of the model whose files this one uses, None if it has its own."""
    card = load_card(model.folder) if model.layout == "segtool" else None
    return str(card.parameters["base"]) if card is not None and "base" in card.parameters else None


def check(model: StoredModel) -> int:
    """Compare every file of a model with its recorded hash; how many were compared.

    A card records them, of a form that shares files that of its sibling; the hub's cache names its files by them. A
    bare folder in wtpsplit's layout has none.

    Raises:
        ModelError: naming the first file that differs.
    """
    if model.layout == "segtool":
        card = card_of_files(load_card(model.folder))
        verify(card)
        return len(card.files)
    read_config(model.folder / CONFIG_NAME)
    files = [path for path in sorted(model.folder.iterdir()) if path.is_file()]
    return sum(_check_cached(path) for path in files)


def _check_cached(path: Path) -> bool:
    """Compare a file with the name of the blob that it links to, if that is a hash."""
    blob = path.resolve()
    if blob.parent.name != "blobs":
        return False
    expected = blob.name
    actual = sha256_of(blob) if len(expected) == 64 else _git_hash(blob)
    if actual != expected:
        raise ModelError(f"{path}: the content is not what the hub sent; remove {blob} and pull the model anew")
    return True


def _git_hash(path: Path) -> str:
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
