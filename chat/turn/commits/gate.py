"""[io] `--scan-cmd`: a command that has to succeed before anything is committed or staged.

It runs once lint and tests have nothing to say, and again at the end of the turn if what would be committed has changed
since. In its environment, git's index is one that holds just that. It is never skipped because an interrupted turn had
its result: what is committed is what was looked at.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from chat.errors import ChatError
from chat.model import RepoPath
from chat.ports import Ran
from chat.settings.rows.changes import COMMITTING
from chat.state.state import State
from chat.turn.checks import CheckResult, check_edits, failure_text, may_run, quoted, run_as
from chat.turn.own_files import OwnFiles

FILES = "{files}"
"""What the paths of the files replace in the command."""
_NOT_RUN = "The command that is to scan changes before they are committed was not run."
_CLOSED = (
    "{reason} The changes stay in the files and are not committed; mend them, or take them back with /undo."
)


@dataclass(slots=True)
class CommitGate:
    """What decides whether a turn's changes may be committed."""

    state: State
    own: OwnFiles
    ran: Ran | None = None
    """How the scan ended last."""
    feedback: str = ""
    """What the model is told of it; empty where it succeeded."""
    is_shut: bool = False
    """The command could not be run, which no edit can mend."""
    _scanned: str = ""

    def check(
        self,
        paths: Sequence[RepoPath],
        changed: Sequence[RepoPath],
        adopting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> CheckResult:
        """Run the checks of edited files, and once they succeed the scan of all that the turn has ``changed``."""
        result = check_edits(self.state, paths, adopting)
        if result.feedback:
            return result
        return replace(result, feedback=self.objection(changed))

    def objection(self, changed: Sequence[RepoPath]) -> str:
        """Return what the scan finds in the files that would be committed; "" for nothing, and where none is wanted."""
        if not is_wanted(self.state):
            return ""
        paths = (*changed, *(path for path in held_back(self.state) if path not in changed))
        contents = self.own.to_commit().contents
        digest = self._digest(paths, contents)
        if not digest or digest != self._scanned:
            self.ran, self.feedback, self.is_shut = scan(self.state, paths, contents)
            self._scanned = digest
        return self.feedback

    def reason_to_stay(self, changed: Sequence[RepoPath]) -> str:
        """Return why the turn's changes must not be committed, for a person; "" if they may."""
        if self.objection(changed):
            command = self.ran.command if self.ran else ""
            return _CLOSED.format(reason=f"`{command}` found something.")
        return _CLOSED.format(reason=_NOT_RUN) if self.is_shut else ""

    def _digest(self, paths: Sequence[RepoPath], contents: Mapping[RepoPath, bytes | None]) -> str:
        """Return what tells these contents from others; "" where a file is too large to be read."""
        found = hashlib.sha256()
        for path in paths:
            data = contents[path] if path in contents else self.state.ports.workspace.read(path)
            if data is None and path not in contents and self.state.ports.workspace.is_file(path):
                return ""
            found.update(repr((path, hashlib.sha256(data).digest() if data is not None else None)).encode())
        return found.hexdigest()


def is_wanted(state: State) -> bool:
    """Whether something is to be committed or staged here, and scanned before."""
    settings = state.settings
    commits = settings.commit_mode in (*COMMITTING, "stage") and not settings.dry_run
    return bool(settings.scan_cmd) and commits and state.ports.repository is not None


def held_back(state: State) -> tuple[RepoPath, ...]:
    """Return the files that earlier turns have changed and that are still not committed, sorted.

    They are committed with the next turn that passes.
    """
    repository = state.ports.repository
    if repository is None or state.settings.commit_mode not in COMMITTING:
        return ()
    records = (turn.record for turn in state.turns.done)
    paths = {path for record in records if not record.commits for path in record.paths}
    return repository.dirty(sorted(paths)) if paths else ()


def finding_in_held_back(state: State) -> tuple[str, str]:
    """Return what the scan finds in files that are still not committed, for a person and for the model.

    Both are empty where it finds nothing. That it could not be run is found, too.
    """
    left = held_back(state) if is_wanted(state) else ()
    if not left:
        return "", ""
    ran, feedback, is_shut = scan(state, left, {})
    if is_shut:
        return _NOT_RUN, _NOT_RUN
    return (
        f"`{ran.command}` found something in what is not committed yet." if ran and feedback else ""
    ), feedback


def scan(
    state: State, paths: Sequence[RepoPath], contents: Mapping[RepoPath, bytes | None]
) -> tuple[Ran | None, str, bool]:
    """Scan what a commit of these files would hold; ``contents`` counts for what is on disk.

    Returns how the command ended, what the model is told of a failure, and whether it could not be run.
    """
    command, repository = state.settings.scan_cmd, state.ports.repository
    there = [path for path in paths if state.ports.workspace.is_file(path)]
    if repository is None or (FILES in command and not there):
        return None, "", False
    if not may_run(state, "scan-cmd"):
        return None, "", True
    command = command.replace(FILES, " ".join(map(quoted, there)))
    shell = state.ports.check_shell or state.ports.shell
    try:
        with repository.candidate(paths, contents) as index:
            variables = {"GIT_INDEX_FILE": str(index)}
            ran = run_as(state.ports, command, "scan", lambda: shell.run(command, variables=variables))
    except ChatError as error:
        state.ports.notice(str(error), "error")
        return None, "", True
    return ran, failure_text(state, ran) if ran.exit_code else "", False
