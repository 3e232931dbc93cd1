"""[io] The commits of a turn: the user's own changes first and apart, then what the model changed.

The message is written by the weak model from the diff, in the style of the log; where it cannot be
had, the request's first line serves.
"""

import re
from collections.abc import Sequence

from chat.conversation.prompt_texts import COMMIT_SYSTEM, commit_task
from chat.errors import ChatError, HookFailed
from chat.events import Committed
from chat.model import Message, ModelRole, Prompt, RepoPath
from chat.ports import Commit, Repository
from chat.sessions.records import CommitDone, CommitIntent
from chat.state.state import State

COMMITTING = ("turn", "session")
"""The commit modes that make commits."""
_SUBJECTS = 5
_DIFF_CHARACTERS = 3_000
_REQUEST_CHARACTERS = 600
_LONGEST_SUBJECT = 72
_OF_USER = "Save changes made before the next edit"
_TRAILER = "Co-authored-by: {model} (trigpoint) <noreply@trigpoint.invalid>"


def save_users_changes(state: State, paths: Sequence[RepoPath]) -> Committed | None:
    """Commits what the user had changed in files that are about to be edited. Raises GitError."""
    repository = state.ports.repository
    if repository is None or state.settings.commit_mode not in COMMITTING or not state.settings.dirty_commits:
        return None
    dirty = repository.dirty(paths)
    return _commit(state, repository, dirty, _OF_USER, of_user=True) if dirty else None


def commit_turn(state: State, paths: Sequence[RepoPath], request: str) -> Committed | None:
    """Commits, or stages, what a turn changed, as the settings say. Raises GitError."""
    repository = state.ports.repository
    if repository is None or not paths:
        return None
    if state.settings.commit_mode == "stage":
        repository.stage(paths)
        return None
    if state.settings.commit_mode not in COMMITTING:
        return None
    message = message_for(state, repository, paths, request)
    before = _of_session(state)
    if state.settings.commit_mode == "session" and before:
        return _commit(state, repository, paths, _joined(repository.message(before), message), amended=before)
    return _commit(state, repository, paths, message)


def _of_session(state: State) -> str:
    """The commit that the turns of this session are gathered in, if there is one yet."""
    return next((turn.record.commits[-1] for turn in reversed(state.turns.done) if turn.record.commits), "")


def _joined(message: str, more: str) -> str:
    """The message of a commit that another turn was added to: its subject as a point of the body."""
    text, _, trailers = message.rstrip("\n").partition("\n\nCo-authored-by:")
    subject, _, body = text.partition("\n\n")
    points = [*filter(None, body.split("\n")), f"- {more.partition(chr(10))[0]}"]
    joined = "\n".join([subject, "", *points])
    return f"{joined}\n\nCo-authored-by:{trailers}" if trailers else joined


def commit_by_user(
    state: State, repository: Repository, paths: Sequence[RepoPath], message: str = ""
) -> Committed | None:
    """Commits the user's own changes, with the message given or one that the weak model writes."""
    text = message or message_for(state, repository, paths, "")
    return _commit(state, repository, paths, text, of_user=True)


def _commit(
    state: State,
    repository: Repository,
    paths: Sequence[RepoPath],
    message: str,
    *,
    of_user: bool = False,
    amended: str = "",
) -> Committed | None:
    intent = state.ports.journal.write(CommitIntent(tuple(paths), message, repository.head() or "", of_user))
    made = _made(repository, paths, message, amended)
    state.ports.journal.write(CommitDone(made.id if made else "", of_user, intent))
    if made is None:
        return None
    told = Committed(made.id, made.subject, made.paths, of_user)
    state.ports.emit(told)
    return told


def _made(repository: Repository, paths: Sequence[RepoPath], message: str, amended: str) -> Commit | None:
    """The commit; made once more where a hook refused it only because it has changed the files itself."""
    for is_last in (False, True):
        try:
            return repository.amend(amended, paths, message) if amended else repository.commit(paths, message)
        except HookFailed as error:
            if is_last or not error.rewritten:
                raise
    return None


def message_for(state: State, repository: Repository, paths: Sequence[RepoPath], request: str) -> str:
    """The message of a commit of these paths, with its trailers."""
    diff = changes_of(repository.diff(paths), _DIFF_CHARACTERS)
    task = state.settings.commit_prompt or COMMIT_SYSTEM
    asked = commit_task(request[:_REQUEST_CHARACTERS], diff, repository.subjects(_SUBJECTS))
    if state.settings.commit_language:
        asked += f"\nWrite in {state.settings.commit_language}."
    try:
        reply = state.calls.reply(Prompt((Message("system", task), Message("user", asked))), ModelRole.WEAK)
        subject = subject_of(reply.text)
    except ChatError as error:
        state.ports.notice(f"no commit message from the model: {error}", "warning")
        subject = ""
    subject = subject or subject_of(request) or "Change files"
    if not state.settings.attribute_co_authored_by or not request:
        return subject
    return f"{subject}\n\n{_TRAILER.format(model=state.model.name(ModelRole.MAIN))}"


def changes_of(diff: str, most_characters: int) -> str:
    """What a message can be written from: of each file its name and changed lines, as many as there is room for."""
    files = re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE)
    bare = ["\n".join(filter(_tells, file.split("\n"))) for file in files]
    bare = [file for file in bare if file]
    shared = most_characters // max(1, len(bare))
    return "\n".join(
        file if len(file) <= shared else f"{file[:shared].rpartition(chr(10))[0]}\n…" for file in bare
    )


def _tells(line: str) -> bool:
    """Whether a line of a diff says something of its own: no context, no digests, no name for the second time."""
    return line.startswith(
        ("diff --git", "@@", "+", "-", "rename", "new file", "deleted", "Binary")
    ) and not (line.startswith(("+++ ", "--- ")))


def subject_of(text: str) -> str:
    """The first line that could be a subject, its dressing removed, cut at a word."""
    bare = (re.sub(r"^[\s`\"'*#>-]+|[\s`\"'*]+$", "", line) for line in text.splitlines())
    for line in bare:
        if line and not line.lower().startswith(("commit message", "here")):
            return line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT + 1].rsplit(" ", 1)[0]
    return ""
