"""The table of actions: their keys, what they do, and where they stand in help, footer and palette.

Keys can be remapped in the configuration file, by the name of the action::

    [review]
    keys = ["merge_next=J", "split=enter,s"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from segtool.errors import UsageError


@dataclass(frozen=True, slots=True)
class Action:
    """Something a reviewer can do: a method ``action_<name>`` of the review screen."""

    name: str
    keys: str
    """Keys as Textual names them, separated by commas."""
    word: str
    """One or two words for the footer; empty: not shown there."""
    help: str
    group: str


ACTIONS: tuple[Action, ...] = (
    Action("next_question", "tab", "next question", "go to the least certain boundary that is open", "Questions"),
    Action("previous_question", "shift+tab", "", "go back to the question before", "Questions"),
    Action("yes", "y", "yes, starts", "a unit starts here; go to the next question", "Questions"),
    Action("no", "n", "no, none", "no unit starts here; go to the next question", "Questions"),
    Action("check", "c", "check", "mark the unit (or the selected ones) as checked and go on", "Questions"),
    Action("accept_all", "A", "", "check all units of the filter above a chance, undone in one step", "Questions"),
    Action("toggle_boundary", "space", "split/merge", "a unit starts at the cursor, or no longer does", "Boundaries"),
    Action("split", "s,enter", "", "split at the cursor; a selection becomes one unit", "Boundaries"),
    Action("split_candidate", "S", "", "split at the nearest candidate inside the unit", "Boundaries"),
    Action("merge_next", "m", "merge", "merge the unit with the next", "Boundaries"),
    Action("merge_previous", "M,backspace", "", "merge the unit with the one before", "Boundaries"),
    Action("move_left", "less_than_sign", "", "move the start of the unit a word to the left", "Boundaries"),
    Action("move_right", "greater_than_sign", "move", "move the start of the unit a word to the right", "Boundaries"),
    Action("move_left_character", "comma", "", "move it a character to the left", "Boundaries"),
    Action("move_right_character", "full_stop", "", "move it a character to the right", "Boundaries"),
    Action("move_left_candidate", "left_curly_bracket", "", "move it to the candidate before", "Boundaries"),
    Action("move_right_candidate", "right_curly_bracket", "", "move it to the next candidate", "Boundaries"),
    Action("hints", "f", "jump", "letters at every candidate in view: type one to go there and toggle", "Boundaries"),
    Action("alternatives", "a", "", "the best ways to cut here: a digit takes one", "Boundaries"),
    Action("promote", "plus", "", "nest the section one level less deep", "Sections"),
    Action("demote", "minus", "", "nest the section one level deeper", "Sections"),
    Action("retitle", "e", "", "edit number and heading of the section", "Sections"),
    Action("next_section", "J", "", "next section", "Sections"),
    Action("previous_section", "K", "", "section before", "Sections"),
    Action("note", "N", "note", "write a note on the unit (digits: a usual reason)", "Notes"),
    Action("notes", "L", "", "all notes in one list", "Notes"),
    Action("conflicts", "exclamation_mark", "", "edits that lost their place when the text changed", "Notes"),
    Action("left", "h,left", "", "a character to the left", "Moving"),
    Action("right", "l,right", "", "a character to the right", "Moving"),
    Action("up", "k,up", "", "a row up", "Moving"),
    Action("down", "j,down", "", "a row down", "Moving"),
    Action("word_left", "b,ctrl+left", "", "a word to the left", "Moving"),
    Action("word_right", "w,ctrl+right", "", "a word to the right", "Moving"),
    Action("row_start", "0,home", "", "start of the row", "Moving"),
    Action("row_end", "dollar_sign,end", "", "end of the row", "Moving"),
    Action("page_up", "pageup,ctrl+u", "", "a screen up", "Moving"),
    Action("page_down", "pagedown,ctrl+d", "", "a screen down", "Moving"),
    Action("top", "ctrl+home", "", "start of the document", "Moving"),
    Action("bottom", "G,ctrl+end", "", "end of the document", "Moving"),
    Action("next_unit", "right_square_bracket", "", "next unit that the filter lets through", "Moving"),
    Action("previous_unit", "left_square_bracket", "", "unit before that the filter lets through", "Moving"),
    Action("next_candidate", "right_parenthesis", "", "next candidate", "Moving"),
    Action("previous_candidate", "left_parenthesis", "", "candidate before", "Moving"),
    Action("centre", "z", "", "put the cursor in the middle of the screen", "Moving"),
    Action("select", "v", "", "begin or end a selection", "Moving"),
    Action("goto", "g", "go to", "go to a page (p12), an offset (@3400), or a section by number or heading", "Finding"),
    Action("search", "slash", "search", "search the text, by words, regular expression or in headings", "Finding"),
    Action("next_hit", "f3,apostrophe", "", "next hit of the search", "Finding"),
    Action("previous_hit", "shift+f3,quotation_mark", "", "hit before", "Finding"),
    Action("filter", "F", "", "go only through unsure, edited, too long, unchecked or noted units", "Finding"),
    Action("layer_sentence", "1", "", "show sentences", "Showing"),
    Action("layer_paragraph", "2", "", "show paragraphs", "Showing"),
    Action("layer_section", "3", "", "show sections", "Showing"),
    Action("layer_chunk", "4", "", "show chunks", "Showing"),
    Action("threshold", "t", "threshold", "move the threshold of the layer", "Showing"),
    Action("outline", "o", "", "show or hide the outline", "Showing"),
    Action("inspector", "i", "inspect", "show or hide what is known about the unit", "Showing"),
    Action("page", "p", "", "show or hide the picture of the page (PDF)", "Showing"),
    Action("dark", "D", "", "dark or light", "Showing"),
    Action("next_difference", "d", "", "next difference from the other segmentation (--against)", "Comparing"),
    Action("accept_difference", "equals_sign", "", "take the other's word on the difference", "Comparing"),
    Action("differences", "asterisk", "", "all differences in one list", "Comparing"),
    Action("undo", "u,ctrl+z", "undo", "take the last edit back", "Keeping"),
    Action("redo", "U,ctrl+r,ctrl+y", "", "bring it back", "Keeping"),
    Action("copy", "Y", "", "copy the unit or the selection", "Keeping"),
    Action("export", "x", "", "write the units, the corpus format or the report to a file", "Keeping"),
    Action("reload", "R", "", "load the source again", "Keeping"),
    Action("next_document", "ctrl+n", "", "leave, and open the next document of the folder", "Keeping"),
    Action("cancel", "escape", "", "leave the queue, selection, search; stop the work of a model", "Keeping"),
    Action("help", "question_mark", "help", "this screen", "Keeping"),
    Action("quit", "q", "quit", "leave; everything is saved", "Keeping"),
)

SYMBOLS: Mapping[str, str] = {
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "comma": ",",
    "full_stop": ".",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "plus": "+",
    "minus": "-",
    "exclamation_mark": "!",
    "dollar_sign": "$",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "right_parenthesis": ")",
    "left_parenthesis": "(",
    "slash": "/",
    "apostrophe": "'",
    "quotation_mark": '"',
    "equals_sign": "=",
    "question_mark": "?",
    "asterisk": "*",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
}


def shown(keys: str) -> str:
    """Keys as a reader knows them."""
    return " ".join(SYMBOLS.get(key, key) for key in keys.split(","))


def first_key(action: Action) -> str:
    """The key that stands in the footer."""
    return shown(action.keys.split(",")[0])


def remapped(assignments: Iterable[str]) -> tuple[Action, ...]:
    """The actions with other keys: ``name=key,key``; a key given to one action is taken from every other.

    Raises:
        UsageError: on an unknown action, or one that is left without a key.
    """
    wanted = dict(_parse(assignment) for assignment in assignments)
    taken = {key for keys in wanted.values() for key in keys}
    actions = []
    for action in ACTIONS:
        own = wanted.get(action.name) or [key for key in action.keys.split(",") if key not in taken]
        if not own:
            raise UsageError(f"keys: {action.keys} is taken, give {action.name} another key ({action.name}=KEY)")
        actions.append(Action(action.name, ",".join(own), action.word, action.help, action.group))
    return tuple(actions)


def _parse(assignment: str) -> tuple[str, list[str]]:
    name, _, keys = assignment.partition("=")
    name = name.strip().replace("-", "_")
    names = [action.name for action in ACTIONS]
    if name not in names or not keys.strip():
        close = get_close_matches(name, names, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"keys: {assignment!r} is not ACTION=KEY,KEY{meant}")
    symbols = {symbol: key for key, symbol in SYMBOLS.items()}
    return name, [symbols.get(key.strip(), key.strip()) for key in keys.split(",")]
