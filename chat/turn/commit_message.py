"""[io] A diff → a commit message, written by the weak model in the style of the log.

Where the model cannot be asked, the first line of the request serves.
"""

import re
from collections.abc import Sequence

from chat.conversation.prompt_texts import COMMIT_SYSTEM, commit_task
from chat.errors import ChatError
from chat.model import Message, ModelRole, Prompt, RepoPath
from chat.ports import Repository
from chat.state.state import State

_SUBJECTS = 5
"""The number of recent subjects that show the style."""
_MAX_DIFF_CHARACTERS = 3_000
_MAX_REQUEST_CHARACTERS = 600
_MAX_SUBJECT_CHARACTERS = 72
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
        subject = subject_of(state.calls.reply(Prompt(messages), ModelRole.WEAK).text)
    except ChatError as error:
        state.ports.notice(f"No commit message from the model: {error}", "warning")
        subject = ""
    subject = subject or subject_of(request) or "Change files"
    if not settings.attribute_co_authored_by or not request:
        return subject
    return f"{subject}\n\n{_TRAILER.format(model=state.model.name(ModelRole.MAIN))}"


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


def subject_of(text: str) -> str:
    r"""Return the first line that can be a subject, without its markup, cut at a word; "" if there is none.

    >>> subject_of("Here is the commit message:\n\n**`Read names from a file`**")
    'Read names from a file'
    """
    lines = (re.sub(r"^[\s`\"'*#>-]+|[\s`\"'*]+$", "", line) for line in text.splitlines())
    for line in lines:
        if not line or line.lower().startswith(("commit message", "here")):
            continue
        if len(line) <= _MAX_SUBJECT_CHARACTERS:
            return line
        return line[: _MAX_SUBJECT_CHARACTERS + 1].rsplit(" ", 1)[0]
    return ""
