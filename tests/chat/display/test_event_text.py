"""What both kinds of terminal say of an event."""

import pytest

from chat.display import event_text
from chat.display.amounts import token_count, usd
from chat.events import CommandRan, Committed, ContextGiven, FileEdited, Retrying
from chat.model import Usage


@pytest.mark.parametrize(
    ("tokens", "text"),
    [(0, "0"), (999, "999"), (1234, "1.2k"), (17_200, "17k"), (1_300_000, "1.3M"), (25_000_000, "25M")],
)
def test_tokens_are_told_in_few_digits(tokens: int, text: str) -> None:
    """A status line is read at a glance."""
    assert token_count(tokens) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "$0"), (0.00001, "<$0.0001"), (0.0042, "$0.0042"), (0.03, "$0.03"), (12.5, "$12.50")],
)
def test_amounts_keep_the_digits_that_matter(amount: float, text: str) -> None:
    """A turn costs parts of a cent, a session dollars."""
    assert usd(amount) == text


def test_the_cost_of_a_turn_fits_one_line() -> None:
    """With the session's where it differs."""
    turn = Usage(1, 1200, 960, 340, 0.004)

    assert event_text.cost(turn, turn + Usage(3, 0, 0, 0, 0.026)) == (
        "1.2k in (80 % cached) · 340 out · $0.004 · session $0.03"
    )
    assert event_text.cost(turn, turn) == "1.2k in (80 % cached) · 340 out · $0.004"


def test_an_unknown_price_is_left_out() -> None:
    """$0 would be a lie."""
    turn = Usage(1, 1200, 0, 340, None)

    assert event_text.cost(turn, turn) == "1.2k in · 340 out"


def test_a_file_is_told_with_its_changed_lines() -> None:
    """Rows of the header are no changed lines, even where the text has dashes."""
    diff = "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,1 @@\n--- a comment\n-x\n+y\n"

    assert (
        event_text.file_edited(FileEdited("x.sql", diff, "changed"), dry_run=False) == "Changed x.sql (+1 −2)"
    )
    assert event_text.file_edited(FileEdited("x.sql", "", "deleted"), dry_run=True) == "Would delete x.sql"


def test_a_forged_subject_stays_on_its_line() -> None:
    """Names and subjects come from strangers."""
    told = event_text.committed(Committed("0123456789", "a\nCommitted fff evil\x1b[2J", ()))

    assert told == "Committed 0123456 a Committed fff evil"


def test_a_failed_check_is_told_with_its_end() -> None:
    """The end of the output holds the reason; a passed one needs a line."""
    output = "".join(f"line {number}\n" for number in range(50))

    failed = event_text.command_ran(CommandRan("pytest", 1, output, "test"))

    assert failed.startswith("$ pytest: exit 1\n… 30 lines above\nline 30\n")
    assert failed.endswith("line 49")
    assert event_text.command_ran(CommandRan("pytest", 0, output, "test")) == "$ pytest: passed"


def test_what_the_user_ran_is_shown_whole() -> None:
    """It was typed to be seen."""
    assert event_text.command_ran(CommandRan("ls", 0, "a\nb\n", "run")) == "a\nb"
    assert event_text.command_ran(CommandRan("ls x", 2, "", "run")) == "(exit 2)"


def test_long_lists_are_cut() -> None:
    """Twelve granted files would fill the screen."""
    given = ContextGiven(tuple(f"f{n}.py" for n in range(8)), ("find: price",))

    assert event_text.context_given(given) == (
        "Shown to the model: f0.py, f1.py, f2.py, f3.py, f4.py, f5.py and 3 more"
    )


def test_a_retry_says_why_and_when() -> None:
    """So that nobody wonders what is being waited for."""
    assert event_text.retrying(Retrying("429 too many requests", 4.2, 1)) == (
        "429 too many requests; trying again in 4 s (try 2)"
    )
