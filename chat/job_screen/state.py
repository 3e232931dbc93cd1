"""What the live table shows, and how keys and news change it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chat.job_screen.pages import Page
from chat.job_screen.rows import Row, matching, rows_of
from chat.jobs.view import JobView

_AROUND_TABLE, _AROUND_PAGE = 3, 4
"""Lines of the screen that are never rows, or never text of a page."""
_LEAST_DETAIL_LINES, _LEAST_HEAD_LINES = 14, 8
"""A screen of fewer lines has no details below its table, or no heads above it."""
_DETAIL_LINES, _HEAD_LINES = 3, 2


@dataclass(frozen=True, slots=True)
class Size:
    """Of the terminal."""

    columns: int
    lines: int

    @property
    def has_details(self) -> bool:
        """Whether there is room for what the chosen job does in more words."""
        return self.lines >= _LEAST_DETAIL_LINES

    @property
    def has_heads(self) -> bool:
        """Whether there is room for heads."""
        return self.lines >= _LEAST_HEAD_LINES

    @property
    def rows(self) -> int:
        """How many rows of the table are shown."""
        taken = self.has_details * _DETAIL_LINES + self.has_heads * _HEAD_LINES
        return max(1, self.lines - _AROUND_TABLE - taken)

    @property
    def text(self) -> int:
        """How many lines of a page are shown."""
        return max(1, self.lines - _AROUND_PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that the screen is drawn from."""

    place: str = ""
    """Whose jobs these are: the name of a repository, or `all repositories`."""
    rows: tuple[Row, ...] = ()
    filter: str = ""
    chosen: str = ""
    """The id of a job."""
    top: int = 0
    """The first row that is shown."""
    page: Page | None = None
    """What is read instead of the table."""
    asked: str = ""
    """`stop` or `merge`, while it waits for yes or no."""
    typing: str = ""
    """`send` or `filter`, while a line is typed."""
    message: str = ""
    is_bad: bool = False
    """The message says that something was not done."""

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that the filter leaves."""
        return matching(self.rows, self.filter)

    @property
    def row(self) -> Row | None:
        """The chosen one; of an open page, its job's."""
        wanted = self.page.job if self.page and self.page.job else self.chosen
        return next((row for row in self.rows if row.id == wanted), None)

    @property
    def is_free(self) -> bool:
        """Whether keys mean what they usually do: nothing is asked or typed."""
        return not self.asked and not self.typing

    @property
    def is_question(self) -> bool:
        """Whether the question of a job is read."""
        return self.page is not None and self.page.kind == "question"

    def with_jobs(self, views: Iterable[JobView], size: Size) -> "State":
        """Return it with jobs as they are now; the same one stays chosen as long as there is one."""
        before = [row.id for row in self.shown]
        after = replace(self, rows=rows_of(views))._without_old_question()
        if after.chosen not in [row.id for row in after.shown]:
            place = before.index(self.chosen) if self.chosen in before else 0
            after = replace(after.at(place, size), asked="")  # what was asked was about the other one
        return after.in_sight(size)

    def at(self, place: int, size: Size) -> "State":
        """Return it with the row of a place chosen, or the nearest that there is."""
        shown = self.shown
        chosen = shown[min(max(0, place), len(shown) - 1)].id if shown else ""
        return replace(self, chosen=chosen).in_sight(size)

    def moved(self, action: str, size: Size) -> "State":
        """Return it after a key that moves: `up`, `down`, `page-up`, `page-down`, `first` or `last`."""
        is_page = self.page is not None
        height = size.text if is_page else size.rows
        steps = {"up": -1, "down": 1, "page-up": 1 - height, "page-down": height - 1}
        by = steps.get(action, -1_000_000 if action == "first" else 1_000_000)
        if self.page is not None:
            return replace(self, page=self.page.scrolled(by, size.columns - 2, height))
        return self.quiet().at(self._place() + by, size)

    def in_sight(self, size: Size) -> "State":
        """Return it scrolled so that the chosen row is to be seen, and no line is wasted."""
        place, count = self._place(), len(self.shown)
        top = min(self.top, place, max(0, count - size.rows))
        return replace(self, top=max(top, place - size.rows + 1, 0))

    def filtered(self, words: str, size: Size) -> "State":
        """Return it with another filter."""
        after = replace(self, filter=words)
        if after.chosen in [row.id for row in after.shown]:
            return after.in_sight(size)
        return after.at(0, size)

    def saying(self, message: str, *, is_bad: bool = False) -> "State":
        """Return it with a message, and nothing asked or typed."""
        return replace(self, message=message, is_bad=is_bad, asked="", typing="")

    def quiet(self) -> "State":
        """Return it without a message."""
        return replace(self, message="", is_bad=False)

    def _without_old_question(self) -> "State":
        """Leave the page of a question that was answered elsewhere, or is no more."""
        page, row = self.page, self.row
        if page is None or not self.is_question:
            return self
        if row and row.question and row.question.number == page.number:
            return self
        return replace(self, page=None).saying(f"Job {page.job} does not ask that any more.")

    def _place(self) -> int:
        return next((place for place, row in enumerate(self.shown) if row.id == self.chosen), 0)
