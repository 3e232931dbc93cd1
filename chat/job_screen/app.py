"""[io] The live table at work: reads jobs again and again, and does what the keys stand for."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

from chat.errors import ChatError
from chat.job_screen.acts import act
from chat.job_screen.application import Binding, Surface, Views
from chat.job_screen.drawing import draw, draw_footer
from chat.job_screen.keys import ACTS, BACK, MOVES, answer_keys, help_lines, is_useful, why_not
from chat.job_screen.pages import Page, log_page, question_page, with_log
from chat.job_screen.reading import JobsReader, LogReader
from chat.job_screen.rows import Row
from chat.job_screen.state import State
from chat.jobs.store import find_folder

_POLL_S = 0.4


def show_jobs(place: str, common_dir: str) -> None:
    """Show the jobs of a repository, or of all with "", until the user leaves."""
    LiveTable(place, JobsReader(common_dir)).run()


class LiveTable:
    """The state of the screen, what is read of one job, and the keys."""

    def __init__(self, place: str, reader: JobsReader) -> None:
        self.state = State(place=place)
        self._reader = reader
        self._log: LogReader | None = None
        self._addressee = ""
        """The job that a text is typed for."""
        views = Views(
            lines=lambda size: draw(self.state.in_sight(size), size),
            footer=lambda size: draw_footer(self.state, size),
            label=lambda: f" send to {self._addressee}: " if self.state.typing == "send" else " filter: ",
            is_typing=lambda: bool(self.state.typing),
            typed=self._typed,
            entered=self._entered,
        )
        self._surface = Surface(views, self._bindings())

    def run(self) -> None:
        """Show it until the user leaves."""
        self.state = self.state.with_jobs(self._reader.read(), self._surface.size)
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._reading = asyncio.Lock()
        if sys.platform != "win32":
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self._surface.leave)
        polling = asyncio.create_task(self._poll())
        try:
            await self._surface.app.run_async(handle_sigint=False)
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            await self._refresh()

    async def _refresh(self) -> None:
        """Read what is new, beside the application, and show it."""
        async with self._reading:
            views = await asyncio.to_thread(self._reader.read)
            log = self._log
            lines = await asyncio.to_thread(log.read) if log else []
            self.state = self.state.with_jobs(views, self._surface.size)
            page = self.state.page
            if log and log is self._log and page and page.kind == "log":
                self.state = replace(self.state, page=with_log(page, lines))
        self._surface.app.invalidate()

    def _bindings(self) -> Iterator[Binding]:
        for key in MOVES:
            yield Binding(key.names, lambda: self.state.is_free, partial(self._move, key.action))
        for key in ACTS:
            when = self._is_table if key.action == "quit" else self._is_no_question
            yield Binding(key.names, when, partial(self._act, key.action))
        yield Binding(BACK.names, lambda: self.state.is_free and self.state.page is not None, self._back)
        for name, choice in answer_keys(("yes", "no", "always")).items():
            is_question = lambda: self.state.is_free and self.state.is_question  # noqa: E731 - one condition
            yield Binding((name,), is_question, partial(self._answer, choice))
        yield Binding(("escape",), lambda: self._is_table() and bool(self.state.filter), self._cancel_filter)
        yield Binding(("y",), lambda: bool(self.state.asked), self._confirmed)
        yield Binding(("n", "q", "escape", "c-c"), lambda: bool(self.state.asked), self._declined)
        yield Binding(("escape", "c-c"), lambda: bool(self.state.typing), self._cancel)

    def _is_table(self) -> bool:
        return self.state.is_free and self.state.page is None

    def _is_no_question(self) -> bool:
        return self.state.is_free and not self.state.is_question

    def _move(self, action: str) -> None:
        self.state = self.state.moved(action, self._surface.size)

    def _back(self) -> None:
        self._log = None
        self.state = replace(self.state, page=None).quiet()

    def _declined(self) -> None:
        self.state = self.state.saying("Nothing was done.")

    def _act(self, action: str) -> None:
        """Do what a key stands for, or begin to."""
        self.state = self.state.quiet()
        row = self.state.row
        if action == "quit":
            self._surface.leave()
        elif action == "help":
            self._show(Page("help", "", "Keys", tuple(help_lines(self._surface.size.columns - 2))))
        elif action == "filter":
            self._back()
            self._type("filter", self.state.filter)
        elif row is None or not is_useful(action, row):
            self.state = self.state.saying(why_not(action, row.id if row else ""), is_bad=True)
        elif action == "peek":
            self._look_into(row)
        elif action == "answer" and row.question:
            self._show(question_page(row.id, f"{row.id} asks · {row.task}", row.question))
        elif action in ("stop", "merge"):
            self.state = replace(self.state, asked=action)
        elif action == "send":
            self._addressee = row.id
            self._type("send", "")
        else:
            self._begin(action, row.id)

    def _look_into(self, row: Row) -> None:
        try:
            self._log = LogReader(find_folder(row.id))
        except ChatError as error:  # removed since it was read
            self.state = self.state.saying(str(error), is_bad=True)
            return
        self._show(log_page(row.id, f"{row.id} · {row.task}"))
        self._surface.app.create_background_task(self._refresh())

    def _show(self, page: Page) -> None:
        self.state = replace(self.state, page=page)

    def _confirmed(self) -> None:
        action, row = self.state.asked, self.state.row
        self.state = self.state.saying("")
        self._begin(action, row.id if row else "")

    def _answer(self, choice: str) -> None:
        page, row = self.state.page, self.state.row
        if page and row and row.question and choice in row.question.choices:
            self._back()
            self._begin("answer", row.id, choice, page.number)

    def _begin(self, action: str, job: str, text: str = "", number: int = 0) -> None:
        """Do something that takes a while beside the application, and tell what became of it."""

        async def done() -> None:
            outcome = await asyncio.to_thread(act, action, job, text, number)
            outcome = outcome.fitting(job, self._surface.size.columns - 2)
            self.state = self.state.saying(outcome.message, is_bad=outcome.is_bad)
            if outcome.page:
                self._log = None
                self._show(outcome.page)
            await self._refresh()

        if action == "stop":
            self.state = self.state.saying(f"Job {job} is being stopped …")
        self._surface.app.create_background_task(done())

    def _type(self, what: str, text: str) -> None:
        self.state = replace(self.state, typing=what)
        self._surface.type(text)

    def _typed(self, text: str) -> None:
        if self.state.typing == "filter":
            self.state = self.state.filtered(text, self._surface.size)

    def _entered(self, text: str) -> None:
        what = self.state.typing
        self._end_typing()
        if what == "send" and text.strip():
            self._begin("send", self._addressee, text)

    def _cancel(self) -> None:
        if self.state.typing == "filter":
            self._cancel_filter()
        self._end_typing()

    def _cancel_filter(self) -> None:
        self.state = self.state.filtered("", self._surface.size)

    def _end_typing(self) -> None:
        self.state = replace(self.state, typing="")
        self._surface.end_typing()
