"""``python -m segtool`` is ``segtool``."""

from __future__ import annotations

from segtool.cli.app import start

start()
