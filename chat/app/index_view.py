"""What the index answers to a user: lookups, and names for completion."""

from chat.conversation.context_requests import PathTable, read_context_requests
from chat.errors import InputError
from chat.model import RepoPath
from chat.state.state import State


class IndexView:
    """The index over the repository, as a user asks it."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, line: str) -> str:
        """The answer to `map: …`, `find: …`, `refs: …`, `show: …` or `past: …`, as the model gets it."""
        from chat.turn.lookups import answer_to

        lookups = read_context_requests(line, PathTable(())).lookups
        if not lookups:
            raise InputError(f"{line}: write map:, find:, refs:, show: or past: and what to look for.")
        return answer_to(self._state, lookups[0])

    def paths(self) -> tuple[RepoPath, ...]:
        """The files of the repository; empty until the index is there."""
        return self._state.ports.workspace.paths() if self._state.ports.workspace.is_ready() else ()

    def symbols(self) -> tuple[str, ...]:
        """The names that the repository defines; empty until the index is there."""
        return self._state.ports.workspace.symbols() if self._state.ports.workspace.is_ready() else ()
