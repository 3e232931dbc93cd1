"""Whether the model is shown files that it asks for: what rules, hooks and a person say."""

from collections.abc import Mapping
from dataclasses import replace

from chat.conversation.context_requests import ContextRequests
from chat.model import RepoPath
from chat.state.hook_calls import before_tools, read_call
from chat.state.state import State
from chat.turn.consent.decisions import decision_to_show, mode_of
from chat.turn.hooks import HookVerdicts


def without_denied_files(
    state: State, asked: ContextRequests, verdicts: HookVerdicts
) -> tuple[ContextRequests, Mapping[RepoPath, str]]:
    """Return the requests whose files may be shown, and the paths of the others with what hooks say."""
    paths = dict.fromkeys(request.path for request in asked.files)
    denied = {
        path: reason for path in paths if (reason := _reason_to_hide(state, path, verdicts)) is not None
    }
    files = tuple(request for request in asked.files if request.path not in denied)
    return replace(asked, files=files), denied


def _reason_to_hide(state: State, path: RepoPath, verdicts: HookVerdicts) -> str | None:
    """Return why the model is not shown a file that it asks for, "" where a rule or the user says so; None if it is."""
    file = state.conversation.file(path)
    if file is not None and file.by_user:
        return None  # the user has shown it already
    decision = decision_to_show(state, path)
    if decision.behavior == "deny":
        return ""
    verdict = verdicts.add(state, before_tools(state, (read_call(state.ports.root, path),)))
    if verdict.objection:
        state.ports.notice(f"A hook forbids to show {path}: {verdict.objection}", "warning")
        return verdict.objection
    if decision.behavior == "allow" and verdict.decision != "ask":
        return None
    return None if _agrees_to_show(state, path) else ""


def _agrees_to_show(state: State, path: RepoPath) -> bool:
    question = f"The model asks to see {path}. Show it?"
    return mode_of(state) != "dontAsk" and state.ports.agrees(question)
