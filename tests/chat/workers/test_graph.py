"""What a plan may be: pieces that exist, depend on each other without a ring, and stay below the repository."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_cases import PLAN

from chat.workers.graph import MAX_PIECES, arranged, faults
from chat.workers.plan import Piece, WorkPlan
from chat.workers.reading import read_plan

ESCAPE = "\x1b[2J\u202e"


def piece(name: str, *after: str, files: tuple[str, ...] = ()) -> Piece:
    return Piece(id=name, goal=f"Do {name}", files=files or (f"{name}.py",), depends_on=after)


def written(**fields: Any) -> str:
    return json.dumps({"pieces": [{"id": "a", "goal": "Do it", "files": ["a.py"], **fields}]})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"files": ["../x"]}, "../x is not a path below"),
        ({"files": ["/etc/passwd"]}, "/etc/passwd is not a path below"),
        ({"files": ["src/../../x"]}, "is not a path below"),
        ({"files": ["~/.ssh/config"]}, "is not a path below"),
        ({"files": ["C:\\x"]}, "is not a path below"),
        ({"files": ["."]}, "is not a path below"),
        ({"files": ["sub/.git/hooks/pre-commit"]}, "belongs to git"),
        ({"leave_alone": ["../**"]}, "is not a path below"),
        ({"leave_alone": ["*" * 20]}, "is not a pattern"),
        ({"depends_on": ["b"]}, "depends on b, and there is no such piece"),
        ({"depends_on": ["a"]}, "in a ring: a after a"),
        ({"check": "true\nrm -r x"}, "one command on one line"),
        ({"check": f"true {ESCAPE}"}, "without characters that nobody sees"),
        ({"goal": "Do it. Stop after 2 turns."}, "would limit the work"),
        ({"goal": "Do it. " * 1000}, "too long"),
        ({"id": f"a{ESCAPE}"}, r"\\x1b[2J\\u202e"),
        ({"dependson": []}, "Additional properties"),
        ({"files": []}, "should be non-empty"),
    ],
)
def test_what_cannot_be_carried_out_is_said(fields: dict[str, Any], said: str) -> None:
    """With nothing in it that a terminal would obey."""
    plan, wrong = read_plan(written(**fields), "task")
    assert plan is None
    assert said.replace("\\\\", "\\") in " ".join(wrong).replace("\\\\", "\\")
    assert not any(mark in " ".join(wrong) for mark in "\x1b\u202e")


def test_a_ring_is_named() -> None:
    """In the order in which one waits for the other."""
    (said,) = faults(WorkPlan((piece("a", "c"), piece("b", "a"), piece("c", "b"))))
    assert said.count("after") == 3


def test_five_hundred_pieces_are_refused_at_once() -> None:
    """And said in a line."""
    rows = [{"id": f"p{number}", "goal": "x", "files": ["x"]} for number in range(500)]
    plan, wrong = read_plan(json.dumps({"pieces": rows}), "task")
    assert plan is None
    assert len(" ".join(wrong)) < 1_000
    assert faults(WorkPlan(tuple(piece(f"p{number}") for number in range(500)))) == (
        f"A plan has at most {MAX_PIECES} pieces, and this has 500.",
    )


def test_two_that_change_one_file_are_done_one_after_the_other() -> None:
    """In the order of the plan, unless they depend on each other anyway; folders hold their files."""
    plan = arranged(
        WorkPlan(
            (
                piece("a", files=("src/",)),
                piece("b", files=("./src/b.py",)),
                piece("c", "b", files=("src/c.py",)),
                piece("d", files=("docs/src/b.py",)),
            )
        )
    )
    assert {each.id: each.depends_on for each in plan.pieces} == {
        "a": (),
        "b": ("a",),
        "c": ("b",),
        "d": (),
    }


def test_a_plan_survives_being_written() -> None:
    """With the task that it is for."""
    plan, _ = read_plan(json.dumps(PLAN), "task")
    assert plan is not None
    assert read_plan(plan.to_json(), "") == (plan, ())


@given(st.permutations("abcdef"), st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10))
def test_dependencies_come_first_and_nothing_is_lost(names: list[str], edges: set[tuple[int, int]]) -> None:
    """Whatever order a plan names its pieces in; all that change one file are in a row."""
    after = {
        name: tuple("abcdef"[low] for low, high in edges if low < high and "abcdef"[high] == name)
        for name in names
    }
    plan = arranged(WorkPlan(tuple(piece(name, *after[name], files=("one.py",)) for name in names)))
    order = [each.id for each in plan.pieces]
    assert sorted(order) == list("abcdef")
    for each in plan.pieces:
        assert set(after[each.id]) <= set(each.depends_on)
        assert all(order.index(name) < order.index(each.id) for name in each.depends_on)
    assert sum(not each.depends_on for each in plan.pieces) == 1
