"""Where lines stand in a text, after any number of edits."""

from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from edits.text import line_index
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, LOOSE, RAW, STRIPPED, TRAILING

LINES = st.lists(st.sampled_from(["", "a", " a", "a ", "b", "  b", "x = 1", "x  = 1,"]), max_size=12)


def places(index: LineIndex, wanted: list[str], level: int) -> list[int]:
    """What `find` must return, computed line by line."""
    keys = [line_index.key(line, level) for line in index.lines]
    sought = [line_index.key(line, level) for line in wanted]
    return [
        at for at in range(len(keys) - len(sought) + 1) if sought and keys[at : at + len(sought)] == sought
    ]


@examples(60)
@given(LINES, st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), LINES), max_size=4), st.lists(LINES))
def test_an_index_that_was_carried_along_answers_like_a_new_one(
    lines: list[str], edits: list[tuple[int, int, list[str]]], searches: list[list[str]]
) -> None:
    """At every level, before and after each splice, however often it is asked."""
    index = LineIndex(lines)
    for at, size, new in [(0, 0, []), *edits]:
        start = min(at, len(index.lines))
        end = min(start + size, len(index.lines))
        after = [*index.lines[:start], *new, *index.lines[end:]]
        index = index.spliced([(start, end, tuple(new))], after)
        assert list(index.lines) == after
        for level in (RAW, TRAILING, STRIPPED, FOLDED, LOOSE):
            for search in searches:
                assert index.find(search[:3], level) == places(index, search[:3], level)


def test_the_lines_that_stay_are_not_read_again() -> None:
    """A reply of thousands of blocks for one file would take the square of their number."""
    lines = [f"  value_{number} = {number}" for number in range(500)]
    index = LineIndex(lines)
    index.find(["value_9 = 9"], STRIPPED)
    known = index.keys(STRIPPED)

    index = index.spliced([(9, 10, ("x",))], [*lines[:9], "x", *lines[10:]])

    assert all(new is old for new, old in zip(index.keys(STRIPPED)[10:], known[10:], strict=True))
