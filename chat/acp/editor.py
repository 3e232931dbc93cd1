"""[io] The editor, as the thread of a session reaches it through the event loop."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from acp.interfaces import Client
from acp.schema import AllowedOutcome, PermissionOption, ToolCallUpdate

from chat.acp.updates import Update
from chat.safety.stopping import POLL_S

T = TypeVar("T")


class OneStop(threading.Event):
    """Interrupts once each time that it is set, as Ctrl-C does: what clears up behind the turn is not interrupted.

    Only the thread that it interrupts may ask whether it is set.
    """

    def is_set(self) -> bool:
        """Return whether it was set, and forget that."""
        was_set = super().is_set()
        self.clear()
        return was_set


class Editor:
    """The editor's side of one session."""

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        self._client = client
        self._loop = loop
        self._stop = stop
        self.session_id = ""
        """Known once the chat is open; nothing can be shown before."""

    def show(self, *updates: Update) -> None:
        """Show updates, in order. Raises KeyboardInterrupt where the editor is gone, or reads nothing and cancels."""
        if self.session_id:
            for update in updates:
                self._wait(self._client.session_update(self.session_id, update))

    def choose(self, call: Update, options: list[PermissionOption]) -> str:
        """Ask the user about a tool call; return the id of the option chosen, "" for none.

        Raises KeyboardInterrupt where the turn is cancelled meanwhile.
        """
        about = ToolCallUpdate(
            tool_call_id=call.tool_call_id,
            title=call.title,
            kind=call.kind,
            status=call.status,
            content=call.content,
            raw_input=call.raw_input,
        )
        answer = self._wait(self._client.request_permission(self.session_id, about, options))
        if self._stop.is_set():
            raise KeyboardInterrupt
        return answer.outcome.option_id if isinstance(answer.outcome, AllowedOutcome) else ""

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:  # the loop has ended with the connection
            coroutine.close()
            raise KeyboardInterrupt from None
        while True:
            try:
                return future.result(POLL_S)
            except TimeoutError:
                if self._stop.is_set():
                    future.cancel()
                    raise KeyboardInterrupt from None
            except (ConnectionError, CancelledError):
                raise KeyboardInterrupt from None
