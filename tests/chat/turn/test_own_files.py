"""A turn owns what it writes and nothing else: what git ignores is kept, and what the user does meanwhile stays."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from long_session import SteadyModel, open_long_chat
from repositories import git, make_repository, write_files
from whole_chat import block

from chat.app.chat import Chat
from chat.events import Event, Notice
from chat.model import Message
from chat.sessions.journal import FileJournal
from chat.trust.git_claim import git_claim
from chat.trust.grants import agreed, grant_for, set_grant

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell commands stand for the user")

LINES = "".join(f"line {number}\n" for number in range(20))
FILES = {"a.txt": LINES, "b.txt": "one\n", ".gitignore": "*.local\nout/\n"}

Open = Callable[..., tuple[Chat, list[str]]]


FIRST = block("a.txt", "line 0\n", "LINE 0\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "work", FILES)


@pytest.fixture
def opened(root: Path) -> Open:
    """Opens a chat whose model says these lines; also gives what it tells the user."""

    def start(*replies: str, **more: object) -> tuple[Chat, list[str]]:
        said = iter(replies)
        told: list[str] = []

        def take(event: Event) -> None:
            told.extend([event.text] if isinstance(event, Notice) else [])

        def reply_to(messages: Sequence[Message]) -> str:
            return next(said, "Done.")

        settings = {"auto_test": "test_cmd" in more, **more}
        return open_long_chat(root, SteadyModel(reply_to=reply_to), take, **settings), told

    return start


def trust(root: Path) -> None:
    """Lets the repository's hooks run."""
    set_grant(root, agreed((), git_claim(root), grant_for(root)))


def with_line(number: int, text: str, lines: str = LINES) -> str:
    return lines.replace(f"line {number}\n", f"{text}\n")


def test_what_the_user_saves_while_tests_run_is_not_committed_and_not_undone(
    root: Path, opened: Open
) -> None:
    """The commit holds the turn's line alone; after the undo the user's line is all that is left."""
    chat, told = opened(FIRST, test_cmd="sed -i 's/^line 9$/mine/' a.txt")

    chat.take_turn("go")

    assert git(root, "show", "HEAD:a.txt") + "\n" == with_line(0, "LINE 0")
    assert (root / "a.txt").read_text() == with_line(9, "mine", with_line(0, "LINE 0"))
    assert any(text.startswith("a.txt: changed while the turn was running") for text in told)
    chat.changes.undo()
    assert (root / "a.txt").read_text() == with_line(9, "mine")
    assert git(root, "log", "--format=%s") == "Nothing new\nOpen the shop"
    chat.changes.redo()
    assert (root / "a.txt").read_text() == with_line(9, "mine", with_line(0, "LINE 0"))
    chat.close()


def test_what_was_staged_of_a_file_becomes_a_commit_of_its_own(root: Path, opened: Open) -> None:
    """The user had chosen those lines; the others follow in the next commit, then the turn's."""
    staged = with_line(9, "staged")
    (root / "a.txt").write_text(staged)
    git(root, "add", "a.txt")
    (root / "a.txt").write_text(with_line(15, "unstaged", staged))
    chat, _ = opened(FIRST)

    chat.take_turn("go")

    subjects = git(root, "log", "-3", "--format=%s").split("\n")[1:]
    assert subjects == ["Save changes made before the next edit", "Save what was staged before the next edit"]
    assert git(root, "show", "HEAD~2:a.txt") + "\n" == staged
    assert git(root, "show", "HEAD~1:a.txt") + "\n" == with_line(15, "unstaged", staged)
    chat.changes.undo()
    assert (root / "a.txt").read_text() == with_line(15, "unstaged", staged)
    chat.close()


def test_what_the_user_commits_while_tests_run_stays_theirs(root: Path, opened: Open) -> None:
    """Their commit holds the turn's line, too; the turn neither takes theirs back nor commits anything twice."""
    commits = "sed -i 's/^line 9$/mine/' a.txt; git -c user.name=U -c user.email=u@e commit -qam theirs"
    chat, _ = opened(FIRST, test_cmd=commits)

    chat.take_turn("go")

    assert git(root, "log", "--format=%s").split("\n")[0] == "theirs"
    assert git(root, "status", "--porcelain") == ""
    chat.changes.undo()
    assert (root / "a.txt").read_text() == with_line(9, "mine")
    chat.close()


