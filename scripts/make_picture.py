"""Makes docs/terminal.svg: what the commands of the README really print, drawn as a terminal."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "terminal.svg"
WIDTH = 108
COMMANDS = (
    ("segtool outline lease.pdf", None),
    ("segtool split lease.pdf | head -n 9", 9),
    ('segtool show lease.pdf "4.2(a)"', None),
)


def main() -> None:
    """Run the commands over the samples and draw them."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for command, n_lines in COMMANDS:
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        for line in run(command)[:n_lines]:
            console.print(Text(line), overflow="ellipsis", no_wrap=True)
        console.print()
    TARGET.write_text(console.export_svg(title="segtool", unique_id="segtool"), encoding="utf-8")


def run(command: str) -> list[str]:
    """The lines that a command prints; what stands behind a pipe is done by the caller."""
    words = command.split(" | ")[0].split(" ", 3)
    arguments = [word.strip('"') for word in words[1:]]
    program = Path(sys.executable).with_name("segtool")
    done = subprocess.run([program, *arguments], cwd=ROOT / "sample_docs", check=True, capture_output=True)
    return done.stdout.decode().splitlines()


if __name__ == "__main__":
    main()
