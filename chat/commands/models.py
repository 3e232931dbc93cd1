"""Commands for modes, models and settings."""

from functools import partial

from chat.commands.command import Command, CommandContext
from chat.errors import UsageError
from chat.model import Mode, ModelRole
from chat.settings.display import describe
from chat.settings.kinds import BadValue
from chat.settings.row import Row, Scope
from chat.settings.table import ROWS

_ROLES = {"model": ModelRole.MAIN, "weak-model": ModelRole.WEAK, "editor-model": ModelRole.EDITOR}


def in_mode(context: CommandContext, request: str, mode: Mode) -> None:
    """Take one turn in a mode; without a request, take all later turns in it."""
    if request:
        context.send(request, mode)
        return
    context.require_later_turns(f"/{mode.value}", f"--mode {mode.value}")
    context.chat.configuration.choose_mode(mode)
    context.say(f"Switched to {mode.value} mode.")


def choose_model(context: CommandContext, name: str, option: str) -> None:
    """Choose the model of a role, which has an option and a command of one name; without ``name``, show it."""
    role = _ROLES[option]
    if name:
        context.require_later_turns(f"/{option} {name}", f"--{option} {name}")
        context.chat.configuration.choose_model(role, name)
        context.say(f"The {role.value} model is now {context.chat.model.name(role)}.")
        if doubt := context.chat.configuration.doubt_about_model(role):
            context.say(doubt, "warning")
    else:
        context.show(context.chat.model.name(role))


def models(context: CommandContext, arguments: str) -> None:
    """List known models."""
    names = context.chat.configuration.known_models(arguments)
    if not names:
        context.say(
            f"No known model has a name with {arguments!r} in it. Any name that litellm accepts works as well."
        )
    else:
        context.show("\n".join(names))


def settings(context: CommandContext, arguments: str) -> None:
    """Show settings, or change one."""
    name, _, value = arguments.partition(" ")
    name, value = name.removeprefix("--"), value.strip()
    if not value:
        _show_settings(context, name)
    else:
        _set(context, _row(name), value)


def _show_settings(context: CommandContext, part: str) -> None:
    rows = [row for row in describe(context.chat.settings) if part in row.name]
    if not rows:
        raise UsageError(f"There is no setting with {part!r} in its name. /settings lists all of them.")
    width = max(len(row.name) for row in rows)
    context.show("\n".join(f"{row.name:<{width}}  {row.value}  ({row.source})" for row in rows))


def _row(name: str) -> Row:
    row = ROWS.get(name)
    if row is None or row.scope is Scope.RUN:
        raise UsageError(
            f"There is no setting {name!r} that can be changed here. Nothing changed; see /settings."
        )
    return row


def _set(context: CommandContext, row: Row, text: str) -> None:
    try:
        value = row.kind.read(text)
    except BadValue as error:
        raise UsageError(f"{row.name} takes {error}, not {text!r}. Nothing was changed.") from None
    context.require_later_turns(f"/settings {row.name}", f"--{row.name}")
    if row.name in _ROLES:
        context.chat.configuration.choose_model(_ROLES[row.name], text)
    elif row.name == "mode":
        context.chat.configuration.choose_mode(Mode(str(value)))
    else:
        context.chat.configuration.set(row.name, value)
    context.say(f"{row.name} is now {text}, for this session.")


def choose_mode(context: CommandContext, name: str) -> None:
    """Take all later turns in a mode; without a name, show it."""
    if not name:
        context.show(context.chat.mode.value)
    elif name not in {mode.value for mode in Mode}:
        raise UsageError(f"There is no mode {name}. Nothing changed; choose code, ask or architect.")
    else:
        in_mode(context, "", Mode(name))


def change(context: CommandContext, text: str, setting: str) -> None:
    """Change one setting for this session; without a value, show it."""
    row = _row(setting)
    if text:
        _set(context, row, text)
    else:
        _show_settings(context, row.name)


_TURN = "With TEXT, for that turn only; without, from now on."

TABLE = (
    Command(
        "ask", "[TEXT]", "Ask about the code; change nothing.", partial(in_mode, mode=Mode.ASK), more=_TURN
    ),
    Command("code", "[TEXT]", "Change the code.", partial(in_mode, mode=Mode.CODE), more=_TURN),
    Command(
        "architect",
        "[TEXT]",
        "Plan with --model, and edit with --editor-model.",
        partial(in_mode, mode=Mode.ARCHITECT),
        more=_TURN,
    ),
    Command(
        "model",
        "[NAME]",
        "Show or choose the main model.",
        partial(choose_model, option="model"),
        completes="models",
    ),
    Command(
        "weak-model",
        "[NAME]",
        "Show or choose the model for commits and summaries.",
        partial(choose_model, option="weak-model"),
        completes="models",
    ),
    Command(
        "editor-model",
        "[NAME]",
        "Show or choose the model for edits in architect mode.",
        partial(choose_model, option="editor-model"),
        completes="models",
    ),
    Command(
        "chat-mode",
        "[code|ask|architect]",
        "Show or choose the mode of later turns.",
        choose_mode,
        completes="modes",
    ),
    Command(
        "think-tokens",
        "[TOKENS]",
        "Show or set the token budget for thinking.",
        partial(change, setting="thinking-tokens"),
        more="For models that accept one: 8k, 0 for none, auto for the model's own.",
        aliases=("thinking-tokens",),
    ),
    Command(
        "reasoning-effort",
        "[EFFORT]",
        "Show or set how much a reasoning model thinks.",
        partial(change, setting="reasoning-effort"),
        completes="efforts",
    ),
    Command("models", "[PART]", "List known models, or those with PART in the name.", models),
    Command(
        "settings",
        "[NAME [VALUE]]",
        "Show settings and their sources, or change one.",
        settings,
        more="NAME alone shows the settings with NAME in their names. A change lasts for this session.",
        completes="settings",
    ),
)
"""In the order of `/help`."""
