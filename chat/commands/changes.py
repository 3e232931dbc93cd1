"""Commands about what was done: changes, commits, checkpoints, and programs that are run."""

from typing import Literal, cast, get_args

from chat.commands.command import Command, CommandContext
from chat.errors import UsageError

_What = Literal["files", "conversation", "both"]


def undo(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Takes the last turn back."""
    context.say(context.chat.changes.undo())


def redo(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Does it again."""
    context.say(context.chat.changes.redo())


def diff(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """What has changed since the turn before."""
    text = context.chat.changes.diff()
    if text:
        context.show(text, "diff")
    else:
        context.say("Nothing has changed since the turn before.")


def commit(context: CommandContext, arguments: str) -> None:
    """Commits what the user has changed."""
    if context.chat.changes.commit(arguments) is None:
        context.say("There is nothing to commit.")


def git(context: CommandContext, arguments: str) -> None:
    """Runs git as typed."""
    ran = context.chat.programs.run(f"git {arguments}".strip())
    context.failed |= ran.exit_code != 0


def run(context: CommandContext, arguments: str) -> None:
    """Runs a command line."""
    if not arguments:
        raise UsageError("/run needs a command. Nothing was run; type /run COMMAND or !COMMAND.")
    ran = context.chat.programs.run(arguments)
    context.failed |= ran.exit_code != 0
    if ran.output.strip():
        context.offer_to_model(ran)


def test(context: CommandContext, arguments: str) -> None:
    """Runs the tests."""
    if not arguments and not context.chat.settings.test_cmd:
        raise UsageError("No test command is set. Nothing was run; type /test COMMAND or set --test-cmd.")
    ran = context.chat.programs.run(arguments) if arguments else context.chat.programs.test()
    if ran.exit_code != 0:
        context.failed = True
        context.offer_to_model(ran)


def lint(context: CommandContext, arguments: str) -> None:
    """Runs the lint commands."""
    ran = context.chat.programs.lint(tuple(arguments.split()))
    if ran is None:
        context.say("No lint command applies to these files. Set --lint-cmd, and /add files or name them.")
    elif ran.exit_code != 0:
        context.failed = True
        context.offer_to_model(ran)


def checkpoints(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """The snapshots that can be gone back to."""
    rows = [f"{row.number:>4}  {row.age:>12}  {row.label}" for row in context.chat.changes.checkpoints()]
    if rows:
        context.show("\n".join(rows))
    else:
        context.say("There is no checkpoint yet; each turn that changes something leaves one.")


def rollback(context: CommandContext, arguments: str) -> None:
    """Goes back to a snapshot."""
    number, _, what = arguments.partition(" ")
    what = what.strip() or "both"
    if not number.isdecimal() or what not in get_args(_What):
        raise UsageError(
            "/rollback takes the number of a checkpoint and, if not both, what goes back: "
            "/rollback 3 files. Nothing was changed; /checkpoints lists the numbers."
        )
    context.say(context.chat.changes.rollback(int(number), cast("_What", what)))


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
