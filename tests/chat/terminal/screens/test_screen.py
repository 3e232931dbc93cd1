"""Without a terminal, or without colour: answers on one stream, all else on the other, as plain text."""

import io
from collections.abc import Mapping

import pytest
from fake_chat import DIFF, EDIT, HOSTILE

from chat.errors import NeedsTerminal
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
    Shown,
    TextChunk,
    TurnEnded,
)
from chat.model import ModelRole, Reply, Usage
from chat.terminal.person import Nobody, TerminalPerson
from chat.terminal.screens.output import ScreenOptions, clipboard_sequence, error_text
from chat.terminal.screens.rich_screen import RichScreen
from chat.terminal.screens.screen import PlainScreen, can_be_pretty, open_screen
from repomap import write_to


class Tty(io.StringIO):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def reply(text: str) -> ReplyEnded:
    return ReplyEnded(Reply(text, "stop", Usage(), "m"), ModelRole.MAIN)


def told(*events: Event, options: ScreenOptions | None = None) -> tuple[str, str]:
    """What goes to standard output and to standard error."""
    out, err = io.StringIO(), io.StringIO()
    screen = PlainScreen(out, err, options or ScreenOptions())
    with screen.turn():
        for event in events:
            screen.emit(event)
    return out.getvalue(), err.getvalue()


STARTED = ReplyStarted("m", ModelRole.MAIN, 10)


def test_a_reply_is_written_as_it_arrives() -> None:
    """To its last letter, and its line is ended."""
    chunks = [TextChunk(EDIT[at : at + 5]) for at in range(0, len(EDIT), 5)]

    assert told(STARTED, *chunks, reply(EDIT))[0] == EDIT
    assert told(STARTED, TextChunk("no line end"), reply(""))[0] == "no line end\n"


def test_replies_of_the_weak_model_are_not_shown() -> None:
    """A commit message appears in the commit, and a summary in the prompt."""
    aside = ReplyStarted("m", ModelRole.WEAK, 10)

    assert told(aside, ReasoningChunk("hm"), TextChunk("Fix it"), reply("Fix it")) == ("", "")
    assert told(aside, reply("Fix it"), STARTED, TextChunk("Done."), reply("Done."))[0] == "Done.\n"


def test_without_streaming_a_reply_is_written_at_its_end() -> None:
    """With `--no-stream`."""
    assert (
        told(
            STARTED, TextChunk("Do"), TextChunk("ne."), reply("Done."), options=ScreenOptions(streams=False)
        )[0]
        == "Done.\n"
    )


def test_one_shot_shows_the_answer_itself() -> None:
    """A reply that was retried, or that asks for files, is not the answer."""
    options = ScreenOptions(shows_replies=False)

    assert told(STARTED, TextChunk("cut"), reply("cut"), Shown("Done."), options=options)[0] == "Done.\n"


def test_remarks_go_to_standard_error() -> None:
    """Standard output can be piped into anything."""
    edited = EditsWritten((FileEdited("a.py", DIFF, "changed"),))
    usage = Usage(1, 1000, 0, 10, 0.1)

    out, err = told(STARTED, ReasoningChunk("hm "), ReasoningChunk("hm"), edited, TurnEnded(usage, usage))

    assert out == ""
    assert err == "thinking…\nChanged a.py (+1 −1)\n1.0k in · 10 out · $0.10\n"


def test_a_dry_run_shows_the_diff() -> None:
    """That is all it is for."""
    edited = EditsWritten((FileEdited("a.py", DIFF, "changed"),), dry_run=True)

    assert told(edited, options=ScreenOptions(shows_replies=False))[1] == f"Would change a.py (+1 −1)\n{DIFF}"


def test_quiet_keeps_warnings_errors_and_refusals() -> None:
    """Someone who wants only the answer must still know these."""
    events = (
        Notice("by the way"),
        Notice("look out", "warning"),
        EditsRefused(("a.py: no such text",), True),
    )

    _, err = told(*events, options=ScreenOptions(quiet=True))

    assert err == "warning: look out\n1 edit refused:\na.py: no such text\nNone of it was written.\n"


def test_verbose_shows_the_thoughts() -> None:
    """Never as part of the answer."""
    assert told(ReasoningChunk("because"), options=ScreenOptions(verbose=True)) == ("", "because")


@pytest.mark.parametrize(
    "event",
    [
        TextChunk(HOSTILE),
        Shown(HOSTILE),
        Notice(HOSTILE),
        CommandRan("x", 1, HOSTILE, "run"),
        CommandRan(HOSTILE, 1, HOSTILE, "test"),
        EditsRefused((HOSTILE,), True),
        EditsWritten((FileEdited(HOSTILE, HOSTILE, "changed"),), dry_run=True),
    ],
    ids=lambda event: type(event).__name__,
)
def test_no_control_sequence_comes_through(event: Event) -> None:
    """Whoever wrote the text: a model, a file, git, a command."""
    out, err = told(event)

    assert "\x1b" not in out + err
    assert "\x07" not in out + err
    assert "before" in out + err


@pytest.mark.parametrize(
    ("environment", "pretty"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
    ],
)
def test_colour_needs_a_terminal_that_wants_it(environment: Mapping[str, str], pretty: bool) -> None:
    """no-color.org: the variable counts if it is set and not empty."""
    assert can_be_pretty(Tty(), environment) is pretty
    assert not can_be_pretty(io.StringIO(), environment)


