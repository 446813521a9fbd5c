"""A sentence model of segtool's own as a folder that wtpsplit's ``SaT`` loads, offline and without torch.

wtpsplit gives a graph the tokens of a Hugging Face tokenizer. Hashed pieces are no such vocabulary, so the tokens are
single characters, and cutting them into pieces, hashing, and the look-up in the table become part of the graph; the
encoder follows unchanged. What is lost is context: wtpsplit's windows hold 510 tokens, which are 510 characters.

The logits are shifted so that wtpsplit's default threshold, 0.025, means the threshold of the card. (wtpsplit takes
0.25 where "sm" stands anywhere in the path of the folder.)
"""

from __future__ import annotations

import json
import math
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

from segtool.errors import ModelError, OutputError
from segtool.inference import hashing
from segtool.inference import pieces as p
from segtool.inference.card import Card, load_card
from segtool.inference.characters import CASED, LINE_BREAKS, UPPER
from segtool.inference.onnx_builder import Builder
from segtool.inference.sentence_net import PAD_CLASS, TABLE, TABLES
from segtool.inference.session import graph_bytes

WTPSPLIT_THRESHOLD = 0.025
OPSET = 18

SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>")
_N_POSITIONS = 520
_PADDING = 24  # slots left empty after a short text, as at segtool's own window edges
_NEVER = -30.0  # logit inside a piece
_ASTRAL = ((0x1D400, 0x1D7FF), (0x1F000, 0x1FAFF), (0x20000, 0x2A6DF))


