"""Rules of a plan that need more than one file, a gate, or a file that has changed."""

from collections.abc import Callable
from typing import Any

from edits import Applied, Format, Objection, Reason, Rules, parse_reply, plan_edits

Make = Callable[..., Any]


def block(path: str, search: str, replace: str) -> str:
    return f"{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n\n"


def plan(tree: Any, reply: str, form: Format = Format.DIFF, **rules: Any) -> Any:
    rules.setdefault("chat", tree.paths())
    return plan_edits(parse_reply(reply, form), tree, Rules(**rules))


def test_one_refused_block_empties_the_plan(make_tree: Make) -> None:
    """The others are told that they fit."""
    tree = make_tree({"a.py": b"x = 1\n", "b.py": b"y = 1\n"})

    made = plan(tree, block("a.py", "x = 1\n", "x = 2\n") + block("b.py", "z = 1\n", "z = 2\n"))

    assert made.changes == ()
    assert isinstance(made.results[0], Applied)
    assert [result.path for result in made.rejected] == ["b.py"]


def test_partial_keeps_what_fits(make_tree: Make) -> None:
    """Only if it is asked for."""
    tree = make_tree({"a.py": b"x = 1\n", "b.py": b"y = 1\n"})

    made = plan(tree, block("a.py", "x = 1\n", "x = 2\n") + block("b.py", "z = 1\n", "z = 2\n"), partial=True)

    assert [(change.path, change.after) for change in made.changes] == [("a.py", b"x = 2\n")]


def no_bracket(_path: str, before: bytes, after: bytes) -> Objection | None:
    """A gate that refuses one more opening bracket."""
    return Objection("a bracket", 1, refuses=True) if after.count(b"(") > before.count(b"(") else None


def test_the_gate_sees_a_file_before_and_after_the_edits(make_tree: Make) -> None:
    """A file that was broken may stay so, and a new file is nobody's business."""
    tree = make_tree({"good.py": b"x = 1\n", "broken.py": b"( y = 1\n"})
    repeated = block("broken.py", "( y = 1\n", "( y = 2\n") + block("new.py", "", "(\n")

    refused = plan(tree, block("good.py", "x = 1\n", "x = (\n"), gate=no_bracket)
    allowed = plan(tree, repeated, gate=no_bracket)

    assert [result.reason for result in refused.rejected] == [Reason.SYNTAX]
    assert refused.changes == ()
    assert [change.path for change in allowed.changes] == ["broken.py", "new.py"]


def test_an_objection_that_refuses_nothing_is_a_note(make_tree: Make) -> None:
    """The edit is made, and its result says what the gate had to say."""
    tree = make_tree({"a.py": b"x = 1\n"})

    made = plan(
        tree,
        block("a.py", "x = 1\n", "x = 2\n"),
        gate=lambda *_: Objection("line 1 is odd", 1, refuses=False),
    )

    assert [change.after for change in made.changes] == [b"x = 2\n"]
    assert [result.note for result in made.results] == ["line 1 is odd"]


def test_the_gate_reads_every_encoding_as_utf_8(make_tree: Make) -> None:
    """In UTF-16 or Shift-JIS no grammar would find a bracket."""
    seen: list[bytes] = []
    tree = make_tree({"a.py": "x = 'é'\n".encode("utf-16")})

    plan(tree, block("a.py", "x = 'é'\n", "x = 'è'\n"), gate=lambda _, *texts: seen.extend(texts))

    assert [text.decode() for text in seen] == ["x = 'é'\n", "x = 'è'\n"]


def test_the_gate_lets_pass_what_it_cannot_judge(make_tree: Make) -> None:
    """No opinion is no refusal."""
    tree = make_tree({"a.xyz": b"x = 1\n"})

    assert not plan(tree, block("a.xyz", "x = 1\n", "x = 2\n"), gate=lambda *_: None).rejected


def test_a_whole_file_that_changed_since_it_was_shown_is_not_overwritten(make_tree: Make) -> None:
    """A block finds its own place in what stands there now; a listing would lose it."""
    tree = make_tree({"a.py": b"x = 1\ny = 1\n"})
    shown = {"a.py": b"x = 1\n"}

    listed = plan(tree, "a.py\n```\nx = 2\n```\n", Format.WHOLE, shown=shown)
    blocks = plan(tree, block("a.py", "x = 1\n", "x = 2\n"), shown=shown)

    assert [result.reason for result in listed.rejected] == [Reason.STALE]
    assert not blocks.rejected


def test_files_below_a_read_only_folder_are_read_only(make_tree: Make) -> None:
    """New ones too."""
    tree = make_tree({"vendor/a.py": b"x = 1\n"})
    reply = block("vendor/a.py", "x = 1\n", "x = 2\n") + block("vendor/b.py", "", "y\n")

    made = plan(tree, reply, read_only=frozenset(["vendor"]))

    assert [result.reason for result in made.rejected] == [Reason.READ_ONLY] * 2


def test_a_moved_file_takes_its_text_along(make_tree: Make) -> None:
    """With the edit that comes with the move."""
    tree = make_tree({"a.py": b"x = 1\n"})
    reply = "*** Begin Patch\n*** Update File: a.py\n*** Move to: b/a.py\n@@\n-x = 1\n+x = 2\n*** End Patch\n"

    made = plan(tree, reply, Format.PATCH)

    assert [(change.path, change.after, change.moved_from) for change in made.changes] == [
        ("a.py", None, None),
        ("b/a.py", b"x = 2\n", "a.py"),
    ]


def test_a_move_never_overwrites(make_tree: Make) -> None:
    """Whatever stands at the new name stays."""
    tree = make_tree({"a.py": b"x = 1\n", "b.py": b"y = 1\n"})

    made = plan(
        tree, "*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n*** End Patch\n", Format.PATCH
    )

    assert [result.reason for result in made.rejected] == [Reason.EXISTS]


def test_moved_lines_are_not_moved_twice(make_tree: Make) -> None:
    """A deletion and an insertion of the same lines: the second time both are there already."""
    tree = make_tree({"a.py": b"one = 1\ntwo = 2\nthree = 3\nfour = 4\n"})
    reply = block("a.py", "one = 1\n", "") + block("a.py", "three = 3\n", "three = 3\none = 1\n")
    (change,) = plan(tree, reply).changes
    tree.files["a.py"] = change.after

    assert change.after == b"two = 2\nthree = 3\none = 1\nfour = 4\n"
    assert plan(tree, reply).changes == ()


def test_an_edit_of_an_edit_is_not_made_twice(make_tree: Make) -> None:
    """The second block changes what the first inserted: undoing both shows that both were made."""
    tree = make_tree({"a.py": b"one = 1\ntwo = 2\n"})
    reply = block("a.py", "one = 1\n", "one = 1\nnew = 0  # later\n") + block(
        "a.py", "new = 0  # later\n", "new = 3\n"
    )
    (change,) = plan(tree, reply).changes
    tree.files["a.py"] = change.after

    assert change.after == b"one = 1\nnew = 3\ntwo = 2\n"
    assert plan(tree, reply).changes == ()
