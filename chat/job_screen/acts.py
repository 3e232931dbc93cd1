"""[io] What a key of the live table does with a job, and what is to be said about it then."""

from dataclasses import dataclass
from pathlib import Path

from chat.errors import ChatError
from chat.job_commands.acting import merged_line
from chat.job_commands.talking import sent_line
from chat.job_screen.cells import wrapped
from chat.job_screen.pages import Page, diff_page, text_page
from chat.jobs.launch import stop
from chat.jobs.merging import merge
from chat.jobs.messages import answer, send
from chat.jobs.store import JobFolder, find_folder
from chat.jobs.tree import patch_of
from chat.jobs.view import JobReader
from chat.safety.printable import on_one_line
from repomap import RepoMapError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a key."""

    message: str = ""
    is_bad: bool = False
    page: Page | None = None
    """To be shown instead of the table."""

    def fitting(self, job: str, columns: int) -> "Outcome":
        """Return it with a reason that takes more than one line on a page of its own, where all of it can be read."""
        if not self.is_bad or ("\n" not in self.message and len(wrapped(self.message, columns)) == 1):
            return self
        return Outcome(page=text_page(job, f"{job} · not done", self.message))


def act(action: str, job: str, text: str = "", number: int = 0) -> Outcome:
    """Do to a job what a key stands for: `stop`, `merge`, `diff`, `send` a text, `answer` a question with one.

    ``number`` is that of the question as it was shown. What cannot be done is told, not raised.
    """
    try:
        return _done(action, find_folder(job), text, number)
    except (ChatError, RepoMapError, OSError) as error:
        return Outcome(str(error).strip(), is_bad=True)


def _done(action: str, folder: JobFolder, text: str, number: int) -> Outcome:
    match action:
        case "stop":
            return Outcome(f"Job {folder.id} is {stop(folder).value}.")
        case "merge":
            return Outcome(merged_line(merge(JobReader(folder).read(), Path.cwd(), "")))
        case "send":
            view = JobReader(folder).read()
            send(folder, text)
            return Outcome(sent_line(folder, view))
        case "answer":
            return Outcome(f"Job {folder.id}: {answer(folder, text, number)}.")
    record = folder.record()
    patch = patch_of(folder, record).decode("utf-8", "replace")
    return Outcome(page=diff_page(folder.id, f"{folder.id} · changes · {on_one_line(record.task)}", patch))
