"""Commands about who answers and how: modes, models, settings."""

from chat.commands.command import Command, CommandContext
from chat.errors import UsageError
from chat.model import Mode, ModelRole
from chat.settings.display import describe
from chat.settings.kinds import BadValue
from chat.settings.row import Row, Scope
from chat.settings.table import ROWS

_ROLES = {"model": ModelRole.MAIN, "weak-model": ModelRole.WEAK, "editor-model": ModelRole.EDITOR}


def ask(context: CommandContext, arguments: str) -> None:
    """Answers without editing."""
    in_mode(context, Mode.ASK, arguments)


def code(context: CommandContext, arguments: str) -> None:
    """Edits."""
    in_mode(context, Mode.CODE, arguments)


def architect(context: CommandContext, arguments: str) -> None:
    """Plans with one model, edits with another."""
    in_mode(context, Mode.ARCHITECT, arguments)


def in_mode(context: CommandContext, mode: Mode, request: str) -> None:
    """One turn in a mode, and back; without a request, all turns from now on."""
    if request:
        context.send(request, mode)
        return
    context.choosing(f"/{mode.value}", f"--mode {mode.value}")
    context.chat.configuration.choose_mode(mode)
    context.say(f"From now on: {mode.value} mode.")


def model(context: CommandContext, arguments: str) -> None:
    """The main model."""
    _choose(context, ModelRole.MAIN, arguments)


def weak_model(context: CommandContext, arguments: str) -> None:
    """The model for commit messages and summaries."""
    _choose(context, ModelRole.WEAK, arguments)


def editor_model(context: CommandContext, arguments: str) -> None:
    """The model that carries out plans."""
    _choose(context, ModelRole.EDITOR, arguments)


def _choose(context: CommandContext, role: ModelRole, name: str) -> None:
    if name:
        option = next(option for option, its_role in _ROLES.items() if its_role is role)
        context.choosing(f"/{option} {name}", f"--{option} {name}")
        context.chat.configuration.choose_model(role, name)
        context.say(f"The {role.value} model is now {context.chat.model.name(role)}.")
    else:
        context.show(context.chat.model.name(role))


def models(context: CommandContext, arguments: str) -> None:
    """The models that are known."""
    found = context.chat.configuration.known_models(arguments)
    if not found:
        context.say(
            f"No model is known whose name holds {arguments!r}; any name that litellm takes may be used."
        )
    else:
        context.show("\n".join(found))


def settings(context: CommandContext, arguments: str) -> None:
    """Shows settings, or changes one."""
    name, _, value = arguments.partition(" ")
    name, value = name.removeprefix("--"), value.strip()
    if not value:
        _show_settings(context, name)
    else:
        _set(context, _row(name), value)


def _show_settings(context: CommandContext, part: str) -> None:
    rows = [each for each in describe(context.chat.settings) if part in each.name]
    if not rows:
        raise UsageError(f"No setting's name holds {part!r}; /settings lists all of them.")
    width = max(len(row.name) for row in rows)
    context.show("\n".join(f"{row.name:<{width}}  {row.value}  ({row.source})" for row in rows))


def _row(name: str) -> Row:
    row = ROWS.get(name)
    if row is None or row.scope is Scope.RUN:
        raise UsageError(
            f"{name!r} is no setting that can be changed here. Nothing was changed; see /settings."
        )
    return row


def _set(context: CommandContext, row: Row, text: str) -> None:
    try:
        value = row.kind.read(text)
    except BadValue as error:
        raise UsageError(f"{row.name} takes {error}, not {text!r}. Nothing was changed.") from None
    context.choosing(f"/settings {row.name}", f"--{row.name}")
    if row.name in _ROLES:
        context.chat.configuration.choose_model(_ROLES[row.name], text)
    elif row.name == "mode":
        context.chat.configuration.choose_mode(Mode(str(value)))
    else:
        context.chat.configuration.set(row.name, value)
    context.say(f"{row.name} is now {text}, for this session.")


_TURN = "With a text, for that turn alone; without, from now on."

TABLE = (
    Command("ask", "[TEXT]", "Ask about the code; nothing is changed.", ask, _TURN),
    Command("code", "[TEXT]", "Have the code changed.", code, _TURN),
    Command(
        "architect",
        "[TEXT]",
        "Have --model plan it and --editor-model write it.",
        architect,
        _TURN,
    ),
    Command("model", "[NAME]", "Show or choose the main model.", model, completes="models"),
    Command(
        "weak-model",
        "[NAME]",
        "Show or choose the model for commits and summaries.",
        weak_model,
        completes="models",
    ),
    Command(
        "editor-model",
        "[NAME]",
        "Show or choose the model that carries out plans.",
        editor_model,
        completes="models",
    ),
    Command("models", "[PART]", "List the known models whose names hold this.", models),
    Command(
        "settings",
        "[NAME [VALUE]]",
        "Show settings and their sources, or change one.",
        settings,
        "NAME alone shows those whose names hold it. A change lasts for this session.",
        completes="settings",
    ),
)
"""In the order of `/help`."""
