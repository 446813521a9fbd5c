"""Every message of the review screen: intent comes up from widgets, results from workers."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.segmentation import Segmentation


@dataclass
class CursorPlaced(Message):
    """The reviewer pointed at a character; ``extend`` drags a selection there."""

    offset: int
    extend: bool = False


@dataclass
class BoundaryToggled(Message):
    """The reviewer clicked the mark of a boundary."""

    offset: int


@dataclass
class BoundaryDragged(Message):
    """The reviewer dragged the mark of a boundary from ``source`` to the character at ``target``."""

    source: int
    target: int


@dataclass
class PlaceWanted(Message):
    """The reviewer clicked the outline or the strip."""

    offset: int


@dataclass
class ThresholdWanted(Message):
    """The reviewer moved the threshold."""

    value: float


@dataclass
class ThresholdDone(Message):
    """The reviewer closed the slider."""


@dataclass
class ActionWanted(Message):
    """The reviewer clicked a key of the footer: the name of an action of the screen."""

    action: str


@dataclass
class SequenceWanted(Message):
    """A widget wants a sequence written to the terminal as it is: a picture."""

    sequence: str


@dataclass
class DocumentLoaded(Message):
    """The text is there; its boundaries may follow."""

    document: Document


@dataclass
class LayersArrived(Message):
    """More boundaries are there; ``share`` of the work on ``layer`` is done, or all is (no layer)."""

    segmentation: Segmentation
    layer: LayerName | None
    share: float


@dataclass
class WorkFailed(Message):
    """Loading or a model failed."""

    error: Exception


@dataclass
class ReviewLeft(Message):
    """The reviewer leaves the document; ``for_next`` to open the next of the folder."""

    for_next: bool = False


@dataclass
class ReloadWanted(Message):
    """The reviewer wants the source loaded again."""


@dataclass
class ThemeTurned(Message):
    """The reviewer wants dark instead of light, or the other way round."""


@dataclass
class DocumentChosen(Message):
    """A document of a folder was chosen."""

    path: str
