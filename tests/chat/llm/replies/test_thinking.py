"""Reasoning at the beginning of a text, split off while it streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.llm.replies.thinking import ThinkingSplitter


def split(text: str, piece: int = 3) -> tuple[str, str]:
    """Reasoning and reply of a text that comes in pieces."""
    thinking = ThinkingSplitter()
    parts = [thinking.take(text[start : start + piece]) for start in range(0, len(text), piece)]
    parts.append(thinking.rest())
    return "".join(part[0] for part in parts), "".join(part[1] for part in parts)


@pytest.mark.parametrize("piece", [1, 2, 7, 100])
@pytest.mark.parametrize(
    ("text", "reasoning", "reply"),
    [
        ("<think>so</think>\n\nYes.", "so", "Yes."),
        ("\n<thinking>a < b </ c</thinking>Yes.", "a < b </ c", "Yes."),
        ("<think></think>Yes.", "", "Yes."),
        ("<think>never ends </thin", "never ends </thin", ""),
        ("Yes <think>no</think>", "", "Yes <think>no</think>"),
        ("<thin", "", "<thin"),
        ("<table>", "", "<table>"),
        ("", "", ""),
    ],
)
def test_reasoning_is_split_off(text: str, reasoning: str, reply: str, piece: int) -> None:
    """Only at the beginning, however the text is cut into pieces."""
    assert split(text, piece) == (reasoning, reply)


@given(st.text(max_size=60).filter(lambda text: not text.lstrip().startswith("<")), st.integers(1, 9))
def test_a_text_that_begins_otherwise_comes_through_unchanged(text: str, piece: int) -> None:
    """Leading white space included: it may be the indentation of code."""
    assert split(text, piece) == ("", text)
