"""[io] The commits of a turn: the user's own changes first and apart, then what the model changed."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from chat.errors import GitError, HookFailed
from chat.events import Committed
from chat.git.links import real_paths
from chat.model import RepoPath
from chat.ports import Commit, Repository
from chat.safety.printable import plain_message
from chat.sessions.records.changes import CommitDone, CommitIntent
from chat.settings.rows.changes import COMMITTING
from chat.state.state import State
from chat.turn.commits.gate import is_wanted, scan
from chat.turn.commits.message import message_for
from chat.turn.hooks import asked_about_commit, told_of_commit
from chat.turn.own_files import OwnFiles, ToCommit

_USER_SUBJECT = "Save changes made before the next edit"
_STAGED_SUBJECT = "Save what was staged before the next edit"


def require_committable(state: State) -> None:
    """Raise GitError where a turn could not be committed: amid a merge or rebase, or with a locked index."""
    repository, settings = state.ports.repository, state.settings
    if repository is None or settings.commit_mode not in COMMITTING or settings.dry_run:
        return
    if reason := repository.blocked():
        raise GitError(f"{reason} No file was changed; to edit without commits, use --commit-mode none.")


def save_users_changes(state: State, paths: Sequence[RepoPath]) -> tuple[Committed, ...]:
    """Commit what the user had changed in files that are about to be edited. Raises GitError.

    What was staged of a file becomes a commit of its own: the choice of lines is nowhere else.
    """
    repository, settings = state.ports.repository, state.settings
    if repository is None or settings.commit_mode not in COMMITTING or not settings.dirty_commits:
        return ()
    if not paths:
        return ()
    dirty = [path for path in repository.dirty(paths) if not state.ports.workspace.is_blank(path)]
    if not dirty:
        return ()
    staged = repository.partly_staged(dirty)
    if not (_passes(state, dirty, staged) and _passes(state, dirty)):
        state.ports.notice(
            f"What is not committed of {', '.join(dirty)} does not pass --scan-cmd, so it is not committed first; it "
            "is scanned again with the changes of this turn.",
            "warning",
        )
        return ()
    commits = [
        _commit(state, repository, tuple(staged), _STAGED_SUBJECT, of_user=True, contents=staged)
        if staged
        else None,
        _commit(state, repository, dirty, _USER_SUBJECT, of_user=True),
    ]
    return tuple(commit for commit in commits if commit is not None)


def commit_turn(
    state: State, paths: Sequence[RepoPath], request: str, own: OwnFiles
) -> tuple[Committed | None, bool]:
    """Commit or stage what a turn changed, as the settings say; None for no commit. Raises GitError.

    Also returns whether a file had to be left out. What somebody else has changed in the files since the turn
    wrote them is left uncommitted.
    """
    repository, mode = state.ports.repository, state.settings.commit_mode
    if repository is None or not paths or mode not in (*COMMITTING, "stage"):
        return None, False
    taken = own.to_commit()
    _tell_apart(state, taken)
    paths = [path for path in paths if taken.clashing == () or not _leads_to(state, path, taken.clashing)]
    if mode == "stage":
        repository.stage(paths, taken.contents)
        return None, bool(taken.clashing)
    commit = _commit_of_turn(state, repository, paths, request, own) if paths else None
    return commit, bool(taken.clashing)


def _commit_of_turn(
    state: State, repository: Repository, paths: Sequence[RepoPath], request: str, own: OwnFiles
) -> Committed | None:
    message = message_for(state, repository, paths, request)
    call = asked_about_commit(state, paths, message)
    settings = state.settings
    if settings.attribute_author or settings.attribute_committer:
        repository = repository.named(
            author=settings.attribute_author, committer=settings.attribute_committer
        )
    session_commit = _session_commit(state) if state.settings.commit_mode == "session" else ""
    if session_commit:
        joined = joined_message(repository.message(session_commit), message)
        commit = _commit(state, repository, paths, joined, amended=session_commit, own=own)
    else:
        commit = _commit(state, repository, paths, message, own=own)
    if commit is not None:
        told_of_commit(state, call, commit.commit)
    return commit


def _leads_to(state: State, path: RepoPath, targets: Sequence[RepoPath]) -> bool:
    return not frozenset((path, *real_paths(state.ports.root, path))).isdisjoint(targets)


def _tell_apart(state: State, taken: ToCommit) -> None:
    """Name the files that somebody else has changed since the turn wrote them."""
    if taken.apart:
        state.ports.notice(
            f"{', '.join(taken.apart)}: changed while the turn was running, by somebody else. "
            "That change is left uncommitted, and /undo will leave it, too.",
            "warning",
        )
    if taken.clashing:
        state.ports.notice(
            f"{', '.join(taken.clashing)}: changed while the turn was running, in the same lines as the turn. "
            "The file is left uncommitted; look at git diff, then commit what is right.",
            "warning",
        )


def commit_by_user(
    state: State, repository: Repository, paths: Sequence[RepoPath], message: str = ""
) -> Committed | None:
    """Commit the user's own changes; without a message, the weak model writes one. Raises GitError."""
    if not _passes(state, paths):
        raise GitError(
            "The changes do not pass --scan-cmd, so nothing was committed. Mend them, then commit again."
        )
    text = message or message_for(state, repository, paths, "")
    return _commit(state, repository, paths, text, of_user=True)


def _passes(
    state: State, paths: Sequence[RepoPath], contents: Mapping[RepoPath, bytes] | None = None
) -> bool:
    """Whether the user's own changes may be committed, those of ``contents`` alone if there are any."""
    if not is_wanted(state) or contents == {}:
        return True
    _, feedback, is_shut = scan(state, tuple(contents) if contents else paths, contents or {})
    return not (feedback or is_shut)


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
    own: OwnFiles | None = None,
    contents: Mapping[RepoPath, bytes] | None = None,
) -> Committed | None:
    """Make a journaled commit, or add to ``amended``; None where the paths do not differ from HEAD.

    ``contents`` are committed instead of what is on disk.
    """
    journal = state.ports.journal
    message = plain_message(message)
    intents: list[int] = []

    def announce(holds: Mapping[RepoPath, str]) -> None:
        head = repository.head() or ""
        intents.append(journal.write(CommitIntent(tuple(paths), message, head, of_user, holds)))

    make = partial(repository.amend, amended) if amended else repository.commit
    commit = _commit_past_hooks(make, paths, message, own, announce, contents or {})
    if commit is None:
        return None
    journal.write(CommitDone(commit.id, of_user, intents[-1] if intents else None))
    event = Committed(commit.id, commit.subject, commit.paths, of_user)
    state.ports.emit(event)
    return event


def _commit_past_hooks(
    make: Callable[..., Commit | None],
    paths: Sequence[RepoPath],
    message: str,
    own: OwnFiles | None,
    announce: Callable[[Mapping[RepoPath, str]], None],
    contents: Mapping[RepoPath, bytes],
) -> Commit | None:
    """Commit; a second time where a hook refused only because it had changed the files itself."""
    for is_last in (False, True):
        try:
            commit = make(
                paths, message, contents=own.to_commit().contents if own else contents, announce=announce
            )
        except HookFailed as error:
            if is_last or not error.rewritten:
                raise
            if own is not None:
                own.adopt(error.rewritten)
        else:
            if own is not None and commit is not None:
                own.adopt(commit.rewritten)
            return commit
    return None
