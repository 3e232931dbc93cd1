"""What is asked, and how the answer is given."""
# ruff: noqa: RUF009  `setting` makes a field, as `dataclasses.field` does

from dataclasses import dataclass
from typing import Literal, get_args

from chat.settings.kinds import COUNT, FILE, SWITCH, TEXT, ChoiceKind, TextKind
from chat.settings.row import Group, Scope, setting

OutputFormat = Literal["text", "json", "stream-json"]
InputFormat = Literal["text", "stream-json"]


@dataclass(frozen=True)
class RequestSettings:
    """What is asked, and how the answer is given."""

    # One request ---------------------------------------------------------------------------------
    message: str = setting(
        "",
        TEXT,
        Group.ASK,
        "Send this one request, apply the reply, and exit.",
        "-m",
        "--msg",
        scope=Scope.RUN,
        common=True,
    )
    print: str = setting(
        "",
        TEXT,
        Group.ASK,
        "Like --message, but print only the model's answer. Without TEXT, standard input is the request.",
        "-p",
        scope=Scope.RUN,
        common=True,
    )
    message_file: str = setting(
        "", FILE, Group.ASK, "Read the request from a file; - reads standard input.", "-f", scope=Scope.RUN
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
        SWITCH,
        Group.ASK,
        "Let a goal begin with a plan: one more call asks the main model for a checklist, or whether none is needed.",
    )
    fresh_every: int = setting(
        0,
        COUNT,
        Group.ASK,
        "Begin a new conversation after N turns of a goal: with the goal, its plan, the diff and what was tried. "
        "0 does so only when it fails in the same way twice.",
    )
    report: str = setting(
        "",
        FILE,
        Group.ASK,
        "At the end of a goal or of a single run, write a report in Markdown to this file.",
        scope=Scope.RUN,
    )
    yes: bool = setting(
        False,
        SWITCH,
        Group.ASK,
        "Answer yes to every question. Commands that the model proposes are still not run.",
        "-y",
        "--yes-always",
        common=True,
    )
    dry_run: bool = setting(False, SWITCH, Group.ASK, "Show the changes without writing them.", "-n")
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
    require_changes: bool = setting(False, SWITCH, Group.ASK, "Exit with code 1 if no file was changed.")
    show_repo_map: bool = setting(
        False,
        SWITCH,
        Group.ASK,
        "Print the repository map that the model would see, and exit.",
        scope=Scope.RUN,
    )
    show_prompts: bool = setting(
        False, SWITCH, Group.ASK, "Print the prompt that would be sent, and exit.", scope=Scope.RUN
    )
