"""[io] The settings and a folder → an open chat over the real ports: git, disk, network, shell.

Its parts are opened by the other modules of this folder; here they are put together.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from chat.app.agents import LateCrew
from chat.app.chat import Chat
from chat.app.command_shells import CommandShells, open_command_shells
from chat.app.configuration import Configuration
from chat.app.hiding import HidingEmit, HidingPerson, masks_for
from chat.app.model_choice import doubt_about, known_models, open_model, without_model
from chat.app.notifying import NotifyingPerson
from chat.app.project import below_root, decide_trust, instructions_of, open_git, root_of
from chat.app.session_start import OpenSession, begin_session, open_session
from chat.app.snapshot_store import open_snapshots, prune_snapshots
from chat.conversation.conversation import Conversation
from chat.errors import NoModel
from chat.events import Emit, Notice
from chat.git.repository import GitRepository
from chat.git.typed import run_typed
from chat.goals.goals import Goals
from chat.goals.texts import pinned_with
from chat.hooks.hooks import Hooks
from chat.model import Mode
from chat.ports import Model, Person
from chat.prompt.chat_files import ChatFiles
from chat.recovery.changes import Changes
from chat.safety.masks import Masks
from chat.safety.running import clear_up
from chat.safety.shell import UserShell
from chat.sessions.memory import Memory
from chat.settings.table import Settings
from chat.state.delegates import Delegates
from chat.state.hook_calls import person_asked, session_began
from chat.state.state import Ports, State, open_state
from chat.state.workspace import Workspace
from chat.turn.checks import may_run
from chat.turn.consent.decisions import may_read
from chat.turn.consent.hidden_paths import unreadable_paths
from chat.turn.consent.new_rules import idle_rules_notice
from chat.turn.notes import Notes


def open_chat(
    settings: Settings,
    folder: Path,
    emit: Emit,
    person: Person,
    open_model: Callable[[Settings], Model] = open_model,
) -> Chat:
    """Open a chat in a folder: in the git work tree around it, unless the settings keep to the folder.

    Raises ChatError: a session that cannot be resumed, git that refuses.
    """
    clear_up()
    root = root_of(settings, folder)
    masks = masks_for(settings, root)
    emit = HidingEmit(emit, masks)
    person = NotifyingPerson(HidingPerson(person, masks), lambda text: person_asked(state, text))
    repository = open_git(settings, root, emit)
    model = _open_model(settings, emit, open_model)
    session = open_session(settings, root, masks)
    shells = open_command_shells(
        settings,
        root,
        session.journal.session_id,
        emit,
        lambda: may_run(state, "setup-cmd"),
        lambda: unreadable_paths(state),
    )
    crew = LateCrew(lambda: state, open_model, repository)
    ports = _open_ports(settings, root, repository, session, masks, emit, person, shells, crew)
    state = open_state(ports, settings, model, Conversation(mode=Mode(settings.mode)))
    ports.workspace.show_only(lambda path: may_read(state, path))
    if notice := idle_rules_notice(settings):
        emit(Notice(notice, "warning"))
    memory = Memory(root, bare=settings.bare)
    below = below_root(folder, root)
    pinned = memory.pinned_into(instructions_of(settings, root, below, emit))
    restored = session.restored
    goal = restored.goal if restored else None
    state.prompt.pin(pinned_with(pinned, goal.goal, goal.plan) if goal else pinned)
    unfinished = begin_session(state, session)
    session_began(state, "resume" if session.restored else "startup")
    ports.workspace.allow_outside(file.path for file in state.conversation.files if file.read_only)
    return Chat(
        state,
        files=ChatFiles(state, below),
        changes=_open_changes(state, repository, session),
        configuration=Configuration(state, open_model, known_models, doubt_about),
        notes=Notes(state, memory),
        run_git=partial(run_typed, root, decide_trust(settings, root, emit)),
        goals=Goals(state, restored, unfinished),
        unfinished=unfinished,
        prune_snapshots=lambda: prune_snapshots(ports.snapshots, ports.kept),
    )


def _open_model(settings: Settings, emit: Emit, open_model: Callable[[Settings], Model]) -> Model:
    """Open the model, or one that says what is missing when it is called."""
    try:
        return open_model(settings)
    except NoModel as error:
        return without_model(error, settings, emit)


def _open_changes(state: State, repository: GitRepository | None, session: OpenSession) -> Changes:
    """Open what undoes and restores; a restore that a kill cut off is finished, unless this is a fork."""
    changes = Changes(state, repository)
    restored = session.restored
    if restored is not None and restored.restoring is not None and session.origin is None:
        changes.finish(restored.restoring, recorded=restored.restored)
    return changes


def _open_ports(
    settings: Settings,
    root: Path,
    repository: GitRepository | None,
    session: OpenSession,
    masks: Masks,
    emit: Emit,
    person: Person,
    shells: CommandShells,
    agents: Delegates,
) -> Ports:
    workspace = Workspace(
        root, history=settings.git, encodings=settings.encoding, masks=masks, store=settings.store
    )
    session_id = session.journal.session_id
    return Ports(
        root=root,
        workspace=workspace,
        repository=repository,
        snapshots=open_snapshots(repository, session_id, root, lambda: workspace.paths(refresh=True)),
        journal=session.journal,
        shell=UserShell(root),
        check_shell=shells.checks,
        model_shell=shells.model,
        person=person,
        emit=emit,
        kept=session.kept,
        masks=masks,
        outputs=session.outputs,
        history=session.history,
        hooks=None if settings.bare else Hooks(root, session_id, session.transcript, shells.hooks),
        agents=agents,
    )
