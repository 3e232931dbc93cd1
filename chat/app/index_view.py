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
        """Return the answer to `map: …`, `find: …`, `refs: …`, `show: …` or `past: …`, as the model gets it."""
        from chat.turn.lookups import answer_to

        lookups = read_context_requests(line, PathTable(())).lookups
        if not lookups:
            raise InputError(
                f"{line}: not a lookup. Write map:, find:, refs:, show: or past: and what to look for."
            )
        return answer_to(self._state, lookups[0])

    def paths(self) -> tuple[RepoPath, ...]:
        """Return the files of the repository; none until the index is open."""
        workspace = self._state.ports.workspace
        return workspace.paths() if workspace.is_ready() else ()

    def symbols(self) -> tuple[str, ...]:
        """Return the names that the repository defines; none until the index is open."""
        workspace = self._state.ports.workspace
        return workspace.symbols() if workspace.is_ready() else ()
