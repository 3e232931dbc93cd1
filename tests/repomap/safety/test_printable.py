"""Text that a file, a model or git chose, made safe for one line of a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.safety.printable import escaped, escaped_lines, printable


@pytest.mark.parametrize(
    "bad",
    "\x00 \x07 \x1b \r \x9b \u061c \u200b \u202e \u2066 \ufeff \U000e0041 \udc80".split(" "),
)
def test_hidden_and_controlling_characters_are_replaced(bad: str) -> None:
    """By a mark that shows that something was there."""
    assert printable(f"a{bad}b") == "a\ufffdb"


@pytest.mark.parametrize("text", ["café", "数据", "naïve — “quoted”", "🙂", "a b"])
def test_honest_text_stays_as_it_is(text: str) -> None:
    """Letters of every script and typographic signs are harmless."""
    assert printable(text) == escaped(text) == text


@examples(200)
@given(st.text(st.characters(exclude_categories=())))
def test_an_escaped_text_shows_all_there_is(text: str) -> None:
    """Nothing unprintable is left, and nothing is lost: Python reads the escapes back."""
    shown = escaped(text)

    assert shown == "" or shown.isprintable()
    assert escaped(shown) == shown
    assert (
        eval(f'"{escaped(text.replace(chr(92), chr(92) * 2)).replace(chr(34), chr(92) + chr(34))}"') == text
    )


def test_messages_hold_no_control_characters() -> None:
    """A folder's name must not be able to paint the user's terminal."""
    assert escaped("a\x1b[2Jb\u202ec\udcff é") == r"a\x1b[2Jb\u202ec\udcff é"


def test_what_a_program_wrote_keeps_its_lines() -> None:
    """git indents lists of files by a tab, which is spread out rather than escaped."""
    assert escaped_lines(b"error: would be lost:\n\ta.txt\r\n\tb\xff.txt\n\n") == (
        "error: would be lost:\n        a.txt\n        b\ufffd.txt"
    )
