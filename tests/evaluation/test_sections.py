"""The section benchmark: its metrics by hand, its peers on documents that anyone can judge."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from segtool.evaluation.section_peers import heading_rules, texttiling
from segtool.evaluation.sections import iter_gold_sections, pk_f1, run
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
    from segtool.errors import UsageError

    monkeypatch.setitem(sys.modules, "lexichunk.parsers.structure", None)
    with pytest.raises(UsageError, match="lexichunk"):
        run("lexichunk", [], Settings())
