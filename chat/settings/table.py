"""The settings, as one table: each row gives a flag, a variable, a key of the files, its help and its docs.

`Settings` is the table: a frozen value whose fields carry their rows. Pure; `config.py` fills it in.
"""
# ruff: noqa: RUF009  `setting` makes a field, as `dataclasses.field` does

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Literal, cast, get_args

from chat.settings.kinds import Choice, Many, Number, Pairs, Switch, Text, Value, Whole
from chat.settings.row import Group, Row, Scope, setting

OutputFormat = Literal["text", "json", "stream-json"]
MapRefresh = Literal["auto", "always", "files", "manual"]
ModeName = Literal["code", "ask", "architect"]
EditFormat = Literal["auto", "diff", "diff-fenced", "udiff", "whole", "patch"]
CommitMode = Literal["turn", "session", "stage", "none"]


_TEXT, _ON, _COUNT = Text(), Switch(), Whole()
_FILE = Text("FILE", path=True)
_PATHS = Many("PATH", path=True)
_MODEL = Text("MODEL")
_COMMAND = Text("COMMAND")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of one run. A change makes a new value, by `changed`."""

    # One request ---------------------------------------------------------------------------------
    message: str = setting(
        "",
        _TEXT,
        Group.ASK,
        "Send this one request, carry out the reply, and end.",
        "-m",
        "--msg",
        scope=Scope.RUN,
        common=True,
    )
    print: str = setting(
        "",
        _TEXT,
        Group.ASK,
        "As --message, and print the model's answer alone.",
        "-p",
        scope=Scope.RUN,
        common=True,
    )
    message_file: str = setting(
        "", _FILE, Group.ASK, "Read the request from a file; - is standard input.", "-f", scope=Scope.RUN
    )
    yes: bool = setting(
        False,
        _ON,
        Group.ASK,
        "Answer every question with yes; commands that the model proposes are still not run.",
        "-y",
        "--yes-always",
        common=True,
    )
    dry_run: bool = setting(False, _ON, Group.ASK, "Show the change and write nothing.", "-n")
    output_format: OutputFormat = setting(
        "text",
        Choice(get_args(OutputFormat)),
        Group.ASK,
        "What standard output holds: the answer, one JSON object at the end, or one JSON object a line as "
        "things happen.",
    )
    require_changes: bool = setting(False, _ON, Group.ASK, "End with code 1 when no file was changed.")
    show_repo_map: bool = setting(
        False, _ON, Group.ASK, "Print the map that the model would be shown, and end.", scope=Scope.RUN
    )
    show_prompts: bool = setting(
        False, _ON, Group.ASK, "Print the prompt that would be sent, and end.", scope=Scope.RUN
    )

    # Models --------------------------------------------------------------------------------------
    model: str = setting(
        "",
        _MODEL,
        Group.MODEL,
        "The model that answers, as litellm names it (openai/gpt-4.1, ollama_chat/qwen3) or by an alias; "
        "empty looks for a key in the environment and for a local server.",
        common=True,
    )
    weak_model: str = setting(
        "", _MODEL, Group.MODEL, "A cheaper model for commit messages and summaries; empty uses --model."
    )
    editor_model: str = setting(
        "", _MODEL, Group.MODEL, "The model that writes the edits in architect mode; empty uses --model."
    )
    alias: tuple[tuple[str, str], ...] = setting(
        (), Pairs("NAME:MODEL", ":"), Group.MODEL, "A short name for a model. Repeatable."
    )
    api_base: str = setting(
        "", Text("URL"), Group.MODEL, "The address of the model's server, where it is not the provider's own."
    )
    api_key: tuple[tuple[str, str], ...] = setting(
        (),
        Pairs("[PROVIDER=]KEY", "=", bare=True),
        Group.MODEL,
        "A key, for one provider or for --model's. Repeatable. Better in the environment "
        "(OPENAI_API_KEY, …), where no list of processes shows it.",
        scope=Scope.USER,
        secret=True,
    )
    set_env: tuple[tuple[str, str], ...] = setting(
        (),
        Pairs("NAME=VALUE"),
        Group.MODEL,
        "Set an environment variable for the model's library. Repeatable.",
        secret=True,
    )
    timeout: float = setting(
        600.0, Number("SECONDS", 1, 86_400), Group.MODEL, "How long one call may take in all, tries included."
    )
    reasoning_effort: str = setting(
        "",
        Text("EFFORT"),
        Group.MODEL,
        "How much a reasoning model thinks (low, medium, high, …); empty leaves it to the model.",
    )
    thinking_tokens: int | None = setting(
        None,
        Whole("TOKENS", auto=True),
        Group.MODEL,
        "The budget for thinking of models that take one; 0 turns thinking off, auto leaves it to the model.",
    )
    temperature: float | None = setting(
        None,
        Number("X", 0, 2, auto=True),
        Group.MODEL,
        "How freely the model chooses its words, from 0 on; auto leaves it to the model.",
    )
    model_metadata_file: str = setting(
        "",
        _FILE,
        Group.MODEL,
        "Windows and prices of models that litellm does not know, as JSON in litellm's form.",
    )
    context_tokens: int | None = setting(
        None,
        Whole("TOKENS", 1024, auto=True),
        Group.MODEL,
        "The most tokens that a prompt may have; auto is the model's window.",
    )

    # What the model is shown ---------------------------------------------------------------------
    file: tuple[str, ...] = setting(
        (),
        _PATHS,
        Group.CONTEXT,
        "A file that the model may edit, shown to it; the same as naming it without a flag. Repeatable.",
        scope=Scope.ANYONE,
    )
    read: tuple[str, ...] = setting(
        (),
        _PATHS,
        Group.CONTEXT,
        "A file that the model is shown and may not edit. Repeatable.",
        scope=Scope.ANYONE,
        common=True,
    )
    map_tokens: int | None = setting(
        None,
        Whole("TOKENS", auto=True),
        Group.CONTEXT,
        "The most tokens for all that is told of files that are not in the chat; 0 is no map, auto follows "
        "the model's window.",
        scope=Scope.ANYONE,
    )
    map_refresh: MapRefresh = setting(
        "auto",
        Choice(get_args(MapRefresh)),
        Group.CONTEXT,
        "When the maps are made anew: auto for each request, and their stable part with a rebuild of the prompt; "
        "always both for each request; files when the chat's files change; manual by /map-refresh alone.",
        scope=Scope.ANYONE,
    )
    subtree_only: bool = setting(
        False, _ON, Group.CONTEXT, "Leave out what lies outside the current folder.", scope=Scope.ANYONE
    )
    grant_files: int = setting(
        12,
        _COUNT,
        Group.CONTEXT,
        "How many files a turn shows to a model that asks for them, without asking you; 0 asks each time.",
    )
    grant_tokens: int | None = setting(
        None,
        Whole("TOKENS", auto=True),
        Group.CONTEXT,
        "The most tokens that a turn gives to such requests; 0 gives nothing, auto follows the model's "
        "window.",
    )
    offload_at: int = setting(
        4000,
        Whole("TOKENS"),
        Group.CONTEXT,
        "Output of commands beyond this goes to a file, its head, tail and errors to the model; 0 shows all.",
        scope=Scope.ANYONE,
    )
    chat_language: str = setting(
        "",
        Text("LANGUAGE"),
        Group.CONTEXT,
        "The language that the model answers in; empty is that of the request.",
        scope=Scope.ANYONE,
    )

    # Modes and edits -----------------------------------------------------------------------------
    mode: ModeName = setting(
        "code",
        Choice(get_args(ModeName)),
        Group.EDIT,
        "What a request may do: edit, answer without editing, or have --model plan and --editor-model edit.",
        "--chat-mode",
        scope=Scope.ANYONE,
        common=True,
    )
    edit_format: EditFormat = setting(
        "auto",
        Choice(get_args(EditFormat)),
        Group.EDIT,
        "How the model writes its edits; auto takes what the model is known to do well.",
        scope=Scope.ANYONE,
    )
    ask: bool = setting(False, _ON, Group.EDIT, "Ask before the edits of a reply are written.")
    syntax_gate: bool = setting(
        True, _ON, Group.EDIT, "Refuse an edit after which a file that parsed would not parse."
    )
    max_reflections: int = setting(
        3,
        _COUNT,
        Group.EDIT,
        "How often a turn goes back to the model with refused edits or failed checks; 0 is never.",
    )
    suggest_shell_commands: bool = setting(
        True, _ON, Group.EDIT, "Offer the commands that a reply proposes; none runs unasked."
    )

    # Git -----------------------------------------------------------------------------------------
    git: bool = setting(True, _ON, Group.GIT, "Use the git repository around the folder, where there is one.")
    commit_mode: CommitMode = setting(
        "turn",
        Choice(get_args(CommitMode)),
        Group.GIT,
        "Commit after each turn, once at the end of the session, only stage, or leave git alone.",
        scope=Scope.ANYONE,
        common=True,
    )
    dirty_commits: bool = setting(
        True,
        _ON,
        Group.GIT,
        "Commit your own changes to a file first and apart, before the model edits it.",
        scope=Scope.ANYONE,
    )
    commit_verify: bool = setting(
        True, _ON, Group.GIT, "Run the hooks of a trusted repository when committing.", "--git-commit-verify"
    )
    attribute_co_authored_by: bool = setting(
        True, _ON, Group.GIT, "Name the model in a Co-authored-by line of each commit.", scope=Scope.ANYONE
    )
    commit_prompt: str = setting(
        "",
        _TEXT,
        Group.GIT,
        "What the model is told about writing commit messages; empty asks for the style of the log.",
        scope=Scope.ANYONE,
    )
    commit_language: str = setting(
        "",
        Text("LANGUAGE"),
        Group.GIT,
        "The language of commit messages; empty is that of the log.",
        scope=Scope.ANYONE,
    )

    # Lint and test -------------------------------------------------------------------------------
    lint_cmd: tuple[tuple[str, str], ...] = setting(
        (),
        Pairs("[LANGUAGE: ]COMMAND", ": ", bare=True),
        Group.CHECK,
        "The command that checks edited files, which it gets as arguments. Repeatable, one a language.",
    )
    auto_lint: bool = setting(
        True, _ON, Group.CHECK, "Run --lint-cmd after each edit and send what it finds back to the model."
    )
    test_cmd: str = setting("", _COMMAND, Group.CHECK, "The command that tests the project.", common=True)
    auto_test: bool = setting(
        False,
        _ON,
        Group.CHECK,
        "Run --test-cmd after each edit and send failures back to the model.",
        common=True,
    )

    # Limits --------------------------------------------------------------------------------------
    max_turns: int = setting(0, _COUNT, Group.LIMIT, "End after so many turns, with code 53; 0 is no limit.")
    max_budget_usd: float = setting(
        0.0,
        Number("USD"),
        Group.LIMIT,
        "Make no call that could take the session past so many US dollars, and end with code 54; "
        "0 is no limit.",
    )
    max_tokens_total: int = setting(
        0, Whole("TOKENS"), Group.LIMIT, "The same for all tokens sent and received; 0 is no limit."
    )
    max_seconds: float = setting(
        0.0, Number("SECONDS"), Group.LIMIT, "The same for the time since the start; 0 is no limit."
    )

    # Sessions ------------------------------------------------------------------------------------
    continue_session: bool = setting(
        False,
        _ON,
        Group.SESSION,
        "Go on with the newest session of this folder, or start one where there is none.",
        "-c",
        scope=Scope.RUN,
        name="continue",
        common=True,
    )
    resume: str = setting(
        "",
        Text("ID"),
        Group.SESSION,
        "Go on with this session; the beginning of its id is enough.",
        "-r",
        scope=Scope.RUN,
    )
    fork_session: bool = setting(
        False,
        _ON,
        Group.SESSION,
        "With --continue or --resume: go on in a copy and leave the session as it is.",
        scope=Scope.RUN,
    )
    session_persistence: bool = setting(
        True, _ON, Group.SESSION, "Keep the session on disk, so that it can be resumed.", scope=Scope.USER
    )
    propose_notes: bool = setting(
        True,
        _ON,
        Group.SESSION,
        "At the end of a chat at a terminal, propose notes for later sessions; each is kept only if you say so.",
        scope=Scope.USER,
    )
    compact_at: float = setting(
        0.6,
        Number("X"),
        Group.SESSION,
        "When the prompt is rebuilt with a summary of what is past: a share of the window up to 1, or a "
        "number of tokens; 0 is never.",
    )
    pause_after_compaction: bool = setting(
        False, _ON, Group.SESSION, "Stop after the prompt was rebuilt, so that you can look at the summary."
    )

    # Terminal ------------------------------------------------------------------------------------
    stream: bool = setting(True, _ON, Group.TERMINAL, "Show the reply while it arrives.")
    pretty: bool = setting(
        True,
        _ON,
        Group.TERMINAL,
        "Colours and formatting, where output goes to a terminal and NO_COLOR is not set.",
    )
    vim: bool = setting(False, _ON, Group.TERMINAL, "Edit the line with vi's keys.", scope=Scope.USER)
    multiline: bool = setting(
        False, _ON, Group.TERMINAL, "Enter makes a new line and Alt-Enter sends.", scope=Scope.USER
    )
    editor: str = setting(
        "", _COMMAND, Group.TERMINAL, "The editor of /editor; empty takes VISUAL or EDITOR."
    )
    notifications_command: str = setting(
        "", _COMMAND, Group.TERMINAL, "Run this when a turn has ended and you are wanted."
    )
    input_history_file: str = setting(
        "",
        _FILE,
        Group.TERMINAL,
        "Where typed lines are kept; empty is a file in your state folder.",
        scope=Scope.USER,
    )
    load: str = setting("", _FILE, Group.TERMINAL, "Run the chat commands in this file first.")
    verbose: bool = setting(False, _ON, Group.TERMINAL, "Tell more on standard error.", "-v")

    # Configuration -------------------------------------------------------------------------------
    config: str = setting(
        "",
        _FILE,
        Group.CONFIG,
        "Read this file of settings as well; it counts more than the others.",
        scope=Scope.RUN,
    )
    env_file: str = setting(
        "",
        _FILE,
        Group.CONFIG,
        "Read environment variables such as keys from this file. The .env of a repository is never read "
        "by itself.",
        scope=Scope.USER,
    )
    bare: bool = setting(
        False,
        _ON,
        Group.CONFIG,
        "Take flags and variables alone: no files of settings, no AGENTS.md, no memory, no hooks.",
        scope=Scope.RUN,
    )

    sources: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    """Where each value that is not the default comes from, by the setting's name; no setting itself."""


def _rows() -> dict[str, Row]:
    rows = {}
    for each in fields(Settings):
        if each.metadata:
            about = dict(each.metadata)
            name = about.pop("name") or each.name.replace("_", "-")
            rows[name] = Row(attribute=each.name, name=name, default=cast("Value", each.default), **about)
    return rows


ROWS: Mapping[str, Row] = MappingProxyType(_rows())
"""Every setting by its name, in the order of the table."""


def changed(settings: Settings, values: Mapping[str, Value], source: str) -> Settings:
    """The settings with some values, by name, replaced, and where these come from."""
    attributes = {ROWS[name].attribute: value for name, value in values.items()}
    sources = dict(settings.sources) | dict.fromkeys(values, source)
    return replace(settings, **attributes, sources=tuple(sources.items()))  # type: ignore[arg-type]


def value_of(settings: Settings, row: Row) -> Value:
    """What the settings say in a row."""
    return cast("Value", getattr(settings, row.attribute))
