"""The message of a commit, and the diff that it is written from."""

from chat.turn.commit_message import subject_of, summarised_diff


def test_a_commit_message_is_written_from_changed_lines_of_all_files() -> None:
    """Without their context; a long file does not hide a short one."""
    long = "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -1,9 +1,9 @@ def f\n around\n"
    long += "".join(f"+line {n}\n" for n in range(1000))
    short = "diff --git a/b.py b/b.py\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-old\n+new\n"

    summary = summarised_diff(long + short, 600)

    assert len(summary) < 700
    assert "@@ -1,9 +1,9 @@ def f\n+line 0\n+line 1\n" in summary
    assert summary.endswith("diff --git a/b.py b/b.py\n@@ -1 +1 @@\n-old\n+new")
    assert "around" not in summary


def test_a_long_subject_is_cut_at_a_word() -> None:
    """Git shows 72 characters of it."""
    subject = subject_of("Read the names of all files " * 4)

    assert subject == "Read the names of all files Read the names of all files Read the names"


def test_a_reply_of_markup_alone_is_no_subject() -> None:
    """The first line of the request serves instead."""
    assert subject_of("```\n\n**\n") == ""
