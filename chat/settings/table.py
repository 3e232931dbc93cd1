"""All settings in one table: each row gives a flag, a variable, a key in files, help and docs.

`Settings` is the table: a frozen value whose fields carry their rows. `load` fills it in.
"""
# ruff: noqa: RUF009  `setting` makes a field, as `dataclasses.field` does

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Literal, cast, get_args

from chat.permissions.rule import Behavior, PermissionMode, Rules, parse_rules
from chat.sandbox.layout import SandboxChoice
from chat.settings.kinds import (
    BoolKind,
    ChoiceKind,
    EncodingsKind,
    FloatKind,
    IntKind,
    ListKind,
    MapKind,
    RulesKind,
    TextKind,
    Value,
)
from chat.settings.row import Group, Row, Scope, setting

OutputFormat = Literal["text", "json", "stream-json"]
InputFormat = Literal["text", "stream-json"]
MapRefresh = Literal["auto", "always", "files", "manual"]
ModeName = Literal["code", "ask", "architect"]
EditFormat = Literal["auto", "diff", "diff-fenced", "udiff", "whole", "patch"]
AgentsOffered = Literal["auto", "all", "none"]
CommitMode = Literal["turn", "session", "stage", "none"]
COMMITTING: tuple[CommitMode, ...] = ("turn", "session")
"""The modes that make commits."""


