"""The rules and the mode of permission, as the user sees and changes them."""

from dataclasses import dataclass

from chat.permissions.rule import Behavior, PermissionMode, parse_rule
from chat.settings.table import RULE_SETTINGS
from chat.state.state import State
from chat.turn.consent.decisions import mode_of
from chat.turn.consent.new_rules import add_rule, remove_rule


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as `/permissions` lists it."""

    behavior: Behavior
    rule: str
    source: str
    has_effect: bool
    """There is such a tool here."""


class Permissions:
    """What the model may do in this chat."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def mode(self) -> PermissionMode:
        """The mode in force."""
        return mode_of(self._state)

    @property
    def mode_source(self) -> str:
        """Where the mode was set."""
        return dict(self._state.settings.sources).get("permission-mode", "default")

    def rules(self) -> tuple[RuleRow, ...]:
        """Return every rule with its source: what is denied first, then what is asked about, then the rest."""
        settings = self._state.settings
        order: tuple[Behavior, ...] = ("deny", "ask", "allow")
        return tuple(
            RuleRow(behavior, rule, source, parse_rule(rule).has_effect)
            for behavior in order
            for name, rule, source in settings.rule_sources
            if name == RULE_SETTINGS[behavior]
        )

    def add(self, behavior: Behavior, rule: str) -> None:
        """Keep a rule for this repository in the user's own file. Raises BadRule and ChatError."""
        add_rule(self._state, behavior, str(parse_rule(rule)))

    def remove(self, rule: str) -> bool:
        """Forget a rule that was kept for this repository; return whether it was kept. Raises BadRule."""
        return remove_rule(self._state, str(parse_rule(rule)))
