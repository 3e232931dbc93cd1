"""[io] Runs a review: a change → prompts → findings, group by group. What was found stays when a later call fails."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chat.display.amounts import counted
from chat.model import Prompt, Reply, RepoPath
from chat.review.answer import answer_schema, stated
from chat.review.assembling import Frame, assembled, groups_of
from chat.review.context import Context
from chat.review.model import ChangedFile, Dropped, FileText, Finding, Outcome
from chat.review.packing import Group
from chat.review.patch import is_inside, lines_of
from chat.review.placing import Ground, merged, place
from chat.review.prompts import repair_prompt
from chat.review.reading import ReadChange, Reader, definitions_in, read_change
from chat.state.tokens import prompt_tokens

if TYPE_CHECKING:
    from chat.conversation.answer_schema import AnswerSchema
    from repomap import Index

_LONGEST_REPAIRED = 20_000
"""Characters of an answer that goes back with what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPorts:
    """What a review reaches outside itself."""

    reader: Reader
    reply: Callable[[Prompt], Reply]
    """Asks the model. Raises ModelError, BudgetLimit."""
    ask: "Callable[[Callable[[Index], Context]], Context]"
    """Lets the index of the work tree be asked. Raises RepoMapError."""
    read: Callable[[RepoPath], bytes | None]
    """Reads a file of the work tree."""
    tell: Callable[[str], None]
    """Tells the user of the progress."""
    hidden: Callable[[str], str] = field(default=lambda text: text)
    """Returns a text without secrets."""


class Review:
    """One review; it can be asked for its outcome at any time."""

    def __init__(
        self, files: tuple[ChangedFile, ...], frame: Frame, ports: ReviewPorts, notes: tuple[str, ...] = ()
    ) -> None:
        self._frame = frame
        self._ports = ports
        self._change = ReadChange(files)
        self._notes = list(notes)
        self._found: list[Finding] = []
        self._dropped: list[Dropped] = []
        self._parts = self._failed_parts = 0

    def outcome(self) -> Outcome:
        """Return what was found so far."""
        return Outcome(
            title=self._frame.title,
            files=self._change.files,
            findings=merged(self._found),
            dropped=tuple(self._dropped),
            notes=tuple(self._notes),
            failed_parts=self._failed_parts,
            error=self._error(),
        )

    def _error(self) -> str:
        if not self._failed_parts:
            return ""
        return (
            f"No valid answer came for {counted(self._failed_parts, 'part')} of {self._parts}, so the review is "
            "incomplete. Try again, or with another model."
        )

    def run(self) -> None:
        """Ask the model about every part of the change. Raises ModelError, BudgetLimit, PromptTooLarge."""
        self._change = read_change(self._change.files, self._ports.reader)
        if note := self._change.note():
            self._notes.append(note)
        groups = groups_of(self._change, self._frame)
        self._parts = len(groups)
        if not groups:
            return
        definitions, context, schema = definitions_in(self._change), self._context(), answer_schema()
        for number, group in enumerate(groups, 1):
            is_first = number == 1
            prompt = assembled(group, self._change, definitions, context, self._frame, is_first=is_first)
            self._ports.tell(_progress(number, len(groups), group, prompt_tokens(prompt)))
            self._ask(prompt, schema)

    def _context(self) -> Context | None:
        """Return what asks the index of the work tree; None, and a note, where there is none."""
        from repomap import RepoMapError

        paths = tuple(file.path for file in self._change.shown)
        try:
            return self._ports.ask(lambda index: Context(index, paths))
        except RepoMapError as error:
            self._notes.append(f"The change was reviewed without callers and tests: {error}")
            return None

    def _ask(self, prompt: Prompt, schema: "AnswerSchema") -> None:
        """Ask about one group, once more where the answer cannot be read, and place what is found."""
        reply = self._ports.reply(prompt)
        checked = schema.check(reply.text)
        if checked.errors:
            self._ports.tell("The answer does not have the form that was asked for; asking once more.")
            again = repair_prompt(prompt, reply.text[:_LONGEST_REPAIRED], checked.errors)
            checked = schema.check(self._ports.reply(again).text)
        if checked.errors:
            self._failed_parts += 1
            return
        ground = Ground(self._text_of, self._change.changed or {}, self._frame.all_lines)
        for each in stated(checked.value):
            match place(each, ground):
                case Finding() as finding:
                    self._found.append(self._hidden(finding))
                case Dropped() as dropped:
                    self._dropped.append(replace(dropped, title=self._ports.hidden(dropped.title)))

    def _text_of(self, path: RepoPath) -> FileText | None:
        """Return a newer file; with findings on all lines, any file that may be read."""
        text = self._change.text(path)
        if text is not None or not self._frame.all_lines:
            return text
        is_changed = any(file.path == path for file in self._change.files)
        if is_changed or not is_inside(path) or not self._ports.reader.may_read(path):
            return None
        data = self._ports.read(path)
        lines = lines_of(data.decode("utf-8", "replace")) if data is not None else []
        return FileText(dict(enumerate(lines, 1)), is_whole=True)

    def _hidden(self, finding: Finding) -> Finding:
        hide = self._ports.hidden
        texts = (finding.title, finding.why, finding.suggestion, finding.quote)
        title, why, suggestion, quote = map(hide, texts)
        return replace(finding, title=title, why=why, suggestion=suggestion, quote=quote)


def _progress(number: int, total: int, group: Group, tokens: int) -> str:
    paths = list(dict.fromkeys(part.file.path for part in group.parts))
    named = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    which = f" (call {number} of {total})" if total > 1 else ""
    return f"Reviewing {named}: {tokens:,} tokens{which}"