_TEXT, _SWITCH, _COUNT = TextKind(), BoolKind(), IntKind()
_FILE = TextKind("FILE", path=True)
_PATHS = ListKind("PATH", path=True)
_MODEL = TextKind("MODEL")
_COMMAND = TextKind("COMMAND")
_RULES = RulesKind()


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of one run; `changed` makes a new value."""

    # One request ---------------------------------------------------------------------------------
    message: str = setting(
        "",
        _TEXT,
        Group.ASK,
        "Send this one request, apply the reply, and exit.",
        "-m",
        "--msg",
        scope=Scope.RUN,
        common=True,
    )
    print: str = setting(
        "",
        _TEXT,
        Group.ASK,
        "Like --message, but print only the model's answer. Without TEXT, standard input is the request.",
        "-p",
        scope=Scope.RUN,
        common=True,
    )
    message_file: str = setting(
        "", _FILE, Group.ASK, "Read the request from a file; - reads standard input.", "-f", scope=Scope.RUN
    )
    goal: str = setting(
        "",
        TextKind("CONDITION"),
        Group.ASK,
        'Work until this condition is met, turn after turn, and exit; like --message "/goal CONDITION". `checks` means '
        "that every --check succeeds. See docs/goals.md.",
        scope=Scope.RUN,
    )
    plan: bool = setting(
        True,
        _SWITCH,
        Group.ASK,
        "Let a goal begin with a plan: one more call asks the main model for a checklist, or whether none is needed.",
    )
    fresh_every: int = setting(
        0,
        _COUNT,
        Group.ASK,
        "Begin a new conversation after N turns of a goal: with the goal, its plan, the diff and what was tried. "
        "0 does so only when it fails in the same way twice.",
    )
    report: str = setting(
        "",
        _FILE,
        Group.ASK,
        "At the end of a goal or of a single run, write a report in Markdown to this file.",
        scope=Scope.RUN,
    )
    yes: bool = setting(
        False,
        _SWITCH,
        Group.ASK,
        "Answer yes to every question. Commands that the model proposes are still not run.",
        "-y",
        "--yes-always",
        common=True,
    )
    dry_run: bool = setting(False, _SWITCH, Group.ASK, "Show the changes without writing them.", "-n")
    output_format: OutputFormat = setting(
        "text",
        ChoiceKind(get_args(OutputFormat)),
        Group.ASK,
        "What to print on standard output: the answer, one JSON object at the end, or one JSON object per "
        "line as things happen.",
    )
    input_format: InputFormat = setting(
        "text",
        ChoiceKind(get_args(InputFormat)),
        Group.ASK,
        "What standard input holds: text that goes below the request, or one JSON message of the user per line, "
        "each answered in its turn.",
        scope=Scope.RUN,
    )
    json_schema: str = setting(
        "",
        TextKind("FILE|JSON"),
        Group.ASK,
        "Print, instead of the answer, JSON that fits this JSON Schema; the model is asked once more if its answer "
        "does not fit.",
        scope=Scope.RUN,
    )
    require_changes: bool = setting(False, _SWITCH, Group.ASK, "Exit with code 1 if no file was changed.")
    show_repo_map: bool = setting(
        False,
        _SWITCH,
        Group.ASK,
        "Print the repository map that the model would see, and exit.",
        scope=Scope.RUN,
    )
    show_prompts: bool = setting(
        False, _SWITCH, Group.ASK, "Print the prompt that would be sent, and exit.", scope=Scope.RUN
    )

    # Models --------------------------------------------------------------------------------------
    model: str = setting(
        "",
        _MODEL,
        Group.MODEL,
        "Main model, in litellm's notation (openai/gpt-4.1, ollama_chat/qwen3) or as an alias. If empty, it is "
        "chosen by the API keys in the environment or a local server.",
        common=True,
    )
    weak_model: str = setting(
        "",
        _MODEL,
        Group.MODEL,
        "Cheaper model for commit messages and summaries. Defaults to the small model of the same provider, if it is "
        "cheaper and there is no --api-base; else to --model.",
    )
    editor_model: str = setting(
        "", _MODEL, Group.MODEL, "Model that writes the edits in architect mode. Defaults to --model."
    )
    judge_model: str = setting(
        "",
        _MODEL,
        Group.MODEL,
        "Model that judges whether a goal is met, or which of two attempts is better. Defaults to --weak-model.",
    )
    alias: tuple[tuple[str, str], ...] = setting(
        (), MapKind("NAME:MODEL", ":"), Group.MODEL, "Short name for a model. Repeatable."
    )
    api_base: str = setting(
        "", TextKind("URL"), Group.MODEL, "Address of the model's server, if it is not the provider's own."
    )
    api_key: tuple[tuple[str, str], ...] = setting(
        (),
        MapKind("[PROVIDER=]KEY", "=", bare=True),
        Group.MODEL,
        "API key for one provider, or for the provider of --model. Repeatable. Prefer the environment "
        "(OPENAI_API_KEY, …), since other users can see command lines.",
        scope=Scope.USER,
        secret=True,
    )
    set_env: tuple[tuple[str, str], ...] = setting(
        (),
        MapKind("NAME=VALUE"),
        Group.MODEL,
        "Set an environment variable for litellm. Repeatable.",
        secret=True,
    )
    timeout: float = setting(
        600.0,
        FloatKind("SECONDS", 1, 86_400),
        Group.MODEL,
        "Time limit for one call to a model, including retries.",
    )
    reasoning_effort: str = setting(
        "",
        TextKind("EFFORT"),
        Group.MODEL,
        "How much a reasoning model thinks (low, medium, high, …). If empty, the model decides.",
    )
    thinking_tokens: int | None = setting(
        None,
        IntKind("TOKENS", auto=True),
        Group.MODEL,
        "Token budget for thinking, for models that accept one; 0 turns thinking off, auto lets the model decide.",
    )
    temperature: float | None = setting(
        None,
        FloatKind("X", 0, 2, auto=True),
        Group.MODEL,
        "Sampling temperature; auto lets the model decide.",
    )
    model_metadata_file: str = setting(
        "",
        _FILE,
        Group.MODEL,
        "Context windows and prices of models that litellm does not know, as JSON in litellm's format.",
    )
    context_tokens: int | None = setting(
        None,
        IntKind("TOKENS", 1024, auto=True),
        Group.MODEL,
        "Upper limit for the tokens of a prompt; auto uses the model's context window.",
    )

    # What the model sees --------------------------------------------------------------------------
    file: tuple[str, ...] = setting(
        (),
        _PATHS,
        Group.CONTEXT,
        "File to show to the model for editing, like a FILE argument without a flag. On the command line, one that "
        "does not exist is created. Repeatable.",
        scope=Scope.ANYONE,
    )
    read: tuple[str, ...] = setting(
        (),
        _PATHS,
        Group.CONTEXT,
        "File to show to the model without letting it edit the file, also from outside the repository. Repeatable.",
        scope=Scope.ANYONE,
        common=True,
    )
    map_tokens: int | None = setting(
        None,
        IntKind("TOKENS", auto=True),
        Group.CONTEXT,
        "Upper limit for the tokens of the repository map; 0 turns the map off, auto follows the model's "
        "context window.",
        scope=Scope.ANYONE,
    )
    map_refresh: MapRefresh = setting(
        "auto",
        ChoiceKind(get_args(MapRefresh)),
        Group.CONTEXT,
        "When to update the maps. auto: the map for the request each time, the overview when the prompt is "
        "rebuilt; always: both for each request; files: when the chat's files change; manual: only with /map-refresh.",
        scope=Scope.ANYONE,
    )
    subtree_only: bool = setting(
        False, _SWITCH, Group.CONTEXT, "Leave out everything outside the current folder.", scope=Scope.ANYONE
    )
    store: str = setting(
        "",
        TextKind("URL"),
        Group.CONTEXT,
        "Look up parsed files that are new here in a store that others have filled by `trigpoint index --store`: a "
        "folder, s3://BUCKET/PATH or another URL of fsspec. Nothing is written there. See docs/scale.md.",
        scope=Scope.USER,
        secret=True,
    )
    grant_files: int = setting(
        12,
        _COUNT,
        Group.CONTEXT,
        "How many files the model may see on request in a turn before you are asked; 0 always asks.",
    )
    grant_tokens: int | None = setting(
        None,
        IntKind("TOKENS", auto=True),
        Group.CONTEXT,
        "Upper limit for the tokens of such requests in a turn; 0 refuses them, auto follows the model's "
        "context window.",
    )
    append_system_prompt: str = setting(
        "",
        _TEXT,
        Group.CONTEXT,
        "Add this text to the rules that every prompt begins with.",
        scope=Scope.USER,
    )
    offload_at: int = setting(
        4000,
        IntKind("TOKENS"),
        Group.CONTEXT,
        "Save command output longer than this to a file, and show the model only its beginning, end and errors; "
        "0 shows everything.",
        scope=Scope.ANYONE,
    )
    chat_language: str = setting(
        "",
        TextKind("LANGUAGE"),
        Group.CONTEXT,
        "Language of the model's answers. Defaults to the language of the request.",
        scope=Scope.ANYONE,
    )

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
    ask: bool = setting(False, _SWITCH, Group.EDIT, "Ask before writing the edits of a reply.")
    syntax_gate: bool = setting(
        True, _SWITCH, Group.EDIT, "Refuse edits that break the brackets, quotes or blocks of a file."
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
        _COUNT,
        Group.EDIT,
        "How often a turn may return to the model with refused edits or failed checks; 0 never does.",
    )
    suggest_shell_commands: bool = setting(
        True,
        _SWITCH,
        Group.EDIT,
        "Offer to run the commands that a reply proposes. None runs without your consent.",
    )

    # Git -----------------------------------------------------------------------------------------
    git: bool = setting(
        True, _SWITCH, Group.GIT, "Use the git repository around the folder, if there is one."
    )
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
        _SWITCH,
        Group.GIT,
        "Before the model edits a file, commit your own changes to it separately.",
        scope=Scope.ANYONE,
    )
    commit_verify: bool = setting(
        True,
        _SWITCH,
        Group.GIT,
        "Run the hooks of a trusted repository when committing.",
        "--git-commit-verify",
    )
    attribute_co_authored_by: bool = setting(
        True,
        _SWITCH,
        Group.GIT,
        "Name the model in a Co-authored-by line of each commit.",
        scope=Scope.ANYONE,
    )
    attribute_author: bool = setting(
        False,
        _SWITCH,
        Group.GIT,
        'Add "(trigpoint)" to your name as author of the commits that a turn makes.',
        scope=Scope.ANYONE,
    )
    attribute_committer: bool = setting(
        False,
        _SWITCH,
        Group.GIT,
        "The same for your name as committer.",
        scope=Scope.ANYONE,
    )
    attribute_commit_message_author: bool = setting(
        False,
        _SWITCH,
        Group.GIT,
        'Begin the subject of the commits that a turn makes with "trigpoint: ".',
        scope=Scope.ANYONE,
    )
    attribute_commit_message_committer: bool = setting(
        False,
        _SWITCH,
        Group.GIT,
        "The same for every message that the weak model writes, that of /commit as well.",
        scope=Scope.ANYONE,
    )
    commit_prompt: str = setting(
        "",
        _TEXT,
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
        _RULES,
        Group.PERMISSION,
        "What may be done without a question, such as `Bash(pytest *)` or `Edit(src/**)`. Repeatable.",
        "--allowedTools",
    )
    ask_tools: tuple[str, ...] = setting(
        (),
        _RULES,
        Group.PERMISSION,
        "What you are asked about although another rule allows it. Repeatable.",
        scope=Scope.ANYONE,
    )
    disallowed_tools: tuple[str, ...] = setting(
        (),
        _RULES,
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
        _COMMAND,
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

    # Lint and test -------------------------------------------------------------------------------
    lint_cmd: tuple[tuple[str, str], ...] = setting(
        (),
        MapKind("[LANGUAGE: ]COMMAND", ": ", bare=True),
        Group.CHECK,
        "Command that checks edited files, which it gets as arguments. Repeatable, one per language.",
    )
    auto_lint: bool = setting(
        True, _SWITCH, Group.CHECK, "Run --lint-cmd after each edit and send its findings to the model."
    )
    test_cmd: str = setting("", _COMMAND, Group.CHECK, "Command that tests the project.", common=True)
    auto_test: bool = setting(
        False,
        _SWITCH,
        Group.CHECK,
        "Run --test-cmd after each edit and send failures to the model.",
        common=True,
    )
    scan_cmd: str = setting(
        "",
        _COMMAND,
        Group.CHECK,
        "Command that has to succeed before anything is committed or staged, such as a secret scanner. Git's index "
        "is what would be committed; {files} stands for the changed files. Its findings go to the model.",
    )
    evidence_cmd: str = setting(
        "",
        _COMMAND,
        Group.CHECK,
        "Command that runs at the end of a job, or of a run with --report; the files that it writes to the folder "
        "$TRIGPOINT_EVIDENCE_DIR, such as screenshots, are kept with the report.",
    )

    check: tuple[str, ...] = setting(
        (),
        ListKind("COMMAND"),
        Group.CHECK,
        "Command that has to succeed before a goal counts as met; it is run after each turn of the goal. Repeatable.",
    )
    checks_decide: bool = setting(
        False,
        _SWITCH,
        Group.CHECK,
        "A goal is met as soon as every --check succeeds; no model judges its text.",
    )

    # Limits --------------------------------------------------------------------------------------
    max_turns: int = setting(
        0, _COUNT, Group.LIMIT, "Exit with code 53 after this many turns; 0 sets no limit."
    )
    max_budget_usd: float = setting(
        0.0,
        FloatKind("USD"),
        Group.LIMIT,
        "Exit with code 54 before a call that could exceed this cost for the session, in US dollars; 0 sets no "
        "limit.",
    )
    max_tokens_total: int = setting(
        0, IntKind("TOKENS"), Group.LIMIT, "The same limit for all tokens sent and received; 0 sets no limit."
    )
    max_seconds: float = setting(
        0.0,
        FloatKind("SECONDS"),
        Group.LIMIT,
        "The same limit for the time since the start; 0 sets no limit.",
    )

    # Sessions ------------------------------------------------------------------------------------
    continue_session: bool = setting(
        False,
        _SWITCH,
        Group.SESSION,
        "Continue the newest session of this folder, or start one if there is none.",
        "-c",
        scope=Scope.RUN,
        name="continue",
        common=True,
    )
    resume: str = setting(
        "",
        TextKind("ID"),
        Group.SESSION,
        "Continue the session with this id; its beginning is enough, and `trigpoint sessions` lists them.",
        "-r",
        scope=Scope.RUN,
    )
    fork_session: bool = setting(
        False,
        _SWITCH,
        Group.SESSION,
        "With --continue or --resume: continue in a copy and leave the session unchanged.",
        scope=Scope.RUN,
    )
    session_persistence: bool = setting(
        True,
        _SWITCH,
        Group.SESSION,
        "Save the session to disk, so that it can be continued.",
        scope=Scope.USER,
    )
    propose_notes: bool = setting(
        True,
        _SWITCH,
        Group.SESSION,
        "Propose notes for later sessions at the end of a chat. Each is saved only if you agree.",
        scope=Scope.USER,
    )
    compact_at: float = setting(
        0.6,
        FloatKind("X"),
        Group.SESSION,
        "When to replace earlier turns in the prompt by a summary: a share of the context window up to 1, or a "
        "number of tokens; 0 never does.",
    )
    pause_after_compaction: bool = setting(
        False, _SWITCH, Group.SESSION, "Stop after the prompt was rebuilt, so that you can read the summary."
    )

    # Terminal ------------------------------------------------------------------------------------
    stream: bool = setting(True, _SWITCH, Group.TERMINAL, "Show the reply while it arrives.")
    pretty: bool = setting(
        True,
        _SWITCH,
        Group.TERMINAL,
        "Use colours and formatting in a terminal, unless NO_COLOR is set.",
    )
    vim: bool = setting(
        False, _SWITCH, Group.TERMINAL, "Use vi key bindings at the prompt.", scope=Scope.USER
    )
    watch: bool = setting(
        False,
        _SWITCH,
        Group.TERMINAL,
        "At the prompt, begin a turn when a comment that ends in AI! (do it) or AI? (answer it) is saved in a file.",
        scope=Scope.USER,
    )
    multiline: bool = setting(
        False,
        _SWITCH,
        Group.TERMINAL,
        "Let Enter start a new line and Alt-Enter send the message.",
        scope=Scope.USER,
    )
    editor: str = setting("", _COMMAND, Group.TERMINAL, "Editor for /editor. Defaults to VISUAL or EDITOR.")
    notifications_command: str = setting(
        "", _COMMAND, Group.TERMINAL, "Command to run when a turn has ended and waits for you."
    )
    input_history_file: str = setting(
        "",
        _FILE,
        Group.TERMINAL,
        "File for the history of typed lines. Defaults to one in your state folder.",
        scope=Scope.USER,
    )
    llm_history_file: str = setting(
        "",
        _FILE,
        Group.SESSION,
        "Append every prompt and reply to this file, as text.",
    )
    load: str = setting("", _FILE, Group.TERMINAL, "Run the chat commands in this file at the start.")
    verbose: bool = setting(
        False,
        _SWITCH,
        Group.TERMINAL,
        "Print more on standard error: each call with its tokens and time, the files of the chat, all thoughts.",
        "-v",
    )

    # Configuration -------------------------------------------------------------------------------
    config: str = setting(
        "",
        _FILE,
        Group.CONFIG,
        "Also read this settings file; it overrides all others.",
        scope=Scope.RUN,
    )
    env_file: str = setting(
        "",
        _FILE,
        Group.CONFIG,
        "Read environment variables, such as API keys, from this file. A repository's .env is never read "
        "automatically.",
        scope=Scope.USER,
    )
    bare: bool = setting(
        False,
        _SWITCH,
        Group.CONFIG,
        "Use only flags and variables: no settings files, AGENTS.md, memory or hooks. The session is "
        "not saved unless --session-persistence or --resume asks for it.",
        scope=Scope.RUN,
    )

    sources: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    """Where values come from, by the setting's name, apart from defaults; not a setting itself."""
    rule_sources: tuple[tuple[str, str, str], ...] = field(default=(), compare=False, repr=False)
    """Name of the setting, rule and source, for each rule of permission; not a setting itself."""


