"""Any executor finds what the local workers find, and what it fails at is parsed here."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from repomap.errors import WorkersFailed
from repomap.workers import by_executor
from repomap.workers.by_executor import ExecutorWorkers
from repomap.workers.child import Limits
from repomap.workers.dispatch import ParsedFile, Task
from repomap.workers.pool import Workers

FILES = {f"pkg/mod_{number}.py": b"def f_%d():\n    return g()\n" % number for number in range(300)}
ODD = {
    "notes.txt": b"some words\n",
    "large.py": b"x" * 2_000_001,
    "bin.py": b"\0\1\2" * 50,
    "h.h": b"class A {\n};\n",
}

pytestmark = pytest.mark.usefixtures("lasting_workers")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_executor, "MAX_BATCH_FILES", 40)


class InlineExecutor(Executor):
    """Runs each call at once; `fail` may raise first, given how many calls came before."""

    def __init__(self, fail: Callable[[int], None] = lambda count: None) -> None:
        self.calls: list[by_executor.Batch] = []
        self._fail = fail

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.calls.append(arguments[0])
        try:
            self._fail(len(self.calls) - 1)
            future.set_result(call(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    for name, content in (FILES | ODD).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def local() -> Iterator[Workers]:
    with Workers(1) as workers:
        yield workers


def tasks(folder: Path) -> list[Task]:
    missing = [Task("gone.py", 10)]
    return [Task(name, (folder / name).stat().st_size) for name in FILES | ODD] + missing


def found(parser: Workers | ExecutorWorkers, folder: Path) -> dict[str, tuple[bytes, bytes, str]]:
    results: dict[str, tuple[bytes, bytes, str]] = {}

    def receive(file: ParsedFile) -> None:
        assert file.path not in results
        results[file.path] = (file.facts.digest, file.data, file.facts.language)

    assert parser.parse(folder, tasks(folder), on_result=receive) == []
    return results


def test_every_executor_finds_what_the_local_workers_find(folder: Path, local: Workers) -> None:
    """To the byte, for files that are not parsed, too, with threads as without."""
    expected = found(local, folder)

    with ThreadPoolExecutor(2) as threads:
        assert found(ExecutorWorkers(threads, local, 3), folder) == expected
    inline = InlineExecutor()
    assert found(ExecutorWorkers(inline, local, 1), folder) == expected
    assert len(inline.calls) > 1


def test_progress_is_reported_and_the_meantime_used(folder: Path, local: Workers) -> None:
    """As the local workers do: once for each file, and once when work is under way."""
    steps: list[tuple[int, int]] = []
    meanwhile: list[int] = []
    inline = InlineExecutor()
    ExecutorWorkers(inline, local, 1).parse(
        folder,
        tasks(folder),
        on_result=lambda _: None,
        on_progress=lambda done, total: steps.append((done, total)),
        meanwhile=lambda: meanwhile.append(len(inline.calls)),
    )
    count = len(FILES | ODD) + 1
    assert meanwhile == [1]
    assert steps == [(number, count) for number in range(1, count + 1)]


def fail_second(count: int) -> None:
    if count == 1:
        raise RuntimeError("a worker\x1b[31m died")


def fail_always(count: int) -> None:
    raise BrokenProcessPool("gone")


@pytest.mark.parametrize(("fail", "calls"), [(fail_second, range(3, 99)), (fail_always, range(4, 5))])
def test_what_the_executor_fails_at_is_parsed_here(
    folder: Path, local: Workers, fail: Callable[[int], None], calls: range
) -> None:
    """With one warning; after a few failures it is given nothing more."""
    inline = InlineExecutor(fail)
    parser = ExecutorWorkers(inline, local, 1)

    assert found(parser, folder) == found(local, folder)

    (warning,) = parser.take_warnings()
    assert "parsed here" in warning
    assert "\x1b" not in warning
    assert parser.take_warnings() == []
    assert len(inline.calls) in calls


def test_an_executor_that_was_shut_down_is_replaced(folder: Path, local: Workers) -> None:
    """`submit` itself raises."""
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    parser = ExecutorWorkers(threads, local, 4)

    assert found(parser, folder) == found(local, folder)
    assert len(parser.take_warnings()) == 1


def test_processes_with_other_grammars_are_refused(
    folder: Path, local: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would find other symbols, and nobody could say which file was read by whom."""
    versions = map(str.encode, map(str, itertools.count()))
    monkeypatch.setattr(by_executor, "version_of_all", lambda: next(versions))

    with pytest.raises(WorkersFailed, match="another version"):
        found(ExecutorWorkers(InlineExecutor(), local, 1), folder)


def test_results_for_another_content_are_not_believed(folder: Path, local: Workers) -> None:
    """Nor those for files that nobody asked for: both are parsed here."""

    class Lying(InlineExecutor):
        def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
            batch = by_executor.Batch(
                arguments[0].version,
                (*(Task(task.path, 3, b"a\nb") for task in arguments[0].tasks), Task("x.py", 1, b"x")),
            )
            return super().submit(call, batch)

    assert found(ExecutorWorkers(Lying(), local, 1), folder) == found(local, folder)


def test_a_hanging_file_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of the executor kills its parse worker, as the local pool does, and says why."""
    program = "from repomap.workers import worker; import time; parse = worker.parse_source;"
    program += "worker.parse_source = lambda source, language: "
    program += "time.sleep(60) if b'hang' in source else parse(source, language); worker.main()"
    for name, text in (
        ("a.py", "def a(): pass\n"),
        ("b.py", "def hang(): pass\n"),
        ("c.py", "def c(): pass\n"),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    results: dict[str, ParsedFile] = {}
    with Workers(1, Limits(wall_s=1), program=program) as remote, ThreadPoolExecutor(1) as threads:
        monkeypatch.setattr(by_executor, "OWN_WORKERS", remote)
        failed = ExecutorWorkers(threads, Workers(1), 2).parse(
            tmp_path,
            [Task("a.py", 14), Task("b.py", 17), Task("c.py", 14)],
            on_result=lambda file: results.update({file.path: file}),
        )
    assert [(file.path, file.failure) for file in failed] == [("b.py", "timed out")]
    assert [results[name].tags().names for name in ("a.py", "c.py")] == [("a",), ("c",)]


def test_an_interrupt_cancels_what_waits(folder: Path, local: Workers) -> None:
    """Batches that no process has begun are taken back."""
    release = threading.Event()

    submitted: list[Future[Any]] = []

    class Slow(ThreadPoolExecutor):
        def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
            future = super().submit(release.wait) if submitted else super().submit(call, *arguments)
            submitted.append(future)
            return future

    def interrupt(_: ParsedFile) -> None:
        raise KeyboardInterrupt

    with Slow(1) as slow:
        with pytest.raises(KeyboardInterrupt):
            ExecutorWorkers(slow, local, 5).parse(folder, tasks(folder), on_result=interrupt)
        assert submitted[-1].cancelled()
        release.set()