def test_what_the_user_commits_without_the_turns_lines_stays_in_the_next_commit(
    root: Path, opened: Open
) -> None:
    """The turn's commit is made on top of theirs, of the turn's line alone."""
    other = "git show HEAD:a.txt | sed 's/^line 9$/mine/' > .git/x; cp a.txt .git/y; cp .git/x a.txt; "
    other += "git -c user.name=U -c user.email=u@e commit -qam theirs; sed 's/^line 9$/mine/' .git/y > a.txt"
    chat, _ = opened(FIRST, test_cmd=other)

    chat.take_turn("go")

    assert git(root, "log", "-2", "--format=%s").split("\n")[1] == "theirs"
    assert git(root, "show", "--format=", "HEAD").count("\n+") == 2  # a line, and the name of the file
    assert git(root, "status", "--porcelain") == ""
    chat.changes.undo()
    assert (root / "a.txt").read_text() == with_line(9, "mine")
    chat.close()


def test_lines_that_the_user_changed_between_two_writes_stay_out_of_both(root: Path, opened: Open) -> None:
    """The model's second edit is made on top of the user's line, which is neither committed nor undone."""
    check = "grep -q mine a.txt || sed -i 's/^line 9$/mine/' a.txt; grep -q 'LINE 19' a.txt"
    chat, told = opened(FIRST, block("a.txt", "line 19\n", "LINE 19\n"), test_cmd=check)

    result = chat.take_turn("go")

    assert result.ok
    both = with_line(19, "LINE 19", with_line(0, "LINE 0"))
    assert git(root, "show", "HEAD:a.txt") + "\n" == both
    assert git(root, "diff", "--stat").startswith("a.txt | 2 +-")
    assert any("left uncommitted" in text for text in told)
    chat.changes.undo()
    assert (root / "a.txt").read_text() == with_line(9, "mine")
    chat.close()


def test_where_the_user_changes_the_turns_own_line_both_stay_visible(root: Path, opened: Open) -> None:
    """The turn's line is committed, the user's is left in the file, and an undo says that it cannot tell them apart."""
    chat, _ = opened(FIRST, test_cmd="sed -i 's/^LINE 0$/mine 0/' a.txt")

    chat.take_turn("go")

    assert git(root, "show", "HEAD:a.txt") + "\n" == with_line(0, "LINE 0")
    assert (root / "a.txt").read_text() == with_line(0, "mine 0")
    with pytest.raises(Exception, match=r"a\.txt: changed since, in the same lines"):
        chat.changes.undo()
    assert (root / "a.txt").read_text() == with_line(0, "mine 0")
    chat.close()


def test_what_a_linter_mends_is_the_turns(root: Path, opened: Open) -> None:
    """It was told to work on those files."""
    chat, told = opened(FIRST, lint_cmd=(("", "sed -i 's/^LINE 0$/Line 0/'"),), auto_lint=True)

    chat.take_turn("go")

    assert git(root, "show", "HEAD:a.txt") + "\n" == with_line(0, "Line 0")
    assert git(root, "status", "--porcelain") == ""
    assert told == []
    chat.changes.undo()
    assert (root / "a.txt").read_text() == LINES
    chat.close()


@pytest.mark.parametrize(
    "script",
    [
        "sed -i s/^LINE/Line/ a.txt; git add a.txt",
        "grep -q ^Line a.txt || { sed -i s/^LINE/Line/ a.txt; exit 1; }",
    ],
)
def test_what_a_hook_rewrites_is_the_turns(root: Path, opened: Open, script: str) -> None:
    """Whether it stages that itself, or refuses once."""
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
    trust(root)
    chat, told = opened(FIRST)

    chat.take_turn("go")

    assert git(root, "show", "HEAD:a.txt") + "\n" == with_line(0, "Line 0"), told
    assert git(root, "status", "--porcelain") == ""
    chat.changes.undo()
    assert (root / "a.txt").read_text() == LINES
    chat.close()


IGNORED = {"x.local": "x = 1\n", "gone.local": "old\n"}


@pytest.mark.parametrize("has_git", [True, False])
def test_undo_brings_ignored_files_back(tmp_path: Path, has_git: bool, opened: Open, root: Path) -> None:
    """Edited, created and deleted ones: nobody else has them."""
    write_files(root, IGNORED)
    delete = block("gone.local", "old\n", "")
    chat, _ = opened(
        block("x.local", "x = 1\n", "x = 2\n") + block("out/new.txt", "", "new\n") + delete, git=has_git
    )
    chat.take_turn("go")
    assert (root / "x.local").read_text() == "x = 2\n"
    assert (root / "out/new.txt").exists()
    assert (root / "gone.local").read_text() == ""

    chat.changes.undo()

    assert {name: (root / name).read_text() for name in IGNORED} == IGNORED
    assert not (root / "out").exists()
    chat.changes.redo()
    assert (root / "x.local").read_text() == "x = 2\n"
    chat.changes.rollback(1, "files")
    assert {name: (root / name).read_text() for name in IGNORED} == IGNORED
    assert not (root / "out").exists()
    chat.close()


