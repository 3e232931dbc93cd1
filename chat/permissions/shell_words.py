r"""A command line → its simple commands, word by word; nothing where it says more than that.

Reads the part of the shell's language in which every word means the same in every shell: words, quotes,
`|`, `&&`, `||`, `;` and line ends, variables as arguments, and a few redirections that write no file. All
the rest raises `Unclear`: substitutions, functions, loops, here-documents, background jobs, comments.
`shell_script` compares the result with the syntax tree that a grammar gives of the same text.
"""

import re
from dataclasses import dataclass, field
from enum import Enum


class Unclear(Exception):
    """A command line that cannot be judged by its words; the text says why."""


class Meaning(Enum):
    """How much of a word is known before the shell has run."""

    TEXT = "just this text"
    PATTERN = "names of files that fit it, or the text itself"
    VALUE = "whatever a variable holds, perhaps several words"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the program gets it, without its quotes."""

    text: str
    meaning: Meaning = Meaning.TEXT
    is_bare: bool = True
    """Nothing in it was quoted or escaped."""
    start: int = 0
    """Where it is in the command line, in characters; `end` is behind the last."""
    end: int = 0

    @property
    def is_known(self) -> bool:
        """Whether the program gets exactly this text."""
        return self.meaning is Meaning.TEXT

    @property
    def may_be_option(self) -> bool:
        """Whether what the shell puts in its place may begin with a dash."""
        return self.meaning is Meaning.VALUE or (not self.is_known and self.text[:1] in "-*?[")


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One program with its arguments."""

    assignments: tuple[Word, ...]
    """`NAME=value` in front of it."""
    words: tuple[Word, ...]
    reads: tuple[Word, ...] = ()
    """Files that are redirected into it."""
    pieces: tuple[tuple[int, int], ...] = ()
    """From where to where its words and redirections reach, in order."""


_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\[")
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_REDIRECTION = re.compile(r"&>>|&>|>>|>&|<&|>|<")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BRACES = re.compile(r"\{[^}]*(?:,|\.\.)|\}.*\{")
_NULL = "/dev/null"
_KEYWORDS = frozenset(
    "! { } [[ ]] if then elif else fi for while until do done case esac select function in coproc".split()
)


def simple_commands(line: str) -> tuple[SimpleCommand, ...]:
    """Split a command line into its simple commands, in order. Raises Unclear.

    >>> [word.text for word in simple_commands("git log -1 | head -n '5'")[1].words]
    ['head', '-n', '5']
    """
    if _UNREADABLE.search(line):
        raise Unclear("it holds control characters")
    return _Reader(line).commands()


@dataclass(slots=True)
class _Parts:
    """What has been read of a simple command."""

    assignments: list[Word] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    reads: list[Word] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)

    def add(self, word: Word, raw: str) -> None:
        """Add an assignment, the program or an argument."""
        self.pieces.append((word.start, word.end))
        if not self.words and _ASSIGNMENT.match(raw):
            self.assignments.append(word)
            return
        if not self.words and _ELEMENT.match(raw):
            raise Unclear("it sets an element of an array")
        if not self.words and word.is_bare and word.text in _KEYWORDS:
            raise Unclear(f"`{word.text}` is more than a program with its arguments")
        self.words.append(word)

    def command(self) -> SimpleCommand:
        """Return the command. Raises Unclear where there is no program."""
        if not self.words:
            raise Unclear(
                "it sets a variable for what follows" if self.assignments else "a command is missing"
            )
        return SimpleCommand(
            tuple(self.assignments), tuple(self.words), tuple(self.reads), tuple(self.pieces)
        )


