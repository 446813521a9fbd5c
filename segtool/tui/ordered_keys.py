"""Keys one after the other: each takes its whole effect before the next is looked at.

The framework hands a key to what has the focus when the key is *read*, and its effect comes some messages later.
Typed ahead of a slow moment, ``/word`` would lose ``word`` to the text behind the prompt that ``/`` is about to
open, and the keys after an Enter would land in the field that the Enter closes. Here a key waits until the one before
has gone all the way: through the widget, its screen, the application, and any screen or focus that it brought up.
"""

from __future__ import annotations

import time
from collections import deque

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump

PATIENCE_S = 2.0
"""A key that never comes to its end (a widget that was closed under it) holds the next one up no longer than this."""


class OrderedKeys(App[None]):
    """An application whose keys keep their order, however fast they are typed."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._keys_waiting: deque[events.Key] = deque()
        self._busy_since: float | None = None
        self._looked_at: tuple[object, object] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Take a key in; everything else goes its usual way."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self._keys_waiting.append(event)
        if self._busy_since is None:
            await self._pass_next_on()
        else:
            self.set_timer(PATIENCE_S, self._go_on)

    async def _go_on(self) -> None:
        """Pass the next key on if the one before never came to its end."""
        if self._keys_waiting and self._busy_since is not None and time.monotonic() - self._busy_since >= PATIENCE_S:
            await self._pass_next_on()

    async def _pass_next_on(self) -> None:
        """Hand the next key to what has the focus now, and wait for its end."""
        self._busy_since = time.monotonic()
        self._looked_at = None
        target = self.focused or self.screen
        await super().on_event(self._keys_waiting.popleft())
        self._follow(target)

    def _follow(self, target: DOMNode) -> None:
        """Go behind the key through the queues of a widget and of all above it, as it bubbles up."""
        self._wait(*(node for node in target.ancestors_with_self if node is not self), self)

    def _wait(self, *stations: MessagePump) -> None:
        for index, station in enumerate(stations):
            rest = stations[index + 1 :]
            if station.call_later(self._wait, *rest) if rest else station.call_later(self._settle):
                return

    async def _settle(self) -> None:
        """Go round again for what the key set off (messages, another screen or focus); else the next key may come."""
        look = (self.screen, self.focused)
        if look != self._looked_at:
            self._looked_at = look
            self._follow(self.focused or self.screen)
            return
        self._busy_since = None
        if self._keys_waiting:
            await self._pass_next_on()
