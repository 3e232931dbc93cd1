"""The commands for agents: give one a task, list them, make one."""

from chat.commands.command import Command, CommandContext
from chat.display.input_line import split_words
from chat.display.text_table import text_table
from chat.errors import InputError, UsageError
from chat.state.delegates import AgentTask


def agent(context: CommandContext, arguments: str) -> None:
    """Have an agent do a task."""
    name, _, task = arguments.strip().partition(" ")
    if not name or not task.strip():
        raise UsageError(
            "/agent takes the name of an agent and a task. Nothing was begun; /agents lists them."
        )
    known = sorted(row.name for row in context.chat.agents.rows())
    if name not in known:
        raise InputError(f"There is no agent {name}. Nothing was begun; there are: {', '.join(known)}.")
    wanted = AgentTask(name, task.strip(), context.chat.settings.json_schema)
    result = context.send(f"/agent {name} {task.strip()}", is_typed=False, task=wanted)
    context.show(result.text)


def agents(context: CommandContext, arguments: str) -> None:
    """List the agents, or make one."""
    match split_words(arguments):
        case []:
            context.show(_listing(context))
        case ["new", name]:
            path = context.chat.agents.make(name)
            context.say(f"Made {path}. Edit it: what it is for, what it may do, and what it has to do.")
        case _:
            raise UsageError("/agents takes nothing, or new and a name. Nothing was done.")


def _listing(context: CommandContext) -> str:
    rows = context.chat.agents.rows()
    table = text_table([(row.name, row.does, row.model, row.source) for row in rows if row.does])
    described = text_table([(row.name, row.description) for row in rows if row.description])
    remarks = "\n".join(f"{row.source}: {row.remark}" for row in rows if row.remark)
    return "\n\n".join(filter(None, (table, described, remarks)))


TABLE = (
    Command(
        "agent",
        "NAME TASK",
        "Have an agent do a task; only its result enters the conversation.",
        agent,
        more="What an agent changes, it changes in a git work tree of its own; at the end that is merged into the "
        "files, or refused with the reason. See docs/agents.md.",
    ),
    Command(
        "agents",
        "[new NAME]",
        "List the agents, or make a file for one of your own.",
        agents,
        more="They come from `.trigpoint/agents` and `.claude/agents` of a repository that you trust, from your own "
        "configuration folder, and three are built in.",
    ),
)
"""In the order of `/help`."""
