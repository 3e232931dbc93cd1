"""`trigpoint index` fills caches, stores and snapshots, and says what it did."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from repomap.commands import executors, index
from repomap.commands.executors import OpenedExecutor
from repomap.commands.lookups import every_command
from repomap.commands.map import run
from repomap.errors import ExitCode
from repomap.mapping.formats import schema

pytestmark = pytest.mark.usefixtures("lasting_workers")


def make(folder: Path, count: int = 3) -> str:
    folder.mkdir()
    for number in range(count):
        (folder / f"mod_{number}.py").write_text(f"def f_{number}():\n    return f_{number - 1}()\n", "utf-8")
    return str(folder)


@pytest.fixture
def root(tmp_path: Path) -> str:
    return make(tmp_path / "one")


def call(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `trigpoint index`."""
    code = run(["index", *arguments, "--jobs", "1"], every_command())
    return code, *capfd.readouterr()


def outcomes(capfd: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """What it prints as JSON, which its schema describes."""
    _, out, _ = call(capfd, *arguments, "--json")
    given = json.loads(out)
    jsonschema.validate(given, json.loads(schema("index")))
    return list(given["repositories"])


def test_each_repository_is_a_line_and_the_next_map_is_warm(
    root: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing goes to stderr."""
    other = make(tmp_path / "other", 2)
    code, out, err = call(capfd, root, other)
    assert (code, err) == (0, "")
    assert [line.rpartition(",")[0] for line in out.splitlines()] == [
        f"{root}: 3 files, 3 parsed, 0 from the cache, 0 shared, 0 unchanged",
        f"{other}: 2 files, 0 parsed, 2 from the cache, 0 shared, 0 unchanged",
    ]
    run(["map", root, "--stats"])
    assert "3 files: 0 parsed, 0 from the cache, 3 unchanged" in capfd.readouterr().err


def test_what_cannot_be_indexed_is_said_and_the_others_are(
    root: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It ends with the code of the one kind of error, and writes no snapshot that would lack something."""
    snapshot = tmp_path / "main.pack"
    code, out, err = call(capfd, str(tmp_path / "none"), root, "--snapshot-to", str(snapshot))
    assert code == ExitCode.UNREADABLE
    assert "none: not indexed" in out
    assert f"{root}: 3 files" in out
    assert "There is no folder" in err
    assert not snapshot.exists()
    assert "error" in outcomes(capfd, str(tmp_path / "none"))[0]


def test_a_store_spares_others_the_parsing(
    root: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also of what the cache or the saved index knew before there was a store."""
    call(capfd, root)
    store = ("--store", str(tmp_path / "store"))
    assert outcomes(capfd, root, *store)[0]["cached"] == 3
    other = make(tmp_path / "other", 4)
    found = outcomes(capfd, other, *store, "--no-cache")[0]
    assert (found["parsed"], found["shared"], found["warnings"]) == (1, 3, [])


def test_a_snapshot_is_fetched_instead_of_parsing(
    root: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It has no more files than repositories have contents, and counts by content alone."""
    url = str(tmp_path / "main.pack")
    call(capfd, root)
    _, out, _ = call(capfd, root, "--snapshot-to", url)
    digest = out.split()[-1]
    assert Path(f"{url}.sha256").read_text("utf-8").strip() == digest
    other = make(tmp_path / "other", 4)
    (Path(other) / "mod_0.py").write_text("def changed(): pass\n", "utf-8")
    found = outcomes(capfd, other, "--no-cache", "--snapshot-from", url, "--snapshot-digest", digest)[0]
    assert (found["parsed"], found["shared"]) == (2, 2)


def test_a_digest_without_a_snapshot_is_refused(root: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever gives one would think that something was compared."""
    code, out, err = call(capfd, root, "--snapshot-digest", "0" * 64)
    assert (code, out) == (ExitCode.USAGE, "")
    assert "--snapshot-from" in err


def test_a_doubtful_snapshot_costs_a_warning(
    root: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Everything is parsed."""
    url = str(tmp_path / "main.pack")
    call(capfd, root, "--snapshot-to", url)
    asked = ("--no-cache", "--snapshot-from", url, "--snapshot-digest", "0" * 64)
    code, out, err = call(capfd, root, *asked)
    assert code == 0
    assert "3 parsed" in out
    assert "is not used" in err


def test_a_store_that_cannot_be_reached_is_said_once(
    root: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """For all repositories together."""
    code, _, err = call(capfd, root, make(tmp_path / "other"), "--store", "nonsense://user:hunter2@x/y")
    assert code == 0
    assert err.count("cannot be used") == 1
    assert "hunter2" not in err


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("ray://x:1", ExitCode.USAGE, "dask://HOST:PORT"),
        ("dask://", ExitCode.USAGE, "dask://HOST:PORT"),
        ("dask://host:port", ExitCode.USAGE, "dask://HOST:PORT"),
        ("dask+tls://host", ExitCode.USAGE, "dask://HOST:PORT"),
        ("dask://localhost:1", None, "error: "),
    ],
)
def test_an_executor_that_cannot_be_had_is_an_error(
    root: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    code: int | None,
    said: str,
) -> None:
    """Of another kind, or without dask or a scheduler."""
    monkeypatch.setattr(executors, "CONNECT_S", 0.2)
    ended, out, err = call(capfd, root, "--executor", url)
    assert ended == code if code else ended in (ExitCode.USAGE, ExitCode.FAILED)
    assert said in err
    assert out == ""


def test_an_executor_parses(
    root: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the URL leads to."""
    with ThreadPoolExecutor(1) as threads:

        def opened(_url: str | None) -> Any:
            from contextlib import nullcontext

            return nullcontext(OpenedExecutor(threads, 2))

        monkeypatch.setattr(index, "opened_executor", opened)
        found = outcomes(capfd, root, "--executor", "dask://x:1")[0]
    assert (found["parsed"], found["warnings"]) == (3, [])
