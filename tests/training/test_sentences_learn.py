"""Training end to end on a few sentences of our own: batches, steps, resuming, and ONNX beside torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")
pytest.importorskip("onnx", reason="training needs the extra 'train'")

from segtool.training.sentences import export, features, learn, mixture  # noqa: E402
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


def test_raw_text_labelled_by_a_net_gets_soft_targets(source: mixture.Mixture) -> None:
    source.label(lambda _, classes: torch.full(classes.shape, 0.5), 64, 8)
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
    learn.write_weights(run, tmp_path / "weights.npz")
    export.export(tmp_path / "weights.npz", tmp_path / "model", ["encoder.onnx", "fast.onnx"])
    names = sorted(path.name for path in (tmp_path / "model").iterdir())
    assert names == ["encoder.onnx", "fast.onnx", "gate.npz", "table.bin", "tables.npz"]


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
    embedded = np.random.default_rng(1).normal(size=(2, 64, 128)).astype(np.float32)
    with torch.no_grad():
        expected = model.encoders[0](torch.from_numpy(embedded))[..., :2].numpy()
    for graph, tolerance in (
        (export.float_graph(arrays, 0), 1e-4),
        (export.quantised(export.float_graph(arrays, 0)), 0.2),
    ):
        session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
        assert np.abs(session.run(None, {"embedded": embedded})[0] - expected).max() < tolerance
