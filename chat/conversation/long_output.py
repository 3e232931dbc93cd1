"""A long output -> the part of it that a prompt holds, and the lines that the model asks for later.

Pure. The prompt gets the head, the tail and the lines that look like errors; a file of the session
keeps the whole output under a name.
"""

import re

from chat.safety.printable import cut_line
from repomap import CountTokens

_ERROR = re.compile(
    r"\b(?:error|errors|failed|failure|fatal|panic|exception|traceback|assert\w*|undefined|not found)\b|^E  ",
    re.IGNORECASE,
)
_HEAD_SHARE, _TAIL_SHARE = 0.25, 0.45
_GAP_TOKENS = 64
_MAX_LINE_CHARACTERS = 400
_NAMED = re.compile(
    r"(?P<name>output-\d{1,6})(?:[: ]L?(?P<first>\d+)(?:-L?(?P<last>\d+))?)?\Z", re.IGNORECASE
)
_SEARCH = re.compile(r"(?P<words>.+?) +in +(?P<name>output-\d{1,6})\Z", re.IGNORECASE | re.DOTALL)


def condensed(output: str, max_tokens: int, count: CountTokens, name: str = "") -> str:
    """Return the output, or its head, errors and tail if it has more tokens (0: no limit).

    ``name`` is the name by which the model may ask for the rest.
    """
    output = output.rstrip("\n")
    if not max_tokens or count(output) <= max_tokens:
        return output
    room = max(0, max_tokens - _GAP_TOKENS)
    lines = [cut_line(line, _MAX_LINE_CHARACTERS) for line in output.split("\n")]
    head = _fitting(lines, room * _HEAD_SHARE, count)
    tail = _fitting(lines[head:][::-1], room * _TAIL_SHARE, count)
    middle = lines[head : len(lines) - tail]
    errors = [line for line in middle if _ERROR.search(line)]
    kept = errors[: _fitting(errors, room * (1 - _HEAD_SHARE - _TAIL_SHARE), count)]
    gap = [f"[{len(middle)} lines left out"]
    if name:
        gap.append(
            f"; all {len(lines)} are in {name}: ask for `show: {name}:FROM-TO` or `find: words in {name}`"
        )
    gap.append(f"; {len(errors)} of those left out look like errors:]" if errors else "]")
    return "\n".join([*lines[:head], "".join(gap), *kept, *lines[len(lines) - tail :]])


def named_lines(argument: str) -> tuple[str, int, int] | None:
    """Read a request for lines of an output: its name, the first and the last line, 0 for none.

    >>> named_lines("output-001:40-90")
    ('output-001', 40, 90)
    >>> named_lines("output-001")
    ('output-001', 0, 0)
    """
    match = _NAMED.match(argument.strip().strip("`"))
    if match is None:
        return None
    first = int(match["first"] or 0)
    return match["name"].lower(), first, int(match["last"] or first)


def named_search(argument: str) -> tuple[str, str] | None:
    """Read a search in an output: its name and the words.

    >>> named_search("exit code in output-001")
    ('output-001', 'exit code')
    """
    match = _SEARCH.match(argument.strip().strip("`"))
    return (match["name"].lower(), match["words"].strip("`\"' ")) if match else None


def lines_of(text: str, first: int, last: int, budget_tokens: int, count: CountTokens) -> str:
    """Return lines of a kept output, numbered, as far as the budget goes; 0 means from the start, to the end."""
    lines = text.rstrip("\n").split("\n")
    start, end = max(first, 1), min(last or len(lines), len(lines))
    rows = [
        f"{number}: {cut_line(lines[number - 1], _MAX_LINE_CHARACTERS)}" for number in range(start, end + 1)
    ]
    shown = rows[: _fitting(rows, budget_tokens, count)]
    left = f"\n[cut after line {start + len(shown) - 1} of {len(lines)}]" if len(shown) < len(rows) else ""
    return "\n".join(shown) + left if rows else f"It has {len(lines)} lines."


def lines_with(text: str, words: str, budget_tokens: int, count: CountTokens) -> str:
    """Return the lines of a kept output that contain a text in any case, numbered, within the budget."""
    wanted = words.casefold()
    rows = [
        f"{number}: {cut_line(line, _MAX_LINE_CHARACTERS)}"
        for number, line in enumerate(text.split("\n"), 1)
        if wanted in line.casefold()
    ]
    shown = rows[: _fitting(rows, budget_tokens, count)]
    left = f"\n[{len(rows) - len(shown)} more lines contain it]" if len(shown) < len(rows) else ""
    return "\n".join(shown) + left if rows else "No line contains this."


def _fitting(lines: list[str], budget_tokens: float, count: CountTokens) -> int:
    """The number of lines that fit, counted from the first."""
    for index, line in enumerate(lines):
        budget_tokens -= count(line) + 1
        if budget_tokens < 0:
            return index
    return len(lines)
