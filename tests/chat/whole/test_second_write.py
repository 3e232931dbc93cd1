"""A turn that writes twice keeps the user's own changes apart both times."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from repositories import git
from scripted_model import ScriptedModel


def block(path: str, old: str, new: str) -> str:
    return f"{path}\n```\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n"


def test_changes_of_the_user_in_a_file_edited_later_are_committed_apart(
    tmp_path: Path, scripted: Callable[..., ScriptedModel]
) -> None:
    """A red test makes the model edit a second file, which the user was working on as well."""
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.txt").write_text("one\n", "utf-8")
    (root / "b.txt").write_text("x\n" + "m\n" * 20 + "two\n", "utf-8")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "b.txt").write_text("the user's\n" + "m\n" * 20 + "two\n", "utf-8")
    edits = iter([block("a.txt", "one", "ONE"), block("b.txt", "two", "TWO"), "Done."])
    server = scripted(
        lambda request: "Subject" if "diff --git" in str(request.messages[-1]["content"]) else next(edits)
    )
    model = ["--model", "openai/scripted", "--api-base", server.base_url, "--api-key", "k"]
    options = [
        "--test-cmd",
        "grep TWO b.txt",
        "--auto-test",
        "--yes-always",
        "-m",
        "change",
        "a.txt",
        "b.txt",
    ]

    done = subprocess.run(
        [sys.executable, "-m", "chat", *model, *options],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    of_user = git(root, "show", "--format=%s", "HEAD~1")
    of_turn = git(root, "show", "--format=%s", "HEAD")
    assert "+the user's" in of_user
    assert "TWO" not in of_user
    assert "+TWO" in of_turn
    assert "+ONE" in of_turn
    assert "+the user's" not in of_turn
