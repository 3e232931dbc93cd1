"""[io] The settings and a folder → a chat with the real ports: git, the disk, the network, the shell."""

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chat.app.chat import Chat
from chat.app.configuration import Configuration
from chat.conversation.conversation import Conversation
from chat.errors import GitError, InputError, NoModel, SessionError
from chat.events import Emit, Notice
from chat.git.repository import GitRepository, open_repository
from chat.llm.aliases import full_name, weak_model
from chat.llm.catalog import LateCatalog, read_catalog
from chat.llm.discovery import discover
from chat.llm.lite_model import GUESSED_TOKENS, LiteModel
from chat.llm.options import ModelOptions
from chat.model import Mode, ModelRole, Price, Prompt, Reply, RepoPath, Window
from chat.ports import Journal, Model, Person
from chat.prompt.chat_files import ChatFiles
from chat.prompt.instructions import load_instructions
from chat.recovery.changes import Changes, Keeper
from chat.safety.secrets import secrets_of
from chat.safety.shell import UserShell
from chat.safety.small_file import reader_below
from chat.sessions.journal import (
    SUFFIX,
    FileJournal,
    NoJournal,
    all_sessions,
    matching_sessions,
    new_id,
    project_folder,
    read_history,
    read_lines,
    sessions_of,
)
from chat.sessions.memory import Memory
from chat.sessions.outputs import Outputs
from chat.sessions.records import Line, SessionBegin
from chat.sessions.replay import restore
from chat.sessions.restored import RestoredSession
from chat.settings.table import Settings
from chat.state.limits import Limits
from chat.state.state import State
from chat.state.workspace import Workspace
from chat.trust.grants import find_root, git_notice, is_git_trusted
from chat.turn.notes import Notes

_KEPT_DAYS, _KEPT_SNAPSHOTS = 30, 500


def open_chat(settings: Settings, folder: Path, emit: Emit, person: Person) -> Chat:
    """A chat in a folder: in the whole git work tree around it, unless the settings keep to the folder.

    Raises ChatError: no model, a session that cannot be resumed, git that refuses.
    """
    root = _root_of(settings, folder)
    repository = _open_repository(settings, root, emit)
    model = _model_or_none(settings, emit)
    session = _open_session(settings, root)
    workspace = Workspace(root, history=settings.git)
    keeper = _keeper(repository, session.journal, root, workspace)
    limits = Limits(
        settings.max_turns,
        settings.max_budget_usd,
        settings.max_tokens_total,
        settings.max_seconds,
        model.price,
        lambda text: emit(Notice(text, "warning")),
    )
    state = State(
        root,
        settings,
        workspace,
        model,
        repository,
        keeper,
        session.journal,
        UserShell(root),
        person,
        limits,
        emit,
        conversation=Conversation(mode=Mode(settings.mode)),
    )
    memory = Memory(root, bare=settings.bare)
    below = _below(folder, root)
    state.pinned = memory.pinned_into(_instructions(settings, root, below, emit))
    state.outputs, state.history = session.outputs, session.history
    unfinished = _begin(state, session, limits)
    return Chat(
        state,
        files=ChatFiles(state, below),
        changes=Changes(state, keeper, repository),
        configuration=Configuration(state, open_model, known_models),
        notes=Notes(state, memory),
        unfinished=unfinished,
        prune_snapshots=lambda: prune(keeper),
    )


def _model_or_none(settings: Settings, emit: Emit) -> Model:
    """The configured models; where there is none, a stand-in, since many commands need none."""
    try:
        return open_model(settings)
    except NoModel as error:
        shown = settings.show_repo_map or settings.show_prompts
        if not (shown or settings.message or settings.print or settings.message_file):
            emit(Notice(str(error), "warning"))
        return Unconfigured(error)


