"""A cluster that is lost fails what it was given, instead of keeping its client waiting."""

from concurrent.futures import Executor, Future
from typing import Any

import pytest

from repomap.commands import executors
from repomap.commands.executors import ClusterExecutor


class FakeClient:
    """A client of dask whose calls never end."""

    def __init__(self) -> None:
        self.status = "running"

    def get_executor(self, *, pure: bool) -> Executor:
        assert not pure  # the same content may have to be parsed again, by another worker

        class Pending(Executor):
            def submit(self, *_: Any, **__: Any) -> Future[Any]:
                return Future()

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
