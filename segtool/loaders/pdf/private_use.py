"""Characters that fonts keep in the private-use area, for ligatures and small capitals.

Pure. The code points mean what the font's maker chose; only those known for certain are replaced.
"""

from __future__ import annotations

_LIGATURES = {"\uf001": "fi", "\uf002": "fl"}
_LIBERTINE_SMALL_A, _LIBERTINE_SMALL_Z = 0xE051, 0xE06A


def private_use(char: str, font: str) -> str:
    """What a private-use character of this font stands for; itself if that is not known."""
    if "Libertin" in font or "Biolin" in font:
        code = ord(char)
        if _LIBERTINE_SMALL_A <= code <= _LIBERTINE_SMALL_Z:
            return chr(ord("a") + code - _LIBERTINE_SMALL_A)
    return _LIGATURES.get(char, char)
