"""Which commands of a plan may be run: a check in it is what a model says, not what the user has written. Pure."""

from dataclasses import dataclass

from chat.permissions.decide import decide_command
from chat.permissions.ground import Ground
from chat.settings.table import Settings, rules_of
from chat.workers.plan import WorkPlan


@dataclass(frozen=True, slots=True)
class Checks:
    """The commands of a plan, each once, by what the user's rules and mode say of them."""

    allowed: tuple[str, ...]
    asked: tuple[str, ...]
    """Are run only if somebody agrees who has seen them."""
    denied: tuple[str, ...]


def sorted_checks(plan: WorkPlan, settings: Settings, whole: tuple[str, ...], ground: Ground) -> Checks:
    """Decide on the checks of a plan as on commands that the model wants to run; those of ``whole`` are the user's."""
    commands = dict.fromkeys(piece.check for piece in plan.pieces if piece.check)
    rules, mode = rules_of(settings), settings.permission_mode
    behaviors = {
        command: "allow" if command in whole else decide_command(command, rules, mode, ground).behavior
        for command in commands
    }
    allowed, asked, denied = (
        tuple(command for command in commands if behaviors[command] == behavior)
        for behavior in ("allow", "ask", "deny")
    )
    return Checks(allowed, asked, denied)


def checks_of(plan: WorkPlan, name: str, may_run: tuple[str, ...], whole: tuple[str, ...]) -> tuple[str, ...]:
    """Return what decides whether a piece is done: its own check where that may be run, otherwise the whole one."""
    check = plan.piece(name).check
    return (check,) if check in may_run else whole
