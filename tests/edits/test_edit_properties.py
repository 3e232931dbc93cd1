"""What must hold for every reply and every text, tried by Hypothesis.

`make fuzz` tries each with 10,000 examples.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from edits import Format, GrowingReply, Reason, Rules, parse_reply, plan_edits, render_blocks, render_patch
from edits.errors import NotRenderable
from edits.model import EditBlock, NameHint, Reading, Replace, Write
from edits.text.file_text import decode, encode

PIECES = """<<<<<<< SEARCH|=======|>>>>>>> REPLACE|```|```python|````|a.py|b.py|`a.py`:|x = 1|y = 0|    x = 1|| |...
# ... existing code ...|--- a.py|+++ a.py|@@ -1,1 +1,1 @@|@@ ... @@|-x = 1|+x = 2| y = 0|<think>|</think>|1: x = 1
*** Begin Patch|*** Update File: a.py|*** Add File: c.py|*** Delete File: a.py|*** Move to: d.py|*** End Patch
x = &lt;1|../e.py|/etc/passwd|\ufeff|\u200b|x = \u2019|\x00|\r""".replace("\n", "|").split("|")
LINES = st.one_of(st.sampled_from(PIECES), st.text(max_size=12))
REPLIES = st.lists(LINES, max_size=24).map("\n".join)
TEXTS = st.lists(
    st.sampled_from(["x = 1", "y = 0", "    x = 1", "", "z", "# c", "...", "```"]), max_size=8
).map(lambda lines: "".join(f"{line}\n" for line in lines))
FORMATS = st.sampled_from(list(Format))
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=10)
CODE = st.lists(st.text(st.sampled_from("ab (=)#.-+*<>`~@ "), max_size=9), max_size=6).map(tuple)


def apply(tree: Any, reply: str, form: Format) -> Any:
    plan = plan_edits(parse_reply(reply, form), tree, Rules(chat=("a.py", "b.py")))
    for change in plan.changes:
        tree.files.pop(change.path, None)
        if change.after is not None:
            tree.files[change.path] = change.after
    return plan


@QUIET
@given(reply=REPLIES, first=TEXTS, second=TEXTS, form=FORMATS)
def test_no_reply_makes_it_raise(
    reply: str, first: str, second: str, form: Format, make_tree: Callable[..., Any]
) -> None:
    """Whatever a reply says, the answer is a plan, and a plan with a refusal writes nothing."""
    tree = make_tree({"a.py": first.encode(), "b.py": second.encode()})

    plan = apply(tree, reply, form)

    assert not (plan.rejected and plan.changes)
    assert all(result.message for result in plan.rejected)
    assert not any(change.path.startswith(("..", "/")) for change in plan.changes)


@QUIET
@given(reply=REPLIES, form=FORMATS, cuts=st.lists(st.integers(0, 400), max_size=6))
def test_a_growing_reply_reads_as_the_whole(reply: str, form: Format, cuts: list[int]) -> None:
    """However a reply is cut into pieces, what is read in the end is the same."""
    growing = GrowingReply(form)
    edges = [0, *sorted(min(cut, len(reply)) for cut in cuts), len(reply)]
    for start, end in pairwise(edges):
        growing.feed(reply[start:end])
        growing.read()

    assert growing.read() == parse_reply(reply, form)


@QUIET
@given(parts=st.tuples(TEXTS, TEXTS, TEXTS), search=TEXTS, replace=TEXTS)
def test_text_that_stands_twice_is_never_changed(
    parts: tuple[str, str, str], search: str, replace: str, make_tree: Callable[..., Any]
) -> None:
    """A SEARCH with two places that agree to the letter is refused, or its result is there already."""
    assume(search.strip())
    tree = make_tree({"a.py": search.join(parts).encode()})

    plan = apply(tree, f"a.py\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n", Format.DIFF)

    assert not plan.changes


@QUIET
@given(before=TEXTS, search=TEXTS, replace=TEXTS)
@example(before="x = 1\ny = 0\ny = 0\ny = 0\n    x = 1\n", search="x = 1\n", replace="y = 0\n\n")
def test_an_edit_applied_twice_changes_nothing_more(
    before: str, search: str, replace: str, make_tree: Callable[..., Any]
) -> None:
    """The second time it is there already, or refused; else it would not have been made at all."""
    reply = f"a.py\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"
    tree = make_tree({"a.py": before.encode()})
    apply(tree, reply, Format.DIFF)

    assert apply(tree, reply, Format.DIFF).changes == ()


@given(search=CODE, replace=CODE, name=st.sampled_from(["a.py", "src/x-1.rs", "Makefile", "docs/page.md"]))
def test_rendered_blocks_read_as_themselves(
    search: tuple[str, ...], replace: tuple[str, ...], name: str
) -> None:
    """parse(render(edit)) = edit, in the format of the blocks."""
    block = edit(name, search, replace)
    try:
        text = render_blocks([block])
    except NotRenderable:
        return

    assert [content(each) for each in parse_reply(text, Format.DIFF).blocks] == [content(block)]


@given(edits=st.lists(st.tuples(CODE, CODE), min_size=1, max_size=4))
def test_a_rendered_patch_reads_as_itself(edits: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    """parse(render(edits)) = edits, in a patch, for any lines: markers and fences too."""
    blocks = [edit(f"f{number}.py", search, replace) for number, (search, replace) in enumerate(edits)]
    assume(all(changes(each) for each in blocks))

    read = parse_reply(render_patch(blocks), Format.PATCH)

    assert [content(each) for each in read.blocks] == [content(each) for each in blocks]


@given(st.binary(max_size=200))
def test_bytes_survive_reading(data: bytes) -> None:
    """Whatever its encoding, a file's bytes come back."""
    assert encode(decode(data)) == data


