"""What the commands of other programs for the terminal are here: the same under another name, or some advice.

Whoever comes from Claude Code, Codex CLI or Gemini CLI types their names. aider's are in `chat.settings.aider_options`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from chat.settings.aider_options import COMMANDS as AIDER_COMMANDS
from chat.settings.aider_options import UPDATING

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "?": "help",
        "about": "report",
        "allowed-tools": "permissions",
        "approvals": "permissions",
        "bug": "report",
        "cat": "show",
        "compress": "compact",
        "config": "settings",
        "doctor": "report",
        "effort": "reasoning-effort",
        "feedback": "report",
        "grep": "find",
        "history": "sessions",
        "mention": "add",
        "mode": "chat-mode",
        "new": "clear",
        "rm": "drop",
        "search": "find",
        "set": "settings",
        "stats": "cost",
        "status": "report",
        "summarize": "compact",
        "symbol": "show",
        "think": "think-tokens",
        "todos": "plan",
        "usage": "cost",
        "uses": "refs",
        "version": "report",
        "view": "show",
    }
)
"""Names that are typed and not listed, and the command that each means."""

_SHELL = "It is one for the shell: !trigpoint {0} runs it here."
_CONTINUING = (
    "/sessions lists the sessions; leave, and `trigpoint --continue` or `--resume ID` goes on with one."
)
_KEYS = "Keys come from variables such as ANTHROPIC_API_KEY, or from --api-key."

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "branch": "`trigpoint --resume ID --fork-session` goes on with a copy of a session.",
        "chat": _CONTINUING,
        "color": "Colours are the terminal's; NO_COLOR=1 or --no-pretty leaves them out.",
        "continue": _CONTINUING,
        "export": "`trigpoint sessions export` writes a session as a page, or as JSON.",
        "fork": "`trigpoint --resume ID --fork-session` goes on with a copy of a session.",
        "image": "Images are not sent to the model; describe what they show.",
        "init": "Ask for the file: “Write an AGENTS.md about how to build, test and style this code.”",
        "login": _KEYS,
        "logout": _KEYS,
        "mcp": "`trigpoint mcp` serves this repository to other programs; servers of others are not called.",
        "ok": "Say it as a message; /code TEXT has edited what was planned in another mode.",
        "restart": "Leave, and `trigpoint --continue` takes the session up again.",
        "resume": _CONTINUING,
        "rewind": "/undo takes back the last turn; /checkpoints lists where /rollback can go back to.",
        "theme": "Colours are the terminal's; NO_COLOR=1 or --no-pretty leaves them out.",
        "update": UPDATING,
        "upgrade": UPDATING,
        "vim": "/settings vim true switches to the keys of vi.",
        **{
            name: _SHELL.format(name)
            for name in """acp apply artifacts attach cache discard graph hooks index jobs logs merge outline page
            review schedule schema send stop trust""".split()
        },
        "impact": _SHELL.format("graph impact"),
    }
)
"""Names of what is done in another way here, or not at all, and how."""


def advice_on(name: str) -> str:
    """Return what to do instead of another program's command; "" where it is not known.

    >>> advice_on("jobs")
    'There is no command /jobs. It is one for the shell: !trigpoint jobs runs it here.'
    """
    if name in AIDER_COMMANDS:
        return f"/{name} is a command of aider's that is not taken. {AIDER_COMMANDS[name]}"
    return f"There is no command /{name}. {ADVICE[name]}" if name in ADVICE else ""


def names_page() -> str:
    """Return the section of docs/commands.md about these names."""
    rows = {**{name: f"`/{command}`" for name, command in SYNONYMS.items()}, **ADVICE}
    lines = [f"| {name} | {rows[name]} |" for name in sorted(rows)]
    return "\n".join([_HEAD, *lines, ""])


_HEAD = """\
## Names from other programs

Commands of Claude Code, Codex CLI and Gemini CLI, and commands of `trigpoint` that are for the shell. Those of aider
are in [coming-from-aider.md](coming-from-aider.md).

| typed behind `/` | here |
|---|---|"""
