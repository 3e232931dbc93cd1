"""A job's task, commits and checks → the text of a pull request. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chat.display.amounts import counted
from chat.safety.printable import on_one_line, without_escapes

SOLVE = "Solve this issue of the project:\n\n"
"""Stands before the text of an issue that is a task."""
_TITLE_CHARS = 72
_TICKS = re.compile(r"`{3,}")
_TEST_FILE = re.compile(r"(^|[/_.\-])(tests?|specs?|__tests__)([/_.\-]|$)|Tests?\.\w+$", re.IGNORECASE)
_LARGE_LINES = 400


@dataclass(frozen=True, slots=True)
class FileCount:
    """A file of the change, and how many lines were added and removed; None in a binary one."""

    path: str
    added: int | None
    removed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a job has done."""

    task: str
    """In full, as the model was given it."""
    subjects: Sequence[str] = ()
    """Of its commits, the oldest first."""
    files: Sequence[FileCount] = ()
    checks: Sequence[tuple[str, int]] = ()
    """Commands with the exit codes that they ended with last."""
    reason: str = ""
    """Why the job did not end well; "" where it did."""
    uncommitted: Sequence[str] = ()
    evidence: Sequence[str] = ()
    """Files that were left to show that it works."""


def title_of(work: Work) -> str:
    """Return the title: the subject of the one commit, otherwise the first line of the task.

    >>> title_of(Work(task="# Sessions never end\\n\\nThey should."))
    'Sessions never end'
    """
    if len(work.subjects) == 1:
        return on_one_line(work.subjects[0], _TITLE_CHARS)
    lines = [line.strip().lstrip("#").strip() for line in work.task.splitlines()]
    return on_one_line(next(filter(None, lines), "Changes"), _TITLE_CHARS)


def pull_request(work: Work) -> str:
    """Return title, reason, changes, tests and risks in Markdown; the title is its first line."""
    sections = (
        ("Why", _quoted(work.task)),
        ("What", "\n".join(_what(work)) or "Nothing was changed."),
        ("How it was tested", "\n".join(_tests(work))),
        *((("Evidence", "\n".join(_evidence(work))),) if work.evidence else ()),
        ("Risks", "\n".join(f"- {risk}" for risk in _risks(work)) or "None that the job itself could tell."),
    )
    parts = [f"# {title_of(work)}", *(f"## {name}\n\n{text}" for name, text in sections)]
    return without_escapes("\n\n".join(parts)) + "\n"


def body_of(text: str) -> str:
    """Return the text of a pull request without its title.

    >>> body_of("# Title\\n\\n## Why\\n\\n> It.\\n")
    '## Why\\n\\n> It.\\n'
    """
    return text.partition("\n\n")[2]


def _what(work: Work) -> Iterator[str]:
    for subject in work.subjects:
        yield f"- {on_one_line(subject)}"
    if work.files:
        yield ""
    for file in work.files:
        counts = "binary" if file.added is None else f"+{file.added} −{file.removed}"
        yield f"- `{on_one_line(file.path)}` ({counts})"


def _tests(work: Work) -> Iterator[str]:
    for command, code in work.checks:
        yield f"- `{on_one_line(command)}`: {f'**failed with exit code {code}**' if code else 'passed'}"
    if not work.checks:
        yield "No check was run."
    tests = [file.path for file in work.files if _TEST_FILE.search(file.path)]
    if tests:
        yield f"- Tests that changed with it: {', '.join(f'`{on_one_line(path)}`' for path in tests)}"


def _evidence(work: Work) -> Iterator[str]:
    yield "Among the artifacts of the job, to be attached by hand:"
    yield ""
    for name in work.evidence:
        yield f"- `evidence/{on_one_line(name)}`"


def _risks(work: Work) -> Iterator[str]:
    if work.reason:
        yield f"The job did not end well: {on_one_line(work.reason)}"
    if any(code for _, code in work.checks):
        yield "A check is red."
    if work.files and not work.checks:
        yield "Nothing was run against the change."
    if work.files and not any(_TEST_FILE.search(file.path) for file in work.files):
        yield "No test was added or changed."
    gone = [file.path for file in work.files if file.added == 0 and (file.removed or 0) > 0]
    if gone:
        yield f"Only removals: {', '.join(f'`{on_one_line(path)}`' for path in gone)}"
    lines = sum((file.added or 0) + (file.removed or 0) for file in work.files)
    if lines > _LARGE_LINES:
        yield f"It is large: {counted(lines, 'line')} in {counted(len(work.files), 'file')}."
    if work.uncommitted:
        yield f"Not committed, so not part of it: {', '.join(f'`{on_one_line(path)}`' for path in work.uncommitted)}"


def _quoted(text: str) -> str:
    """Return a text as a quotation, in which no fence ends early."""
    return "\n".join(f"> {line}".rstrip() for line in _TICKS.sub("``", text).strip().splitlines())
