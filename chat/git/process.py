"""Runs git for the chat: as hardened as in `repomap`, or with what the user trusts a repository to run.

Which programs may run is decided by trust. In a repository that is not trusted everything that it
could name is switched off in every call; in a trusted one the user's hooks, filters and signing are
used. In neither is the network.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat.errors import GitError
from chat.safety.secrets import without_model_keys
from repomap import HARDENED_GIT, GitFailed, GitOutput, GitProfile, GitRunner

HOOKS_TIMEOUT_S = 1800.0
"""A hook may run a test suite."""
TIMEOUT_S = 60.0

TRUSTED_GIT = replace(HARDENED_GIT, programs_off=())
"""For repositories that the user trusts: signers, monitors and filters run as configured."""
_AS_USER_VARIABLES = ("GIT_EDITOR", "GIT_TERMINAL_PROMPT", "LANGUAGE")
AS_USER_GIT = GitProfile(
    switches=("--no-pager",),
    settings=("gc.auto=0", "maintenance.auto=false", "i18n.commitEncoding=UTF-8"),
    variables={name: HARDENED_GIT.variables[name] for name in _AS_USER_VARIABLES},
)
"""For commands that run the user's hooks, which inherit everything that git is told."""

_OF_REPOSITORY = ("local", "worktree")


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
        stdin: bytes | None = None,
        index: Path | None = None,
        accept: tuple[int, ...] = (0,),
        hooks: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> GitOutput:
        """Run ``git args…``; paths among ``args`` are taken literally.

        With ``hooks`` the command runs as the user would run it, which only a trusted repository
        gets. Raises GitError where git ends with a code not in ``accept`` or takes too long.
        """
        try:
            return self._runner(index, hooks).run(*args, stdin=stdin, accept=accept, timeout_s=timeout_s)
        except GitFailed as error:
            raise GitError(str(error)) from error

    def run(self, *args: str, stdin: bytes | None = None, index: Path | None = None) -> bytes:
        """Return what ``git args…`` writes to stdout; raises GitError where it fails."""
        return self.answer(*args, stdin=stdin, index=index).stdout

    def line(self, *args: str, stdin: bytes | None = None, index: Path | None = None) -> str:
        """Return the same as text, without the line end."""
        return os.fsdecode(self.run(*args, stdin=stdin, index=index)).removesuffix("\n")

    def paths(self, *args: str, stdin: bytes | None = None, index: Path | None = None) -> tuple[str, ...]:
        """Return the paths of a command that ends each with a zero byte."""
        return split_zero(self.run(*args, stdin=stdin, index=index))

    def shielded(self) -> "Git":
        """Replace the programs that the repository itself names by the user's own.

        A filter that the user's own settings define, as large file storage does, stays.
        """
        if self.trusted:
            return self
        try:
            drivers = self._runner().drivers()
        except GitFailed as error:
            raise GitError(str(error)) from error
        own = {driver.key: driver.value for driver in drivers if driver.scope not in _OF_REPOSITORY}
        theirs = [driver for driver in drivers if driver.scope in _OF_REPOSITORY]
        return replace(self, overrides={driver.key: own.get(driver.key, driver.off) for driver in theirs})

    def _runner(self, index: Path | None = None, hooks: bool = False) -> GitRunner:
        trusted = AS_USER_GIT if hooks else TRUSTED_GIT
        return GitRunner(
            program=self.program,
            folder=self.folder,
            profile=trusted if self.trusted else HARDENED_GIT,
            overrides=self.overrides,
            caller=without_model_keys(os.environ),
            variables={**({"GIT_INDEX_FILE": str(index)} if index else {}), **self.environment},
        )


def split_zero(output: bytes) -> tuple[str, ...]:
    r"""Split an output in which each field ends with a zero byte.

    >>> split_zero(b"a.txt\0b.txt\0")
    ('a.txt', 'b.txt')
    """
    return tuple(os.fsdecode(output).split("\0")[:-1])


def join_zero(fields: Iterable[str]) -> bytes:
    """Join fields as git reads them with ``-z``."""
    return os.fsencode("".join(f"{each}\0" for each in fields))


def is_object_id(text: str) -> bool:
    """Whether a text is the full id of an object, by either hash."""
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) is not None
