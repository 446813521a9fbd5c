"""Pictures as escape sequences of the three protocols that terminals know: kitty's, iTerm2's, and sixel.

Pure functions from a picture to what is written to the terminal. Written here because the libraries at hand ask the
terminal while they are imported, take its answers from whoever types at that moment, and lack one of the three.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

Protocol = Literal["kitty", "iterm2", "sixel"]

N_COLOURS = 32
"""Of a page: greys of its letters and a few more, the last one for marks on it; keeps what is sent small."""
KITTY_ID = 7365
"""The number of the one picture that is shown at a time."""
_CHUNK = 4096
_BAND = 6
"""Rows of pixels in a row of sixels."""

ST = "\x1b\\"


def reduced(picture: Image, mark: tuple[int, int, int]) -> Image:
    """An RGB picture with a palette of at most ``N_COLOURS``, of which the last is ``mark``."""
    made = picture.quantize(N_COLOURS - 1)
    palette = [*(made.getpalette() or []), *[0] * 3 * N_COLOURS][: 3 * (N_COLOURS - 1)]
    made.putpalette([*palette, *mark])
    return made


def encode(protocol: Protocol, picture: Image, columns: int, rows: int) -> str:
    """What draws a picture with a palette from the cursor on, over so many cells."""
    if protocol == "kitty":
        return kitty(picture, columns, rows)
    if protocol == "iterm2":
        return iterm2(picture, columns, rows)
    return sixel(picture)


def kitty(picture: Image, columns: int, rows: int) -> str:
    """Source: the terminal graphics protocol of kitty, transmission in pieces, ``a=T``; nothing is answered (``q=2``).

    The picture lies under the text (``z=-1``), and the cursor stays where it is (``C=1``).
    """
    data = b64encode(_png(picture)).decode("ascii")
    pieces = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    head = f"a=T,f=100,i={KITTY_ID},p=1,c={columns},r={rows},z=-1,C=1,q=2,"
    out = []
    for index, piece in enumerate(pieces):
        more = int(index + 1 < len(pieces))
        out.append(f"\x1b_G{head if index == 0 else 'q=2,'}m={more};{piece}{ST}")
    return "".join(out)


def kitty_deletion() -> str:
    """What takes the picture away again, and its data."""
    return f"\x1b_Ga=d,d=I,i={KITTY_ID},q=2{ST}"


def iterm2(picture: Image, columns: int, rows: int) -> str:
    """Source: iTerm2's inline images, ``OSC 1337``."""
    data = _png(picture)
    options = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=0"
    return f"\x1b]1337;File={options}:{b64encode(data).decode('ascii')}\x07"


def _png(picture: Image) -> bytes:
    with BytesIO() as stream:
        picture.save(stream, "PNG", compress_level=3)
        return stream.getvalue()


def sixel(picture: Image) -> str:
    """Source: DEC's sixel format: bands of six rows; in each, one line of bit patterns for every colour in it."""
    palette = picture.getpalette() or []
    pixels = np.asarray(picture)
    height, width = pixels.shape
    out = [f'\x1bP0;1q"1;1;{width};{height}']
    for number in range(len(palette) // 3):
        red, green, blue = (round(value * 100 / 255) for value in palette[3 * number : 3 * number + 3])
        out.append(f"#{number};2;{red};{green};{blue}")
    for top in range(0, height, _BAND):
        out.append(_band(pixels[top : top + _BAND].tobytes(), width))
    return "".join(out) + ST


@lru_cache(1024)
def _band(data: bytes, width: int) -> str:
    """One band: for each colour its pattern, then back to the left; most bands of a page stay as they are."""
    pixels = np.frombuffer(data, np.uint8).reshape(-1, width)
    weights = (1 << np.arange(len(pixels))).astype(np.uint8)[:, None]
    lines = []
    for colour in np.unique(pixels).tolist():
        pattern = ((pixels == colour) * weights).sum(axis=0, dtype=np.uint8) + 63
        lines.append(f"#{colour}{_run_lengths(pattern.tobytes().decode('ascii'))}")
    return "$".join(lines) + "-"


def _run_lengths(pattern: str) -> str:
    """Runs of more than three alike as ``!n``."""
    runs = ((character, len(list(run))) for character, run in groupby(pattern.rstrip("?")))
    return "".join(character * n if n < 4 else f"!{n}{character}" for character, n in runs)
