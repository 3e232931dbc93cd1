"""Shared by the map's tests: the command, run in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from canaries import Canary

from repomap.commands.map import run
from repomap.workers.by_executor import OWN_WORKERS


@pytest.fixture(scope="session", autouse=True)
def _workers_of_threads_end() -> Iterator[None]:
    """An executor of threads parses in this process, whose workers would be open at the end."""
    yield
    OWN_WORKERS.close()


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path)


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of caches that the tests of a module share where they use `shared_caches`."""
    return tmp_path_factory.mktemp("caches")


@pytest.fixture
def shared_caches(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test of a module has parsed, the others need not parse."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))


@pytest.fixture
def map_here(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., CompletedProcess[bytes]]:
    """As `run_map` of `repositories.py`, for what has nothing to do with processes: starting one takes its time."""

    def call(*arguments: str) -> CompletedProcess[bytes]:
        code = run(["map", *arguments])
        return CompletedProcess(arguments, code, *capfdbinary.readouterr())

    return call
