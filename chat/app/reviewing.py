"""[io] The settings, a folder and what is asked for → a review over the real git, disk and model."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from chat.app.hiding import HidingEmit, masks_for
from chat.app.model_choice import open_model
from chat.app.project import below_root, instructions_of, open_git, root_of
from chat.errors import UsageError
from chat.events import Emit, Notice
from chat.git.compare import Comparison, compare, content, last_commit, staged, uncommitted
from chat.git.repository import GitRepository
from chat.model import ModelRole, RepoPath
from chat.ports import Model
from chat.prompt.budget import ceiling
from chat.prompt.instructions import REVIEW_NAMES
from chat.review.assembling import Frame
from chat.review.model import ChangedFile, Outcome
from chat.review.patch import is_inside, read_patch
from chat.review.reading import Reader
from chat.review.run import Review, ReviewPorts
from chat.safety.masks import Masks
from chat.sessions.journal import NoJournal
from chat.settings.table import Settings
from chat.state.active_settings import ActiveSettings
from chat.state.model_calls import ModelCalls
from chat.state.spending import Limits, Spending
from chat.state.workspace import Workspace
from chat.turn.consent.decisions import may_read_in

DEFAULT_TOKENS = 16_000
"""Of a prompt, where no setting names another number: room for a usual commit and all that is around it."""
_OF_WORK_TREE = (
    "Callers and tests are those of the work tree, which may not be as it was at the reviewed commit."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be reviewed."""

    range: str = ""
    """As `git diff` takes it; "" for what is not committed, else the last commit."""
    staged: bool = False
    patch: str | None = None
    """The text of a patch, which counts instead."""
    patch_name: str = ""
    all_lines: bool = False


class OpenReview:
    """A review that is ready to run, what it has taken, and its outcome."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        wanted: Wanted,
        emit: Emit,
        open_model: Callable[[Settings], Model] = open_model,
    ) -> None:
        """Compare, and prepare the review. Raises InputError, UsageError, GitError, NoModel."""
        self._settings = settings
        self._root = root_of(settings, folder)
        self._masks = masks_for(settings, self._root)
        self._emit = HidingEmit(emit, self._masks)
        self._open_model = open_model
        repository = open_git(settings, self._root, self._emit)
        comparison = _comparison(repository, wanted)
        self._title = comparison.title
        files = read_patch(comparison.diff, wanted.patch_name or "The diff of git")
        self._workspace = Workspace(
            self._root,
            history=settings.git,
            encodings=settings.encoding,
            masks=self._masks,
            store=settings.store,
        )
        self._workspace.show_only(self._may_read)
        self._spending: Spending | None = None
        self._model_name = ""
        self._review = self._opened(repository, comparison, wanted, files, folder) if files else None

    @property
    def masks(self) -> Masks:
        """What is secret here."""
        return self._masks

    def run(self) -> None:
        """Review. Raises ModelError, BudgetLimit, PromptTooLarge; the outcome has what was found until then."""
        if self._review is not None:
            self._review.run()

    def outcome(self) -> Outcome:
        """Return what was found so far, and what it took."""
        outcome = self._review.outcome() if self._review else Outcome(title=self._title)
        if self._spending is None:
            return outcome
        usage = self._spending.total
        counts = {
            "input_tokens": usage.prompt_tokens - usage.cached_tokens,
            "output_tokens": usage.completion_tokens,
            "cache_read_input_tokens": usage.cached_tokens,
        }
        return replace(
            outcome, model=self._model_name, calls=usage.calls, counts=counts, cost_usd=usage.cost_usd
        )

    def _opened(
        self,
        repository: GitRepository | None,
        comparison: Comparison,
        wanted: Wanted,
        files: tuple[ChangedFile, ...],
        folder: Path,
    ) -> Review:
        model = self._open_model(self._settings)
        model.load_in_background()  # takes longest, so it starts first
        self._workspace.warm_up()
        active = ActiveSettings(self._settings, model)
        self._model_name = model.name(ModelRole.MAIN)
        warn = self._warn
        self._spending = Spending(Limits.of(self._settings), active.price, warn)
        calls = ModelCalls(active, self._spending, NoJournal(), self._emit, self._masks)
        is_elsewhere = comparison.objects not in (None, ":") and not _is_head(repository, comparison)
        frame = Frame(
            title=comparison.title,
            instructions=self._instructions(folder),
            budget_tokens=self._settings.context_tokens or min(DEFAULT_TOKENS, ceiling(active)),
            all_lines=wanted.all_lines,
        )
        ports = ReviewPorts(
            reader=Reader(
                lambda file: self._newer(repository, comparison, file),
                self._may_read,
                may_be_older=wanted.patch is not None,
            ),
            reply=calls.reply,
            ask=self._workspace.ask,
            read=self._workspace.read,
            tell=lambda text: self._emit(Notice(text)),
            hidden=self._masks.hidden,
        )
        return Review(files, frame, ports, (_OF_WORK_TREE,) if is_elsewhere else ())

    def _newer(
        self, repository: GitRepository | None, comparison: Comparison, file: ChangedFile
    ) -> bytes | None:
        """Return the newer file, or that on the disk, where the review looks whether the patch fits it."""
        path = file.path
        if comparison.objects is None:
            data = self._workspace.read(path)
            if data is None and file.old_path != path and is_inside(file.old_path):
                data = self._workspace.read(file.old_path)
        else:
            data = content(repository, comparison, path) if repository else None
        if data is not None:
            self._masks.learn_file(path, data.decode("utf-8", "replace"))
        return data

    def _instructions(self, folder: Path) -> tuple[tuple[str, str], ...]:
        below = below_root(folder, self._root)
        given = [
            *instructions_of(self._settings, self._root, below, self._emit),
            *instructions_of(self._settings, self._root, below, self._emit, REVIEW_NAMES),
        ]
        appended = self._settings.append_system_prompt.strip()
        return (*given, *((("From the user", appended),) if appended else ()))

    def _may_read(self, path: RepoPath) -> bool:
        return may_read_in(self._settings, self._root, path)

    def _warn(self, text: str) -> None:
        self._emit(Notice(text, "warning"))


def _comparison(repository: GitRepository | None, wanted: Wanted) -> Comparison:
    if wanted.patch is not None:
        return Comparison(os.path.basename(wanted.patch_name) or "patch", wanted.patch, None)
    if repository is None:
        raise UsageError(
            "There is no git repository here, so there is no change to review. Nothing was sent; give a patch with "
            "--pr-file FILE."
        )
    if wanted.staged:
        return staged(repository)
    if wanted.range:
        return compare(repository, wanted.range)
    found = uncommitted(repository)
    return found if found.diff.strip() or repository.head() is None else last_commit(repository)


def _is_head(repository: GitRepository | None, comparison: Comparison) -> bool:
    """Whether the newer state is HEAD and the work tree is as it is there."""
    if repository is None or comparison.objects is None:
        return False
    return comparison.objects == f"{repository.head()}:" and not repository.changes()
