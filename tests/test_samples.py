"""The samples end to end, with the models that come with segtool."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import segtool
from segtool.cli.app import main
from segtool.core.layer import LAYER_NAMES, LayerName
from segtool.core.segmentation import Segmentation
from segtool.core.tokens import WordCounter
from segtool.storage.export import EXPORTERS, make_exporter, one_line
from segtool.storage.records import Record, iter_records, keys_of

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_docs"
GOLDEN = Path(__file__).parent / "golden"
NAMES = ("act.xml", "judgment.docx", "lease.pdf", "mietvertrag.txt", "policy.md", "transcript.txt", "yakkan.txt")

pytestmark = pytest.mark.skipif(not (ROOT / "models" / "sentences" / "card.toml").exists(), reason="no models here")


@cache
def segmented(name: str) -> Segmentation:
    document = segtool.load(SAMPLES / name)
    return segtool.segment(document, layers=LAYER_NAMES)


@cache
def records(name: str, layer: LayerName) -> tuple[Record, ...]:
    segmentation = segmented(name)
    return tuple(iter_records(segmentation, segmentation.layers[layer]))


def test_every_sample_is_tested() -> None:
    assert sorted(path.name for path in SAMPLES.iterdir()) == list(NAMES)


@pytest.mark.parametrize("layer", LAYER_NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_units_tile_the_text(name: str, layer: LayerName) -> None:
    document = segmented(name).document
    furniture = {i for p in document.paragraphs if p.kind == "furniture" for i in range(p.span.start, p.span.end)}
    covered: list[int] = []
    for record in records(name, layer):
        assert record["text"] == document.text[record["start"] : record["end"]]
        covered += range(record["start"], record["end"])
    assert len(covered) == len(set(covered))
    assert {i for i, c in enumerate(document.text) if not c.isspace()} - furniture <= set(covered)


@pytest.mark.parametrize("format_name", sorted(EXPORTERS))
@pytest.mark.parametrize("layer", LAYER_NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_every_format_holds_every_unit(name: str, layer: LayerName, format_name: str) -> None:
    expected = [record["text"] for record in records(name, layer)]
    exporter = make_exporter(format_name, layer)
    out = b"".join([exporter.start(), *exporter.document(records(name, layer)), exporter.finish()]).decode()
    if format_name == "text":
        assert out.split("\n")[:-1] == [one_line(text) for text in expected]
    elif format_name == "markdown":
        plain = " ".join(out.replace("\\", "").split())
        assert all(" ".join(line.replace("\\", "").split()) in plain for t in expected for line in t.splitlines())
    elif format_name in ("json", "jsonl"):
        rows = json.loads(out) if format_name == "json" else [json.loads(line) for line in out.split("\n")[:-1]]
        assert rows == list(records(name, layer))
    else:
        table = csv.DictReader(io.StringIO(out, newline=""), delimiter="\t" if format_name == "tsv" else ",")
        assert [row["text"] for row in table] == expected
        assert tuple(table.fieldnames or ()) == keys_of(layer)


@pytest.mark.parametrize("name", NAMES)
def test_chunks_keep_to_their_budget_and_cut_no_sentence_that_fits(name: str) -> None:
    segmentation, counter = segmented(name), WordCounter()
    cuts = {unit.start for layer in LAYER_NAMES[:3] for unit in segmentation.units(layer)}
    too_long = [unit.trimmed for unit in segmentation.sentences if counter.count(unit.text) > 60]
    for unit in segmentation.chunks(max_tokens=60):
        assert counter.count(unit.text) <= 60
        assert unit.start in cuts or any(unit.start in span for span in too_long)
    for record in records(name, "chunk"):
        assert 0 < record["tokens"] <= 512


@pytest.mark.parametrize("name", ["lease.pdf"])
def test_units_of_pages_have_pages_and_boxes_on_them(name: str) -> None:
    for layer in LAYER_NAMES:
        for record in records(name, layer):
            assert record["page"] in (1, 2)
            assert record["boxes"][0][0] == record["page"]
            for _, x0, top, x1, bottom in record["boxes"]:
                assert 0 <= x0 < x1 <= 596
                assert 0 <= top < bottom <= 842


@pytest.mark.parametrize("command", ["outline", "split"])
@pytest.mark.parametrize("name", NAMES)
def test_goldens(
    name: str,
    command: str,
    request: pytest.FixtureRequest,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(SAMPLES)
    assert main([command, name]) == 0
    out = capfdbinary.readouterr().out
    path = GOLDEN / f"{name}.{command}.txt"
    if request.config.getoption("--regold"):
        path.write_bytes(out)
    assert out.decode() == path.read_text(encoding="utf-8")


def test_the_same_input_gives_the_same_bytes(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SAMPLES)
    runs = []
    for _ in range(2):
        assert main(["split", ".", "--by", "chunk", "--format", "jsonl"]) == 0
        runs.append(capfdbinary.readouterr().out)
    assert runs[0] == runs[1]
    assert len({json.loads(line)["doc"] for line in runs[0].decode().split("\n")[:-1]}) == len(NAMES)


NO_NETWORK = """
import sys
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind"):
        raise AssertionError(f"network: {event} {arguments}")
sys.addaudithook(hook)
from segtool.cli.app import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["split", "sample_docs", "--by", "chunk"],
        ["outline", "sample_docs/lease.pdf"],
        ["models", "list"],
        ["models", "verify"],
    ],
)
def test_no_connection_is_opened(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, *arguments], cwd=ROOT, env=os.environ, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.decode()) == (0, done.stderr.decode())
    assert "network" not in done.stderr.decode()


def test_what_the_readme_shows_in_python_runs(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(ROOT)
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(block, "README.md", "exec"), {})
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert "1 6 Ending the Lease" in lines
    assert lines[-1].startswith("sample_docs/policy.md ")
    assert segtool.split("It rained. We left.") == ["It rained.", "We left."]


def test_a_stream_goes_on_after_a_failing_input() -> None:
    errors: list[segtool.SegtoolError] = []
    note: Callable[[segtool.SegtoolError], None] = errors.append
    inputs = [SAMPLES / "nowhere.txt", SAMPLES / "transcript.txt"]
    (only,) = segtool.segment_all(inputs, layers=["sentence"], on_error=note)
    assert only.document.id.endswith("transcript.txt")
    assert [error.exit_code for error in errors] == [3]
    with pytest.raises(segtool.SegtoolError):
        list(segtool.segment_all(inputs, layers=["sentence"]))
