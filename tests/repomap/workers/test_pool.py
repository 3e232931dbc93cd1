"""Parsing goes on whatever a file does to the worker that reads it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import pytest
from processes import is_running, until

from repomap.errors import WorkersFailed
from repomap.parsing.languages import BY_NAME
from repomap.parsing.parse import parse_source, parse_text
from repomap.workers import pool as pool_module
from repomap.workers.child import Limits
from repomap.workers.dispatch import ParsedFile, Task
from repomap.workers.pool import Workers

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and FIFOs are POSIX")
UNSAFE = "from repomap.parsing import languages, parse; from repomap.workers import worker;"
UNSAFE += "names = {'yaml': '.yaml', 'markdown': '.mdx', 'ocaml': '.mlx', 'kotlin': '.ktx', 'cobol': '.cob'};"
UNSAFE += "languages.BY_SUFFIX.update({end: languages.Language(name) for name, end in names.items()});"
UNSAFE += "known = parse.query_text;"
UNSAFE += "parse.query_text = lambda name: '(_) @string' if name in names else known(name);"
UNSAFE += "worker._skip_reason = lambda source: ''; worker.main()"
"""A worker that reads all it is given, also with grammars that are known to be unsafe."""

POISON = {
    "nested.yaml": b"".join(b" " * depth + b"k:\n" for depth in range(1000)),
    "quotes.mdx": b">" * 300,
    "comments.mlx": b"(*" * 200_000,
    "templates.ktx": b'"${' * 2000,
    "equation.cob": b"x = 1\n",
}
BRACKETS = {"brackets.py": b"(" * 1_000_000, "braces.go": b"{" * 1_000_000}
HONEST = {f"honest_{number}.py": b"def f_%d():\n    return g()\n" % number for number in range(30)}


def write(folder: Path, files: dict[str, bytes]) -> list[Task]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [Task(name, len(content)) for name, content in files.items()]


def parse(folder: Path, tasks: list[Task], pool: Workers) -> dict[str, ParsedFile]:
    results: dict[str, ParsedFile] = {}
    failed = pool.parse(folder, tasks, on_result=lambda file: results.update({file.path: file}))
    assert failed == sorted((file for file in results.values() if file.failure), key=lambda file: file.path)
    return results


@pytest.fixture
def pool() -> Iterator[Workers]:
    with Workers(2, Limits(cpu_s=5, wall_s=20)) as pool:
        yield pool


def test_workers_find_the_same_as_parsing_in_this_process(tmp_path: Path, pool: Workers) -> None:
    """The same tags, and the digest, size and time of the content that was read."""
    source = Path(pool_module.__file__).read_bytes()
    tasks = write(tmp_path, {**HONEST, "workers.py": source, "notes.txt": b"some words, some more\n"})

    results = parse(tmp_path, tasks, pool)

    assert results.keys() == {task.path for task in tasks}
    assert results["workers.py"].tags() == parse_source(source, BY_NAME["python"])
    assert results["notes.txt"].tags() == parse_text(b"some words, some more\n")
    facts = results["workers.py"].facts
    assert facts.digest == blake2b(source, digest_size=16).digest()
    assert (facts.size, facts.language) == (len(source), "python")
    assert facts.mtime_ns == (tmp_path / "workers.py").stat().st_mtime_ns


def test_progress_counts_up_to_all(tmp_path: Path, pool: Workers) -> None:
    """One call for each file."""
    steps: list[tuple[int, int]] = []
    pool.parse(
        tmp_path,
        write(tmp_path, HONEST),
        on_result=lambda _: None,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(number, 30) for number in range(1, 31)]


def test_nothing_to_parse_starts_no_worker(tmp_path: Path, pool: Workers) -> None:
    """An unchanged tree costs no process."""
    assert pool.parse(tmp_path, [], on_result=lambda _: None) == []
    assert pool._idle == []


@POSIX
def test_poisonous_files_fail_alone_and_the_rest_is_parsed(tmp_path: Path) -> None:
    """Each kills or hangs its worker; each is reported with the reason and its content's digest."""
    tasks = write(tmp_path, POISON | HONEST)
    start = time.monotonic()

    with Workers(2, Limits(cpu_s=1, wall_s=30), program=UNSAFE) as pool:
        results = parse(tmp_path, tasks, pool)

    assert time.monotonic() - start < 30
    assert {name for name, file in results.items() if file.failure} == POISON.keys()
    assert results["equation.cob"].failure == "timed out"
    for name, content in POISON.items():
        assert results[name].facts.digest == blake2b(content, digest_size=16).digest()
        assert results[name].tags().skipped == "failed"
        assert results[name].detail
    for name in HONEST:
        assert results[name].tags().names == (f"f_{name[7:-3]}",)


