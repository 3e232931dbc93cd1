"""Where findings are, whatever line a model names."""

from dataclasses import replace

import pytest

from chat.review.answer import Stated
from chat.review.model import Dropped, FileText, Finding, Severity
from chat.review.placing import Ground, merged, place

TEXT = FileText(
    dict(enumerate(["def f(a):", "    if a:", "        return 1", "", "def g(a):", "    return 1"], 1)),
    is_whole=True,
)
STATED = Stated(
    path="a.py",
    line=2,
    end_line=2,
    quote="    if a:",
    severity=Severity.HIGH,
    confidence=0.9,
    title="Negated",
    why="",
    suggestion="",
)


def placed(
    changed: set[int] = frozenset({2, 3}), *, all_lines: bool = False, **fields: object
) -> Finding | Dropped:  # type: ignore[assignment]
    texts = {"a.py": TEXT}
    return place(replace(STATED, **fields), Ground(texts.get, {"a.py": changed}, all_lines))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "lines", "moved_from"),
    [
        ({}, (2, 2), None),
        ({"line": 1, "end_line": 1}, (2, 2), 1),
        ({"line": 99, "end_line": 99}, (2, 2), 99),
        ({"end_line": 3}, (2, 3), None),
        ({"end_line": 500}, (2, 6), None),
        ({"quote": "if a:"}, (2, 2), None),
        ({"quote": "    if a:\r\n        return 1\r\n"}, (2, 3), None),
        ({"quote": "     2 +|     if a:"}, (2, 2), None),
        ({"quote": "if a:\n    return 1", "line": 7, "end_line": 8}, (2, 3), 7),
        ({"quote": "return 1", "line": 5, "end_line": 5}, (3, 3), 5),
        ({"quote": "return 1", "line": 3, "end_line": 3}, (3, 3), None),
        ({"path": "./a.py"}, (2, 2), None),
    ],
)
def test_the_quote_decides(fields: dict[str, object], lines: tuple[int, int], moved_from: int | None) -> None:
    """The line named is right where the quote stands there; else the nearest place on changed lines is meant."""
    finding = placed(**fields)
    assert isinstance(finding, Finding)
    assert ((finding.line, finding.end_line), finding.moved_from) == (lines, moved_from)
    assert finding.quote.split("\n")[0] == TEXT.lines[finding.line]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"path": "b.py"}, "a file that is not part"),
        ({"quote": "while a:"}, "does not stand in the file"),
        ({"quote": ":"}, "does not stand in the file"),
        ({"quote": "def g(a):", "line": 5, "end_line": 5}, "leaves as they are"),
    ],
)
def test_what_cannot_be_placed_is_dropped(fields: dict[str, object], reason: str) -> None:
    """With the reason."""
    dropped = placed(**fields)
    assert isinstance(dropped, Dropped)
    assert reason in dropped.reason


def test_all_lines_count_where_they_are_asked_for() -> None:
    """Changed or not."""
    assert isinstance(placed(all_lines=True, quote="def g(a):", line=5, end_line=5), Finding)


def test_the_same_is_said_once() -> None:
    """The worse one counts; different faults at one line stay apart, and the worst comes first."""
    one = placed()
    assert isinstance(one, Finding)
    same = replace(one, title="The condition is negated", severity=Severity.CRITICAL, end_line=3)
    other = replace(one, title="No test", severity=Severity.LOW)
    elsewhere = replace(one, line=3, end_line=3)

    assert [each.title for each in merged([other, one, same])] == ["The condition is negated", "No test"]
    assert len(merged([one, elsewhere])) == 2
