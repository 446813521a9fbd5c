"""The sentence benchmark over a tiny gold file, with a peer that stands in for the real ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from segtool.cli.app import main
from segtool.errors import LoadError, UsageError
from segtool.evaluation import peer_runner
from segtool.evaluation.agreement import agreements
from segtool.evaluation.gold import iter_gold, unique
from segtool.evaluation.sentences import PEERS, Run, corrupted, run_model, run_peer, score
from segtool.settings import SentenceSettings, Settings

SPACY = Settings(sentences=SentenceSettings(model="spacy:en"))
RECORDS = [
    {"id": "1", "lang": "en", "source": "x", "text": "It rained. We left. ", "ends": [10, 20]},
    {"id": "2", "lang": "en", "source": "y", "text": "Dr. Orr signed it.\n\nWho paid?", "ends": [18, 29]},
    {"id": "3", "lang": "de", "source": "y", "text": "Es regnete. Wir gingen.", "ends": [11, 23]},
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
    return path


def test_groups(gold: Path) -> None:
    assert [document.group for document in iter_gold([gold])] == ["en", "en", "de"]
    assert [document.group for document in iter_gold([gold], "source", "en")] == ["x", "y"]
    assert {document.group for document in iter_gold([gold], "file")} == {"gold.jsonl"}


def test_compressed_gold(gold: Path, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "gold.jsonl.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress(gold.read_bytes()))
    assert list(iter_gold([path], "source")) == list(iter_gold([gold], "source"))


def test_broken_gold(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": 1}\n', encoding="utf-8")
    with pytest.raises(LoadError, match="line 1 is no gold document"):
        list(iter_gold([path]))
    with pytest.raises(LoadError, match="can't be read"):
        list(iter_gold([tmp_path / "missing.jsonl"]))


def test_no_text_twice(gold: Path) -> None:
    documents = unique(iter_gold([gold, gold]), 1_000)
    assert [document.id for document in documents] == ["1", "2", "3"]
    assert len(unique(iter_gold([gold]), 5)) == 1


def test_corrupted(gold: Path) -> None:
    documents = corrupted(list(iter_gold([gold])), "bare")
    assert documents[1].text == "dr orr signed it  who paid"
    assert documents[1].ends == (16, 26)
    with pytest.raises(UsageError, match="--corrupt dry: is none of clean, bare"):
        corrupted(documents, "dry")


def test_a_model_is_scored(gold: Path) -> None:
    documents = list(iter_gold([gold]))
    result = score(documents, run_model(documents, SPACY))
    data = result.to_json()
    assert data["name"] == "spacy:en"
    assert data["groups"]["de"] == {"documents": 1, "gold": 1, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert data["groups"]["en"]["gold"] == 2
    assert data["characters"] == sum(len(document.text) for document in documents)


def test_a_peer_runs_in_its_own_python(gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "peers" / "nupunkt-9.9.dist-info").mkdir(parents=True)
    (tmp_path / "peers" / "nupunkt-9.9.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: nupunkt\nVersion: 9.9\n", encoding="utf-8"
    )
    (tmp_path / "peers" / "nupunkt.py").write_text(
        "def sent_spans(text):\n    cut = text.find('. ') + 1\n    return [(0, cut), (cut, len(text))]\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "peers"))
    documents = list(iter_gold([gold]))
    run = run_peer(documents, "nupunkt", sys.executable)
    assert (run.version, run.ends[0]) == ("9.9", (10, 20))
    assert score(documents, run).groups["de"].f1 == 1.0


def test_a_missing_peer_is_named(gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pysbd.py").write_text("raise ImportError('no rules here')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"peer pysbd fails in .*no rules here"):
        run_peer(list(iter_gold([gold])), "pysbd", sys.executable)
    with pytest.raises(UsageError, match="can't be run"):
        run_peer([], "pysbd", str(tmp_path / "no-python"))


def test_ends_of_strings_and_spans() -> None:
    assert peer_runner.ends_of("One. Two. One.", ["One. ", "", "Two.", "changed", "One."]) == [4, 9, 14]
    assert peer_runner.ends_of("One. Two.", [(0, 4), (5, 9)]) == [4, 9]


def test_names_agree() -> None:
    assert tuple(peer_runner.PEERS) == PEERS


def test_command(gold: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "sentences", str(gold), "--model", "spacy:en", "--format", "json"]) == 0
    data = json.loads(capfd.readouterr().out)
    assert [result["name"] for result in data["results"]] == ["spacy:en"]
    assert main(["bench", "sentences", str(gold), "--model", "spacy:en", "--model", "spacy:xx"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["F1", "de", "en", "macro", "kchar/s"]
    assert main(["bench", "sentences", str(gold), "--by", "mood"]) == 2
    assert main(["bench", "sentences", str(gold) + "x", "--model", "spacy:en"]) == 3


def test_rows_of_the_standard_table() -> None:
    from segtool.evaluation.boundaries import Counts
    from segtool.evaluation.standard import standard_rows

    groups = {
        "legal\tsbd_adjudicatory_dec/scotus\ten": Counts(3, 1, 1, 1),
        "legal\tsbd_adjudicatory_dec/bva\ten": Counts(4, 0, 0, 1),
        "legal\tcodes\tfr": Counts(0, 1, 1, 1),
        "ud\tUD_A\ten": Counts(1, 0, 1, 1),
        "ud\tUD_B\ten": Counts(1, 0, 1, 1),
        "ud\tUD_C\tga": Counts(1, 0, 0, 1),
    }
    rows = standard_rows(groups)
    assert rows["court decisions (US) by source"] == pytest.approx((0.75 + 1) / 2)
    assert rows["all legal by source"] == pytest.approx((0.75 + 1 + 0) / 3)
    assert rows["Universal Dependencies by language"] == pytest.approx((2 / 3 + 1) / 2)
    assert rows["English of all files"] == pytest.approx(2 * 9 / (2 * 9 + 1 + 3))
    assert "other by source" not in rows


def test_standard_table_from_the_command_line(gold: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = gold.rename(gold.with_name("ud.jsonl"))
    arguments = ["bench", "sentences", str(path), "--model", "spacy:en", "--by", "standard"]
    assert main(arguments) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line[:34].strip() for line in lines] == [
        "F1",
        "Universal Dependencies by language",
        "English of all files",
        "kchar/s of CPU",
    ]
    assert main([*arguments, "--format", "json"]) == 0
    (result,) = json.loads(capfd.readouterr().out)["results"]
    assert set(result["rows"]) == {"Universal Dependencies by language", "English of all files"}


def test_agreement_counts_common_boundaries_and_lost_f1(gold: Path) -> None:
    documents = list(iter_gold([gold], "source"))
    full = Run("full", None, ((10,), (18,), (11,)), 1.0)
    run = Run("quick", None, ((10,), (3, 18), ()), 1.0)
    x, y, whole = agreements(documents, run, full)
    assert (x.share, x.loss) == (1.0, 0.0)
    assert y.share == pytest.approx(2 / 4)
    assert y.loss == y.greatest == pytest.approx(1 - 2 / 4)
    assert whole.share == pytest.approx(4 / 6)
    assert (whole.loss, whole.greatest, whole.group) == (pytest.approx(0.25), pytest.approx(0.5), "y")


def test_agreement_of_a_model_with_itself_is_not_asked(gold: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    arguments = ["bench", "sentences", str(gold), "--model", "spacy:en", "--agreement", "spacy:xx"]
    assert main([*arguments, "--format", "json"]) == 0
    quick, reference = json.loads(capsysbinary.readouterr().out)["results"]
    assert quick["agreement"]["with"] == reference["name"] == "spacy:xx"
    assert [row["name"] for row in quick["agreement"]["rows"]] == ["de", "en", "all"]
    assert all(0.5 < row["share"] <= 1.0 for row in quick["agreement"]["rows"])
    assert "agreement" not in reference
    assert main(arguments) == 0
    assert b"spacy:en and spacy:xx" in capsysbinary.readouterr().out
