"""Pictures in the protocols of terminals: what is asked, what is understood, and that pixels arrive as they are."""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segtool.core.layer import Layer
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.loaders import load
from segtool.settings import ChunkSettings, Settings
from segtool.storage.cache import Cache, review_key
from segtool.tui import graphics
from segtool.tui.session import first_look
from segtool.tui.terminal import Display, typed_keys, understood

from .terminals import Terminal

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

LEASE = Path(__file__).parents[2] / "sample_docs" / "lease.pdf"
KITTY = b"\x1b_Gi=31;OK\x1b\\"
CELL = b"\x1b[6;18;9t"
SIXELS = b"\x1b[?62;4;22c"
NO_SIXELS = b"\x1b[?62;22c"


def picture(width: int = 37, height: int = 23) -> Image.Image:
    """Eight colours in no order, with a palette."""
    rng = np.random.default_rng(4)
    colours = rng.integers(0, 256, (8, 3), dtype=np.uint8)
    return graphics.reduced(Image.fromarray(colours[rng.integers(0, 8, (height, width))]), (1, 2, 3))


def read_sixel(data: str) -> NDArray[np.int64]:
    """The pixels of a sixel picture, colours in percent."""
    head = re.match(r'\x1bP0;1q"1;1;(\d+);(\d+)', data)
    assert head is not None
    width, height = int(head[1]), int(head[2])
    pixels = np.full((height + 6, width, 3), -1, np.int64)
    colours: dict[int, tuple[int, ...]] = {}
    colour, x, top = 0, 0, 0
    for match in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])", data[head.end() : -2]):
        number, *percent, count, repeated, single, move = match.groups()
        if number:
            colour = int(number)
            if percent[0] is not None:
                colours[colour] = tuple(map(int, percent))
        elif move:
            x, top = 0, top + (6 if move == "-" else 0)
        else:
            pattern = ord(repeated or single) - 63
            end = x + int(count or 1)
            for bit in range(6):
                if pattern >> bit & 1:
                    pixels[top + bit, x:end] = colours[colour]
            x = end
    assert (pixels[height:] == -1).all()
    return pixels[:height]


def test_sixels_are_the_pixels_of_the_picture() -> None:
    made = picture()
    wanted = np.rint(np.asarray(made.convert("RGB")).astype(float) * 100 / 255)
    assert np.abs(read_sixel(graphics.sixel(made)) - wanted).max() <= 1


def kitty_picture(sequence: str) -> Image.Image:
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", sequence)
    assert all(len(data) <= 4096 for _, data in pieces)
    assert ["m=1" in options for options, _ in pieces] == [True] * (len(pieces) - 1) + [False]
    return Image.open(BytesIO(b64decode("".join(data for _, data in pieces))))


def iterm2_picture(sequence: str) -> Image.Image:
    match = re.fullmatch(r"\x1b\]1337;File=[^:]*size=(\d+)[^:]*:([^\x07]*)\x07", sequence)
    assert match is not None
    data = b64decode(match[2])
    assert len(data) == int(match[1])
    return Image.open(BytesIO(data))


@pytest.mark.parametrize(("encode", "read"), [(graphics.kitty, kitty_picture), (graphics.iterm2, iterm2_picture)])
def test_png_protocols_carry_the_picture(
    encode: Callable[[Image.Image, int, int], str], read: Callable[[str], Image.Image]
) -> None:
    made = picture(300, 200)
    assert np.array_equal(np.asarray(read(encode(made, 30, 10)).convert("RGB")), np.asarray(made.convert("RGB")))


