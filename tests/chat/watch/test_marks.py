"""Which comments start a turn: new ones, once."""

from chat.model import Mode
from chat.watch.comments import marked_comments
from chat.watch.marks import Marks
from chat.watch.request import request_of


def seen(marks: Marks, text: str, path: str = "a.py") -> None:
    marks.see(path, marked_comments(path, text.encode()))


def test_what_was_there_before_starts_no_turn() -> None:
    """Also when it moves; the same words a second time do."""
    marks = Marks()
    marks.settle("a.py", marked_comments("a.py", b"# old AI!\n"))
    seen(marks, "x = 1\n# old   AI!\n")
    assert not marks.are_due
    seen(marks, "# old AI!\nx = 1\n# old AI!\n")
    assert marks.are_due


def test_several_are_gathered_until_one_asks() -> None:
    """Those without a mark of their own wait for one."""
    marks = Marks()
    seen(marks, "# keep the names AI\n", "a.py")
    assert not marks.are_due
    seen(marks, "x = 1  # faster AI!\n", "b.py")
    assert {path: len(found) for path, found in marks.take().items()} == {"a.py": 1, "b.py": 1}
    assert (marks.are_due, marks.take()) == (False, {})


def test_a_comment_that_goes_again_asks_for_nothing() -> None:
    """Before it was noticed."""
    marks = Marks()
    seen(marks, "# do it AI!\n")
    seen(marks, "x = 1\n")
    assert (marks.are_due, marks.take()) == (False, {})


def test_what_was_taken_counts_once() -> None:
    """Unless the turn failed: then saving the file again asks again."""
    marks = Marks()
    seen(marks, "# do it AI!\n")
    marks.take()
    seen(marks, "# do it AI!\n")
    assert not marks.are_due
    seen(marks, "# do it AI!\n# and\nx = 1  # that AI!\n")
    marks.take()
    marks.give_back()
    seen(marks, "# do it AI!\n# and\nx = 1  # that AI!\n")
    assert marks.are_due


def test_questions_alone_change_nothing() -> None:
    """With something to do among them, all are one request."""
    question = {"a.py": marked_comments("a.py", b"x = 1  # why AI?\n")}
    both = question | {"b.py": marked_comments("b.py", b"# Make it\n# two AI!\n")}
    assert (request_of(question).mode, request_of(both).mode) == (Mode.ASK, None)
    assert request_of(both).text.endswith("a.py:1\n    # why AI?\n\nb.py:1\n    # Make it\n    # two AI!")
    assert request_of(both).paths == ("a.py", "b.py")
