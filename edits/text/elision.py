"""Lines that stand for code left out: `...`, `# ... existing code ...`, `// rest unchanged`.

They may match any run of lines of the file, and must never be written into one.
"""

import functools
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

_THINGS = (
    r"(?:code|methods?|functions?|imports?|contents?|lines?|fields?|tests?|implementations?|logic|body|parts?|sections?"
    r"|routes?|cases|class(?:es)?|definitions?|file)"
)
_STATE = (
    r"(?:(?:still\s+)?(?:remains?|stays?|is|are)\s+(?:the\s+same|unchanged|as\s+(?:is|before)|here)|unchanged|untouched"
    r"|(?:the\s+)?same(?:\s+as\s+(?:before|above))?|as\s+(?:is|before))"
)
_LEFT_OUT = (
    rf"(?:the\s+|all\s+)*(?:rest|(?:other|remaining|existing)\s+(?:\w+\s+)?{_THINGS}|everything\s+else)"
    rf"\s+(?:{_STATE}|(?:goes\s+|go\s+)?here)|(?:the\s+)?(?:function\s+|method\s+|class\s+)?{_THINGS}\s+{_STATE}"
    rf"|{_THINGS}\s+(?:is\s+|are\s+)?(?:omitted|truncated|left\s+out|not\s+shown)"
    r"(?:\s+(?:for|here)\b[\w\s]{0,30})?"
)
"""What can be said of nothing but lines that are left out."""
_HINTED = (
    r"(?:the\s+)?rest\s+of\s+(?:\w+\s+){0,2}\w+"
    rf"|(?:previous|original|other|same)\s+{_THINGS}(?:\s+{_STATE})?|(?:the\s+)?same\s+as\s+(?:before|above|the\s+original)"
    r"|(?:as|like)\s+before|as\s+above"
    rf"|(?:keep|leave|retain)\s+(?:the\s+)?(?:rest|everything(?:\s+else)?|(?:existing|remaining|other)\s+{_THINGS})"
    rf"(?:\s+of\s+(?:the\s+)?\w+)?(?:\s+{_STATE})?"
    rf"|(?:{_THINGS}\s+)?(?:omitted|truncated|skipped|elided)(?:\s+for\s+\w+)?|snip(?:ped)?"
    r"|no\s+(?:other\s+)?changes?\s+(?:(?:are\s+)?(?:needed|required)|below|above|here|in\b|to\b)[\w\s]{0,40}"
)
"""What a comment of a program could say as well: it counts where fewer lines come than go."""
_FRAME = r"\s*+(?:{leader}\s*+[\[(<-]*+|[\[(<])\s*+(?:{words})\s*+[.\])>-]*\s*+(?:\*/\}}?|-->)?\s*\Z"
_BEGINS = re.compile(rf"\s*+(?:{_LEADER}|[\[(<])")

_SAID = re.compile(
    r"\b(?:existing|remaining|remainder|unchanged|rest of|the rest|same as|as before|previous|other"
    r"|omitted|truncated|snip)\b",
    re.IGNORECASE,
)


_LONGEST = 300
"""Longer lines are never one, and cost time to look at."""


def is_elision(line: str) -> bool:
    """Whether a line stands for others, wherever it occurs."""
    if len(line) > _LONGEST:
        return False
    if "." not in line and "\u2026" not in line:
        return bool(_WORDS.match(line)) or _says(_LEFT_OUT, line)
    patterns = (_BARE, _SPOKEN, _COMMENTED, _TRAILING_DOTS, _WORDS)
    return any(pattern.match(line) for pattern in patterns) or _says(_LEFT_OUT, line)


def may_leave_out(line: str) -> bool:
    """Whether a line could stand for others, wherever more go than come."""
    return is_elision(line) or _is_vague(line)


def _is_vague(line: str) -> bool:
    return len(line) <= _LONGEST and _says(_HINTED, line)


def _says(words: str, line: str) -> bool:
    """Whether a comment, or a line in brackets, says no more than this."""
    return bool(_BEGINS.match(line)) and bool(_framed(words).match(line))


@functools.cache
def _framed(words: str) -> re.Pattern[str]:
    """Compiled when first needed: a program that applies one edit seldom does."""
    return re.compile(_FRAME.format(leader=_LEADER, words=words), re.IGNORECASE)


def elisions(lines: tuple[str, ...]) -> tuple[int, ...]:
    """The indexes of the lines that stand for others."""
    return tuple(number for number, line in enumerate(lines) if is_elision(line))


def says_so(line: str) -> bool:
    """Whether an elision says in words that lines are left out: that is never text of a file."""
    return bool(_SAID.search(line)) and is_elision(line)


def leaves_out(
    lines: Sequence[str], number: int, file: Sequence[str], *, removes: bool, shrinks: bool
) -> bool:
    """Whether a new line of a file would be an elision.

    `removes`: it comes in place of lines with text; `shrinks`: in place of more of them than come.
    Not one is: a line that the file has as text; an Ellipsis as the body of a Python block; dots in
    a file that has lines of dots, as long as nothing is removed that they could stand for.
    """
    line = lines[number]
    vague = shrinks and _is_vague(line)
    if not (vague or is_elision(line)) or line.strip() in {each.strip() for each in file}:
        return False
    if vague:
        return True
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
