"""The language of a document: given, else stated by its source, else detected where that is certain enough.

Whatever the detection is not sure of has no language, and general thresholds hold.
"""

from __future__ import annotations

from segtool.core.document import Document
from segtool.inference.language import detect, primary

__all__ = ["DETECT", "NONE", "detect", "language_of", "primary"]

DETECT, NONE = "auto", "none"
"""What stands for a language code: detect where the source states none, and no language at all."""


def language_of(document: Document, lang: str | None = None) -> str | None:
    """The code of a document's language as model cards spell it ("en", "nb", "fil"), None where it is not known.

    Args:
        document: its ``lang`` counts before what its text looks like.
        lang: a code, which counts before all, or "none": no language; "auto" or None: find out.

    >>> language_of(Document("memo", "Er kam. Er sah."), "de-AT")
    'de'
    """
    given = (lang or DETECT).strip().lower()
    if given == NONE:
        return None
    stated = document.lang if given in (DETECT, "") else given
    return primary(stated) or detect(document.text)
