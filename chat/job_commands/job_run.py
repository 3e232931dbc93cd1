"""[io] The run of a job: as of one request, but it goes on where it was, and reads what the user sends meanwhile."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from chat.commands.command import CommandContext, alone
from chat.errors import ChatError
from chat.jobs.messages import Inbox, with_messages
from chat.jobs.person import DistantPerson
from chat.jobs.remaining import Remaining, remaining
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader
from chat.ports import Person
from chat.safety.printable import on_one_line
from chat.sessions.records.journal_line import JournalLine
from chat.settings.table import Settings
from chat.state.hook_calls import job_ended
from chat.terminal.person import Nobody
from chat.terminal.setup import OpenChat, open_real_chat
from chat.terminal.single_run.oneshot import OneShot
from chat.turn.commits.gate import held_back
from repomap import escaped

_SAY_MORE = "No task is done twice, so say what to mend (trigpoint send {0} TEXT), then trigpoint resume {0}."
_MAX_NAMES = 5

if TYPE_CHECKING:
    from chat.app.chat import Chat


def run_job(settings: Settings, folder: JobFolder) -> int:
    """Work on a job in the current folder, its work tree, and return the exit code.

    With the permission mode `dontAsk` nobody is asked anything, and the answer is no.
    """
    asks = settings.permission_mode != "dontAsk"
    person = DistantPerson(folder, settings.yes) if asks else Nobody(settings.yes)
    return JobRun(settings, open_real_chat, person, folder).run(folder.record().paths)


class JobRun(OneShot):
    """The run of a job by one process, the first or a later one."""

    def __init__(self, settings: Settings, opening: OpenChat, person: Person, folder: JobFolder) -> None:
        super().__init__(settings, opening, person)
        self._folder = folder
        self._inbox = Inbox(folder)

    def _read_request(self) -> tuple[str, str]:
        """Return the task; standard input holds nothing for a job."""
        return self._settings.goal or self._settings.message, ""

    def _run_request(self, context: CommandContext, request: str, attachment: str) -> None:
        """Do what is left of the task, then what the user has sent."""
        context.joined = self._joined(context)
        left = remaining(_journal_of(context), is_goal=bool(self._settings.goal))
        if left is Remaining.ALL and self._settings.goal:
            super()._run_request(context, request, attachment)
        elif not self._settings.goal and context.chat.unfinished:
            context.send(context.chat.unfinished, is_typed=False)
            left = remaining(_journal_of(context), is_goal=False)
        if left is Remaining.ALL and not self._settings.goal:
            context.send(request)
        self._send_the_rest(context)
        if remaining(_journal_of(context), is_goal=bool(self._settings.goal)) is Remaining.RED:
            self._stay_red(context)
        else:
            self._require_committed(context)

    def _report_end(self, chat: "Chat | None", error: BaseException | None) -> int:
        """Report it, and tell the hooks: nobody may be looking."""
        code = super()._report_end(chat, error)
        if chat is not None:
            how = f"ended with exit code {code}" if code else "is done"
            job_ended(chat.state, f"Job {self._folder.id} {how}: {on_one_line(self._folder.record().task)}")
        return code

    def _stay_red(self, context: CommandContext) -> None:
        """Fail for a check that was red when it ran last. Raises ChatError where no turn of this run says so."""
        context.failed = True
        if all(turn.ok for turn in context.turns):
            checks = JobReader(self._folder).read().progress.checks
            red = [f"`{command}` failed with exit code {code}" for command, code in checks if code]
            what = ", ".join(red) or "a check did not come to its end"
            raise ChatError(f"The task is done, but {what}. {_SAY_MORE.format(self._folder.id)}")

    def _require_committed(self, context: CommandContext) -> None:
        """Raise ChatError where all went well, but a commit was refused earlier and the files still wait for it."""
        goal = context.chat.goals.summary()
        is_well = goal.status == "met" if goal else all(turn.ok for turn in context.turns)
        if is_well and (left := held_back(context.chat.state)):
            names = ", ".join(map(escaped, left[:_MAX_NAMES]))
            place = escaped(str(context.chat.root))
            raise ChatError(
                f"The task is done, but not committed: {names}. Commit that in {place}; or: "
                f"{_SAY_MORE.format(self._folder.id)}"
            )

    def _send_the_rest(self, context: CommandContext) -> None:
        """Take a turn for what the user has sent and no turn has read; a goal that was not met keeps its code."""
        context.ends = False
        while texts := self._inbox.waiting():
            context.joined = alone
            context.send("\n\n".join(text.strip() for text in texts.values()), is_typed=False)
            self._inbox.take(texts)

    def _joined(self, context: CommandContext) -> Callable[[str], tuple[str, Callable[[], None]]]:
        """Return what adds the user's messages to a request, unless it is taken again and has them already."""

        def joined(request: str) -> tuple[str, Callable[[], None]]:
            texts = self._inbox.waiting()
            known = {name: text for name, text in texts.items() if text.strip() in request}
            self._inbox.take(known)
            if request == context.chat.unfinished:
                return request, lambda: None
            new = {name: text for name, text in texts.items() if name not in known}
            return with_messages(request, new), lambda: self._inbox.take(new)

        return joined


def _journal_of(context: CommandContext) -> Iterable[JournalLine]:
    """The lines of the session's journal so far."""
    return context.chat.state.ports.history()
