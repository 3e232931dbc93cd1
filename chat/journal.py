"""[io] The append-only record of a session; `NoJournal` is the one that keeps nothing."""

from collections.abc import Mapping


class NoJournal:
    """For chats that are not to be kept."""

    def __init__(self) -> None:
        self._written = 0

    @property
    def session_id(self) -> str:
        """No session can be resumed by it."""
        return ""

    def write(self, kind: str, fields: Mapping[str, object]) -> int:  # noqa: ARG002
        """Numbers the record and forgets it."""
        self._written += 1
        return self._written
