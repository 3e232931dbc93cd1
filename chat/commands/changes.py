"""Commands for changes: undo, diff, commits, checkpoints, and programs that are run."""

from typing import Literal, cast, get_args

from chat.commands.command import Command, CommandContext
from chat.display.input_line import split_words
from chat.display.text_table import text_table
from chat.errors import UsageError

_Scope = Literal["files", "conversation", "both"]


def undo(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Undo the last turn."""
    context.say(context.chat.changes.undo())


def redo(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Redo the turn undone last."""
    context.say(context.chat.changes.redo())


def diff(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Show what changed since before the last turn."""
    text = context.chat.changes.diff()
    if text:
        context.show(text, "diff")
    else:
        context.say("Nothing has changed since before the last turn.")


def commit(context: CommandContext, arguments: str) -> None:
    """Commit the user's own changes."""
    with context.around_work():
        done = context.chat.changes.commit(arguments)
    if done is None:
        context.say("There is nothing to commit.")


def git(context: CommandContext, arguments: str) -> None:
    """Run git with these arguments."""
    with context.around_work():
        ran = context.chat.programs.git(arguments)
    context.failed |= ran.exit_code != 0


def run(context: CommandContext, arguments: str) -> None:
    """Run a command line."""
    if not arguments:
        raise UsageError("/run needs a command. Type /run COMMAND or !COMMAND.")
    with context.around_work():
        ran = context.chat.programs.run(arguments)
    context.failed |= ran.exit_code != 0
    if ran.output.strip():
        context.offer_to_model(ran)


def test(context: CommandContext, arguments: str) -> None:
    """Run the tests."""
    if not arguments and not context.chat.settings.test_cmd:
        raise UsageError("There is no test command. Type /test COMMAND, or set --test-cmd.")
    with context.around_work():
        ran = context.chat.programs.run(arguments) if arguments else context.chat.programs.test()
    if ran.exit_code == 0:
        context.say("The tests pass.")
    else:
        context.failed = True
        context.offer_to_model(ran)


def lint(context: CommandContext, arguments: str) -> None:
    """Run the lint commands."""
    if not context.chat.settings.lint_cmd:
        raise UsageError("There is no lint command. Set --lint-cmd. Nothing was run.")
    with context.around_work():
        ran = context.chat.programs.lint(split_words(arguments))
    if ran is None:
        context.failed = bool(arguments)
        context.say("No lint command applies to these files. Set --lint-cmd, or /add or name other files.")
    elif ran.exit_code != 0:
        context.failed = True
        context.offer_to_model(ran)


def checkpoints(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """List the checkpoints."""
    rows = [(str(row.number), row.age, row.label) for row in context.chat.changes.checkpoints()]
    if rows:
        context.show(text_table(rows, ">><"))
    else:
        context.say("There are no checkpoints yet. Every turn that changes files makes one.")


def rollback(context: CommandContext, arguments: str) -> None:
    """Go back to a checkpoint."""
    number, _, scope = arguments.partition(" ")
    scope = scope.strip() or "both"
    if not number.isdecimal() or scope not in get_args(_Scope):
        raise UsageError(
            "/rollback needs the number of a checkpoint, optionally with files or conversation: "
            "/rollback 3 files. Nothing was changed; /checkpoints lists the numbers."
        )
    context.say(context.chat.changes.rollback(int(number), cast("_Scope", scope)))


TABLE = (
    Command(
        "undo",
        "",
        "Undo the last turn: files, commit and conversation.",
        undo,
        more="Works after a restart, with new and deleted files, and without commits. What you have "
        "changed in its files since stays; where that is in the same lines, nothing is undone.",
    ),
    Command("redo", "", "Redo what /undo took back.", redo),
    Command("diff", "", "Show what changed since before the last turn.", diff),
    Command(
        "commit",
        "[MESSAGE]",
        "Commit your own changes.",
        commit,
        more="Without a message, the weak model writes one from the diff.",
    ),
    Command("git", "ARGUMENTS", "Run git and show its output.", git, runs_programs=True),
    Command(
        "run",
        "COMMAND",
        "Run a command line and show its output.",
        run,
        more="`!COMMAND` does the same. You are asked whether to show the output to the model; without a terminal "
        "it is not shown.",
        runs_programs=True,
        completes="paths",
    ),
    Command(
        "test",
        "[COMMAND]",
        "Run the tests, by default --test-cmd.",
        test,
        more="If they fail, you are asked whether to show the output to the model.",
        runs_programs=True,
    ),
    Command(
        "lint",
        "[PATH…]",
        "Run --lint-cmd on these files, the chat's, or the changed ones.",
        lint,
        more="They need not be in the chat.",
        runs_programs=True,
    ),
    Command("checkpoints", "", "List the checkpoints for /rollback.", checkpoints),
    Command(
        "rollback",
        "N [files|conversation|both]",
        "Go back to a checkpoint.",
        rollback,
        more="The present state becomes a checkpoint first, so that you can return to it.",
    ),
)
"""In the order of `/help`."""
