"""[io] Arguments → what git answers: the one place in the chat where git is started.

A repository brings a configuration of its own, and most git commands start programs named in it:
hooks, file system monitors, filters, converters, pagers, signers. In a repository that is not
trusted all of these are switched off in every call; in a trusted one the user's hooks, filters and
signing are used. In neither is the network.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat.errors import GitError
from chat.safety.shell import without_keys

TIMEOUT_S = 60.0
"""Far above what the largest repositories need; reached when a file is a pipe or a disk hangs."""
HOOKS_TIMEOUT_S = 1800.0
"""A hook may run a test suite."""
_GRACE_S = 2.0
"""How long git has to remove its lock files when it is ended."""

_ALWAYS = (
    "core.pager=cat",
    "core.quotePath=false",
    "diff.external=",
    f"diff.orderFile={os.devnull}",
    "gc.auto=0",
    "maintenance.auto=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",  # a bare repository hidden in a folder brings its own config
    "submodule.recurse=false",
)
_UNTRUSTED = (
    "commit.gpgSign=false",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    *(f"gpg{kind}.program={os.devnull}" for kind in ("", ".openpgp", ".x509", ".ssh")),
)
_HOOKED = ("gc.auto=0", "maintenance.auto=false", "i18n.commitEncoding=UTF-8")
"""All that a call with the user's hooks is told: hooks inherit it."""

_FORCED = {
    "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, beats protocol.<name>.allow of the repository
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",  # git's words are read below
}
_FORCED_WITH_HOOKS = {"GIT_EDITOR": ":", "GIT_TERMINAL_PROMPT": "0", "LANGUAGE": "C"}

