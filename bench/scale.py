"""Measure what indexing costs by workers, and extrapolate it; in the environment that `make test-cluster` makes.

    scale.py TREE [--other TREE] [--workers 1,2,4]

A tree is a git work tree; with `--other`, a second one that shares most of its files. Every run begins with empty
caches and its own cluster on loopback: a scheduler, and workers of one thread. One line of JSON for each:

local    parsed by processes of this one, one for each core
workers  parsed by so many dask workers
store    the other tree, with a store (a folder) that holds the first one: `parsed` are the files it does not share
known    the other tree once more: everything is in the store

`client_cpu_s` is processor time of the process that lists, reads, sends, and puts the index together; `worker_cpu_s`
that of the processes that parse. Both depend less on a busy machine than `wall_s`. The last line is the extrapolation:
a number of files takes as long as the slower of the two, and from `enough_workers` on that is the client.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from repomap.index.index import Index
from repomap.index.options import IndexOptions
from repomap.index.sources import open_store

FILES, REPOSITORIES = 1_000_000, 10_000


def cpu_of_children() -> float:
    """Processor time of all processes below this one, in seconds; workers run this, too."""
    import psutil

    total = 0.0
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return total


def cpu_of_process_and_children() -> float:
    """That, and the processor time of this process."""
    return time.process_time() + cpu_of_children()


def measure(root: Path, name: str, options: IndexOptions, client: Any = None) -> dict[str, Any]:
    """Index a tree once; return its figures."""

    def workers_s() -> float:
        return sum(client.run(cpu_of_process_and_children).values()) if client else 0.0

    before_s = workers_s()
    started, cpu_s, children_s = time.perf_counter(), time.process_time(), os.times()
    with Index(root, options) as index:
        refreshed = index.refresh()
        index.map()
    wall_s, client_s = time.perf_counter() - started, time.process_time() - cpu_s
    after = os.times()
    local_s = (
        after.children_user + after.children_system - children_s.children_user - children_s.children_system
    )
    for store in options.kept_in:
        store.flush()
    return {
        "run": name,
        "files": refreshed.files,
        "parsed": refreshed.parsed,
        "shared": refreshed.shared,
        "wall_s": round(wall_s, 2),
        "client_cpu_s": round(client_s, 2),
        "worker_cpu_s": round(workers_s() - before_s if client else local_s, 2),
    }


@contextmanager
def cluster(workers: int) -> Iterator[Any]:
    """A scheduler and workers on loopback, in processes of their own, which have imported what they need."""
    from distributed import Client

    from repomap.workers.by_executor import Batch, parse_batch
    from repomap.workers.dispatch import Task
    from repomap.workers.parsing_version import version_of_all

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    started = [
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        [*dask, "worker", address, "--nworkers", str(workers), "--nthreads", "1", "--no-dashboard"],
    ]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path[1:])}
    processes = [subprocess.Popen(each, env=env, stderr=subprocess.DEVNULL) for each in started]
    try:
        with Client(address, timeout=60) as client:
            client.wait_for_workers(workers, timeout=120)
            client.run(parse_batch, Batch(version_of_all(), (Task("a.py", 5, b"a = 1"),)))
            yield client
    finally:
        for process in processes[::-1]:
            process.terminate()
            process.wait()


def extrapolated(run: dict[str, Any]) -> dict[str, Any]:
    """What more files would take, from the figures of one run."""
    client_ms, worker_ms = (1000 * run[f"{side}_cpu_s"] / run["files"] for side in ("client", "worker"))
    times = {
        f"{workers} workers": round(FILES / 1000 * max(client_ms, worker_ms / workers))
        for workers in (1, 2, 4, 8, 16, 64)
    }
    return {
        "client_ms_per_file": round(client_ms, 3),
        "worker_ms_per_file": round(worker_ms, 3),
        "enough_workers": round(worker_ms / client_ms, 1),
        f"{FILES} files, seconds": times,
        f"{REPOSITORIES} such repositories, client hours": round(
            REPOSITORIES * run["client_cpu_s"] / 3600, 1
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", type=Path)
    parser.add_argument("--other", type=Path)
    parser.add_argument(
        "--workers", default="1,2,4", type=lambda text: [int(part) for part in text.split(",")]
    )
    asked = parser.parse_args()
    cold = IndexOptions(cache=False, few_files=0)
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CACHE_HOME"] = home
        print(json.dumps(measure(asked.tree, "local", cold)), flush=True)
        last: dict[str, Any] = {}
        for workers in asked.workers:
            with cluster(workers) as client:
                options = IndexOptions(cache=False, executor=client.get_executor(pure=False))
                last = measure(asked.tree, f"{workers} workers", options, client)
                print(json.dumps(last), flush=True)
        for name, tree in (("first", asked.tree), ("store", asked.other), ("known", asked.other)):
            store = open_store(f"{home}/store")
            options = IndexOptions(cache=False, few_files=0, stores=(store,), kept_in=(store,))
            if asked.other:
                print(json.dumps(measure(tree, name, options)), flush=True)
    print(json.dumps(extrapolated(last)))


if __name__ == "__main__":
    main()
