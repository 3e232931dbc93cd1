"""How far a turn has come: whom it talks to, what was said and done, and whether it is over."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from chat.conversation import prompt_texts as prompts
from chat.conversation.conversation import EntryKind
from chat.model import RepoPath
from chat.results import TurnResult
from chat.state.state import State
from chat.turn.replies import EditorExchange, Exchange, MainExchange


@dataclass(slots=True)
class Progress:
    """What the steps of one turn share."""

    state: State
    request: str
    main: MainExchange
    editor: EditorExchange | None = None
    """The exchange with the editor model, once it has the plan."""
    texts: list[str] = field(default_factory=list)
    """The model's words, reply by reply."""
    reply: str = ""
    """The last reply."""
    reflections: int = 0
    """How often the model was sent its mistakes."""
    outcome: TurnResult = field(default_factory=TurnResult)
    is_over: bool = False
    is_stopped: bool = False
    """A hook wants the turn to end whatever others say."""

    @property
    def exchange(self) -> Exchange:
        """The exchange that the next call belongs to."""
        return self.editor or self.main

    @property
    def may_reflect(self) -> bool:
        """Whether the settings allow to send the model its mistakes once more."""
        return self.reflections < self.state.settings.max_reflections

    def reflect(self, text: str, kind: EntryKind) -> None:
        """Send the model its mistakes."""
        self.reflections += 1
        self.exchange.add("user", text, kind)

    def note_denied(self, tool: Literal["Read", "Edit"], paths: Iterable[RepoPath]) -> None:
        """Remember files that the model may not see or change, for whoever made the request."""
        denied = (*self.outcome.denied_files, *((tool, path) for path in paths))
        self.outcome = replace(self.outcome, denied_files=tuple(dict.fromkeys(denied)))

    def end_short(self, refused: tuple[str, ...]) -> None:
        """End the turn with less done than the model meant to do, and let the model know."""
        self.outcome = replace(self.outcome, refused=refused)
        self.state.writer.put(self.state.conversation.with_note(prompts.NOT_WRITTEN))
        self.is_over = True

    def stop(self) -> None:
        """End the turn as a hook wants it."""
        self.is_over = self.is_stopped = True