def test_no_pretty_is_plain_on_any_terminal() -> None:
    """As with `--no-pretty`, for screen readers for example."""
    assert isinstance(open_screen(ScreenOptions(pretty=False), Tty(), Tty()), PlainScreen)
    assert isinstance(open_screen(ScreenOptions(), io.StringIO(), io.StringIO()), PlainScreen)


def test_copying_writes_the_clipboard_of_the_terminal() -> None:
    """Through OSC 52, only at a terminal, and never more than it takes."""
    assert clipboard_sequence("hé") == "\x1b]52;c;aMOp\x07"
    assert clipboard_sequence("x" * 100_000) == ""
    assert told(Copied("x")) == ("", "")


@pytest.mark.parametrize(
    ("typed", "yes"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("sure\n", False)]
)
def test_only_yes_is_a_yes(typed: str, yes: bool) -> None:
    """Enter alone must not allow anything."""
    person = TerminalPerson(PlainScreen(io.StringIO(), io.StringIO(), ScreenOptions()), ask=lambda _: typed)

    assert person.confirm("Really?") is yes
    assert person.offer("rm -rf x") is yes


def test_the_end_of_input_is_a_no() -> None:
    """A closed terminal agrees to nothing."""

    def closed(_: str) -> str:
        raise EOFError

    assert not TerminalPerson(PlainScreen(io.StringIO(), io.StringIO(), ScreenOptions()), ask=closed).confirm(
        "Really?"
    )


def test_yes_does_not_run_proposed_commands() -> None:
    """`--yes` answers questions, but never allows a command that the model proposes."""
    person = TerminalPerson(
        PlainScreen(io.StringIO(), io.StringIO(), ScreenOptions()), yes=True, ask=lambda _: "n\n"
    )

    assert person.confirm("Really?")
    assert not person.offer("rm -rf x")
    assert not Nobody(yes=True).offer("rm -rf x")


def test_without_a_terminal_a_question_ends_the_step() -> None:
    """The message says what to do, and the result lists the question."""
    person = Nobody()

    with pytest.raises(NeedsTerminal, match=r"Add big\.py\? There is no terminal .*--yes"):
        person.confirm("Add big.py?")
    assert person.denied == ["Add big.py?"]
    assert Nobody(yes=True).confirm("Add big.py?")


def test_a_question_is_cleaned_before_it_is_asked() -> None:
    """It may quote a model; what it would hide is written out."""
    asked: list[str] = []
    person = TerminalPerson(
        PlainScreen(io.StringIO(), io.StringIO(), ScreenOptions()), ask=lambda text: asked.append(text) or "n"
    )  # type: ignore[func-returns-value]

    person.offer("ls\x1b[8m; rm -rf /\x1b[0m")

    assert asked == ["Run `ls\\x1b[8m; rm -rf /\\x1b[0m`? [y/N] "]


def test_a_bug_is_reported_with_its_position() -> None:
    """Enough to report it, without a page of frames."""
    try:
        {}["x"]
    except KeyError as error:
        said = error_text(error)

    assert said.startswith("KeyError at test_screen.py:")


def test_output_after_the_reader_left_is_discarded(tmp_path: object) -> None:
    """`trigpoint … | head` must not stop a turn half-way."""
    import os

    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:
        write_to(stream, "lost\n")
        write_to(stream, "lost too\n")


@pytest.mark.parametrize(
    ("typed", "rule", "answer"),
    [
        ("y\n", "", "yes"),
        ("Yes\n", "Bash(ls *)", "yes"),
        ("a\n", "Bash(ls *)", "always"),
        ("always\n", "Bash(ls *)", "always"),
        ("a\n", "", "no"),
        ("\n", "Bash(ls *)", "no"),
        ("sure\n", "Bash(ls *)", "no"),
    ],
)
def test_a_command_of_the_models_is_shown_and_asked_about(typed: str, rule: str, answer: str) -> None:
    """As it would run, with what "always" would keep; `--yes` does not answer, and neither does Enter."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return typed

    person = TerminalPerson(PlainScreen(io.StringIO(), io.StringIO(), ScreenOptions()), yes=True, ask=ask)

    assert person.permit("ls\x1b[8m -la", rule) == answer
    assert "ls\\x1b[8m -la" in asked[0]
    assert ("lways" in asked[0]) is bool(rule)
    assert Nobody(yes=True).permit("ls", rule) == "no"


def test_the_drawn_screen_says_which_command_runs() -> None:
    """Tests may take minutes, in which nothing else is shown; a long command is cut."""
    screen = RichScreen(io.StringIO(), io.StringIO(), ScreenOptions())

    screen.emit(CommandStarted("pytest -q " + "tests/a_file.py " * 9))
    running = screen.progress().plain
    screen.emit(CommandRan("pytest -q", 0, "", "test"))

    assert " running pytest -q tests/a_file.py" in running
    assert len(running) < 80
    assert " working · 0 s" in screen.progress().plain


def test_a_plain_screen_says_nothing_of_a_command_that_begins() -> None:
    """What it prints is kept, and the end of the command is said."""
    out, err = io.StringIO(), io.StringIO()

    PlainScreen(out, err, ScreenOptions()).emit(CommandStarted("pytest -q"))

    assert out.getvalue() + err.getvalue() == ""
