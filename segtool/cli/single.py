"""Commands about one document: load it, find its sections."""

from __future__ import annotations

from pathlib import Path

from segtool.cli.inputs import standard_input
from segtool.cli.splitting import find_edits
from segtool.core.document import Document
from segtool.core.segmentation import Segmentation
from segtool.errors import UsageError
from segtool.loaders import iter_documents
from segtool.pipeline import segment_documents
from segtool.settings import LoadSettings, SectionSettings, Settings


def section_settings(
    load: LoadSettings, model: str | None, threshold: float | None, models_path: Path | None
) -> Settings:
    """Settings of a command that finds sections."""
    sections = SectionSettings(threshold=threshold) if model is None else SectionSettings(model, threshold)
    return Settings(load=load, sections=sections, models_path=models_path)


def load_one(source: str, settings: LoadSettings) -> Document:
    """The one document of an input.

    Raises:
        UsageError: if the input holds several (a JSON Lines corpus) or none.
        LoadError: if it can't be read.
    """
    documents = iter_documents([source], settings, standard_input=standard_input())
    document = next(documents, None)
    if document is None:
        raise UsageError(f"{source}: holds no document")
    if next(documents, None) is not None:
        raise UsageError(f"{source}: holds several documents; give a file of one")
    return document


def segment_one(source: str, settings: Settings, edits: bool) -> Segmentation:
    """The one document of an input with its sections, as a review beside it has them if ``edits`` are wanted."""
    document = load_one(source, settings.load)
    return next(
        segment_documents([document], layers=("section",), settings=settings, find_edits=find_edits if edits else None)
    )
