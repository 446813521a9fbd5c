"""Options and fixtures of all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure.
settings.register_profile("segtool", deadline=None)
settings.load_profile("segtool")


# A shell in the background ignores Ctrl-C, and what it starts would too: tests of interrupts need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--regold`` writes golden files anew instead of comparing with them."""
    parser.addoption("--regold", action="store_true", help="write golden files anew")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of corpora; the test is skipped where there is none."""
    name = os.environ.get("SEGTOOL_CORPORA")
    if not name or not Path(name).is_dir():
        pytest.skip("SEGTOOL_CORPORA names no folder of corpora")
    return Path(name)
