"""``segtool models`` end to end: what it prints, and one line with exit code 4 for every kind of bad model."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from segtool.cli.app import main

TINY_SAT = Path(__file__).parent.parent / "segmenters" / "data" / "tiny_sat"
WEIGHTS = b"not really weights"


@pytest.fixture(autouse=True)
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache of the hub, no connection, no models of the user's."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("segtool.inference.store.user_folder", lambda: tmp_path / "user")
    monkeypatch.setattr("segtool.inference.store.built_in_folder", lambda: tmp_path / "built-in")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with one model of segtool's own and one in wtpsplit's layout."""
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "weights.onnx").write_bytes(WEIGHTS)
    (folder / "card.toml").write_text(
        f"""name = "tiny"\nversion = "1.2.0"\nformat = 1\ntask = "section"\narchitecture = "none"
languages = ["en", "de"]\nlicence = "Apache-2.0"\nsource = "tests"\ntraining_data = ["none"]
[thresholds]\ngeneral = 0.5
[[files]]\npath = "weights.onnx"\nbytes = {len(WEIGHTS)}\nsha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}"
""",
        encoding="utf-8",
    )
    shutil.copytree(TINY_SAT, tmp_path / "models" / "tiny-sat")
    return tmp_path / "models"


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``segtool models ARGUMENTS``."""
    code = main(["models", *arguments])
    captured = capfd.readouterr()
    return code, captured.out, captured.err


def test_list(capfd: pytest.CaptureFixture[str], models: Path) -> None:
    code, out, _ = run(capfd, "list", "--models-path", str(models))
    assert code == 0
    assert [line.split()[:3] for line in out.splitlines()] == [
        ["tiny", "section", "1.2.0"],
        ["tiny-sat", "sentence", "-"],
    ]
    code, out, _ = run(capfd, "list", "--models-path", str(models), "--format", "json")
    own, foreign = json.loads(out)
    assert own == {
        "name": "tiny",
        "task": "section",
        "version": "1.2.0",
        "bytes": sum(path.stat().st_size for path in (models / "tiny").iterdir()),
        "languages": ["en", "de"],
        "place": "models path",
        "folder": str(models / "tiny"),
        "problem": None,
    }
    assert (foreign["name"], foreign["place"]) == ("tiny-sat", "models path")


def test_list_without_models(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "list", "--format", "json")[:2] == (0, "[]\n")
    assert run(capfd, "list")[:2] == (0, "")


def test_list_shows_what_is_broken(capfd: pytest.CaptureFixture[str], models: Path) -> None:
    card = models / "tiny" / "card.toml"
    card.write_text(card.read_text(encoding="utf-8").replace("format = 1", "format = 9"), encoding="utf-8")
    code, out, _ = run(capfd, "list", "--models-path", str(models))
    assert code == 0
    assert "unusable" in out.splitlines()[0]
    assert "format 9" in out.splitlines()[0]


def test_show(capfd: pytest.CaptureFixture[str], models: Path) -> None:
    code, out, _ = run(capfd, "show", "tiny", "--models-path", str(models))
    assert code == 0
    assert "version: 1.2.0\n" in out
    assert "  general: 0.5\n" in out
    code, out, _ = run(capfd, "show", str(TINY_SAT), "--format", "json")
    assert code == 0
    assert json.loads(out)["lookahead"] == 48


def test_verify(capfd: pytest.CaptureFixture[str], models: Path) -> None:
    code, out, _ = run(capfd, "verify", "--models-path", str(models))
    assert (code, out.splitlines()) == (
        0,
        ["tiny: ok (1 file)", "tiny-sat: ok (no hashes recorded to compare with)"],
    )
    (models / "tiny" / "weights.onnx").write_bytes(WEIGHTS.upper())
    code, out, err = run(capfd, "verify", "--models-path", str(models))
    assert code == 4
    assert out.splitlines()[0] == "tiny: failed"
    assert len(err.splitlines()) == 1
    assert "sha256 differs" in err
    code, out, _ = run(capfd, "verify", "tiny-sat", "--models-path", str(models), "--format", "json")
    assert (code, json.loads(out)[0]["ok"]) == (0, True)


def test_verify_looks_at_files_that_forms_share(capfd: pytest.CaptureFixture[str], models: Path) -> None:
    card = (models / "tiny" / "card.toml").read_text(encoding="utf-8")
    form = (
        card.split("[[files]]")[0].replace('"tiny"', '"tiny-form"').replace("[thresholds]", "files = []\n[thresholds]")
    )
    (models / "tiny-form").mkdir()
    (models / "tiny-form" / "card.toml").write_text(form + '[parameters]\nbase = "tiny"\n', encoding="utf-8")
    code, out, _ = run(capfd, "verify", "tiny-form", "--models-path", str(models))
    assert (code, out) == (0, "tiny-form: ok (1 file, those of tiny)\n")
    _, out, _ = run(capfd, "verify", "tiny-form", "--models-path", str(models), "--format", "json")
    assert json.loads(out) == [{"name": "tiny-form", "ok": True, "files": 1, "shared_with": "tiny", "problem": None}]
    (models / "tiny" / "weights.onnx").write_bytes(WEIGHTS.upper())
    assert run(capfd, "verify", "tiny-form", "--models-path", str(models))[0] == 4


def test_pull_of_a_model_that_is_here(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "pull", str(TINY_SAT)) == (0, f"{TINY_SAT}\n", f"segtool: {TINY_SAT}: needs no download\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["show", "nothing"], 4, "nothing: no such model"),
        (["show", "sat-3l-smm"], 4, "did you mean 'sat-3l-sm'"),
        (["show", "sat-3l-sm"], 4, "not on this computer yet; 'segtool models pull segment-any-text/sat-3l-sm'"),
        (["pull", "sat-3l-sm"], 4, "HF_HUB_OFFLINE is set"),
        (["pull", "sentences"], 4, "no such model"),
        (["verify", "--models-path", "/no/such/folder"], 4, "the models path is no folder"),
        (["list", "--format", "xml"], 2, "is none of text, json"),
        (["fetch", "x"], 2, "No such command"),
    ],
)
def test_errors_are_one_line(capfd: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str) -> None:
    actual, _, err = run(capfd, *arguments)
    assert actual == code
    assert message in err
    assert len(err.splitlines()) == 1
