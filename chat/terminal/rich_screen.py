"""[io] Events → a terminal with colours, through rich, which is loaded when the first of them comes.

What is complete is printed once and scrolls away as any output; below it a few lines tell what is on
its way. Colours are the terminal's own sixteen, so that they follow its theme.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from chat.display import event_text as sentences
from chat.display.growing_reply import Edit, GrowingReply, Piece, Prose
from chat.events import (
    CommandRan,
    Copied,
    EditsRefused,
    EditsWritten,
    Event,
    FileEdited,
    Notice,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Retrying,
    Shown,
    TextChunk,
)
from chat.model import ModelRole
from chat.safety.printable import StreamCleaner, on_one_line, without_escapes
from chat.terminal.keys import Keys
from chat.terminal.output import Look, clipboard_sequence, is_important, plain_text, write

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.text import Text

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_REFRESH_PER_S = 8
_MOST_LINES_WAITING = 6
_THOUGHTS_SHOWN = 20
"""Chunks of them."""
_LEVELS = {"info": "", "warning": "yellow", "error": "bold red"}
_THEME = {
    "markdown.code": "cyan",
    "markdown.code_block": "cyan",
    "markdown.h1": "bold",
    "markdown.h2": "bold",
    "markdown.h3": "bold",
    "markdown.item.bullet": "bold",
    "markdown.item.number": "bold",
    "markdown.block_quote": "dim",
}


class Pretty:
    """A screen that draws; without an error stream of its own, remarks go between the answers."""

    shows_replies = True

    def __init__(self, out: TextIO, err: TextIO | None, look: Look) -> None:
        self._out = out
        self._err = err
        self._look = look
        self._console_made: Console | None = None
        self._live: Live | None = None
        self._work = _Work()
        self._model = ""
        self._aside = False
        self._keys = Keys()
        self._drawing = threading.RLock()
        """Held by whoever writes to the terminal."""
        self._reply = GrowingReply()
        self._cleaner = StreamCleaner()
        self._streamed: Counter[tuple[str, str]] = Counter()
        """The rows of the edits that this turn has shown already, with their paths."""

    def emit(self, event: Event) -> None:
        """Prints what is complete, and lets the rest wait."""
        with self._drawing:
            self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case ReplyStarted():
                self._start_reply(event)
            case TextChunk() | ReasoningChunk() | ReplyEnded() if self._aside:
                pass  # no reply to the user: a commit message, a summary
            case TextChunk(text):
                self._fold_thoughts()
                self._work.label = f"{self._model} writes"
                if self._look.streams:
                    self._print_pieces(self._reply.feed(self._cleaner.feed(text)))
            case ReasoningChunk(text):
                self._think(text)
            case ReplyEnded(reply):
                if not self._look.streams:
                    self._print_pieces(self._reply.feed(without_escapes(reply.text)))
                self._end_reply("working")
            case Retrying():
                self._end_reply("waiting to try again")
                self._tell(event)
            case EditsWritten():
                self._show_edits(event)
            case Shown() | CommandRan(purpose="run") | Copied():
                self._answer(event)
            case _:
                self._tell(event)

    def _answer(self, event: Shown | CommandRan | Copied) -> None:
        """What a command was asked for."""
        match event:
            case Shown(text, "diff"):
                self._console.print(self._diff(text))
            case Shown(text):
                self._print_line(without_escapes(text), "", self._out)
            case CommandRan():
                self._print_line(sentences.command_ran(event), "", self._out)
            case Copied(text):
                write(self._out, clipboard_sequence(text))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Shows what goes on until it is over; whatever of a reply was shown by then stays."""
        from rich.live import Live

        self._streamed.clear()
        self._work = _Work()
        self._live = Live(
            _Waiting(self),
            console=self._console,
            transient=True,
            auto_refresh=False,
            redirect_stderr=self._err is None,
        )
        self._live.start()
        over = threading.Event()
        drawer = threading.Thread(target=self._draw_again, args=(self._live, over), daemon=True)
        drawer.start()
        try:
            with self._keys.silent():
                yield
        finally:
            over.set()
            drawer.join()
            self._end_reply("")
            self._live.stop()
            self._live = None

    def _draw_again(self, live: "Live", over: threading.Event) -> None:
        """Moves the waiting lines. Rich's own thread draws between the steps of a print, over what that prints."""
        while not over.wait(1 / _REFRESH_PER_S):
            with self._drawing:
                if live.is_started:
                    live.refresh()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is drawn meanwhile."""
        if self._live is None:
            yield
            return
        with self._drawing:
            self._live.stop()
        try:
            with self._keys.heard():
                yield
        finally:
            with self._drawing:
                self._live.start()

    def waiting(self) -> "RenderableType":
        """What the moving lines at the bottom say now."""
        from rich.text import Text

        lines = self._waiting_lines()
        text = Text("\n".join(lines), overflow="ellipsis", no_wrap=True)
        text.append("\n" if lines else "")
        text.append(self._work.line(self._reply.editing, len(self._reply.waiting)), "dim")
        return text

    def _waiting_lines(self) -> list[str]:
        """The end of the paragraph that is being written; edits and thoughts are told, not shown."""
        if self._reply.editing is not None or not self._reply.waiting:
            return []
        from rich.cells import chop_cells

        width, lines = max(10, self._console.width), []
        for line in self._reply.waiting[-_MOST_LINES_WAITING:]:
            lines += chop_cells(line.expandtabs(4), width) or [""]
        return lines[-_MOST_LINES_WAITING:]

    @property
    def _console(self) -> "Console":
        if self._console_made is None:
            from rich.console import Console
            from rich.theme import Theme

            self._console_made = Console(
                file=self._out, theme=Theme(_THEME), color_system="standard", highlight=False, markup=False
            )
        return self._console_made

    def _start_reply(self, event: ReplyStarted) -> None:
        self._aside = event.role is ModelRole.WEAK
        self._model = on_one_line(event.model, 40)
        self._work.start(f"{self._model} reads {sentences.count(event.prompt_tokens)} tokens")
        self._reply, self._cleaner = GrowingReply(), StreamCleaner()

    def _end_reply(self, label: str) -> None:
        self._fold_thoughts()
        self._print_pieces([*self._reply.feed(self._cleaner.close()), *self._reply.close()])
        self._work.start(label)

    def _think(self, text: str) -> None:
        self._work.think(text)

    def _fold_thoughts(self) -> None:
        """Leaves a line of what was thought, or all of it for those who ask."""
        thoughts, folded = self._work.fold()
        if thoughts and self._look.verbose:
            self._print_line(without_escapes(thoughts), "dim")
        if folded and not self._look.quiet:
            self._print_line(folded, "dim")

    def _print_pieces(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            match piece:
                case Prose(text):
                    self._console.print(self._markdown(text))
                case Edit(path):
                    self._streamed.update((path, row) for row in piece.diff() if row[0] != " ")
                    self._console.print(self._text(path or "edit"), style="bold")
                    self._console.print(self._rows(piece.diff()))
            self._console.print()

    def _show_edits(self, event: EditsWritten) -> None:
        """The diffs of what the reply has not shown in the same words."""
        if self._err is not None or self._look.quiet:
            self._tell(event)
            return
        for edited in event.files:
            rows = Counter((edited.path, row) for row in sentences.changed_rows(without_escapes(edited.diff)))
            if rows - self._streamed:
                self._console.print(self._diff(without_escapes(edited.diff).rstrip("\n")))
            self._print_line(sentences.file_edited(edited, event.dry_run), _style_of_edit(edited))

    def _tell(self, event: Event) -> None:
        text = plain_text(event)
        if text and (not self._look.quiet or is_important(event)):
            self._print_line(text, _style_of(event))

    def _print_line(self, text: str, style: str, out: TextIO | None = None) -> None:
        """Text as it is. Until something has to be drawn there is no need for rich, which is slow to load."""
        out = out or self._err
        if out is None and (self._console_made or style):
            self._console.print(self._text(text), style=style)
        elif self._live is not None and out is not self._err:
            self._console.print(self._text(text))
        else:
            write(out or self._out, text.rstrip("\n") + "\n")

    def _text(self, text: str) -> "Text":
        from rich.text import Text

        return Text(without_escapes(text).rstrip("\n"), overflow="fold")

    def _markdown(self, text: str) -> "RenderableType":
        """Without the blank lines that rich puts around lists and tables; one follows each piece anyway."""
        from rich.console import Group
        from rich.markdown import Markdown
        from rich.segment import Segment, Segments

        drawn = Markdown(text, code_theme="ansi_dark", hyperlinks=False)
        lines = self._console.render_lines(drawn, pad=False)
        filled = [n for n, line in enumerate(lines) if "".join(segment.text for segment in line).strip()]
        kept = lines[filled[0] : filled[-1] + 1] if filled else []
        return Group(*(Segments([*line, Segment.line()]) for line in kept))

    def _diff(self, text: str) -> "Text":
        """A diff with its headers, which stand before each first `@@`."""
        rows, styled, in_header = without_escapes(text).rstrip("\n").split("\n"), [], True
        for row in rows:
            in_header = row.startswith("diff ") or (in_header and not row.startswith("@@"))
            styled.append((row, "bold" if in_header else _style_of_row(row)))
        return self._styled(styled)

    def _rows(self, rows: list[str]) -> "Text":
        """The rows of an edit, which has no header: a removed line of dashes is a removed line."""
        return self._styled([(row, _style_of_row(row)) for row in rows])

    def _styled(self, rows: list[tuple[str, str]]) -> "Text":
        from rich.text import Text

        shown = Text(overflow="fold")
        for number, (row, style) in enumerate(rows):
            shown.append("\n" if number else "").append(row, style)
        return shown


class _Waiting:
    """Asks the screen what to draw, each time that rich draws."""

    def __init__(self, screen: Pretty) -> None:
        self._screen = screen

    def __rich__(self) -> Any:
        return self._screen.waiting()


class _Work:
    """What goes on, since when, and how much was thought."""

    def __init__(self, label: str = "working") -> None:
        self.start(label)

    def start(self, label: str) -> None:
        self.label = label
        self._since = time.monotonic()
        self._thoughts: list[str] = []

    def think(self, text: str) -> None:
        self._thoughts.append(text)

    def fold(self) -> tuple[str, str]:
        """The thoughts so far, and one line in their place; both empty where there are none."""
        thoughts, self._thoughts = "".join(self._thoughts), []
        seconds = time.monotonic() - self._since
        return thoughts, f"Thought for {seconds:.0f} s ({len(thoughts.split())} words)" if thoughts else ""

    def line(self, editing: str | None, lines_waiting: int) -> str:
        """A turning sign, what goes on, and for how long."""
        seconds = time.monotonic() - self._since
        frame = _FRAMES[int(seconds * _REFRESH_PER_S) % len(_FRAMES)]
        doing = self.label
        if editing is not None:
            doing = f"writing an edit of {on_one_line(editing) or 'a file'}, {lines_waiting} lines"
        elif self._thoughts:
            doing = f"thinking: …{on_one_line(''.join(self._thoughts[-_THOUGHTS_SHOWN:]))[-60:]}"
        return f"{frame} {doing} · {seconds:.0f} s · Ctrl-C stops"


def _style_of_row(line: str) -> str:
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")


def _style_of_edit(edited: FileEdited) -> str:
    return "red" if edited.kind == "deleted" else "green"


def _style_of(event: Event) -> str:
    match event:
        case Notice(level=level):
            return _LEVELS[level]
        case EditsRefused() | Retrying():
            return "yellow"
        case CommandRan(exit_code=code):
            return "yellow" if code else "dim"
        case _:
            return "dim"
