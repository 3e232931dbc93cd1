"""The state of the live table and the size of the terminal → lines of styled text. Pure."""

from collections.abc import Sequence

from chat.job_screen.cells import cut, fitted, width, wrapped
from chat.job_screen.keys import ACTS, BACK, answer_keys, footer, is_useful
from chat.job_screen.pages import Page, Styled
from chat.job_screen.rows import Row, summary
from chat.job_screen.state import Size, State
from chat.jobs.state import JobState

Drawn = list[Styled]
"""One line."""
_COLOURS = {
    JobState.QUEUED: "class:dim",
    JobState.RUNNING: "class:cyan",
    JobState.WAITING: "class:yellow",
    JobState.DONE: "class:green",
    JobState.FAILED: "class:red",
    JobState.STOPPED: "class:dim",
    JobState.LOST: "class:red",
}
_HEADS = ("", "state", "task", "turn", "cost", "checks", "last")
_FIXED = (2, 9, 0, 4, 6, 6, 0)
"""Columns of the cells; 0 for those that share what is left."""
_AT_RIGHT = frozenset(("turn", "cost"))
_WITHOUT_GAP = frozenset(("", "state"))
_GAP = "  "
_LEAST_FOR_LAST = 60
"""A narrower terminal has no room for what happened last; the details below the table say it."""
_PAGE_KEYS = {
    "log": ("answer", "send", "diff", "merge", "stop"),
    "diff": ("peek", "send", "merge"),
}


def draw(state: State, size: Size) -> list[Drawn]:
    """Return every line of the screen but the last one, which is the footer or a line to type in."""
    lines = _page(state, state.page, size) if state.page else _table(state, size)
    return [_cropped(line, size.columns) for line in [*lines[: size.lines - 2], _message(state, size)]]


def draw_footer(state: State, size: Size) -> Drawn:
    """Return the last line: the keys that do something now."""
    return _cropped(footer(_pairs(state), size.columns), size.columns)


def _pairs(state: State) -> list[Styled]:
    if state.asked:
        return [("y", "yes"), ("n", "no")]
    row, page = state.row, state.page
    if page is None:
        keys = [(key.shown, key.label) for key in ACTS if is_useful(key.action, row)]
        return [("Esc", "all"), *keys] if state.filter else keys
    back = (BACK.shown, BACK.label)
    if page.kind == "question":
        choices = row.question.choices if row and row.question else ()
        return [*answer_keys(choices).items(), ("↑↓", "scroll"), back]
    wanted = [key for key in ACTS if key.action in _PAGE_KEYS.get(page.kind, ())]
    return [("↑↓", "scroll"), *((key.shown, key.label) for key in wanted if is_useful(key.action, row)), back]


def _cropped(line: Drawn, columns: int) -> Drawn:
    """Cut off what a very narrow terminal has no room for."""
    cropped: Drawn = []
    for style, text in line:
        cropped.append((style, cut(text, columns)))
        columns -= width(cropped[-1][1])
    return cropped


