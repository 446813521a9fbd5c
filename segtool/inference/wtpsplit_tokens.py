"""Text to the subword tokens of a SaT model, by its ``tokenizer.json``, with bounded memory.

A text is encoded in slices that are cut before white space. The tokenizers of this layout (XLM-RoBERTa's) split at
white space first and mark the start of a word, so tokens are the same as those of the whole text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segtool.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE = 50_000
"""Characters encoded at once; the library's own objects take some 100 bytes a character."""

_SPACE = re.compile(r"[^\S\x1c-\x1f]")  # the separators are white space to Python, not to the library
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one text: ``ids`` int64 (n,), ``ends`` int64 (n,) exclusive ends in code points, not decreasing."""

    ids: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


class SubwordTokenizer:
    """A ``tokenizer.json``. Special tokens spelt out in a text (``<pad>``) become unknown ones: they would move
    the positions of all tokens after them.

    Attributes:
        first, last: ids of the tokens that every window begins and ends with.

    Raises:
        ModelError: if the file is no tokenizer, or has no ``<s>`` and ``</s>``.
    """

    def __init__(self, path: Path, slice_length: int = SLICE) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_buffer(path.read_bytes())  # from_file raises bare Exception
        except (OSError, ValueError) as error:
            raise ModelError(f"{path}: not a usable tokenizer ({str(error)[:120]})") from error
        first, last, unknown = (self._tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<unk>"))
        if first is None or last is None or unknown is None:
            raise ModelError(f"{path}: no XLM-RoBERTa tokenizer (it lacks <s>, </s> or <unk>)")
        self.first, self.last, self._unknown = int(first), int(last), int(unknown)
        special = (self._tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<pad>", "<mask>"))
        self._special = np.array([token for token in special if token is not None], np.int64)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._slice = slice_length

    def encode(self, text: str) -> Tokens:
        """The tokens of a text in order."""
        ids, ends = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for begin, end in _slices(text, self._slice):
            piece = _SURROGATES.sub("\ufffd", text[begin:end])
            encoding = self._tokenizer.encode(piece, add_special_tokens=False)
            ids.append(np.asarray(encoding.ids, np.int64))
            ends.append(np.asarray([offset[1] for offset in encoding.offsets], np.int64) + begin)
        joined = np.concatenate(ids)
        joined[np.isin(joined, self._special)] = self._unknown
        return Tokens(joined, np.concatenate(ends))


def _slices(text: str, length: int) -> Iterator[tuple[int, int]]:
    """Bounds of slices that begin with white space, at the first of it after ``length`` characters.

    A text without white space is cut at ten times the length all the same.
    """
    begin = 0
    while begin < len(text):
        space = _SPACE.search(text, begin + length, begin + 10 * length) if begin + length < len(text) else None
        end = space.start() if space else min(begin + 10 * length, len(text))
        yield begin, end
        begin = end
