"""What is checked after a change, how much may be taken, and what is kept."""

from dataclasses import dataclass

from chat.settings.kinds import COMMAND, COUNT, SWITCH, FloatKind, IntKind, ListKind, MapKind, TextKind
from chat.settings.row import Group, Scope, setting


@dataclass(frozen=True)
class RunSettings:
    """What is checked after a change, how much may be taken, and what is kept."""

    # Lint and test -------------------------------------------------------------------------------
    lint_cmd: tuple[tuple[str, str], ...] = setting(
        (),
        MapKind("[LANGUAGE: ]COMMAND", ": ", bare=True),
        Group.CHECK,
        "Command that checks edited files, which it gets as arguments. Repeatable, one per language.",
    )
    auto_lint: bool = setting(
        True, SWITCH, Group.CHECK, "Run --lint-cmd after each edit and send its findings to the model."
    )
    test_cmd: str = setting("", COMMAND, Group.CHECK, "Command that tests the project.", common=True)
    auto_test: bool = setting(
        False,
        SWITCH,
        Group.CHECK,
        "Run --test-cmd after each edit and send failures to the model.",
        common=True,
    )
    scan_cmd: str = setting(
        "",
        COMMAND,
        Group.CHECK,
        "Command that has to succeed before anything is committed or staged, such as a secret scanner. Git's index "
        "is what would be committed; {files} stands for the changed files. Its findings go to the model.",
    )
    evidence_cmd: str = setting(
        "",
        COMMAND,
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
        SWITCH,
        Group.CHECK,
        "A goal is met as soon as every --check succeeds; no model judges its text.",
    )

    # Limits --------------------------------------------------------------------------------------
    max_turns: int = setting(
        0, COUNT, Group.LIMIT, "Exit with code 53 after this many turns; 0 sets no limit."
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
        SWITCH,
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
        SWITCH,
        Group.SESSION,
        "With --continue or --resume: continue in a copy and leave the session unchanged.",
        scope=Scope.RUN,
    )
    session_persistence: bool = setting(
        True,
        SWITCH,
        Group.SESSION,
        "Save the session to disk, so that it can be continued.",
        scope=Scope.USER,
    )
    propose_notes: bool = setting(
        True,
        SWITCH,
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
        False, SWITCH, Group.SESSION, "Stop after the prompt was rebuilt, so that you can read the summary."
    )
