"""split from the outside: inputs, outputs, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from pathlib import Path

import pytest

from segtool.storage.records import CHUNK_KEYS, KEYS
from tests.cli.conftest import Run


def records(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.decode().split("\n") if line]


def test_a_sentence_a_line_from_standard_input(run: Run) -> None:
    result = run("split", stdin=b"One. Two\nthirds.\n\nThree.")
    assert (result.code, result.lines, result.error) == (0, ["One.", "Two thirds.", "Three."], "")


def test_null_keeps_line_breaks(run: Run) -> None:
    assert run("split", "-", "-0", stdin=b"One. Two\nthirds. ").out == b"One.\0Two\nthirds.\0"


def test_null_is_for_text_only(run: Run) -> None:
    assert run("split", "-", "-0", "--format", "csv", stdin=b"One.").code == 2


@pytest.mark.parametrize("text", [b"", b" \n\t "])
def test_empty_standard_input_is_an_empty_document(run: Run, text: bytes) -> None:
    result = run("split", stdin=text)
    assert (result.code, result.out, result.error) == (0, b"", "")


def test_records_have_the_keys_of_the_contract(run: Run) -> None:
    rows = records(run("split", "--format", "jsonl", stdin="Ä one.  Two. ".encode()).out)
    assert [tuple(row) for row in rows] == [KEYS, KEYS]
    assert [(r["doc"], r["unit"], r["index"], r["start"], r["end"], r["text"]) for r in rows] == [
        ("-", "sentence", 0, 0, 6, "Ä one."),
        ("-", "sentence", 1, 8, 12, "Two."),
    ]
    assert [(r["score"], r["origin"], r["level"], r["path"]) for r in rows] == [
        (None, "model", 1, []),
        (0.9, "model", 1, []),
    ]


def test_chunks_have_more_keys_and_keep_the_budget(run: Run) -> None:
    Path("a.jsonl").write_text('{"id": "a", "text": "One two three. Four five six. Seven."}\n')
    rows = records(run("split", "a.jsonl", "--by", "chunk", "--max-tokens", "4", "--format", "jsonl").out)
    assert all(tuple(row) == KEYS + CHUNK_KEYS for row in rows)
    assert [(row["text"], row["tokens"]) for row in rows] == [("One two three.", 3), ("Four five six. Seven.", 4)]
    assert all(row[key] is None for row in rows for key in ("header", "context", "refs", "parent"))


def test_json_lines_in_keep_ids_and_honour_lang(run: Run) -> None:
    corpus = [
        {"id": "a", "text": "One. Two.", "lang": "xx"},
        {"text": "One. Two.", "lang": None},
        {"id": 7, "text": "\x00 One. Two\u2028three.", "lang": "qq"},
        {"id": "e", "text": ""},
    ]
    data = "\n".join(json.dumps(record, ensure_ascii=False) for record in corpus).encode()
    rows = records(run("split", "--from", "jsonl", "--format", "jsonl", stdin=data).out)
    assert [(row["doc"], row["text"]) for row in rows] == [
        ("a", "One. Two."),
        ("2", "One."),
        ("2", "Two."),
        ("7", "\x00 One."),
        ("7", "Two\u2028three."),
    ]


def test_a_broken_line_is_named_and_the_rest_done(run: Run) -> None:
    result = run("split", "--from", "jsonl", stdin=b'{"text": "One."}\n{"text": \n{"text": "Two."}\n')
    assert (result.code, result.lines) == (1, ["One.", "Two."])
    assert "line 2" in result.error
    assert result.error.count("\n") == 1


@pytest.mark.parametrize("name", ["json", "csv", "tsv", "jsonl"])
def test_every_table_holds_the_same_records(run: Run, name: str) -> None:
    text = 'He said "no, never"; then,\r\n\tleft. Two\rlines. “Ünï”\u2029end. '.encode()
    expected = records(run("split", "--format", "jsonl", stdin=text).out)
    out = run("split", "--format", name, stdin=text).out.decode()
    if name in ("csv", "tsv"):
        reader = csv.DictReader(io.StringIO(out, newline=""), delimiter="," if name == "csv" else "\t")
        rows: list[dict[str, object]] = list(reader)
        assert [(r["text"], int(str(r["start"])), json.loads(str(r["path"]))) for r in rows] == [
            (r["text"], r["start"], r["path"]) for r in expected
        ]
    else:
        assert (json.loads(out) if name == "json" else records(out.encode())) == expected


def test_the_suffix_of_the_output_gives_the_format(run: Run) -> None:
    assert run("split", "-o", "out.json", stdin=b"One. Two.").out == b""
    assert [row["text"] for row in json.loads(Path("out.json").read_bytes())] == ["One.", "Two."]
    assert json.loads(run("split", "--format", "json", stdin=b"").out) == []


def test_folders_are_walked_in_order(run: Run) -> None:
    for name in ("docs/b.txt", "docs/a/z.txt", "docs/.hidden.txt", "docs/picture.png", "docs/x.txt.segtool.json"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(f"In {Path(name).name}.")
    rows = records(run("split", "./docs", "--format", "jsonl").out)
    assert [row["doc"] for row in rows] == ["./docs/b.txt", "./docs/a/z.txt"]
    assert [row["doc"] for row in records(run("split", "docs", "--glob", "a/*", "--format", "jsonl").out)] == [
        os.path.join("docs", "a", "z.txt")  # noqa: PTH118
    ]
    assert run("split", "docs", "--glob", "*.md").code == 3


def test_the_output_in_a_folder_is_no_input_of_the_next_run(run: Run) -> None:
    Path("docs").mkdir()
    Path("docs/a.txt").write_text("One.")
    for _ in range(2):
        assert run("split", "docs", "-o", "docs/out.jsonl").code == 0
        assert len(records(Path("docs/out.jsonl").read_bytes())) == 1


def test_one_failing_input_gives_its_own_code(run: Run) -> None:
    result = run("split", "nowhere.txt")
    assert (result.code, result.out) == (3, b"")
    assert "nowhere.txt" in result.error
    assert result.error.count("\n") == 1


def test_other_inputs_are_done(run: Run) -> None:
    Path("a.txt").write_text("One.")
    Path("empty.txt").write_text("")
    result = run("split", "nowhere.txt", "a.txt", "empty.txt", "-o", "out.txt")
    assert result.code == 1
    assert Path("out.txt").read_text() == "One.\n"
    assert run("split", "nowhere.txt", "empty.txt", "-o", "none.txt").code == 3
    assert not Path("none.txt").exists()


def test_output_is_never_an_input_nor_overwrites_what_segtool_did_not_write(run: Run) -> None:
    Path("a.txt").write_text("One.")
    assert run("split", "a.txt", "-o", "a.txt", "--force").code == 2
    Path("link.txt").symlink_to("a.txt")
    assert run("split", "a.txt", "-o", "link.txt", "--force").code == 2
    assert Path("a.txt").read_text() == "One."
    Path("other.jsonl").write_text('{"my": "data"}\n')
    assert run("split", "a.txt", "-o", "other.jsonl").code == 2
    assert run("split", "a.txt", "-o", "other.jsonl", "--force").code == 0
    assert run("split", "a.txt", "-o", "other.jsonl").code == 0
    assert run("split", "a.txt", "-o", "new.txt").code == 0
    assert run("split", "a.txt", "-o", "new.txt").code == 2


@pytest.mark.parametrize("target", ["nowhere/out.txt", "folder"])
def test_an_unwritable_target_is_code_6(run: Run, target: str) -> None:
    Path("folder").mkdir()
    assert run("split", "-o", target, stdin=b"One.").code == 6


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_code_6(run: Run) -> None:
    assert run("split", "-o", "/dev/full", stdin=b"One.").code == 6


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_are_written_to_directly(run: Run) -> None:
    os.mkfifo("pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
    reader.start()
    assert run("split", "-o", "pipe", stdin=b"One. Two.").code == 0
    reader.join()
    assert got == [b"One.\nTwo.\n"]
    assert Path("pipe").is_fifo()


def test_thresholds_and_languages_decide(run: Run) -> None:
    assert run("split", "--threshold", "0.95", stdin=b"One. Two.").lines == ["One. Two."]
    assert run("split", "--lang", "xx", stdin=b"One. Two.").lines == ["One. Two."]
    assert run("split", "--lang", "xx-GB", stdin=b"One. Two.").lines == ["One. Two."]
    assert run("split", "--lang", "nonsense", stdin=b"One. Two.").lines == ["One.", "Two."]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--by", "sentnce"], "sentence"),
        (["--format", "jsnl"], "jsonl"),
        (["--from", "pdff"], "pdf"),
        (["--formt", "json"], "--format"),
        (["--tokenizer", "nowhere.json", "--by", "chunk"], "words"),
        (["--max-tokens", "0"], "--max-tokens"),
    ],
)
def test_typos_are_usage_errors_with_a_hint(run: Run, arguments: list[str], hint: str) -> None:
    result = run("split", *arguments, stdin=b"One.")
    assert result.code == 2
    assert hint in result.error
    assert result.error.count("\n") == 1


def test_an_unknown_model_is_code_4_with_a_hint(run: Run) -> None:
    result = run("split", "--model", "sat-3l-smm", stdin=b"One.")
    assert result.code == 4
    assert "sat-3l-sm" in result.error


def test_markdown_shows_headings_once(run: Run) -> None:
    Path("a.md").write_text("# Lease\n\nText *here*.\n")
    out = run("split", "a.md", "--by", "paragraph", "--format", "markdown").out.decode()
    assert out.count("Lease") == 1
    assert "# Lease" in out


def test_of_many_broken_lines_only_the_first_are_named(run: Run) -> None:
    result = run("split", "--from", "jsonl", stdin=b"{\n" * 100 + b'{"text": "One."}')
    assert (result.code, result.lines) == (1, ["One."])
    assert result.error.count("\n") == 21
    assert "80 more" in result.error
    assert run("split", "--from", "jsonl", "-v", stdin=b"{\n" * 100).error.count("\n") > 100
