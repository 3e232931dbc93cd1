"""[io] The user's lint and test commands after an edit, and what of their output the model is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from chat.conversation.long_output import condensed
from chat.events import CommandRan
from chat.model import Purpose, RepoPath
from chat.ports import Ran
from chat.sessions.records import CommandDone, CommandIntent, OutputKept
from chat.state.state import State
from chat.state.tokens import count_once

_FAILED = "`{command}` failed with exit code {code}:\n\n{output}\n\nFix this."


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks found."""

    lint: Ran | None = None
    test: Ran | None = None
    feedback: str = ""
    """For the model; empty where nothing failed."""


def check_edits(state: State, paths: Sequence[RepoPath]) -> Checked:
    """Runs the lint command of each edited file's language, and the tests once lint is clean."""
    settings = state.settings
    found: Ran | None = None
    for command in lint_commands(settings.lint_cmd, paths) if settings.auto_lint else ():
        found, told = _checked(state, command, "lint")
        if told:
            return Checked(found, None, told)
    if not (settings.auto_test and settings.test_cmd):
        return Checked(found)
    test, told = _checked(state, settings.test_cmd, "test")
    return Checked(found, test, told)


def _checked(state: State, command: str, purpose: Purpose) -> tuple[Ran, str]:
    """Runs a check, unless its result is known from an interrupted turn; and what the model is told of it."""
    known = state.calls.reusable.take_run(command) if state.calls.reusable else None
    if known is not None:
        ran = Ran(command, known.exit_code, known.told)
        state.ports.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
        return ran, known.told
    intent = state.ports.journal.write(CommandIntent(command, purpose))
    ran = state.ports.shell.run(command)
    told = _feedback(state, ran) if ran.exit_code != 0 else ""
    state.ports.journal.write(CommandDone(intent, ran.exit_code, told))
    state.ports.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
    return ran, told


def run_tests(state: State) -> Ran:
    """Runs the test command."""
    return run(state, state.settings.test_cmd, "test")


def run(state: State, command: str, purpose: Purpose) -> Ran:
    """Runs a command, journaled, and tells the user."""
    intent = state.ports.journal.write(CommandIntent(command, purpose))
    ran = state.ports.shell.run(command)
    state.ports.journal.write(CommandDone(intent, ran.exit_code))
    state.ports.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
    return ran


def lint(state: State, paths: Sequence[RepoPath]) -> Ran | None:
    """Runs the lint commands on files, up to the first that finds something; gives the last run, if any."""
    found: Ran | None = None
    for command in lint_commands(state.settings.lint_cmd, paths):
        found = run(state, command, "lint")
        if found.exit_code != 0:
            return found
    return found


def lint_commands(table: Sequence[tuple[str, str]], paths: Sequence[RepoPath]) -> list[str]:
    """The command lines that lint these files."""
    commands = _commands(table, paths)
    return [" ".join([command, *map(_quoted, files)]) for command, files in commands.items()]


def _commands(table: Sequence[tuple[str, str]], paths: Sequence[RepoPath]) -> dict[str, list[RepoPath]]:
    """Which command gets which files: that of their language, else the one for all."""
    named = {language.lower().lstrip("."): command for language, command in table if language}
    common = next((command for language, command in table if not language), "")
    taken: dict[str, list[RepoPath]] = {}
    for path in paths:
        suffix = PurePosixPath(path).suffix.lstrip(".").lower()
        command = named.get(suffix) or named.get(_LANGUAGES.get(suffix, "")) or common
        if command:
            taken.setdefault(command, []).append(path)
    return taken


_LANGUAGES = {
    "py": "python",
    "pyi": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "rb": "ruby",
    "rs": "rust",
    "go": "go",
    "java": "java",
    "c": "c",
    "h": "c",
    "cc": "cpp",
    "cpp": "cpp",
    "hpp": "cpp",
    "cs": "csharp",
    "php": "php",
    "sh": "bash",
    "kt": "kotlin",
    "swift": "swift",
}


def _feedback(state: State, ran: Ran) -> str:
    """What the model is told of a command that failed."""
    return _FAILED.format(command=ran.command, code=ran.exit_code, output=offloaded(state, ran.output))


def offloaded(state: State, output: str) -> str:
    """An output as a prompt holds it; what is too long for that is kept in a file of the session."""
    limit = state.settings.offload_at
    if not limit or count_once(output.rstrip("\n")) <= limit:
        return output.rstrip("\n")
    try:
        name = state.ports.outputs.keep(output)
    except OSError as error:
        state.ports.notice(f"the output is not kept ({error.strerror}); its middle is lost.", "warning")
        return condensed(output, limit, count_once)
    state.ports.journal.write(OutputKept(name, len(output)))
    return condensed(output, limit, count_once, name)


def _quoted(path: RepoPath) -> str:
    import os
    import shlex

    return f'"{path}"' if os.name == "nt" else shlex.quote(path)