def widths(columns: int) -> list[int]:
    """Return the columns of the cells of a row; 0 for one that is left out."""
    taken = sum(_FIXED) + len(_GAP) * (len(_FIXED) - 2) + 1
    room = max(0, columns - taken)
    has_last = columns >= _LEAST_FOR_LAST
    task = min(44, room * 11 // 20) if has_last else max(8, room + len(_GAP))
    found = list(_FIXED)
    found[2], found[6] = task, room - task if has_last else 0
    return found


def _table(state: State, size: Size) -> list[Drawn]:
    found = widths(size.columns)
    shown = state.shown
    rows = [_row(row, row.id == state.chosen, found) for row in shown[state.top : state.top + size.rows]]
    if not rows:
        rows = [[("class:dim", f"  No job matches {cut(state.filter, max(1, size.columns - 20))}.")]]
    blank: list[Drawn] = [[] for _ in range(size.rows - len(rows))]
    heads: list[Drawn] = [[], [("class:dim", "".join(_cells(_HEADS, found)))]]
    details = _details(state.row, size) if size.has_details else []
    return [_top(state, size), *(heads if size.has_heads else []), *rows, *blank, *details]


def _top(state: State, size: Size) -> Drawn:
    """The first line: whose jobs these are, and how they stand."""
    place = f" Jobs of {state.place}"
    count = len(state.shown)
    hidden = f"{count} of {len(state.rows)} match {state.filter}" if state.filter else ""
    above = f"{state.top + 1}–{min(count, state.top + size.rows)} of {count}" if count > size.rows else ""
    said = " · ".join(filter(None, (hidden or summary(state.rows), above)))
    room = size.columns - width(place) - 1
    if room < width(said) + len(_GAP):
        return [("bold", f" {cut(said, size.columns - 2)}")]
    return [("bold", place), ("class:dim", fitted(said, room, at_right=True))]


def _row(row: Row, is_chosen: bool, found: Sequence[int]) -> Drawn:
    cells = (
        "▸" if is_chosen else "",
        f"{row.mark} {row.label}",
        row.task,
        row.turns,
        row.cost,
        row.checks,
        row.last,
    )
    mark, state, task, turns, cost, checks, last = _cells(cells, found)
    is_over = row.state in (JobState.DONE, JobState.STOPPED) or row.label == "merged"
    weight = "bold" if is_chosen else ""
    quiet = "class:dim" if row.label == "merged" and not is_chosen else weight
    red = "class:red" if row.checks.startswith("✗") else "class:green"
    ends = "class:dim" if is_over or not row.question else "class:yellow"
    return [
        ("bold", mark),
        (f"{_COLOURS[row.state]} {weight}".strip(), state),
        (quiet, task),
        ("class:dim", turns + cost),
        (red, checks),
        (ends, last),
    ]


def _cells(cells: Sequence[str], found: Sequence[int]) -> list[str]:
    """Return cells as wide as they are to be, each with the gap before it."""
    return [
        ""
        if not columns
        else ("" if head in _WITHOUT_GAP else _GAP) + fitted(cell, columns, at_right=head in _AT_RIGHT)
        for head, cell, columns in zip(_HEADS, cells, found, strict=True)
    ]


def _details(row: Row | None, size: Size) -> list[Drawn]:
    """What the chosen job is and does, in more words than its row has room for."""
    if row is None:
        return [[] for _ in range(3)]
    title = cut(f" {row.id} · {row.repository} · {row.branch} · {row.time} ", max(0, size.columns - 6))
    rule = "─" * max(0, size.columns - width(title) - 2)
    room = size.columns - 4
    style = "class:yellow" if row.question else "class:dim"
    return [
        [("class:dim", f"──{title}{rule}")],
        [("", f"  {cut(row.task, room)}")],
        [(style, f"  {cut(row.last, room)}")],
    ]


def _page(state: State, page: Page, size: Size) -> list[Drawn]:
    lines = page.wrapped(size.columns - 2)
    last = max(0, len(lines) - size.text)
    top = last if page.follows else min(page.top, last)
    row = state.row if page.job else None
    label = f"{row.mark} {row.label}" if row else ""
    title = fitted(f" {page.title}", max(1, size.columns - width(label) - 2))
    shown = [[(style, f" {text}")] for style, text in lines[top : top + size.text]]
    blank: list[Drawn] = [[] for _ in range(size.text - len(shown))]
    place = f" {min(len(lines), top + size.text)} of {len(lines)} lines " if last else ""
    rule = "─" * max(0, size.columns - len(place) - 2)
    head: list[Drawn] = [
        [("bold", title), (_COLOURS[row.state] if row else "", f" {label}")],
        [("class:dim", cut(f"{rule}{place}──", size.columns))],
    ]
    return [*head, *shown, *blank]


def _message(state: State, size: Size) -> Drawn:
    """The line above the footer: a question of the table itself, or what became of the last key."""
    row = state.row
    room = size.columns - 2
    if state.asked and row:
        what = {
            "stop": f"Stop {row.id}? What it has committed stays.",
            "merge": f"Merge {row.branch} into the branch you are on?",
        }[state.asked]
        return [("class:yellow", f" {cut(what, room)}")]
    return [("class:red" if state.is_bad else "class:green", f" {wrapped(state.message, room)[0]}")]