def export(card: Card, folder: Path) -> None:
    """Write the model of ``card`` into ``folder`` in wtpsplit's layout.

    Raises:
        ModelError: if the model is not one of hashed pieces.
        UsageError: if the package ``onnx`` is not installed.
        OutputError: if the folder can't be written.
    """
    if card.task != "sentence" or "encoder" not in card.parameters:
        raise ModelError(f"{card.name}: only segtool's own sentence models can be exported to wtpsplit's layout")
    characters = _characters()
    graph = _Graph(card, characters)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model_optimized.onnx").write_bytes(graph.build().SerializeToString())
        for name, data in _descriptions(card, characters).items():
            text = json.dumps(data, ensure_ascii=False, indent=None if name == "tokenizer.json" else 1)
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "README.md").write_text(_readme(card), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{folder}: can't be written ({error.strerror})") from error


def _characters() -> list[str]:
    """The vocabulary: every character that has a meaning in Unicode, most of those above U+FFFF left out."""
    codes = [*range(0xD800), *range(0xF900, 0x10000)]
    codes += [code for low, high in _ASTRAL for code in range(low, high + 1)]
    return [chr(code) for code in codes if unicodedata.category(chr(code)) != "Cn"]


def _descriptions(card: Card, characters: list[str]) -> dict[str, dict[str, Any]]:
    vocabulary = {token: index for index, token in enumerate([*SPECIAL_TOKENS, *characters])}
    added = [
        {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
        | {"special": True}
        for i, token in enumerate(SPECIAL_TOKENS)
    ]
    bpe = {"type": "BPE", "unk_token": "<unk>", "fuse_unk": False, "vocab": vocabulary, "merges": []}
    parts = ("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder")
    names = {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>", "eos_token": "</s>", "pad_token": "<pad>"}
    return {
        "tokenizer.json": {"version": "1.0", **dict.fromkeys(parts), "added_tokens": added, "model": bpe},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", **names},
        "config.json": {
            "model_type": "xlm-token",
            "architectures": ["SubwordXLMForTokenClassification"],
            "id2label": {"0": "LABEL_0"},
            "label2id": {"LABEL_0": 0},
            "vocab_size": len(vocabulary),
            "max_position_embeddings": 514,
            "bos_token_id": 0,
            "pad_token_id": 1,
            "eos_token_id": 2,
            "segtool": {"name": card.name, "version": card.version},
        },
    }


def _readme(card: Card) -> str:
    return f"""# {card.name} {card.version} of segtool, in wtpsplit's layout

    from wtpsplit import SaT
    folder = "path of this folder"
    sat = SaT(folder, tokenizer_name_or_path=folder, ort_providers=["CPUExecutionProvider"])
    sat.split("It rained. We left.")

Tokens are characters; the graph cuts them into the pieces of segtool and hashes them. Probabilities are shifted so that
wtpsplit's default threshold, {WTPSPLIT_THRESHOLD}, is the one measured for this model ({card.threshold}). Where "sm"
stands anywhere in the path of the folder, wtpsplit takes 0.25: pass `threshold={WTPSPLIT_THRESHOLD}` then.
A window holds 510 characters; segtool itself gives the model {card.window} pieces, and is faster.

Licence: {card.data["licence"]}.
"""


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


class _Graph(Builder):
    """The graph from characters to logits; values are (batch, tokens) or (batch, slots) of int64 unless named."""

    def __init__(self, card: Card, characters: list[str]) -> None:
        super().__init__()
        self._card = card
        self._files = load_card(card.folder.parent / card.parameters["base"]) if "base" in card.parameters else card
        codes = np.array([32, 32, 32, 0xFFFD, *map(ord, characters)], np.uint32)
        cutter = p.PieceCutter()
        traits = cutter.traits(codes)
        breaks = np.isin(codes, LINE_BREAKS)
        breaks[:3] = False
        self._tables = {
            "class": traits & np.uint8(15),
            "upper": (traits & UPPER) > 0,
            "cased": (traits & CASED) > 0,
            "lower": cutter.lower(codes).astype(np.int32) + 1,
            "break": breaks,
            "cr": codes == 0x0D,
            "lf": codes == 0x0A,
        }
        self._found: dict[str, str] = {}

    def build(self) -> Any:
        """The whole model: ``input_ids`` and ``attention_mask`` to ``logits``."""
        self._read_characters()
        self._find_pieces()
        logits = self._encode(self._embed(self._rows(), self._classes()))
        reached = self.op("GatherElements", logits, self.op("Max", self._piece, 0), axis=1)
        values = self.where(self._is_end, reached, _NEVER)
        values = self.op("Unsqueeze", values, np.array([2]))
        inputs = [("attention_mask", "FLOAT16"), ("input_ids", "INT64")]
        return self.model(inputs, ("logits", "FLOAT"), values, ("batch", "sequence"), OPSET)

    def _read_characters(self) -> None:
        self._class = self._look_up("class")
        self._shape = self.op("Shape", "input_ids")
        self._n_rows, self._n = (self.op("Gather", self._shape, np.array([axis])) for axis in (0, 1))
        count = self.op("Squeeze", self._n)
        row = self.op("Unsqueeze", self.op("Range", 0, count, 1), np.array([0]))
        self._place = self.op("Expand", row, self._shape)
        mask = self.cast("attention_mask", "INT64")
        self._last = self.op("Sub", self.op("ReduceSum", mask, np.array([1]), keepdims=1), 1)  # where </s> stands

    def _find_pieces(self) -> None:
        joined = self.where(self._is(self._class, p.DIGIT), p.LETTER, self._class)
        changed = self._not(self.op("Equal", joined, self._before(joined)))
        other = self._not(self.op("Equal", "input_ids", self._before("input_ids")))
        marks = self.op("And", self.op("GreaterOrEqual", joined, p.PUNCTUATION), other)
        new = self.op("Or", self.op("Or", changed, marks), self._is(joined, p.IDEOGRAPH))
        run = self.op("Sub", self._total(self.cast(new, "INT64")), 1)
        begins = self._scatter(new, run, self._place, self._n)
        rank = self.op("Sub", self._place, self.op("GatherElements", begins, self.op("Max", run, 0), axis=1))
        limit = self.where(self._is(joined, p.UNSPACED), p.CHUNK_LIMIT, p.WORD_LIMIT)
        new = self.op("Or", new, self._is(self.op("Mod", rank, limit), 0))
        kept = self._not(self._is(joined, p.SPACE))
        starts = self.op("And", new, kept)
        after = self.op("Concat", self._columns(new, 1, 1 << 30), self._column(True), axis=1)
        self._is_end = self.op("And", kept, self.op("Or", after, self._is(self._after(joined), p.SPACE)))
        self._piece = self.op("Sub", self._total(self.cast(starts, "INT64")), 1)
        self._joined = joined
        self._make_slots(starts)

    def _make_slots(self, starts: str) -> None:
        """Slots for the pieces of all rows: whole windows of at most the card's, a multiple of 4 pieces long."""
        window = int(self._card.window or 256)
        counts = self.op("ReduceSum", self.cast(starts, "INT64"), np.array([1]), keepdims=1)
        most = self.op("Unsqueeze", self.op("Max", self.op("ReduceMax", counts, keepdims=0), 1), np.array([0]))
        self._window = self.op("Min", self._round_up(self.op("Add", most, _PADDING), 4), window)
        self._slots = self._round_up(most, self._window)
        slot = self.op("Unsqueeze", self.op("Range", 0, self.op("Squeeze", self._slots), 1), np.array([0]))
        self._is_filled = self.op("Less", slot, counts)
        self._is_first = self._is(slot, 0)
        self._start = self._scatter(starts, self._piece, self._place, self._slots)
        self._end = self._scatter(self._is_end, self._piece, self.op("Add", self._place, 1), self._slots)

    def _rows(self) -> list[str]:
        """The four rows of the table for every slot."""
        powers = np.cumprod(np.array([1] + [hashing.BASE] * (_N_POSITIONS - 1), np.uint64)).view(np.int64)
        inverse = pow(hashing.BASE, -1, 1 << 64)
        inverses = np.cumprod(np.array([1] + [inverse] * _N_POSITIONS, np.uint64)).view(np.int64)
        inverse_table = self.constant(inverses)
        weighted = self.op("Mul", self._look_up("lower"), self.op("Gather", powers, self._place))
        prefix = self._prefix(weighted)
        start, end = self._start, self._end

        def hashed(low: str, high: str) -> str:
            part = self.op("Sub", self._at(prefix, high), self._at(prefix, low))
            return self.op("Mul", part, self.op("Gather", inverse_table, low))

        kind = self._at(self._joined, start)
        single, chunk = self._is(kind, p.IDEOGRAPH), self._is(kind, p.UNSPACED)
        length = self.where(chunk, 2, 3)
        head = self.where(single, end, self.op("Min", self.op("Add", start, length), end))
        tail = self.where(single, start, self.op("Max", self.op("Sub", end, length), start))
        head_start = self.where(single, self.op("Max", self.op("Sub", start, 1), 1), start)
        tail_end = self.where(single, self.op("Min", self.op("Add", end, 1), self._last), end)
        head_start = self.op("Min", head_start, start)  # empty slots start at 0
        word, first, final = hashed(start, end), hashed(head_start, head), hashed(tail, tail_end)
        return [self._mix(v, hashing.SALTS[i]) for i, v in enumerate((word, word, first, final))]

    def _mix(self, value: str, salt: np.uint64) -> str:
        def times(unsigned: str, factor: int) -> str:
            product = self.op("Mul", self.cast(unsigned, "INT64"), np.array(factor, np.uint64).view(np.int64))
            return self.cast(product, "UINT64")

        def folded(unsigned: str, bits: int) -> str:
            return self.op("BitwiseXor", unsigned, self._right(unsigned, bits))

        mixed = folded(times(folded(self.cast(value, "UINT64"), 29), int(salt)), 32)
        return self.cast(self._right(times(mixed, 0x9FB21C651E98DF25), 64 - hashing.HASH_BITS), "INT64")

    def _right(self, value: str, bits: int) -> str:
        return self.op("BitShift", value, np.array(bits, np.uint64), direction="RIGHT")

    def _classes(self) -> str:
        """The class of every slot, as ``Pieces.classes``."""
        start, end = self._start, self._end

        def number(flags: str) -> str:
            prefix = self._prefix(flags)
            return self.op("Sub", self._at(prefix, end), self._at(prefix, start))

        is_upper = self._look_up("upper")
        upper, cased = number(is_upper), number(self._look_up("cased"))
        letters = number(self.cast(self._is(self._class, p.LETTER), "INT64"))
        kind = self.op("Gather", p._KIND_OF.astype(np.int64), self._at(self._class, start))
        has_letters = self.op("And", self._is(kind, p.KIND_NUMBER), self.op("Greater", letters, 0))
        kind = self.where(has_letters, p.KIND_WORD, kind)
        title = self.op("And", self._is(self._at(is_upper, start), 1), self._is(upper, 1))
        case = self.where(self.op("Equal", upper, cased), p.CASE_UPPER, p.CASE_MIXED)
        case = self.where(title, p.CASE_TITLE, case)
        case = self.where(self._is(upper, 0), p.CASE_LOWER, case)
        case = self.where(self._is(cased, 0), p.CASE_NONE, case)
        size = self.op("Min", self.op("Max", self.op("Sub", end, start), 0), p.WORD_LIMIT)
        length = self.op("Gather", p._LENGTH_OF.astype(np.int64), size)
        packed = self.op("Add", self.op("Mul", kind, p.N_LENGTHS), length)
        packed = self.op("Add", self.op("Mul", packed, p.N_CASES), case)
        packed = self.op("Add", self.op("Mul", packed, p.N_SPACES), self._spaces())
        return self.where(self._is_filled, packed, PAD_CLASS)

    def _spaces(self) -> str:
        before = self.op("Concat", self._column(0), self._columns(self._end, 0, -1), axis=1)
        gap = self.op("Sub", self._start, before)

        def number(flags: str) -> str:
            prefix = self._prefix(flags)
            return self.op("Sub", self._at(prefix, self._start), self._at(prefix, before))

        second = self.op("Mul", self._look_up("lf"), self._before(self._look_up("cr")))
        breaks = number(self.op("Sub", self._look_up("break"), second))
        long = self.op("Greater", self.op("Sub", gap, number(second)), 1)
        single = self.where(long, p.SPACE_BREAK_BLANKS, p.SPACE_BREAK)
        out = self.where(self._is(breaks, 1), single, p.SPACE_BREAKS)
        out = self.where(self._is(breaks, 0), self.op("Min", gap, 2), out)
        n_breaks = self.op("ReduceSum", self._look_up("break"), np.array([1]), keepdims=1)
        begin = self.where(self.op("Greater", n_breaks, 0), p.SPACE_BREAKS, p.SPACE_MORE)
        return self.where(self._is_first, begin, out)

    def _embed(self, rows: list[str], classes: str) -> str:
        """(batch, slots, size) of float32."""
        with np.load(self._files.path(TABLES)) as arrays:
            scales = arrays["scales"].astype(np.float32)
            class_rows = arrays["classes"] * arrays["class_scales"].astype(np.float32)[:, None]
        table = self.constant(np.fromfile(self._files.path(TABLE), np.int8).reshape(len(scales), -1))
        scale = self.constant(scales.reshape(-1, 1))
        parts = [
            self.op("Mul", self.cast(self.op("Gather", table, row), "FLOAT"), self.op("Gather", scale, row))
            for row in rows
        ]
        filled = self.op("Unsqueeze", self.cast(self._is_filled, "FLOAT"), np.array([2]))
        words = self.op("Mul", self.op("Sum", *parts), filled)
        return self.op("Add", words, self.op("Gather", class_rows, classes))

    def _encode(self, embedded: str) -> str:
        """(batch, slots) of float32: shifted logits of a sentence end."""
        import onnx

        size = self.op("Shape", embedded, start=2)
        windows = self.op("Concat", np.array([-1]), self._window, size, axis=0)
        encoder = onnx.load_model_from_string(graph_bytes(self._files.path(str(self._card.parameters["encoder"]))))
        logits = self.inline(encoder, self.op("Reshape", embedded, windows))
        logits = self.op("Gather", logits, np.array(0), axis=2)
        slots = self.op("Concat", self._n_rows, self._slots, axis=0)
        parameters, threshold = self._card.parameters, self._card.threshold
        shift = float(parameters.get("shift", 0.0)) + _logit(WTPSPLIT_THRESHOLD) - _logit(threshold)
        scaled = self.op("Mul", self.op("Reshape", logits, slots), float(parameters.get("scale", 1.0)))
        return self.op("Add", scaled, shift)

    def _look_up(self, table: str) -> str:
        """The table's value of every token."""
        if table not in self._found:
            self._found[table] = self.cast(self.op("Gather", self._tables[table], "input_ids"), "INT64")
        return self._found[table]

    def _is(self, value: str, other: int) -> str:
        return self.op("Equal", value, other)

    def _not(self, value: str) -> str:
        return self.op("Not", value)

    def _total(self, value: str) -> str:
        return self.op("CumSum", value, 1)

    def _prefix(self, value: str) -> str:
        """Sums before each token, and the sum of all: one column more than ``value``."""
        return self.op("Concat", self._column(0), self._total(value), axis=1)

    def _at(self, value: str, places: str) -> str:
        return self.op("GatherElements", value, places, axis=1)

    def _column(self, value: int | bool) -> str:
        shape = self.op("Concat", self._n_rows, np.array([1]), axis=0)
        return self.op("Expand", np.array([[value]], np.bool_ if isinstance(value, bool) else np.int64), shape)

    def _columns(self, value: str, start: int, stop: int) -> str:
        return self.op("Slice", value, np.array([start]), np.array([stop]), np.array([1]))

    def _before(self, value: str) -> str:
        """The value of the token before; 0 at the first."""
        return self.op("Concat", self._column(0), self._columns(value, 0, -1), axis=1)

    def _after(self, value: str) -> str:
        """The value of the token after; 0 at the last."""
        return self.op("Concat", self._columns(value, 1, 1 << 30), self._column(0), axis=1)

    def _scatter(self, chosen: str, slot: str, value: str, n_slots: str) -> str:
        """(batch, slots): the value of the chosen token of each slot; the others go to a slot that is cut off."""
        shape = self.op("Concat", self._n_rows, self.op("Add", n_slots, 1), axis=0)
        zeros = self.op("Expand", np.array([[0]]), shape)
        filled = self.op("ScatterElements", zeros, self.where(chosen, slot, n_slots), value, axis=1)
        return self.op("Slice", filled, np.array([0]), n_slots, np.array([1]))

    def _round_up(self, value: str, step: str | int) -> str:
        return self.op("Mul", self.op("Div", self.op("Sub", self.op("Add", value, step), 1), step), step)
