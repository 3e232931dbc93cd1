"""The pieces of a plan as a graph: what is wrong with it, and an order in which dependencies come first. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from chat.permissions.rule import BadRule, parse_rule
from chat.workers.plan import Piece, WorkPlan
from repomap import escaped, hides_something

MAX_PIECES = 64
_MAX_FAULTS = 20
_MAX_NAMES = 10
_OUTSIDE = re.compile(r"[/~\\]|[A-Za-z]:|(?:.*/)?\.\.(?:/|\Z)|\.?/*\Z")
"""Not below a folder; or the folder itself."""
_OF_GIT = re.compile(r"(?:.*/)?\.git(?:/|\Z)", re.IGNORECASE)


def faults(plan: WorkPlan) -> tuple[str, ...]:
    """Return what is wrong with a plan that fits the schema, a sentence each; none where it can be carried out."""
    if len(plan.pieces) > MAX_PIECES:
        return (f"A plan has at most {MAX_PIECES} pieces, and this has {len(plan.pieces)}.",)
    found = [*_of_names(plan), *(fault for piece in plan.pieces for fault in _of_piece(piece))]
    if not found:
        found = list(_of_cycles(plan))
    rest = len(found) - _MAX_FAULTS
    return (*found[:_MAX_FAULTS], *([f"… and {rest} more"] if rest > 0 else []))


def _of_names(plan: WorkPlan) -> Iterator[str]:
    names = [piece.id for piece in plan.pieces]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"Two pieces are called {escaped(name)}."
    for piece in plan.pieces:
        for name in piece.depends_on:
            if name not in names:
                yield f"{escaped(piece.id)}: it depends on {escaped(name)}, and there is no such piece."


def _of_piece(piece: Piece) -> Iterator[str]:
    name = escaped(piece.id)
    for path in (*piece.files, *piece.leave_alone):
        if _OUTSIDE.match(path) or "\0" in path:
            yield f"{name}: {escaped(path)} is not a path below the top of the repository."
        elif _OF_GIT.match(path):
            yield f"{name}: {escaped(path)} belongs to git."
    for pattern in piece.leave_alone:
        try:
            parse_rule(rule_against(pattern))
        except BadRule:
            yield f"{name}: {escaped(pattern)} is not a pattern of files."
    if "\n" in piece.check or hides_something(piece.check):
        yield f"{name}: a check is one command on one line, without characters that nobody sees."


def rule_against(pattern: str) -> str:
    """Return the rule of permission that keeps a worker from changing files.

    >>> rule_against("migrations/**")
    'Edit(migrations/**)'
    """
    return f"Edit({pattern})"


def _of_cycles(plan: WorkPlan) -> Iterator[str]:
    try:
        TopologicalSorter({piece.id: piece.depends_on for piece in plan.pieces}).prepare()
    except CycleError as error:
        ring: Sequence[str] = error.args[1][:_MAX_NAMES]
        yield f"Pieces depend on each other in a ring: {' after '.join(map(escaped, reversed(ring)))}."


def arranged(plan: WorkPlan) -> WorkPlan:
    """Return a plan without faults in an order in which dependencies come first, otherwise in its own.

    Of two pieces that change the same file and do not depend on each other, the later depends on the earlier then.
    """
    pieces = _sorted(plan.pieces)
    before: dict[str, frozenset[str]] = {}
    done: list[Piece] = []
    for piece in pieces:
        known = _all_before(piece, before)
        added = [each.id for each in done if each.id not in known and shared_files(each, piece)]
        # the one that waits for others of them waits for all that they wait for
        needed = [name for name in added if not any(name in before[other] for other in added)]
        done.append(replace(piece, depends_on=(*piece.depends_on, *needed)))
        before[piece.id] = _all_before(done[-1], before)
    return WorkPlan(tuple(done), plan.task)


def _all_before(piece: Piece, before: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(piece.depends_on).union(*(before[name] for name in piece.depends_on))


def _sorted(pieces: Sequence[Piece]) -> list[Piece]:
    place = {piece.id: number for number, piece in enumerate(pieces)}
    sorter = TopologicalSorter({piece.id: piece.depends_on for piece in pieces})
    sorter.prepare()
    found, ready = list[Piece](), list[str]()
    while sorter.is_active():
        ready = sorted((*ready, *sorter.get_ready()), key=place.__getitem__)
        found.append(pieces[place[ready[0]]])
        sorter.done(ready.pop(0))
    return found


def shared_files(one: Piece, other: Piece) -> tuple[str, ...]:
    """Return the files of the second that the first changes, too; a folder stands for all in it.

    >>> a, b = Piece(id="a", goal="", files=("src/", "x")), Piece(id="b", goal="", files=("src/b.py",))
    >>> shared_files(a, b)
    ('src/b.py',)
    """
    return tuple(path for path in other.files if any(_overlap(path, each) for each in one.files))


def _overlap(one: str, other: str) -> bool:
    first, second = f"{_normal(one)}/", f"{_normal(other)}/"
    return first.startswith(second) or second.startswith(first)


def _normal(path: str) -> str:
    return path.removeprefix("./").rstrip("/")
