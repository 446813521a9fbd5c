"""Training end to end on a few sentences of our own: batches, steps, resuming, and ONNX beside torch."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")
pytest.importorskip("onnx", reason="training needs the extra 'train'")

from segtool.inference import pieces as p  # noqa: E402
from segtool.training.sentences import english, export, features, learn, mixture, weights  # noqa: E402
from segtool.training.sentences.exchange import Exchange, write_answers  # noqa: E402
from segtool.training.sentences.network import PAD_CLASS, PAD_ROW, SIZE  # noqa: E402
from segtool.training.sentences.pack import Record  # noqa: E402

SENTENCES = ["The boat left at nine.", "Nobody waved!", "Was it raining, or did we dream?", "Mr. Okoro kept 3.5 coins."]
SHAPE = "pool-conv192x5"


def tables() -> dict[str, features.Table]:
    """Labelled and raw tables of a few short documents."""
    text = " ".join(SENTENCES * 10)
    ends = tuple(np.cumsum([len(s) + 1 for s in SENTENCES * 10]) - 1)
    labelled = [Record(text, tuple(int(e) for e in ends), "en", "own", "sentence", "ud") for _ in range(4)]
    raw = [Record(text.replace("! Was", "!\n\nWas"), (), "en", "news", "raw", "raw") for _ in range(4)]
    parts = [*features.make_tables(labelled), *features.make_tables(raw)]
    return dict(zip(features.TABLES, parts, strict=True))


@pytest.fixture(scope="module")
def source() -> mixture.Mixture:
    return mixture.Mixture(tables(), torch.device("cpu"), 1)


def test_batches_have_targets_only_where_they_are_known(source: mixture.Mixture) -> None:
    counts = mixture.window_counts(40, 0.0)
    assert sum(counts.values()) == 40
    batch = source.draw(counts, 64)
    labelled = counts["labelled-clean"] + counts["labelled-stripped"]
    assert batch.rows.shape == (40, 64, 4)
    assert (batch.weight[labelled:] == 0).all()
    assert (batch.paragraph[:labelled] == mixture.IGNORE).all()
    assert 0.05 < batch.end[:labelled][batch.weight[:labelled] > 0].mean() < 0.5
    assert (batch.mark[: counts["labelled-clean"]] == mixture.IGNORE).all()


def test_without_corruption_windows_are_of_text_as_it_stands() -> None:
    source = mixture.Mixture(tables(), torch.device("cpu"), 1, corrupted=False)
    batch = source.draw(mixture.window_counts(40, 0.0), 64)
    inside = batch.classes != PAD_CLASS
    assert len(batch.rows) == 40
    assert (batch.rows != PAD_ROW).all(-1).equal(inside)
    assert (batch.mark == mixture.IGNORE).all()
    assert ((batch.classes // 8 // p.N_CASES // p.N_SPACES == p.KIND_PUNCTUATION) & inside).any()


def test_other_targets_can_be_left_out(source: mixture.Mixture) -> None:
    batch = source.draw(mixture.window_counts(8, 0.0), 64)
    logits = torch.zeros(*batch.end.shape, 8, requires_grad=True)
    learn.task_loss(logits, batch, auxiliary=0.0).backward()
    assert logits.grad is not None
    assert logits.grad[..., 0].abs().sum() > 0
    assert logits.grad[..., 1:].abs().sum() == 0


def test_raw_text_labelled_by_a_net_gets_soft_targets(source: mixture.Mixture) -> None:
    source.label(lambda _rows, classes, _language: torch.full(classes.shape, 0.5), 64, 8)
    batch = source.draw(mixture.window_counts(40, 0.0), 64)
    source.soft = None
    soft = batch.end[-1][batch.weight[-1] > 0]
    assert torch.allclose(soft, torch.full_like(soft, 128 / 255), atol=0.01)


def test_a_run_learns_stops_and_goes_on(source: mixture.Mixture, tmp_path: Path) -> None:
    plan = learn.Plan(shapes=(SHAPE, SHAPE), steps=2, windows=4, window=64, warm_up=2, teach=1.0, gate=True)
    run = learn.Run(plan, source, torch.device("cpu"), tmp_path / "a.pt")
    run.train(1e9)
    again = learn.Run(plan, source, torch.device("cpu"), tmp_path / "a.pt")
    assert again.step == run.step == 2
    assert again.progress >= 1
    weights.write_weights(run, tmp_path / "weights.npz")
    export.export(export.load_weights(tmp_path / "weights.npz"), tmp_path / "model", ["encoder.onnx", "fast.onnx"])
    names = sorted(path.name for path in (tmp_path / "model").iterdir())
    assert names == ["encoder.onnx", "fast.onnx", "gate.npz", "table.bin", "tables.npz"]


def test_a_run_can_begin_with_the_weights_of_another(tmp_path: Path) -> None:
    source = mixture.Mixture(tables(), torch.device("cpu"), 1)
    plan = learn.Plan(shapes=(SHAPE,), steps=3, windows=4, window=64, warm_up=2, gate=True)
    first = learn.Run(plan, source, torch.device("cpu"), tmp_path / "a.pt")
    first.train(1e9)
    weights.write_weights(first, tmp_path / "a.npz")
    second = learn.Run(plan, source, torch.device("cpu"), tmp_path / "b.pt")
    second.begin_with(weights.read_weights(tmp_path / "a.npz"))
    for name, value in second.model.state_dict().items():
        assert torch.allclose(value, first.average[name], atol=5e-3), name
    second.train(1e9)
    assert source.soft is not None, "what it begins with labels raw text at once"
    weights.write_weights(second, tmp_path / "b.npz")
    weights.write_mean([tmp_path / "a.npz", tmp_path / "b.npz"], tmp_path / "mean.npz")
    states = [weights.read_weights(tmp_path / f"{name}.npz") for name in ("a", "b", "mean")]
    for name, value in states[2].items():
        assert torch.allclose(value, (states[0][name] + states[1][name]) / 2, atol=5e-3), name
    again = learn.Run(plan, source, torch.device("cpu"), tmp_path / "b.pt")
    again.begin_with(weights.read_weights(tmp_path / "a.npz"))
    assert again.step == 3, "a run that has begun goes on as it is"
    assert all(torch.equal(value, second.model.state_dict()[name]) for name, value in again.model.state_dict().items())


def test_runs_of_different_shapes_have_no_mean(source: mixture.Mixture, tmp_path: Path) -> None:
    for name, shapes in (("a", (SHAPE,)), ("b", (SHAPE, SHAPE))):
        run = learn.Run(learn.Plan(shapes=shapes), source, torch.device("cpu"), tmp_path / f"{name}.pt")
        weights.write_weights(run, tmp_path / f"{name}.npz")
    with pytest.raises(ValueError, match="no mean"):
        weights.write_mean([tmp_path / "a.npz", tmp_path / "b.npz"], tmp_path / "mean.npz")


def test_a_run_takes_teachers_answers_and_gives_its_own(tmp_path: Path) -> None:
    source = mixture.Mixture(tables(), torch.device("cpu"), 1)
    n = int(source.lengths["raw-stripped"].sum())
    answers = np.full(n, 254, np.uint8)
    answers[n // 2 :] = mixture.UNTAUGHT
    write_answers(tmp_path / "teacher.npz", {"raw-stripped": answers})
    exchange = Exchange(labels=tmp_path / "labels.npy", answers=(tmp_path / "teacher.npz",))
    plan = learn.Plan(shapes=(SHAPE,), steps=2, windows=4, window=64, warm_up=2)
    run = learn.Run(plan, source, torch.device("cpu"), tmp_path / "a.pt", exchange)
    run.train(1e9)
    assert np.load(tmp_path / "labels.npy").shape == (n,)
    first = source.offsets[source.names.index("raw-stripped")]
    index = torch.tensor([[first, first + n - 2]])
    raw, space = torch.tensor([[True]]), torch.full((1, 2), p.SPACE_ONE)
    blended = source._blended(torch.zeros(1, 2), index, raw, space)
    assert blended.tolist() == [[mixture.TAUGHT_RAW, 0.0]]
    run.write_answers(tables(), tmp_path / "own.npz")
    with np.load(tmp_path / "own.npz") as own:
        assert (own["raw-stripped"] == mixture.UNTAUGHT).all(), "English is left to its own teacher"


def test_the_schedule_ends_at_the_deadline_even_when_it_is_moved(source: mixture.Mixture, tmp_path: Path) -> None:
    clock = tmp_path / "deadline"
    clock.write_text(str(time.time() + 100))
    plan = learn.Plan(shapes=(SHAPE,), seconds=1, windows=4, window=64)
    run = learn.Run(plan, source, torch.device("cpu"), tmp_path / "a.pt", Exchange(deadline=clock))
    run._advance(25)
    assert run.progress == pytest.approx(0.2, abs=0.01)
    clock.write_text(str(time.time() - 1))
    run._advance(1)
    assert run.progress == 1


def test_a_net_is_told_the_language_of_some_windows(source: mixture.Mixture) -> None:
    told = source.draw(mixture.window_counts(200, 0.0), 64).language
    assert source.languages == ["en"]
    assert 0.4 < (told == 1).float().mean() < 0.8
    model = learn.Model((SHAPE,), 64, gate=False, n_languages=1).eval()
    torch.nn.init.normal_(model.embedder.languages.weight[1:])
    rows, classes = torch.full((1, 2, 4), 7), torch.tensor([[5, p.N_CLASSES]])
    plain, spoken = (model.embedder(rows, classes, torch.tensor([i])) for i in (0, 1))
    assert not torch.equal(plain[0, 0], spoken[0, 0])
    assert torch.equal(plain[0, 1], spoken[0, 1]), "padding has no language"


def test_word_pieces_of_the_teacher_end_where_our_pieces_end() -> None:
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "cat": 2, "cats": 3, "##nap": 4, "n": 5, "##ai": 6, "##ve": 7}
    words = english.WordPieces(vocabulary)
    assert [words.ids(w) for w in ("Cats", "catnap", "naïve", "dog")] == [(3,), (2, 4), (5, 6, 7), (1,)]
    rows = torch.zeros(1, 4, english.PER_PIECE, dtype=torch.long)
    for i, word in enumerate(("cats", "naive", "catnap")):
        ids = words.ids(word)
        rows[0, i, : len(ids)] = torch.tensor(ids)
    valid = torch.tensor([[True, True, True, False]])
    tokens = english.tokens_of(rows, valid, (8, 9))
    assert tokens.ids[0, :9].tolist() == [8, 3, 5, 6, 7, 2, 4, 9, 0]
    assert tokens.last[0].tolist() == [1, 4, 6, 0]


def test_stripped_words_are_the_pieces_of_the_stripped_table() -> None:
    record = Record("Mr. O'Neil's “co-op” shut.\n\nWhy? 3.5 % less!", (26,), "en", "own", "sentence", "ud")
    maker = features.FeatureMaker()
    clean, _ = maker.clean(record.text, features.moved_left(record.text, record.ends))
    pieces, _, _ = maker.stripped(record.text, features.moved_left(record.text, record.ends), clean)
    words = english.stripped_words(record, maker.cutter)
    assert len(words) == len(pieces)
    assert words[:3] == ["Mr", "ONeils", "coop"]


@pytest.mark.parametrize("shape", ["att192x4", "pool-att160x3"])
def test_onnx_says_what_torch_says(shape: str) -> None:
    import onnxruntime as ort

    torch.manual_seed(1)
    plan = learn.Plan(shapes=(shape,), steps=1)
    model = learn.Model(plan.shapes, 64, gate=False).eval()
    for weight in model.parameters():
        if weight.ndim > 1:
            torch.nn.init.normal_(weight, std=0.05)
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    arrays["plan"] = np.frombuffer(f'{{"shapes": ["{shape}"]}}'.encode(), np.uint8)
    embedded = np.random.default_rng(1).normal(size=(2, 64, SIZE)).astype(np.float32)
    with torch.no_grad():
        expected = model.encoders[0](torch.from_numpy(embedded)).numpy()
    for graph, tolerance in (
        (export.float_graph(arrays, 0), 1e-4),
        (export.quantised(export.float_graph(arrays, 0)), 0.2),
    ):
        session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
        assert np.abs(session.run(None, {"embedded": embedded})[0] - expected).max() < tolerance
