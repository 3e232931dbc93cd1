"""[io] The edits of a turn: planned in memory, held until all of them fit, written as one.

Until `write` nothing on disk has changed. What is refused is explained to the model, which sends
just that again; what fits waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.context_requests import FileRequest
from chat.conversation.conversation import Conversation, ShownFile, digest_of
from chat.display.diffs import edited
from chat.errors import ChatError, GitError
from chat.events import Committed, EditsWritten, FileEdited
from chat.model import RepoPath
from chat.sessions.records import EditDone, EditIntent, SnapshotTaken
from chat.state.state import State
from chat.state.tokens import count
from chat.state.workspace import join_changes, syntax_gate
from chat.turn.commits import COMMITTING, save_users_changes
from edits import EditError, FileChange, ParsedReply, Plan, Reason, Rejected, Rules

_REPAIRABLE = (Reason.NOT_FOUND, Reason.AMBIGUOUS, Reason.STALE)
"""Refusals for which a look at the file helps."""


@dataclass(slots=True)
class Edits:
    """What a turn does to files."""

    state: State
    held: dict[RepoPath, FileChange] = field(default_factory=dict)
    """Edits that fit and wait for those that were refused."""
    changed: dict[RepoPath, FileEdited] = field(default_factory=dict)
    """What was written."""
    saved: list[Committed] = field(default_factory=list)
    """Commits of what the user had changed before."""
    before: str = ""
    """The snapshot before the first write."""

    def plan(self, parsed: ParsedReply) -> Plan:
        """What a reply does on top of what is held; what fits is held from now on."""
        if not parsed.blocks:
            return Plan((), ())
        plan = self.state.ports.workspace.plan(parsed, self.held, self._rules())
        self.held = join_changes(self.held, plan.changes)
        return plan

    def _rules(self) -> Rules:
        conversation, workspace = self.state.conversation, self.state.ports.workspace
        unheld = [seen for seen in conversation.files if seen.path not in self.held]
        contents = {seen: workspace.read(seen.path) for seen in unheld}
        return Rules(
            chat=conversation.editable,
            read_only=frozenset(seen.path for seen in conversation.files if seen.read_only),
            shown={
                seen.path: content
                for seen, content in contents.items()
                if content is not None and digest_of(content) == seen.digest
            },
            gate=syntax_gate() if self.state.settings.syntax_gate else None,
            partial=True,
        )

    def explanation(self, rejected: Sequence[Rejected], request: str) -> tuple[Conversation, str]:
        """What the model is told of refused edits, with the files that it did not know well enough."""
        paths = sorted({each.path for each in rejected if each.path and each.reason in _REPAIRABLE})
        conversation, texts = show_for_repair(self.state, paths, request)
        held = [prompts.HELD_BACK] if self.held else []
        return conversation, "\n\n".join(
            [prompts.NOT_APPLIED, *(each.message for each in rejected), *texts, *held]
        )

    def pending(self) -> tuple[FileEdited, ...]:
        """What would be written now, by path."""
        return tuple(edited(self.held[path]) for path in sorted(self.held))

    def write(self) -> tuple[FileEdited, ...]:
        """Writes all that is held. Raises ChatError; then no file was changed by it."""
        state, files = self.state, self.pending()
        changes = [self.held[path] for path in sorted(self.held)]
        self._before_write([file.path for file in files])
        after = {
            change.path: digest_of(change.after) if change.after is not None else "" for change in changes
        }
        intent = state.ports.journal.write(EditIntent(after))
        try:
            state.ports.workspace.write(changes)
        except EditError as error:
            raise ChatError(str(error)) from error
        self.held = {}
        self.changed |= {file.path: file for file in files}  # first, should the journal fail
        state.ports.journal.write(EditDone(intent))
        state.writer.put(known_after(state.conversation, changes))
        state.ports.emit(EditsWritten(files))
        return files

    def _before_write(self, paths: Sequence[RepoPath]) -> None:
        """What must be so before a file is touched: git is ready, the user's changes are safe."""
        state = self.state
        if self.changed:
            return
        if state.ports.repository is not None and state.settings.commit_mode in COMMITTING:
            why = state.ports.repository.blocked()
            if why:
                raise GitError(f"no file was changed: {why}. Finish that, or use --commit-mode none.")
        self.before = state.ports.snapshots.take(f"before turn {state.conversation.turn}")
        state.ports.journal.write(SnapshotTaken(self.before))
        saved = save_users_changes(state, paths)
        self.saved += [saved] if saved else []


def show_for_repair(state: State, paths: Sequence[RepoPath], request: str) -> tuple[Conversation, list[str]]:
    """The files of refused edits that the model has not seen whole, or not as they are now."""
    conversation = state.conversation
    texts: list[str] = []
    for path in paths:
        seen, content = conversation.file(path), state.ports.workspace.read(path)
        if content is None or (seen is not None and not seen.spans and seen.digest == digest_of(content)):
            continue
        shown = state.ports.workspace.show(FileRequest(path), request, conversation.turn, seen)
        if shown is not None:
            conversation = conversation.with_files([shown.file])
            texts.append(shown.text)
    return conversation, texts


def known_after(conversation: Conversation, changes: Sequence[FileChange]) -> Conversation:
    """The conversation in which the model knows the files as its edits left them."""
    for change in changes:
        seen = conversation.file(change.path)
        if change.after is None:
            conversation = conversation.without_files([change.path])
        elif seen is not None:
            tokens = seen.tokens if seen.spans else _size(change.after)
            conversation = conversation.with_files(
                [replace(seen, digest=digest_of(change.after), tokens=tokens, used_turn=conversation.turn)]
            )
        elif change.before is None:
            made = ShownFile(
                change.path,
                digest=digest_of(change.after),
                tokens=_size(change.after),
                used_turn=conversation.turn,
            )
            conversation = conversation.with_files([replace(made, shown_digest=made.digest)])
    return conversation


def _size(content: bytes) -> int:
    return count(content.decode("utf-8", "replace"))
