"""Same tree, same history, same arguments: same bytes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import make_repository, write_files

FIXTURES = Path(__file__).parents[2] / "fixtures" / "repos"
LANGUAGES = ("python", "go", "typescript", "java", "c", "rust", "ruby")
QUERY = ("--query", "total of the entries in the queue", "--tokens", "300")
RUNS = ((*QUERY, "--no-cache"), QUERY, ("--all",))
END = b"\0the end of a run\0"
PROGRAM = f"""
import json, sys
from repomap.commands.map import run
for arguments in json.loads(sys.argv[1]):
    assert run(["map", *arguments]) == 0
    sys.stdout.flush()
    sys.stdout.buffer.write({END!r})
"""
Map = Callable[..., bytes]
pytestmark = pytest.mark.usefixtures("shared_caches")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of several languages, with names that several files define."""
    root = tmp_path_factory.mktemp("mixed")
    files = {
        f"{language}/{path.name}": path.read_text(encoding="utf-8")
        for language in LANGUAGES
        for path in sorted((FIXTURES / language).iterdir())
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        make_repository(root, files)
    for number in range(6):
        write_files(
            root,
            {
                f"twins/t{number}.py": f"def run(x):\n    return get(x)\n\n\ndef get(x):\n    return {number}\n"
            },
        )
    return root


def maps(root: Path, **environment: str) -> list[bytes]:
    """Run all `RUNS` in one process, since starting it takes longest, and return what each prints."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([(str(root), *arguments) for arguments in RUNS])],
        env=os.environ | environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.split(END)[:-1]


@pytest.fixture(scope="module")
def expected(mixed: Path, caches: Path) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(caches))
        return maps(mixed, PYTHONHASHSEED="0")


@pytest.fixture
def map_of(map_here: Callable[..., subprocess.CompletedProcess[bytes]]) -> Map:
    """Runs the command in this process; what it prints."""

    def call(root: Path, *arguments: str) -> bytes:
        done = map_here(str(root), *QUERY, *arguments)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout

    return call


@pytest.mark.parametrize("seed", ["1", "2", "3", "12345"])
def test_the_hash_seed_makes_no_difference(mixed: Path, expected: list[bytes], seed: str) -> None:
    """With and without the cache, and for the ranking without a request."""
    assert expected[0] == expected[1]
    assert len(set(expected)) == 2
    assert maps(mixed, PYTHONHASHSEED=seed) == expected


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "TZ": "Asia/Tokyo"},
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
def test_the_environment_makes_no_difference(
    mixed: Path, expected: list[bytes], environment: dict[str, str]
) -> None:
    """Neither language nor time zone."""
    assert maps(mixed, **environment) == expected


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_the_number_of_workers_makes_no_difference(
    mixed: Path, expected: list[bytes], map_of: Map, jobs: str
) -> None:
    """Whichever is ready first."""
    assert map_of(mixed, "--no-cache", "--jobs", jobs) == expected[0]


def test_the_current_folder_makes_no_difference(
    mixed: Path, expected: list[bytes], map_of: Map, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does the spelling of the root."""
    monkeypatch.chdir(mixed)
    assert map_of(Path(".")) == expected[0]
    monkeypatch.chdir(tmp_path)
    assert map_of(Path(os.path.relpath(mixed, tmp_path)) / "twins" / "..") == expected[0]


def test_the_order_of_arguments_makes_no_difference(mixed: Path, map_of: Map) -> None:
    """Several chat files and mentions are sets."""
    chat_files = ("--chat-file", "python/ledger.py", "--chat-file", "go/queue.go")
    mentions = ("--mention", "run", "--mention", "get")
    other_files = (*chat_files[2:], *chat_files[:2])
    other_mentions = (*mentions[2:], *mentions[:2])

    assert map_of(mixed, *chat_files, *mentions) == map_of(mixed, *other_mentions, *other_files)
