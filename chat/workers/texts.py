"""What the planner and the workers of a plan are told. Pure."""

import re
from collections.abc import Iterable, Sequence

from chat.conversation.long_output import condensed
from chat.safety.printable import on_one_line
from chat.workers.plan import Piece

_TASK = """\
Plan the task below; do not do it. Workers do it, each in a work tree of its own and several at the same time. They \
see neither this conversation nor each other: each is given one piece of your plan, and begins on the branch with \
everything that its piece depends on.

Explore first, until you know which files each piece changes. Then answer with the plan alone, as JSON.

- A goal is complete: names, signatures, behaviour, and the tests that belong to it. Nobody can ask you.
- Interfaces between pieces are spelled out in both, in the same words.
- Pieces that do not depend on each other change different files.
- Let a piece depend on another only if it needs that one's code: pieces without a dependency are done at the same time.
- A check is one command that is run at the top of the repository, and succeeds exactly if the piece is done.
- Take few pieces, seldom more than eight; one, if the task cannot be divided.
{whole}
# The task

{task}"""
_WHOLE = "- After each piece these have to succeed: {checks}\n"
_MISFIT = "The plan cannot be carried out:\n\n{faults}\n\nAnswer with the whole plan again, corrected, as JSON alone."
_PIECE = """\
{goal}

This is one piece of a larger task: {task}. Others do the rest; do this piece alone.

Files of this piece: {files}.{interfaces}{leave}"""
_AGAIN = (
    "This piece was done once already, from an older state of the branch, and was given back: {why}\n\nYou begin on "
    "the present state, without that work. Do the piece here, and keep what others have done."
    "{detail}\n\nWhat the earlier attempt had changed:\n\n```diff\n{diff}\n```"
)
_BACK = (
    "Your work on this piece was given back: {why}\n\nFind the cause, and finish the piece. Take another approach than "
    "before."
)
_MAX_TASK_CHARS = 300
_DETAIL_TOKENS, _DIFF_TOKENS = 3_000, 6_000
_CONTEXT_LINES = 3
_BEGINS, _ENDS = re.compile(r"<{7}( |$)"), re.compile(r">{7}( |$)")


def planning_request(task: str, whole: Sequence[str]) -> str:
    """Return what the planner is asked."""
    checks = _WHOLE.format(checks=", ".join(f"`{check}`" for check in whole)) if whole else ""
    return _TASK.format(task=task, whole=checks)


def misfit_text(faults: Iterable[str]) -> str:
    """Tell the planner what is wrong with its plan."""
    return _MISFIT.format(faults="\n".join(f"- {fault}" for fault in faults))


def piece_text(piece: Piece, task: str) -> str:
    """Return the specification that a worker is given."""
    leave = ", ".join(piece.leave_alone)
    return _PIECE.format(
        goal=piece.goal,
        task=on_one_line(task, _MAX_TASK_CHARS).rstrip("."),
        files=", ".join(piece.files),
        interfaces=f"\n\nInterfaces:\n\n{piece.interfaces}" if piece.interfaces else "",
        leave=f"\n\nDo not change: {leave}." if leave else "",
    )


def back_text(why: str) -> str:
    """Tell a worker that its work does not do, and that it goes on with it."""
    return _BACK.format(why=why)


def again_text(why: str, detail: str, diff: str) -> str:
    """Tell a new worker why the work of an earlier one was not taken."""
    shown = f"\n\n{_short(detail, _DETAIL_TOKENS)}" if detail else ""
    return _AGAIN.format(why=why, detail=shown, diff=_short(diff, _DIFF_TOKENS))


def conflict_text(files: Iterable[tuple[str, str]]) -> str:
    """Return the conflicts in files with git's marks, with a few lines around each."""
    return "\n\n".join(f"{path}:\n\n```\n{_marked(text)}\n```" for path, text in files)


def _marked(text: str) -> str:
    r"""Return the marked parts of a file.

    >>> _marked("\n".join("abcdef") + "\n<<<<<<< x\n1\n=======\n2\n>>>>>>> y\n")
    'd\ne\nf\n<<<<<<< x\n1\n=======\n2\n>>>>>>> y'
    """
    lines = text.splitlines()
    begins = [number for number, line in enumerate(lines) if _BEGINS.match(line)]
    ends = [number for number, line in enumerate(lines) if _ENDS.match(line)]
    kept = {
        number
        for begin, end in zip(begins, ends, strict=False)
        for number in range(max(0, begin - _CONTEXT_LINES), min(len(lines), end + _CONTEXT_LINES + 1))
    }
    return "\n".join(lines[number] for number in sorted(kept)) or "(a whole file)"


def _short(text: str, max_tokens: int) -> str:
    return condensed(text, max_tokens, lambda part: len(part) // 4)
