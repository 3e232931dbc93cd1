"""A text → its comments that are for the model: those that begin or end with `AI`, `AI!` or `AI?`. Pure."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chat.model import RepoPath
from chat.watch.syntaxes import comments_by_table
from repomap import Comment, comments_of

Action = Literal["!", "?", ""]
"""Do it, answer it, or only take it into account."""

MAY_BE_MARKED = re.compile(rb"(?i)\bai[!?]")
"""A text without this asks for nothing."""
_BY_TABLE_TOO = (".html", ".htm", ".php", ".vue", ".svelte", ".md", ".markdown", ".f", ".for")
"""Their grammars leave parts unread that may hold comments of their own."""
_BEGINS = re.compile(r"ai\b(?!\w)\s?([!?]?)", re.IGNORECASE)
_ENDS = re.compile(r"(?:^|.*[\W_])ai([!?]?)", re.IGNORECASE | re.DOTALL)
_BEFORE = re.compile(r"^\s*[\"']?[^\w\"'`]*(?:(?:rem|dnl|c)(?= )[^\w\"'`]*)?", re.IGNORECASE)
"""What a comment begins with; a quotation mark only as the mark of a comment, since a quoted `AI!` asks for nothing."""
_CLOSES = re.compile(
    r"\s*(?:\*+/|-->|--%>|%>|#\}|--\}\}|\}\}|-\}|\*+\)|\]=*\]|\]#|=#|#>|\|#|\+/|\*@|;\)|%\}|\"\"\"|'''|###|[\"})])\s*$"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A comment that is for the model."""

    path: RepoPath
    first: int
    """1-based."""
    last: int
    text: str
    """As it is written."""
    action: Action


def marked_comments(path: RepoPath, source: bytes) -> tuple[Marked, ...]:
    """Return the marked comments of a text; line comments below each other are one.

    >>> marked_comments("a.py", b"def f():  # make it faster, AI!\\n    pass\\n")[0].action
    '!'
    """
    if b"\0" in source[:2048]:
        return ()
    found = []
    for comment in _joined(_comments(path, source)):
        action = action_of(comment.text)
        if action is not None:
            found.append(Marked(path, comment.first, comment.last, comment.text, action))
    return tuple(found)


def _comments(path: RepoPath, source: bytes) -> list[Comment]:
    """Return the comments of a text in their order, by its grammar, else as their marks tell."""
    suffix = os.path.splitext(path)[1].lower()
    by_grammar = comments_of(path, source)
    if by_grammar is not None and suffix not in _BY_TABLE_TOO:
        return list(by_grammar)
    text = source.decode("utf-8", "replace")
    found: dict[tuple[int, int], Comment] = {}
    for comment in (*comments_by_table(suffix, text), *(by_grammar or ())):
        place = (comment.first, comment.last)
        found[place] = max(found.get(place, comment), comment, key=lambda each: len(each.text))
    return sorted(found.values())


def _joined(comments: Iterable[Comment]) -> Sequence[Comment]:
    """Join comments of one line each that stand alone, one below the other."""
    joined: list[Comment] = []
    for comment in comments:
        above = joined[-1] if joined else None
        if above and above.is_alone and comment.is_alone and comment.first == above.last + 1:
            joined[-1] = Comment(above.first, comment.last, f"{above.text}\n{comment.text}", True)
        else:
            joined.append(comment)
    return joined


def action_of(comment: str) -> Action | None:
    """Return what a comment asks for, by the beginning and the end of its lines; None if it has no mark.

    >>> [action_of(text) for text in ("# do it AI!", "// AI? why", "/* ai */", "-- plain", "# OpenAI!")]
    ['!', '?', '', None, None]
    """
    actions: set[str] = set()
    for line in comment.split("\n"):
        plain = _BEFORE.sub("", _CLOSES.sub("", line.rstrip()))
        for match in (_BEGINS.match(plain), _ENDS.fullmatch(plain.rstrip())):
            if match:
                actions.add(match[1])
    return next((action for action in ("!", "?", "") if action in actions), None)
