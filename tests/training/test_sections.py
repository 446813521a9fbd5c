"""Training of the section model: labels, joined documents, and that the exported model says what the network says."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from segtool.training.sections.batches import (
    JoinOptions,
    JoinSampler,
    SectionOptions,
    SectionSampler,
    changes,
    trim,
)
from segtool.training.sections.cache import UnitCache, build_cache, load_cache, names_of, save_cache, section_keys
from segtool.training.sections.corpus import (
    Pack,
    RawRecord,
    SectionRecord,
    hashes_of,
    read_pack,
    split_raw,
    unseen_textbooks,
    write_pack,
)
from segtool.training.sections.evaluate import all_choi_tests, f1, measure, pk, section_tests
from segtool.training.sections.samples import Source, ranges

WORD_LIST = "rent lease tenant owner fee notice court judge water pipe tree wood ship sail bread corn"
WORDS = WORD_LIST.split()
DOMAINS = ["contract", "manual", "news", "technical docs"]


def sentence(rng: np.random.Generator) -> str:
    return " ".join(rng.choice(WORDS, 8)).capitalize() + "."


def section_document(i: int, rng: np.random.Generator) -> SectionRecord:
    rows: list[tuple[int, bool, str]] = []
    for chapter in range(1, 4):
        rows.append((1, False, f"{chapter}. Chapter {rng.choice(WORDS)} {i}"))
        for part in range(1, 4):
            rows.append((2, True, f"{chapter}.{part} Part"))
            rows += [(0, False, f"{sentence(rng)} {sentence(rng)}") for _ in range(2)]
    return SectionRecord(f"s{i}", "en", "contract" if i % 2 else "manual", 2, tuple(rows))


def raw_document(i: int, rng: np.random.Generator) -> RawRecord:
    paragraphs = [" ".join(sentence(rng) for _ in range(4)) for _ in range(12)]
    paragraphs[4] = "A short line"
    return RawRecord(f"r{i}", "en", "news" if i % 2 else "technical docs", tuple(paragraphs))


@pytest.fixture(scope="module")
def records() -> tuple[list[SectionRecord], list[RawRecord]]:
    rng = np.random.default_rng(0)
    return [section_document(i, rng) for i in range(12)], [raw_document(i, rng) for i in range(40)]


@pytest.fixture(scope="module")
def cache(records: tuple[list[SectionRecord], list[RawRecord]]) -> UnitCache:
    both = [*records[0], *records[1]]
    langs, domains = names_of(both)
    return build_cache(both, langs, domains, processes=1)


@pytest.fixture(scope="module")
def source(cache: UnitCache) -> Source:
    return Source(cache, np.arange(cache.n_documents) < 12)


def test_keys_follow_the_paths_of_the_scorer() -> None:
    rows = ((1, False, "A"), (0, False, "a"), (3, False, "B"), (0, False, "b"), (1, False, "A"), (0, False, "c"))
    keys = section_keys(SectionRecord("x", "en", "tos", 1, rows))
    # a heading that skips a level is one deeper than its parent; two sections of one name are one
    assert changes(keys)[:, 0].tolist() == [0, 0, 0, 0, 0, 0]
    assert changes(keys)[:, 1].tolist() == [0, 0, 1, 0, 1, 0]


def test_ranges_follow_one_another() -> None:
    assert ranges(np.array([5, 0, 7]), np.array([2, 0, 3])).tolist() == [5, 6, 7, 8, 9]


def test_a_pack_and_a_cache_come_back_as_written(
    records: tuple[list[SectionRecord], list[RawRecord]], cache: UnitCache, tmp_path: Path
) -> None:
    pack = Pack(tuple(records[0]), tuple(records[0][:2]), tuple(records[1]), ())
    write_pack(pack, tmp_path / "pack")
    again = read_pack(tmp_path / "pack")
    assert set(again.train) == set(pack.train)
    assert set(again.raw) == set(pack.raw)
    save_cache(cache, tmp_path / "cache")
    assert np.array_equal(load_cache(tmp_path / "cache").words, cache.words)


def test_no_paragraph_of_a_topic_test_is_trained_on(records: tuple[list[SectionRecord], list[RawRecord]]) -> None:
    raw = [*records[1], RawRecord("copy", "en", "news", records[1][3].paragraphs)]
    trained = hashes_of(records[1][5].paragraphs)
    train, dev = split_raw(raw, trained, seed=1)
    held = set().union(*(hashes_of(r.paragraphs) for r in dev))
    assert dev
    assert not held & trained
    assert not any(hashes_of(r.paragraphs) & held for r in train)


def test_textbooks_that_training_has_seen_are_no_tests() -> None:
    long = "The cell is the smallest unit that lives, and all tissue is made of cells of some kind."
    seen, unseen = (
        SectionRecord(name, "en", "textbook", 1, ((1, False, "Cells"), (0, False, text)))
        for name, text in (("a", long), ("b", long[::-1]))
    )
    assert [r.id for r in unseen_textbooks([seen, unseen], hashes_of([long]))] == ["b"]
    assert unseen_textbooks([unseen], set())[0].paragraphs == (long[::-1],)


def batches(source: Source) -> Iterator[dict[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    sections = SectionSampler(source, DOMAINS, SectionOptions(size=8))
    joins = JoinSampler(source, ["en"], DOMAINS, JoinOptions(size=8, group=8))
    for _ in range(20):
        yield sections(rng)
        yield joins(rng)


def test_batches_are_whole_and_consistent(source: Source) -> None:
    for batch in batches(source):
        n = len(batch["form"])
        assert batch["sizes"].sum() == n == len(batch["unit_at"]) - 1 == len(batch["numbers"])
        assert batch["unit_at"][-1] == len(batch["words"])
        assert len(set(batch["position"].tolist())) == n
        assert not batch["mask"][:, 0].any()  # nobody knows what stood before the first unit
        assert all(np.isfinite(batch[name]).all() for name in ("shape", "numbers", "labels"))


def test_a_favoured_domain_is_drawn_more_often(source: Source) -> None:
    def share(favour: tuple[tuple[str, float], ...]) -> float:
        options = SectionOptions(size=200, pseudo=0, shuffled=0, favour=favour)
        batch = SectionSampler(source, DOMAINS, options)(np.random.default_rng(3))
        first = batch["source"][np.cumsum(batch["sizes"]) - batch["sizes"]]
        return float((source.cache.domain[first] == 0).mean())

    assert share((("contract", 9.0),)) > share(()) + 0.2


def test_joined_documents_change_where_the_source_changes(source: Source) -> None:
    batch = JoinSampler(source, ["en"], DOMAINS, JoinOptions(size=8, group=8))(np.random.default_rng(2))
    longest = batch["labels"].shape[1]
    labels = batch["labels"].reshape(-1, 5)[batch["position"], 4]
    where = batch["position"] // longest
    same = (where[1:] == where[:-1]) & (batch["source"][1:] == batch["source"][:-1])
    assert not labels[1:][same].any()
    assert labels[1:][where[1:] == where[:-1]].sum() == ((where[1:] == where[:-1]) & ~same).sum()


def test_metrics_by_hand() -> None:
    gold = [False, False, True, False, True, False]
    assert f1(gold, [False, True, True, False, False, False]) == 0.5
    assert pk(gold, gold) == 0
    assert pk(gold, [False] * 6) == pytest.approx(2 / 5)  # k is 1: two of five neighbours are told together wrongly


def test_a_perfect_predictor_scores_one(records: tuple[list[SectionRecord], list[RawRecord]]) -> None:
    tests = section_tests(records[0], dropped=True)
    chances = [np.repeat(np.array(t.gold, float)[:, None], 5, axis=1) for t in tests]
    assert all(figures[:2] == (0, 1) for figures in measure(tests, chances, 0.5).values())
    choi = all_choi_tests(records[1])
    assert all(sum(t.gold) == 9 for t in choi["easy"])


def test_the_bench_reads_the_joined_documents_as_they_were_made(
    records: tuple[list[SectionRecord], list[RawRecord]], tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    from segtool.evaluation.section_gold import iter_gold_sections
    from segtool.training.sections.report import write_topic_tests

    write_topic_tests(tmp_path, records[1])
    made = all_choi_tests(records[1])["easy"]
    read = list(iter_gold_sections([tmp_path / "easy.jsonl"], "dropped"))
    assert [tuple(gold.units) for gold in read] == [test.units for test in made]
    assert [tuple(gold.gold.tolist()) for gold in read] == [test.gold for test in made]


def test_trimmed_units_keep_their_start() -> None:
    rng = np.random.default_rng(1)
    begin = np.cumsum(rng.integers(1, 6, 500))
    end = np.append(begin[1:], begin[-1] + 3)
    trimmed = trim(begin, end, rng)
    assert ((trimmed > begin) & (trimmed <= end)).all()
    assert 0.2 < (trimmed < end).mean() < 0.6


def test_calibration_finds_the_scale_and_the_shift_that_were_hidden() -> None:
    from segtool.training.sections.calibrate import Judged, fit, reliability

    rng = np.random.default_rng(8)
    log_odds = rng.normal(-2, 3, (20_000, 5))
    true = log_odds * 0.6 + 0.3
    labels = (rng.random(true.shape) < 1 / (1 + np.exp(-true))).astype(float)
    judged = Judged(log_odds, labels, np.ones(len(labels)))
    found = fit(judged)
    assert np.allclose(found, (0.6, 0.3), atol=0.08)
    scale, shift = np.array(found).T
    fitted = Judged(log_odds * scale + shift, labels, judged.weight)
    assert reliability(fitted)[0] < 0.01 < reliability(judged)[0]


def test_exported_model_says_what_the_network_says(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from segtool.inference.session import open_session
    from segtool.inference.topic_features import SectionShape
    from segtool.inference.topic_model import TopicModel, TopicTables
    from segtool.training.sections.export import load_weights, save_weights, write_body, write_tables
    from segtool.training.sections.graph import body_graph
    from segtool.training.sections.network import SectionNet
    from segtool.training.sections.predict import network_predictor

    torch.manual_seed(0)
    save_weights(SectionNet(SectionShape(bits=12, width=16, sketch=64, body=32, layers=2, heads=2)), tmp_path / "w.npz")
    net = load_weights(tmp_path / "w.npz")
    rng = np.random.default_rng(3)
    units = [text for _, _, text in section_document(1, rng).paragraphs] * 20  # several windows
    expected = network_predictor(net, "cpu")([units])[0]
    write_tables(net, tmp_path / "tables.npz")
    (tmp_path / "body.onnx").write_bytes(body_graph(net.body).SerializeToString())
    model = TopicModel([(TopicTables.load(tmp_path / "tables.npz"), open_session(tmp_path / "body.onnx"))])
    found = model.probabilities(units)
    assert np.abs(found - expected).max() < 0.02
    write_body(net, tmp_path / "rounded.onnx")
    rounded = TopicModel([(TopicTables.load(tmp_path / "tables.npz"), open_session(tmp_path / "rounded.onnx"))])
    assert 0 < np.abs(rounded.probabilities(units) - found).max() < 0.02
    parts = [(TopicTables.load(tmp_path / "tables.npz"), open_session(tmp_path / "body.onnx"))]
    calibrated = TopicModel(parts, calibration=[[0.5, 0.2]] * 5).probabilities(units)
    assert np.allclose(1 / (1 + np.exp(-(np.log(found / (1 - found)) * 0.5 + 0.2))), calibrated, atol=1e-4)


def test_training_goes_on_from_its_checkpoint(source: Source, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from segtool.inference.topic_features import SectionShape
    from segtool.training.sections.prepare import TrainData
    from segtool.training.sections.train import Trainer, TrainOptions

    rng = np.random.default_rng(4)
    n_sentences = len(source.cache.first)
    rows = np.where(rng.random(n_sentences) < 0.5, rng.integers(0, 50, n_sentences), -1).astype(np.int32)
    vectors = rng.normal(size=(50, 384)).astype(np.float16)
    words = (np.array([[3, 4], [5, 6]], np.int32), rng.normal(size=(2, 128)).astype(np.float32))
    half = (np.arange(source.cache.n_documents) % 2).astype(np.int8)
    taught = Source(source.cache, source.is_section, rows, half=half)
    data = TrainData(taught, ["en"], DOMAINS, vectors, words)
    shape = SectionShape(bits=12, width=16, sketch=64, body=32, layers=1, heads=2)
    sections, joins = SectionOptions(size=4, crop=32, long_joins=0.3), JoinOptions(size=8, crop=24)
    options = TrainOptions(shape, shape, steps=8, workers=0, sections=sections, joins=joins, warm_up=2)
    trainer = Trainer(options, data, "cpu", tmp_path / "c.pt")
    assert not trainer.run(slice_seconds=0)
    again = Trainer(options, data, "cpu", tmp_path / "c.pt")
    assert again.step == trainer.step >= 1
    before = again.main.net.table.weight.detach().clone()
    assert again.run()
    assert again.step == 8
    assert sum(judge.step for judge in again.judges) == 6  # they stop after three quarters of the way
    assert not np.array_equal(before.numpy(), again.main.net.table.weight.detach().numpy())
    assert all(np.isfinite(learner.mean.table.weight.numpy()).all() for learner in (again.main, *again.judges))


def test_training_begins_with_weights_and_asks_the_net_of_the_other_half(source: Source, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from segtool.inference.topic_features import SectionShape
    from segtool.training.sections.advisers import Advice, Advisers
    from segtool.training.sections.export import load_weights, save_weights
    from segtool.training.sections.network import SectionNet
    from segtool.training.sections.prepare import TrainData
    from segtool.training.sections.train import Trainer, TrainOptions

    shape = SectionShape(bits=12, width=16, sketch=64, body=32, layers=1, heads=2)
    paths = tuple(tmp_path / f"{i}.npz" for i in range(3))
    for path in paths:
        save_weights(SectionNet(shape), path)
    half = (np.arange(source.cache.n_documents) % 2).astype(np.int8)
    data = TrainData(Source(source.cache, source.is_section, half=half), ["en"], DOMAINS, None, None)
    options = TrainOptions(
        SectionShape(bits=12, width=16, sketch=64, body=48, layers=1, heads=2),
        shape,
        steps=2,
        workers=0,
        begin=paths[0],
        advice=Advice(paths[:1], paths[1:]),
        sections=SectionOptions(size=4, crop=32),
        joins=JoinOptions(size=8, crop=24),
    )
    trainer = Trainer(options, data, "cpu", tmp_path / "c.pt")
    assert not trainer.judges  # the advisers stand in their place
    assert torch.equal(trainer.main.net.table.weight, load_weights(paths[0]).table.weight)
    section, join = next(iter(trainer._feed))
    section.pop("half")
    step = trainer._ready(section, join)
    always, *halves = (load_weights(path) for path in paths)
    for number in (0, 1):
        said = Advisers(options.advice, "cpu").chances(step, number)
        with torch.no_grad():
            odds = [net(step.section, step.section_grid)[0] for net in (always, halves[1 - number])]
        assert torch.allclose(said, torch.sigmoid(torch.stack(odds).mean(0)), atol=1e-5)
    assert trainer.run()


def test_the_judge_of_a_batch_never_learns_from_its_half(source: Source) -> None:
    half = (np.arange(source.cache.n_documents) % 2).astype(np.int8)
    halved = Source(source.cache, source.is_section, half=half)
    sampler = SectionSampler(halved, DOMAINS, SectionOptions(size=6, pseudo=0.3))
    rng = np.random.default_rng(6)
    seen = set()
    for _ in range(12):
        batch = sampler(rng)
        assert set(half[batch["source"]].tolist()) == {int(batch["half"])}
        seen.add(int(batch["half"]))
    assert seen == {0, 1}


def test_translations_of_a_page_lie_in_one_half() -> None:
    pytest.importorskip("torch")
    from segtool.training.sections.prepare import half_of

    pages = [f"src/content/page-{i}.md" for i in range(40)]
    assert all(half_of(f"docs/de:{page}") == half_of(f"docs/fr:{page}") for page in pages)
    assert {half_of(f"docs/de:{page}") for page in pages} == {0, 1}
