"""``python -m segtool`` is ``segtool``."""

from __future__ import annotations

from segtool.cli.entry import start

if __name__ == "__main__":
    start()
