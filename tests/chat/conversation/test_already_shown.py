"""What a prompt shows of a file already: it is not sent again, and never claimed of what has changed."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from chat.conversation.already_shown import known_lines, without_known
from chat.conversation.conversation import Span
from chat.conversation.excerpts import merge_spans, points_back, show
from chat.model import Message

PATH = "src/app.py"
FILE = "".join(f"statement_{row} = compute({row})\n" for row in range(1, 101))


def shown(text: str, *spans: Span, path: str = PATH) -> Message:
    return Message("user", f"Here it is.\n\n{show(path, text, spans or None)}\nAnd so on.")


def test_what_was_shown_is_known() -> None:
    """Whole or in part, where the message is the user's."""
    assert known_lines([shown(FILE)], PATH, FILE) == ((1, 100),)
    assert known_lines([shown(FILE, (11, 40), (61, 90))], PATH, FILE) == ((11, 40), (61, 90))
    assert known_lines([shown(FILE, path="other.py")], PATH, FILE) == ()
    assert known_lines([Message("assistant", shown(FILE).text)], PATH, FILE) == ()


def test_parts_that_overlap_are_one() -> None:
    """What was shown at two times."""
    assert known_lines([shown(FILE, (1, 50)), shown(FILE, (45, 80))], PATH, FILE) == ((1, 80),)


def test_short_runs_are_sent_again() -> None:
    """A file in shreds is hard to read."""
    assert known_lines([shown(FILE, (1, 10), (15, 24))], PATH, FILE) == ()


def test_a_changed_line_is_not_known() -> None:
    """Those around it are."""
    now = FILE.replace("compute(50)", "compute(0)")

    assert known_lines([shown(FILE)], PATH, now) == ((1, 49), (51, 100))


def test_where_lines_were_taken_out_the_ones_around_are_not_known() -> None:
    """Else a mark that says "as shown above" would stand for them too."""
    rows = FILE.splitlines(keepends=True)

    assert known_lines([shown(FILE)], PATH, "".join(rows[:50] + rows[60:])) == ((1, 49), (52, 90))
    assert known_lines([shown(FILE)], PATH, "".join(rows[:-10])) == ((1, 89),)
    assert known_lines([shown(FILE)], PATH, "".join(rows[10:])) == ((2, 90),)


def test_what_was_shown_otherwise_since_is_not_known() -> None:
    """The newest showing of a place counts, although an older one is right again."""
    other = FILE.replace("compute(50)", "compute(0)")

    assert known_lines([shown(FILE), shown(other, (31, 70))], PATH, FILE) == ((1, 49), (51, 100))


def test_what_a_reply_touched_since_is_not_known() -> None:
    """It may have changed it, and somebody have put it back."""
    reply = Message(
        "assistant", f"{PATH}\n<<<<<<< SEARCH\nstatement_50 = compute(50)\n=======\n>>>>>>> REPLACE"
    )
    elsewhere = Message("assistant", reply.text.replace(PATH, "lib/other.rb"))

    assert known_lines([shown(FILE), reply], PATH, FILE) == ((1, 49), (51, 100))
    assert known_lines([shown(FILE), elsewhere], PATH, FILE) == ((1, 100),)
    assert known_lines([shown(FILE), reply, shown(FILE)], PATH, FILE) == ((1, 100),)


def test_only_what_is_new_is_sent_and_marks_tell_of_the_rest() -> None:
    """With some known lines around it; "above" is said of nothing that was left out."""
    known = ((1, 60),)
    new = without_known([(1, 80)], known, 100)
    text = show(PATH, FILE, new, known)

    assert new == ((53, 80),)
    assert "⋮ lines 1-52 as shown above" in text
    assert "⋮ lines 81-100 left out" in text
    assert points_back(text)
    assert without_known([(5, 40)], known, 100) == ()


LINES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=90)
CHANGES = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 4), st.lists(st.sampled_from("abxy"), max_size=4)),
    max_size=3,
)


@given(LINES, CHANGES, st.lists(st.tuples(st.integers(1, 90), st.integers(1, 60)), max_size=3))
def test_known_lines_stand_in_what_was_shown_one_after_the_other(
    rows: list[str], edits: list[tuple[int, int, list[str]]], parts: list[tuple[int, int]]
) -> None:
    """Whatever was changed since, and whatever lines are alike."""
    now = list(rows)
    for at, taken_out, put_in in edits:
        now[at : at + taken_out] = put_in
    spans = [(first, min(len(rows), first + size)) for first, size in parts if first <= len(rows)]
    text = "".join(f"{row}\n" for row in rows)
    listed = show(PATH, text, merge_spans(spans) if spans else None)

    known = known_lines([Message("user", listed)], PATH, "".join(f"{row}\n" for row in now))

    for first, last in known:
        assert "\n".join(["", *now[first - 1 : last], ""]) in listed
    assert all(before[1] < after[0] for before, after in itertools.pairwise(known))
