"""A diff is read in every form that git, diff and web pages give it, and nothing else is taken for one."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.impact.diff import FileDiff, parse_diff

BODY = "@@ -1,3 +1,3 @@ def head():\n one\n-two\n+2\n three\n"


@pytest.mark.parametrize(
    ("header", "old", "new"),
    [
        ("diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n", "x.py", "x.py"),
        ("--- a/x.py\n+++ b/x.py\n", "x.py", "x.py"),
        ("--- x.py\t2026-01-01 00:00:00\n+++ x.py\t2026-01-02 00:00:00\n", "x.py", "x.py"),
        ("diff --git i/x.py w/x.py\n--- i/x.py\n+++ w/x.py\n", "x.py", "x.py"),
        ("--- /dev/null\n+++ b/new.py\n", None, "new.py"),
        ("--- a/old.py\n+++ /dev/null\n", "old.py", None),
        ('--- "a/caf\\303\\251.py"\n+++ "b/caf\\303\\251.py"\n', "café.py", "café.py"),
        ("--- a/two words.py\t\n+++ b/two words.py\t\n", "two words.py", "two words.py"),
        ("From: somebody\nSubject: x\n\n---\n x.py | 2 +-\n\n--- a/x.py\n+++ b/x.py\n", "x.py", "x.py"),
    ],
)
def test_the_paths_of_both_sides_are_read(header: str, old: str | None, new: str | None) -> None:
    """With prefixes or without, quoted, with times, after a letter; a missing side is None."""
    (file,) = parse_diff(header + BODY)
    assert (file.old_path, file.new_path) == (old, new)
    (hunk,) = file.hunks
    assert (hunk.old, hunk.new) == (("one", "two", "three"), ("one", "2", "three"))
    assert (hunk.old_changed, hunk.new_changed) == ((1,), (1,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n",
            FileDiff("a.py", "b.py"),
        ),
        (
            "diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n",
            FileDiff("x.png", "x.png", kind="binary"),
        ),
        ("diff --git a/run b/run\nold mode 100644\nnew mode 100755\n", FileDiff("run", "run")),
        ("diff --git a/e b/e\nnew file mode 100644\nindex 0..e69de29\n", FileDiff(None, "e")),
        ("diff --git a/e b/e\ndeleted file mode 100644\nindex e69de29..0\n", FileDiff("e", None)),
    ],
)
def test_files_without_hunks_are_read(text: str, expected: FileDiff) -> None:
    """Renames, binary files, changes of the mode, empty files."""
    assert parse_diff(text) == (expected,)


def test_colours_line_ends_and_missing_ends_do_not_matter() -> None:
    """As a terminal, Windows and a cut clipboard give them."""
    plain = parse_diff("--- a/x.py\n+++ b/x.py\n" + BODY)
    coloured = "\x1b[1m--- a/x.py\x1b[m\n\x1b[1m+++ b/x.py\x1b[m\n" + BODY.replace("+2", "\x1b[32m+2\x1b[m")
    assert parse_diff(coloured) == plain
    assert parse_diff(("--- a/x.py\n+++ b/x.py\n" + BODY).replace("\n", "\r\n")) == plain
    assert parse_diff("--- a/x.py\n+++ b/x.py\n" + BODY.rstrip("\n")) == plain


def test_a_hunk_says_whether_lines_of_it_are_missing() -> None:
    """The header counts them."""
    for body, is_cut in (("-a\n+b\n", False), ("-a\n", True), ("-a\nelse\n", True)):
        (file,) = parse_diff(f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n{body}")
        assert file.hunks[0].is_cut is is_cut


def test_a_merge_has_the_lines_of_its_result() -> None:
    """`git diff` in a merge has one column of marks for each parent."""
    text = "diff --cc x.py\nindex 1,2..3\n--- a/x.py\n+++ b/x.py\n@@@ -1,2 -1,2 +1,2 @@@\n  one\n- two\n -2\n++both\n"
    (file,) = parse_diff(text)
    assert file.hunks[0].new == ("one", "both")
    assert file.hunks[0].new_changed == (1,)


def test_lines_that_look_like_headers_belong_to_their_hunk() -> None:
    """A removed `-- a` comes out as `--- a`."""
    (file,) = parse_diff("--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- a\n-b\n+++ c\n+d\n")
    assert file.hunks[0].old == ("-- a", "b")
    assert file.hunks[0].new == ("++ c", "d")


@given(st.text("-+@ \\\nab/\"'dif,1\x1b[m\r", max_size=200))
@examples(60)
def test_any_text_can_be_read(text: str) -> None:
    """What is no diff has no files, and nothing raises."""
    for file in parse_diff(text):
        for hunk in file.hunks:
            assert all(0 <= index < len(hunk.new) for index in hunk.new_changed)
            assert all(0 <= index <= len(hunk.old) for index in hunk.old_gaps)


LINES = st.lists(st.sampled_from(["a", "b", "c", "-x", "+y", "@@ z", ""]), max_size=12)


@given(pairs=st.lists(st.tuples(LINES, LINES), min_size=1, max_size=4))
@examples(8)
def test_the_changed_lines_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[list[str], list[str]]]
) -> None:
    """Without the changed lines, both sides of a hunk are the same, and each is in its file where it says."""
    folder = tmp_path_factory.mktemp("pairs")
    for side in (0, 1):
        (folder / "ab"[side]).mkdir()
        for number, pair in enumerate(pairs):
            _write(folder / "ab"[side] / f"f{number}", pair[side])
    ran = subprocess.run(
        ["git", "diff", "--no-index", "--no-color", "a", "b"], cwd=folder, capture_output=True, check=False
    )
    for file in parse_diff(ran.stdout.decode()):
        number = int(str(file.new_path or file.old_path)[-1])
        for hunk in file.hunks:
            for start, side, whole in ((hunk.old_start, hunk.old, 0), (hunk.new_start, hunk.new, 1)):
                assert list(side) == pairs[number][whole][max(0, start - 1) :][: len(side)]
            kept = [
                [line for index, line in enumerate(side) if index not in changed]
                for side, changed in ((hunk.old, hunk.old_changed), (hunk.new, hunk.new_changed))
            ]
            assert kept[0] == kept[1]


def _write(path: Path, lines: list[str]) -> None:
    path.write_bytes("".join(line + "\n" for line in lines).encode())
