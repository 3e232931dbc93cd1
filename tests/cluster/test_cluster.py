"""A dask cluster and S3, on loopback: the same bytes whoever parses, and whatever happens to a worker.

`make test-cluster` runs these in an environment of its own; elsewhere they are skipped.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repomap.commands.executors import ClusterExecutor, opened_executor
from repomap.commands.lookups import every_command
from repomap.commands.map import run
from repomap.index.index import Index
from repomap.index.options import IndexOptions, Refreshed
from repomap.index.sources import open_store
from repomap.store.place import Place
from repomap.store.snapshot import SnapshotWriter
from repomap.workers import by_executor

NO_DASK = "dask is not installed: run `make test-cluster`"
NO_S3 = "s3fs and moto are not installed: run `make test-cluster`"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # what dask, tornado and botocore do is theirs
    pytest.mark.skipif(sys.platform == "win32", reason="a worker is killed by a signal"),
]

COUNT = 100
OPTIONS = IndexOptions(1, cache=False, history=False, few_files=0)


def repository(folder: Path, changed: int = 0) -> Path:
    """Files of several batches, of which so many differ from those of another such repository."""
    folder.mkdir()
    for number in range(COUNT):
        body = "".join(
            f"def f_{number}_{line}(x):\n    return f_{number - 1}_{line}(x)\n\n\n" for line in range(50)
        )
        (folder / f"mod_{number}.py").write_text(body + "# changed\n" * (number < changed), "utf-8")
    return folder


class Read:
    """What a repository is read as: the outcome, a digest of all tags, and all that a map can show."""

    def __init__(
        self, root: Path, options: IndexOptions, on_progress: Callable[[str, int, int], None] | None = None
    ) -> None:
        writer = SnapshotWriter(str(root.parent / "read.pack"))
        with Index(root, replace(options, kept_in=(*options.kept_in, writer))) as index:
            self.refreshed: Refreshed = index.refresh(on_progress)
            self.same = (writer.write().sha256, index.map(tokens=30_000).text)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("cluster") / "one")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there are enough of them to be interrupted."""
    monkeypatch.setattr(by_executor, "MIN_SENT_BYTES", 10_000)


@pytest.fixture
def local(root: Path) -> Read:
    return Read(root, OPTIONS)


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A cluster of one worker, which may get more."""
    distributed = pytest.importorskip("distributed", reason=NO_DASK)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield cluster


def url_of(cluster: Any) -> str:
    return str(cluster.scheduler_address).replace("tcp://", "dask://")


def scaled(cluster: Any, workers: int) -> str:
    """The URL of the cluster when it has so many workers."""
    cluster.scale(workers)
    with opened_executor(url_of(cluster)) as opened:
        assert isinstance(opened.executor, ClusterExecutor)
        opened.executor._client.wait_for_workers(workers, timeout=60)
    return url_of(cluster)


def test_any_number_of_workers_gives_the_same_bytes(root: Path, cluster: Any, local: Read) -> None:
    """One, two and four worker processes, and two of which one is killed when half of the files are read."""
    for workers in (1, 2, 4):
        with opened_executor(scaled(cluster, workers)) as opened:
            found = Read(root, replace(OPTIONS, executor=opened.executor, in_flight=4))
        assert (found.refreshed.parsed, found.refreshed.warnings) == (COUNT, ())
        assert found.same == local.same

    with opened_executor(scaled(cluster, 2)) as opened:
        assert isinstance(opened.executor, ClusterExecutor)
        first = next(iter(opened.executor._client.run(os.getpid).values()))

        def kill_half_way(_: str, done: int, total: int) -> None:
            if done == total // 2:
                os.kill(first, signal.SIGKILL)

        found = Read(root, replace(OPTIONS, executor=opened.executor, in_flight=3), kill_half_way)
    assert (found.refreshed.parsed, found.refreshed.warnings) == (COUNT, ())
    assert found.same == local.same


def test_a_scheduler_that_is_lost_leaves_the_rest_to_this_machine(
    root: Path, cluster: Any, local: Read
) -> None:
    """With a warning; dask's own futures would stay pending."""
    with opened_executor(url_of(cluster)) as opened:

        def lose_it(_: str, done: int, total: int) -> None:
            if done == total // 4:
                cluster.close()

        found = Read(root, replace(OPTIONS, executor=opened.executor, in_flight=2), lose_it)
    assert "The executor failed" in found.refreshed.warnings[0]
    assert found.same == local.same


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty bucket on a server on loopback."""
    s3fs = pytest.importorskip("s3fs", reason=NO_S3)
    server = pytest.importorskip("moto.server", reason=NO_S3).ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTING")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-said")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = f"tags-{port}"  # the servers of one process share their buckets
    s3fs.S3FileSystem(skip_instance_cache=True).mkdir(name)
    yield f"s3://{name}/shared"
    server.stop()


def test_repositories_share_a_bucket(root: Path, tmp_path: Path, bucket: str, local: Read) -> None:
    """A second repository that shares 90 % of its files parses the rest alone; a snapshot may be there, too."""
    store = open_store(bucket)
    assert Read(root, replace(OPTIONS, stores=(store,), kept_in=(store,))).same == local.same
    store.flush()
    other = repository(tmp_path / "other", changed=COUNT // 10)

    found = Read(other, replace(OPTIONS, stores=(open_store(bucket),)))

    assert (found.refreshed.parsed, found.refreshed.shared, found.refreshed.warnings) == (10, 90, ())
    assert found.same == Read(other, OPTIONS).same
    assert len(Place(bucket).sizes()) == 1


def test_the_command_does_all_of_it(
    root: Path, cluster: Any, bucket: str, capfd: pytest.CaptureFixture[str], local: Read
) -> None:
    """Parsed by the cluster, kept in a bucket, fetched as a snapshot; nothing secret is said."""
    snapshot = f"{bucket}/main.pack"
    cold = ("--no-cache", "--store", bucket)
    code = run(
        ["index", str(root), *cold, "--executor", url_of(cluster), "--snapshot-to", snapshot], every_command()
    )
    out, err = capfd.readouterr()
    assert code == 0
    assert f"{COUNT} files, {COUNT} parsed" in out
    assert out.split()[-1] == local.same[0]
    assert "not-to-be-said" not in out + err

    run(["cache", "clear"], every_command())
    run(["index", str(root), "--no-cache", "--snapshot-from", snapshot], every_command())
    assert f"0 parsed, 0 from the cache, {COUNT} shared" in capfd.readouterr().out
