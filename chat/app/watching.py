"""[io] An open chat → the watch over its files for comments that ask for something."""

from collections.abc import Callable, Iterable
from functools import partial

from chat.errors import ChatError
from chat.git.repository import GitRepository
from chat.model import RepoPath
from chat.ports import Repository
from chat.state.state import State
from chat.turn.consent.decisions import may_read
from chat.watch.watcher import WatchedFiles, Watcher
from repomap import RepoMapError


def open_watcher(state: State, on_request: Callable[[], None]) -> Watcher:
    """Return the watch over the files of a chat, not yet started."""
    repository = state.ports.repository
    files = WatchedFiles(
        state.ports.root,
        partial(_listed, state),
        partial(may_read, state),
        partial(_is_changed, repository),
        partial(_is_busy, repository),
    )
    return Watcher(files, on_request)


def _listed(state: State) -> Iterable[RepoPath]:
    try:
        return state.ports.workspace.paths(refresh=True)
    except RepoMapError:
        return ()


def _is_changed(repository: Repository | None, path: RepoPath) -> bool:
    """Whether a file differs from the last commit, as one does that a person has just saved."""
    try:
        return repository is None or bool(repository.dirty([path]))
    except ChatError:
        return False


def _is_busy(repository: Repository | None) -> bool:
    """Whether git is just writing files."""
    return isinstance(repository, GitRepository) and (repository.work_tree.git_dir / "index.lock").exists()
