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
