"""What the index answers to a user: lookups, and names for completion."""

import re

from chat.conversation.context_requests import PathTable, read_context_requests
from chat.errors import InputError
from chat.model import RepoPath
from chat.state.state import State

_PATH = re.compile(r"[\w./+@-]+")


class IndexView:
    """The index over the repository, as a user asks it."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, line: str) -> str:
        """Return the answer to `map: …`, `find: …`, `refs: …`, `show: …` or `past: …`, as the model gets it."""
        from chat.turn.requests.lookups import answer_to

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

    def paths_in(self, text: str) -> tuple[RepoPath, ...]:
        """Return the files that a text names, in its order; waits for the index."""
        table = self._state.ports.workspace.path_table()
        words = (word.rstrip(".") for word in _PATH.findall(text))
        found = (table.find(word) for word in words if "." in word or "/" in word)
        return tuple(dict.fromkeys(path for path in found if path))

    def symbols(self) -> tuple[str, ...]:
        """Return the names that the repository defines; none until the index is open."""
        workspace = self._state.ports.workspace
        return workspace.symbols() if workspace.is_ready() else ()