@pytest.mark.parametrize(
    ("answers", "environment", "wanted"),
    [
        (KITTY + b"\x1bP>|kitty(0.36.1)\x1b\\" + CELL + NO_SIXELS, {}, Display("kitty", (9, 18))),
        (b"\x1bP>|iTerm2 3.5.1\x1b\\" + CELL + SIXELS, {}, Display("iterm2", (9, 18))),
        (KITTY + b"\x1bP>|WezTerm 20240203\x1b\\" + CELL + SIXELS, {}, Display("iterm2", (9, 18))),
        (NO_SIXELS, {"LC_TERMINAL": "iTerm2"}, Display("iterm2")),
        (b"\x1bP>|foot(1.16)\x1b\\" + CELL + SIXELS, {}, Display("sixel", (9, 18))),
        (SIXELS, {}, Display()),  # of which size?
        (b"\x1bP>|XTerm(390)\x1b\\" + CELL + NO_SIXELS, {}, Display(None, (9, 18))),
        (b"\x1b_Gi=31;EINVAL:no\x1b\\" + NO_SIXELS, {}, Display()),
        (b"jj" + KITTY + b"\x1b[A" + NO_SIXELS + b"\r", {}, Display("kitty", typed=b"jj\x1b[A\r")),
        (b"", {}, Display()),
        (b"abc", {}, Display(typed=b"abc")),
    ],
)
def test_what_the_terminal_answers_is_understood(answers: bytes, environment: dict[str, str], wanted: Display) -> None:
    assert understood(answers, environment) == wanted


def test_keys_typed_while_the_terminal_is_asked() -> None:
    keys = [name for name, _ in typed_keys("jé\x1b[A\x1bOP\x1b[15~\r ?".encode())]
    assert keys == ["j", "é", "up", "enter", "space", "?"]


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    """The sample lease, its segmentation in the cache of a child."""
    path = tmp_path / "lease.pdf"
    path.write_bytes(LEASE.read_bytes())
    document = load(path)
    looked = first_look(document)
    sentences = Layer.from_offsets("sentence", len(document.text), looked.layers["paragraph"].offsets)
    made = Segmentation(document, {**looked.layers, "sentence": sentences}, {"sentence": MadeBy("fake")})
    key = review_key(path.read_bytes(), "lease.pdf", Settings(chunks=ChunkSettings(512)))
    Cache(tmp_path / "cache-home" / "segtool" / "review").put(key, made)
    return path


def is_written(terminal: Terminal, wanted: bytes) -> bool:
    """Whether the child writes a sequence from now on, in time."""
    drawn = b""
    for _ in range(150):
        drawn += terminal.read(0.1)
        if wanted in drawn:
            return True
    return False


CASES = {
    "kitty": (KITTY + CELL + NO_SIXELS, b"\x1b_Ga=T,f=100"),
    "iterm2": (b"\x1bP>|iTerm2 3.5.1\x1b\\" + CELL + NO_SIXELS, b"\x1b]1337;File=inline=1"),
    "sixel": (CELL + SIXELS, b'\x1bP0;1q"1;1;'),
    "none": (NO_SIXELS, "▀".encode()),
    "silent": (b"", "▀".encode()),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_page_is_drawn_as_the_terminal_can(name: str, lease: Path) -> None:
    answers, wanted = CASES[name]
    terminal = Terminal(["review", "lease.pdf"], lease.parent, size=(120, 40), answers=answers)
    terminal.wait_for("sentences")
    assert b"\x1b[c" in terminal.output
    terminal.press("p")
    assert is_written(terminal, wanted)
    terminal.press("?")
    if name == "kitty":
        assert is_written(terminal, b"\x1b_Ga=d")  # nothing shows through the help
    terminal.read(1)
    terminal.press("?")
    assert is_written(terminal, wanted)  # anew
    terminal.press("q")
    assert terminal.wait() == 0


def test_an_unknown_terminal_is_asked_nothing(lease: Path) -> None:
    terminal = Terminal(["review", "lease.pdf"], lease.parent, TERM="vt220")
    terminal.wait_for("sentences")
    assert b"\x1b[c" not in terminal.output
    assert b"\x1b_G" not in terminal.output
    terminal.press("q")
    assert terminal.wait() == 0
