"""Chunks: the name of a tokenizer becomes an exact counter, and a segmentation a layer of chunks under its budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segtool.core.layer import Layer
from segtool.core.segmentation import Segmentation
from segtool.core.tokens import CharacterCounter, TokenCounter, WordCounter
from segtool.errors import UsageError
from segtool.settings import ChunkSettings

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ID_LENGTH = 32
"""Hexadecimal digits of a chunk's id: 128 bits, so that equal ids mean equal texts."""


class FileCounter:
    """Tokens by a ``tokenizer.json``, exactly as its model would get them, special tokens left out."""

    def __init__(self, name: str, tokenizer: Tokenizer) -> None:
        self.name = name
        self._tokenizer: Any = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, text: str) -> int:
        """Number of tokens of ``text``; half a surrogate pair counts as one replacement character."""
        try:
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
        except (TypeError, UnicodeEncodeError):  # the library takes valid Unicode only
            clean = text.encode("utf-8", "replace").decode("utf-8")
            encoding = self._tokenizer.encode(clean, add_special_tokens=False)
        return len(encoding.ids)


def token_counter(name: str) -> TokenCounter:
    """The counter that ``--tokenizer`` names: ``words``, ``characters``, or the path of a ``tokenizer.json``.

    Raises:
        UsageError: if it is none of these, or the file is no tokenizer.
    """
    if name == "words":
        return WordCounter()
    if name == "characters":
        return CharacterCounter()
    return FileCounter(name, _load_tokenizer(name))


def _load_tokenizer(path: str) -> Tokenizer:
    from pathlib import Path

    from tokenizers import Tokenizer

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(
            f"--tokenizer {path}: neither words, nor characters, nor a tokenizer.json that can be read"
        ) from error
    try:
        return Tokenizer.from_buffer(data)
    except ValueError as error:  # what the library raises for anything that is no tokenizer
        reason = str(error).splitlines()[0][:160]
        raise UsageError(f"--tokenizer {path}: is no tokenizer.json ({reason})") from error


def chunk_layer(segmentation: Segmentation, settings: ChunkSettings) -> Layer:
    """The chunks of a segmentation: sections, paragraphs, then sentences packed under ``max_tokens``.

    Raises:
        UsageError: if the budget is below 1 or the tokenizer unknown.
    """
    return segmentation.chunk_layer(settings.max_tokens, token_counter(settings.tokenizer))


def chunk_id(text: str) -> str:
    """The id of a chunk: the first half of the sha256 of its text, in hexadecimal."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]
