"""[io] A definition and a task → the chat that the agent has to itself, within what the session allows."""

from dataclasses import dataclass, replace

from chat.agents.agent_ports import (
    AgentCalls,
    AgentEmit,
    AgentJournal,
    AgentModel,
    AgentPerson,
    AgentSpending,
    NoSnapshots,
)
from chat.agents.definition import AgentDefinition, strictest
from chat.agents.ground import Ground
from chat.agents.report import words_within
from chat.agents.side_by_side import Desk
from chat.conversation import prompt_texts as prompts
from chat.conversation.conversation import Conversation
from chat.model import Mode, ModelRole
from chat.ports import Model
from chat.sessions.outputs import Outputs
from chat.sessions.restored import AgentRun, ReusableReplies
from chat.settings.table import Settings
from chat.snapshots.kept_changes import KeptChanges
from chat.state.active_settings import ActiveSettings
from chat.state.conversation_writer import ConversationWriter
from chat.state.delegates import AgentLimits, AgentTask
from chat.state.state import Ports, PromptParts, State
from chat.state.turn_log import TurnLog
from chat.turn.consent.decisions import may_read

_INSTRUCTIONS = "Instructions of the project"
"""How the titles of pinned texts begin that agents are shown, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentJob:
    """One task of one agent."""

    id: str
    task: AgentTask
    definition: AgentDefinition
    schema: str = ""
    """The JSON Schema that its result has to fit, checked; "" for none."""
    models: Model
    """Where its calls go."""
    context: str = ""
    """What hooks have to say to it."""
    earlier: AgentRun | None = None
    """How far it had got before the turn was cut off."""


def agent_state(main: State, job: AgentJob, ground: Ground, desk: Desk) -> State:
    """Return the state of the agent's own chat, which has taken no turn yet."""
    definition = job.definition
    role = ModelRole.WEAK if definition.model == "weak" else ModelRole.MAIN
    model = AgentModel(job.models, role)
    journal = AgentJournal(main.ports.journal, desk, job.id, role)
    emit = AgentEmit(main.ports.emit, desk, job.id, definition.name)
    active = ActiveSettings(_settings(main.settings, job), model)
    spending = AgentSpending(main.spending, desk, job.id, model)
    calls = AgentCalls(active, spending, journal, emit, main.ports.masks)
    calls.left = definition.max_turns or main.settings.agent_max_turns
    calls.last_words, calls.let_go = prompts.AGENT_LAST, spending.let_go_of
    if job.earlier is not None:
        calls.reuse(ReusableReplies(job.earlier.replies, job.earlier.runs))
    edits = definition.edits and main.may_edit
    conversation = Conversation(mode=Mode.CODE if edits else Mode.ASK)
    state = State(
        ports=_ports(main, ground, desk, journal, emit, definition.name),
        active=active,
        writer=ConversationWriter(journal, conversation),
        turns=TurnLog(journal),
        spending=spending,
        calls=calls,
        prompt=PromptParts(_pinned(main, job)),
        agent=AgentLimits(
            definition.name,
            job.id,
            edits,
            definition.runs and main.may_edit and ground.model_shell is not None,
            definition.tools or (),
        ),
    )
    if ground.workspace is not main.ports.workspace:
        ground.workspace.show_only(lambda path: may_read(state, path))
    return state


def _settings(settings: Settings, job: AgentJob) -> Settings:
    """The settings of one request, with what the agent's file adds to what is denied."""
    definition = job.definition
    denied = tuple(map(str, definition.disallowed))
    return replace(
        settings,
        message=job.task.task,
        print="",
        message_file="",
        goal="",
        continue_session=False,
        resume="",
        json_schema=job.schema,
        append_system_prompt="",
        commit_mode="none",
        ask=False,
        map_refresh="auto",
        permission_mode=strictest((settings.permission_mode, definition.mode)),
        disallowed_tools=tuple(dict.fromkeys((*settings.disallowed_tools, *denied))),
    )


def _ports(
    main: State, ground: Ground, desk: Desk, journal: AgentJournal, emit: AgentEmit, name: str
) -> Ports:
    ports = main.ports
    return replace(
        ports,
        root=ground.root,
        workspace=ground.workspace,
        repository=None,
        snapshots=NoSnapshots(ground.root),
        journal=journal,
        check_shell=ground.check_shell,
        model_shell=ground.model_shell,
        person=AgentPerson(ports.person, desk, name),
        emit=emit,
        kept=KeptChanges(),
        outputs=Outputs(masks=ports.masks),
        history=tuple,
        agents=None,
    )


def _pinned(main: State, job: AgentJob) -> tuple[tuple[str, str], ...]:
    """What its prompt says word for word: who it is, what its file says, what the project and hooks do."""
    words = words_within(main.settings.agent_result_tokens)
    role = prompts.AGENT_ROLE.format(words=words)
    own = "\n\n".join(filter(None, (role, job.definition.prompt)))
    shared = tuple((title, text) for title, text in main.prompt.pinned if title.startswith(_INSTRUCTIONS))
    hooks = (("From hooks", job.context),) if job.context else ()
    return ((f"You are the agent {job.definition.name}", own), *shared, *hooks)