def test_a_megabyte_of_brackets_is_read_in_time(tmp_path: Path) -> None:
    """Quadratic once; now well inside the deadline, or cut off by it."""
    start = time.monotonic()
    with Workers(2, Limits(cpu_s=5, wall_s=30), program=UNSAFE) as pool:
        results = parse(tmp_path, write(tmp_path, BRACKETS | HONEST), pool)
    assert time.monotonic() - start < 40
    assert all(not results[name].failure for name in HONEST)
    assert all(results[name].failure in (None, "timed out") for name in BRACKETS)


@POSIX
def test_a_worker_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    """By the system's limit, in the worker's own code as in a grammar."""
    program = "from repomap.workers import worker; parse = worker.parse_source;"
    program += "worker.parse_source = lambda source, language: "
    program += "bytearray(1 << 40) if b'f_7(' in source else parse(source, language); worker.main()"
    with Workers(1, Limits(memory_bytes=1 << 30), program=program) as pool:
        results = parse(tmp_path, write(tmp_path, HONEST), pool)
    assert [name for name, file in results.items() if file.failure] == ["honest_7.py"]
    assert results["honest_7.py"].failure == "out of memory"


def test_a_worker_that_sleeps_forever_is_killed(tmp_path: Path) -> None:
    """The wall clock limit catches what uses no CPU time."""
    program = "from repomap.workers import worker; import time; parse = worker.parse_source;"
    program += "worker.parse_source = lambda source, language: "
    program += "time.sleep(60) if b'f_3(' in source else parse(source, language); worker.main()"
    with Workers(2, Limits(wall_s=1), program=program) as pool:
        results = parse(tmp_path, write(tmp_path, HONEST), pool)
    assert {name: file.failure for name, file in results.items() if file.failure} == {
        "honest_3.py": "timed out"
    }


@POSIX
def test_a_worker_killed_from_outside_costs_no_file(tmp_path: Path) -> None:
    """The file that it was parsing is tried once more, alone."""
    program = "from repomap.workers import worker; import os; parse = worker.parse_source; mark = %r;"
    program += "worker.parse_source = lambda source, language: os.kill(os.getpid(), 9) "
    program += "if b'f_5(' in source and not os.path.exists(mark) and not os.mkdir(mark) "
    program += "else parse(source, language); worker.main()"
    with Workers(2, program=program % str(tmp_path / "mark")) as pool:
        results = parse(tmp_path, write(tmp_path, HONEST), pool)
    assert (tmp_path / "mark").is_dir()
    assert len(results) == 30
    assert not any(file.failure for file in results.values())


def test_an_error_while_parsing_concerns_one_file(tmp_path: Path) -> None:
    """The worker lives on."""
    program = "from repomap.workers import worker; parse = worker.parse_source;"
    program += "worker.parse_source = lambda source, language: "
    program += "source.no if b'f_3(' in source else parse(source, language); worker.main()"
    with Workers(1, program=program) as pool:
        results = parse(tmp_path, write(tmp_path, HONEST), pool)
    assert [name for name, file in results.items() if file.tags().skipped] == ["honest_3.py"]


def test_workers_that_cannot_start_are_an_error_with_the_reason(tmp_path: Path) -> None:
    """Not thirty files that crashed."""
    with (
        Workers(2, program="import no_such_module") as pool,
        pytest.raises(WorkersFailed, match="30 files were not"),
    ):
        parse(tmp_path, write(tmp_path, HONEST), pool)


def test_skipped_files_are_reported_with_the_reason(tmp_path: Path, pool: Workers) -> None:
    """Missing, a folder, binary, generated, minified, too large; only regular files are opened."""
    files = {
        "image.py": b"a\0b",
        "made.py": b"# @generated by a tool\nx = 1\n",
        "small.min.js": b"var a=1;" * 2000,
        "big.py": b"x = 1\n" * 400_000,
        "big.txt": b"word\n" * 50_000,
        "empty.py": b"",
        "run": b"#!python3\ndef f(): pass\n",
        "latin.py": "é = 1\n".encode("latin-1"),
    }
    tasks = write(tmp_path, files)
    (tmp_path / "folder.py").mkdir()

    results = parse(tmp_path, [*tasks, Task("folder.py"), Task("gone.py"), Task("a/b.py")], pool)

    assert {name: file.tags().skipped for name, file in results.items()} == {
        "image.py": "binary",
        "made.py": "generated",
        "small.min.js": "minified",
        "big.py": "large",
        "big.txt": "large",
        "folder.py": "unreadable",
        "gone.py": "unreadable",
        "a/b.py": "unreadable",
        "empty.py": "",
        "run": "",
        "latin.py": "",
    }
    assert results["run"].tags().language == "python"
    assert results["big.py"].facts.digest == b""


