"""The user's home that every case of a siege begins with."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from repositories import make_repository
from scripted_model import ScriptedModel
from siege import Siege, make_siege
from whole_chat import Program


@pytest.fixture
def siege(
    litellm_loaded: None,
    tmp_path: Path,
    scripted: Callable[..., ScriptedModel],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Iterator[Siege]:
    """A home, and the command in its hostile folder."""
    root = make_repository(tmp_path / "home" / "hostile")
    program = Program(root, monkeypatch, capfdbinary)
    siege = make_siege(tmp_path / "home", program, scripted, monkeypatch.setenv)
    yield siege
    siege.port.close()
