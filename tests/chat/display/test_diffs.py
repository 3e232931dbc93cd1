"""Unified diffs of what a plan changes, as a person reads and counts them."""

from hypothesis import given
from hypothesis import strategies as st

from chat.display.diffs import edited, line_counts, unified_diff
from edits import FileChange

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=30)


def test_one_changed_line_of_many_equal_ones_is_one_line() -> None:
    """difflib finds no match among lines that are all alike."""
    before, after = b"x\n" * 2000 + b"one\n" + b"x\n" * 2000, b"x\n" * 2000 + b"two\n" + b"x\n" * 2000

    diff = unified_diff("a.txt", before, after)

    assert line_counts(diff) == (1, 1)
    assert "@@ -1998,7 +1998,7 @@" in diff


@given(LINES, LINES, LINES, LINES)
def test_a_diff_leads_from_one_text_to_the_other(
    head: list[str], old: list[str], new: list[str], tail: list[str]
) -> None:
    """Its rows name the lines that are there, at the numbers that its headers say."""
    before, after = [*head, *old, *tail], [*head, *new, *tail]

    rows = unified_diff("a", "".join(before).encode(), "".join(after).encode()).splitlines(keepends=True)[2:]

    assert applied(before, rows) == after


def applied(lines: list[str], rows: list[str]) -> list[str]:
    """The lines after a diff, which has to fit."""
    result: list[str] = []
    at = 0
    for row in rows:
        if row.startswith("@@"):
            start = int(row.split()[1][1:].split(",")[0])
            count = int((row.split()[1] + ",1").split(",")[1])
            start -= count > 0
            result += lines[at:start]
            at = start
        elif row.startswith("+"):
            result.append(row[1:])
        else:
            assert lines[at] == row[1:]
            result += [row[1:]] * row.startswith(" ")
            at += 1
    return result + lines[at:]


def test_a_diff_is_written_in_letters_whatever_the_encoding() -> None:
    """UTF-16 is text, and a code page is not UTF-8."""
    wide = FileChange("a", "é\n".encode("utf-16"), "è\n".encode("utf-16"), encoding="utf-16-le")
    cyrillic = FileChange("b", "да\n".encode("koi8_r"), "нет\n".encode("koi8_r"), encoding="koi8_r")

    assert "-é\n+è\n" in edited(wide).diff
    assert "-да\n+нет\n" in edited(cyrillic).diff
    assert edited(FileChange("c", b"\0a", b"\0b")).diff == ""