@QUIET
@given(
    above=st.lists(WORDS, max_size=5),
    below=st.lists(WORDS, max_size=5),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
    final=st.booleans(),
)
def test_bytes_outside_an_edit_stay(
    above: list[str], below: list[str], end: str, encoding: str, final: bool, make_tree: Callable[..., Any]
) -> None:
    """In every encoding and newline style an edit changes its own lines alone."""
    head, tail = end.join([*above, ""]), end.join(["", *below]) + (end if final else "")
    try:
        before = (head + "UNIQUE-LINE" + tail).encode(encoding)
        wanted = (head + "NEW-LINE" + tail).encode(encoding)
    except UnicodeEncodeError:
        return
    tree = make_tree({"a.py": before})

    plan = apply(tree, "a.py\n<<<<<<< SEARCH\nUNIQUE-LINE\n=======\nNEW-LINE\n>>>>>>> REPLACE\n", Format.DIFF)

    assert tree.files["a.py"] == wanted, plan


@pytest.mark.parametrize("length", range(0, 300, 7))
def test_a_reply_cut_anywhere_is_not_complete(length: int, make_tree: Callable[..., Any]) -> None:
    """A reply whose end is missing is refused as cut off, and nothing of it is written."""
    block = "a.py\n```python\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n"
    reply = (block + block.replace("x = ", "y = "))[:length]
    tree = make_tree({"a.py": b"x = 1\ny = 1\n"})

    plan = plan_edits(parse_reply(reply, Format.DIFF, finished=False), tree, Rules(chat=("a.py",)))

    assert plan.changes == ()
    assert plan.rejected
    assert {result.reason for result in plan.rejected} == {Reason.CUT_OFF}


def edit(name: str, search: tuple[str, ...], replace: tuple[str, ...]) -> EditBlock:
    filled = any(line.strip() for line in search)
    change = Replace((Reading(search, replace),)) if filled else Write((replace,), new=True)
    return EditBlock((NameHint((name,), declared=True),), change, 1)


def changes(block: EditBlock) -> bool:
    change = block.change
    if isinstance(change, Write):
        return bool(change.texts[0]) and any(line.strip() for line in change.texts[0])
    reading = change.readings[0] if isinstance(change, Replace) else None
    return reading is not None and reading.search != reading.replace


def content(block: Any) -> Any:
    change = block.change
    what = change.readings[0] if isinstance(change, Replace) else change.texts[0]
    return block.name, type(change), what
