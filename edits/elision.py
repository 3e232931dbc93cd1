"""Lines that stand for code left out: `...`, `# ... existing code ...`, `// rest unchanged`.

They may match any run of lines of the file, and must never be written into one.
"""

import re
from collections.abc import Sequence

_LEADER = r"(?:#|//|/\*+|\*|<!--|--|;+|%|\{/\*|\.\.(?=\s))"
_DOTS = r"(?:\.{3,}|\u2026)"
_BARE = re.compile(rf"\s*[\[(<]?\s*{_DOTS}\s*[\])>]?\s*\Z")
_SPOKEN = re.compile(rf"\s*[\[(<]?{_DOTS}\s+[\w ,;:'`/()-]{{1,70}}?\s*{_DOTS}?\s*[\])>]?\s*\Z")
_COMMENTED = re.compile(
    rf"\s*{_LEADER}\s*[\[(<]?\s*{_DOTS}(?:\s+[\w ,;:'`/().-]{{1,70}}?)?\s*{_DOTS}?\s*[\])>]?\s*(?:\*/\}}?|-->)?\s*\Z"
)
_TRAILING_DOTS = re.compile(
    rf"\s*{_LEADER}\s*(?:the\s+)?(?:rest|remaining|existing|previous|other|same|unchanged)\b[^.\n]{{0,60}}{_DOTS}\s*(?:\*/\}}?|-->)?\s*\Z",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"\s*{_LEADER}\s*[\[(<]?\s*(?:(?:the\s+)?(?:rest|remainder)\s+of\s+(?:the\s+|this\s+|your\s+)?\w+"
    r"(?:\s+\w+){0,2}\s*(?:(?:here|remains?|stays?|is|are)\b.*|unchanged|goes here)?"
    r"|(?:existing|remaining|unchanged)\s+(?:code|methods?|functions?|imports?|content|lines?|fields?|tests?|implementation)"
    r"(?:\s+(?:here|remains?|stays?|unchanged|as is|goes here|above|below).*)?"
    r"|(?:no\s+changes?|unchanged)(?:\s+(?:here|above|below|code))?)\s*[\])>]?\.?\s*(?:\*/\}?|-->)?\s*\Z",
    re.IGNORECASE,
)

_SAID = re.compile(
    r"\b(?:existing|remaining|remainder|unchanged|rest of|the rest|same as|as before|previous|other"
    r"|omitted|truncated|snip)\b",
    re.IGNORECASE,
)


def is_elision(line: str) -> bool:
    """Whether a line stands for others, wherever it occurs."""
    if "." not in line and "\u2026" not in line:
        return bool(_WORDS.match(line))
    return any(pattern.match(line) for pattern in (_BARE, _SPOKEN, _COMMENTED, _TRAILING_DOTS, _WORDS))


def elisions(lines: tuple[str, ...]) -> tuple[int, ...]:
    """The indexes of the lines that stand for others."""
    return tuple(number for number, line in enumerate(lines) if is_elision(line))


def says_so(line: str) -> bool:
    """Whether an elision says in words that lines are left out: that is never text of a file."""
    return bool(_SAID.search(line)) and is_elision(line)


def leaves_out(lines: Sequence[str], number: int, file: Sequence[str], *, removes: bool) -> bool:
    """Whether a new line of a file would be an elision.

    Not one is: a line that the file has as text; an Ellipsis as the body of a Python block; dots in
    a file that has lines of dots, as long as nothing is removed that they could stand for.
    """
    line = lines[number]
    if not is_elision(line) or line.strip() in {each.strip() for each in file}:
        return False
    if says_so(line) or removes:
        return says_so(line) or not _is_body(lines, number)
    return not _is_body(lines, number) and not any(each.lstrip().startswith("...") for each in file)


def _is_body(lines: Sequence[str], number: int) -> bool:
    """A lone `...`, indented below a line that opens a block or ends its docstring, is code."""
    line = lines[number]
    if line.strip() != "..." or not number:
        return False
    above = lines[number - 1]
    deeper = len(line) - len(line.lstrip()) > len(above) - len(above.lstrip())
    return (above.rstrip().endswith(":") and deeper) or above.rstrip().endswith(('"""', "'''"))
