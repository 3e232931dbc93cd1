"""No text of a stranger reaches a terminal with anything in it that the terminal obeys."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.safety.printable import StreamCleaner, on_one_line, without_escapes

HOSTILE = st.text(
    alphabet=st.one_of(st.sampled_from("\x1b[]\\;0m2JH\x07\x9b\x9c\x9d\x90P\r\n\t a\u202e"), st.characters())
)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]52;c;aGk=\x1b\\text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x1b[2J\x1b[Hb", "ab"),
        ("\x9b31mred", "red"),
        ("\x1bP1$r\x1b\\x", "x"),
        ("\x1b(0q", "q"),
        ("rm -rf /\rls      ", "rm -rf /\nls      "),
        ("one\r\ntwo", "one\ntwo"),
        ("a\x08b\x7fc\x00", "abc"),
        ("if access\u202e\u2066// check", "if access// check"),
        ("\ttab é 漢 🙂", "\ttab é 漢 🙂"),
        ("\udce9", "\ufffd"),
        ("\x1b]0;never ended\nthe next line", "\nthe next line"),
    ],
)
def test_control_sequences_go_and_text_stays(hostile: str, shown: str) -> None:
    """Whole sequences go, not their first character alone, so that no rubbish is left."""
    assert without_escapes(hostile) == shown


@given(HOSTILE)
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    """Of all control characters only tab and line feed come through, and cleaning again changes nothing."""
    cleaned = without_escapes(text)

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", cleaned)
    assert without_escapes(cleaned) == cleaned


@given(HOSTILE, st.lists(st.integers(0, 200), max_size=5))
def test_chunks_are_cleaned_as_the_whole_would_be(text: str, cuts: list[int]) -> None:
    """A model's server may cut a sequence anywhere."""
    cleaner = StreamCleaner()
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})

    chunks = [cleaner.feed(text[start:end]) for start, end in pairwise(edges)]

    assert "".join([*chunks, cleaner.close()]) == without_escapes(text)


def test_a_name_with_a_line_feed_stays_on_its_line() -> None:
    """A file may be called anything; a status line must not be forged by it."""
    assert on_one_line("a\nCommitted 123\x1b[2J") == "a Committed 123"
    assert len(on_one_line("x" * 1000)) == 200
