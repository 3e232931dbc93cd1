"""One line of a session's journal, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a journal."""

    number: int
    kind: str
    time: str
    fields: Mapping[str, Any]
