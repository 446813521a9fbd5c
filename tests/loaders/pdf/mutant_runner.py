"""Loads the PDFs named on standard input, a path a line, and says of each how it ended; run by the soak test.

A line before each file names it, so that the parent knows which one brought the process down.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from pathlib import Path

from segtool.errors import SegtoolError
from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings


def main() -> None:
    """Run until standard input ends."""
    logging.disable(logging.CRITICAL)
    for row in sys.stdin:
        path = Path(row.strip())
        print("start", path, flush=True)
        begin = time.monotonic()
        try:
            load_pdf(path.read_bytes(), path.name, LoadSettings(keep_furniture=len(path.name) % 2 == 0))
            ended = "text"
        except SegtoolError as error:
            ended = "error" if "\n" not in str(error) else "an error of several lines"
        except Exception:
            ended = "traceback " + traceback.format_exc(limit=-3).replace("\n", " | ")
        print("end", f"{time.monotonic() - begin:.1f}", ended, flush=True)


if __name__ == "__main__":
    main()
