"""Names of models become segmenters, through one dict of import paths, loaded on use."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import cast

from segtool.errors import ModelError, UsageError
from segtool.inference import hub
from segtool.inference.card import load_card
from segtool.inference.store import (
    CONFIG_NAME,
    StoredModel,
    find_model,
    is_pair_classifier,
    is_path,
    iter_models,
    unknown_model,
)
from segtool.segmenters.base import Segmenter
from segtool.segmenters.language import DETECT, NONE, primary
from segtool.settings import DEFAULT_SENTENCE_MODEL, Settings

SEGMENTERS = {
    "segtool sentence": "segtool.segmenters.sat:SatSegmenter",
    "segtool section": "segtool.segmenters.topics:TopicSegmenter",
    "wtpsplit sentence": "segtool.segmenters.wtpsplit_sat:WtpsplitSegmenter",
    "pairs section": "segtool.segmenters.pairwise:PairwiseSegmenter",
    "segtool paragraph": "segtool.segmenters.newlines:NewlineSegmenter",
    "spacy sentence": "segtool.segmenters.spacy_rules:SpacySegmenter",
}
"""Layout and task to ``module:class``. Classes take a card (segtool), a folder (wtpsplit) or a name (spacy)."""

SPACY_PREFIX = "spacy:"


def sentence_segmenter(settings: Settings) -> Segmenter:
    """The segmenter that ``settings.sentences.model`` names, its model loaded.

    A name, a folder, a hub id (``sat-3l-sm``, ``segment-any-text/sat-3l-sm``; fetched on first use), or ``spacy:NAME``;
    SaT models also with a LoRA adapter, by its folder or by style and language.

    Raises:
        ModelError: if the name is unknown, the model no sentence model, or its files can't be used.
    """
    name = settings.sentences.model
    if settings.sentences.lora is not None or settings.sentences.style is not None:
        return _adapted(settings)
    if name.startswith(SPACY_PREFIX):
        return _segmenter("spacy sentence", name.removeprefix(SPACY_PREFIX))
    model = resolve_model(name, settings.models_path)
    if model.layout == "wtpsplit":
        return _segmenter("wtpsplit sentence", model.folder, model.name, None, None, settings.sentences.threshold)
    return _own(model, "sentence", settings.sentences.read_ahead)


def _adapted(settings: Settings) -> Segmenter:
    """A SaT model with a LoRA adapter: both from folders, or from the hub's repository of the model."""
    options, name = settings.sentences, settings.sentences.model
    path, lang = Path(name).expanduser(), primary(options.lang)
    is_local = (path / CONFIG_NAME).is_file()
    if not is_local and (is_path(name) or not hub.is_hub_id(name)):
        raise ModelError(f"{name}: --lora and --style are for SaT models: a folder with {CONFIG_NAME}, or a hub id")
    adapter = options.lora
    if adapter is None:
        if lang in (None, DETECT, NONE):
            raise UsageError(f"--style {options.style}: needs --lang CODE, as adapters are made for one language")
        part = Path("loras", str(options.style), str(lang))
        adapter = path / part if is_local else hub.fetch_adapter(name, part.as_posix())
    folder = path if is_local else hub.fetch_weights(name)
    title = path.resolve().name if is_local else hub.repository(name)
    suffix = options.lora.name if options.lora is not None else f"{options.style}/{lang}"
    return _segmenter("wtpsplit sentence", folder, f"{title}+{suffix}", None, adapter, options.threshold)


def paragraph_segmenter(settings: Settings) -> Segmenter:
    """The segmenter of paragraphs that a text does not show: the sentence model's net, or the default model's.

    Raises:
        ModelError: if the files of the model can't be used.
    """
    name = settings.sentences.model
    model = None if name.startswith(SPACY_PREFIX) else find_model(name, settings.models_path)
    card = load_card(model.folder) if model is not None and model.layout == "segtool" else None
    if card is None or card.task != "sentence" or "encoder" not in card.parameters:
        card = load_card(resolve_model(DEFAULT_SENTENCE_MODEL, settings.models_path).folder)
    return _segmenter("segtool paragraph", card, settings.paragraphs.mode)


def section_segmenter(settings: Settings) -> Segmenter:
    """The segmenter that ``settings.sections.model`` names, its model loaded.

    A name, or a folder: of a section model, or of a classifier of paragraph pairs. A hub id
    (``dennlinger/roberta-cls-consec``) names a classifier of pairs, fetched on first use.

    Raises:
        ModelError: if the name is unknown, the model no section model, or its files can't be used.
    """
    name = settings.sections.model
    folder = Path(name).expanduser()
    if is_pair_classifier(folder):
        return _segmenter("pairs section", folder, folder.resolve().name)
    model = find_model(name, settings.models_path)
    if model is None and "/" in name and hub.is_hub_id(name) and not is_path(name):
        return _segmenter("pairs section", hub.fetch_pairs(name), name)
    if model is None:
        raise unknown_model(name, known_names(settings.models_path))
    if model.layout == "wtpsplit":
        raise ModelError(f"{name}: a sentence model of wtpsplit's layout; sections need a section model")
    return _own(model, "section")


def resolve_model(name: str, models_path: Path | None = None) -> StoredModel:
    """The model that a name, a path or a hub id means; a hub model is fetched if it is not here yet.

    Raises:
        ModelError: if the name is unknown, or the hub can't be reached.
    """
    model = find_model(name, models_path)
    if model is None and hub.is_hub_id(name) and not is_path(name):
        model = StoredModel(hub.repository(name), hub.fetch(name), "wtpsplit", "hub")
    if model is None:
        raise unknown_model(name, known_names(models_path))
    return model


def known_names(models_path: Path | None = None) -> list[str]:
    """Every name that needs no download or is an official model of the hub."""
    return [model.name for model in iter_models(models_path)] + list(hub.OFFICIAL) + ["spacy:en"]


def _own(model: StoredModel, task: str, *arguments: object) -> Segmenter:
    card = load_card(model.folder)
    if card.task != task:
        raise ModelError(f"{model.name}: a {card.task} model; {task}s need a {task} model")
    return _segmenter(f"segtool {task}", card, *arguments)


def _segmenter(kind: str, *arguments: object) -> Segmenter:
    module, name = SEGMENTERS[kind].split(":")
    return cast(Segmenter, getattr(importlib.import_module(module), name)(*arguments))
