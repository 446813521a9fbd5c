"""The classifier of paragraph pairs, on a tiny graph that compares the last word of one with the first of the next."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from segtool.core.document import Document, Paragraph
from segtool.core.span import Span
from segtool.errors import ModelError
from segtool.inference.store import is_pair_classifier
from segtool.segmenters.pairwise import PairwiseSegmenter
from segtool.segmenters.registry import section_segmenter
from segtool.settings import SectionSettings, Settings

VOCABULARY = {"<s>": 0, "</s>": 1, "<unk>": 2, "rent": 3, "lease": 4, "ship": 5, "sail": 6}


def document(*texts: str) -> Document:
    at, paragraphs = 0, []
    for text in texts:
        paragraphs.append(Paragraph(Span(at, at + len(text))))
        at += len(text) + 2
    return Document("d", "\n\n".join(texts), tuple(paragraphs))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Logits (0, mean of ids - 3.5): a pair of "rent" and "lease" is alike, pairs with "ship" and "sail" are not."""
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["pairs", "tokens"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["pairs", "tokens"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["pairs", 2])
    constants = [
        numpy_helper.from_array(np.array([1], np.int64), "axis"),
        numpy_helper.from_array(np.array(10.0, np.float32), "middle"),
    ]
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["kept"]),
        helper.make_node("Cast", ["kept"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["floats", "axis"], ["sum"], keepdims=1),
        helper.make_node("Sub", ["middle", "sum"], ["same"]),
        helper.make_node("Neg", ["same"], ["other"]),
        helper.make_node("Concat", ["other", "same"], ["logits"], axis=1),
    ]
    graph = helper.make_graph(nodes, "pairs", [ids, mask], [logits], constants)
    saved = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(saved, str(tmp_path / "model.onnx"))
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["RobertaForSequenceClassification"]}))
    tokenizer = Tokenizer(models.WordLevel(VOCABULARY, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_pairs_of_different_topics_start_sections(model: Path) -> None:
    assert is_pair_classifier(model)
    segmenter = section_segmenter(Settings(sections=SectionSettings(model=str(model))))
    assert isinstance(segmenter, PairwiseSegmenter)
    scores = next(segmenter.score([document("rent", "lease", "ship sail", "rent", "lease")]))["section"]
    assert scores.offsets.tolist() == [6, 13, 24, 30]
    assert (scores.probabilities[:, 4] > 0.5).tolist() == [False, True, True, False]
    assert (scores.probabilities == scores.probabilities[:, :1]).all()


def test_order_of_batches_does_not_show(model: Path) -> None:
    texts = ["rent " * n for n in (900, 1, 1, 300, 2, 2000, 1)]
    segmenter = PairwiseSegmenter(model)
    together = next(segmenter.score([document(*(t.strip() for t in texts))]))["section"].probabilities
    assert together.shape == (6, 5)
    alone = [segmenter._changes([a.strip(), b.strip()])[0] for a, b in itertools.pairwise(texts)]
    assert np.allclose(together[:, 0], alone)


def test_empty_and_single_documents_have_no_scores(model: Path) -> None:
    segmenter = PairwiseSegmenter(model)
    assert [len(s["section"]) for s in segmenter.score([document("rent"), Document("e", "")])] == [0, 0]


def test_what_is_no_classifier_is_refused(model: Path) -> None:
    (model / "config.json").write_text(json.dumps({"architectures": ["RobertaForTokenClassification"]}))
    with pytest.raises(ModelError, match="no classifier of paragraph pairs"):
        PairwiseSegmenter(model)
    (model / "config.json").write_text(json.dumps({"architectures": ["RobertaForSequenceClassification"]}))
    (model / "model.onnx").unlink()
    with pytest.raises(ModelError, match="no weights"):
        PairwiseSegmenter(model)
    (model / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="no tokenizer"):
        PairwiseSegmenter(model)


TOPICS = (
    "the tenant pays rent to an owner and keeps house in order",
    "this ship under sail crosses all seas with crew on",
)
RENT, SEA = (topic.split() for topic in TOPICS)


def sentence(words: list[str], rng: np.random.Generator) -> str:
    return " ".join(rng.choice(words, int(rng.integers(5, 14)))) + "."


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RoBERTa of the hub's layout, small and trained on pairs of two topics: PyTorch weights and a graph beside."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("onnx")
    from tokenizers import ByteLevelBPETokenizer

    folder = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    texts = [sentence(RENT if i % 2 else SEA, rng) for i in range(200)]
    byte_level = ByteLevelBPETokenizer()
    byte_level.train_from_iterator(texts, 340, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    byte_level.save_model(str(folder))  # vocab.json and merges.txt, as in the repositories of the hub
    from segtool.segmenters.pairwise import _tokenizer

    tokenizer = _tokenizer(folder)
    config = transformers.RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=64, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=128, max_position_embeddings=66, type_vocab_size=1, num_labels=2, pad_token_id=1,
        attn_implementation="eager", initializer_range=0.2, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.RobertaForSequenceClassification(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(150):
        topics = rng.integers(0, 2, (24, 2))
        pairs = [tuple(sentence((RENT, SEA)[t], rng) for t in pair) for pair in topics.tolist()]
        encoded = tokenizer.encode_batch(pairs)
        longest = max(len(e.ids) for e in encoded)
        ids = torch.tensor([e.ids + [1] * (longest - len(e.ids)) for e in encoded])[:, :64]
        same = torch.from_numpy(np.equal(topics[:, 0], topics[:, 1]).astype(np.int64))
        loss = model(input_ids=ids, attention_mask=(ids != 1).long(), labels=same).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.3
    model.eval().save_pretrained(folder)
    graph = folder / "graph"
    graph.mkdir()
    axes = {0: "pairs", 1: "tokens"}
    torch.onnx.export(
        model,
        (ids[:2], torch.ones_like(ids[:2])),
        str(graph / "model.onnx"),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "pairs"}},
        opset_version=17,
        dynamo=False,
    )
    for name in ("config.json", "vocab.json", "merges.txt"):
        (graph / name).write_bytes((folder / name).read_bytes())
    return folder


def test_a_trained_roberta_finds_the_change_of_topic(trained: Path) -> None:
    rng = np.random.default_rng(5)
    topics = [RENT, RENT, RENT, SEA, SEA, RENT, RENT, SEA, SEA, SEA]
    texts = [sentence(words, rng) for words in topics]
    texts[1] *= 12  # longer than the model's 64 positions: cut, never refused
    expected = [a is not b for a, b in itertools.pairwise(topics)]
    chances = []
    for folder in (trained / "graph", trained):
        segmenter = section_segmenter(Settings(sections=SectionSettings(model=str(folder))))
        assert isinstance(segmenter, PairwiseSegmenter)
        chances.append(next(segmenter.score([document(*texts)]))["section"].probabilities[:, 4])
    assert (chances[0] > 0.5).tolist() == expected
    assert np.abs(chances[0] - chances[1]).max() < 1e-3  # the graph says what the weights say


def test_a_pair_model_segments_from_the_command_line(trained: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from segtool.cli.app import app

    rng = np.random.default_rng(7)
    topics = [RENT] * 4 + [SEA] * 4
    text = tmp_path / "talk.txt"
    text.write_text("\n\n".join(sentence(words, rng) for words in topics))
    arguments = ["split", str(text), "--by", "section", "--format", "jsonl", "--section-model", str(trained / "graph")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(records) == 2
    assert records[1]["text"].startswith(text.read_text().split("\n\n")[4])


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, and a hub that can't be reached."""
    from huggingface_hub import constants, file_download

    for module in (constants, file_download.constants):
        monkeypatch.setattr(module, "HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def test_a_hub_id_names_a_pair_model_in_the_cache(model: Path, hub_cache: Path) -> None:
    settings = Settings(sections=SectionSettings(model="someone/pairs"))
    with pytest.raises(ModelError, match="not on this computer"):
        section_segmenter(settings)
    commit = "0123456789abcdef0123456789abcdef01234567"
    snapshot = hub_cache / "models--someone--pairs" / "snapshots" / commit
    (snapshot.parent.parent / "refs").mkdir(parents=True)
    (snapshot.parent.parent / "refs" / "main").write_text(commit)
    snapshot.mkdir(parents=True)
    for name in ("config.json", "model.onnx", "tokenizer.json"):
        (snapshot / name).write_bytes((model / name).read_bytes())
    segmenter = section_segmenter(settings)
    assert isinstance(segmenter, PairwiseSegmenter)
    assert segmenter.info.name == "someone/pairs"


def test_long_documents_are_read_in_blocks(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["rent", "lease", "ship", "sail", "rent"] * 5
    segmenter = PairwiseSegmenter(model)
    whole = segmenter._changes(texts)
    monkeypatch.setattr("segtool.segmenters.pairwise.BLOCK_PAIRS", 7)
    assert np.array_equal(segmenter._changes(texts), whole)


def test_roberta_files_give_pairs_with_two_ends(tmp_path: Path) -> None:
    from segtool.segmenters.pairwise import _tokenizer

    vocabulary = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", "a", "b", "ab"])}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "merges.txt").write_text("#version: 0.2\na b\n")
    assert _tokenizer(tmp_path).encode("ab", "a").ids == [0, 6, 2, 2, 4, 2]


def test_bert_words_give_pairs_with_one_start(tmp_path: Path) -> None:
    from segtool.segmenters.pairwise import _tokenizer

    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\nrent\n##al\n.\n")
    encoded = _tokenizer(tmp_path).encode("Rental.", "rent ship")
    assert encoded.ids == [2, 4, 5, 6, 3, 4, 1, 3]
    assert encoded.type_ids == [0, 0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    "files",
    [
        {"tokenizer.json": "{}"},
        {"tokenizer.json": "not JSON"},
        {"vocab.json": '{"<s>": 0, "</s>": 1, "a": 2}', "merges.txt": "a b\n"},
        {"vocab.json": '["a"]', "merges.txt": ""},
        {"merges.txt": ""},
        {"vocab.txt": "no\nspecial\nwords\n"},
        {"vocab.txt": ""},
    ],
)
def test_broken_tokenizers_are_named(tmp_path: Path, files: dict[str, str]) -> None:
    from segtool.segmenters.pairwise import _tokenizer

    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(ModelError, match="tokenizer"):
        _tokenizer(tmp_path)
