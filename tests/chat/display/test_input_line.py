"""What a typed line means: a command or a message, its words, the files that it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.display.input_line import (
    TypedCommand,
    is_open,
    mentions,
    quoted,
    read_command,
    split_words,
    without_braces,
    without_mention,
)
from chat.errors import UsageError


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/map", TypedCommand("map", "")),
        ("  /add a.py  b.py ", TypedCommand("add", "a.py  b.py")),
        ("/ASK why\nreally", TypedCommand("ask", "why\nreally")),
        ("!ls -l | wc", TypedCommand("!", "ls -l | wc")),
        ("/usr/bin/env fails, why?", None),
        ("// is a comment in C", None),
        ("/add.py is broken", None),
        ("fix /map", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_command_is_a_slash_and_a_word(text: str, line: TypedCommand | None) -> None:
    """A message may begin with a path, and it must reach the model."""
    assert read_command(text) == line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("a.py 'b c.py' \"d e.py\"", ("a.py", "b c.py", "d e.py")),
        (r"src\new\app.py", (r"src\new\app.py",)),
        ("a#b.py", ("a#b.py",)),
        ("", ()),
    ],
)
def test_words_are_split_as_paths_need_it(arguments: str, words: tuple[str, ...]) -> None:
    """A backslash is part of a path on Windows, a hash part of a name."""
    assert split_words(arguments) == words


def test_an_open_quote_is_told() -> None:
    """Guessing where it ends could add the wrong file."""
    with pytest.raises(UsageError, match="quote is not closed"):
        split_words("it's")


@given(st.text(st.characters(exclude_characters="\"'\0", exclude_categories=["Cs"]), min_size=1))
def test_a_quoted_word_is_read_back(word: str) -> None:
    """What /save writes, /load reads."""
    assert split_words(quoted(word)) == (word,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("look at @shop/cart.py, please", ("shop/cart.py",)),
        ("(@a.py) and @b.py.", ("a.py", "b.py")),
        ('see @"a name.md"', ("a name.md",)),
        ("write to me@example.org", ()),
        ("@a.py and @a.py", ("a.py",)),
    ],
)
def test_files_are_named_with_an_at_sign(text: str, found: tuple[str, ...]) -> None:
    """Punctuation behind a name does not belong to it; an address is none."""
    assert mentions(text) == found


def test_the_model_reads_the_plain_name() -> None:
    """The sign is for us; other names that begin alike stay."""
    assert without_mention("@a.py and @a.pyi", "a.py") == "a.py and @a.pyi"
    assert without_mention('see @"a b.md"', "a b.md") == "see a b.md"


@pytest.mark.parametrize(
    ("text", "waits", "inside"),
    [
        ("{\none\ntwo\n}", False, "one\ntwo"),
        ("{\none", True, "{\none"),
        ("{x\n}\nx}", False, "}"),
        ("{x\n}", True, "{x\n}"),
        ('{"json": 1}', False, '{"json": 1}'),
        ("plain", False, "plain"),
    ],
)
def test_braces_hold_a_message_of_several_lines(text: str, waits: bool, inside: str) -> None:
    """Only a brace that stands alone in its line opens a block."""
    assert is_open(text) is waits
    assert without_braces(text) == inside
