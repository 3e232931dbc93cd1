"""Rules, a mode and what is to be done → allow it, ask about it, or deny it.

What is denied comes before what is asked about, and that before what is allowed. A rule that allows has to
fit every command of a script by itself; one that denies or asks counts wherever its command may be in it.
"""

import posixpath
from collections.abc import Sequence

from chat.permissions.allowing import all_read_only, allowing
from chat.permissions.forbidding import fitting, forbidding
from chat.permissions.ground import Decision, Ground
from chat.permissions.path_match import fits_path
from chat.permissions.rule import PermissionMode, Rule, Rules
from chat.permissions.shell_script import read_script
from chat.permissions.shell_words import Unclear

_EDITS = ("Edit", "Write")


def decide_command(text: str, rules: Rules, mode: PermissionMode, ground: Ground | None = None) -> Decision:
    """Decide on a script that the model wants to run.

    >>> from chat.permissions.rule import parse_rules
    >>> rules = Rules(allow=parse_rules(["Bash(pytest *)"]))
    >>> decide_command("pytest -q; rm -r build", rules, "dontAsk").behavior
    'deny'
    >>> decide_command("timeout 60 pytest -q", rules, "dontAsk").behavior
    'allow'
    """
    ground = ground or Ground()
    try:
        commands, unclear = read_script(text), ""
    except Unclear as error:
        commands, unclear = (), str(error)
    forbidden = forbidding(text, commands, rules, ground)
    if forbidden is not None and forbidden.behavior == "deny":
        return forbidden
    if mode == "bypassPermissions":
        return forbidden or Decision("allow", "this mode allows everything")
    if mode == "plan":
        if commands and all_read_only(commands, ground):
            return forbidden or Decision("allow", "it only looks")
        return Decision(
            "deny", "in plan mode only commands that look are run" + (f"; {unclear}" if unclear else "")
        )
    decision = forbidden or allowing(commands, unclear, rules, mode, ground)
    return _without_asking(decision) if mode == "dontAsk" and decision.behavior == "ask" else decision


def _without_asking(decision: Decision) -> Decision:
    return Decision("deny", f"{decision.reason}, and nobody is asked in this mode", decision.rule)


def decide_edit(
    path: str, rules: Rules, mode: PermissionMode, ground: Ground | None = None, *, is_new: bool = False
) -> Decision:
    """Decide on a change of a file, by its path relative to the root.

    >>> from chat.permissions.rule import parse_rules
    >>> rules = Rules(deny=parse_rules(["Edit(migrations/**)"]))
    >>> decide_edit("migrations/0001.py", rules, "default").behavior
    'deny'
    """
    ground = ground or Ground()
    tools = _EDITS if is_new else ("Edit",)
    full = posixpath.join(ground.root, path)
    for behavior in ("deny", "ask"):
        rule = _fitting_any(rules.of(behavior, *tools), full, ground)
        if rule is not None and not (behavior == "ask" and mode == "bypassPermissions"):
            decision = Decision(behavior, f"the rule {rule} says so", rule)
            return _without_asking(decision) if mode == "dontAsk" and behavior == "ask" else decision
    if mode == "plan":
        return Decision("deny", "in plan mode nothing is written")
    allowing = rules.of("allow", *tools)
    rule = next((rule for rule in allowing if _allows_path(rule, full, ground)), None)
    if mode == "dontAsk" and rule is None:
        return Decision("deny", "no rule allows it, and nobody is asked in this mode")
    return Decision("allow", f"the rule {rule} says so" if rule else "edits are allowed in this mode", rule)


def decide_read(path: str, rules: Rules, ground: Ground | None = None) -> Decision:
    """Decide on showing a file to the model, by its path relative to the root."""
    ground = ground or Ground()
    full = posixpath.join(ground.root, path)
    for behavior in ("deny", "ask"):
        rule = _fitting_any(rules.of(behavior, "Read"), full, ground)
        if rule is not None:
            return Decision(behavior, f"the rule {rule} says so", rule)
    return Decision("allow", "reading is allowed")


def _fitting_any(rules: Sequence[Rule], path: str, ground: Ground) -> Rule | None:
    whole = next((rule for rule in rules if not rule.pattern), None)
    return whole or fitting([rule for rule in rules if rule.pattern], path, ground)


def _allows_path(rule: Rule, path: str, ground: Ground) -> bool:
    """Whether a rule allows a file by its name and by that of the file it leads to."""
    return not rule.pattern or all(
        fits_path(rule.pattern, place, ground.root) for place in (path, ground.real(path))
    )
