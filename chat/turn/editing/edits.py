"""[io] The edits of a turn: planned in memory, held until all of them apply, then written as one.

Until `write`, nothing on disk has changed. Refused edits are explained to the model, which sends just
those again; the others are held meanwhile. A refusal stays open until a later edit answers it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.conversation import Conversation, digest_of
from chat.display.diffs import edited
from chat.errors import ChatError
from chat.events import Committed, EditsWritten, FileEdited
from chat.model import RepoPath
from chat.sessions.records.changes import EditDone, EditIntent, SnapshotTaken
from chat.state.state import State
from chat.turn.checks import CheckResult
from chat.turn.commits.commits import require_committable, save_users_changes
from chat.turn.commits.gate import CommitGate
from chat.turn.consent.decisions import edit_barrier
from chat.turn.editing.known_files import show_again, with_edits
from chat.turn.editing.syntax_gate import SyntaxGate
from chat.turn.own_files import OwnFiles
from edits import Applied, EditError, FileChange, ParsedReply, Plan, Reason, Rejected, Rules, unanswered

_WRITTEN_WRONGLY = (Reason.NOT_FOUND, Reason.AMBIGUOUS, Reason.UNREADABLE, Reason.UNCLEAR, Reason.ELIDED)
_HELPED_BY_A_LOOK = (Reason.NOT_FOUND, Reason.AMBIGUOUS, Reason.STALE)
"""Reasons for which the model needs to see the file."""


@dataclass(slots=True)
class Edits:
    """What one turn does to files."""

    state: State
    held: Mapping[RepoPath, FileChange] = field(default_factory=dict)
    """Changes that apply and are not written yet."""
    refused: tuple[Rejected, ...] = ()
    """Refused edits that no later edit has answered."""
    denied: dict[RepoPath, str] = field(default_factory=dict)
    """Files that rules do not allow to change, and why."""
    written: dict[RepoPath, FileEdited] = field(default_factory=dict)
    """What was written, the last change of each file."""
    user_commits: list[Committed] = field(default_factory=list)
    """Commits of what the user had changed before."""
    before: str = ""
    """The snapshot before the first write."""
    gate: SyntaxGate = field(default_factory=lambda: SyntaxGate(asks=True))
    own: OwnFiles = field(init=False)
    """What the turn has made of files."""
    commit_gate: CommitGate = field(init=False)

    def __post_init__(self) -> None:
        self.own = OwnFiles(self.state)
        self.commit_gate = CommitGate(self.state, self.own)

    def plan(self, parsed: ParsedReply, *, may_ask: bool = True) -> Plan:
        """Plan the edits of a reply on top of what is held; those that apply are held from now on.

        `may_ask`: the model can be asked whether it means what the syntax check does not know.
        """
        self.gate.asks = may_ask
        if not parsed.blocks:
            return Plan((), ())
        plan = self.state.ports.workspace.plan(parsed, self.held, self._rules())
        self.held = joined_changes(self.held, plan.changes)
        self.refused = (*unanswered(self.refused, plan.results), *plan.rejected)
        return plan

    def _rules(self) -> Rules:
        conversation = self.state.conversation
        return Rules(
            chat=conversation.editable,
            read_only=frozenset(file.path for file in conversation.files if file.read_only),
            shown=self._shown_contents(),
            barrier=self._barrier,
            gate=self.gate if self.state.settings.syntax_gate else None,
            conventions=self.state.ports.workspace.conventions,
            partial=True,
        )

    def _barrier(self, path: RepoPath) -> str:
        """Return why a file may not be changed, and remember it then."""
        reason = edit_barrier(self.state, path)
        if reason:
            self.denied[path] = reason
        return reason

    def _shown_contents(self) -> dict[RepoPath, bytes]:
        """The files that are on disk as the model knows them."""
        contents: dict[RepoPath, bytes] = {}
        for file in self.state.conversation.files:
            content = self.state.ports.workspace.read(file.path) if file.path not in self.held else None
            if content is not None and digest_of(content) == file.digest:
                contents[file.path] = content
        return contents

    def explain(self, request: str, plan: Plan) -> tuple[Conversation, str]:
        """Return what the model is told of refused edits and of those that change nothing, with the files to see again.

        A model that sends what is in place knows the file wrongly, and would go on to send the same.
        """
        paths = {edit.path for edit in self.refused if edit.path and edit.reason in _HELPED_BY_A_LOOK}
        in_place = sorted({edit.path for edit in plan.results if isinstance(edit, Applied)} - set(self.held))
        wanted = sorted(paths.union(in_place))
        conversation, texts = show_again(self.state, wanted, request, anyway=in_place)
        parts = [prompts.NOT_APPLIED, *self.refused_messages()] if self.refused else []
        parts += [prompts.IN_PLACE.format(paths=", ".join(in_place))] if in_place else []
        parts += [*texts, *([prompts.HELD_BACK] if self.held else [])]
        return conversation, "\n\n".join(parts)

    def refused_messages(self) -> tuple[str, ...]:
        """Return why each of the refused edits does not fit."""
        return tuple(edit.message for edit in self.refused)

    def pending(self) -> tuple[FileEdited, ...]:
        """Return what would be written now, by path."""
        return tuple(edited(self.held[path]) for path in sorted(self.held))

    def drop(self) -> None:
        """Hold nothing any more: the model has to send all of it again."""
        self.held, self.refused = {}, ()

    def check(self, paths: Sequence[RepoPath]) -> CheckResult:
        """Run the checks of files that were written, and the scan of all that would be committed."""
        return self.commit_gate.check(paths, sorted(self.written), self.own.adopting)

    def write(self) -> tuple[FileEdited, ...]:
        """Write all that is held. Raises ChatError; then this wrote nothing."""
        state, files = self.state, self.pending()
        changes = [self.held[path] for path in sorted(self.held)]
        self._prepare_write([file.path for file in files])
        kept, steps = self.own.keep(changes)
        intent = state.ports.journal.write(
            EditIntent({change.path: _digest_after(change) for change in changes}, kept)
        )
        try:
            state.ports.workspace.write(changes)
        except EditError as error:
            raise ChatError(str(error)) from error
        self.held = {}
        self.own.written(kept, steps)
        self.written |= {file.path: file for file in files}  # before the journal is written, which may fail
        state.ports.journal.write(EditDone(intent))
        state.writer.put(with_edits(state.conversation, changes))
        state.ports.emit(EditsWritten(files))
        return files

    def _prepare_write(self, paths: Sequence[RepoPath]) -> None:
        """Commit the user's changes in files that the turn is about to write for the first time."""
        if not self.written:
            self._begin_writing()
        self.user_commits += save_users_changes(
            self.state, [path for path in paths if path not in self.written]
        )

    def _begin_writing(self) -> None:
        """Before the turn's first write: make sure that git can commit, and take a snapshot."""
        state = self.state
        require_committable(state)
        self.before = state.ports.snapshots.take(f"before turn {state.conversation.turn}")
        state.ports.journal.write(SnapshotTaken(self.before))


def misfits(plan: Plan) -> tuple[RepoPath, ...]:
    """Return the files of a reply whose edits were all written wrongly, sorted; none where any of them fits."""
    wrong = {edit.path for edit in plan.rejected if edit.path and edit.reason in _WRITTEN_WRONGLY}
    return tuple(sorted(wrong)) if len(plan.rejected) == len(plan.results) else ()


def joined_changes(
    earlier: Mapping[RepoPath, FileChange], later: Iterable[FileChange]
) -> dict[RepoPath, FileChange]:
    """Join two plans, the second made on top of the first; what ends as it began is left out."""
    joined = dict(earlier)
    for change in later:
        old = joined.get(change.path)
        before = old.before if old else change.before
        moved_from = (old.moved_from if old else None) or change.moved_from
        joined[change.path] = replace(change, before=before, moved_from=moved_from)
    return {path: change for path, change in joined.items() if change.before != change.after}


def _digest_after(change: FileChange) -> str:
    return digest_of(change.after) if change.after is not None else ""
