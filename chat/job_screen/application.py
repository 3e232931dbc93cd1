"""[io] The full-screen application of prompt_toolkit that shows the live table: windows, keys, a line to type in."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from chat.job_screen.pages import Styled
from chat.job_screen.state import Size

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.layout import Layout

_ESCAPE_S = 0.05
"""How long it may take until what follows Escape has arrived, if it is the beginning of another key."""
_RULES = {
    "dim": "ansibrightblack",
    "red": "ansired",
    "green": "ansigreen",
    "yellow": "ansiyellow",
    "cyan": "ansicyan",
}


@dataclass(frozen=True, slots=True)
class Binding:
    """Keys that do something while a condition holds."""

    names: tuple[str, ...]
    """As prompt_toolkit calls them."""
    when: Callable[[], bool]
    do: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What the windows ask for whenever they are drawn."""

    lines: Callable[[Size], list[list[Styled]]]
    """All lines but the last."""
    footer: Callable[[Size], list[Styled]]
    label: Callable[[], str]
    """What stands before the line that is typed."""
    is_typing: Callable[[], bool]
    typed: Callable[[str], None]
    """The line has changed."""
    entered: Callable[[str], None]


class Surface:
    """The terminal."""

    def __init__(self, views: Views, bindings: Iterable[Binding]) -> None:
        self._views = views
        self._line = self._make_line()
        self.app = self._make_app(bindings)

    @property
    def size(self) -> Size:
        """The terminal's, now."""
        size = self.app.output.get_size()
        return Size(size.columns, size.rows)

    def type(self, text: str) -> None:
        """Show the line to type in, with a text."""
        self._line.text = text
        self._line.cursor_position = len(text)
        self.app.layout.focus(self._line)

    def end_typing(self) -> None:
        """Show the footer again."""
        self.app.layout.focus(next(iter(self.app.layout.find_all_windows())))

    def leave(self) -> None:
        """End the application."""
        if self.app.is_running and not self.app.is_done:
            self.app.exit()

    def _make_line(self) -> "Buffer":
        from prompt_toolkit.buffer import Buffer

        def accept(buffer: "Buffer") -> bool:
            self._views.entered(buffer.text)
            return False

        return Buffer(
            multiline=False, on_text_changed=lambda line: self._views.typed(line.text), accept_handler=accept
        )

    def _make_app(self, bindings: Iterable[Binding]) -> "Application[None]":
        from prompt_toolkit.application import Application
        from prompt_toolkit.output import ColorDepth
        from prompt_toolkit.styles import Style

        with_colours = not os.environ.get("NO_COLOR")
        app: Application[None] = Application(
            layout=self._make_layout(),
            key_bindings=_key_bindings(bindings),
            style=Style.from_dict(_RULES if with_colours else dict.fromkeys(_RULES, "")),
            color_depth=None if with_colours else ColorDepth.DEPTH_1_BIT,
            full_screen=True,
        )
        app.ttimeoutlen = _ESCAPE_S
        return app

    def _make_layout(self) -> "Layout":
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.layout import (
            BufferControl,
            ConditionalContainer,
            FormattedTextControl,
            HSplit,
            Layout,
            Window,
        )
        from prompt_toolkit.layout.processors import BeforeInput

        is_typing = Condition(self._views.is_typing)
        line = BufferControl(self._line, input_processors=[BeforeInput(self._views.label, "bold")])
        main = Window(FormattedTextControl(self._drawn, focusable=True, show_cursor=False))
        footer = Window(FormattedTextControl(self._footer), height=1)
        bottom = (
            ConditionalContainer(Window(line, height=1), is_typing),
            ConditionalContainer(footer, ~is_typing),
        )
        return Layout(HSplit([main, *bottom]))

    def _drawn(self) -> "StyleAndTextTuples":
        parts = [part for line in self._views.lines(self.size) for part in [*line, ("", "\n")]]
        return cast("StyleAndTextTuples", parts[:-1])

    def _footer(self) -> "StyleAndTextTuples":
        return cast("StyleAndTextTuples", self._views.footer(self.size))


def _key_bindings(bindings: Iterable[Binding]) -> "KeyBindings":
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()
    for binding in bindings:

        def handle(_event: "KeyPressEvent", do: Callable[[], None] = binding.do) -> None:
            do()

        for name in binding.names:
            keys.add(name, filter=Condition(binding.when), eager=name == "escape")(handle)
    return keys
