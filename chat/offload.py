"""A long output → what of it a prompt holds: its head, its tail, and the lines that look like errors."""

import re

from chat.workspace import count

_ERROR = re.compile(
    r"\b(?:error|errors|failed|failure|fatal|panic|exception|traceback|assert\w*|undefined|not found)\b|^E  ",
    re.IGNORECASE,
)
_HEAD_SHARE, _TAIL_SHARE = 0.25, 0.45


def condensed(output: str, most_tokens: int) -> str:
    """The output, or where it has more tokens (0: any number may pass) its head, errors and tail."""
    output = output.rstrip("\n")
    if not most_tokens or count(output) <= most_tokens:
        return output
    lines = output.split("\n")
    head = _first(lines, most_tokens * _HEAD_SHARE)
    tail = _first(lines[head:][::-1], most_tokens * _TAIL_SHARE)
    middle = lines[head : len(lines) - tail]
    errors = [line for line in middle if _ERROR.search(line)]
    kept = errors[: _first(errors, most_tokens * (1 - _HEAD_SHARE - _TAIL_SHARE))]
    gap = f"[{len(middle)} lines left out" + (
        f"; {len(errors)} of them look like errors:]" if errors else "]"
    )
    return "\n".join([*lines[:head], gap, *kept, *lines[len(lines) - tail :]])


def _first(lines: list[str], budget: float) -> int:
    """How many lines fit, from the first on."""
    for place, line in enumerate(lines):
        budget -= count(line) + 1
        if budget < 0:
            return place
    return len(lines)
