"""What a refusal says: which block, where, and what to send instead, in a few hundred tokens."""

from collections.abc import Callable
from typing import Any

from edits import Format, Rules, parse_reply, plan_edits

FILE = "".join(
    f"def f{number}(value):\n    total = value + {number}\n    return total\n\n\n" for number in range(400)
)


def message(
    make_tree: Callable[..., Any], search: str, replace: str = "x = 1\n", files: dict[str, str] | None = None
) -> str:
    files = files or {"a.py": FILE}
    reply = f"Here:\n\na.py\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"
    tree = make_tree({name: text.encode() for name, text in files.items()})
    (refused,) = plan_edits(parse_reply(reply, Format.DIFF), tree, Rules(chat=tuple(files))).rejected
    return refused.message


def test_the_nearest_lines_are_shown_with_their_numbers(make_tree: Callable[..., Any]) -> None:
    """And with what differs, line by line."""
    said = message(make_tree, "def f77(value):\n    total = value - 77\n    return total\n")

    assert "a.py (reply line 4)" in said
    assert "lines 386-388" in said
    assert "-    total = value - 77" in said
    assert "+    total = value + 77" in said


def test_a_line_with_a_typo_is_found_by_its_words(make_tree: Callable[..., Any]) -> None:
    """Where no line stands in the file, rare words tell the place."""
    said = message(make_tree, "def f77(valeu):\n", files={"a.py": FILE})

    assert "lines 386-386" in said


def test_text_that_resembles_nothing_says_so(make_tree: Callable[..., Any]) -> None:
    """No place is made up."""
    assert "No line of the file" in message(make_tree, "class Unheard:\n    color = 'blue'\n")


def test_places_of_an_ambiguity_are_numbered(make_tree: Callable[..., Any]) -> None:
    """A few of them, with what stands above."""
    said = message(make_tree, "    return total\n")

    assert "lines 3, 8, 13" in said
    assert "def f0(value):" in said


def test_another_file_with_the_text_is_named(make_tree: Callable[..., Any]) -> None:
    """A block is not tried there, but the model is told."""
    said = message(make_tree, "only = 'here'\n", files={"a.py": "x = 1\n", "b.py": "only = 'here'\n"})

    assert "They are in b.py" in said


def test_a_message_stays_short(make_tree: Callable[..., Any]) -> None:
    """However long the block and its lines are."""
    search = "".join(f"def f{number}(value):\n    total = {'x' * 900}\n" for number in range(100))

    assert len(message(make_tree, search)) < 6000
