"""[io] What goes between the user and a worker: texts that its next turn reads, questions, and their answers."""

import os
import re
import time
from contextlib import suppress

from chat.errors import InputError, UsageError
from chat.jobs.record import Answer, JobRecord, Question
from chat.jobs.store import JobFolder
from chat.safety.small_file import read_small
from repomap import write_whole

MESSAGE = "The user adds, while you are at it:"
"""Stands before a text that is sent to a job at work."""
_NAME = re.compile(r"[0-9]{20}-[0-9]+\.txt\Z")
_QUESTION, _ANSWER = "question.json", "answer.json"


def send(folder: JobFolder, text: str) -> None:
    """Leave a text for the job's next turn.

    Raises UsageError for an empty one, or where no turn will read it; InputError where it cannot be kept.
    """
    if not text.strip():
        raise UsageError("The message is empty. Nothing was sent.")
    if reason := _no_turn(folder):
        raise UsageError(f"{reason} Nothing was sent.")
    path = folder.inbox / f"{time.time_ns():020}-{os.getpid()}.txt"
    try:
        write_whole(path, text.encode("utf-8", "replace"), sync=True)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}. Nothing was sent.") from error


def _no_turn(folder: JobFolder) -> str:
    """Return why a job takes no turn any more that could read a text, or ""."""
    if folder.merged() is not None:
        return f"Job {folder.id} is merged, and takes no more turns; begin another with trigpoint run."
    record = folder.read("job.json", JobRecord)
    if record and record.plan:
        return (
            f"Job {folder.id} carries out a plan, and takes no turns itself; send it to the job of a piece, which "
            f"`trigpoint status {folder.id}` lists."
        )
    return ""


class Inbox:
    """The texts that the user has sent to a job, oldest first, until a turn has read them."""

    def __init__(self, folder: JobFolder) -> None:
        self._folder = folder.inbox

    def waiting(self) -> dict[str, str]:
        """Return the texts that no turn has read, by the names of their files."""
        with suppress(OSError):
            names = sorted(name for name in os.listdir(self._folder) if _NAME.match(name))
            found = {name: read_small(self._folder / name, follow_links=False) for name in names}
            return {name: data.decode("utf-8", "replace") for name, data in found.items() if data is not None}
        return {}

    def take(self, texts: dict[str, str]) -> None:
        """Note that a turn has read these."""
        for name in texts:
            with suppress(OSError):
                os.replace(self._folder / name, self._folder / f"{name}.read")


def with_messages(request: str, texts: dict[str, str]) -> str:
    """Return a request with what the user has sent since.

    >>> with_messages("Go on.", {"1": "Use tabs."})
    'Go on.\\n\\nThe user adds, while you are at it:\\n\\nUse tabs.'
    """
    return "\n\n".join([request, *(f"{MESSAGE}\n\n{text.strip()}" for text in texts.values())])


def ask(folder: JobFolder, question: Question) -> None:
    """Put a question to the user."""
    folder.write(_QUESTION, question)


def open_question(folder: JobFolder) -> Question | None:
    """Return the question that waits for an answer, or None."""
    with suppress(InputError):
        question = folder.read(_QUESTION, Question)
        return question if question and answer_to(folder, question) is None else None
    return None


def answer_to(folder: JobFolder, question: Question) -> str | None:
    """Return the answer to a question, or None as long as there is none."""
    with suppress(InputError):
        answer = folder.read(_ANSWER, Answer)
        return answer.text if answer and answer.number == question.number else None
    return None


def answer(folder: JobFolder, text: str, number: int = 0) -> str:
    """Answer the question that waits, with one of its choices or its first letter; return the choice.

    With a ``number`` only the question of that number. Raises UsageError.
    """
    question = open_question(folder)
    if question is not None and number not in (0, question.number):
        raise UsageError(f"Job {folder.id} asks something else by now. Nothing was answered.")
    if question is None:
        raise UsageError(f"Job {folder.id} asks nothing. Nothing was answered.")
    given = text.strip().lower()
    choice = next((each for each in question.choices if given and each.startswith(given)), "")
    if not choice:
        choices = ", ".join(question.choices)
        raise UsageError(f"{text} is no answer to that. Nothing was answered; it takes {choices}.")
    folder.write(_ANSWER, Answer(number=question.number, text=choice))
    return choice


def withdraw(folder: JobFolder) -> None:
    """Take back the question, which nobody waits for any more."""
    for name in (_QUESTION, _ANSWER):
        with suppress(OSError):
            (folder.path / name).unlink()
