"""[io] The steps of a turn that answer what a reply asks for: files, look-ups, commands, and agents."""

from dataclasses import dataclass, field, replace

from chat.events import ContextGiven
from chat.model import RepoPath
from chat.prompt.maps import request_map, widened_map
from chat.results import GIVEN_UP
from chat.state.delegates import AgentTask
from chat.state.state import PromptMap
from chat.turn.progress import Progress
from chat.turn.requests.context import Answer, grant
from chat.turn.requests.limits import Granted
from chat.turn.requests.work import ReplyWork

_ANSWER_MAP_SHARE = 0.5
_FOUND_MAP_SHARE = 0.125
"""With an answer to a request for context, the map is smaller: the model has begun to choose. Where it got all that
it asked for, only the next best files are left to show."""
_NOT_SEEN = "code that it cannot see in the map"
"""What a model asks for that only says it cannot see what it needs."""


@dataclass(slots=True)
class RequestSteps:
    """What becomes of the requests of a turn's replies."""

    progress: Progress
    work: ReplyWork
    names_files: bool = False
    """Paths in a reply's own words are its answer, and not files that the model wants to see."""
    granted: Granted = field(default_factory=Granted)
    mapped: set[RepoPath] = field(default_factory=set)
    """The paths that the maps of this turn have shown."""

    @property
    def wants_work(self) -> bool:
        """Whether the reply asks for commands, or hands tasks over; the editor model can do neither."""
        return self.progress.editor is None and self.work.is_wanted(self.progress.reply)

    def send_map(self, prompt_map: PromptMap) -> None:
        """Send this map with the next call."""
        self.progress.main.request_map = prompt_map
        self.mapped.update(prompt_map.paths)

    def do(self, *, alone: bool = False) -> None:
        """Do what the reply asks for, and unless ``alone`` answer what else it asks for; too much ends the turn."""
        progress = self.progress
        done = self.work.do(progress.reply)
        self._take_checks()
        progress.outcome = replace(progress.outcome, denied=self.work.denied)
        if done.too_much:
            progress.outcome = replace(progress.outcome, unanswered=done.too_much)
            progress.is_over = True
            return
        if done.is_stopped:
            progress.stop()
            return
        answer = None if alone else self._answer()
        if answer is None:
            progress.exchange.add("user", done.text, "context")
        else:
            self._send(replace(answer, text=f"{done.text}\n\n{answer.text}"))

    def do_after_edits(self) -> None:
        """Do what a reply asks for beside its edits, once they are written and no check has failed."""
        progress = self.progress
        is_free = progress.is_over and not progress.outcome.refused and not progress.state.settings.dry_run
        if is_free and self.wants_work:
            progress.is_over = False
            self.do(alone=True)

    def answer(self) -> bool:
        """Answer a request for context; False where there is none, or nothing left to answer."""
        answer = self._answer()
        if answer is not None:
            self._send(answer)
        return answer is not None

    def hand_over_alone(self, task: AgentTask) -> None:
        """Have an agent do a task, and take its report for the reply."""
        progress, agents = self.progress, self.work.delegating
        told = agents.hand_over([task])
        self._take_checks()
        progress.outcome = replace(progress.outcome, delegated=True, answer=agents.answer)
        progress.exchange.add("assistant", told, "reply")
        progress.texts.append(told)
        if agents.failed:
            refused = (told.partition("\n\n")[0],)  # the heading of its report says why
            progress.outcome = replace(progress.outcome, refused=refused)

    def _take_checks(self) -> None:
        """Count the checks after the changes of agents as the turn's."""
        checks, outcome = self.work.checks, self.progress.outcome
        lint, test = checks.lint or outcome.lint, checks.test or outcome.test
        self.progress.outcome = replace(outcome, lint=lint, test=test)

    def _answer(self) -> Answer | None:
        """The answer to a request for context; None where there is no request, or nothing left to answer."""
        progress = self.progress
        answer = grant(
            progress.state, progress.request, progress.reply, self.granted, only_written=self.names_files
        )
        if answer is not None:
            progress.note_denied("Read", answer.denied)
        if answer is not None and (answer.is_over or (answer.is_empty and answer.granted.widened)):
            unanswered = answer.asked or _NOT_SEEN
            progress.outcome = replace(progress.outcome, unanswered=unanswered)
            progress.state.ports.notice(GIVEN_UP.format(asked=unanswered), "error")
            return None
        return answer

    def _send(self, answer: Answer) -> None:
        """Send what the model asked for, and a map: a wider one if it cannot see what it needs.

        Where a hook wants the turn to end, nothing is sent.
        """
        progress, state = self.progress, self.progress.state
        if answer.is_stopped:
            progress.stop()
            return
        state.writer.put(answer.conversation)
        self.granted = answer.granted
        if answer.cannot_see or answer.is_empty:
            self.granted = replace(answer.granted, widened=True)
            self.send_map(widened_map(state, progress.request, frozenset(self.mapped)))
        else:
            share = _FOUND_MAP_SHARE if answer.is_whole else _ANSWER_MAP_SHARE
            self.send_map(request_map(state, progress.request, share=share))
        if answer.is_new:
            state.ports.emit(ContextGiven(answer.paths, answer.lookups))
        progress.exchange.add("user", answer.text, "context")
