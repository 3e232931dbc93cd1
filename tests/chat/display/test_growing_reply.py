"""A reply is cut into pieces where it cannot change any more, whatever its chunks are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.display.growing_reply import Edit, GrowingReply, Piece, Prose

BLOCK = """\
```python
<<<<<<< SEARCH
a = 1
b = 2
=======
a = 1
b = 3
>>>>>>> REPLACE
```
"""
EDIT = Edit("shop/cart.py", ("a = 1", "b = 2"), ("a = 1", "b = 3"))
REPLY = f"""\
First a *word*
of prose.

1. one

   more of one
2. two

```sh
ls

pwd
```

shop/cart.py
{BLOCK}
Done.
"""


def pieces_of(*chunks: str) -> list[Piece]:
    growing = GrowingReply()
    found = [piece for chunk in chunks for piece in growing.feed(chunk)]
    return [*found, *growing.close()]


def test_paragraphs_lists_listings_and_edits_are_pieces() -> None:
    """A list stays whole, so that its numbers go on; a blank line in a listing does not cut it."""
    assert pieces_of(REPLY) == [
        Prose("First a *word*\nof prose."),
        Prose("1. one\n\n   more of one\n2. two"),
        Prose("```sh\nls\n\npwd\n```"),
        EDIT,
        Prose("Done."),
    ]


@given(st.lists(st.integers(0, len(REPLY)), max_size=12))
def test_where_the_chunks_are_cut_makes_no_difference(cuts: list[int]) -> None:
    """Servers send words, lines or single characters."""
    edges = sorted({0, len(REPLY), *cuts})
    chunks = [REPLY[start:end] for start, end in pairwise(edges)]

    assert pieces_of(*chunks) == pieces_of(REPLY)


@pytest.mark.parametrize(
    "text",
    [
        f"`shop/cart.py`:\n{BLOCK}",
        f"**shop/cart.py**\n\n{BLOCK}",
        f"### shop/cart.py\n{BLOCK}",
        BLOCK.replace("```python\n", "```python\nshop/cart.py\n"),
        "shop/cart.py\n" + BLOCK.replace("```python\n", "").replace("```\n", ""),
    ],
    ids=["code", "bold", "heading", "inside", "no fence"],
)
def test_the_name_near_a_block_is_its_path(text: str) -> None:
    """Wherever the reply names the file."""
    assert pieces_of(text)[-1] == EDIT


def test_two_blocks_in_one_listing_are_two_edits() -> None:
    """Models do not always close the fence between two blocks of a file."""
    two = BLOCK.replace("```\n", "") + "<<<<<<< SEARCH\nc\n=======\nd\n>>>>>>> REPLACE\n```\n"

    assert pieces_of("shop/cart.py\n" + two) == [EDIT, Edit("shop/cart.py", ("c",), ("d",))]


def test_a_block_without_an_end_is_shown_as_it_is() -> None:
    """Nothing that the model wrote is hidden from its reader."""
    (piece,) = pieces_of("a.py\n<<<<<<< SEARCH\nx = 1\n")

    assert isinstance(piece, Prose)
    assert "x = 1" in piece.text


def test_what_is_being_written_is_known() -> None:
    """The terminal tells which file is on its way instead of showing raw markers."""
    growing = GrowingReply()

    growing.feed("shop/cart.py\n```python\n<<<<<<< SEARCH\na = 1\n")

    assert growing.editing == "shop/cart.py"
    assert growing.waiting == ("a = 1",)


def test_an_edit_is_shown_as_the_lines_that_differ() -> None:
    """With the lines around them that both sides have."""
    assert EDIT.diff() == [" a = 1", "-b = 2", "+b = 3"]


def test_lines_that_look_like_a_header_of_a_diff_stay() -> None:
    """Removing a comment of dashes is a removed line, not the header of a diff."""
    assert Edit("a.sql", ("-- old", "x"), ("x",)).diff() == ["--- old", " x"]


@given(
    st.lists(
        st.sampled_from(["```", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "a.py", "", "- i", "   x"])
    )
)
def test_no_line_of_a_reply_is_lost(lines: list[str]) -> None:
    """Whatever order a model writes them in, everything but the marks of edits is shown, in its order."""
    numbered = [f"{line} {n}" if line in ("- i", "   x") else line for n, line in enumerate(lines)]
    pieces = pieces_of("\n".join(numbered))

    shown = "\n".join(
        piece.text if isinstance(piece, Prose) else "\n".join([*piece.removed, *piece.added])
        for piece in pieces
    )
    words = [line.strip() for line in numbered if line.startswith(("- i", "   x"))]
    assert [line.strip() for line in shown.split("\n") if line.strip() in words] == words
