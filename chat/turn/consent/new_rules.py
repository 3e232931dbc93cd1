"""[io] Rules that are kept for a repository or forgotten while a chat is open, and count from then on."""

from dataclasses import replace

from chat.permissions.kept_rules import drop_rule, keep_rule, kept_rules_path
from chat.permissions.rule import Behavior
from chat.settings.table import ROWS, RULE_SETTINGS, Settings, changed, rules_of, value_of, with_rules_of
from chat.state.state import State


def idle_rules_notice(settings: Settings) -> str:
    """Return a warning that names rules which forbid something and have no effect here; "" where none does."""
    rules = rules_of(settings)
    idle = ", ".join(str(rule) for rule in (*rules.deny, *rules.ask) if not rule.has_effect)
    return f"There is no such tool here, so these rules forbid nothing: {idle}." if idle else ""


def add_rule(state: State, behavior: Behavior, rule: str) -> None:
    """Keep a rule for this repository in the user's own file, and let it count from now on. Raises ChatError."""
    keep_rule(state.ports.root, behavior, rule)
    settings = _without_kept(state.settings, rule)
    name, source = RULE_SETTINGS[behavior], str(kept_rules_path())
    rules = tuple(dict.fromkeys((*_texts(settings, name), rule)))
    state.active.use(with_rules_of(changed(settings, {name: rules}, source), name, (rule,), source))


def remove_rule(state: State, rule: str) -> bool:
    """Forget a rule that was kept for this repository; return whether it was kept. Raises ChatError."""
    is_kept = drop_rule(state.ports.root, rule)
    if is_kept:
        state.active.use(_without_kept(state.settings, rule))
    return is_kept


def _without_kept(settings: Settings, rule: str) -> Settings:
    """Return the settings without a rule that was kept; where another source has it too, it stays."""
    kept = str(kept_rules_path())
    sources = tuple(row for row in settings.rule_sources if row[1:] != (rule, kept))
    elsewhere = {name for name, text, _ in sources if text == rule}
    for name in RULE_SETTINGS.values():
        rules = _texts(settings, name)
        if rule in rules and name not in elsewhere:
            settings = changed(settings, {name: tuple(text for text in rules if text != rule)}, kept)
    return replace(settings, rule_sources=sources)


def _texts(settings: Settings, name: str) -> tuple[str, ...]:
    value = value_of(settings, ROWS[name])
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
