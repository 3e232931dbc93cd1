"""The message of a commit, and the diff that it is written from."""

from pathlib import Path

import pytest
from chat_fakes import MemoryRepository, ScriptedModel, fake_state
from hypothesis import given
from hypothesis import strategies as st

from chat.conversation.commit_subject import subject_from_request, subject_in
from chat.safety.printable import plain_message
from chat.turn.commits.message import summarised_diff
from chat.turn.turn import take_turn


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


REPLIES = (
    ("Greet people by name", "Greet people by name"),
    ("SUBJECT: Greet people by name", "Greet people by name"),
    ("**Subject:** `Greet people by name`", "Greet people by name"),
    ("text", ""),
    ("```text\nGreet people by name\n```", "Greet people by name"),
    ('```\ngit commit -m "Greet people by name"\n```', "Greet people by name"),
    ("git commit -am 'Greet people by name' -m 'More.'", "Greet people by name"),
    ("git commit -m \"$(cat <<'EOF'\nGreet people by name\n\nBody.\nEOF\n)\"", "Greet people by name"),
    ("Sure! Here's a concise commit message:\n\nGreet people by name", "Greet people by name"),
    ("Sure! Here's a concise commit message:", ""),
    (
        "Okay, the user wants a message. The diff greets.\n</think>\n\nGreet people by name",
        "Greet people by name",
    ),
    ("<think>\nThe diff greets", ""),
    (
        "</think>\nOkay, so I need to write a subject.\nThe diff adds a name.\n\nGreet people by name",
        "Greet people by name",
    ),
    ('{"subject": "Greet people by name", "body": "It did not."}', "Greet people by name"),
    ('```json\n{\n  "commit_message": "Greet people by name\\n\\nBody"\n}\n```', "Greet people by name"),
    ('"Greet people by name."', "Greet people by name"),
    ("“Greet people by name”", "Greet people by name"),
    ("Commit message: Greet people by name", "Greet people by name"),
    ("# Commit message\n\n- Greet people by name\n- Say hello", "Greet people by name"),
    ("1. Greet people by name\n2. Say hello", "Greet people by name"),
    ("\x1b[31mGreet people\x1b[0m by\x1b]0;owned\x07 name\u202e", "Greet people by name"),
    ("<commit>Greet people by name</commit>", "Greet people by name"),
    ("I'm sorry, but I cannot help with that.", ""),
    ("```\n\n**\n", ""),
    ("", ""),
    ("fix(app): greet people by name", "fix(app): greet people by name"),
    ("人に名前で挨拶する", "人に名前で挨拶する"),
    (
        "Here is the commit message for the changes in the diff:\n```diff\n+x\n```\nGreet people by name",
        "Greet people by name",
    ),
    ("The commit message is: `Greet people by name`", "Greet people by name"),
    ("Let sessions end sooner", "Let sessions end sooner"),
    ("now: greet people by name", "now: greet people by name"),
    (
        "Based on the diff, I would suggest the following:\n\nSUBJECT: Greet people by name\n\nThis explains it.",
        "Greet people by name",
    ),
    ("diff --git a/app.py b/app.py\n+print(name)", ""),
)


@pytest.mark.parametrize(("reply", "subject"), REPLIES)
def test_a_subject_is_read_out_of_whatever_a_weak_model_wraps_it_in(reply: str, subject: str) -> None:
    """Nothing else becomes one: no greeting, no thought, no language of a fence, no control character."""
    assert subject_in(reply) == subject


@pytest.mark.parametrize("reply", ["Read the names of all files " * 4, "人" * 100])
def test_a_long_subject_is_cut(reply: str) -> None:
    """At a word where there is one: git shows 72 characters of it."""
    subject = subject_in(reply)

    assert 60 < len(subject) <= 72
    assert not subject.endswith((" ", "na"))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_a_subject_is_one_plain_line(reply: str) -> None:
    """Whatever the reply, or the request, says."""
    for subject in (subject_in(reply), subject_from_request(reply)):
        assert len(subject) <= 72
        assert subject == plain_message(subject)
        assert len(subject.splitlines()) <= 1
        assert subject == subject.strip()


@pytest.mark.parametrize(
    ("request_", "subject"),
    [
        ("Please could you greet people by name?\nThey like that.", "Greet people by name"),
        (
            "Sessions end too late, even those in use. Let them end sooner.",
            "Sessions end too late, even those in use",
        ),
        ("```\nx = 1\n```\nmake \x1b[31mit\x1b[0m so", "Make it so"),
    ],
)
def test_without_one_the_request_gives_the_subject(tmp_path: Path, request_: str, subject: str) -> None:
    """As it does where the weak model cannot be asked."""
    (tmp_path / "app.py").write_text("x = 1\n")
    model = ScriptedModel(
        "app.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n", weak="text"
    )
    repository = MemoryRepository()
    state, _ = fake_state(tmp_path, model, repository=repository)

    take_turn(state, request_)

    ((_, message),) = repository.commits
    assert message.split("\n")[0] == subject
    assert "SUBJECT: " in model.weak_prompts[0].messages[0].text
