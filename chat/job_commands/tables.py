"""[io] Prints jobs as rows, one job in full, and its log."""

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence

import click

from chat.attempts.group import names_group
from chat.cli.session_tables import print_line
from chat.display.amounts import counted, duration, how_it_ended, usd_if_known
from chat.display.text_table import text_table
from chat.events import ReasoningChunk, TextChunk
from chat.jobs.events import follow, read_events
from chat.jobs.lines import STARTED, Line, event_of
from chat.jobs.record import Question
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader, JobView
from chat.safety.printable import cut_line, on_one_line, without_escapes
from chat.terminal.screens.output import plain_text
from repomap import escaped_text, write_to

HEADS = ("id", "state", "turns", "cost", "time", "task", "last")
"""Of the table of jobs."""
_AT_RIGHT = frozenset(("turns", "cost", "time"))
_LEAST_CHARS = 12
"""Of a task, and of what happened last, however narrow the terminal is."""
_CUT_CHARS = 200


def job_row(view: JobView, *, of_all: bool = False) -> tuple[str, ...]:
    """Return what a list says of a job: id, state, turns, cost, time, task, what happened last.

    In a list ``of_all`` repositories the name of its repository follows the id.
    """
    state = f"{view.state.value}, merged" if view.facts.merged else view.state.value
    question = view.facts.question
    last = on_one_line(f"asks: {question.text}" if question else view.progress.last, _CUT_CHARS)
    task = task_text(view, _CUT_CHARS)
    ids = (view.record.id, repository_name(view)) if of_all else (view.record.id,)
    return *ids, state, str(view.turns), cost(view), duration(view.seconds), task, last


def repository_name(view: JobView) -> str:
    """Return the name of the folder that a job was begun in, on one line."""
    return on_one_line(os.path.basename(view.record.root), _CUT_CHARS)


def task_text(view: JobView, max_chars: int) -> str:
    """Return the task of a job on one line, marked where another job has begun it, or as which attempt it is."""
    record = view.record
    mark = f"[{record.note.partition(':')[0]}] " if names_group(record.group) else ""
    return f"{'└ ' if record.parent else ''}{mark}{on_one_line(record.task, max_chars)}"


def job_table(rows: Sequence[Sequence[str]], columns: int, heads: Sequence[str] = HEADS) -> list[str]:
    """Return heads and rows as lines of at most ``columns``: task and last share what the others leave."""
    table = [heads, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(heads))]
    room = max(columns - sum(widths[:-2]) - 2 * (len(heads) - 1), 2 * _LEAST_CHARS)
    widths[-2] = min(widths[-2], max(room // 2, room - widths[-1]))
    widths[-1] = room - widths[-2]
    return [
        "  ".join(
            cut_line(cell, width).rjust(width) if head in _AT_RIGHT else cut_line(cell, width).ljust(width)
            for head, cell, width in zip(heads, row, widths, strict=True)
        ).rstrip()
        for row in table
    ]


def print_jobs(views: Sequence[JobView], *, of_all: bool = False) -> None:
    """Print jobs as a table at a terminal, separated by tabs elsewhere; those ``of_all`` repositories with its name."""
    heads = (HEADS[0], "repository", *HEADS[1:]) if of_all else HEADS
    rows = [job_row(view, of_all=of_all) for view in views]
    lines = job_table(rows, shutil.get_terminal_size().columns, heads)
    for line in lines if sys.stdout.isatty() else map("\t".join, (heads, *rows)):
        print_line(line)


def cost(view: JobView) -> str:
    """Return what a job has cost so far."""
    return usd_if_known(view.usage.cost_usd)


def print_job(view: JobView) -> None:
    """Print everything about a job, a line each."""
    record, facts, question = view.record, view.facts, view.facts.question
    ended = "" if view.exit_code is None else f", exit code {view.exit_code}"
    rows = [
        ("job", record.id),
        ("task", on_one_line(record.task, 500)),
        *([("belongs to", f"{record.group}, {on_one_line(record.note, 200)}")] if record.group else []),
        ("state", f"{view.state.value}{ended}"),
        *([("why", on_one_line(view.reason, 500))] if view.reason else []),
        *([("asks", on_one_line(f"{question.text} {question.subject}", 500))] if question else []),
        ("began", time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created))),
        ("time", f"{duration(view.seconds)}{_of_run(view)}"),
        ("turns", str(view.turns)),
        ("cost", cost(view)),
        ("branch", f"{record.branch}, from {record.base[:12]}"),
        ("work tree", str(view.tree)),
        ("commits", str(view.commits)),
        *([("files", ", ".join(view.progress.files))] if view.progress.files else []),
        *(("check", f"{command}: {how_it_ended(code)}") for command, code in view.progress.checks),
        *([("merged", f"{facts.merged.way}, into {facts.merged.into}")] if facts.merged else []),
        *([("last", view.progress.last)] if view.progress.last else []),
        ("next", view.next_step),
    ]
    print_line(text_table(rows))


def _of_run(view: JobView) -> str:
    start = view.facts.start
    return f", run {start.number}" if start and start.number > 1 else ""


def print_log(folder: JobFolder, follows: bool, as_json: bool) -> None:
    """Print the events of a job, readably or as they are; with ``follows`` until it is over.

    What it waits for is no event; it is said once, on standard error.
    """
    reader, asked = JobReader(folder), set[int]()

    def look() -> JobView:
        view = reader.read()
        question = view.facts.question
        if question and question.number not in asked:
            asked.add(question.number)
            click.echo(f"trigpoint: {question_line(folder, question)}", err=True)
        return view

    lines = follow(folder.events, lambda: not look().state.is_live) if follows else None
    for line in lines or read_events(folder.events)[0]:
        text = json.dumps(line) if as_json else log_text(line)
        if text:
            write_to(sys.stdout, f"{text}\n")
    if not look().progress.runs and not as_json:
        click.echo(f"trigpoint: Job {folder.id} has done nothing yet.", err=True)


def question_line(folder: JobFolder, question: Question) -> str:
    """Say what a job asks, and how that is answered."""
    choices = "/".join(question.choices)
    return (
        f"Job {folder.id} asks: {escaped_text(question.text)} (`trigpoint jobs answer {folder.id} {choices}`)"
    )


def log_text(line: Line) -> str:
    """Return a line of events as a person reads it; "" for one that says nothing new, as parts of a reply do."""
    match line.get("type"), line.get("subtype"):
        case "system", subtype if subtype == STARTED:
            number = line.get("number", 1)
            again = f" again, run {number}" if number != 1 else ""
            return f"Began{again}: {on_one_line(str(line.get('task', '')))}"
        case "assistant", _:
            return _said(line)
        case "result", _:
            error = line.get("error")
            took = counted(round(float(line.get("duration_ms", 0)) / 1000), "second")
            return without_escapes(f"Ended after {took}: {error}" if error else f"Ended well after {took}.")
    event = event_of(line)
    return "" if event is None or isinstance(event, TextChunk | ReasoningChunk) else plain_text(event)


def _said(line: Line) -> str:
    """Return what the model said, except for what only the program reads."""
    if line.get("role") not in ("main", "editor"):
        return ""
    parts = line.get("message", {}).get("content", ())
    return without_escapes("".join(str(part.get("text", "")) for part in parts)).rstrip("\n")
