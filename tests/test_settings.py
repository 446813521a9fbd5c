"""Every setting is read by someone."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

import segtool
from segtool import settings

CLASSES = [value for value in vars(settings).values() if dataclasses.is_dataclass(value)]
FIELDS = [(cls.__name__, field.name) for cls in CLASSES for field in dataclasses.fields(cls)]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def code() -> str:
    root = Path(segtool.__file__).parent
    files = [path for path in root.rglob("*.py") if path.name != "settings.py" and "training" not in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize(("owner", "name"), FIELDS)
def test_each_field_is_read(owner: str, name: str, code: str) -> None:
    assert re.search(rf"\.{name}\b(?!\s*=[^=])", code), owner


@pytest.mark.parametrize("cls", CLASSES)
def test_each_field_is_documented(cls: type) -> None:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    body = source.split(f"class {cls.__name__}:")[1].split("\n\n\n")[0]
    assert body.count('"""') == 2 * (1 + len(dataclasses.fields(cls)))  # type: ignore[arg-type]
