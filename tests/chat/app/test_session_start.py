"""Which session is continued, and where."""

import os
import sys
from pathlib import Path

import pytest
from long_session import SteadyModel, edit, open_long_chat
from repositories import make_repository

from chat.app.chat import Chat
from chat.errors import SessionError
from chat.events import Event, Notice
from chat.sessions.locations import project_folder, sessions_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "work", {"a.txt": "value = 0\n"})


def opened(root: Path, told: list[str] | None = None, **more: object) -> Chat:
    def take(event: Event) -> None:
        (told if told is not None else []).extend([event.text] if isinstance(event, Notice) else [])

    model = SteadyModel(reply_to=lambda _: edit("a.txt", 0, 1))
    return open_long_chat(root, model, take, auto_test=False, **more)


def with_a_turn(root: Path) -> str:
    chat = opened(root)
    chat.take_turn("go")
    chat.close()
    return chat.session_id


def test_a_run_without_a_turn_is_not_continued(root: Path) -> None:
    """A map, a commit or a typo between two runs is no session to go on with."""
    first = with_a_turn(root)
    for _ in range(2):
        other = opened(root, **{"continue": False})
        other.close()
        os.utime(project_folder(root) / f"{other.session_id}.jsonl", (2**31, 2**31))

    chat = opened(root)

    assert chat.session_id == first
    chat.changes.undo()
    assert (root / "a.txt").read_text() == "value = 0\n"
    chat.close()


def test_where_no_session_has_a_turn_the_newest_goes_on(root: Path) -> None:
    """It may have files that the user added."""
    first = opened(root, **{"continue": False})
    first.files.add(["a.txt"])
    first.close()

    chat = opened(root)

    assert chat.session_id == first.session_id
    assert [file.path for file in chat.files.listed()] == ["a.txt"]
    chat.close()


def test_a_session_moves_along_with_its_renamed_folder(root: Path) -> None:
    """The user is told; what it kept comes along, so that it can be undone there."""
    name = with_a_turn(root)
    new = root.rename(root.with_name("renamed"))
    told: list[str] = []

    chat = opened(new, told, resume=name)

    assert any(f"was one of {root}" in text for text in told)
    assert "restored" in chat.changes.undo()
    assert (new / "a.txt").read_text() == "value = 0\n"
    chat.close()


@pytest.mark.parametrize("is_gone", [True, False])
def test_another_folder_does_not_take_a_session_away(root: Path, tmp_path: Path, is_gone: bool) -> None:
    """The folder may come back under its name, and then its session is there. A copy may be continued."""
    name = with_a_turn(root)
    away = root.rename(tmp_path / "away") if is_gone else root
    other = make_repository(tmp_path / "other", {"a.txt": "value = 0\n"})

    with pytest.raises(SessionError, match="--fork-session"):
        opened(other, resume=name)

    fork = opened(other, resume=name, fork_session=True)
    assert fork.session_id != name
    assert fork.state.conversation.turn == 1
    fork.close()
    if is_gone and sys.platform != "win32":
        away.rename(root)
    assert name in [path.stem for path in sessions_of(project_folder(root))]
    chat = opened(root, resume=name)
    assert chat.state.turns.done
    chat.close()
