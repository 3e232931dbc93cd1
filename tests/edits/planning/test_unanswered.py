"""Which refusals a later reply leaves open."""

from collections.abc import Callable
from typing import Any

import pytest

from edits import ChangedTree, Format, Rejected, Rules, parse_reply, plan_edits, unanswered

Leave = Callable[..., list[str]]

FILES = {
    "a.py": b"first = 1\nsecond = 2\nlast = 9\n",
    "b.py": b"third = 3\n",
    "locked.py": b"key = 0\n",
}


def block(path: str, search: str, replace: str) -> str:
    """A SEARCH/REPLACE block."""
    return f"{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n\n"


FITS = block("a.py", "last = 9\n", "last = 10\n")
BAD_FIRST = block("a.py", "first = 7\n", "first = 11\n")
BAD_SECOND = block("a.py", "second = 7\n", "second = 22\n")
BAD_THIRD = block("b.py", "third = 7\n", "third = 33\n")
GOOD_FIRST = block("a.py", "first = 1\n", "first = 11\n")
GOOD_SECOND = block("a.py", "second = 2\n", "second = 22\n")
GOOD_THIRD = block("b.py", "third = 3\n", "third = 33\n")


@pytest.fixture
def left(make_tree: Callable[..., Any]) -> Leave:
    """What is open after two replies, by what the SEARCH parts of the refused blocks begin with."""

    def after(first: str, second: str) -> list[str]:
        tree = make_tree(FILES)
        rules = Rules(chat=("a.py", "b.py"), read_only=frozenset(["locked.py"]), partial=True)
        earlier = plan_edits(parse_reply(first, Format.DIFF), tree, rules)
        later_tree = ChangedTree(tree, earlier.changes)
        later = plan_edits(parse_reply(second, Format.DIFF), later_tree, rules)
        assert earlier.rejected
        return [_word(refusal) for refusal in unanswered(earlier.rejected, later.results)]

    return after


def _word(refusal: Rejected) -> str:
    change: Any = refusal.block.change if hasattr(refusal.block, "change") else None
    return str(change.readings[0].search[0].split()[0])


@pytest.mark.parametrize(
    ("first", "second", "still_open"),
    [
        (FITS + BAD_FIRST, "All done.", ["first"]),
        (BAD_FIRST, GOOD_FIRST, []),
        (BAD_FIRST + BAD_THIRD, GOOD_FIRST, ["third"]),
        (BAD_FIRST + BAD_SECOND, GOOD_SECOND, ["first"]),
        (BAD_FIRST + BAD_SECOND, GOOD_SECOND + GOOD_FIRST, []),
        (FITS + BAD_FIRST, FITS, ["first"]),
        (FITS + BAD_FIRST, FITS + GOOD_FIRST, []),
        (BAD_FIRST, GOOD_THIRD, ["first"]),
    ],
    ids=[
        "no edits",
        "sent again so that it fits",
        "the other file was passed over",
        "the other edit of the file was passed over",
        "both, in another order",
        "only what had fitted before",
        "all of the first reply",
        "an edit of another file",
    ],
)
def test_a_refusal_stays_until_its_own_change_is_made(
    left: Leave, first: str, second: str, still_open: list[str]
) -> None:
    """Whatever else the later reply holds."""
    assert left(first, second) == still_open


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (BAD_FIRST + BAD_SECOND, block("a.py", "first = 1\nsecond = 2\n", "first = 11\nsecond = 22\n")),
        (BAD_FIRST, block("a.py", "second = 2\n", "second = 5\n")),
        (block("locked.py", "key = 0\n", "key = 5\n"), block("new.py", "", "key = 5\n")),
        (BAD_FIRST, block("a.py", "first = 6\n", "first = 11\n")),
    ],
    ids=["joined in one block", "another edit of the same place", "in another file", "refused anew"],
)
def test_a_change_may_be_sent_in_another_shape(left: Leave, first: str, second: str) -> None:
    """Asking again for what was made would cost a call and end the turn as a failure."""
    assert left(first, second) == []