def _rows() -> dict[str, Row]:
    rows = {}
    for attribute in fields(Settings):
        if attribute.metadata:
            metadata = dict(attribute.metadata)
            name = metadata.pop("name") or attribute.name.replace("_", "-")
            default = cast("Value", attribute.default)
            rows[name] = Row(attribute=attribute.name, name=name, default=default, **metadata)
    return rows


ROWS: Mapping[str, Row] = MappingProxyType(_rows())
"""Every setting by its name, in the order of the table."""


RULE_SETTINGS: Mapping[Behavior, str] = MappingProxyType(
    {"allow": "allowed-tools", "ask": "ask-tools", "deny": "disallowed-tools"}
)
"""The settings that hold rules of permission, by what the rules do."""


def rules_of(settings: Settings) -> Rules:
    """Return the rules of permission in force."""
    return Rules(
        allow=parse_rules(settings.allowed_tools),
        ask=parse_rules(settings.ask_tools),
        deny=parse_rules(settings.disallowed_tools),
    )


def changed(settings: Settings, values: Mapping[str, Value], source: str) -> Settings:
    """Return the settings with some values, by name, replaced, and their source noted."""
    attributes = {ROWS[name].attribute: value for name, value in values.items()}
    sources = dict(settings.sources) | dict.fromkeys(values, source)
    return replace(settings, **attributes, sources=tuple(sources.items()))  # type: ignore[arg-type]


def with_rules_of(settings: Settings, name: str, rules: tuple[str, ...], source: str) -> Settings:
    """Return the settings with the source of the rules noted that it adds to a setting."""
    rows = (*settings.rule_sources, *((name, rule, source) for rule in rules))
    return replace(settings, rule_sources=tuple(dict.fromkeys(rows)))


def value_of(settings: Settings, row: Row) -> Value:
    """Return the value that the settings have in a row."""
    return cast("Value", getattr(settings, row.attribute))
