"""Finds the brackets and quotes of a text that have no partner, and lines that are indented like none.

Strings and comments are skipped by what `lexicons` knows of the language; no grammar is asked, so syntax that
a grammar has not learned yet is no fault here.
"""

import functools
import re
from dataclasses import dataclass

from repomap.syntax_check.lexicons import Lexicon, Literal

TEXT, TEXT_LINE = "\x01", "\x02"
_PARTNER = {")": "(", "]": "[", "}": "{"}
_CLOSER = {left: right for right, left in _PARTNER.items()}
_REGEX = re.compile(r"/(?![*/>])(?:\\.|\[(?:\\.|[^\]\\\n]){0,100}\]|[^/\\\[\n]){1,200}/\w*")
"""A regular expression of a bounded length, or a line of slashes would cost quadratic time."""
_NO_LINE = re.compile(r"[^\n]")
_BEFORE_REGEX = "(,=:[!&|?{};+-*%^~>\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """A bracket, quote or line that does not fit."""

    row: int
    """0-based."""
    what: str
    """In words, without the line."""


@dataclass(slots=True)
class _Open:
    """A bracket that waits for its partner."""

    bracket: str
    at: int
    literal: "_Inside | None" = None
    """The string that goes on behind the partner, where the bracket begins code inside one."""


@dataclass(frozen=True, slots=True)
class _Inside:
    """A literal that has begun."""

    literal: Literal
    at: int
    group: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a text holds beside its literals."""

    faults: tuple[Fault, ...]
    code: str
    """The text with comments as spaces and strings as `TEXT`, the newlines inside those as `TEXT_LINE`."""


def scan(text: str, lexicon: Lexicon) -> Scan:
    """Find the brackets and quotes without a partner.

    >>> [fault.what for fault in scan("f(')', [1)", Lexicon((Literal("'", "'"),))).faults]
    ['`[` is not closed']
    """
    return _Scanner(text, lexicon).run()


@functools.lru_cache(maxsize=64)
def _tokens(lexicon: Lexicon) -> re.Pattern[str]:
    """The pattern of all that means something outside of literals."""
    branches = [r"(?m:^)[ \t]*#[ \t]*(?P<branch>if|ifdef|ifndef|else|elif|elseif|endif)\b"]
    return re.compile(
        "|".join(
            (
                *(f"(?P<skipped{number}>{each})" for number, each in enumerate(lexicon.skipped)),
                *(branches if lexicon.branches else ()),
                *(f"(?P<literal{number}>{each.opens})" for number, each in enumerate(lexicon.literals)),
                *((r"(?P<slash>/)",) if lexicon.regex_words else ()),
                r"(?P<bracket>[()\[\]{}])|(?P<line>\n)",
            )
        )
    )


@functools.lru_cache(maxsize=256)
def _inside(literal: Literal, group: str) -> re.Pattern[str]:
    """The pattern of all that means something inside a literal."""
    return re.compile(
        "|".join(
            (
                *((f"(?P<code>{literal.code})",) if literal.code else ()),
                *((f"(?P<escape>{literal.escape})",) if literal.escape else ()),
                f"(?P<close>{literal.closes.replace(chr(92) + '1', re.escape(group))})",
                *((f"(?P<nested>{literal.nested})",) if literal.nested else ()),
                *((r"(?P<line>\n)",) if literal.one_line else ()),
            )
        )
    )


