"""A long output → what of it a prompt holds: its head, its tail, the lines that look like errors; and
the lines that the model asks for later.

Pure. What a prompt does not hold stands in a file of the session under a name.
"""

import re

from chat.conversation.excerpts import CountTokens
from chat.safety.printable import cut_line

_ERROR = re.compile(
    r"\b(?:error|errors|failed|failure|fatal|panic|exception|traceback|assert\w*|undefined|not found)\b|^E  ",
    re.IGNORECASE,
)
_HEAD_SHARE, _TAIL_SHARE = 0.25, 0.45
_GAP_TOKENS = 64
_LONGEST_LINE = 400
_NAMED = re.compile(
    r"(?P<name>output-\d{1,6})(?:[: ]L?(?P<first>\d+)(?:-L?(?P<last>\d+))?)?\Z", re.IGNORECASE
)
_FOUND = re.compile(r"(?P<words>.+?) +in +(?P<name>output-\d{1,6})\Z", re.IGNORECASE | re.DOTALL)


def condensed(output: str, most_tokens: int, count: CountTokens, name: str = "") -> str:
    """The output, or where it has more tokens (0: any number may pass) its head, errors and tail.

    ``name`` is what the model may ask for the rest by.
    """
    output = output.rstrip("\n")
    if not most_tokens or count(output) <= most_tokens:
        return output
    room = max(0, most_tokens - _GAP_TOKENS)
    lines = [cut_line(line, _LONGEST_LINE) for line in output.split("\n")]
    head = _first(lines, room * _HEAD_SHARE, count)
    tail = _first(lines[head:][::-1], room * _TAIL_SHARE, count)
    middle = lines[head : len(lines) - tail]
    errors = [line for line in middle if _ERROR.search(line)]
    kept = errors[: _first(errors, room * (1 - _HEAD_SHARE - _TAIL_SHARE), count)]
    gap = [f"[{len(middle)} lines left out"]
    if name:
        gap.append(
            f"; all {len(lines)} are in {name}: ask for `show: {name}:FROM-TO` or `find: words in {name}`"
        )
    gap.append(f"; {len(errors)} of those left out look like errors:]" if errors else "]")
    return "\n".join([*lines[:head], "".join(gap), *kept, *lines[len(lines) - tail :]])


def named_lines(ask: str) -> tuple[str, int, int] | None:
    """What `output-001:40-90` asks for: the name, the first line and the last; 0 where it names none."""
    found = _NAMED.match(ask.strip().strip("`"))
    if found is None:
        return None
    first = int(found["first"] or 0)
    return found["name"].lower(), first, int(found["last"] or first)


def named_search(ask: str) -> tuple[str, str] | None:
    """What `words in output-001` asks for: the name, and the words."""
    found = _FOUND.match(ask.strip().strip("`"))
    return (found["name"].lower(), found["words"].strip("`\"' ")) if found else None


def lines_of(text: str, first: int, last: int, budget_tokens: int, count: CountTokens) -> str:
    """Lines of a kept output, numbered, as far as the budget goes; from the beginning where ``first`` is 0."""
    lines = text.rstrip("\n").split("\n")
    start, end = max(first, 1), min(last or len(lines), len(lines))
    rows = [f"{number}: {cut_line(lines[number - 1], _LONGEST_LINE)}" for number in range(start, end + 1)]
    shown = rows[: _first(rows, budget_tokens, count)]
    left = f"\n[cut after line {start + len(shown) - 1} of {len(lines)}]" if len(shown) < len(rows) else ""
    return "\n".join(shown) + left if rows else f"It has {len(lines)} lines."


def lines_with(text: str, words: str, budget_tokens: int, count: CountTokens) -> str:
    """The lines of a kept output that hold a text, in any case, numbered, as far as the budget goes."""
    wanted = words.casefold()
    rows = [
        f"{number}: {cut_line(line, _LONGEST_LINE)}"
        for number, line in enumerate(text.split("\n"), 1)
        if wanted in line.casefold()
    ]
    shown = rows[: _first(rows, budget_tokens, count)]
    left = f"\n[{len(rows) - len(shown)} more lines hold it]" if len(shown) < len(rows) else ""
    return "\n".join(shown) + left if rows else "No line holds this."


def _first(lines: list[str], budget: float, count: CountTokens) -> int:
    """How many lines fit, from the first on."""
    for place, line in enumerate(lines):
        budget -= count(line) + 1
        if budget < 0:
            return place
    return len(lines)
