"""Whether edits may be written: what a person, rules, hooks and the kind of the files say."""

from collections.abc import Sequence

from chat.events import FileEdited
from chat.hooks.answers import Verdict
from chat.state.state import State
from chat.trust.protected import protected
from chat.turn.consent.decisions import mode_of, must_ask_to_write


def may_write(state: State, files: Sequence[FileEdited], verdict: Verdict) -> bool:
    """Whether to write: asked where the settings want it, and about files that reach further than the code."""
    paths = [file.path for file in files]
    reasons = protected(paths, state.ports.root)
    is_asked, is_allowed = verdict.decision == "ask", verdict.decision == "allow"
    if not reasons and not is_asked and not must_ask_to_write(state, paths, is_allowed=is_allowed):
        return True
    if is_asked:
        state.ports.notice(f"A hook wants you to be asked. {verdict.reason}")
    for path, reason in reasons.items():
        state.ports.notice(f"The model edits {path}: {reason}.", "warning")
    if (reasons or is_asked) and mode_of(state) == "dontAsk":
        return False
    return state.ports.agrees("Write these changes?", "".join(file.diff for file in files), warns=True)
