"""What is read screen by screen: a job's log, its changes, its question, the help. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chat.events import TextChunk
from chat.job_commands.tables import log_text
from chat.job_screen.cells import wrapped
from chat.jobs.lines import Line, event_of
from chat.jobs.record import Question
from chat.safety.printable import without_escapes
from repomap import escaped_text

Styled = tuple[str, str]
"""A style class of prompt_toolkit, and a text."""
_MAX_LINES = 5_000
"""Of a log; what is older is in `trigpoint logs`."""


@dataclass(frozen=True, slots=True)
class Page:
    """A text that is scrolled through."""

    kind: str
    """`log`, `diff`, `question`, `text` or `help`."""
    job: str
    title: str
    lines: tuple[Styled, ...] = ()
    """Before they are wrapped."""
    tail: str = ""
    """A reply that is still arriving."""
    top: int = 0
    """The first wrapped line that is shown."""
    follows: bool = False
    """Show the end, also when there is more of it."""
    number: int = 0
    """Of the question."""

    def wrapped(self, columns: int) -> list[Styled]:
        """Return the lines as that many columns show them."""
        lines = [*self.lines, *(("", line) for line in self.tail.splitlines())]
        return [(style, piece) for style, line in lines for piece in wrapped(line, columns)]

    def scrolled(self, by: int, columns: int, height: int) -> "Page":
        """Return it moved by a number of lines, within its text; at the end of a log it follows again."""
        last = max(0, len(self.wrapped(columns)) - height)
        top = min(max(0, (last if self.follows else self.top) + by), last)
        return replace(self, top=top, follows=self.kind == "log" and top == last)


def log_page(job: str, title: str) -> Page:
    """Return the page of a log of which nothing has been read."""
    return Page("log", job, title, follows=True)


def with_log(page: Page, lines: Iterable[Line]) -> Page:
    """Return the page of a log after more lines of events."""
    found, tail = list(page.lines), page.tail
    for line in lines:
        event = event_of(line)
        if isinstance(event, TextChunk):
            tail = without_escapes(tail + event.text)
            continue
        if line.get("type") in ("assistant", "result"):
            tail = ""
        text = log_text(line)
        if text:
            style = _log_style(line)
            found += [(style, part) for part in text.splitlines()]
    return replace(page, lines=tuple(found[-_MAX_LINES:]), tail=tail)


def diff_page(job: str, title: str, patch: str) -> Page:
    """Return the page of a patch."""
    lines = tuple((_diff_style(line), line) for line in without_escapes(patch).splitlines())
    return Page("diff", job, title, lines or (("class:dim", "It has changed nothing."),))


def text_page(job: str, title: str, text: str) -> Page:
    """Return the page of a text that is too long for one line."""
    return Page("text", job, title, tuple(("", line) for line in without_escapes(text).splitlines()))


def question_page(job: str, title: str, question: Question) -> Page:
    """Return the page of a question, with nothing of it left out: characters that hide something are written out."""
    lines = [("bold", line) for line in escaped_text(question.text).splitlines()]
    lines += [("", line) for line in ["", *escaped_text(question.subject).splitlines()] if question.subject]
    if question.rule:
        lines += [
            ("", ""),
            ("class:dim", f"`always` keeps the rule {escaped_text(question.rule)}, for later runs, too."),
        ]
    return Page("question", job, title, tuple(lines), number=question.number)


def _log_style(line: Line) -> str:
    match line.get("type"), line.get("subtype"):
        case "assistant", _:
            return ""
        case "result", _:
            return "class:red" if line.get("error") else "class:green"
        case _, "edits_refused":
            return "class:yellow"
        case _, "command_ran" if line.get("exit_code"):
            return "class:yellow"
    return "class:dim"


def _diff_style(line: str) -> str:
    if line.startswith(
        ("diff ", "index ", "--- ", "+++ ", "new file", "deleted file", "rename ", "similarity")
    ):
        return "class:dim"
    return {"+": "class:green", "-": "class:red", "@": "class:cyan"}.get(line[:1], "")
