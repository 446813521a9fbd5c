"""A page on its way: the words that are still body, and the furniture that was taken out of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from segtool.loaders.pdf.words import Word


@dataclass(frozen=True, slots=True)
class Removed:
    """A piece of furniture: its kind and words."""

    kind: str
    words: tuple[Word, ...]


@dataclass(slots=True)
class PageWords:
    """A page on its way: the words that are still body, and what was taken out."""

    number: int
    width: float
    height: float
    words: list[Word]
    removed: list[Removed] = field(default_factory=list)
    fences: list[tuple[float, float]] = field(default_factory=list)
    """Where columns of brackets parted the page: the right end of what stands left of one, the left of the rest."""

    def take(self, kind: str, words: list[Word]) -> None:
        """Moves words from the body to the furniture."""
        gone = {id(word) for word in words}
        self.words = [word for word in self.words if id(word) not in gone]
        self.removed.append(Removed(kind, tuple(words)))
