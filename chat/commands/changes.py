"""Commands about what was done: changes, commits, checkpoints, and programs that are run."""

from typing import Literal, cast, get_args

from chat.commands.command import Command, Seat
from chat.errors import UsageError

_What = Literal["files", "conversation", "both"]


def undo(seat: Seat, arguments: str) -> None:  # noqa: ARG001
    """Takes the last turn back."""
    seat.say(seat.desk.undo())


def redo(seat: Seat, arguments: str) -> None:  # noqa: ARG001
    """Does it again."""
    seat.say(seat.desk.redo())


def diff(seat: Seat, arguments: str) -> None:  # noqa: ARG001
    """What has changed since the turn before."""
    text = seat.desk.diff()
    if text:
        seat.show(text, "diff")
    else:
        seat.say("Nothing has changed since the turn before.")


def commit(seat: Seat, arguments: str) -> None:
    """Commits what the user has changed."""
    if seat.desk.commit(arguments) is None:
        seat.say("There is nothing to commit.")


def git(seat: Seat, arguments: str) -> None:
    """Runs git as typed."""
    ran = seat.desk.run(f"git {arguments}".strip())
    seat.failed |= ran.exit_code != 0


def run(seat: Seat, arguments: str) -> None:
    """Runs a command line."""
    if not arguments:
        raise UsageError("/run needs a command. Nothing was run; type /run COMMAND or !COMMAND.")
    ran = seat.desk.run(arguments)
    seat.failed |= ran.exit_code != 0
    if ran.output.strip():
        seat.offer_to_model(ran)


def test(seat: Seat, arguments: str) -> None:
    """Runs the tests."""
    if not arguments and not seat.desk.settings.test_cmd:
        raise UsageError("No test command is set. Nothing was run; type /test COMMAND or set --test-cmd.")
    ran = seat.desk.run(arguments) if arguments else seat.desk.test()
    if ran.exit_code != 0:
        seat.failed = True
        seat.offer_to_model(ran)


def lint(seat: Seat, arguments: str) -> None:
    """Runs the lint commands."""
    ran = seat.desk.lint(tuple(arguments.split()))
    if ran is None:
        seat.say("No lint command applies to these files. Set --lint-cmd, and /add files or name them.")
    elif ran.exit_code != 0:
        seat.failed = True
        seat.offer_to_model(ran)


def checkpoints(seat: Seat, arguments: str) -> None:  # noqa: ARG001
    """The snapshots that can be gone back to."""
    rows = [f"{row.number:>4}  {row.age:>12}  {row.label}" for row in seat.desk.checkpoints_list()]
    if rows:
        seat.show("\n".join(rows))
    else:
        seat.say("There is no checkpoint yet; each turn that changes something leaves one.")


def rollback(seat: Seat, arguments: str) -> None:
    """Goes back to a snapshot."""
    number, _, what = arguments.partition(" ")
    what = what.strip() or "both"
    if not number.isdecimal() or what not in get_args(_What):
        raise UsageError(
            "/rollback takes the number of a checkpoint and, if not both, what goes back: "
            "/rollback 3 files. Nothing was changed; /checkpoints lists the numbers."
        )
    seat.say(seat.desk.rollback(int(number), cast("_What", what)))


TABLE = (
    Command(
        "undo",
        "",
        "Take back the last turn: files, commit, conversation.",
        undo,
        "Also after a restart, with new and deleted files, and without commits. It is refused where a file "
        "has been changed since.",
    ),
    Command("redo", "", "Do again what /undo took back.", redo),
    Command("diff", "", "Show what has changed since the turn before.", diff),
    Command(
        "commit",
        "[MESSAGE]",
        "Commit your own changes.",
        commit,
        "Without a message, the weak model writes one from the diff.",
    ),
    Command("git", "ARGUMENTS", "Run git and show what it says.", git),
    Command(
        "run",
        "COMMAND",
        "Run a command line and show what it prints.",
        run,
        "`!COMMAND` is the same. You are asked whether the model is to see the output; without a terminal it "
        "does not.",
    ),
    Command(
        "test",
        "[COMMAND]",
        "Run the tests, by default --test-cmd.",
        test,
        "When they fail you are asked whether the model is to see the output.",
    ),
    Command("lint", "[PATH…]", "Run --lint-cmd on these files or those of the chat.", lint),
    Command("checkpoints", "", "List the snapshots that /rollback can go back to.", checkpoints),
    Command(
        "rollback",
        "N [files|conversation|both]",
        "Go back to a checkpoint.",
        rollback,
        "What is there now is kept as a checkpoint first, so that you can return.",
    ),
)
"""In the order of `/help`."""
