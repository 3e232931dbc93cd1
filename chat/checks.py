"""[io] The user's lint and test commands after an edit, and what of their output the model is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from chat.model import CommandRan, RepoPath
from chat.offload import condensed
from chat.ports import Purpose, Ran
from chat.state import State

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
    found = lint(state, paths) if settings.auto_lint else None
    if found is not None and found.exit_code != 0:
        return Checked(found, None, feedback_on(state, found))
    test = run_tests(state) if settings.auto_test and settings.test_cmd else None
    failed = test is not None and test.exit_code != 0
    return Checked(found, test, feedback_on(state, test) if failed and test is not None else "")


def run_tests(state: State) -> Ran:
    """Runs the test command."""
    return run(state, state.settings.test_cmd, "test")


def run(state: State, command: str, purpose: Purpose) -> Ran:
    """Runs a command, journaled, and tells the user."""
    intent = state.journal.write("command.intent", {"command": command, "purpose": purpose})
    ran = state.shell.run(command)
    state.journal.write("command.done", {"intent": intent, "exit_code": ran.exit_code})
    state.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
    return ran


def lint(state: State, paths: Sequence[RepoPath]) -> Ran | None:
    """Runs the lint commands on files, up to the first that finds something; gives the last run, if any."""
    found: Ran | None = None
    for command, files in _commands(state.settings.lint_cmd, paths).items():
        found = run(state, " ".join([command, *map(_quoted, files)]), "lint")
        if found.exit_code != 0:
            return found
    return found


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


def feedback_on(state: State, ran: Ran) -> str:
    """What the model is told of a command that failed."""
    return _FAILED.format(command=ran.command, code=ran.exit_code, output=offloaded(state, ran.output))


def offloaded(state: State, output: str) -> str:
    """An output as a prompt holds it; what is too long for that is kept in a file of the session."""
    return condensed(output, state.settings.offload_at)


def _quoted(path: RepoPath) -> str:
    import os
    import shlex

    return f'"{path}"' if os.name == "nt" else shlex.quote(path)