class _Reader:
    """Reads a command line from left to right."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0
        self._found: list[SimpleCommand] = []
        self._parts = _Parts()

    def commands(self) -> tuple[SimpleCommand, ...]:
        line = self._line
        needs_more = False
        """An operator has been read that another command has to follow."""
        while self._at < len(line):
            if self._skip_blanks():
                continue
            operator = next(
                (text for text in ("&&", "||", "|", ";", "\n") if line.startswith(text, self._at)), ""
            )
            if not operator:
                self._piece()
                needs_more = False
                continue
            self._at += len(operator)
            if operator == "\n" and not self._parts.words and not self._parts.assignments:
                continue
            self._end_command()
            needs_more = operator in ("&&", "||", "|")
            if line.startswith(("&", "|", ";"), self._at):
                raise Unclear("it has an operator that is not one of `|`, `&&`, `||` and `;`")
        if self._parts.pieces:
            self._end_command()
        if needs_more or not self._found:
            raise Unclear("a command is missing")
        return tuple(self._found)

    def _skip_blanks(self) -> bool:
        """Skip spaces, tabs and continued lines."""
        before = self._at
        while self._line.startswith((" ", "\t", "\\\n"), self._at):
            self._at += 2 if self._line[self._at] == "\\" else 1
        return self._at > before

    def _end_command(self) -> None:
        self._found.append(self._parts.command())
        self._parts = _Parts()

    def _piece(self) -> None:
        """Read a word or a redirection."""
        match = re.compile(r"\d*").match(self._line, self._at)
        digits_end = match.end() if match else self._at
        if self._line.startswith(("<", ">"), digits_end) or self._line.startswith("&>", self._at):
            self._redirection(digits_end)
            return
        start = self._at
        if self._line[start] in "#&":
            raise Unclear("it has a comment" if self._line[start] == "#" else "it runs in the background")
        word = self._word()
        if self._line.startswith(("<", ">"), self._at) and "{" in self._line[start : self._at]:
            raise Unclear("it redirects into a variable")
        self._parts.add(word, self._line[start : self._at])

    def _redirection(self, operator_start: int) -> None:
        """Read a redirection that writes no file: to another stream or /dev/null, or from a file."""
        start = self._at
        match = _REDIRECTION.match(self._line, operator_start)
        operator = match[0] if match else ""
        self._at = operator_start + len(operator)
        if self._line.startswith(("<", ">", "|", "&", "("), self._at):
            raise Unclear("it has a here-document, a process substitution or another unusual redirection")
        self._skip_blanks()
        target = self._word() if self._at < len(self._line) else Word("")
        self._parts.pieces.append((start, self._at))
        if not target.is_known or not target.is_bare or not target.text:
            raise Unclear("it redirects to or from what is not a plain name")
        if operator in (">&", "<&"):
            if not re.fullmatch(r"\d", target.text):
                raise Unclear("it redirects to a file")
        elif operator == "<":
            if target.text.startswith("/dev/") and target.text != _NULL:
                raise Unclear("it reads from a device or a connection")
            self._parts.reads.append(target)
        elif target.text != _NULL:
            raise Unclear("it redirects to a file")

    def _word(self) -> Word:
        """Read a word up to a blank or an operator."""
        line, start = self._line, self._at
        text: list[str] = []
        unquoted: list[str] = []
        """The same without what is quoted, for braces."""
        meaning, is_bare = Meaning.TEXT, True
        while self._at < len(line):
            char = line[self._at]
            if char in " \t\n|&;<>":
                break
            if char in "()`":
                raise Unclear("it has a substitution, a subshell or a function")
            if char == "\\":
                is_bare = False
                following = line[self._at + 1 : self._at + 2]
                if not following:
                    raise Unclear("it ends in a backslash")
                text.append("" if following == "\n" else following)
                self._at += 2
            elif char == "'":
                is_bare = False
                text.append(self._until_quote())
            elif char == '"':
                is_bare = False
                content, has_value = self._in_double_quotes()
                text.append(content)
                meaning = Meaning.VALUE if has_value else meaning
            elif char == "$":
                self._variable()
                meaning = Meaning.VALUE
            else:
                if char in "*?[" and meaning is Meaning.TEXT:
                    meaning = Meaning.PATTERN
                text.append(char)
                unquoted.append(char)
                self._at += 1
        if self._at == start:
            raise Unclear("a word is missing")
        _require_plain("".join(unquoted), is_bare)
        return Word("".join(text), meaning, is_bare, start, self._at)

    def _until_quote(self) -> str:
        end = self._line.find("'", self._at + 1)
        if end < 0:
            raise Unclear("a quote is not closed")
        content = self._line[self._at + 1 : end]
        self._at = end + 1
        return content

    def _in_double_quotes(self) -> tuple[str, bool]:
        """Read a text in double quotes; also returns whether a variable is in it."""
        line, has_value = self._line, False
        text: list[str] = []
        self._at += 1
        while True:
            char = line[self._at : self._at + 1]
            following = line[self._at + 1 : self._at + 2]
            if not char:
                raise Unclear("a quote is not closed")
            if char == '"':
                self._at += 1
                return "".join(text), has_value
            if char == "`":
                raise Unclear("it has a substitution")
            if char == "\\" and following in ("$", '"', "\\", "\n"):
                text.append("" if following == "\n" else following)
                self._at += 2
            elif char == "\\" and following == "`":
                raise Unclear("it escapes a backquote")
            elif char == "$" and following not in ('"', " "):
                self._variable()
                has_value = True
            else:
                text.append(char)
                self._at += 1

    def _variable(self) -> None:
        """Skip `$NAME` or `${NAME}`; any other dollar sign is a substitution."""
        match = _VARIABLE.match(self._line, self._at)
        if match is None:
            raise Unclear("it has a substitution or a special variable")
        self._at = match.end()


def _require_plain(unquoted: str, is_bare: bool) -> None:
    """Refuse braces that make several words, and other users' homes. Raises Unclear."""
    if _BRACES.search(unquoted) or (not is_bare and "{" in unquoted):
        raise Unclear("braces make several words of one")
    if unquoted.startswith("~") and unquoted[:2] not in ("~", "~/"):
        raise Unclear("it names another user's home")