class _Scanner:
    """One pass over a text."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._open: list[_Open] = []
        self._faults: list[tuple[int, str]] = []
        self._blanked: list[tuple[int, int, bool]] = []
        """Start and end of what is no code, and whether it is a comment."""
        self._waiting: list[_Inside] = []
        """Here-documents that begin on the next line."""
        self._branches: list[tuple[int, list[_Open], list[_Open] | None]] = []
        """For each `#if`: where it stands, what was open before it, and behind its first branch."""

    def run(self) -> Scan:
        at, size, tokens = 0, len(self._text), _tokens(self._lexicon)
        while at < size:
            match = tokens.search(self._text, at)
            if match is None:
                break
            at = max(self._take(match), at + 1)
        for at, _, _ in self._branches:
            self._faults.append((at, "`#if` has no `#endif`"))
        for opened in self._open:
            self._faults.append((opened.at, f"`{opened.bracket}` is not closed"))
        return Scan(self._sorted_faults(), self._blank())

    def _take(self, match: re.Match[str]) -> int:
        """Take one token of the code; return where to go on."""
        kind = match.lastgroup or ""
        if kind == "bracket":
            return self._bracket(match.group(), match.start())
        if kind == "line":
            return self._documents(match.start())
        if kind == "branch":
            self._branch(match.group("branch"), match.start("branch"))
            return match.end()
        if kind == "slash":
            return self._slash(match.start())
        if kind.startswith("skipped"):
            return self._blanked_to(match.start(), match.end())
        literal = self._lexicon.literals[int(kind.removeprefix("literal"))]
        first = match.re.groupindex[kind]
        inner = match.groups()[first : first + re.compile(literal.opens).groups]
        inside = _Inside(literal, match.start(), next((group for group in inner if group), ""))
        if literal.below:
            self._waiting.append(inside)
            return self._blanked_to(match.start(), match.end())
        return self._skip(inside, match.end())

    def _bracket(self, bracket: str, at: int) -> int:
        if bracket in _CLOSER:
            self._open.append(_Open(bracket, at))
            return at + 1
        partner = _PARTNER[bracket]
        if all(opened.bracket != partner for opened in self._open[-3:]):
            if bracket not in self._lexicon.lone:
                self._faults.append((at, f"`{bracket}` closes nothing"))
            return at + 1
        while self._open[-1].bracket != partner:
            lost = self._open.pop()
            self._faults.append((lost.at, f"`{lost.bracket}` is not closed"))
        literal = self._open.pop().literal
        return self._skip(literal, at + 1) if literal else at + 1

    def _skip(self, inside: _Inside, start: int) -> int:
        """Go to the end of a literal, or to code inside it."""
        literal, depth, at = inside.literal, 1, start
        pattern, is_comment = _inside(literal, inside.group), literal.name == "comment"
        while True:
            match = pattern.search(self._text, at)
            kind = match.lastgroup if match else None
            if match is None or kind == "line":
                self._faults.append((inside.at, f"the {literal.name} is not closed"))
                return self._blanked_to(
                    inside.at, match.start() if match else len(self._text), comment=is_comment
                )
            at = max(match.end(), at + 1)
            if kind == "nested":
                depth += 1
            elif kind == "close":
                depth -= 1
                if not depth:
                    return self._blanked_to(inside.at, match.end(), comment=is_comment)
            elif kind == "code":
                self._blanked_to(inside.at, match.end())
                self._open.append(_Open(match.group()[-1], match.end() - 1, inside))
                return match.end()

    def _documents(self, at: int) -> int:
        """Skip the here-documents that begin behind a newline."""
        waiting, self._waiting = self._waiting, []
        for inside in waiting:
            at = self._skip(_Inside(inside.literal, at, inside.group), at)
        return at if waiting else at + 1

    def _branch(self, word: str, at: int) -> None:
        """Take the first branch of `#if`; the others begin where it began."""
        if word.startswith("if"):
            self._branches.append((at, list(self._open), None))
        elif not self._branches:
            self._faults.append((at, f"`#{word}` has no `#if`"))
        else:
            begun, before, first = self._branches.pop()
            if first is None:
                first = list(self._open)
            elif [opened.bracket for opened in first] != [opened.bracket for opened in self._open]:
                self._faults.append((begun, "the branches of `#if` leave different brackets open"))
            if word == "endif":
                self._open = first
            else:
                self._branches.append((begun, before, first))
                self._open = list(before)

    def _slash(self, at: int) -> int:
        """Skip a regular expression, or a mere division."""
        before = at - 1
        while before >= 0 and self._text[before] in " \t":
            before -= 1
        word = before
        while word >= 0 and (self._text[word].isalnum() or self._text[word] in "_$"):
            word -= 1
        is_argument = word < before < at - 1 and self._text[at + 1 : at + 2] not in ("", " ", "=")
        begins = before < 0 or self._text[before] in _BEFORE_REGEX
        if begins or is_argument or self._text[word + 1 : before + 1] in self._lexicon.regex_words.split():
            match = _REGEX.match(self._text, at)
            if match:
                return self._blanked_to(at, match.end())
        return at + 1

    def _blanked_to(self, start: int, end: int, *, comment: bool = False) -> int:
        self._blanked.append((start, end, comment))
        return end

    def _sorted_faults(self) -> tuple[Fault, ...]:
        return tuple(Fault(self._text.count("\n", 0, at), what) for at, what in sorted(self._faults)[:50])

    def _blank(self) -> str:
        parts, at = list[str](), 0
        for start, end, comment in sorted(self._blanked):
            if end > at:
                text = self._text[max(at, start) : end]
                blank = (
                    _NO_LINE.sub(" ", text) if comment else _NO_LINE.sub(TEXT, text).replace("\n", TEXT_LINE)
                )
                parts += (self._text[at:start], blank)
                at = end
        return "".join((*parts, self._text[at:]))
