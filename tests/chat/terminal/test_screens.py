"""What the user sees: the program in a real pseudo-terminal, its screen drawn by an emulator."""

import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals like these there", allow_module_level=True)

from terminals import Terminal, fake_chat

START = "/help lists the commands"
Start = Callable[..., Terminal]


def shop_in(folder: Path) -> Path:
    (folder / "shop").mkdir()
    (folder / "shop/session.py").write_text("LIFETIME_S = 3600\n", encoding="utf-8")
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the REPL in a small folder and waits for its prompt."""
    shop_in(tmp_path)
    running: list[Terminal] = []

    def begin(
        prompt: str = "> ", columns: int = 80, term: str = "xterm-256color", **settings: object
    ) -> Terminal:
        command = fake_chat("repl", json.dumps({"model": "fake/main", **settings}), "shop/session.py")
        running.append(Terminal(command, tmp_path, columns, term=term))
        return running[-1].until(START).at_prompt(prompt)

    yield begin
    for terminal in running:
        terminal.close()


@pytest.fixture(scope="module")
def _waiting() -> Iterator[list[Terminal]]:
    """The REPL that `chat` hands from test to test, once there is one."""
    waiting: list[Terminal] = []
    yield waiting
    for terminal in waiting:
        terminal.close()


@pytest.fixture
def chat(_waiting: list[Terminal], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A REPL with an empty screen, for tests that leave it at its prompt as it was: starting one takes long."""
    if not _waiting:
        command = fake_chat("repl", json.dumps({"model": "fake/main"}), "shop/session.py")
        _waiting.append(Terminal(command, shop_in(tmp_path_factory.mktemp("screens"))).until(START))
    terminal = _waiting.pop()
    yield terminal.cleared()
    _waiting.append(terminal.at_prompt())


def after_turn(terminal: Terminal, prompt: str = "> ") -> str:
    """The screen once a turn's cost is shown and the prompt is back."""
    return terminal.until("340 out").at_prompt(prompt).everything


def test_a_reply_is_drawn_as_text_and_diffs(chat: Terminal) -> None:
    """Markdown as text, an edit as a coloured diff, then what was done and what it cost."""
    chat.line("edit it")

    assert re.sub(r"\n+", "\n", after_turn(chat)).split("\n")[:12] == [
        "> edit it",
        "The session now expires, see the cookie:",
        " 1 read it",
        " 2 drop it",
        "shop/session.py",
        "-LIFETIME_S = 3600",
        "+LIFETIME_S = 60",
        "That is all.",
        "Changed shop/session.py (+1 −1)",
        "Committed 1a2b3c4 Let sessions expire sooner",
        "2.0k in (80 % cached) · 340 out · $0.004",
        ">",
    ]
    assert (chat.colour_at("-LIFETIME"), chat.colour_at("+LIFETIME")) == ("red", "green")


def test_what_was_drawn_is_not_drawn_again(chat: Terminal) -> None:
    """A paragraph is sent to the terminal once, so nothing flickers."""
    chat.line("edit it")
    after_turn(chat)

    assert chat.raw.count(b"That is ") <= 2  # while it was written, and complete
    assert chat.raw.count(b"read it") == 1
    assert b"<<<<<<<" not in chat.raw


def test_thoughts_are_folded(chat: Terminal) -> None:
    """They took time, but are not part of the answer."""
    chat.line("think")

    shown = after_turn(chat)
    assert re.search(r"Thought for \d s \(7 words\)", shown)
    assert "Let me see" not in shown


def test_the_status_line_shows_model_context_cost_and_branch(start: Start) -> None:
    """As soon as they are known."""
    terminal = start().until("fake/main · context 20 % · $0 · main")

    terminal.line("hello")

    terminal.until("fake/main · context 20 % · $0.004 · main")


def test_the_status_line_shows_the_goal(start: Start) -> None:
    """Shortened to what there is room for; while somebody works on it, the line below the progress does."""
    facts = " · 3 turns · $0.02 · 1 of 1 check red"
    terminal = start(goal="Every handler closes its session", columns=120)
    terminal.until(
        lambda it: re.search(
            rf"main · goal paused: Every [\w ]+…{facts} · plan 1/2\Z".replace("$", r"\$"), it.shown
        )
    )

    terminal.resize(80)
    terminal.until(lambda it: re.search(r"main · goal paused: Every [\w ]+… · 3 turns\Z", it.shown))
    terminal.resize(46)
    terminal.until(lambda it: it.shown.endswith("fake/main · context 20 % · $0 · main"))
    terminal.resize(120)
    terminal.until("plan 1/2").line("slow")

    terminal.until(f"· Ctrl-C stops\ngoal: Every handler closes its session{facts} · plan 1/2")
    terminal.resize(50)
    terminal.until(lambda it: re.search(r"\ngoal: Every [\w ]+… · 3 turns · ", it.shown))
    terminal.send("\x03")
    terminal.at_prompt()


