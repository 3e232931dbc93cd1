"""Turns, undo, redo, rollback, the user's own edits and restarts in any order: files and session agree."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from long_session import SteadyModel, edit, fsck, git, open_long_chat, tree_of
from repositories import make_repository

from chat.app.chat import Chat
from chat.errors import NothingToUndo

FILES = [f"part{number}.py" for number in range(3)]
FILLER = "".join(f"line_{number} = {number}\n" for number in range(12))


class Session(RuleBasedStateMachine):
    """A chat with real git and real snapshots, beside what its files should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.state = os.environ.get("XDG_STATE_HOME")
        os.environ["XDG_STATE_HOME"] = str(self.folder / "state")
        self.root = make_repository(self.folder / "root", dict.fromkeys(FILES, f"value = 0\n{FILLER}"))
        self.files = {name: (self.root / name).read_bytes() for name in FILES}
        self.model = SteadyModel()
        self.chat: Chat = open_long_chat(self.root, self.model, auto_test=False)
        self.number = 0
        self.done: list[tuple[int, dict[str, bytes | None], dict[str, bytes | None], dict[str, bytes]]] = []
        self.undone: list[tuple[int, dict[str, bytes | None], dict[str, bytes | None], dict[str, bytes]]] = []
        self.by_user: set[str] = set()
        """What the user has changed since the last turn, undo or the like."""

    def teardown(self) -> None:
        self.chat.close()
        assert fsck(self.root) == ""
        if self.state is None:
            del os.environ["XDG_STATE_HOME"]
        else:
            os.environ["XDG_STATE_HOME"] = self.state
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize()
    def begin(self) -> None:
        self.turn("part0.py")

    @rule(name=st.sampled_from(FILES))
    def turn(self, name: str) -> None:
        """The model gives a file another value."""
        self.number += 1
        old = self.files[name].split(b"\n")[0].decode().removeprefix("value = ")
        self._take(edit(name, old, self.number), {name: self._with_value(name, self.number)})

    @rule()
    def turn_with_a_new_file(self) -> None:
        """It makes one."""
        self.number += 1
        name = f"new/file{self.number}.py"
        self._take(edit(name, None, self.number), {name: f"value = {self.number}\n".encode()})

    def _take(self, reply: str, after: dict[str, bytes | None]) -> None:
        before = dict(self.files)
        self.model.reply_to = lambda _: reply
        result = self.chat.take_turn(f"Do {self.number}.")
        assert result.ok, result
        self._set(after)
        changed = {name: before.get(name) for name in after}
        self.done.append((self.chat.state.conversation.turn, changed, after, before))
        self.undone.clear()
        self.by_user.clear()

    @rule(name=st.sampled_from(FILES))
    def user_adds_a_line(self, name: str) -> None:
        """Far from what the model changes."""
        self.number += 1
        self.files[name] += f"# by the user: {self.number}\n".encode()
        (self.root / name).write_bytes(self.files[name])
        self.by_user.add(name)

    @rule()
    def user_commits(self) -> None:
        """All of it."""
        git(self.root, "add", "--all")
        git(self.root, "commit", "-q", "--allow-empty", "-m", f"by the user {self.number}")

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        """The last turn's change goes, and the user's lines stay; or nothing happens, and it says why."""
        turn = self.done[-1]
        if self._restored(self.chat.changes.undo, turn[2], turn[1]):
            self.undone.append(self.done.pop())

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        """And comes back."""
        turn = self.undone[-1]
        if self._restored(self.chat.changes.redo, turn[1], turn[2]):
            self.done.append(self.undone.pop())

    def _restored(self, step: object, now: dict[str, bytes | None], then: dict[str, bytes | None]) -> bool:
        assert callable(step)
        try:
            step()
        except NothingToUndo:
            assert any(self.files.get(name) != content for name, content in now.items()), (
                "refused for nothing"
            )
            return False
        for name, content in then.items():
            here = self.files.get(name)
            if here == now[name] or here is None:
                self._set({name: content})
            else:  # merged: the user's lines stay
                merged = (self.root / name).read_bytes()
                theirs = {line for line in here.split(b"\n") if line.startswith(b"# by the user")}
                ours = {line for line in (now[name] or b"").split(b"\n") if line.startswith(b"# by the user")}
                assert theirs - ours <= set(merged.split(b"\n"))
                assert merged.split(b"\n")[0] == (content or b"").split(b"\n")[0]
                self.files[name] = merged
        return True

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        """The files are what they were before a turn, and that can be undone."""
        turns = sorted({turn[0] for turn in self.done if turn[0] > 0})
        number = data.draw(st.sampled_from(turns))
        wanted = next(turn[3] for turn in self.done if turn[0] == number)
        before = dict(self.files)
        self.chat.changes.rollback(number, data.draw(st.sampled_from(["files", "both"])))  # type: ignore[arg-type]
        self.files = dict(wanted)
        names = {name for name in before.keys() | wanted.keys() if before.get(name) != wanted.get(name)}
        if names:
            self.done.append(
                (
                    -1,
                    {name: before.get(name) for name in names},
                    {name: wanted.get(name) for name in names},
                    before,
                )
            )
            self.undone.clear()

    @rule()
    def restart(self) -> None:
        """The conversation and what can be undone are what they were."""
        before = self.chat.state
        self.chat.close()
        self.chat = open_long_chat(self.root, self.model, auto_test=False)
        after = self.chat.state
        assert after.conversation == before.conversation
        assert [replace(turn, time_s=0.0) for turn in after.turns.done] == [
            replace(turn, time_s=0.0) for turn in before.turns.done
        ]
        assert [turn.turn.record.turn for turn in after.turns.undone] == [
            turn.turn.record.turn for turn in before.turns.undone
        ]
        assert after.spending.by_role == before.spending.by_role

    @invariant()
    def files_are_as_they_should_be(self) -> None:
        """All of them, to the last byte."""
        assert tree_of(self.root) == self.files

    def _set(self, files: dict[str, bytes | None]) -> None:
        for name, content in files.items():
            if content is None:
                self.files.pop(name, None)
            else:
                self.files[name] = content

    def _with_value(self, name: str, value: int) -> bytes:
        return b"\n".join([f"value = {value}".encode(), *self.files[name].split(b"\n")[1:]])


@pytest.mark.parametrize(
    ("runs", "steps"), [(2, 8), pytest.param(20, 50, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_files_and_session_agree_whatever_is_done(runs: int, steps: int) -> None:
    """Turn, undo, redo, rollback, edits and commits of the user's, restart, in any order."""
    run_state_machine_as_test(
        Session,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
