"""Draws the pictures of the review screen for README and docs, and a short animated one, from the real program.

    python scripts/review_pictures.py [DOCUMENT] [FOLDER]

The document is opened by the application itself, with the shipped models; keys are pressed as a user would, and each
picture is what the screen shows then. The animation is one SVG whose frames follow each other (no script in it).
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from pathlib import Path

from segtool.settings import Settings
from segtool.storage.cache import Cache
from segtool.tui.app import AppOptions, ReviewApp
from segtool.tui.screens.review import ReviewScreen
from segtool.tui.session import ReviewRequest

ROOT = Path(__file__).resolve().parent.parent
FRAME_S = 1.2

PICTURES = (
    ("review-dark", "dark", (100, 30), ["tab"]),
    ("review-light", "light", (140, 40), ["3", "J", "J"]),
    ("review-page", "dark", (150, 40), ["p", "tab"]),
)
STORY = (
    ["tab"],
    ["y"],
    ["n"],
    ["u"],
    ["a"],
    ["escape", "escape", "3"],
    ["J"],
    ["minus"],
    ["1", "f"],
    ["escape"],
    ["question_mark"],
)


async def _frames(document: Path, theme: str, size: tuple[int, int], steps: list[list[str]]) -> list[str]:
    """What the screen shows after each step."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / document.name
        shutil.copy(document, copy)
        request = ReviewRequest(str(copy), None, Settings(), None, Cache(Path(name) / "cache"))
        app = ReviewApp([request], AppOptions(theme="dark" if theme == "dark" else "light"))
        frames = []
        async with app.run_test(size=size) as pilot:
            while not (isinstance(app.screen, ReviewScreen) and app.screen.working is None):
                await pilot.pause(0.1)
            for keys in steps:
                await pilot.press(*keys)
                await app.workers.wait_for_complete()
                await pilot.pause(0.3)
                frames.append(app.export_screenshot(title=f"segtool review {document.name}"))
    return frames


def animated(frames: list[str], seconds: float = FRAME_S) -> str:
    """One SVG that shows the frames one after the other, for ever."""
    head = re.match(r"<svg[^>]*>", frames[0])
    if head is None:
        raise ValueError("the first frame is no SVG")
    total = seconds * len(frames)
    share = 100 / len(frames)
    style = (
        f"<style>@keyframes show {{ 0% {{ visibility: visible }} {share:.3f}% {{ visibility: hidden }} }} "
        f".frame {{ visibility: hidden; animation: show {total}s steps(1) infinite }}</style>"
    )
    groups = []
    for index, frame in enumerate(frames):
        inner = re.sub(r"terminal-\d+", f"terminal-f{index}", frame[len(head.group()) : frame.rindex("</svg>")])
        groups.append(f'<g class="frame" style="animation-delay: {index * seconds}s">{inner}</g>')
    return head.group() + style + "".join(groups) + "</svg>\n"


def main(arguments: list[str]) -> None:
    """Draw everything."""
    document = Path(arguments[0]) if arguments else ROOT / "sample_docs" / "lease.pdf"
    folder = Path(arguments[1]) if len(arguments) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for name, theme, size, keys in PICTURES:
        frames = asyncio.run(_frames(document, theme, size, [keys]))
        (folder / f"{name}.svg").write_text(frames[0] + "\n", encoding="utf-8")
    story = asyncio.run(_frames(document, "dark", (100, 30), [list(keys) for keys in STORY]))
    (folder / "review.svg").write_text(animated(story), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