def test_help_shows_the_whole_table(chat: Terminal) -> None:
    """In a terminal of usual width."""
    chat.line("/help")

    shown = chat.until("/help NAME shows more.").everything
    assert "  /undo                  Undo the last turn: files, commit and conversation." in shown


def test_commands_complete_while_they_are_typed(chat: Terminal) -> None:
    """With their help. Tab cycles through them, Enter takes one, and Enter again sends it."""
    chat.send("/red")
    chat.until("Redo what /undo took back.")
    chat.send("\t")
    chat.until(lambda it: it.cursor_row.startswith("> /redo"))
    chat.send("\r\r")

    chat.until("redo: done.")


def test_files_complete_after_an_at_sign(chat: Terminal) -> None:
    """The file enters the chat with the message."""
    chat.send("look at @sess")
    chat.until(lambda it: "shop/session.py" in it.shown)
    chat.send("\t")
    chat.until(lambda it: it.cursor_row.startswith("> look at @shop/session.py"))
    chat.send(" please\r")

    assert "You said: look at shop/session.py please" in after_turn(chat)


def test_ctrl_c_stops_a_reply_and_keeps_the_session(chat: Terminal) -> None:
    """What was shown stays, and the next message is answered."""
    chat.line("slow")
    chat.until("word20")
    chat.send("\x03")
    shown = chat.until("Stopped.").at_prompt().everything
    chat.line("hello")

    assert "word19 word20" in shown.replace("\n", " ")
    assert "You said: hello" in after_turn(chat)


def test_ctrl_c_at_a_question_is_said_on_a_line_of_its_own(chat: Terminal) -> None:
    """Outside a turn there are no edits that could be dropped."""
    chat.line("/run anything")
    chat.until("Show this to the model? [y/N]")
    chat.send("\x03")
    shown = chat.until("Stopped.").at_prompt().everything

    assert "warning: Stopped." in map(str.strip, shown.splitlines())
    assert "Edits that were not written" not in shown


def test_keys_pressed_ahead_wait_for_the_prompt(start: Start) -> None:
    """They are not written into the drawing, and not lost."""
    terminal = start()

    terminal.line("pause")
    terminal.until("Ctrl-C stops")
    terminal.send("typed ahead")
    terminal.until("You said: pause")
    early = terminal.everything

    assert "typed" not in early
    terminal.until(lambda it: it.cursor_row.startswith("> typed ahead"))


def test_ctrl_c_twice_leaves(start: Start) -> None:
    """Once clears the line and says how to leave."""
    terminal = start()

    terminal.send("half a message")
    terminal.until("half a message")
    terminal.send("\x03")
    terminal.until("again within 2 s").at_prompt()
    terminal.send("\x03")

    assert terminal.exit_code() == 130


def test_ctrl_d_leaves(start: Start) -> None:
    """As in every shell."""
    terminal = start()

    terminal.send("\x04")

    assert terminal.exit_code() == 0


def test_alt_enter_starts_a_new_line(chat: Terminal) -> None:
    """Enter sends all lines."""
    chat.send("one\x1b\rtwo\r")

    assert "You said: one two" in after_turn(chat)


def test_braces_enclose_several_lines(chat: Terminal) -> None:
    """As in similar programs."""
    for line in ("{", "one", "two", "}"):
        chat.line(line)

    assert "You said: one two" in after_turn(chat)


def test_multiline_swaps_the_keys(start: Start) -> None:
    """The prompt shows it; commands are still sent by Enter."""
    terminal = start()

    terminal.line("/multiline")
    terminal.at_prompt("multi> ")
    terminal.send("one\rtwo\x1b\r")

    assert "You said: one two" in after_turn(terminal, "multi> ")
    terminal.line("/ask")
    terminal.at_prompt("ask multi> ")


def test_pasted_lines_are_not_sent(chat: Terminal) -> None:
    """With bracketed paste, a message of several lines arrives as one."""
    chat.send("\x1b[200~one\ntwo\x1b[201~")
    chat.until("two")
    chat.send("\r")

    assert "You said: one two" in after_turn(chat)


def test_history_is_kept_and_searched(start: Start) -> None:
    """With Ctrl-R, in another session, too; only its owner may read the file."""
    terminal = start()
    terminal.line("a message to be found")
    after_turn(terminal)
    terminal.send("\x04")
    terminal.exit_code()
    again = start()

    again.send("\x12to be f")
    again.until("a message to be found")
    again.send("\r\r")

    assert "You said: a message to be found" in after_turn(again)
    (history,) = Path(os.environ["HOME"]).rglob("input-history")
    assert history.stat().st_mode & 0o077 == 0


