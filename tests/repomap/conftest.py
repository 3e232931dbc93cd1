"""Shared by the map's tests: the command, run in this process."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from repomap.commands.map import run


@pytest.fixture
def map_here(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., CompletedProcess[bytes]]:
    """As `run_map` of `repositories.py`, for what has nothing to do with processes: starting one takes its time."""

    def call(*arguments: str) -> CompletedProcess[bytes]:
        code = run(["map", *arguments])
        return CompletedProcess(arguments, code, *capfdbinary.readouterr())

    return call
