"""The names that other programs rely on: commands, options, formats, keys, exit codes, outcomes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from segtool import errors
from segtool.cli.app import COMMANDS, load_command
from segtool.core.layer import LAYER_NAMES, ORIGINS
from segtool.storage.export import EXPORTERS
from segtool.storage.records import CHUNK_KEYS, KEYS

SAMPLES = Path(__file__).parents[1] / "sample_docs"
SPLIT_OPTIONS = [
    "--by",
    "--format",
    "--output",
    "-o",
    "--from",
    "--lang",
    "--model",
    "--section-model",
    "--threshold",
    "--min-length",
    "--max-length",
    "--max-tokens",
    "--tokenizer",
    "--no-edits",
    "--password",
    "--keep-furniture",
    "--glob",
    "--null",
    "-0",
    "--force",
    "--quiet",
    "--verbose",
    "--debug",
]


def options(name: str) -> set[str]:
    """The options of a command."""
    return {option for param in load_command(name).params for option in (*param.opts, *param.secondary_opts)}


def test_commands() -> None:
    assert {"split", "outline", "show", "load", "review", "models", "bench"} <= set(COMMANDS)
    assert {"list", "show", "verify", "pull"} <= set(load_command("models").commands)


def test_options_of_split() -> None:
    assert set(SPLIT_OPTIONS) <= options("split")


@pytest.mark.parametrize("name", ["load", "outline", "show", "review"])
def test_options_of_loading(name: str) -> None:
    assert {"--from", "--password", "--keep-furniture"} <= options(name)


def test_options_of_outline() -> None:
    assert {"--format", "--depth"} <= options("outline")


def test_keys_formats_and_layers() -> None:
    keys = "doc unit index start end level kind number heading path score origin page bbox boxes text"
    assert tuple(keys.split()) == KEYS
    assert CHUNK_KEYS == ("id", "tokens", "header", "context", "refs", "parent")
    assert LAYER_NAMES == ("sentence", "paragraph", "section", "chunk")
    assert set(ORIGINS) == {"loader", "model", "rule", "user"}
    assert {"text", "jsonl", "json", "csv", "tsv", "markdown"} <= set(EXPORTERS)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SegtoolError, 1),
        (errors.UsageError, 2),
        (errors.LoadError, 3),
        (errors.UnsupportedError, 3),
        (errors.EncryptedError, 3),
        (errors.NoTextError, 3),
        (errors.ModelError, 4),
        (errors.EditError, 5),
        (errors.OutputError, 6),
    ],
)
def test_exit_codes(error: type[errors.SegtoolError], code: int) -> None:
    assert error.exit_code == code


def segtool(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A run in a process of its own."""
    return subprocess.run([sys.executable, "-m", "segtool", *arguments], input=data, capture_output=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["split", "--format", "html"],
        ["split", "--format", "parquet"],
        ["split", "--from", "epub"],
        ["split", "--strategy", "x"],
        ["split", "--overlap", "3"],
        ["split", "--resume"],
        ["diff"],
    ],
)
def test_what_is_only_reserved_is_a_usage_error(arguments: list[str]) -> None:
    done = segtool(*arguments, data=b"One.")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1


def test_the_program_really_leaves_with_its_codes(tmp_path: Path) -> None:
    assert segtool("--version").returncode == 0
    assert segtool("split", str(tmp_path / "nowhere")).returncode == 3
    assert segtool("split", "--model", "nowhere", data=b"One.").returncode == 4
    assert segtool("split", "-o", str(tmp_path / "no" / "folder"), data=b"One.").returncode == 6
    assert segtool("nowhere").returncode == 2
    assert segtool("split", "--by", "paragraph").stdout == b""


def test_offsets_of_other_formats_index_what_load_prints() -> None:
    for name in ("lease.pdf", "judgment.docx", "act.xml", "policy.md"):
        path = str(SAMPLES / name)
        document = json.loads(segtool("load", path, "--format", "json").stdout)
        assert {"id", "text", "metadata", "paragraphs"} <= set(document)
        assert document["id"] == path
        assert segtool("load", path).stdout.decode() == document["text"] + "\n"
        for line in segtool("split", path, "--by", "paragraph", "--format", "jsonl").stdout.decode().split("\n")[:-1]:
            record = json.loads(line)
            assert record["text"] == document["text"][record["start"] : record["end"]]


def test_sections_of_legal_xml_come_from_the_source() -> None:
    lines = segtool("split", str(SAMPLES / "act.xml"), "--by", "sentence", "--format", "jsonl").stdout.decode()
    records = [json.loads(line) for line in lines.split("\n")[:-1]]
    assert any(record["path"] for record in records)
    outline = json.loads(segtool("outline", str(SAMPLES / "act.xml"), "--format", "json").stdout)
    parts = [node for node in outline if node["number"] and node["number"].startswith("Part")]
    assert [part["heading"] for part in parts] == ["Preliminary", "Lights and dues"]
    for part in parts:
        assert all(part["start"] <= child["start"] and child["end"] <= part["end"] for child in part["children"])
        assert part["children"][0]["level"] == 2
