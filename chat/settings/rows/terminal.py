"""What the prompt looks like, and where settings come from."""

from dataclasses import dataclass

from chat.settings.kinds import COMMAND, FILE, SWITCH
from chat.settings.row import Group, Scope, setting


@dataclass(frozen=True)
class TerminalSettings:
    """What the prompt looks like, and where settings come from."""

    # Terminal ------------------------------------------------------------------------------------
    stream: bool = setting(True, SWITCH, Group.TERMINAL, "Show the reply while it arrives.")
    pretty: bool = setting(
        True,
        SWITCH,
        Group.TERMINAL,
        "Use colours and formatting in a terminal, unless NO_COLOR is set.",
    )
    vim: bool = setting(False, SWITCH, Group.TERMINAL, "Use vi key bindings at the prompt.", scope=Scope.USER)
    watch: bool = setting(
        False,
        SWITCH,
        Group.TERMINAL,
        "At the prompt, begin a turn when a comment that ends in AI! (do it) or AI? (answer it) is saved in a file.",
        scope=Scope.USER,
    )
    multiline: bool = setting(
        False,
        SWITCH,
        Group.TERMINAL,
        "Let Enter start a new line and Alt-Enter send the message.",
        scope=Scope.USER,
    )
    editor: str = setting("", COMMAND, Group.TERMINAL, "Editor for /editor. Defaults to VISUAL or EDITOR.")
    notifications_command: str = setting(
        "", COMMAND, Group.TERMINAL, "Command to run when a turn has ended and waits for you."
    )
    input_history_file: str = setting(
        "",
        FILE,
        Group.TERMINAL,
        "File for the history of typed lines. Defaults to one in your state folder.",
        scope=Scope.USER,
    )
    llm_history_file: str = setting(
        "",
        FILE,
        Group.SESSION,
        "Append every prompt and reply to this file, as text.",
    )
    load: str = setting("", FILE, Group.TERMINAL, "Run the chat commands in this file at the start.")
    verbose: bool = setting(
        False,
        SWITCH,
        Group.TERMINAL,
        "Print more on standard error: each call with its tokens and time, the files of the chat, all thoughts.",
        "-v",
    )

    # Configuration -------------------------------------------------------------------------------
    config: str = setting(
        "",
        FILE,
        Group.CONFIG,
        "Also read this settings file; it overrides all others.",
        scope=Scope.RUN,
    )
    env_file: str = setting(
        "",
        FILE,
        Group.CONFIG,
        "Read environment variables, such as API keys, from this file. A repository's .env is never read "
        "automatically.",
        scope=Scope.USER,
    )
    bare: bool = setting(
        False,
        SWITCH,
        Group.CONFIG,
        "Use only flags and variables: no settings files, AGENTS.md, memory or hooks. The session is "
        "not saved unless --session-persistence or --resume asks for it.",
        scope=Scope.RUN,
    )
