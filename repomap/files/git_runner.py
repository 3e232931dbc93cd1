"""Starts git in a folder, with everything switched off that the repository could have run.

A cloned repository brings its own configuration, and even ``git ls-files`` starts the programs
named there: file system monitors, hooks, filters, pagers, signers. This module is the only one that
starts git. By default no such program runs, nothing is fetched, and of the caller's ``GIT_*``
variables only those count that say who the user is and where the user's own git is.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from repomap.errors import GitFailed
from repomap.safety.printable import escaped, escaped_lines
from repomap.safety.process_group import OWN_SESSION, absolute_entries, end_process_group, signals_held

TIMEOUT_S = 60.0
"""Far above what the largest repositories need; reached when a file is a pipe or a disk hangs."""

DRIVER_KEYS = r"(filter|diff|merge)\..*\.(clean|smudge|process|required|textconv|command|driver)"
"""Settings of drivers that attributes choose, as `git config --get-regexp` takes them."""

PROGRAM_KEYS = (
    rf"{DRIVER_KEYS}|(alias|pager)\..*|core\.(pager|editor|sshcommand|askpass|gitproxy|alternaterefscommand)"
    r"|credential\.(.*\.)?helper|sequence\.editor|interactive\.difffilter|trailer\..*\.(command|cmd)"
    r"|uploadpack\.packobjectshook|gpg\.ssh\.defaultkeycommand|remote\..*\.(uploadpack|receivepack|vcs)"
    r"|(difftool|mergetool|browser|man|guitool)\..*\.(cmd|path)|submodule\..*\.update|imap\.tunnel"
)
"""These and the other settings that name programs; `GitProfile.programs_off` has those that are always off."""

_KEPT_VARIABLES = frozenset(
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
"""All others redirect to another repository, inject settings or write traces."""


@dataclass(frozen=True, slots=True)
class GitProfile:
    """What every call passes to git besides its command."""

    switches: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Given with `-c`."""
    programs_off: tuple[str, ...] = ()
    """Given with `-c`: the settings that keep hooks, monitors and signers from running."""
    variables: Mapping[str, str] = field(default_factory=dict)

    def arguments(self, command: str) -> Iterator[str]:
        """Yield the arguments between `git` and a command."""
        for switch in self.switches:
            # check-ignore refuses this one, and takes every path literally anyway
            if command != "check-ignore" or switch != "--literal-pathspecs":
                yield switch
        for setting in (*self.settings, *self.programs_off):
            yield from ("-c", setting)


HARDENED_GIT = GitProfile(
    switches=("--no-pager", "--no-optional-locks", "--literal-pathspecs"),
    settings=(
        "core.pager=cat",
        "core.quotePath=false",
        "diff.external=",
        f"diff.orderFile={os.devnull}",  # any file on the disk otherwise
        "gc.auto=0",
        "maintenance.auto=false",
        "i18n.commitEncoding=UTF-8",
        "i18n.logOutputEncoding=UTF-8",
        "log.showRoot=true",  # the first commit's files, whatever the user likes to see
        "log.showSignature=false",  # runs a signer
        "protocol.allow=never",
        "safe.bareRepository=explicit",  # a bare repository hidden in a folder brings its own config
        "submodule.recurse=false",
    ),
    programs_off=(
        "commit.gpgSign=false",
        "core.fsmonitor=false",  # a program run to learn what changed; `true` leaves a daemon behind
        f"core.hooksPath={os.devnull}",
        *(f"gpg{kind}.program={os.devnull}" for kind in ("", ".openpgp", ".x509", ".ssh")),
    ),
    variables=MappingProxyType(
        {
            "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, beats protocol.<name>.allow
            "GIT_EDITOR": ":",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",  # replacements are local, so two clones would differ
            "GIT_PAGER": "cat",
            "GIT_TERMINAL_PROMPT": "0",
            "LANGUAGE": "C",
            "LC_ALL": "C",  # messages of git's are matched
        }
    ),
)
"""For repositories that nobody has vouched for: nothing runs but git itself."""


@dataclass(frozen=True, slots=True)
class GitOutput:
    """What one git command wrote."""

    code: int
    stdout: bytes
    stderr: str
    """Without blank lines at its ends; safe to show."""


