"""[io] What the user's rules and mode say of one open chat: of its files, its commands, and new rules.

`chat.permissions` decides; here are the rules in force, the root with its links resolved, and the person.
"""

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from chat.conversation.context_requests import ContextRequests
from chat.model import RepoPath
from chat.permissions.decide import decide_command, decide_edit, decide_read
from chat.permissions.ground import Decision, Ground
from chat.permissions.kept_rules import drop_rule, keep_rule, kept_rules_path
from chat.permissions.rule import Behavior, PermissionMode, Rule, Rules
from chat.settings.table import ROWS, RULE_SETTINGS, Settings, changed, rules_of, value_of, with_rules_of
from chat.state.hook_calls import before_tools, read_call
from chat.state.state import State
from chat.trust.grants import is_git_trusted
from chat.turn.hooks import Heard

_MAX_HIDDEN = 1_000
"""More would not fit a command line; whoever denies as many files can deny their folder."""


def ground_of(state: State) -> Ground:
    """Return where the chat's commands run and its files are."""
    root = _real(str(state.ports.root))

    def is_listed(path: str) -> bool:
        """What git ignores is not listed, and not shown without a question."""
        inside = posixpath.relpath(path, root)
        return not os.path.lexists(path) or state.ports.workspace.path_table().has(inside)

    return Ground(root, _real, is_listed, is_git_trusted(state.ports.root))


def _real(path: str) -> str:
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
    ground = Ground(_real(str(state.ports.root)), _real)
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
    return decision.reason if decision.behavior == "deny" else ""


def must_ask_to_write(state: State, paths: Iterable[RepoPath], *, is_allowed: bool = False) -> bool:
    """Return whether the person is asked before these files are written.

    ``is_allowed``: a hook of the user's has answered for the person; a rule that asks still does.
    """
    if state.settings.ask and not is_allowed and mode_of(state) in ("default", "plan"):
        return True
    return any(edit_decision(state, path).behavior == "ask" for path in paths)


def may_read(state: State, path: RepoPath) -> bool:
    """Return whether a lookup may show lines of a file: no rule denies it, or wants a question."""
    return _decision_to_show(state, path).behavior == "allow"


def may_read_in(settings: Settings, root: Path, path: RepoPath) -> bool:
    """Return the same for a folder without a chat."""
    return _read_decision(settings, root, path).behavior == "allow"


def _decision_to_show(state: State, path: RepoPath) -> Decision:
    """Decide on showing a file in this chat; an agent may have been given less to see."""
    wanted = state.agent.narrowing("Read") if state.agent is not None else None
    if wanted is not None and not _fits(path, wanted, Ground(_real(str(state.ports.root)), _real)):
        return _narrowed(wanted)
    return _read_decision(state.settings, state.ports.root, path)


def _read_decision(settings: Settings, root: Path, path: RepoPath) -> Decision:
    rules = rules_of(settings)
    if not rules.of("deny", "Read") and not rules.of("ask", "Read"):
        return Decision("allow", "no rule is about reading")
    return decide_read(path, rules, Ground(_real(str(root)), _real))


def unreadable_paths(state: State) -> tuple[str, ...]:
    """Return the files and folders below the root that rules deny to read, for a sandbox to hide."""
    rules = Rules(deny=tuple(rule for rule in rules_of(state.settings).of("deny", "Read") if rule.pattern))
    if not rules.deny:
        return ()
    root = _real(str(state.ports.root))
    ground = Ground(root, _real)
    return tuple(
        islice(
            _denied_below(root, lambda path: decide_read(path, rules, ground).behavior == "deny"), _MAX_HIDDEN
        )
    )


def _denied_below(root: str, is_denied: Callable[[str], bool]) -> Iterator[str]:
    """Yield what is denied; of a folder that is denied as a whole, only the folder."""
    for folder, folders, files in os.walk(root):
        below = posixpath.relpath(folder.replace(os.sep, "/"), root)
        kept = []
        for name in sorted((*folders, *files)):
            path = posixpath.normpath(posixpath.join(below, name))
            if is_denied(path):
                yield posixpath.join(root, path)
            elif name in folders and path != ".git":
                kept.append(name)
        folders[:] = kept


def without_denied_files(
    state: State, asked: ContextRequests, heard: Heard
) -> tuple[ContextRequests, Mapping[RepoPath, str]]:
    """Return the requests whose files may be shown, and the paths of the others with what hooks say."""
    paths = dict.fromkeys(request.path for request in asked.files)
    denied = {path: reason for path in paths if (reason := _reason_to_hide(state, path, heard)) is not None}
    files = tuple(request for request in asked.files if request.path not in denied)
    return replace(asked, files=files), denied


def _reason_to_hide(state: State, path: RepoPath, heard: Heard) -> str | None:
    """Return why the model is not shown a file that it asks for, "" where a rule or the user says so; None if it is."""
    file = state.conversation.file(path)
    if file is not None and file.by_user:
        return None  # the user has shown it already
    decision = _decision_to_show(state, path)
    if decision.behavior == "deny":
        return ""
    verdict = heard.heed(state, before_tools(state, (read_call(state.ports.root, path),)))
    if verdict.objection:
        state.ports.notice(f"A hook forbids to show {path}: {verdict.objection}", "warning")
        return verdict.objection
    if decision.behavior == "allow" and verdict.decision != "ask":
        return None
    return None if _agrees_to_show(state, path) else ""


def _agrees_to_show(state: State, path: RepoPath) -> bool:
    question = f"The model asks to see {path}. Show it?"
    return mode_of(state) != "dontAsk" and state.ports.agrees(question)


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