def test_vi_keys_can_be_switched_on(start: Start) -> None:
    """With `--vim`."""
    terminal = start(vim=True)

    terminal.send("wrong\x1b")
    terminal.draw(0.6)  # a lone Escape is known by the silence behind it
    terminal.send("ccright\r")

    assert "You said: right" in after_turn(terminal)


def test_the_editor_writes_a_message(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the terminal to itself meanwhile."""
    script = tmp_path / "editor.py"
    script.write_text("import sys; open(sys.argv[1], 'a').write(' and changed')\n", encoding="utf-8")
    terminal = start(editor=f"{sys.executable} {script}")

    terminal.line("/editor typed")

    assert "You said: typed and changed" in after_turn(terminal)


def test_a_narrow_terminal_is_enough(start: Start) -> None:
    """At forty columns lines are folded, nothing is lost, and the status line drops what does not fit."""
    terminal = start(columns=40)

    terminal.line("edit it")
    shown = after_turn(terminal)
    terminal.until("fake/main · context 20 %")

    assert "+LIFETIME_S = 60" in shown
    assert "Committed 1a2b3c4 Let sessions expire\nsooner" in shown


def test_wide_characters_keep_their_columns(chat: Terminal) -> None:
    """Each takes two cells."""
    chat.line("wide")
    shown = after_turn(chat).replace("\x00", "")

    assert "漢字の説明" in re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", shown)
    row = next(line for line in chat.screen.display if "漢" in line and "2" in line)
    head = next(line for line in chat.screen.display if "列" in line)
    assert row.index("2") == head.index("b") - 1 or row.index("2") == head.index("b")


def test_a_hostile_reply_cannot_control_the_terminal(chat: Terminal) -> None:
    """Its escape sequences set no title and no clipboard, and clear nothing."""
    chat.line("hello")
    after_turn(chat)
    chat.line("hostile")
    shown = chat.until(lambda it: it.everything.count("340 out") == 2).at_prompt().everything

    assert "You said: hello" in shown
    assert "before after hidden" in shown
    assert chat.screen.title != "owned"
    assert b"]52;" not in chat.raw


def test_a_long_reply_scrolls(chat: Terminal) -> None:
    """All of it can be scrolled back to."""
    chat.line("long")

    assert after_turn(chat).count("\nline\n") == 100


def test_an_unknown_command_changes_nothing(chat: Terminal) -> None:
    """The message suggests the nearest, and the prompt is back."""
    chat.line("/mpa")

    chat.until("Did you mean /map").at_prompt()


def test_a_failed_turn_keeps_the_session(chat: Terminal) -> None:
    """The server may come back."""
    chat.line("unreachable")
    chat.until("no server answers").at_prompt()
    chat.line("hello")

    assert "You said: hello" in after_turn(chat)


def test_output_is_shown_to_the_model_if_the_user_agrees(chat: Terminal) -> None:
    """The question waits for its answer, and the prompt comes back."""
    chat.line("!make")
    chat.until("Show this to the model? [y/N]")
    chat.line("n")

    chat.at_prompt()


def test_one_shot_draws_its_answer_on_a_terminal(tmp_path: Path) -> None:
    """Remarks go where standard error goes, without colour."""
    command = " ".join(map(shlex.quote, fake_chat("oneshot", json.dumps({"message": "edit it"}))))
    terminal = Terminal(["sh", "-c", f"{command} 2>remarks"], tmp_path)

    code = terminal.exit_code()

    assert code == 0
    assert "+LIFETIME_S = 60" in terminal.everything
    assert "Committed" not in terminal.everything
    assert (
        (tmp_path / "remarks")
        .read_text(encoding="utf-8")
        .startswith("Changed shop/session.py (+1 −1)\nCommitted")
    )


@pytest.mark.parametrize(("term", "settings"), [("dumb", {}), ("xterm", {"pretty": False})])
def test_a_plain_terminal_gets_plain_text(start: Start, term: str, settings: dict[str, object]) -> None:
    """The reply as it was written; the prompt has a line of its own, which scripts wait for."""
    terminal = start(term=term, **settings)

    terminal.line("edit it")
    shown = after_turn(terminal)

    assert "<<<<<<< SEARCH" in shown
    if term == "dumb":
        assert b"\x1b" not in terminal.raw
        assert terminal.raw.replace(b"\r", b"").endswith(b"\n> ")


def test_the_first_prompt_costs_little(start: Start) -> None:
    """A bound on CPU time until it appears, with no colour library loaded."""
    terminal = start()
    stat = Path(f"/proc/{terminal.child.pid}/stat")
    if not stat.is_file():
        pytest.skip("CPU time of another process is read from /proc")

    user, system = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]

    assert (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") < 0.8


def test_verbose_shows_the_thoughts_before_the_answer(start: Start) -> None:
    """With `--verbose`."""
    terminal = start(verbose=True)

    terminal.line("think")

    shown = after_turn(terminal)
    assert shown.index("Let me see what the session does.") < shown.index("You said: think")