class GitSetting(NamedTuple):
    """A setting as git reads it."""

    scope: str
    """Where it is set, as git says: `system`, `global`, `local`, `worktree`, …"""
    key: str
    value: str

    @property
    def names_program(self) -> bool:
        """Whether the value is a program, or decides about one."""
        return re.fullmatch(PROGRAM_KEYS, self.key, re.DOTALL | re.IGNORECASE) is not None

    @property
    def off(self) -> str:
        """The value with which git runs no program."""
        return off_value(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRunner:
    """git as it is run in one folder."""

    program: str
    folder: Path
    profile: GitProfile = HARDENED_GIT
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Settings by key, over those of every file."""
    caller: Mapping[str, str] | None = None
    """The variables to start from; by default this process's own."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Further variables, over all others."""

    def run(
        self,
        command: str,
        *args: str,
        stdin: bytes | None = None,
        accept: tuple[int, ...] = (0,),
        timeout_s: float = TIMEOUT_S,
    ) -> GitOutput:
        """Run ``git command args…`` and return what it wrote.

        Raises GitFailed where git cannot be started, ends with a code not in ``accept``, or has
        not ended after ``timeout_s`` seconds; then it is stopped with all that it started.
        """
        where = f"git {command} in {escaped(str(self.folder))}"
        argv = [self.program, *self.profile.arguments(command), command, *args]
        try:
            output = _execute(argv, self.folder, self._environment(), stdin, timeout_s)
        except subprocess.TimeoutExpired:
            raise GitFailed(
                f"{where}: no answer within {timeout_s:g} s, so it was stopped. "
                "Look for a hook that waits, a pipe or a dead network folder."
            ) from None
        except OSError as error:
            raise GitFailed(f"{where}: git could not be started ({error.strerror}).") from error
        if output.code not in accept:
            raise GitFailed(f"{where}: {output.stderr or f'ended with {output.code}'}")
        return output

    def settings(self) -> tuple[GitSetting, ...]:
        """Return every setting of every file that counts in the folder; the last of a key wins.

        Raises GitFailed.
        """
        fields = os.fsdecode(self.run("config", "-z", "--show-scope", "--list").stdout).split("\0")
        pairs = zip(fields[::2], fields[1::2], strict=False)
        return tuple(
            GitSetting(scope, key, value)
            for scope, row in pairs
            for key, _, value in [row.partition("\n")]
            if scope != "command"
        )

    def _environment(self) -> dict[str, str]:
        """Return the variables of a call.

        Overrides go through them because `-c` splits at the first `=`, which a driver's name may hold. From
        a relative folder in PATH a filter of the user's would be a program of the repository.
        """
        caller = os.environ if self.caller is None else self.caller
        kept = {
            name: value
            for name, value in caller.items()
            if not name.upper().startswith("GIT_") or name.upper() in _KEPT_VARIABLES
        }
        kept |= {"PATH": absolute_entries(caller.get("PATH", os.defpath)), **self.profile.variables}
        if self.overrides:
            kept["GIT_CONFIG_COUNT"] = str(len(self.overrides))
        for number, (key, value) in enumerate(self.overrides.items()):
            kept[f"GIT_CONFIG_KEY_{number}"] = key
            kept[f"GIT_CONFIG_VALUE_{number}"] = value
        return kept | dict(self.variables)


def off_value(key: str) -> str:
    """Return the value of a driver's setting with which git runs no program.

    >>> off_value("filter.lfs.clean"), off_value("filter.lfs.required")
    ('', 'false')
    """
    return "false" if key.endswith(".required") else ""


def find_git() -> str | None:
    """Return the absolute path of git, from the absolute folders of PATH, or None.

    Relative folders, and on Windows the current one, could hold a ``git`` that the repository
    brought along.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None


def _execute(
    argv: list[str], folder: Path, environment: Mapping[str, str], stdin: bytes | None, timeout_s: float
) -> GitOutput:
    process = None
    try:
        with signals_held():
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **OWN_SESSION,
            )
        stdout, stderr = process.communicate(stdin, timeout=timeout_s)
    except BaseException:
        if process is not None:
            with process:  # closes its pipes
                end_process_group(process)
        raise
    return GitOutput(process.returncode, stdout, escaped_lines(stderr))
