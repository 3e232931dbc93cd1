"""[io] What the user's rules and mode say of one open chat: of its files and its commands.

`chat.permissions` decides; here are the rules in force, and the root with its links resolved.
"""

import os
import posixpath
from collections.abc import Iterable
from pathlib import Path

from chat.model import RepoPath
from chat.permissions.decide import decide_command, decide_edit, decide_read
from chat.permissions.ground import Decision, Ground
from chat.permissions.rule import PermissionMode, Rule, Rules
from chat.settings.table import Settings, rules_of
from chat.state.state import State
from chat.trust.grants import is_git_trusted


def ground_of(state: State) -> Ground:
    """Return where the chat's commands run and its files are."""
    root = real_path(str(state.ports.root))

    def is_listed(path: str) -> bool:
        """What git ignores is not listed, and not shown without a question."""
        inside = posixpath.relpath(path, root)
        return not os.path.lexists(path) or state.ports.workspace.path_table().has(inside)

    return Ground(root, real_path, is_listed, is_git_trusted(state.ports.root))


def real_path(path: str) -> str:
    """Return a path with its links resolved, and with slashes on every system."""
    return os.path.realpath(path).replace(os.sep, "/")


def mode_of(state: State) -> PermissionMode:
    """Return the mode of permission in force."""
    return state.settings.permission_mode


def command_decision(state: State, command: str) -> Decision:
    """Decide on a command of the model's; where a turn changes nothing, commands only look."""
    mode = "plan" if state.only_looks else mode_of(state)
    ground = ground_of(state)
    wanted = state.agent.narrowing("Bash") if state.agent is not None else None
    if (
        wanted is not None
        and decide_command(command, Rules(allow=wanted), "dontAsk", ground).behavior == "deny"
    ):
        return _narrowed(wanted)
    return decide_command(command, rules_of(state.settings), mode, ground)


def edit_decision(state: State, path: RepoPath) -> Decision:
    """Decide on a change of a file; what may not be read may not be changed, since a refusal quotes lines."""
    rules = rules_of(state.settings)
    ground = Ground(real_path(str(state.ports.root)), real_path)
    if decide_read(path, rules, ground).behavior == "deny":
        return decide_read(path, rules, ground)
    wanted = state.agent.narrowing("Edit", "Write") if state.agent is not None else None
    if wanted is not None and not _fits(path, wanted, ground):
        return _narrowed(wanted)
    is_new = not os.path.lexists(state.ports.root / path)
    return decide_edit(path, rules, mode_of(state), ground, is_new=is_new)


def _fits(path: RepoPath, wanted: Iterable[Rule], ground: Ground) -> bool:
    """Whether a file is one that these rules name, whatever tool they are for."""
    rules = Rules(allow=tuple(Rule("Edit", rule.pattern) for rule in wanted))
    return decide_edit(path, rules, "dontAsk", ground).behavior == "allow"


def _narrowed(wanted: Iterable[Rule]) -> Decision:
    return Decision("deny", f"this agent may only use {', '.join(map(str, wanted))}")


def edit_barrier(state: State, path: RepoPath) -> str:
    """Return why a file may not be changed; "" where it may, perhaps after a question."""
    decision = edit_decision(state, path)
    return decision.reason if decision.behavior == "deny" else state.ports.left_out(path)


def must_ask_to_write(state: State, paths: Iterable[RepoPath], *, is_allowed: bool = False) -> bool:
    """Return whether the person is asked before these files are written.

    ``is_allowed``: a hook of the user's has answered for the person; a rule that asks still does.
    """
    if state.settings.ask and not is_allowed and mode_of(state) in ("default", "plan"):
        return True
    return any(edit_decision(state, path).behavior == "ask" for path in paths)


def may_read(state: State, path: RepoPath) -> bool:
    """Return whether a lookup may show lines of a file: no rule denies it, or wants a question."""
    return decision_to_show(state, path).behavior == "allow"


def may_read_in(settings: Settings, root: Path, path: RepoPath) -> bool:
    """Return the same for a folder without a chat."""
    return _read_decision(settings, root, path).behavior == "allow"


def decision_to_show(state: State, path: RepoPath) -> Decision:
    """Decide on showing a file in this chat; an agent may have been given less to see."""
    wanted = state.agent.narrowing("Read") if state.agent is not None else None
    if wanted is not None and not _fits(path, wanted, Ground(real_path(str(state.ports.root)), real_path)):
        return _narrowed(wanted)
    return _read_decision(state.settings, state.ports.root, path)


def _read_decision(settings: Settings, root: Path, path: RepoPath) -> Decision:
    rules = rules_of(settings)
    if not rules.of("deny", "Read") and not rules.of("ask", "Read"):
        return Decision("allow", "no rule is about reading")
    return decide_read(path, rules, Ground(real_path(str(root)), real_path))
