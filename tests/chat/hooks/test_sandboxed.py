"""Where a sandbox is named, a repository's hooks run in it, and the user's own as they say."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hook_files import write_hooks
from processes import LIMITS_S, until
from repositories import make_repository

from chat.errors import InputError
from chat.hooks.answers import Verdict
from chat.hooks.hook_file import Hook
from chat.hooks.hooks import Hooks
from chat.hooks.programs import OwnedHook, program_for
from chat.hooks.sources import hook_claims, user_files
from chat.sandbox.guarded_shell import Room
from chat.sandbox.sandbox import Sandbox, open_sandbox
from chat.sandbox.scratch import Scratch
from chat.trust.grants import Grant, set_grant

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the hooks of these tests are written for sh")
LOOK = 'cat "$HOME/notes.txt"; echo "$MY_TOKEN"; pwd; touch made; touch "$HOME/made"'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a note, and a secret in the environment."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "notes.txt").write_text("private\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("MY_TOKEN", "s3cret")
    return home


@pytest.fixture
def root(home: Path) -> Path:
    return make_repository(home / "project", {"a.txt": "a\n"})


@pytest.fixture
def room(root: Path, tmp_path: Path) -> Callable[..., Room]:
    """Makes the sandbox of this machine; the tests say so where there is none."""
    scratch = Scratch(tmp_path / "scratch" / "session")
    sandbox, reason = open_sandbox("auto", root, scratch, os.environ)
    if sandbox is None:
        pytest.skip(f"no sandbox was tried: {reason}")
    return lambda setup="": Room(root, scratch, lambda: sandbox, setup)


def bring(root: Path, **entry: Any) -> None:
    """Have the repository bring this hook, and trust it."""
    write_hooks(root / ".trigpoint/hooks.json", ("UserPromptSubmit", "", entry))
    set_grant(root, Grant({claim.name: claim.digest for claim in hook_claims(root, root)}))


def said(root: Path, room: Room | None) -> Verdict:
    """What the hooks of a request say."""
    return Hooks(root, room=room).fire("UserPromptSubmit", {"prompt": "hello"})


@pytest.mark.parametrize("more", [{}, {"sandbox": False}])
def test_a_repositorys_hook_sees_neither_the_home_nor_secrets(
    root: Path, home: Path, room: Callable[..., Room], more: dict[str, bool]
) -> None:
    """Whatever its own file says; it works on the work tree as ever."""
    bring(root, command=f"{LOOK} || true", **more)

    assert said(root, room()).context == f"{root}"
    assert (root / "made").exists()
    assert not (home / "made").exists()


def test_without_a_named_sandbox_it_runs_with_the_users_rights(root: Path, home: Path) -> None:
    """As the user's test command does."""
    bring(root, command=LOOK)

    assert said(root, None).context == f"private\ns3cret\n{root}"
    assert (home / "made").exists()


@pytest.mark.parametrize(("more", "is_inside"), [({}, False), ({"sandbox": True}, True)])
def test_the_users_own_hook_is_inside_only_where_it_says_so(
    root: Path, room: Callable[..., Room], more: dict[str, bool], is_inside: bool
) -> None:
    """Its script and its notes are in the home."""
    write_hooks(user_files()[0], ("UserPromptSubmit", "", {"command": 'cat "$HOME/notes.txt"; pwd', **more}))

    assert ("private" in said(root, room()).context) is not is_inside


def test_a_hook_is_ended_in_the_sandbox_with_all_it_started(root: Path, room: Callable[..., Room]) -> None:
    """After its time limit, with a warning."""
    ticks = root / "ticks"
    for limit_s in LIMITS_S:
        bring(root, command="while sleep 0.02; do echo >> ticks; done & sleep 600", timeout=limit_s)
        assert "time limit" in said(root, room()).messages[0]
        if ticks.exists():
            break

    until(lambda: ticks.stat().st_mtime < time.time() - 0.2)


def test_the_setup_command_runs_before_the_first_hook_and_once(root: Path, room: Callable[..., Room]) -> None:
    """What it has installed in the home is there for it."""
    bring(root, command='cat "$HOME/tool"')
    shared = room('echo installed > "$HOME/tool"; echo x >> runs')

    assert [said(root, shared).context, said(root, shared).context] == ["installed", "installed"]
    assert (root / "runs").read_text() == "x\n"


def test_a_setup_command_that_fails_is_not_tried_again_by_every_event(
    root: Path, room: Callable[..., Room]
) -> None:
    """The hook is not run without it, and the user is told."""
    bring(root, command="touch ran")
    shared = room("echo x >> runs; exit 3")

    for _ in range(2):
        assert "setup command failed with exit code 3" in said(root, shared).messages[0]
    assert (root / "runs").read_text() == "x\n"
    assert not (root / "ran").exists()


def test_arguments_are_handed_on_as_they_are(tmp_path: Path) -> None:
    """With the project's folder put in, and no shell; in the sandbox behind its own arguments."""

    class Fixed(Sandbox):
        def arguments(self, *, network: bool = False) -> list[str]:
            return ["cage", "--"]

    hook = Hook(
        "Stop", "", "${CLAUDE_PROJECT_DIR}/check", args=("a b", "${TRIGPOINT_PROJECT_DIR}/x", "$HOME")
    )
    inside = Room(tmp_path, Scratch(tmp_path), lambda: Fixed("bwrap", None))  # type: ignore[arg-type]
    wanted = [f"{tmp_path}/check", "a b", f"{tmp_path}/x", "$HOME"]
    for room, is_yours, prefix in ((None, False, []), (inside, True, []), (inside, False, ["cage", "--"])):
        program = program_for(OwnedHook(hook, is_yours), tmp_path, room)
        assert not isinstance(program, str)
        assert program.arguments == [*prefix, *wanted]


def test_a_sandbox_that_cannot_be_had_keeps_the_hook_from_running(root: Path) -> None:
    """It is not run outside instead."""

    def refuse() -> Sandbox | None:
        raise InputError("there is none")

    bring(root, command="touch ran")
    room = Room(root, Scratch(root), refuse)
    assert "was not run: there is none" in said(root, room).messages[0]
    assert not (root / "ran").exists()
