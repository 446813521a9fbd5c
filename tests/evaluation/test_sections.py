"""The section benchmark: its metrics by hand, its peers on documents that anyone can judge."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segtool.errors import UsageError
from segtool.evaluation import section_speed
from segtool.evaluation.section_gold import iter_gold_sections, joined, sampled
from segtool.evaluation.section_peers import heading_rules, texttiling
from segtool.evaluation.sections import pk_f1, run, table
from segtool.settings import Settings

PARAGRAPHS = [
    {"text": "1. Rent", "kind": "heading", "level": 1, "path": []},
    {"text": "The rent is due each month.", "kind": "body", "level": 0, "path": ["1. Rent"]},
    {"text": "Late rent bears interest.", "kind": "body", "level": 0, "path": ["1. Rent"]},
    {"text": "2. Bread", "kind": "heading", "level": 1, "path": []},
    {"text": "Knead the dough well.", "kind": "body", "level": 0, "path": ["2. Bread"]},
    {"text": "Let the dough rise.", "kind": "body", "level": 0, "path": ["2. Bread"]},
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "dev.jsonl"
    record = {"id": "a", "lang": "en", "domain": "tos", "main_depth": 1, "paragraphs": PARAGRAPHS}
    single = {**record, "id": "b", "paragraphs": PARAGRAPHS[:3]}
    path.write_text("\n".join(json.dumps(r) for r in (record, single)) + "\n", encoding="utf-8")
    return path


def test_boundaries_with_and_without_headings(corpus: Path) -> None:
    (kept,) = iter_gold_sections([corpus], "kept")  # a document of one section has nothing to find
    assert kept.gold.tolist() == [False, False, False, True, False, False]
    (dropped,) = iter_gold_sections([corpus], "dropped")
    assert dropped.gold.tolist() == [False, False, True, False]
    assert dropped.units[2] == "Knead the dough well."


NESTED = [
    {"text": "PART I", "kind": "heading", "level": 1, "path": []},
    {"text": "1. Rent.", "kind": "heading", "level": 3, "path": ["PART I"], "run_in": True},
    {"text": "It is due in May.", "kind": "body", "level": 0, "path": ["PART I", "1. Rent."]},
    {"text": "2. Term.", "kind": "heading", "level": 3, "path": ["PART I"], "run_in": True},
    {"text": "It ends in June.", "kind": "body", "level": 0, "path": ["PART I", "2. Term."]},
    {"text": "PART II", "kind": "heading", "level": 1, "path": []},
    {"text": "Nothing else is agreed.", "kind": "body", "level": 0, "path": ["PART II"]},
]


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    path = tmp_path / "nested.jsonl"
    record = {"id": "n", "lang": "en", "domain": "contract", "main_depth": 1, "paragraphs": NESTED}
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return path


def test_boundaries_of_every_depth_and_levels_by_nesting(nested: Path) -> None:
    (main,) = iter_gold_sections([nested], "kept")
    assert np.flatnonzero(main.gold).tolist() == [5]
    (every,) = iter_gold_sections([nested], "kept", depth=99)
    assert np.flatnonzero(every.gold).tolist() == [1, 3, 5]
    assert every.levels.tolist() == main.levels.tolist() == [0, 2, 0, 2, 0, 1, 0]  # level 3 below 1 nests two deep


def test_run_in_headings_stand_in_their_paragraphs_when_joined(nested: Path) -> None:
    (found,) = iter_gold_sections([nested], "joined", depth=99)
    assert found.units == [
        "PART I", "1. Rent. It is due in May.", "2. Term. It ends in June.", "PART II", "Nothing else is agreed."
    ]  # fmt: skip
    assert found.levels.tolist() == [0, 2, 2, 1, 0]


def test_without_headings_the_outermost_section_that_starts_gives_the_level(nested: Path) -> None:
    (found,) = iter_gold_sections([nested], "dropped", depth=99)
    assert found.levels.tolist() == [0, 2, 1]


def test_exact_levels_count_boundaries_found_right(nested: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = list(iter_gold_sections([nested], "kept", depth=99))
    found = [np.array([1, 2, 0, 1, 1, 1, 0])]  # 1, 3 and 5 are right, 3 has a wrong level; 4 is wrong
    monkeypatch.setattr("segtool.evaluation.sections.timed", lambda *_: (found, 1.0))
    result = run("segtool", documents, Settings())
    assert result.levels == {"contract": (3, 2)}
    assert result.exact_levels == pytest.approx(2 / 3)
    assert result.to_json()["groups"]["contract"]["f1"] == pytest.approx(6 / 7, abs=1e-5)
    assert any(line.split() == ["exact", "levels", "0.6667"] for line in table([result]))


def test_metrics_by_hand() -> None:
    gold = np.array([0, 0, 1, 0, 1, 0], np.bool_)
    assert pk_f1(gold, gold) == (0, 1)
    assert pk_f1(gold, np.zeros(6, np.bool_)) == (pytest.approx(2 / 5), 0)


def test_heading_rules_find_numbered_headings(corpus: Path) -> None:
    documents = list(iter_gold_sections([corpus], "kept"))
    result = run("heading-rules", documents, Settings())
    assert result.macro == (0, 1)
    assert heading_rules(["1. A", "1.1 B", "1.1.1. C", "A long sentence with a stop."]).tolist() == [1, 2, 3, 0]


def test_texttiling_finds_the_change_of_words() -> None:
    rent = ["The tenant pays rent to the landlord.", "Rent the tenant owes the landlord bears interest."] * 3
    bread = ["Knead dough with flour and yeast.", "The dough with yeast and flour must rise."] * 3
    assert np.flatnonzero(texttiling(rent + bread)).tolist() == [6]
    assert texttiling(["a"]).tolist() == [0]


def test_lexichunk_finds_numbered_clauses() -> None:
    pytest.importorskip("lexichunk")
    from segtool.evaluation.section_peers import PEERS

    units = ["Section 1.1 Rent", "The tenant pays rent every month.", "Section 1.2 Term", "The term is a year."]
    assert (PEERS["lexichunk"]()(units) > 0).tolist() == [True, False, True, False]


def test_a_peer_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lexichunk.parsers.structure", None)
    with pytest.raises(UsageError, match="lexichunk"):
        run("lexichunk", [], Settings())


def test_a_sample_takes_so_many_of_each_group() -> None:
    gold = [joined(f"d{i}", ["a", "b"], np.zeros(2, np.bool_)) for i in range(9)]
    gold = [replace(made, group="one" if i < 7 else "two") for i, made in enumerate(gold)]
    chosen = sampled(gold, 3)
    assert [made.group for made in chosen] == ["one"] * 3 + ["two"] * 2
    assert chosen == [made for made in gold if made in sampled(gold[::-1], 3)]


def test_the_foreign_peer_needs_a_python_that_has_it(corpus: Path, tmp_path: Path) -> None:
    documents = list(iter_gold_sections([corpus], "kept"))
    with pytest.raises(UsageError, match="--peers-python"):
        run("kaos-nlp-core", documents, Settings())
    with pytest.raises(UsageError, match="can't be run"):
        run("kaos-nlp-core", documents, Settings(), str(tmp_path / "python"))


def test_the_foreign_peer_is_run_by_its_python(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    structure = tmp_path / "kaos_nlp_core" / "structure.py"
    structure.parent.mkdir()
    structure.write_text(
        "class Result:\n"
        "    def __init__(self, text):\n"
        "        self.labels = ['heading' if line[:1].isdigit() else 'body' for line in text.split('\\n')]\n"
        "label_lines = Result\n",
        encoding="utf-8",
    )
    (tmp_path / "kaos_nlp_core-1.dist-info").mkdir()
    (tmp_path / "kaos_nlp_core-1.dist-info" / "METADATA").write_text("Name: kaos-nlp-core\nVersion: 1\n")
    documents = list(iter_gold_sections([corpus], "kept"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert run("kaos-nlp-core", documents, Settings(), sys.executable).macro == (0, 1)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "nothing"))
    with pytest.raises(UsageError, match="kaos"):
        run("kaos-nlp-core", documents, Settings(), sys.executable)


def test_long_documents_use_no_paragraph_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    gold = [joined(f"d{i}", [f"{i} {k}" for k in range(7)], np.zeros(7, np.bool_)) for i in range(9)]
    long = section_speed.long_documents(gold, 20)
    assert [len(made.units) for made in long] == [20, 20, 20]
    assert len({unit for made in long for unit in made.units}) == 60
    with pytest.raises(UsageError, match="fewer than 64"):
        section_speed.long_documents(gold, 64)
    monkeypatch.setattr(section_speed, "SCALES", (10, 20))
    speeds = section_speed.scaling(["heading-rules"], gold, Settings())
    assert list(speeds["heading-rules"]) == ["10", "20"]
    assert "heading-rules" in section_speed.scaling_lines(speeds)[1]
