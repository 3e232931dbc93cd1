"""Whether work on a goal gets anywhere: counts failures that come again. Pure.

A failure is known by what the checks print, times and addresses left out, or by what the judge says. The second time in
a row calls for a fresh context, the third ends the goal. A check may not tell how far one has come, though: where
the files are as they never were at that failure before, it counts a quarter, and what stood still before is forgiven.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ONCE = 4
"""The weight of a failure that comes with the files as they were before."""
_FRESH, _OVER = 2 * ONCE, 3 * ONCE
_VARYING = re.compile(
    r"\b0x[0-9a-f]+\b|\b\d+(?:\.\d+)?\s?(?:ms|s|sec|seconds?)\b|\b\d{1,2}:\d\d:\d\d(?:\.\d+)?\b|\b\d{4}-\d\d-\d\d\b"
    r"|\boutput-\d+\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stall:
    """A failure, and how often it has come in a row."""

    failure: str
    """Its digest."""
    weight: int = ONCE
    states: tuple[str, ...] = ()
    """The digests of the files each time."""
    is_fresh_due: bool = False
    """It is time for another approach."""

    @property
    def is_over(self) -> bool:
        """Whether it has come so often that going on is pointless."""
        return self.weight >= _OVER


def after_failure(before: Stall | None, failure: str, state: str) -> Stall:
    """Count a failure; ``failure`` and ``state`` are digests of what failed and of the files.

    >>> first = after_failure(None, "red", "files")
    >>> second = after_failure(first, "red", "files")
    >>> second.is_fresh_due, after_failure(second, "red", "files").is_over
    (True, True)
    >>> after_failure(first, "red", "other files").is_fresh_due
    False
    """
    if before is None or before.failure != failure:
        return Stall(failure, states=(state,))
    states = (*before.states, state)
    # a new state of the files forgives that the work stood still before
    weight = before.weight + ONCE if state in before.states else ONCE + len(set(states)) - 1
    is_crossing = before.weight < _FRESH <= weight
    return Stall(failure, weight, states, is_crossing)


def digest_of_failure(texts: Iterable[str]) -> str:
    """Return the digest of a failure, the same for outputs that differ in times, dates and addresses only.

    >>> digest_of_failure(["1 failed in 0.12s"]) == digest_of_failure(["1 failed in 3.4s"])
    True
    """
    return _digest(" ".join(_VARYING.sub("#", text).split()).encode("utf-8", "replace") for text in texts)


def digest_of_files(contents: Mapping[str, bytes | None]) -> str:
    """Return the digest of files, by path; None is a file that is not there."""
    parts = (path.encode("utf-8", "surrogatepass") + b"\0" + (data or b"") for path, data in contents.items())
    return _digest(parts)


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}\0".encode() + part)
    return digest.hexdigest()[:16]
