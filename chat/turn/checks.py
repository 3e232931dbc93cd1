"""[io] The user's lint and test commands: run after an edit or when asked for, and their output for the model."""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import PurePosixPath

from chat.conversation.long_output import condensed
from chat.errors import ChatError
from chat.events import CommandRan, CommandStarted
from chat.model import Purpose, RepoPath
from chat.ports import Ran
from chat.sessions.records.turn import CommandDone, CommandIntent, OutputKept
from chat.state.state import Ports, State
from chat.state.tokens import count_once
from chat.trust.claims import SETTINGS_FILE
from chat.trust.grants import changed_source

_FAILED = "`{command}` failed with exit code {code}:\n\n{output}\n\nFix this."


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of the checks after an edit."""

    lint: Ran | None = None
    test: Ran | None = None
    feedback: str = ""
    """The text for the model; empty if nothing failed."""


def check_edits(
    state: State,
    paths: Sequence[RepoPath],
    adopting: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> CheckResult:
    """Run the lint commands of the edited files, and the tests once no linter complains.

    What a linter makes of the files is the turn's own, for which it runs inside of ``adopting``.
    """
    settings = state.settings
    lint: Ran | None = None
    may_lint = settings.auto_lint and bool(settings.lint_cmd) and may_run(state, "lint-cmd")
    for command in lint_commands(settings.lint_cmd, paths) if may_lint else ():
        with adopting():
            lint, feedback = _check(state, command, "lint")
        if feedback:
            return CheckResult(lint, None, feedback)
    if not (settings.auto_test and settings.test_cmd and may_run(state, "test-cmd")):
        return CheckResult(lint)
    test, feedback = _check(state, settings.test_cmd, "test")
    return CheckResult(lint, test, feedback)


def may_run(state: State, name: str) -> bool:
    """Whether a setting that names a command may be used; says so where its file has changed since it was trusted."""
    source = dict(state.settings.sources).get(name, "")
    try:
        changed = changed_source(state.ports.root, source) if SETTINGS_FILE in source else ""
    except ChatError as error:
        state.ports.notice(f"{error} {name} was not run.", "warning")
        return False
    if changed:
        state.ports.notice(
            f"{changed} has changed since you trusted it, so its {name} was not run. "
            "`trigpoint trust` shows the file and asks.",
            "warning",
        )
    return not changed


def _check(state: State, command: str, purpose: Purpose) -> tuple[Ran, str]:
    """Run a check, unless an interrupted turn has its result; also returns the text for the model."""
    ports = state.ports
    earlier = state.calls.reusable.take_run(command, len(state.conversation.entries))
    if earlier is not None:
        ran = Ran(command, earlier.exit_code, earlier.feedback)
        ports.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
        return ran, earlier.feedback
    intent = ports.journal.write(CommandIntent(command, purpose))
    ports.emit(CommandStarted(command))
    ran = (ports.check_shell or ports.shell).run(command)
    feedback = failure_text(state, ran) if ran.exit_code != 0 else ""
    ports.journal.write(CommandDone(intent, ran.exit_code, feedback))
    ports.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
    return ran, feedback


def failure_text(state: State, ran: Ran) -> str:
    """Return what the model is told of a check that failed."""
    output = offloaded(state, ran.output)
    return _FAILED.format(command=ran.command, code=ran.exit_code, output=output)


def run(ports: Ports, command: str, purpose: Purpose) -> Ran:
    """Run a command that the user asked for, journal it and show its output."""
    shell = ports.shell if purpose == "run" else ports.check_shell or ports.shell
    return run_as(ports, command, purpose, lambda: shell.run(command))


def run_as(ports: Ports, command: str, purpose: Purpose, start: Callable[[], Ran]) -> Ran:
    """Journal a command, run it by ``start`` and show its output."""
    intent = ports.journal.write(CommandIntent(command, purpose))
    ports.emit(CommandStarted(command))
    ran = start()
    ports.journal.write(CommandDone(intent, ran.exit_code))
    ports.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
    return ran


def lint(ports: Ports, lint_cmd: Sequence[tuple[str, str]], paths: Sequence[RepoPath]) -> Ran | None:
    """Run the lint commands on files, up to the first that complains; returns the last run, if any."""
    ran: Ran | None = None
    for command in lint_commands(lint_cmd, paths):
        ran = run(ports, command, "lint")
        if ran.exit_code != 0:
            break
    return ran


def lint_commands(lint_cmd: Sequence[tuple[str, str]], paths: Sequence[RepoPath]) -> list[str]:
    """Return the command lines that lint these files, by pairs of a language and its command.

    A language is a name or a suffix; "" stands for all others.

    >>> lint_commands([("python", "ruff check"), ("", "typos")], ["a.py", "b c.py", "d.md"])
    ["ruff check a.py 'b c.py'", 'typos d.md']
    """
    files = _files_by_command(lint_cmd, paths)
    return [" ".join([command, *map(quoted, paths)]) for command, paths in files.items()]


def _files_by_command(
    lint_cmd: Sequence[tuple[str, str]], paths: Sequence[RepoPath]
) -> dict[str, list[RepoPath]]:
    by_language = {language.lower().lstrip("."): command for language, command in lint_cmd if language}
    common = next((command for language, command in lint_cmd if not language), "")
    files: dict[str, list[RepoPath]] = {}
    for path in paths:
        suffix = PurePosixPath(path).suffix.lstrip(".").lower()
        command = by_language.get(suffix) or by_language.get(_LANGUAGES.get(suffix, "")) or common
        if command:
            files.setdefault(command, []).append(path)
    return files


_LANGUAGES: Mapping[str, str] = {
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


def quoted(path: RepoPath) -> str:
    """Return a path as a word of a command line."""
    return f'"{path}"' if os.name == "nt" else shlex.quote(path)


def offloaded(state: State, output: str, max_tokens: int | None = None) -> str:
    """Return an output as a prompt holds it; a long one goes to a file of the session, and parts of it remain.

    It is long from ``max_tokens`` on, or from where the settings say if that is less.
    """
    limit = min(state.settings.offload_at or max_tokens or 0, max_tokens or state.settings.offload_at)
    if not limit or count_once(output.rstrip("\n")) <= limit:
        return output.rstrip("\n")
    try:
        name = state.ports.outputs.keep(output)
    except OSError as error:
        state.ports.notice(f"The output cannot be kept ({error.strerror}); its middle is lost.", "warning")
        return condensed(output, limit, count_once)
    state.ports.journal.write(OutputKept(name, len(output)))
    return condensed(output, limit, count_once, name)
