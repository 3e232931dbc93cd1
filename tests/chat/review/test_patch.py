"""Diffs as git and others write them, and what they say of the newer file."""

import difflib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from repositories import git, make_repository, write_files

from chat.errors import InputError
from chat.review.model import ChangedFile
from chat.review.patch import changed_lines, is_inside, new_text, old_lines, read_patch


def only(text: str) -> ChangedFile:
    (file,) = read_patch(text)
    return file


MODIFIED = """\
diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -1,4 +1,4 @@ def top
 one
-two
+TWO
 three
 four
"""


def test_a_modified_file_has_its_lines_by_number() -> None:
    """New lines count in the newer file, those that are gone in the older one."""
    file = only(MODIFIED)
    (hunk,) = file.hunks

    assert (file.path, file.status, file.added, file.removed, hunk.heading) == (
        "a.py",
        "modified",
        1,
        1,
        "def top",
    )
    assert [(line.kind, line.number) for line in hunk.lines] == [
        (" ", 1),
        ("-", 2),
        ("+", 2),
        (" ", 3),
        (" ", 4),
    ]
    assert changed_lines(file) == {2}


BODY = "@@ -1 +1 @@\n-x\n+y\n"
LINK = "new file mode 120000\nindex 0..1\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+../x\n"
SUBMODULE = f"index 1..2 160000\n--- a/s\n+++ b/s\n{BODY}"
BINARY = "index 1..2 100644\nBinary files a/i.png and b/i.png differ\n"
RENAMED = "similarity index 100%\nrename from x.py\nrename to y.py\n"
MODE = "old mode 100644\nnew mode 100755\n"
DELETED = "deleted file mode 100644\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
QUOTED = f'--- "a/caf\\303\\251.py"\n+++ "b/caf\\303\\251.py"\n{BODY}'


@pytest.mark.parametrize(
    ("text", "path", "status", "skipped"),
    [
        (f"diff --git a/l b/l\n{LINK}", "l", "added", "link"),
        (f"diff --git a/s b/s\n{SUBMODULE}", "s", "modified", "submodule"),
        (f"diff --git a/i.png b/i.png\n{BINARY}", "i.png", "modified", "binary"),
        (f"diff --git a/x.py b/y.py\n{RENAMED}", "y.py", "renamed", "unchanged text"),
        (f"diff --git a/x.sh b/x.sh\n{MODE}", "x.sh", "modified", "unchanged text"),
        (f"diff --git a/gone.py b/gone.py\n{DELETED}", "gone.py", "deleted", ""),
        (f'diff --git "a/caf\\303\\251.py" "b/caf\\303\\251.py"\n{QUOTED}', "café.py", "modified", ""),
        (f"--- plain/a.py\t2020\n+++ plain/a.py\t2021\n{BODY}", "plain/a.py", "modified", ""),
    ],
)
def test_each_kind_of_change_is_known(text: str, path: str, status: str, skipped: str) -> None:
    """Links, submodules, binary files, pure renames and modes have nothing to review; quoted paths are read."""
    file = only(text)
    assert (file.path, file.status, file.skipped) == (path, status, skipped)


def test_a_patch_in_a_mail_is_read() -> None:
    """As `git format-patch` writes it: with a message before, and a signature behind."""
    mail = (
        f"From 1 Mon Sep 17\nSubject: [PATCH] Change\n\nWhy.\n---\n a.py | 2 +-\n\n{MODIFIED}-- \n2.40.1\n\n"
    )
    assert only(mail).added == 1


@pytest.mark.parametrize(
    "text", ["hello\n", "@@ -1 +1 @@\n-a\n+b\n", "--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-a\n"]
)
def test_what_is_no_diff_is_refused(text: str) -> None:
    """With what to do."""
    with pytest.raises(InputError, match="git diff"):
        read_patch(text)


def test_a_removal_is_reviewed_at_its_neighbours() -> None:
    """Nothing of it is left in the newer file."""
    file = only("--- a/a\n+++ b/a\n@@ -3,3 +3,2 @@\n three\n-four\n five\n")
    assert changed_lines(file) == {3, 4}
    assert changed_lines(only("--- a/a\n+++ b/a\n@@ -4,1 +3,0 @@\n-four\n")) == {3, 4}


def test_a_text_that_the_diff_does_not_fit_is_not_believed() -> None:
    """Only the lines of the diff are known then."""
    file = only(MODIFIED)
    assert new_text(file, "one\nTWO\nthree\nfour\nfive\n").is_whole
    assert new_text(file, "one\ntwo\nthree\nfour\nfive\n", may_be_older=True).lines[2] == "TWO"
    other = new_text(file, "quite\ndifferent\n")
    assert (other.is_whole, other.lines) == (False, {1: "one", 2: "TWO", 3: "three", 4: "four"})


LINES = st.lists(st.sampled_from(["a", "b", "", "  c", "-d", "+e", "--- f", "\\ g"]), max_size=12)


@given(LINES, LINES, st.integers(0, 3))
@examples(60)
def test_the_newer_file_follows_from_the_older_one_and_back(
    before: list[str], after: list[str], around: int
) -> None:
    """Whatever the lines are, and however many are shown around a change."""
    texts = ["".join(f"{line}\n" for line in lines) for lines in (before, after)]
    split = [text.splitlines(keepends=True) for text in texts]
    diff = "".join(difflib.unified_diff(*split, "a/f", "b/f", n=around))
    if not diff:
        return
    file = only(diff)
    newer = new_text(file, texts[1])
    assert [newer.lines[number] for number in sorted(newer.lines)] == after
    if not new_text(file, texts[0]).is_whole:
        assert new_text(file, texts[0], may_be_older=True) == newer
    assert all(number in range(len(after) + 2) for number in changed_lines(file))
    assert old_lines(file, newer) == before


def test_git_itself_is_understood(tmp_path: Path) -> None:
    """Names that git quotes, lines that end in CR LF, and files without a last line end."""
    root = make_repository(tmp_path / "shop")
    write_files(root, {"we ird\tname é.py": "a\r\nb", "shop/cart.py": "x = 1\n"})
    git(root, "add", "-A")

    files = {file.path: file for file in read_patch(git(root, "diff", "--cached"))}

    assert set(files) == {"we ird\tname é.py", "shop/cart.py"}
    assert [line.text for line in files["we ird\tname é.py"].hunks[0].lines] == ["a", "b"]


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a/../b", "C:/a", "a//b", ".git/hooks/x", "a\0b", "", "a\\..\\b"]
)
def test_paths_that_lead_elsewhere_are_known(path: str) -> None:
    """Nothing is read there."""
    assert not is_inside(path)