def linked(root: Path) -> dict[str, Path]:
    """Files that the repository does not hold itself, each with a place that an edit may name."""
    write_files(root, {"out/real.txt": "here\n", "plain.local": "here\n"})
    (root / "folder").symlink_to("out")
    (root / "link.txt").symlink_to("plain.local")
    nested = make_repository(root / "nested", {"file.txt": "here\n"}, ["one"])
    module = make_repository(root.parent / "module", {"file.txt": "here\n"}, ["one"])
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(module), "module")
    git(root, "commit", "-qm", "module")
    return {
        "folder/real.txt": root / "out/real.txt",
        "link.txt": root / "plain.local",
        "nested/file.txt": nested / "file.txt",
        "module/file.txt": root / "module/file.txt",
    }


@pytest.mark.parametrize("path", ["folder/real.txt", "link.txt", "nested/file.txt", "module/file.txt"])
@pytest.mark.parametrize("is_killed", [False, True])
def test_files_that_git_keeps_elsewhere_are_put_back(
    root: Path, opened: Open, path: str, is_killed: bool
) -> None:
    """Behind links, in nested repositories and submodules: by undo, and where a killed turn is taken again."""
    target = linked(root)[path]
    links = {name: os.readlink(root / name) for name in ("folder", "link.txt")}
    chat, _ = opened(block(path, "here\n", "there\n"))
    chat.take_turn("go")
    assert target.read_text() == "there\n"
    assert chat.state.turns.done
    if is_killed:
        cut_before(chat, "turn.done")
        chat, _ = opened(block(path, "here\n", "there\n"))
        assert chat.unfinished == "go"
    else:
        chat.changes.undo()

    assert target.read_text() == "here\n"
    assert {name: os.readlink(root / name) for name in links} == links
    chat.close()


def cut_before(chat: Chat, kind: str) -> None:
    """Make the journal end where a kill would have ended it."""
    journal = chat.state.ports.journal
    assert isinstance(journal, FileJournal)
    lines = journal.path.read_text().splitlines(keepends=True)
    journal.close()
    places = [place for place, line in enumerate(lines) if f'"kind":"{kind}"' in line]
    end = (
        places[-1]
        if places
        else max(place for place, line in enumerate(lines) if '"kind":"edit.done"' in line) + 1
    )
    journal.path.write_text("".join(lines[:end]))


HOOKS = {
    "changes the subject": ("commit-msg", "echo 'ABC-1: other words' > $1"),
    "adds a file": ("pre-commit", "date > stamp.txt; git add stamp.txt"),
    "rewrites the file": ("pre-commit", "sed -i s/^LINE/Line/ a.txt; git add a.txt"),
    "commits on top": (
        "post-commit",
        "test -e v.txt || { echo 2 > v.txt; git add v.txt; git -c user.name=U -c user.email=u@e commit -qm v2; }",
    ),
}


@pytest.mark.parametrize("what", HOOKS)
def test_a_commit_is_known_by_what_it_holds(root: Path, opened: Open, what: str) -> None:
    """Killed behind it, the turn counts as done, whatever hooks made of the commit."""
    name, script = HOOKS[what]
    hook = root / ".git/hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
    trust(root)
    chat, _ = opened(FIRST)
    chat.take_turn("go")
    commits, text = git(root, "log", "--format=%H"), (root / "a.txt").read_text()
    cut_before(chat, "commit.done")

    chat, told = opened()

    assert chat.unfinished == "", told
    assert git(root, "log", "--format=%H") == commits
    assert (root / "a.txt").read_text() == text
    assert [turn.record.paths for turn in chat.state.turns.done] == [("a.txt",)]
    chat.close()


def test_the_users_own_commit_after_a_kill_is_not_taken_for_the_turns(root: Path, opened: Open) -> None:
    """It holds another text of the file: the turn is taken again, and theirs stays."""
    chat, _ = opened(FIRST)
    chat.take_turn("go")
    cut_before(chat, "commit.done")
    git(root, "reset", "-q", "--soft", "HEAD~1")
    (root / "a.txt").write_text(with_line(9, "mine"))
    git(root, "commit", "-qam", "theirs")

    chat, _ = opened(FIRST)

    assert chat.unfinished == "go"
    chat.take_turn(chat.unfinished)
    assert git(root, "log", "-2", "--format=%s").split("\n")[1] == "theirs"
    assert (root / "a.txt").read_text() == with_line(9, "mine", with_line(0, "LINE 0"))
    assert git(root, "status", "--porcelain") == ""
    chat.close()


def test_without_git_what_the_user_saves_meanwhile_stays(tmp_path: Path, root: Path, opened: Open) -> None:
    """The record of a turn needs no repository."""
    subprocess.run(["rm", "-rf", str(root / ".git")], check=True)
    chat, _ = opened(FIRST, test_cmd="sed -i 's/^line 9$/mine/' a.txt")

    chat.take_turn("go")
    chat.changes.undo()

    assert (root / "a.txt").read_text() == with_line(9, "mine")
    chat.close()
