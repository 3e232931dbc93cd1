"""A plan as it is shown to whoever agrees to it: everything that could matter is there, and nothing is hidden. Pure."""

from collections.abc import Iterator

from chat.display.amounts import counted, usd
from chat.display.text_table import text_table
from chat.safety.printable import cut_line
from chat.workers.budget import Budget
from chat.workers.consent import Checks
from chat.workers.plan import Piece, WorkPlan
from repomap import escaped

_MAX_CELL_CHARS = 44
_HEADS = ("piece", "files", "after", "check", "share")


def plan_table(plan: WorkPlan, checks: Checks, share: Budget | None) -> str:
    """Return a plan as a table, then each piece in full, then the commands with what becomes of them."""
    rows = [_row(piece, checks, share) for piece in plan.pieces]
    parts = [text_table([_HEADS, *rows]), "\n".join(_in_full(piece) for piece in plan.pieces)]
    return "\n\n".join([*parts, *_commands(checks)])


def _row(piece: Piece, checks: Checks, share: Budget | None) -> tuple[str, ...]:
    check = "not run" if piece.check in checks.denied else escaped(piece.check) or "the whole check"
    cells = (", ".join(map(escaped, piece.files)), ", ".join(map(escaped, piece.depends_on)) or "-", check)
    return (escaped(piece.id), *(cut_line(cell, _MAX_CELL_CHARS) for cell in cells), share_text(share))


def share_text(share: Budget | None) -> str:
    """Return a share of the budget in words.

    >>> share_text(Budget(usd=0.5, tokens=20000)), share_text(Budget()), share_text(None)
    ('$0.50, 20,000 tokens', '-', 'nothing')
    """
    if share is None:
        return "nothing"
    parts = [
        *([usd(share.usd)] if share.usd else []),
        *([counted(share.tokens, "token")] if share.tokens else []),
    ]
    return ", ".join(parts) or "-"


def _in_full(piece: Piece) -> str:
    goal = escaped(" ".join(piece.goal.split()))
    leave = f" Leaves alone: {', '.join(map(escaped, piece.leave_alone))}." if piece.leave_alone else ""
    return f"{escaped(piece.id)} ({', '.join(map(escaped, piece.files))}): {goal}{leave}"


def _commands(checks: Checks) -> Iterator[str]:
    """Yield the commands in full: a cell of the table may end before a command does."""
    titles = (
        ("Commands of the plan that are run if you agree", checks.asked),
        ("Commands of the plan that your rules allow", checks.allowed),
        ("Commands of the plan that are not run, since your rules forbid them", checks.denied),
    )
    for title, commands in titles:
        if commands:
            yield "\n".join([f"{title}:", *(f"  {escaped(command)}" for command in commands)])
