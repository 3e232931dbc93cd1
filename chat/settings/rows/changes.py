"""How files are changed and committed, and what the model may do."""
# ruff: noqa: RUF009  `setting` makes a field, as `dataclasses.field` does

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from chat.permissions.rule import PermissionMode
from chat.sandbox.layout import SandboxChoice
from chat.settings.kinds import (
    COMMAND,
    COUNT,
    RULES,
    SWITCH,
    TEXT,
    ChoiceKind,
    EncodingsKind,
    FloatKind,
    IntKind,
    TextKind,
)
from chat.settings.row import Group, Scope, setting

ModeName = Literal["code", "ask", "architect"]
EditFormat = Literal["auto", "diff", "diff-fenced", "udiff", "whole", "patch"]
AgentsOffered = Literal["auto", "all", "none"]
CommitMode = Literal["turn", "session", "stage", "none"]
COMMITTING: tuple[CommitMode, ...] = ("turn", "session")
"""The modes that make commits."""


@dataclass(frozen=True)
class ChangeSettings:
    """How files are changed and committed, and what the model may do."""

    # Modes and edits -----------------------------------------------------------------------------
    mode: ModeName = setting(
        "code",
        ChoiceKind(get_args(ModeName)),
        Group.EDIT,
        "What a request may do: edit files (code), only answer (ask), or let --model plan and --editor-model edit "
        "(architect).",
        "--chat-mode",
        scope=Scope.ANYONE,
        common=True,
    )
    edit_format: EditFormat = setting(
        "auto",
        ChoiceKind(get_args(EditFormat)),
        Group.EDIT,
        "How the model writes its edits; auto takes what the model's data name (edit_format in --model-metadata-file), "
        "and another format after two replies in a row that did not fit.",
        scope=Scope.ANYONE,
    )
    editor_edit_format: EditFormat = setting(
        "auto",
        ChoiceKind(get_args(EditFormat), optional_prefix="editor-"),
        Group.EDIT,
        "How --editor-model writes its edits; auto is as --edit-format says.",
        scope=Scope.ANYONE,
    )
    ask: bool = setting(False, SWITCH, Group.EDIT, "Ask before writing the edits of a reply.")
    syntax_gate: bool = setting(
        True, SWITCH, Group.EDIT, "Refuse edits that break the brackets, quotes or blocks of a file."
    )
    encoding: tuple[tuple[str, str], ...] = setting(
        (),
        EncodingsKind(),
        Group.EDIT,
        "Encoding of files that are not UTF-8: of all, or of those that a pattern fits (`*.c=gbk`). "
        "Where it says nothing, git's attributes, .editorconfig and the bytes decide.",
        scope=Scope.ANYONE,
    )
    max_reflections: int = setting(
        3,
        COUNT,
        Group.EDIT,
        "How often a turn may return to the model with refused edits or failed checks; 0 never does.",
    )
    suggest_shell_commands: bool = setting(
        True,
        SWITCH,
        Group.EDIT,
        "Offer to run the commands that a reply proposes. None runs without your consent.",
    )

    # Git -----------------------------------------------------------------------------------------
    git: bool = setting(True, SWITCH, Group.GIT, "Use the git repository around the folder, if there is one.")
    commit_mode: CommitMode = setting(
        "turn",
        ChoiceKind(get_args(CommitMode)),
        Group.GIT,
        "Commit after each turn, once at the end of the session, only stage the changes, or leave git alone.",
        scope=Scope.ANYONE,
        common=True,
    )
    dirty_commits: bool = setting(
        True,
        SWITCH,
        Group.GIT,
        "Before the model edits a file, commit your own changes to it separately.",
        scope=Scope.ANYONE,
    )
    commit_verify: bool = setting(
        True,
        SWITCH,
        Group.GIT,
        "Run the hooks of a trusted repository when committing.",
        "--git-commit-verify",
    )
    attribute_co_authored_by: bool = setting(
        True,
        SWITCH,
        Group.GIT,
        "Name the model in a Co-authored-by line of each commit.",
        scope=Scope.ANYONE,
    )
    attribute_author: bool = setting(
        False,
        SWITCH,
        Group.GIT,
        'Add "(trigpoint)" to your name as author of the commits that a turn makes.',
        scope=Scope.ANYONE,
    )
    attribute_committer: bool = setting(
        False,
        SWITCH,
        Group.GIT,
        "The same for your name as committer.",
        scope=Scope.ANYONE,
    )
    attribute_commit_message_author: bool = setting(
        False,
        SWITCH,
        Group.GIT,
        'Begin the subject of the commits that a turn makes with "trigpoint: ".',
        scope=Scope.ANYONE,
    )
    attribute_commit_message_committer: bool = setting(
        False,
        SWITCH,
        Group.GIT,
        "The same for every message that the weak model writes, that of /commit as well.",
        scope=Scope.ANYONE,
    )
    commit_prompt: str = setting(
        "",
        TEXT,
        Group.GIT,
        "Instructions for writing commit messages. Defaults to following the style of the log.",
        scope=Scope.ANYONE,
    )
    commit_language: str = setting(
        "",
        TextKind("LANGUAGE"),
        Group.GIT,
        "Language of commit messages. Defaults to the language of the log.",
        scope=Scope.ANYONE,
    )

    # Permissions ---------------------------------------------------------------------------------
    permission_mode: PermissionMode = setting(
        "default",
        ChoiceKind(get_args(PermissionMode)),
        Group.PERMISSION,
        "What happens without a question. default: edits, and commands that only look; acceptEdits: edits even with "
        "--ask; plan: nothing is written, and only commands that look are run; dontAsk: what no rule allows is denied; "
        "bypassPermissions: everything that no rule denies.",
        scope=Scope.ANYONE,
        scopes=MappingProxyType(
            {
                **dict.fromkeys(("default", "acceptEdits", "dontAsk"), Scope.TRUSTED),
                "bypassPermissions": Scope.USER,
            }
        ),
    )
    allowed_tools: tuple[str, ...] = setting(
        (),
        RULES,
        Group.PERMISSION,
        "What may be done without a question, such as `Bash(pytest *)` or `Edit(src/**)`. Repeatable.",
        "--allowedTools",
    )
    ask_tools: tuple[str, ...] = setting(
        (),
        RULES,
        Group.PERMISSION,
        "What you are asked about although another rule allows it. Repeatable.",
        scope=Scope.ANYONE,
    )
    disallowed_tools: tuple[str, ...] = setting(
        (),
        RULES,
        Group.PERMISSION,
        "What is never done, such as `Bash(git push *)` or `Read(secrets/**)`; comes before all other rules. "
        "Repeatable.",
        "--disallowedTools",
        scope=Scope.ANYONE,
    )

    sandbox: SandboxChoice = setting(
        "auto",
        ChoiceKind(get_args(SandboxChoice)),
        Group.PERMISSION,
        "Where commands of the model's run. bwrap: without network, with nothing to write but the work tree, without "
        "your home, and --lint-cmd, --test-cmd, --scan-cmd, --evidence-cmd, --check and a repository's hooks, too; the "
        "program does not start where that cannot be had. auto: the model's commands in bwrap, where it works. none: "
        "without. sandbox-exec is for macOS, and untried.",
        scope=Scope.USER,
        scopes=MappingProxyType({"bwrap": Scope.TRUSTED}),
    )
    setup_cmd: str = setting(
        "",
        COMMAND,
        Group.PERMISSION,
        "Command that prepares the sandbox: it runs once in a session, with the network, before the first command, and "
        "what it installs is kept for the session.",
    )
    command_timeout: float = setting(
        300.0,
        FloatKind("SECONDS", 1, 86_400),
        Group.PERMISSION,
        "Time limit for a command of the model's.",
    )

    # Agents --------------------------------------------------------------------------------------
    agents: AgentsOffered = setting(
        "auto",
        ChoiceKind(get_args(AgentsOffered)),
        Group.AGENTS,
        "Which agents the main model may hand tasks to. auto: all, once you or a trusted repository has a file for "
        "one; all: also the built-in ones alone; none. /agent works with each of them. See docs/agents.md.",
    )
    agent_result_tokens: int = setting(
        1000,
        IntKind("TOKENS", 100),
        Group.AGENTS,
        "Upper limit for the tokens that the result of an agent adds to the prompt of the main model.",
    )
    agent_max_turns: int = setting(
        20,
        IntKind("N", 1),
        Group.AGENTS,
        "How many replies an agent may take for a task, if its file does not say.",
    )
