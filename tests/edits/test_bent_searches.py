"""What finds a place may bend SEARCH; what is written is REPLACE as it is, or nothing."""

import html
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from edits import Format, Rules, parse_reply, plan_edits

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
Lines = tuple[str, ...]
Bend = Callable[[Lines], Lines]

WORDS = st.sampled_from(
    ["alpha", "beta", "gamma", "delta", "<b>", "a & b", "f('x')", 'g("y")', "it's", "10 km"]
)
FILE_LINES = st.lists(
    st.lists(WORDS, min_size=1, max_size=3).map(" ".join), min_size=3, max_size=7, unique=True
)
WANTED = (
    "&lt;script&gt; &copy=2;&amp;amp;|👨\u200d👩\u200d👧 family|soft\u00adhyphen|10\u00a0km|1: one|2: two|80: web"
    "|10:30 noon|3\tthree|- milk|-1,2|+ plus| indented|    deeper|“quoted”|it’s|a – b|\\\\<<<<<<< HEAD|x\u200by|plain"
    "|L12: x|é|e\u0301|trailing \t|…"
).split("|")
REPLACEMENT = st.lists(st.sampled_from([*WANTED, "443| tls"]), min_size=1, max_size=5)


def numbered(mark: str) -> Bend:
    return lambda lines: tuple(f"{row}{mark}{line}" for row, line in enumerate(lines, 2))


def each(bend: Callable[[str], str]) -> Bend:
    return lambda lines: tuple(map(bend, lines))


BENDS: dict[str, Bend] = {
    "as it is": lambda lines: lines,
    "trailing space": each(lambda line: line + "  "),
    "indented": each(lambda line: "    " + line),
    "first line indented": lambda lines: ("    " + lines[0], *lines[1:]),
    "typographic": each(lambda line: line.replace("'", "\u2019").replace('"', "\u201d")),
    "blank lines at the edges": lambda lines: ("", *lines, ""),
    "other quotes": each(lambda line: line.replace('"', "'")),
    "other spaces": each(lambda line: line.replace("(", "( ").replace(")", " )")),
    "unusual spaces": each(lambda line: line.replace(" ", "\u00a0")),
    "one unusual space": lambda lines: (lines[0].replace(" ", "\u00a0", 1), *lines[1:]),
    "invisible": each(lambda line: line[:2] + "\u200b" + line[2:]),
    "escaped": each(html.escape),
    "one escape": lambda lines: (html.escape(lines[0]), *lines[1:]),
    "numbered |": numbered("| "),
    "numbered :": numbered(": "),
    "numbered tab": numbered("\t"),
    "numbered tight": numbered("|"),
    "signed": each(lambda line: "-" + line),
    "fenced": lambda lines: ("```", *lines, "```"),
}


def written(form: Format, search: Lines, replacement: Lines) -> str:
    """A reply with one edit."""
    if form is Format.DIFF:
        parts = ("a.txt", "<<<<<<< SEARCH", *search, "=======", *replacement, ">>>>>>> REPLACE")
        return "\n".join((*parts, ""))
    hunk = (*(f"-{line}" for line in search), *(f"+{line}" for line in replacement))
    if form is Format.PATCH:
        return "\n".join(("*** Begin Patch", "*** Update File: a.txt", "@@", *hunk, "*** End Patch", ""))
    return "\n".join(("```diff", "--- a.txt", "+++ a.txt", "@@ ... @@", *hunk, "```", ""))


@QUIET
@given(
    lines=FILE_LINES,
    edges=st.tuples(st.integers(0, 6), st.integers(1, 3)),
    bend=st.sampled_from(sorted(BENDS)),
    replacement=REPLACEMENT,
    form=st.sampled_from([Format.DIFF, Format.UDIFF, Format.PATCH]),
)
def test_replace_is_written_byte_for_byte_or_not_at_all(
    lines: list[str],
    edges: tuple[int, int],
    bend: str,
    replacement: list[str],
    form: Format,
    make_tree: Callable[..., Any],
) -> None:
    """However SEARCH is bent, no byte of REPLACE is; a SEARCH whose slip REPLACE may carry, too, is refused."""
    start = min(edges[0], len(lines) - 1)
    quoted = tuple(lines[start : start + edges[1]])
    assume(not set(BENDS[bend](quoted)) & set(replacement))  # a line of both parts tells what REPLACE carries
    assume(not ("indented" in bend and replacement[0].startswith(" ")))
    tree = make_tree({"a.txt": "".join(f"{line}\n" for line in lines).encode()})
    reply = written(form, BENDS[bend](quoted), tuple(replacement))

    plan = plan_edits(parse_reply(reply, form), tree, Rules(chat=("a.txt",)))

    wanted = [*lines[:start], *replacement, *lines[start + len(quoted) :]]
    for change in plan.changes:
        assert change.after.decode() == "".join(f"{line}\n" for line in wanted)
    assert plan.changes or plan.rejected


@QUIET
@given(
    lines=FILE_LINES,
    bend=st.sampled_from(sorted(BENDS.keys() - {"fenced"})),
    more=st.lists(st.tuples(st.integers(0, 6), st.sampled_from(WANTED)), max_size=2),
    name=st.sampled_from(["a.txt", "a.md", "a.py"]),
)
def test_a_listing_is_written_byte_for_byte_or_not_at_all(
    lines: list[str], bend: str, more: list[tuple[int, str]], name: str, make_tree: Callable[..., Any]
) -> None:
    """A whole file that escapes, numbers, signs, indents or spaces its lines says so on purpose, or is refused."""
    listed = list(BENDS[bend](tuple(lines)))
    for row, line in more:
        listed.insert(row, line)
    assume(listed != lines)
    text = "".join(f"{line}\n" for line in listed)
    tree = make_tree({name: "".join(f"{line}\n" for line in lines).encode()})

    plan = plan_edits(parse_reply(f"{name}\n```\n{text}```\n", Format.WHOLE), tree, Rules(chat=(name,)))

    assert plan.rejected or [change.after.decode() for change in plan.changes] == [text]
