"""What a user types after `/goal` → the condition, and the limits that it names. Pure."""

import re

from chat.display.amounts import counted
from chat.errors import UsageError
from chat.state.spending import Limits

MAX_CHARACTERS = 4_000
ONLY_CHECKS = "checks"
"""Typed as the condition: the goal is that the checks succeed, and nothing else."""

_AMOUNT = (
    r"(?:\$\s?\d+(?:\.\d+)?|(?:\d[\d,]*(?:\.\d+)?|an?|one|half an)\s?[kKmM]?\s?"
    r"(?:turns?|days?|hours?|hrs?|h|minutes?|mins?|seconds?|secs?|tokens?|dollars?|USD))(?![\w$])"
)
_JOIN = r"(?:\s*,?\s*(?:and|or)\s+|\s*,\s*)"
_LEAD = r"(?:\s*[,;]?\s*\b(?:or|and|but)\b\s*|\s*[,;.]?\s*)"
_APART = r"(?:\A\s*|\s*[,;.]?\s*\b(?:or|and|but)\b\s*|\s*[,;.]\s*)"
"""What sets a limit apart from a condition that says when something stops."""
_ANYWHERE = re.compile(
    rf"{_APART}\b(?:stop|give up)\s+after\s+(?P<amounts>{_AMOUNT}(?:{_JOIN}{_AMOUNT})*)", re.IGNORECASE
)
_AT_END = re.compile(
    rf"{_LEAD}\b(?:within|(?:for|in|with|using)\s+(?:at most|no more than|up to)|at most)\s+"
    rf"(?P<amounts>{_AMOUNT}(?:{_JOIN}{_AMOUNT})*)\s*[.!]?\s*\Z",
    re.IGNORECASE,
)
"""What else may be meant as part of the condition counts as a limit only at its end."""
_ONE = re.compile(
    r"(?:\$\s?(?P<usd>\d+(?:\.\d+)?)|(?P<number>\d[\d,]*(?:\.\d+)?|an?|one|half an)\s?"
    r"(?P<thousands>[kKmM](?=\s?tok))?\s?(?P<unit>[a-zA-Z]+))",
    re.IGNORECASE,
)
_WORDS = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5}
_SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_THOUSANDS = {"": 1, "k": 1_000, "m": 1_000_000}


def read_condition(text: str) -> tuple[str, Limits]:
    """Take the limits out of a condition; of two of a kind the smaller counts.

    >>> read_condition("All tests pass, or stop after 20 turns")
    ('All tests pass', Limits(turns=20, tokens=0, seconds=0.0, budget_usd=0.0))
    >>> read_condition("Port it to asyncio within 2 hours and for at most $3.")
    ('Port it to asyncio', Limits(turns=0, tokens=0, seconds=7200.0, budget_usd=3.0))
    >>> read_condition("Pages load within 2 seconds")[0]
    'Pages load within 2 seconds'

    Raises UsageError for a condition that is too long, and for a limit of nothing.
    """
    limits = Limits()
    while match := _ANYWHERE.search(text) or _limit_at_end(text):
        limits = _with_amounts(limits, match["amounts"])
        text = f"{text[: match.start()]}{text[match.end() :]}"
    condition = text.strip()
    if len(condition) > MAX_CHARACTERS:
        raise UsageError(
            f"The condition has {len(condition):,} characters, and at most {MAX_CHARACTERS:,} are taken. No goal was "
            "set; put the details into a file and name it."
        )
    return condition, limits


def _limit_at_end(text: str) -> re.Match[str] | None:
    """A limit at the end; seconds there are rather a part of the condition."""
    match = _AT_END.search(text)
    return None if match is None or re.search(r"\bsec", match["amounts"], re.IGNORECASE) else match


def _with_amounts(limits: Limits, amounts: str) -> Limits:
    for amount in _ONE.finditer(amounts):
        limit = _limit(amount)
        if limit == Limits():
            raise UsageError(f"A limit of {amount[0]} leaves no room for any work. No goal was set.")
        limits = _stricter(limits, limit)
    return limits


def _limit(amount: re.Match[str]) -> Limits:
    """The limit that an amount sets."""
    if amount["usd"]:
        return Limits(budget_usd=float(amount["usd"]))
    number, unit = amount["number"].lower(), amount["unit"].lower()
    value = _WORDS[number] if number in _WORDS else float(number.replace(",", ""))
    if unit.startswith("turn"):
        return Limits(turns=int(value))
    if unit.startswith("token"):
        return Limits(tokens=int(value * _THOUSANDS[(amount["thousands"] or "").lower()]))
    if unit in ("dollar", "dollars", "usd"):
        return Limits(budget_usd=value)
    return Limits(seconds=value * _SECONDS[unit[0]])


def _stricter(one: Limits, other: Limits) -> Limits:
    return Limits(
        turns=min(one.turns or other.turns, other.turns or one.turns),
        tokens=min(one.tokens or other.tokens, other.tokens or one.tokens),
        seconds=min(one.seconds or other.seconds, other.seconds or one.seconds),
        budget_usd=min(one.budget_usd or other.budget_usd, other.budget_usd or one.budget_usd),
    )


def described(limits: Limits) -> str:
    """Name the limits in words; "" for none.

    >>> described(Limits(turns=20, seconds=5400.0, budget_usd=3.0))
    '20 turns, 90 minutes, $3'
    """
    seconds = limits.seconds
    time = counted(seconds / 60, "minute") if seconds >= 60 else counted(seconds, "second")
    parts = [
        counted(limits.turns, "turn") if limits.turns else "",
        time if seconds else "",
        f"{limits.tokens:,} tokens" if limits.tokens else "",
        f"${limits.budget_usd:g}" if limits.budget_usd else "",
    ]
    return ", ".join(filter(None, parts))
