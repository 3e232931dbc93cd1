"""Tokens, money, times and exit codes in a few characters."""

_MINUTE_S, _HOUR_S = 60, 3_600


def token_count(tokens: int) -> str:
    """Return a number of tokens in about three digits.

    >>> [token_count(tokens) for tokens in (340, 1_234, 17_400, 1_300_000)]
    ['340', '1.2k', '17k', '1.3M']
    """
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if tokens >= size:
            return f"{tokens / size:.0f}{unit}" if tokens >= 10 * size else f"{tokens / size:.1f}{unit}"
    return str(tokens)


def usd(amount: float) -> str:
    """Return an amount with as many digits as it needs.

    >>> [usd(amount) for amount in (0, 0.004, 0.031, 12.5, 0.00001)]
    ['$0', '$0.004', '$0.03', '$12.50', '<$0.0001']
    """
    if amount == 0:
        return "$0"
    return f"${amount:.2f}" if amount >= 0.01 else f"${amount:.2g}" if amount >= 0.0001 else "<$0.0001"


def usd_if_known(amount: float | None) -> str:
    """Return an amount, or `unknown` for None: the price of a model is not known."""
    return "unknown" if amount is None else usd(amount)


def duration(seconds: float) -> str:
    """Return a time in its two largest units.

    >>> duration(3_725.0), duration(62.4), duration(9)
    ('1 h 2 min', '1 min 2 s', '9 s')
    """
    if seconds >= _HOUR_S:
        return f"{int(seconds) // _HOUR_S} h {int(seconds) % _HOUR_S // _MINUTE_S} min"
    minutes, rest = divmod(int(seconds), _MINUTE_S)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def how_it_ended(exit_code: int) -> str:
    """Return how a check ended.

    >>> how_it_ended(0), how_it_ended(2)
    ('passed', 'failed with exit code 2')
    """
    return f"failed with exit code {exit_code}" if exit_code else "passed"


def counted(count: float, noun: str) -> str:
    """Write a count with its noun, in the plural where it is not one.

    >>> counted(1, "session"), counted(2, "session"), counted(0.5, "hour")
    ('1 session', '2 sessions', '0.5 hours')
    """
    return f"{count:,.10g} {noun}{'' if count == 1 else 's'}"