@POSIX
def test_fifos_devices_links_and_odd_names_do_not_block(tmp_path: Path, pool: Workers) -> None:
    """A FIFO without a writer would block a plain `open` forever."""
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "null.py").symlink_to("/dev/null")
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    odd = b"new\nline \xff.py"
    with open(os.path.join(os.fsencode(tmp_path), odd), "wb") as file:
        file.write(b"def f(): pass\n")
    name = odd.decode("utf-8", "surrogateescape")
    secret = tmp_path / "secret.py"
    secret.write_bytes(b"def f(): pass\n")
    secret.chmod(0)

    tasks = [Task(path) for path in ("fifo.py", "null.py", "zero.py", "secret.py", name)]
    results = parse(tmp_path, tasks, pool)

    readable = "" if os.geteuid() == 0 else "unreadable"
    reasons = [results[task.path].tags().skipped for task in tasks]
    assert reasons == ["unreadable", "link", "link", readable, ""]
    assert results[name].tags().names == ("f",)


def test_an_interrupt_keeps_what_was_parsed_and_leaves_no_worker(tmp_path: Path, pool: Workers) -> None:
    """Ctrl-C arrives between two results."""
    kept: list[str] = []

    def interrupt(file: ParsedFile) -> None:
        kept.append(file.path)
        if len(kept) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pool.parse(tmp_path, write(tmp_path, HONEST), on_result=interrupt)

    assert 3 <= len(kept) == len(set(kept))
    assert pool._idle == []
    assert parse(tmp_path, [Task("honest_1.py")], pool)["honest_1.py"].tags().names == ("f_1",)


PARENT = """
import os, signal, sys, threading, time
from pathlib import Path
from repomap.workers.dispatch import Task
from repomap.workers.pool import Workers
program = "import os; os.write(2, b'x'); from repomap.workers import worker; import time;"
program += "worker.parse_source = lambda source, language: time.sleep(600); worker.main()"
if __name__ == "__main__":
    pool = Workers(2, program=program)
    def print_pids():
        pids, deadline = [], time.monotonic() + 30
        while len(pids) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
            pids = [thread.child._process.pid for thread in threading.enumerate()
                    if getattr(thread, "child", None) and thread.child.ready]
        print(*pids, flush=True)
    threading.Thread(target=print_pids, daemon=True).start()
    try:
        pool.parse(Path(sys.argv[1]), [Task(f"honest_{n}.py", 200_000) for n in range(30)], on_result=print)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@POSIX
@pytest.mark.parametrize("how", ["interrupt", "kill"])
def test_workers_end_with_their_parent(tmp_path: Path, how: str) -> None:
    """On an interrupt at once, on kill -9 when they have finished their file."""
    write(tmp_path, HONEST)
    program = PARENT if how == "interrupt" else PARENT.replace("time.sleep(600)", "time.sleep(1)")
    folder = str(Path(pool_module.__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": folder},
    )
    with parent:
        assert parent.stdout
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGKILL)
        assert parent.wait(timeout=30) == (130 if how == "interrupt" else -9)
    until(lambda: not any(map(is_running, pids)))


def test_workers_are_kept_for_the_next_call(tmp_path: Path, pool: Workers) -> None:
    """An index that stays open pays for their start once."""
    tasks = write(tmp_path, HONEST)
    parse(tmp_path, tasks[:1], pool)
    first = [child._process.pid for child in pool._idle]
    parse(tmp_path, tasks[:1], pool)
    assert [child._process.pid for child in pool._idle] == first
    assert len(first) == 1


def test_a_system_that_cannot_start_workers_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are too many processes, or Python was removed."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with Workers(2) as pool, pytest.raises(WorkersFailed, match=r"No such file|cannot find"):
        parse(tmp_path, write(tmp_path, HONEST), pool)


def test_a_worker_imports_only_what_parsing_needs(tmp_path: Path) -> None:
    """So that it starts fast, and runs no module of the current folder."""
    program = "from repomap.workers.worker import main; import sys;"
    program += "sys.stderr.write('\\n' + ' '.join({'numpy', 'regex', 'asyncio', 'repomap.engine', 'site'}"
    program += " & sys.modules.keys()) + '.'); sys.exit(3)"
    with Workers(1, program=program) as pool, pytest.raises(WorkersFailed, match=r"exit status 3: \."):
        parse(tmp_path, write(tmp_path, HONEST), pool)
