"""[io] Shows events with colours and progress, through rich, which is loaded when it first draws.

Whatever is complete is printed once and scrolls away like any output; a few lines below it show the work in
progress. Colours are the terminal's own sixteen, so that they follow its theme.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from chat.display import event_text
from chat.display.amounts import token_count
from chat.display.diffs import changed_rows
from chat.display.growing_reply import Edit, GrowingReply, Piece, Prose
from chat.events import (
    CommandRan,
    CommandStarted,
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
from chat.safety.printable import StreamCleaner, on_one_line, without_escapes
from chat.terminal.screens.keys import echo
from chat.terminal.screens.output import (
    ScreenOptions,
    StatusLine,
    clipboard_sequence,
    is_important,
    no_status,
    plain_text,
)
from repomap import write_to

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.text import Text

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_REFRESH_PER_S = 8
_PROGRESS_LINES = 6
"""Of a paragraph that is still arriving."""
_SHOWN_THOUGHT_CHUNKS = 20
_COMMAND_CHARACTERS = 40
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


class RichScreen:
    """A screen that draws; without an error stream of its own, it prints remarks between the answers."""

    shows_replies = True

    def __init__(self, out: TextIO, err: TextIO | None, options: ScreenOptions) -> None:
        self._out = out
        self._err = err
        self._options = options
        self._console_or_none: Console | None = None
        self._live: Live | None = None
        self._progress = _Progress()
        self._status: StatusLine = no_status
        self._model = ""
        self._is_internal = False
        self._drawing = threading.RLock()
        """Held while writing to the terminal, which the drawing thread does, too."""
        self._reply = GrowingReply()
        self._cleaner = StreamCleaner()
        self._streamed: Counter[tuple[str, str]] = Counter()
        """(path, row) of the edits that this turn's replies have shown already."""

    def emit(self, event: Event) -> None:
        """Print what is complete; the rest is shown as progress."""
        with self._drawing:
            self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case ReplyStarted():
                self._start_reply(event)
            case TextChunk() | ReasoningChunk() | ReplyEnded() if self._is_internal:
                pass  # not for the user: a commit message, a summary
            case TextChunk(text):
                self._fold_thoughts()
                self._progress.label = f"{self._model} writes"
                if self._options.streams:
                    self._print_pieces(self._reply.feed(self._cleaner.feed(text)))
            case ReasoningChunk(text):
                self._think(text)
            case ReplyEnded(reply):
                if not self._options.streams:
                    self._print_pieces(self._reply.feed(without_escapes(reply.text)))
                self._end_reply("working")
            case Retrying():
                self._end_reply("waiting to try again")
                self._print_remark(event)
            case EditsWritten():
                self._show_edits(event)
            case CommandStarted() | CommandRan():
                self._show_command(event)
            case Shown() | Copied():
                self._print_answer(event)
            case _:
                self._print_remark(event)

    def _show_command(self, event: CommandStarted | CommandRan) -> None:
        """Show that a command runs; print the output of one that was asked for, and a remark about any other."""
        if isinstance(event, CommandStarted):
            self._progress.start(f"running {on_one_line(event.command, _COMMAND_CHARACTERS)}")
            return
        self._progress.start("working")
        if event.purpose == "run":
            self._print_line(event_text.command_ran(event), "", self._out)
        else:
            self._print_remark(event)

    def _print_answer(self, event: Shown | Copied) -> None:
        """Print what a command was asked for."""
        match event:
            case Shown(text, "diff"):
                self._console.print(self._diff(text))
            case Shown(text):
                self._print_line(without_escapes(text), "", self._out)
            case Copied(text):
                write_to(self._out, clipboard_sequence(text))

    @contextmanager
    def turn(self, status: StatusLine = no_status) -> Iterator[None]:
        """Show progress until the end of the block; what was printed of a reply stays."""
        from rich.live import Live

        self._streamed.clear()
        self._progress, self._status = _Progress(), status
        self._live = Live(
            _Renderable(self),
            console=self._console,
            transient=True,
            auto_refresh=False,
            redirect_stderr=self._err is None,
        )
        self._live.start()
        over = threading.Event()
        drawer = threading.Thread(target=self._redraw, args=(self._live, over), daemon=True)
        drawer.start()
        try:
            with echo(False):
                yield
        finally:
            over.set()
            drawer.join()
            self._end_reply("")
            self._live.stop()
            self._live = None

    def _redraw(self, live: "Live", over: threading.Event) -> None:
        """Redraw progress until it is over; rich's own thread would draw over a print that is half done."""
        while not over.wait(1 / _REFRESH_PER_S):
            with self._drawing:
                if live.is_started:
                    live.refresh()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Draw nothing until the end of the block, and show the keys that are typed."""
        if self._live is None:
            yield
            return
        with self._drawing:
            self._live.stop()
        try:
            with echo(True):
                yield
        finally:
            with self._drawing:
                self._live.start()

    def progress(self) -> "Text":
        """The lines at the bottom as they are now."""
        from rich.cells import cell_len
        from rich.text import Text

        lines = self._paragraph_lines()
        text = Text("\n".join(lines), overflow="ellipsis", no_wrap=True)
        text.append("\n" if lines else "")
        text.append(self._progress.line(self._reply.editing, len(self._reply.waiting)), "dim")
        status = self._status(self._console.width - 1, cell_len)
        text.append(f"\n{status}" if status else "", "dim")
        return text

    def _paragraph_lines(self) -> list[str]:
        """The end of the paragraph that is arriving; edits and thoughts have only a status line."""
        if self._reply.editing is not None or not self._reply.waiting:
            return []
        from rich.cells import chop_cells

        width, lines = max(10, self._console.width), []
        for line in self._reply.waiting[-_PROGRESS_LINES:]:
            lines += chop_cells(line.expandtabs(4), width) or [""]
        return lines[-_PROGRESS_LINES:]

    @property
    def _console(self) -> "Console":
        if self._console_or_none is None:
            from rich.console import Console
            from rich.theme import Theme

            self._console_or_none = Console(
                file=self._out, theme=Theme(_THEME), color_system="standard", highlight=False, markup=False
            )
        return self._console_or_none

    def _start_reply(self, event: ReplyStarted) -> None:
        self._is_internal = event.role.is_internal
        self._model = on_one_line(event.model, 40)
        self._progress.start(f"{self._model} reads {token_count(event.prompt_tokens)} tokens")
        self._reply, self._cleaner = GrowingReply(), StreamCleaner()

    def _end_reply(self, label: str) -> None:
        self._fold_thoughts()
        self._print_pieces([*self._reply.feed(self._cleaner.close()), *self._reply.close()])
        self._progress.start(label)

    def _think(self, text: str) -> None:
        self._progress.think(text)

    def _fold_thoughts(self) -> None:
        """Print one line for the thoughts so far, and all of them with --verbose."""
        thoughts, folded = self._progress.fold()
        if thoughts and self._options.verbose:
            self._print_line(without_escapes(thoughts), "dim")
        if folded and not self._options.quiet:
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
        """Print the diffs that the reply has not already shown word for word."""
        if self._err is not None or self._options.quiet:
            self._print_remark(event)
            return
        for edited in event.files:
            rows = Counter((edited.path, row) for row in changed_rows(without_escapes(edited.diff)))
            if rows - self._streamed:
                self._console.print(self._diff(without_escapes(edited.diff).rstrip("\n")))
            self._print_line(event_text.file_edited(edited, event.dry_run), _style_of_edit(edited))

    def _print_remark(self, event: Event) -> None:
        text = plain_text(event)
        if text and (not self._options.quiet or is_important(event)):
            self._print_line(text, _style_of(event))

    def _print_line(self, text: str, style: str, out: TextIO | None = None) -> None:
        """Print text as it is; rich is slow to load, so it is used only if something has to be drawn."""
        out = out or self._err
        if out is None and (self._console_or_none or style):
            self._console.print(self._text(text), style=style)
        elif self._live is not None and out is not self._err:
            self._console.print(self._text(text))
        else:
            write_to(out or self._out, text.rstrip("\n") + "\n")

    def _text(self, text: str) -> "Text":
        from rich.text import Text

        return Text(without_escapes(text).rstrip("\n"), overflow="fold")

    def _markdown(self, text: str) -> "Group":
        """Markdown without the blank lines that rich puts around it; one follows each piece anyway."""
        from rich.console import Group
        from rich.markdown import Markdown
        from rich.segment import Segment, Segments

        drawn = Markdown(text, code_theme="ansi_dark", hyperlinks=False)
        lines = self._console.render_lines(drawn, pad=False)
        filled = [
            index for index, line in enumerate(lines) if "".join(segment.text for segment in line).strip()
        ]
        kept = lines[filled[0] : filled[-1] + 1] if filled else []
        return Group(*(Segments([*line, Segment.line()]) for line in kept))

    def _diff(self, text: str) -> "Text":
        """A diff with its headers, which come before the first `@@` of each file."""
        rows, styled, in_header = without_escapes(text).rstrip("\n").split("\n"), [], True
        for row in rows:
            in_header = row.startswith("diff ") or (in_header and not row.startswith("@@"))
            styled.append((row, "bold" if in_header else _style_of_row(row)))
        return self._styled(styled)

    def _rows(self, rows: list[str]) -> "Text":
        """The rows of an edit, which has no header: a removed line of dashes is not one."""
        return self._styled([(row, _style_of_row(row)) for row in rows])

    def _styled(self, rows: list[tuple[str, str]]) -> "Text":
        from rich.text import Text

        text = Text(overflow="fold")
        for index, (row, style) in enumerate(rows):
            text.append("\n" if index else "").append(row, style)
        return text


class _Renderable:
    """Asks the screen what to draw each time that rich draws."""

    def __init__(self, screen: RichScreen) -> None:
        self._screen = screen

    def __rich__(self) -> Any:
        return self._screen.progress()


class _Progress:
    """The current step, its start, and the thoughts so far."""

    def __init__(self) -> None:
        self.start("working")

    def start(self, label: str) -> None:
        self.label = label
        self._since = time.monotonic()
        self._thoughts: list[str] = []

    def think(self, text: str) -> None:
        self._thoughts.append(text)

    def fold(self) -> tuple[str, str]:
        """Take the thoughts so far, and a line that stands for them; both empty if there are none."""
        thoughts, self._thoughts = "".join(self._thoughts), []
        seconds = time.monotonic() - self._since
        return thoughts, f"Thought for {seconds:.0f} s ({len(thoughts.split())} words)" if thoughts else ""

    def line(self, editing: str | None, arrived_lines: int) -> str:
        """A spinner, the current step, and its duration."""
        seconds = time.monotonic() - self._since
        frame = _FRAMES[int(seconds * _REFRESH_PER_S) % len(_FRAMES)]
        step = self.label
        if editing is not None:
            step = f"writing an edit of {on_one_line(editing) or 'a file'}, {arrived_lines} lines"
        elif self._thoughts:
            step = f"thinking: …{on_one_line(''.join(self._thoughts[-_SHOWN_THOUGHT_CHUNKS:]))[-60:]}"
        return f"{frame} {step} · {seconds:.0f} s · Ctrl-C stops"


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
