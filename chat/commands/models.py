"""Commands about who answers and how: modes, models, settings."""

from chat.commands.command import Command, Seat
from chat.errors import UsageError
from chat.model import Mode, ModelRole
from chat.settings.display import describe
from chat.settings.kinds import BadValue
from chat.settings.row import Row, Scope
from chat.settings.table import ROWS

_ROLES = {"model": ModelRole.MAIN, "weak-model": ModelRole.WEAK, "editor-model": ModelRole.EDITOR}


def ask(seat: Seat, arguments: str) -> None:
    """Answers without editing."""
    in_mode(seat, Mode.ASK, arguments)


def code(seat: Seat, arguments: str) -> None:
    """Edits."""
    in_mode(seat, Mode.CODE, arguments)


def architect(seat: Seat, arguments: str) -> None:
    """Plans with one model, edits with another."""
    in_mode(seat, Mode.ARCHITECT, arguments)


def in_mode(seat: Seat, mode: Mode, request: str) -> None:
    """One turn in a mode, and back; without a request, all turns from now on."""
    if request:
        seat.send(request, mode)
        return
    seat.choosing(f"/{mode.value}", f"--mode {mode.value}")
    seat.desk.set_mode(mode)
    seat.say(f"From now on: {mode.value} mode.")


def model(seat: Seat, arguments: str) -> None:
    """The main model."""
    _choose(seat, ModelRole.MAIN, arguments)


def weak_model(seat: Seat, arguments: str) -> None:
    """The model for commit messages and summaries."""
    _choose(seat, ModelRole.WEAK, arguments)


def editor_model(seat: Seat, arguments: str) -> None:
    """The model that carries out plans."""
    _choose(seat, ModelRole.EDITOR, arguments)


def _choose(seat: Seat, role: ModelRole, name: str) -> None:
    if name:
        option = next(option for option, its_role in _ROLES.items() if its_role is role)
        seat.choosing(f"/{option} {name}", f"--{option} {name}")
        seat.desk.set_model(role, name)
        seat.say(f"The {role.value} model is now {seat.desk.model.name(role)}.")
    else:
        seat.show(seat.desk.model.name(role))


def models(seat: Seat, arguments: str) -> None:
    """The models that are known."""
    found = seat.desk.models(arguments)
    if not found:
        seat.say(
            f"No model is known whose name holds {arguments!r}; any name that litellm takes may be used."
        )
    else:
        seat.show("\n".join(found))


def settings(seat: Seat, arguments: str) -> None:
    """Shows settings, or changes one."""
    name, _, value = arguments.partition(" ")
    name, value = name.removeprefix("--"), value.strip()
    if not value:
        _show_settings(seat, name)
    else:
        _set(seat, _row(name), value)


def _show_settings(seat: Seat, part: str) -> None:
    rows = [each for each in describe(seat.desk.settings) if part in each.name]
    if not rows:
        raise UsageError(f"No setting's name holds {part!r}; /settings lists all of them.")
    width = max(len(row.name) for row in rows)
    seat.show("\n".join(f"{row.name:<{width}}  {row.value}  ({row.source})" for row in rows))


def _row(name: str) -> Row:
    row = ROWS.get(name)
    if row is None or row.scope is Scope.RUN:
        raise UsageError(
            f"{name!r} is no setting that can be changed here. Nothing was changed; see /settings."
        )
    return row


def _set(seat: Seat, row: Row, text: str) -> None:
    try:
        value = row.kind.read(text)
    except BadValue as error:
        raise UsageError(f"{row.name} takes {error}, not {text!r}. Nothing was changed.") from None
    seat.choosing(f"/settings {row.name}", f"--{row.name}")
    if row.name in _ROLES:
        seat.desk.set_model(_ROLES[row.name], text)
    elif row.name == "mode":
        seat.desk.set_mode(Mode(str(value)))
    else:
        seat.desk.configure(row.name, value)
    seat.say(f"{row.name} is now {text}, for this session.")


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
