"""Patterns, dates and ages, as `trigpoint sessions` is given them."""

import re
import time
from collections.abc import Callable

from chat.errors import UsageError

_DAY_S = 86_400.0
_SECONDS = {"h": 3_600.0, "d": _DAY_S, "w": 7 * _DAY_S}
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
"""As journals write times: UTC, to the second."""


def line_matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a line matches a regular expression, in any case. Raises UsageError."""
    try:
        regex = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"{pattern} is not a regular expression: {error}. Nothing was searched.") from error
    return lambda line: bool(regex.search(line))


def since_time(text: str) -> str:
    """Turn a date or an age into a time as journals write it. Raises UsageError."""
    if re.fullmatch(r"\d+[hdw]", text):
        return time.strftime(_TIME_FORMAT, time.gmtime(time.time() - age_seconds(text)))
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:]+Z?)?", text):
        raise UsageError(f"{text} is not a time. Give a date like 2026-01-31, or an age like 12h, 30d, 2w.")
    return text


def age_seconds(age: str) -> float:
    """Seconds in an age such as `12h`. Raises UsageError.

    >>> age_seconds("2w")
    1209600.0
    """
    match = re.fullmatch(r"(\d+)([hdw])", age)
    if not match:
        raise UsageError(f"{age} is not an age. Give one like 12h, 30d or 2w. Nothing was done.")
    return int(match[1]) * _SECONDS[match[2]]
