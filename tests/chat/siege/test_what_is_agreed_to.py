"""What a person says yes to is what happens: commands, diffs, messages of commits, lists of trust."""

import io
from collections.abc import Callable

import pytest
from chat_fakes import Answering
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from repositories import git
from siege import EDIT, LOCAL_ONLY, Case, Siege, besiege, played
from whole_chat import WholeChat, block

from chat.errors import UsageError
from chat.events import Notice
from chat.safety.printable import plain_message
from chat.terminal.person import TerminalPerson
from chat.terminal.screens.output import ScreenOptions
from chat.terminal.screens.screen import PlainScreen
from repomap import escaped_text, hides_something

HIDDEN = (
    "safe \x1b]; touch sang; \x07",
    "ls \x1b[8m; touch sang\x1b[0m",
    "ls\r touch sang",
    "ls \u202e; gnas hcuot",
    "ls\u200b; touch sang",
    "ls \u2066; touch sang",
    "ls\u3164; touch sang",
    "ls \x9b8m; touch sang",
    "ls \u00a0; touch sang",
    "ls \U000e0041\U000e0042; touch sang",
    "ls\x08\x08touch sang",
    "ls \ufe0f; touch sang",
)


@pytest.mark.parametrize("command", HIDDEN)
def test_a_command_that_hides_something_is_neither_offered_nor_run(
    open_whole: Callable[..., WholeChat], command: str
) -> None:
    """Whoever would agree could not see to what; it is shown written out."""
    person = Answering(answer=True)
    whole = open_whole(f"Run this:\n\n```sh\n{command}\n```\n", person=person)

    whole.turn()

    assert not any("sang" in asked for asked in person.asked)
    told = [event.text for event in whole.events if isinstance(event, Notice)]
    if not any("not offered" in text for text in told):  # then a fence ends there, or a line
        assert "\r" in command or "\x1b]" in command
    assert not (whole.chat.root / "sang").exists()
    assert not any(hides_something(text) for text in told)
    with pytest.raises(UsageError, match="was not run"):
        whole.chat.programs.run(command)


@examples(60)
@given(st.text(st.sampled_from("a b\t\n\r\x1b\x07\x9b\u202e\u200b\u3164\u00a0\ufe0f\ud800é漢")))
def test_a_question_and_its_diff_show_all_that_there_is(text: str) -> None:
    """Nothing is left that a terminal obeys or nobody sees, and nothing is removed: both lengths tell."""
    asked: list[str] = []
    shown = io.StringIO()
    screen = PlainScreen(shown, shown, ScreenOptions())

    def ask(question: str) -> str:
        asked.append(question)
        return "n"

    TerminalPerson(screen, ask=ask).confirm(text, f"-a\n+{text}")

    assert all(not hides_something(each) for each in (*asked, shown.getvalue()))
    assert asked == [f"{escaped_text(text)} [y/N] "]
    assert len(escaped_text(text)) >= len(text.replace("\r\n", "\n"))


def test_a_commits_message_drives_no_terminal(open_whole: Callable[..., WholeChat]) -> None:
    """The weak model wrote it, and everybody who looks at the log would see it."""
    whole = open_whole(EDIT, weak="Fix \x1b]0;owned\x07sessions\u202e \u200bnow\x9b8m")

    whole.turn()

    message = git(whole.chat.root, "log", "-1", "--format=%B")
    assert message.startswith("Fix sessions now\n")
    assert plain_message(message) == message


def _diff_with(text: str, siege: Siege) -> None:
    siege.write({"note.txt": "one\n"})
    siege.git("add", "--all")
    siege.git("commit", "-qm", text)


def _seen_only(siege: Siege) -> None:
    assert "\x1b" not in siege.said
    assert "\u202e" not in siege.said


SCREENS = tuple(
    Case(
        f"{name} in what git says",
        lambda siege, text=text: _diff_with(text, siege),  # type: ignore[misc]
        steps=(
            lambda siege: siege.run("-m", "/git log"),
            lambda siege: siege.run("-m", "go", replies=(block("n\u202e.txt", "", "\x1b[2Jx\n"),)),
            lambda siege: siege.run("-m", "/diff"),
            lambda siege: siege.run("-m", "/undo", "--continue"),
        ),
        holds=_seen_only,
        is_quick=name == "a title",
    )
    for name, text in {
        "a title": "a\x1b]0;owned\x07",
        "a colour": "a\x1b[31mb",
        "the other direction": "a\u202eb",
        "the clipboard": "a\x1b]52;c;eA==\x07",
    }.items()
)


@LOCAL_ONLY
@played(*SCREENS)
def test_what_others_wrote_drives_no_terminal(siege: Siege, case: Case) -> None:
    """Not by a subject, a name or a diff."""
    besiege(siege, case)
