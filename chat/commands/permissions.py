"""The command for rules and modes of permission."""

from typing import get_args

from chat.commands.command import Command, CommandContext
from chat.display.text_table import text_table
from chat.errors import UsageError
from chat.permissions.rule import BadRule, PermissionMode

_USAGE = "/permissions takes allow, ask, deny or remove and a rule, or mode and one of {modes}. Nothing was changed."


def permissions(context: CommandContext, arguments: str) -> None:
    """Show the rules, or change them."""
    action, _, rest = arguments.partition(" ")
    try:
        match action, rest.strip():
            case "", _:
                _show(context)
            case "mode", mode if mode in get_args(PermissionMode):
                _set_mode(context, mode)
            case "allow" | "ask" | "deny", rule if rule:
                context.chat.permissions.add(action, rule)
                context.say(f"Kept for this repository, in your own file: {action} {rule}")
            case "remove", rule if rule:
                _remove(context, rule)
            case _:
                raise UsageError(_USAGE.format(modes=", ".join(get_args(PermissionMode))))
    except BadRule as error:
        raise UsageError(f"{rest.strip()!r} is not {error}. Nothing was changed.") from None


def _show(context: CommandContext) -> None:
    part = context.chat.permissions
    lines = [f"mode: {part.mode} ({part.mode_source})"]
    rows = [
        (
            row.behavior,
            row.rule,
            row.source if row.has_effect else f"{row.source}; no such tool here, no effect",
        )
        for row in part.rules()
    ]
    lines += (
        [text_table(rows)] if rows else ["There are no rules. /permissions allow Bash(pytest *) adds one."]
    )
    context.show("\n".join(lines))


def _set_mode(context: CommandContext, mode: str) -> None:
    context.require_later_turns(f"/permissions mode {mode}", f"--permission-mode {mode}")
    context.chat.configuration.set("permission-mode", mode)
    context.say(f"The mode of permission is now {mode}, for this session.")


def _remove(context: CommandContext, rule: str) -> None:
    if not context.chat.permissions.remove(rule):
        raise UsageError(
            f"{rule} is not among the rules that you gave for this repository, so it still counts if it is "
            "listed. Remove it where /permissions says that it comes from."
        )
    context.say(f"Removed: {rule}")


TABLE = (
    Command(
        "permissions",
        "[ACTION RULE]",
        "Show or change what may be done without a question.",
        permissions,
        more="ACTION is allow, ask, deny or remove, and RULE is as in `--allowedTools`; it is kept for this repository "
        "in your own state folder. `mode MODE` changes the mode for this session.",
        runs_programs=True,
    ),
)
"""In the order of `/help`."""
