"""The keys of the live table: what each does, and how the footer and the help name it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat.job_screen.cells import width, wrapped
from chat.job_screen.rows import Row
from chat.jobs.state import JobState


@dataclass(frozen=True, slots=True)
class Key:
    """A key, or several that do the same."""

    names: tuple[str, ...]
    """As prompt_toolkit calls them."""
    shown: str
    action: str
    label: str
    """In the footer, in a word or two; "" where the footer leaves it to the help."""
    help: str


MOVES = (
    Key(("up", "k"), "↑ k", "up", "", "one line up"),
    Key(("down", "j"), "↓ j", "down", "", "one line down"),
    Key(("pageup", "b"), "PgUp b", "page-up", "", "a screen up"),
    Key(("pagedown", " "), "PgDn space", "page-down", "", "a screen down"),
    Key(("home", "g"), "Home g", "first", "", "to the beginning"),
    Key(("end", "G"), "End G", "last", "", "to the end; a log goes on from there"),
)
ACTS = (
    Key(("enter", "right", "l"), "Enter", "peek", "peek", "what the job does and says, as it works"),
    Key(("a",), "a", "answer", "answer", "see the question that it waits for, and answer it"),
    Key(("s",), "s", "send", "send", "a text that its next turn reads"),
    Key(("d",), "d", "diff", "diff", "what it has changed so far"),
    Key(("m",), "m", "merge", "merge", "bring its branch into yours; asks first"),
    Key(("x",), "x", "stop", "stop", "end its turn; what it has committed stays; asks first"),
    Key(("/",), "/", "filter", "filter", "show only the jobs in which all words occur; Esc shows all"),
    Key(("?",), "?", "help", "help", "this page"),
    Key(("q", "c-c"), "q", "quit", "quit", "leave; the jobs go on"),
)
BACK = Key(("q", "escape", "left", "h", "c-c"), "q", "back", "back", "back to the jobs")
_MARKS = (
    *("● running", "? waiting for you", "○ queued", "✓ done"),
    *("✗ failed", "■ stopped", "! lost", "a cost of ? is unknown"),
)
_ANSWERS = {"yes": "y", "no": "n", "always": "A"}
_NEEDS = {
    "answer": (JobState.WAITING,),
    "stop": (JobState.QUEUED, JobState.RUNNING, JobState.WAITING),
    "merge": (JobState.DONE,),
}
"""The states in which a key does something."""


def is_useful(action: str, row: Row | None) -> bool:
    """Whether a key does something for the chosen job."""
    if row is None:
        return action in ("filter", "help", "quit", "back")
    return row.state in _NEEDS.get(action, (row.state,)) and not (action == "merge" and row.label == "merged")


def answer_keys(choices: Sequence[str]) -> dict[str, str]:
    """Return the keys that answer a question, with the answers.

    >>> answer_keys(("yes", "no"))
    {'y': 'yes', 'n': 'no'}
    """
    return {_ANSWERS[choice]: choice for choice in choices}


def footer(pairs: Sequence[tuple[str, str]], columns: int) -> list[tuple[str, str]]:
    """Return keys with their labels as styled text of one line; those that do not fit are left out from the right.

    The last pair, by which one leaves, stays.
    """
    shown: list[tuple[str, str]] = []
    free = columns - 1
    *others, last = pairs
    free -= width(f"{last[0]} {last[1]}")
    for key, label in others:
        taken = width(f"{key} {label}  ")
        if taken <= free:
            shown += [("bold", key), ("class:dim", f" {label}  ")]
            free -= taken
    return [("", " "), *shown, ("bold", last[0]), ("class:dim", f" {last[1]}")]


def help_lines(columns: int) -> list[tuple[str, str]]:
    """Return the help as styled lines, each of at most ``columns``."""
    lines: list[tuple[str, str]] = []
    for key in (*MOVES, *ACTS):
        first, *rest = wrapped(key.help, max(10, columns - 16))
        lines += [("", f"  {key.shown:<12}{first}"), *(("", f"{'':14}{piece}") for piece in rest)]
    return [*lines, ("", ""), *(("", f"  {line}") for line in _packed(_MARKS, max(10, columns - 4)))]


def _packed(words: Sequence[str], columns: int) -> list[str]:
    """Return words as lines of at most so many columns; none is broken.

    >>> _packed(("a b", "c d", "e f"), 9)
    ['a b  c d', 'e f']
    """
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]}  {word}"
        lines[-1:] = [longer] if width(longer) <= columns else [lines[-1], word]
    return lines


def why_not(action: str, job: str) -> str:
    """Say why a key does nothing for a job, or for none."""
    if not job:
        return "No job is chosen."
    return {
        "answer": f"Job {job} asks nothing now.",
        "stop": f"Job {job} is not at work, so there is nothing to stop.",
        "merge": f"Job {job} cannot be merged: only one that is done, once.",
    }.get(action, "That does nothing here.")
