"""Events → the lines that tell them, without any colour: what both kinds of terminal say alike."""

from collections.abc import Sequence

from chat.events import (
    CommandRan,
    Committed,
    ContextGiven,
    EditsRefused,
    EditsWritten,
    FileEdited,
    Notice,
    Retrying,
)
from chat.model import Usage
from chat.safety.printable import on_one_line, without_escapes

_MOST_NAMES = 6
_SHOWN_ID = 7
_TAIL_LINES = 20
_DONE = {"created": "Created", "changed": "Changed", "deleted": "Deleted", "moved": "Moved"}
_MEANT = {"created": "create", "changed": "change", "deleted": "delete", "moved": "move"}


def retrying(event: Retrying) -> str:
    """Why a call is made again, and when."""
    return f"{on_one_line(event.reason)}; trying again in {_seconds(event.wait_s)} (try {event.attempt + 1})"


def context_given(event: ContextGiven) -> str:
    """What the model asked to see."""
    asked = [on_one_line(text) for text in (*event.paths, *event.lookups)]
    return f"Shown to the model: {_some(asked)}"


def edits_refused(event: EditsRefused) -> str:
    """What cannot be applied, and what becomes of it."""
    count = len(event.messages)
    told = [without_escapes(message) for message in event.messages]
    last = "No file was changed." if event.final else "The model is asked for them again."
    return "\n".join([f"{count} edit{'s' if count > 1 else ''} refused:", *told, last])


def file_edited(edited: FileEdited, dry_run: bool) -> str:
    """One file of a plan and how many of its lines are new or gone."""
    added, removed = line_counts(edited.diff)
    verb = f"Would {_MEANT[edited.kind]}" if dry_run else _DONE[edited.kind]
    counts = f" (+{added} −{removed})" if edited.diff else ""
    return f"{verb} {on_one_line(edited.path)}{counts}"


def edits_written(event: EditsWritten) -> str:
    """The files of a plan, a line each."""
    return "\n".join(file_edited(edited, event.dry_run) for edited in event.files)


def committed(event: Committed) -> str:
    """A commit as `git log --oneline` names it."""
    whose = "Committed your own changes: " if event.of_user else "Committed "
    return f"{whose}{event.commit[:_SHOWN_ID]} {on_one_line(event.subject)}"


def command_ran(event: CommandRan) -> str:
    """What a command printed, if the user ran it; of a check, only how it ended and, if badly, the end of it."""
    output = without_escapes(event.output)
    end = f"exit {event.exit_code}" if event.exit_code else "passed"
    if event.purpose == "run":
        return "\n".join(
            [*([output.rstrip("\n")] if output.strip() else []), *([f"({end})"] if event.exit_code else [])]
        )
    head = f"$ {on_one_line(event.command)}: {end}"
    return "\n".join([head, *_tail(output)]) if event.exit_code else head


def notice(event: Notice) -> str:
    """A remark, with its weight in front."""
    weight = "" if event.level == "info" else f"{event.level}: "
    return weight + without_escapes(event.text)


def cost(turn: Usage, session: Usage) -> str:
    """`1.2k in (80 % cached) · 340 out · $0.004 · session $0.03`."""
    share = f" ({100 * turn.cached_tokens // turn.prompt_tokens} % cached)" if turn.cached_tokens else ""
    parts = [f"{count(turn.prompt_tokens)} in{share}", f"{count(turn.completion_tokens)} out"]
    if turn.cost_usd is not None:
        parts.append(usd(turn.cost_usd))
    if session.cost_usd is not None and session.calls != turn.calls:
        parts.append(f"session {usd(session.cost_usd)}")
    return " · ".join(parts)


def count(tokens: int) -> str:
    """A number of tokens in three digits: `340`, `1.2k`, `17k`, `1.3M`."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if tokens >= size:
            return f"{tokens / size:.0f}{unit}" if tokens >= 10 * size else f"{tokens / size:.1f}{unit}"
    return str(tokens)


def usd(amount: float) -> str:
    """An amount with as many digits as it needs: `$0`, `$0.004`, `$0.03`, `$12.50`."""
    if amount == 0:
        return "$0"
    return f"${amount:.2f}" if amount >= 0.01 else f"${amount:.2g}" if amount >= 0.0001 else "<$0.0001"


def line_counts(diff: str) -> tuple[int, int]:
    """How many lines a unified diff adds and removes."""
    rows = changed_rows(diff)
    return sum(row.startswith("+") for row in rows), sum(row.startswith("-") for row in rows)


def changed_rows(diff: str) -> list[str]:
    """The rows that a unified diff adds or removes, its headers left out."""
    rows = diff.split("\n")
    first = next((number for number, row in enumerate(rows) if row.startswith("@@")), len(rows))
    return [row for row in rows[first:] if row.startswith(("+", "-"))]


def _seconds(wait_s: float) -> str:
    return f"{wait_s:.0f} s" if wait_s >= 1 else "a moment"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _tail(output: str) -> list[str]:
    lines = output.rstrip("\n").split("\n") if output.strip() else []
    cut = len(lines) - _TAIL_LINES
    return [f"… {cut} lines above", *lines[cut:]] if cut > 0 else lines
