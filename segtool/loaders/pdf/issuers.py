"""Who issued a document, in large type at its head: courts, and letterheads. They are no titles.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_COURT = re.compile(
    r"^(?:(?:in|before|at|vor|devant)\s+(?:the|le|la|dem)\s+|the\s+)?(?!rules?\b|acts?\b|laws?\b|practice\b|guide\b)"
    r"(?:(?-i:[A-ZÀ-Þ])[\w.'’-]*\s+){0,4}?(?:courts?|tribunal|cour|corte|juzgado)\b"
    r"(?:\s+(?:of|for|the|in|and|de|du|des|la|et|di|del|appeals?|claims|justice|grande|instance|cassation|appel"
    r"|(?-i:[A-ZÀ-Þ])[\w.'’-]*)){0,14}[.,]?$"
    r"|^(?:[\w.-]+\s+)?(?:\w*gerichtshof|\w{2,12}gericht)\b(?:\s+\w+){0,3}$",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"\b(?:tele(?:phone|fon|fax)|t[eé]l(?:\.|:|[eé]phone)|phone|fax|facsimile|fernruf)\b|\(\d{3}\) ?\d{3}-\d{4}",
    re.IGNORECASE,
)
_NEAR = 8
"""Lines behind a name in large type among which its telephone stands in a letterhead."""


def is_issuer(name: str, following: Sequence[str]) -> bool:
    """Whether a name in large type is that of a court, or has a telephone among the lines that follow it."""
    if _COURT.match(name) is not None:
        return True
    return any(_PHONE.search(text) is not None for text in following[:_NEAR])
