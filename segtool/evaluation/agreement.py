"""How often a model says what another says: what a cascade keeps of the model that it stands for.

Both have run over the same documents. Two boundaries agree if they are the same; the share is of the boundaries of
both, twice the common ones over the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from segtool.evaluation.boundaries import Counts, macro_f1
from segtool.evaluation.gold import GoldDocument
from segtool.evaluation.sentences import Run, score
from segtool.evaluation.standard import row_groups

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A row: groups of documents together.

    Attributes:
        name: of the row.
        share: of the boundaries of both models that both give.
        loss: macro F1 of the reference less that of the model.
        greatest: the same of the group that loses most.
        group: the name of that group.
    """

    name: str
    share: float
    loss: float
    greatest: float
    group: str

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {key: round(value, 5) if isinstance(value, float) else value for key, value in asdict(self).items()}


def agreements(
    documents: Sequence[GoldDocument], run: Run, reference: Run, *, is_standard: bool = False
) -> list[Agreement]:
    """Rows for the groups of the documents, or for the rows of the grouping ``standard``.

    Args:
        documents: with gold, in the order of the runs.
        run: of the model.
        reference: of the model that it is compared with.
        is_standard: whether groups are those of ``standard``.
    """
    said = [replace(document, ends=ends) for document, ends in zip(documents, reference.ends, strict=True)]
    own, full, common = (score(*pair).groups for pair in ((documents, run), (documents, reference), (said, run)))
    if is_standard:
        return [_row(name, groups, (own, full, common)) for name, groups in row_groups(own).items()]
    names = {name: [name] for name in sorted(own)}
    rows = [_row(name, {name: names[name]}, (own, full, common)) for name in names]
    return [*rows, _row(WHOLE, names, (own, full, common))]


def _row(name: str, groups: Mapping[str, Sequence[str]], counts: tuple[Mapping[str, Counts], ...]) -> Agreement:
    """A row over groups, each of which may be made of several."""
    own, full, common = ({key: _sum(found, parts) for key, parts in groups.items()} for found in counts)
    losses = {key: full[key].f1 - own[key].f1 for key in groups}
    worst = max(losses, key=lambda key: losses[key])
    loss = macro_f1(full.values()) - macro_f1(own.values())
    return Agreement(name, _sum(common, common).f1, loss, losses[worst], worst)


def _sum(counts: Mapping[str, Counts], names: Iterable[str]) -> Counts:
    return sum((counts[name] for name in names), Counts())
