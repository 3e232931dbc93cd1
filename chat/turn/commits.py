"""[io] The commits of a turn: the user's own changes first and apart, then what the model changed."""

from collections.abc import Sequence

from chat.errors import GitError, HookFailed
from chat.events import Committed
from chat.model import RepoPath
from chat.ports import Commit, Repository
from chat.sessions.records import CommitDone, CommitIntent
from chat.state.state import State
from chat.turn.commit_message import message_for

COMMITTING = ("turn", "session")
"""The commit modes that make commits."""
_USER_SUBJECT = "Save changes made before the next edit"


def require_committable(state: State) -> None:
    """Raise GitError where a turn could not be committed: amid a merge or rebase, or with a locked index."""
    repository, settings = state.ports.repository, state.settings
    if repository is None or settings.commit_mode not in COMMITTING or settings.dry_run:
        return
    if reason := repository.blocked():
        raise GitError(f"{reason} No file was changed; to edit without commits, use --commit-mode none.")


def save_users_changes(state: State, paths: Sequence[RepoPath]) -> Committed | None:
    """Commit what the user had changed in files that are about to be edited. Raises GitError."""
    repository, settings = state.ports.repository, state.settings
    if repository is None or settings.commit_mode not in COMMITTING or not settings.dirty_commits:
        return None
    if not paths:
        return None
    dirty = [path for path in repository.dirty(paths) if not state.ports.workspace.is_blank(path)]
    return _commit(state, repository, dirty, _USER_SUBJECT, of_user=True) if dirty else None


def commit_turn(state: State, paths: Sequence[RepoPath], request: str) -> Committed | None:
    """Commit or stage what a turn changed, as the settings say; None for no commit. Raises GitError."""
    repository, mode = state.ports.repository, state.settings.commit_mode
    if repository is None or not paths:
        return None
    if mode == "stage":
        repository.stage(paths)
    if mode not in COMMITTING:
        return None
    message = message_for(state, repository, paths, request)
    session_commit = _session_commit(state) if mode == "session" else ""
    if session_commit:
        joined = joined_message(repository.message(session_commit), message)
        return _commit(state, repository, paths, joined, amended=session_commit)
    return _commit(state, repository, paths, message)


def commit_by_user(
    state: State, repository: Repository, paths: Sequence[RepoPath], message: str = ""
) -> Committed | None:
    """Commit the user's own changes; without a message, the weak model writes one. Raises GitError."""
    text = message or message_for(state, repository, paths, "")
    return _commit(state, repository, paths, text, of_user=True)


def _session_commit(state: State) -> str:
    """The commit that gathers the turns of this session; "" before the first."""
    return next((turn.record.commits[-1] for turn in reversed(state.turns.done) if turn.record.commits), "")


def joined_message(message: str, added: str) -> str:
    r"""Return the message of a commit to which another turn was added: its subject becomes a point of the body.

    >>> joined_message("Read names\n\nCo-authored-by: m", "Sort names")
    'Read names\n\n- Sort names\n\nCo-authored-by: m'
    """
    text, _, trailers = message.rstrip("\n").partition("\n\nCo-authored-by:")
    subject, _, body = text.partition("\n\n")
    added_subject, _, _ = added.partition("\n")
    points = [*filter(None, body.split("\n")), f"- {added_subject}"]
    joined = "\n".join([subject, "", *points])
    return f"{joined}\n\nCo-authored-by:{trailers}" if trailers else joined


def _commit(
    state: State,
    repository: Repository,
    paths: Sequence[RepoPath],
    message: str,
    *,
    of_user: bool = False,
    amended: str = "",
) -> Committed | None:
    """Make a journaled commit, or add to ``amended``; None where the paths do not differ from HEAD."""
    journal = state.ports.journal
    intent = journal.write(CommitIntent(tuple(paths), message, repository.head() or "", of_user))
    commit = _commit_past_hooks(repository, paths, message, amended)
    journal.write(CommitDone(commit.id if commit else "", of_user, intent))
    if commit is None:
        return None
    event = Committed(commit.id, commit.subject, commit.paths, of_user)
    state.ports.emit(event)
    return event


def _commit_past_hooks(
    repository: Repository, paths: Sequence[RepoPath], message: str, amended: str
) -> Commit | None:
    """Commit; a second time where a hook refused only because it had changed the files itself."""
    for is_last in (False, True):
        try:
            return repository.amend(amended, paths, message) if amended else repository.commit(paths, message)
        except HookFailed as error:
            if is_last or not error.rewritten:
                raise
    return None
