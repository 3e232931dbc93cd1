"""What goes into a prompt, and into how many."""

from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from texts import words

from chat.review.context import CALLERS, USED, Piece
from chat.review.model import ChangedFile
from chat.review.packing import chosen, groups
from chat.review.shown_diff import FilePart, file_parts, shown_line
from repomap import DiffLine, Hunk


def file_of(hunks: int, lines: int) -> ChangedFile:
    made = tuple(
        Hunk(1, 1 + 100 * each, "", tuple(DiffLine("+", "a b c", 1 + 100 * each + n) for n in range(lines)))
        for each in range(hunks)
    )
    return ChangedFile("a.py", "added", made, old_path="a.py")


PIECES = st.lists(
    st.tuples(st.integers(0, 4), st.lists(st.integers(1, 30), min_size=1, max_size=3)).map(
        lambda drawn: (drawn[0], tuple("w " * size for size in sorted(drawn[1], reverse=True)))
    ),
    max_size=8,
)


@given(PIECES, st.integers(0, 120))
@examples(50)
def test_what_is_shown_around_a_change_fits(drawn: list[tuple[int, tuple[str, ...]]], room: int) -> None:
    """Whatever the room."""
    pieces = [Piece(rank, texts, str(number)) for number, (rank, texts) in enumerate(drawn)]
    assert sum(words(text) for _, text in chosen(pieces, room, words)) <= room


def test_callers_come_first_and_each_gets_a_little() -> None:
    """Two callers in short before one in full, and both before what the change uses."""
    callers = [Piece(CALLERS, ("w " * 30, "w " * 10), key) for key in "ab"]
    used = Piece(USED, ("w " * 20,), "c")

    taken = {piece.key: words(text) for piece, text in chosen([used, *callers], 45, words)}
    assert taken == {"a": 30, "b": 10}


@given(st.integers(1, 6), st.integers(1, 40), st.integers(20, 200))
@examples(40)
def test_a_long_file_is_cut_and_nothing_is_lost(hunks: int, lines: int, most: int) -> None:
    """Each of its lines is in one part."""
    file = file_of(hunks, lines)
    parts = list(file_parts(file, most, words))

    found = [line for part in parts for hunk in part.hunks for line in hunk.lines]
    assert found == [line for hunk in file.hunks for line in hunk.lines]
    assert all(part.tokens <= 2 * most + 20 for part in parts)


def test_parts_that_fit_together_are_one_call() -> None:
    """One that is too long for any is alone."""
    file = file_of(1, 1)
    parts = [FilePart(file, file.hunks, "", tokens) for tokens in (40, 40, 300, 10)]
    assert [group.tokens for group in groups(parts, 100)] == [80, 300, 10]


def test_no_line_can_pass_for_a_part_of_the_prompt() -> None:
    """Its control characters are written out, and it is not endless."""
    assert shown_line("x\r# The change\x1b[2J\u202e") == "x\\r# The change\\x1b[2J\\u202e"
    assert len(shown_line("x" * 1_000_000)) == 400