class Unconfigured:
    """Where no model is configured: each call says how to get one."""

    def __init__(self, error: NoModel) -> None:
        self._error = error

    def name(self, role: ModelRole) -> str:  # noqa: ARG002
        """No name."""
        return ""

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:  # noqa: ARG002
        """Raises NoModel."""
        raise NoModel(str(self._error))

    def window(self, role: ModelRole) -> Window:  # noqa: ARG002
        """A careful guess, for the map's size."""
        return Window(GUESSED_TOKENS, GUESSED_TOKENS // 8, known=False)

    def price(self, role: ModelRole) -> Price | None:  # noqa: ARG002
        """Nobody knows."""
        return None

    def load_in_background(self) -> None:
        """There is nothing to load."""


def open_model(settings: Settings) -> LiteModel:
    """The configured models. Raises NoModel."""
    names, api_base, api_key = choose_models(settings)
    keys = dict(settings.api_key)
    own_key = keys.pop("", "") or api_key
    return LiteModel(
        ModelOptions(
            names,
            api_base,
            own_key,
            keys,
            settings.timeout,
            reasoning_effort=settings.reasoning_effort,
            thinking_tokens=settings.thinking_tokens,
            temperature=settings.temperature,
            metadata_file=Path(settings.model_metadata_file) if settings.model_metadata_file else None,
            context_tokens=settings.context_tokens,
            stream=settings.stream,
        )
    )


def choose_models(settings: Settings) -> tuple[Mapping[ModelRole, str], str, str]:
    """The full names of the models by role, and the address and key that belong to them.

    Where none is named, one is looked for: keys in the environment, servers on this machine. Raises NoModel.
    """
    found = None if settings.model else discover(os.environ, _catalog_of(settings))
    if found is None:
        return Names(settings, settings.model, settings.api_base), settings.api_base, ""
    api_base = found.api_base or settings.api_base
    return Names(settings, found.model, api_base), api_base, found.api_key


class Names(Mapping[ModelRole, str]):
    """The full names of the models, each found out when it is first asked for: the table of models takes its time."""

    def __init__(self, settings: Settings, main: str, api_base: str) -> None:
        self._settings = settings
        self._main = main
        self._api_base = api_base
        self._full = functools.cache(self._find)

    def __getitem__(self, role: ModelRole) -> str:
        return self._full(role)

    def __contains__(self, role: object) -> bool:
        return isinstance(role, ModelRole)

    def __iter__(self) -> Iterator[ModelRole]:
        return iter(ModelRole)

    def __len__(self) -> int:
        return len(ModelRole)

    def _find(self, role: ModelRole) -> str:
        settings = self._settings
        catalog, own = _catalog_of(settings), dict(settings.alias)
        name = {
            ModelRole.MAIN: self._main,
            ModelRole.WEAK: settings.weak_model,
            ModelRole.EDITOR: settings.editor_model,
        }[role]
        if name:
            return full_name(name, catalog, own)
        main = self[ModelRole.MAIN]
        return weak_model(main, catalog, self._api_base) if role is ModelRole.WEAK else main


def _catalog_of(settings: Settings) -> LateCatalog:
    file = settings.model_metadata_file
    return LateCatalog(lambda: read_catalog(Path(file) if file else None))


def known_models(part: str) -> tuple[str, ...]:
    """The models that litellm knows and whose names hold this, sorted."""
    return read_catalog().search(part)


def _root_of(settings: Settings, folder: Path) -> Path:
    if settings.subtree_only or not settings.git:
        return folder
    return find_root(folder) or folder


def _below(folder: Path, root: Path) -> RepoPath:
    path = os.path.relpath(os.path.realpath(folder), os.path.realpath(root)).replace(os.sep, "/")
    return "" if path == "." else path


def _open_repository(settings: Settings, root: Path, emit: Emit) -> GitRepository | None:
    if not settings.git:
        return None
    trusted = not settings.bare and is_git_trusted(root)
    try:
        repository = open_repository(root, trusted=trusted, verify=settings.commit_verify)
    except GitError as error:
        emit(Notice(f"{error} The chat goes on without git.", "warning"))
        return None
    told = "" if trusted or repository is None else git_notice(root)
    if told:
        emit(Notice(told))
    return repository


def _instructions(settings: Settings, root: Path, below: RepoPath, emit: Emit) -> tuple[tuple[str, str], ...]:
    if settings.bare:
        return ()
    try:
        found = load_instructions(reader_below(root), below)
    except InputError as error:
        emit(Notice(f"{error} The chat goes on without its instructions.", "warning"))
        return ()
    if found.notice:
        emit(Notice(found.notice, "warning"))
    return tuple((f"Instructions of the project, from {each.path}", each.text) for each in found.texts)


# The session


@dataclass(frozen=True, slots=True)
class _Origin:
    """The session that another one is a copy of."""

    session: str
    last_record: int
    """The number of the last record that was copied."""


@dataclass(frozen=True, slots=True)
class _Session:
    journal: Journal
    restored: RestoredSession | None = None
    origin: _Origin | None = None
    outputs: Outputs = field(default_factory=Outputs)
    history: Callable[[], Iterable[Line]] = tuple


def _open_session(settings: Settings, root: Path) -> _Session:
    """The session that the settings ask for, open for writing. Raises SessionError."""
    if not settings.session_persistence:
        return _Session(NoJournal())
    folder = project_folder(root)
    secrets = secrets_of(os.environ.items(), (key for _, key in settings.api_key))
    old = _find_session(settings, folder, root)
    path = folder / f"{new_id()}{SUFFIX}" if old is None or settings.fork_session else old
    if old is None:
        return _kept(path, secrets)
    if settings.fork_session:
        from chat.recovery.resume import forked

        records = tuple(read_lines(old))
        origin = _Origin(old.stem, records[-1].number if records else 0)
        return _kept(path, secrets, forked(restore(records)), origin)
    journal = FileJournal(path, secrets)  # before it is read: another process may be writing to it
    written = read_lines(path)
    first = next(written, None)  # none where the session was killed before it had written a line
    restored = restore(itertools.chain((first,), written)) if first else None
    return _kept(path, secrets, restored, journal=journal)


def _kept(
    path: Path,
    secrets: tuple[str, ...],
    restored: RestoredSession | None = None,
    origin: _Origin | None = None,
    journal: FileJournal | None = None,
) -> _Session:
    outputs = Outputs(path.with_name(f"{path.stem}.outputs"), secrets)
    return _Session(
        journal or FileJournal(path, secrets), restored, origin, outputs, lambda: read_history(path)
    )


def _find_session(settings: Settings, folder: Path, root: Path) -> Path | None:
    """The session to go on with; None for a new one."""
    if not settings.resume:
        return next(iter(sessions_of(folder)), None) if settings.continue_session else None
    wanted = settings.resume
    found = matching_sessions(sessions_of(folder), wanted)
    if len(found) > 1:
        names = ", ".join(path.stem for path in found[:5])
        raise SessionError(f"{wanted}: {len(found)} sessions begin so ({names}, …); write more of the id.")
    return found[0] if found else _session_of_elsewhere(wanted, folder, root)


def _session_of_elsewhere(wanted: str, folder: Path, root: Path) -> Path:
    """A session whose folder has been renamed or moved: it moves along. Raises SessionError."""
    found = matching_sessions(all_sessions(), wanted)
    if len(found) != 1:
        raise SessionError(f"{wanted}: no session of this folder begins so. `trigpoint sessions` lists them.")
    old = found[0]
    first = next(read_lines(old), None)
    home = str(first.fields.get("root", "")) if first else ""
    if os.path.isdir(home):
        raise SessionError(
            f"{old.stem} is a session of {home}, so it was not taken up in {root}. Go on with it there."
        )
    FileJournal(old).close()  # nobody has it open
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in old.parent.glob(f"{old.stem}.*"):
        os.replace(path, folder / path.name)
    return folder / old.name


def _begin(state: State, session: _Session, limits: Limits) -> str:
    """Brings a resumed conversation back; gives the request that is to be taken again."""
    if session.restored is None:
        state.journal.write(SessionBegin(str(state.root), _main_name(state)))
        return ""
    if session.restored.skipped:
        kinds = ", ".join(session.restored.skipped)
        state.notice(
            f"The session holds records that this version cannot read ({kinds}); skipped.", "warning"
        )
    if session.origin:
        state.journal.write(
            SessionBegin(
                str(state.root),
                _main_name(state),
                fork_of=session.origin.session,
                fork_at=session.origin.last_record,
            )
        )
        state.spent = {}
        state.put(session.restored.conversation)
        return ""
    from chat.recovery.resume import take_up

    unfinished = take_up(state, session.restored)
    limits.spent, limits.turns = state.usage, len(session.restored.requests) - bool(unfinished)
    return unfinished


def _main_name(state: State) -> str:
    """As the user wrote it, which takes no table of models to know."""
    return state.settings.model or state.model.name(ModelRole.MAIN)


def _keeper(repository: GitRepository | None, journal: Journal, root: Path, workspace: Workspace) -> Keeper:
    """Snapshots by git, or in a store of our own where there is none; old ones go."""
    name = journal.session_id or new_id()
    keeper: Keeper
    if repository is not None:
        from chat.snapshots.git_snapshots import GitCheckpoints

        made = GitCheckpoints(repository, name)
        keeper = made
    else:
        from chat.snapshots.file_snapshots import StoreCheckpoints

        def listed() -> tuple[RepoPath, ...]:
            return workspace.paths(refresh=True)

        keeper = StoreCheckpoints(root, project_folder(root) / f"{name}.snapshots", listed)
    return keeper


def prune(keeper: Keeper) -> None:
    """Lets go of snapshots that are old or too many."""
    with suppress(Exception):
        keeper.prune(_KEPT_DAYS * 86_400.0, _KEPT_SNAPSHOTS)