# Of the caller's GIT_* variables those that say who the user is and where the user's own git and
# settings are; the others redirect to another repository, inject settings or write traces.
_KEPT = frozenset(
    {
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
        *(f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE")),
    }
)
_DRIVERS = r"^(filter|diff|merge)\..*\.(clean|smudge|process|required|textconv|command|driver)$"
_OF_REPOSITORY = ("local", "worktree")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one git command said; ``said`` is what it wrote to stderr, safe to show."""

    code: int
    output: bytes
    said: str


@dataclass(frozen=True, slots=True)
class Git:
    """A folder in which git is run, and how far what it finds there is trusted."""

    program: str
    folder: Path
    trusted: bool
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Settings that name programs of the repository's, with what they are to be instead."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables of each call."""

    def answer(
        self,
        *args: str,
        given: bytes | None = None,
        index: Path | None = None,
        accept: tuple[int, ...] = (0,),
        hooks: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        """What ``git args…`` says; paths among ``args`` are taken literally.

        With ``hooks`` the command runs as the user would run it, which only a trusted repository
        gets. Raises GitError where git ends with a code not in ``accept`` or takes too long.
        """
        hooks = hooks and self.trusted
        where = f"git {args[0]} in {printable(str(self.folder))}"
        try:
            code, output, said = _execute(
                self._argv(args, hooks), self.folder, self._environ(index, hooks), given, timeout_s
            )
        except subprocess.TimeoutExpired:
            raise GitError(
                f"{where}: not done within {timeout_s:g} s, so it was stopped. "
                "Look for a hook that waits, a pipe or a dead network folder."
            ) from None
        except OSError as error:
            raise GitError(f"{where}: git could not be started ({error.strerror}).") from error
        words = "\n".join(map(printable, said.decode("utf-8", "replace").splitlines())).strip()
        if code not in accept:
            raise GitError(f"{where}: {words or f'ended with {code}'}")
        return Answer(code, output, words)

    def run(self, *args: str, given: bytes | None = None, index: Path | None = None) -> bytes:
        """What ``git args…`` writes to stdout; raises GitError where it fails."""
        return self.answer(*args, given=given, index=index).output

    def line(self, *args: str, given: bytes | None = None, index: Path | None = None) -> str:
        """The same as text, without the line end."""
        return os.fsdecode(self.run(*args, given=given, index=index)).removesuffix("\n")

    def paths(self, *args: str, given: bytes | None = None, index: Path | None = None) -> tuple[str, ...]:
        """The same for a command that ends each path with a zero byte."""
        return split_zero(self.run(*args, given=given, index=index))

    def shielded(self) -> "Git":
        """The same, with the programs that the repository itself names replaced by the user's own.

        A filter that the user's own settings define, as large file storage does, stays.
        """
        if self.trusted:
            return self
        said = self.answer("config", "-z", "--show-scope", "--get-regexp", _DRIVERS, accept=(0, 1))
        fields = split_zero(said.output)
        own: dict[str, str] = {}
        found: list[str] = []
        for scope, setting in zip(fields[::2], fields[1::2], strict=False):
            key, _, value = setting.partition("\n")
            if scope in _OF_REPOSITORY:
                found.append(key)
            else:
                own[key] = value
        blank = {key: "false" if key.endswith(".required") else "" for key in found}
        return replace(self, overrides={key: own.get(key, value) for key, value in blank.items()})

    def _argv(self, args: tuple[str, ...], hooks: bool) -> list[str]:
        if hooks:
            settings: tuple[str, ...] = _HOOKED
            switches: tuple[str, ...] = ("--no-pager",)
        else:
            settings = _ALWAYS if self.trusted else (*_ALWAYS, *_UNTRUSTED)
            switches = ("--no-pager", "--no-optional-locks", "--literal-pathspecs")
        return [self.program, *switches, *(word for each in settings for word in ("-c", each)), *args]

    def _environ(self, index: Path | None, hooks: bool) -> dict[str, str]:
        """The caller's environment without its redirections and keys, and with each override.

        Overrides go through the environment because `-c` splits at the first `=`, which the names of
        drivers may contain.
        """
        caller = without_keys(os.environ)
        kept = {k: v for k, v in caller.items() if not k.upper().startswith("GIT_") or k.upper() in _KEPT}
        kept |= _FORCED_WITH_HOOKS if hooks else _FORCED | _FORCED_WITH_HOOKS
        if self.overrides:
            kept["GIT_CONFIG_COUNT"] = str(len(self.overrides))
        for number, (key, value) in enumerate(self.overrides.items()):
            kept[f"GIT_CONFIG_KEY_{number}"] = key
            kept[f"GIT_CONFIG_VALUE_{number}"] = value
        if index is not None:
            kept["GIT_INDEX_FILE"] = str(index)
        return kept | dict(self.environment)


def find_program() -> str | None:
    """The absolute path of git, from the absolute folders of PATH, or None.

    Relative folders, and on Windows the current one, could hold a ``git`` that the repository
    brought along.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None


def split_zero(output: bytes) -> tuple[str, ...]:
    """The fields of an output in which each ends with a zero byte."""
    return tuple(os.fsdecode(output).split("\0")[:-1])


def join_zero(fields: Iterable[str]) -> bytes:
    """Fields as git reads them with ``-z``."""
    return os.fsencode("".join(f"{each}\0" for each in fields))


def printable(text: str) -> str:
    """A line with control characters and undecodable bytes escaped, for messages."""
    return "".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in text)


def is_object_id(text: str) -> bool:
    """Whether a text is the full id of an object, by either hash."""
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) is not None


def _execute(
    argv: list[str], folder: Path, environment: dict[str, str], given: bytes | None, timeout_s: float
) -> tuple[int, bytes, bytes]:
    process = subprocess.Popen(
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a group of its own, ended as a whole; ignored on Windows
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    with process:
        try:
            output, said = process.communicate(given, timeout=timeout_s)
        except BaseException:
            _end(process)
            raise
    return process.returncode, output, said


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and, where the system has process groups, whatever it started."""
    with suppress(subprocess.TimeoutExpired, ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(_GRACE_S)
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
