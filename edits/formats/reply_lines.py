"""A reply's text → its lines, with the model's thoughts blanked out.

Drafts in a thought look exactly like edits. Lines keep their numbers, so that messages can name them.
"""

import html
import re

_OPEN = re.compile(r"\s*<(think|thinking|thought|thoughts|reasoning|scratchpad|analysis)>", re.IGNORECASE)
_CLOSE = re.compile(r"</(think|thinking|thought|thoughts|reasoning|scratchpad|analysis)>", re.IGNORECASE)
# within the line: a search that begins at every line must not look through the blank ones below it
_OPEN_LINE = re.compile(_OPEN.pattern.replace(r"\s*", r"^[^\S\n]*"), re.IGNORECASE | re.MULTILINE)
_EDIT = re.compile(r"\s*(<{5,9}(\s|$)|\*\*\* (Begin Patch|Update File|Add File))")
_ESCAPED = re.compile(r"^[^\S\n]*(?:&lt;){5,9}[^\S\n]*+\w*+[^\S\n]*$", re.MULTILINE)
_RAW = re.compile(r"^[^\S\n]*<{5,9}(?:\s|$)", re.MULTILINE)
_QUOTED = re.compile(r"^\s{0,3}> ?<{5,9}(?:\s|$)", re.MULTILINE)
_QUOTED_DIFF = re.compile(r"^\s{0,3}> ?(?:\*\*\* Begin Patch|--- \S.*\n\s{0,3}> ?\+\+\+ \S)", re.MULTILINE)
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)", re.MULTILINE)
_LONE_CLOSE = re.compile(r"\s*</(think|thinking)>\s*\Z", re.IGNORECASE)


def reply_lines(text: str) -> list[str]:
    """The lines of a reply without their ends; those of thoughts are empty."""
    if _ESCAPED.search(text) and not _RAW.search(text):
        text = html.unescape(text)
    if "\r" in text and "\n" not in text.rstrip("\n"):
        text = text.replace("\r", "\n")
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    # a diff in a quotation has its fence there too; else it is part of a file
    if _QUOTED.search(text) or (_QUOTED_DIFF.search(text) and not _FENCE.search(text)):
        lines = _unquoted(lines)
    if lines and not lines[-1]:
        lines.pop()
    return _without_thoughts(lines) if _CLOSE.search(text) or _OPEN_LINE.search(text) else lines


def open_thought(text: str) -> str:
    """What a thought that never closes holds, below as many empty lines as stand above it; or ""."""
    opened = list(_OPEN_LINE.finditer(text))
    if not opened or _CLOSE.search(text, opened[-1].end()):
        return ""
    return "\n" * text.count("\n", 0, opened[-1].end()) + text[opened[-1].end() :]


def _unquoted(lines: list[str]) -> list[str]:
    """An edit inside a Markdown quotation, without the marks of the quotation."""
    if any(_EDIT.match(line) for line in lines):
        return lines
    return [
        re.sub(r"\s{0,3}> ?", "", line, count=1) if re.match(r"\s{0,3}>(?!>)", line) else line
        for line in lines
    ]


def _without_thoughts(lines: list[str]) -> list[str]:
    """Thoughts come before the answer: one that opens after the first edit is text of a file."""
    number = 0
    while number < len(lines):
        line = lines[number]
        opened = _OPEN.match(line)
        if opened:
            number = _blank_thought(lines, number, opened.group(1))
        elif _EDIT.match(line):
            return _without_preamble(lines, number)
        else:
            number += 1
    return lines


def _blank_thought(lines: list[str], start: int, name: str) -> int:
    """Blank out one thought; the number of the line after which reading goes on."""
    closing = re.compile(rf"</{name}>", re.IGNORECASE)
    for number in range(start, len(lines)):
        match = closing.search(lines[number])
        if match:
            lines[number] = lines[number][match.end() :]
            return number if lines[number].strip() else number + 1
        lines[number] = ""
    return len(lines)


def _without_preamble(lines: list[str], first: int) -> list[str]:
    """Some servers swallow the opening tag: a lone closing one ends a thought that began at the top.

    It is text of a file instead if it stands inside an edit, so an edit must follow it outside one.
    """
    inside = False
    for number in range(first, len(lines)):
        line = lines[number]
        if re.match(r"\s*<{5,9}", line):
            inside = True
        elif re.match(r"\s*>{5,9}", line):
            inside = False
        elif not inside and _LONE_CLOSE.match(line):
            return [""] * (number + 1) + lines[number + 1 :]
    return lines
