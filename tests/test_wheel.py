"""The wheel alone, in a new environment outside the repository and without a network, segments a document."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the working tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment with the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "runtime.lock")], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    return programs


def without_network() -> list[str]:
    """What to put before a command so that it has no network; empty where that can't be done."""
    command = ["unshare", "--user", "--map-root-user", "--net"]
    if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
        return command
    return []


def test_the_wheel_has_the_models_and_no_training_code(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "segtool/py.typed" in names
    assert {name.split("/")[2] for name in names if name.startswith("segtool/models/") and name.endswith("card.toml")}
    assert not [name for name in names if name.startswith("segtool/training")]


@pytest.mark.parametrize("by", ["sentence", "paragraph", "section", "chunk"])
def test_the_installed_wheel_segments_offline(environment: Path, tmp_path: Path, by: str) -> None:
    sample = shutil.copy(ROOT / "sample_docs" / "lease.pdf", tmp_path)
    command = [*without_network(), str(environment / "segtool"), "split", sample, "--by", by, "--format", "jsonl"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SEGTOOL"))}
    done = subprocess.run(command, cwd=tmp_path, env=clean, check=True, capture_output=True)
    records = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    assert len(records) > (1 if by == "chunk" else 5)
    assert {record["page"] for record in records} >= {1}
