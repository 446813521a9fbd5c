"""Modals that ask: fields to fill in, or one of several choices. They return a value and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Label, OptionList
from textual.widgets.option_list import Option

BOX_CSS = """
{name} {{ align: center middle; }}
{name} > Vertical {{ width: 72; max-width: 95%; height: auto; max-height: 90%; border: round $primary;
    padding: 0 1; background: $surface; }}
{name} Label.hint {{ color: $text-muted; }}
{name} Input, {name} Input:focus {{ border: none; height: 1; margin: 0 0 1 0; background: $boost; }}
{name} Checkbox {{ border: none; height: 1; background: $surface; padding: 0; }}
{name} OptionList, {name} OptionList:focus {{ height: auto; max-height: 20; border: none; background: $surface; }}
"""


class PresetInput(Input):
    """A field where a digit chooses a preset while nothing was typed."""

    def __init__(self, value: str, placeholder: str, presets: Sequence[str]) -> None:
        super().__init__(value, placeholder=placeholder)
        self._presets = presets

    def on_key(self, event: events.Key) -> None:
        """A digit chooses a preset."""
        character = event.character or ""
        if self._presets and not self.value and character.isdigit() and 1 <= int(character) <= len(self._presets):
            event.prevent_default()
            event.stop()
            self.screen.dismiss([self._presets[int(character) - 1]])


class PromptScreen(ModalScreen[list[str] | None]):
    """Fields to fill in; Enter in the last one (or in any, if all have a value) gives the values, Escape None.

    Args:
        title: what it is about.
        fields: label and first value of each field.
        hint: a line below.
        presets: values that a digit chooses while the first field is empty.
        switches: label and first value of on-off fields; they come after the values as "1" or "".
        check: gives what is wrong with the values, None if nothing is.
    """

    DEFAULT_CSS = BOX_CSS.format(name="PromptScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "leave")]

    def __init__(
        self,
        title: str,
        fields: Sequence[tuple[str, str]],
        *,
        hint: str = "",
        presets: Sequence[str] = (),
        switches: Sequence[tuple[str, bool]] = (),
        check: Callable[[list[str]], str | None] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._fields = fields
        self._hint = hint
        self._presets = presets
        self._switches = switches
        self._check = check

    def compose(self) -> ComposeResult:
        """Title, fields, switches, hint."""
        with Vertical():
            yield Label(self._title)
            for label, value in self._fields:
                if len(self._fields) > 1:
                    yield Label(label, classes="hint")
                yield PresetInput(value, label, self._presets)
            for label, is_on in self._switches:
                yield Checkbox(label, is_on, compact=True)
            for number, preset in enumerate(self._presets, 1):
                yield Label(f" {number}  {preset}", classes="hint")
            yield Label(self._hint, classes="hint", id="hint")

    def on_mount(self) -> None:
        """The first field is ready to type in."""
        self.query(Input).first().focus()

    @on(Input.Submitted)
    def submit(self) -> None:
        """Give the values, unless something is wrong with them."""
        inputs = list(self.query(Input))
        position = next((i for i, field in enumerate(inputs) if field.has_focus), 0)
        if position + 1 < len(inputs) and not inputs[position + 1].value:
            inputs[position + 1].focus()
            return
        values = [field.value for field in inputs] + ["1" if box.value else "" for box in self.query(Checkbox)]
        wrong = self._check(values) if self._check else None
        if wrong:
            self.query_one("#hint", Label).update(wrong)
        else:
            self.dismiss(values)

    def action_cancel(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)


class ChoiceScreen(ModalScreen[int | None]):
    """One of several choices: arrows and Enter, or its digit; Escape gives None."""

    DEFAULT_CSS = BOX_CSS.format(name="ChoiceScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "leave"),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, title: str, options: Sequence[str], *, hint: str = "", chosen: int = 0) -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._hint = hint
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Title, options, hint."""
        with Vertical():
            yield Label(self._title)
            numbered = [f"{i}  {text}" if len(self._options) < 10 else text for i, text in enumerate(self._options, 1)]
            yield OptionList(*(Option(_plain(text)) for text in numbered))
            yield Label(self._hint or "enter chooses, esc leaves", classes="hint")

    def on_mount(self) -> None:
        """The chosen option is highlighted."""
        options = self.query_one(OptionList)
        options.focus()
        if self._options:
            options.highlighted = min(self._chosen, len(self._options) - 1)

    def on_key(self, event: events.Key) -> None:
        """A digit chooses."""
        if len(self._options) < 10 and (event.character or "").isdigit():
            number = int(event.character or 0)
            if 1 <= number <= len(self._options):
                event.stop()
                self.dismiss(number - 1)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Give the index of the option."""
        self.dismiss(event.option_index)

    def action_move(self, step: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def action_cancel(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)


def _plain(text: str) -> str:
    """Text without meaning as markup."""
    return text.replace("[", r"\[")
