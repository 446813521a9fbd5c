"""Every key of the review screen does what the table of actions says, on a real sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segtool.errors import UsageError
from segtool.tui.keys import ACTIONS, remapped
from segtool.tui.screens.documents import DocumentsScreen
from segtool.tui.screens.help import HelpScreen
from segtool.tui.screens.prompt import ChoiceScreen, PromptScreen

from . import samples
from .driving import AppOptions, Driver, driving

TEXT = samples.segmentation().document.text
MIDDLE = TEXT.index("The turbine came on")

Check = Callable[[Driver], bool]


def starts(driver: Driver) -> list[int]:
    return driver.state.layer.offsets.tolist()


def at(word: str) -> int:
    return TEXT.index(word, MIDDLE)


# action -> keys pressed with the cursor on "The turbine came on 4 June", and what holds then
CASES: dict[str, tuple[list[str], Check]] = {
    "next_question": (["tab"], lambda d: d.state.asked == d.state.queue().offsets[0] == d.state.cursor),
    "previous_question": (["tab", "tab", "shift+tab"], lambda d: d.state.asked == d.state.queue().offsets[0]),
    "yes": (["tab", "y"], lambda d: d.state.queue().offsets[0] in starts(d)),
    "no": (["tab", "n"], lambda d: d.state.queue().offsets[0] not in starts(d)),
    "check": (["c"], lambda d: MIDDLE in d.state.asserted().checked and d.state.cursor > MIDDLE),
    "accept_all": (["A", "enter"], lambda d: d.state.checked_units() > 10 and len(d.state.log.edits) == 1),
    "toggle_boundary": (["space"], lambda d: MIDDLE not in starts(d)),
    "split": (["w", "s"], lambda d: at("turbine") in starts(d)),
    "split_candidate": (["m", "S"], lambda d: len(d.state.log.edits) == 2),
    "merge_next": (["m"], lambda d: d.state.unit().start == MIDDLE and d.state.unit().end > at("cracked.") + 8),
    "merge_previous": (["M"], lambda d: d.state.unit().start < MIDDLE),
    "move_left": (["<"], lambda d: MIDDLE not in starts(d) and d.state.cursor < MIDDLE),
    "move_right": ([">"], lambda d: at("turbine") in starts(d) and MIDDLE not in starts(d)),
    "move_left_character": ([","], lambda d: d.state.cursor in starts(d) and d.state.cursor < MIDDLE),
    "move_right_character": (["."], lambda d: MIDDLE + 1 in starts(d)),
    "move_left_candidate": (
        ["w", "s", "b", "space", "w", "{"],
        lambda d: MIDDLE in starts(d) and at("turbine") not in starts(d),
    ),
    "move_right_candidate": (["m", "}"], lambda d: MIDDLE not in starts(d)),
    "hints": (["f", "a"], lambda d: len(d.state.log.edits) == 1),
    "promote": (["3", "J", "minus", "+"], lambda d: d.state.boundary().level == 1 and len(d.state.log.edits) == 2),
    "demote": (["3", "J", "minus"], lambda d: d.state.boundary().level == 2),
    "retitle": (
        ["3", "J", "e", "9", "enter", "enter"],
        lambda d: str(d.state.boundary().label and d.state.boundary().label.number).endswith("9"),
    ),
    "next_section": (["J"], lambda d: d.state.cursor in d.state.current("section").offsets.tolist()),
    "previous_section": (["J", "K"], lambda d: d.state.cursor in d.state.current("section").offsets.tolist()),
    "note": (["N", "3"], lambda d: d.state.note_at(MIDDLE) == "citation"),
    "notes": (["N", "3", "ctrl+home", "L", "enter"], lambda d: d.state.cursor == MIDDLE),
    "conflicts": (["!"], lambda d: "no conflicts" in d.screen._said),
    "left": (["l", "l", "h"], lambda d: d.state.cursor == MIDDLE + 1),
    "right": (["right", "l"], lambda d: d.state.cursor == MIDDLE + 2),
    "up": (["k"], lambda d: d.state.cursor < MIDDLE),
    "down": (["down"], lambda d: d.state.cursor > MIDDLE + 20),
    "word_left": (["w", "w", "b"], lambda d: d.state.cursor == at("turbine")),
    "word_right": (["w"], lambda d: d.state.cursor == at("turbine")),
    "row_start": (["w", "0"], lambda d: d.state.cursor <= MIDDLE),
    "row_end": (["$"], lambda d: d.state.cursor > MIDDLE),
    "page_up": (["pageup"], lambda d: d.state.cursor < MIDDLE),
    "page_down": (["pagedown"], lambda d: d.state.cursor > MIDDLE + 100),
    "top": (["ctrl+home"], lambda d: d.state.cursor == 0),
    "bottom": (["G"], lambda d: d.state.cursor == len(TEXT.rstrip()) - 1),
    "next_unit": (["]"], lambda d: d.state.unit().start == d.state.cursor > MIDDLE),
    "previous_unit": (["["], lambda d: d.state.unit().start == d.state.cursor < MIDDLE),
    "next_candidate": ([")"], lambda d: d.state.cursor > MIDDLE and d.state.cursor in starts(d)),
    "previous_candidate": (["("], lambda d: d.state.cursor < MIDDLE),
    "centre": (["z"], lambda d: abs((d.screen.text.row_of_cursor() or 0) - d.screen.text.size.height // 2) <= 1),
    "select": (["v", "w", "w"], lambda d: d.state.selection is not None and len(d.state.selection) > 10),
    "alternatives": (["a", "2"], lambda d: len(d.state.log.edits) == 1 and d.state.log.edits[0].changes),
    "goto": (["g", *"p2", "enter"], lambda d: d.screen.pages.at(d.state.cursor) == 2),
    "search": (["/", *"salo", "enter"], lambda d: TEXT[d.state.cursor :].startswith("Salo")),
    "next_hit": (["/", *"mill", "enter", "f3"], lambda d: TEXT[d.state.cursor :].startswith("mill")),
    "previous_hit": (["/", *"mill", "enter", '"'], lambda d: TEXT[d.state.cursor :].startswith("mill")),
    "filter": (["F", "2"], lambda d: d.screen.filter == "unsure"),
    "layer_sentence": (["2", "1"], lambda d: d.state.layer_name == "sentence"),
    "layer_paragraph": (["2"], lambda d: d.state.layer_name == "paragraph"),
    "layer_section": (["3"], lambda d: d.state.layer_name == "section"),
    "layer_chunk": (["4"], lambda d: d.state.layer_name == "chunk" and len(d.state.layer) > 1),
    "threshold": (["t", "right", "right", "up", "enter"], lambda d: d.state.threshold == pytest.approx(0.57)),
    "outline": (["o"], lambda d: d.screen.query_one("OutlineView").has_class("shown")),
    "inspector": (["i"], lambda d: d.screen.query_one("Inspector").has_class("shown")),
    "page": (["p"], lambda d: "only a PDF" in d.screen._said),
    "dark": (["D"], lambda d: not d.app.is_dark),
    "next_difference": (["d"], lambda d: "nothing to compare" in d.screen._said),
    "accept_difference": (["="], lambda d: "nothing to compare" in d.screen._said),
    "differences": (["*"], lambda d: "nothing to compare" in d.screen._said),
    "undo": (["space", "u"], lambda d: MIDDLE in starts(d)),
    "redo": (["space", "u", "U"], lambda d: MIDDLE not in starts(d)),
    "copy": (["Y"], lambda d: d.app.clipboard.startswith("The turbine came on 4 June")),
    "export": (["x"], lambda d: isinstance(d.app.screen, ChoiceScreen)),
    "reload": (["R"], lambda d: d.app.session is not None),
    "next_document": (["ctrl+n"], lambda d: "no other document" in d.screen._said),
    "cancel": (["v", "escape"], lambda d: d.state.anchor is None),
    "help": (["?"], lambda d: isinstance(d.app.screen, HelpScreen)),
    "quit": (["q"], lambda d: d.app.reviewed is not None),
}

KEY_NAMES = {
    "<": "less_than_sign",
    ">": "greater_than_sign",
    ",": "comma",
    ".": "full_stop",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "+": "plus",
    "!": "exclamation_mark",
    "$": "dollar_sign",
    "]": "right_square_bracket",
    "[": "left_square_bracket",
    ")": "right_parenthesis",
    "(": "left_parenthesis",
    "/": "slash",
    '"': "quotation_mark",
    "=": "equals_sign",
    "?": "question_mark",
    "*": "asterisk",
}


def test_every_action_has_a_case() -> None:
    assert set(CASES) == {action.name for action in ACTIONS}


def test_no_key_stands_for_two_actions() -> None:
    keys = [key for action in ACTIONS for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("action", sorted(CASES))
async def test_the_key_does_it(action: str, tmp_path: Path) -> None:
    keys, holds = CASES[action]
    async with driving(tmp_path) as driver:
        driver.state.move_to(MIDDLE)
        driver.screen.after()
        await driver.press(*(KEY_NAMES.get(key, key) for key in keys))
        assert holds(driver), (action, driver.screen._said, TEXT[driver.state.cursor :][:20])


async def test_help_closes_with_its_key_and_with_escape(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        for key in ("question_mark", "escape"):
            await driver.press("question_mark")
            assert isinstance(driver.app.screen, HelpScreen)
            await driver.press(key)
            assert driver.app.screen is driver.screen


async def test_modals_keep_what_is_wrong_and_escape_changes_nothing(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        await driver.press("g", *"p99", "enter")
        assert isinstance(driver.app.screen, PromptScreen)
        await driver.press("escape")
        assert driver.state.cursor == 0
        await driver.press("N", "a", "escape")
        assert driver.state.log.edits == ()


async def test_exports_write_files_that_are_whole(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        driver.state.move_to(MIDDLE)
        await driver.press("space")
        for number in ("1", "2", "3"):
            await driver.press("x", number, "enter")
        n_units = len(driver.state.layer)
    assert (tmp_path / "judgment.txt.sentences.jsonl").read_bytes().count(b"\n") == n_units
    assert b'"ends"' in (tmp_path / "judgment.txt.gold.jsonl").read_bytes()
    assert "1 removed" in (tmp_path / "judgment.txt.review.md").read_text(encoding="utf-8")


async def test_a_review_resumes_where_it_was_left(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        driver.state.move_to(MIDDLE)
        await driver.press("m", "3", "q")
    async with driving(tmp_path) as again:
        assert again.state.layer_name == "section"
        assert again.state.cursor == MIDDLE
        assert len(again.state.log.edits) == 1
        await again.press("u")
        assert again.state.layer_name == "sentence"


async def test_a_folder_lists_its_documents_with_their_state(tmp_path: Path) -> None:
    made = [samples.segmentation(3000, seed) for seed in (1, 2)]
    requests = [samples.request(tmp_path, one, f"{name}.txt") for name, one in zip("ab", made, strict=True)]
    async with driving(tmp_path, requests=requests) as driver:
        assert isinstance(driver.app.screen, DocumentsScreen)
        await driver.press("enter")
        for _ in range(200):
            if any(type(s).__name__ == "ReviewScreen" for s in driver.app.screen_stack):
                break
            await driver.pilot.pause(0.02)
        await driver.app.workers.wait_for_complete()
        await driver.press("A", "0", "backspace", "backspace", "backspace", "0", "enter", "q")
        await driver.pilot.pause(0.1)
        assert isinstance(driver.app.screen, DocumentsScreen)
        assert [state.state for state in driver.app.screen._states] == ["unopened", "done"]


def test_keys_can_be_remapped() -> None:
    actions = {action.name: action.keys for action in remapped(["merge-next=J", "next_section=ctrl+j"])}
    assert actions["merge_next"] == "J"
    assert actions["next_section"] == "ctrl+j"
    with pytest.raises(UsageError, match="did you mean"):
        remapped(["merge_nxt=J"])
    with pytest.raises(UsageError, match="give help another key"):
        remapped(["merge_next=question_mark"])


async def test_a_remapped_key_works(tmp_path: Path) -> None:
    async with driving(tmp_path, options=AppOptions(actions=remapped(["merge_next=ctrl+j"]))) as driver:
        driver.state.move_to(MIDDLE)
        await driver.press("ctrl+j")
        assert len(driver.state.log.edits) == 1
        await driver.press("m")
        assert len(driver.state.log.edits) == 1
