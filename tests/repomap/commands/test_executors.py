"""A cluster that is lost fails what it was given, instead of keeping its client waiting."""

from concurrent.futures import Executor, Future
from typing import Any

import pytest

from repomap.commands import executors
from repomap.commands.executors import ClusterExecutor


class Ending(Future[Any]):
    """Ends just when it is about to be failed."""

    def set_exception(self, exception: BaseException | None) -> None:
        self.set_result(0)
        super().set_exception(exception)


class FakeClient:
    """A client of dask whose calls never end."""

    def __init__(self, future: type[Future[Any]] = Future) -> None:
        self.status = "running"
        self.future = future

    def get_executor(self, *, pure: bool) -> Executor:
        assert not pure  # the same content may have to be parsed again, by another worker
        made = self.future

        class Pending(Executor):
            def submit(self, *_: Any, **__: Any) -> Future[Any]:
                return made()

        return Pending()


def test_what_a_lost_scheduler_was_given_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is given nothing more."""
    monkeypatch.setattr(executors, "LOOK_S", 0.01)
    client = FakeClient()
    executor = ClusterExecutor(client)  # type: ignore[arg-type]
    waiting, done = executor.submit(len, ""), executor.submit(len, "")
    done.set_result(0)
    assert not waiting.done()

    client.status = "closed"

    assert "lost" in str(waiting.exception(timeout=10))
    assert done.result() == 0
    with pytest.raises(RuntimeError, match="lost"):
        executor.submit(len, "")
    executor.close()


def test_what_ends_while_the_scheduler_is_lost_keeps_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what else it was given fails all the same: the watch goes on."""
    monkeypatch.setattr(executors, "LOOK_S", 0.01)
    client = FakeClient(Ending)
    executor = ClusterExecutor(client)  # type: ignore[arg-type]
    given = [executor.submit(len, "") for _ in range(3)]

    client.status = "closed"

    assert [future.result(timeout=10) for future in given] == [0, 0, 0]
    executor.close()
