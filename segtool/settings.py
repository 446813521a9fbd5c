"""Every option of segtool as frozen dataclasses, read once (flags over file over defaults) and passed on.

Nothing fetches a setting from anywhere else; a test fails on a field that nobody reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

DEFAULT_SENTENCE_MODEL = "sentences"
DEFAULT_SECTION_MODEL = "topics"
STANDARD_INPUT = "-"
"""The input that means standard input."""
READ_AHEAD = 1 << 16
"""Characters of further documents that are read before the first is answered, where nobody waits for it."""

OcrMode = Literal["never", "auto", "always"]
OcrEngineName = Literal["tesseract", "rapidocr"]
PriorKind = Literal["gaussian", "lognormal", "polynomial"]
ParagraphMode = Literal["auto", "keep", "model"]


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """How inputs become documents."""

    format: str | None = None
    """Input format (``--from``), None: by content, then suffix."""
    password: str | None = None
    """Password of encrypted documents."""
    keep_furniture: bool = False
    """Keep running heads, page numbers and the like in the text, with kind ``furniture``."""
    annotations: bool = False
    """Put the notes, highlights and links of a PDF into the metadata."""
    ocr: OcrMode = "never"
    """Recognise scanned pages: those without a text layer (auto), or also those that have one (always)."""
    ocr_engine: OcrEngineName | None = None
    """What recognises them; None: tesseract if it is installed, else rapidocr."""
    record_paragraphs: bool = True
    """Find the paragraphs of JSON Lines records; sentences of a large corpus can do without."""
    jobs: int = 1
    """Processes that read the pages of one PDF (at least 1)."""
    max_bytes: int = 2**30
    """Inputs above this size are refused, and so is what an archive inflates to above it (bytes)."""


@dataclass(frozen=True, slots=True)
class SentenceSettings:
    """How sentences are found."""

    model: str = DEFAULT_SENTENCE_MODEL
    """Model name, folder, hub id, or ``spacy:NAME``."""
    lang: str | None = None
    """Language code, or "none": no language; None or "auto": the document's own, else detected if that is certain."""
    threshold: float | None = None
    """Probability from which a sentence starts; None: the model card's, per language where measured."""
    min_length: int = 0
    """Least characters of a sentence; 0: no limit."""
    max_length: int | None = None
    """Most characters of a sentence; None: no limit."""
    target_length: int | None = None
    """Characters that a sentence should have, as far as the model agrees; counts only beside ``max_length``."""
    length_prior: PriorKind = "gaussian"
    """How a sentence's distance from ``target_length`` counts."""
    lora: Path | None = None
    """Folder of a LoRA adapter of the SaT model; None: no adapter (extra ``lora``)."""
    read_ahead: int = 0
    """Characters of further documents that may be read before the first is answered: many short ones go faster."""
    style: str | None = None
    """Style or domain of an adapter in the SaT model's own repository or folder (``loras/STYLE/LANGUAGE``)."""


@dataclass(frozen=True, slots=True)
class ParagraphSettings:
    """How paragraphs are found in plain text that shows none, where paragraphs are asked for."""

    mode: ParagraphMode = "auto"
    """"keep": what the loader found; "auto": look with the sentence model into a text that is one long paragraph;
    "model": into every long paragraph."""
    threshold: float | None = None
    """Probability from which such a paragraph starts; None: the model card's."""


@dataclass(frozen=True, slots=True)
class SectionSettings:
    """How sections are found."""

    model: str = DEFAULT_SECTION_MODEL
    """Name or folder of the section model."""
    threshold: float | None = None
    """Probability from which a section starts; None: the model card's."""


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """How chunks are packed."""

    max_tokens: int = 512
    """The most tokens of a chunk."""
    tokenizer: str = "words"
    """``words``, ``characters``, or the path of a ``tokenizer.json``."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings that the library functions take."""

    load: LoadSettings = field(default_factory=LoadSettings)
    """How inputs are loaded."""
    sentences: SentenceSettings = field(default_factory=SentenceSettings)
    """How sentences are found."""
    sections: SectionSettings = field(default_factory=SectionSettings)
    """How sections are found."""
    chunks: ChunkSettings = field(default_factory=ChunkSettings)
    """How chunks are packed."""
    paragraphs: ParagraphSettings = field(default_factory=ParagraphSettings)
    """How paragraphs are found where a text shows none."""
    models_path: Path | None = None
    """Folder of models that come before the built-in ones; None: only those."""
