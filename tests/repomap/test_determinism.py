"""Same tree, same history, same arguments: same bytes."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from repositories import make_repository, run_map, write_files

FIXTURES = Path(__file__).parents[2] / "fixtures" / "repos"
LANGUAGES = ("python", "go", "typescript", "java", "c", "rust", "ruby")
QUERY = ("--query", "total of the entries in the queue", "--tokens", "300")


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


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("caches")


@pytest.fixture(autouse=True)
def _caches_of_the_module(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))


def digest(root: Path, *arguments: str, cwd: Path | None = None, **environment: str) -> str:
    done = run_map(str(root), *QUERY, *arguments, cwd=cwd, **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    return sha256(done.stdout).hexdigest()


@pytest.fixture(scope="module")
def expected(mixed: Path, caches: Path) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(caches))
        return digest(mixed, PYTHONHASHSEED="0")


@pytest.mark.parametrize("seed", ["1", "2", "3", "12345"])
def test_the_hash_seed_makes_no_difference(mixed: Path, expected: str, seed: str) -> None:
    """Neither with what the cache holds nor without."""
    assert digest(mixed, "--no-cache", PYTHONHASHSEED=seed) == expected
    assert digest(mixed, PYTHONHASHSEED=seed) == expected


@pytest.mark.parametrize("seed", ["1"])
def test_the_overview_is_the_same_for_any_hash_seed(mixed: Path, seed: str) -> None:
    """Without a request it is ranked in another way."""
    first, second = (run_map(str(mixed), "--all", PYTHONHASHSEED=one).stdout for one in ("0", seed))
    assert first == second
    assert first


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"TZ": "Asia/Tokyo"},
        {"PYTHONUTF8": "0"},
    ],
    ids=str,
)
def test_the_environment_makes_no_difference(mixed: Path, expected: str, environment: dict[str, str]) -> None:
    """Neither language nor time zone."""
    assert digest(mixed, "--no-cache", **environment) == expected


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_the_number_of_workers_makes_no_difference(mixed: Path, expected: str, jobs: str) -> None:
    """Whichever of them is ready first."""
    assert digest(mixed, "--no-cache", "--jobs", jobs) == expected


def test_the_place_makes_no_difference(mixed: Path, expected: str, tmp_path: Path) -> None:
    """Neither the current folder, nor how the root is spelled."""
    assert digest(Path("."), cwd=mixed) == expected
    assert digest(Path(os.path.relpath(mixed, tmp_path)) / "twins" / "..", cwd=tmp_path) == expected


def test_the_order_of_arguments_makes_no_difference(mixed: Path) -> None:
    """Several chat files and mentions are sets."""
    first = (
        "--chat-file",
        "python/ledger.py",
        "--chat-file",
        "go/queue.go",
        "--mention",
        "run",
        "--mention",
        "get",
    )
    second = (
        "--mention",
        "get",
        "--chat-file",
        "go/queue.go",
        "--mention",
        "run",
        "--chat-file",
        "python/ledger.py",
    )
    assert digest(mixed, *first) == digest(mixed, *second)
