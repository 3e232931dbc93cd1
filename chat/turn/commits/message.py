"""[io] A diff → a commit message, written by the weak model in the style of the log.

Where the model cannot be asked, or gives none, the request serves.
"""

import re
from collections.abc import Sequence

from chat.conversation.commit_subject import subject_from_request, subject_in
from chat.conversation.prompt_texts import COMMIT_SYSTEM, commit_task
from chat.errors import ChatError
from chat.model import Message, ModelRole, Prompt, RepoPath
from chat.ports import Repository
from chat.safety.printable import plain_message
from chat.settings.table import Settings
from chat.state.state import State

_SUBJECTS = 5
"""The number of recent subjects that show the style."""
_MAX_DIFF_CHARACTERS = 3_000
_MAX_REQUEST_CHARACTERS = 600
_TRAILER = "Co-authored-by: {model} (trigpoint) <noreply@trigpoint.invalid>"
_MEANINGFUL = ("diff --git", "@@", "+", "-", "rename", "new file", "deleted", "Binary")


def message_for(state: State, repository: Repository, paths: Sequence[RepoPath], request: str) -> str:
    """Return the message for a commit of these paths, with its trailer.

    Without a ``request`` the changes are the user's own, and nobody is named as co-author.
    """
    settings = state.settings
    diff = summarised_diff(repository.diff(paths), _MAX_DIFF_CHARACTERS)
    task = commit_task(request[:_MAX_REQUEST_CHARACTERS], diff, repository.subjects(_SUBJECTS))
    if settings.commit_language:
        task += f"\nWrite in {settings.commit_language}."
    messages = (Message("system", settings.commit_prompt or COMMIT_SYSTEM), Message("user", task))
    try:
        subject = subject_in(state.calls.reply(Prompt(messages), ModelRole.WEAK).text)
    except ChatError as error:
        state.ports.notice(f"No commit message from the model: {error}", "warning")
        subject = ""
    subject = subject or subject_from_request(request) or _named(paths)
    subject = _prefix(settings, by_model=bool(request)) + subject
    if not settings.attribute_co_authored_by or not request:
        return subject
    return f"{subject}\n\n{_TRAILER.format(model=state.model.name(ModelRole.MAIN))}"


def _named(paths: Sequence[RepoPath]) -> str:
    """The subject of a commit that nobody has said anything about."""
    return plain_message(f"Change {paths[0]}") if len(paths) == 1 else f"Change {len(paths)} files"


def _prefix(settings: Settings, *, by_model: bool) -> str:
    of_model = by_model and settings.attribute_commit_message_author
    return "trigpoint: " if of_model or settings.attribute_commit_message_committer else ""


def summarised_diff(diff: str, max_characters: int) -> str:
    """Return what a message can be written from: of each file its name and as many changed lines as fit."""
    files = re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE)
    changes = ["\n".join(filter(_is_meaningful, file.split("\n"))) for file in files]
    changes = [change for change in changes if change]
    share = max_characters // max(1, len(changes))
    return "\n".join(change if len(change) <= share else _beginning(change, share) for change in changes)


def _beginning(text: str, max_characters: int) -> str:
    lines, _, _ = text[:max_characters].rpartition("\n")
    return f"{lines}\n…"


def _is_meaningful(line: str) -> bool:
    """Whether a line of a diff is more than context, a digest or a name for the second time."""
    return line.startswith(_MEANINGFUL) and not line.startswith(("+++ ", "--- "))
