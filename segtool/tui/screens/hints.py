"""Jumping by letters: every candidate in view carries one or two, typing them chooses it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from textual import events
from textual.screen import ModalScreen

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class HintScreen(ModalScreen[int | None]):
    """Invisible: it takes the letters and gives the offset they stand for, None on any other key."""

    DEFAULT_CSS = "HintScreen { background: transparent; }"

    def __init__(self, offsets: Sequence[int]) -> None:
        super().__init__()
        self.hints = make_hints(offsets)
        self._typed = ""

    def on_key(self, event: events.Key) -> None:
        """A letter narrows the choice."""
        event.stop()
        self._typed += event.character or "\0"
        for offset, hint in self.hints.items():
            if hint == self._typed:
                self.dismiss(offset)
                return
        if not any(hint.startswith(self._typed) for hint in self.hints.values()):
            self.dismiss(None)


def make_hints(offsets: Sequence[int]) -> dict[int, str]:
    """One letter each where they suffice, else two."""
    letters = list(LETTERS) if len(offsets) <= len(LETTERS) else ["".join(pair) for pair in product(LETTERS, repeat=2)]
    return dict(zip(offsets, letters, strict=False))
