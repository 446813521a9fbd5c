"""Keys typed faster than the screen can follow: none is lost, none lands elsewhere."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events

from segtool.core.layer import Label
from segtool.tui.screens.review import ReviewScreen

from .driving import Driver, driving

NAMES = {
    " ": "space",
    "\r": "enter",
    "\x1b": "escape",
    "\x7f": "backspace",
    "\t": "tab",
    "/": "slash",
    "?": "question_mark",
    "'": "apostrophe",
    "@": "at",
}


async def burst(driver: Driver, keys: str) -> None:
    """All keys at once, as a terminal hands them over when the program was busy; then wait until nothing happens."""
    for character in keys:
        driver.app.post_message(events.Key(NAMES.get(character, character), character))
    for _ in range(100):
        await driver.pilot.pause()
        if not driver.app._keys_waiting and driver.app._busy_since is None:
            break
    await driver.pilot.pause()


def _search(driver: Driver) -> object:
    return driver.screen.search and driver.screen.search.query


BURSTS: dict[str, tuple[str, Callable[[Driver], object], object]] = {
    "search": ("/salo\r", _search, "salo"),
    "search and go on": ("/salo\r'", _search, "salo"),
    "two searches": ("/salo\r/mill\r", _search, "mill"),
    "note": ("Nsee the file\r", lambda d: d.state.note_at(0), "see the file"),
    "preset note": ("N2", lambda d: d.state.note_at(0), "list or table"),
    "note left, then moves": ("Nabc\x1bww", lambda d: (d.state.note_at(0), d.state.cursor > 0), ("", True)),
    "go to and split": ("g@400\rs", lambda d: len(d.state.log.edits), 1),
    "filter": ("F5", lambda d: d.screen.filter, "unchecked"),
    "accept all and undo": ("A\x7f\x7f0\ru", lambda d: (d.state.log.cursor, len(d.state.log.edits)), (0, 1)),
    "letters": ("fa", lambda d: len(d.state.log.edits), 1),
    "help closes": ("?qw", lambda d: (isinstance(d.app.screen, ReviewScreen), d.state.cursor > 0), (True, True)),
    "threshold": ("tll\rw", lambda d: (d.state.threshold, d.state.cursor > 0), (0.52, True)),
    "retitle": ("3e9\r", lambda d: d.state.boundary().label, Label("9", "The parties")),
    "questions": ("\tynyny", lambda d: len(d.state.log.edits), 5),
}


@pytest.mark.parametrize("name", sorted(BURSTS))
async def test_a_burst_of_keys(name: str, tmp_path: Path) -> None:
    keys, seen, wanted = BURSTS[name]
    async with driving(tmp_path) as driver:
        await burst(driver, keys)
        assert seen(driver) == wanted


async def test_prompts_hold_what_was_typed_in_order(tmp_path: Path) -> None:
    """Random texts, each typed at once with the key that opens the prompt and the Enter that closes it."""
    rng = random.Random(6)
    async with driving(tmp_path) as driver:
        for _ in range(12):
            text = "".join(rng.choices("abcdefghijkl mnopqrstuvwxyz.?/'", k=rng.randint(1, 30)))
            await burst(driver, f"N{text}\r")
            assert driver.state.note_at(0) == text.strip()
            await burst(driver, "u")


async def test_a_key_that_never_ends_holds_the_next_up_only_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segtool.tui.ordered_keys.PATIENCE_S", 0.05)
    async with driving(tmp_path) as driver:
        driver.app._busy_since = time.monotonic()  # a key is on its way, and its widget is gone
        driver.app.post_message(events.Key("w", "w"))
        await driver.pilot.pause(0.3)
        assert driver.state.cursor > 0
