"""What the terminal can show: asked once before the application starts, without waiting long or losing a key.

Four questions go out together, the last of which (device attributes) every terminal answers, in order: its answer
ends the wait. What was typed meanwhile is kept for the application.
"""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from segtool.tui.graphics import Protocol

WAIT_S = 0.5
"""Longest wait for the answers."""

_KITTY_QUESTION = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_NAME_QUESTION = "\x1b[>0q"
_CELL_QUESTION = "\x1b[16t"
_ATTRIBUTES_QUESTION = "\x1b[c"

_KITTY = re.compile(rb"\x1b_Gi=31;([^\x1b]*)\x1b\\")
_NAME = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_ANSWERS = (_KITTY, _NAME, _CELL, _ATTRIBUTES)
_KEY = re.compile(r"\x1b\[([A-D])|\x1b[\[O][^a-zA-Z~]*[a-zA-Z~]|(.)", re.DOTALL)

_WITHOUT = ("", "dumb", "unknown", "linux", "ansi", "vt100", "vt102", "vt220")
_ITERM2 = ("iTerm2", "WezTerm", "mintty")
"""Terminals with iTerm2's protocol, as they name themselves."""
_ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
_NAMES = {"\r": "enter", "\n": "enter", "\t": "tab", "\x1b": "escape", "\x7f": "backspace", " ": "space"}


@dataclass(frozen=True, slots=True)
class Display:
    """How pictures can be shown, and what was typed while the terminal was asked.

    Attributes:
        protocol: None: by no graphics protocol, half blocks do.
        cell: pixels of a cell, width and height.
        typed: bytes that were no answer.
    """

    protocol: Protocol | None = None
    cell: tuple[int, int] = (10, 20)
    typed: bytes = b""


def ask(environment: Mapping[str, str], reading: int = 0, writing: int = 2) -> Display:
    """Ask the terminal behind two descriptors; nothing is asked where TERM knows no pictures, or it is none."""
    term = environment.get("TERM", "")
    if sys.platform == "win32" or term in _WITHOUT or not (os.isatty(reading) and os.isatty(writing)):
        return Display()
    import termios

    kept = termios.tcgetattr(reading)
    raw = termios.tcgetattr(reading)
    raw[3] &= ~(termios.ICANON | termios.ECHO)
    try:
        termios.tcsetattr(reading, termios.TCSANOW, raw)  # what was typed ahead stays
        os.write(writing, _questions(term, environment).encode("ascii"))
        answers = _read_answers(reading)
    except OSError:
        return Display()
    finally:
        termios.tcsetattr(reading, termios.TCSANOW, kept)
    return understood(answers, environment)


def _questions(term: str, environment: Mapping[str, str]) -> str:
    """All questions; kitty's only where it is no text: tmux and screen take it for a title, Apple's prints it."""
    is_safe = not term.startswith(("screen", "tmux")) and environment.get("TERM_PROGRAM") != "Apple_Terminal"
    return (_KITTY_QUESTION if is_safe else "") + _NAME_QUESTION + _CELL_QUESTION + _ATTRIBUTES_QUESTION


def _read_answers(reading: int) -> bytes:
    answers = b""
    end = time.monotonic() + WAIT_S
    while not _ATTRIBUTES.search(answers) and (left := end - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            answers += os.read(reading, 1024)
    return answers


def understood(answers: bytes, environment: Mapping[str, str]) -> Display:
    """What the answers say."""
    found = {pattern: match[1] for pattern in _ANSWERS if (match := pattern.search(answers))}
    cell = _CELL.search(answers)
    name = found.get(_NAME, b"").decode("ascii", "replace") or environment.get("LC_TERMINAL", "")
    protocol: Protocol | None = None
    if found.get(_KITTY) == b"OK" and not name.startswith(_ITERM2):
        protocol = "kitty"
    elif name.startswith(_ITERM2):
        protocol = "iterm2"
    elif cell and b"4" in found.get(_ATTRIBUTES, b"").split(b";"):  # sixels are pixels: a guess at cells won't do
        protocol = "sixel"
    for pattern in _ANSWERS:
        answers = pattern.sub(b"", answers)
    size = (int(cell[2]), int(cell[1])) if cell and int(cell[1]) and int(cell[2]) else (10, 20)
    return Display(protocol, size, answers)


def typed_keys(typed: bytes) -> list[tuple[str, str | None]]:
    """Names and characters of the keys that were typed; sequences of keys beyond the arrows are left out."""
    keys: list[tuple[str, str | None]] = []
    for match in _KEY.finditer(typed.decode("utf-8", "ignore")):
        arrow, character = match.groups()
        if arrow:
            keys.append((_ARROWS[arrow], None))
        elif character:
            keys.append((_NAMES.get(character, character), character if character.isprintable() else None))
    return keys
