"""Runs git for the chat: as hardened as in `repomap`, or with what the user trusts a repository to run.

In a repository that is not trusted everything that it could name is switched off in every call; in a
trusted one the user's hooks, filters and signing are used. Neither uses the network.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat.errors import GitError
from chat.git.guard import NOTHING_RUNS, Guard, Permission
from chat.safety.secrets import without_model_keys
from repomap import HARDENED_GIT, GitFailed, GitOutput, GitProfile, GitRunner, split_zero

TIMEOUT_S = 60.0
"""Far above what the largest repositories need; reached when a file is a pipe or a disk hangs."""
HOOKS_TIMEOUT_S = 1800.0
"""A hook may run a test suite."""

TRUSTED_GIT = replace(HARDENED_GIT, programs_off=())
"""For repositories that the user trusts: signers and monitors run as configured."""
_USERS_VARIABLES = ("GIT_EDITOR", "GIT_TERMINAL_PROMPT", "LANGUAGE")
USERS_GIT = GitProfile(
    switches=("--no-pager",),
    settings=("gc.auto=0", "maintenance.auto=false", "i18n.commitEncoding=UTF-8"),
    variables={name: HARDENED_GIT.variables[name] for name in _USERS_VARIABLES},
)
"""For commands that run the user's hooks, which inherit everything that git is told."""


@dataclass(frozen=True, slots=True)
class Git:
    """A folder in which git is run, and how far what it finds there is trusted."""

    program: str
    folder: Path
    guard: Guard | None = None
    """Says what may run; without one, nothing does."""
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
        """Return what ``git args…`` writes to stdout. Raises GitError where it fails."""
        return self.answer(*args, stdin=stdin, index=index).stdout

    def line(self, *args: str, stdin: bytes | None = None, index: Path | None = None) -> str:
        """Return the same as text, without the line feed at its end."""
        return os.fsdecode(self.run(*args, stdin=stdin, index=index)).removesuffix("\n")

    def paths(self, *args: str, stdin: bytes | None = None, index: Path | None = None) -> tuple[str, ...]:
        """Return the paths of a command that ends each with a zero byte."""
        return split_zero(self.run(*args, stdin=stdin, index=index))

    def permission(self) -> Permission:
        """Return what may run now. Raises GitError where git must not even be asked."""
        return self.guard.permission() if self.guard else NOTHING_RUNS

    @property
    def trusted(self) -> bool:
        """Whether the hooks, filters and signing that are configured run now. Raises GitError likewise."""
        return self.permission().trusted

    def _runner(self, index: Path | None = None, hooks: bool = False) -> GitRunner:
        permission = self.permission()
        trusted_profile = USERS_GIT if hooks else TRUSTED_GIT
        return GitRunner(
            program=self.program,
            folder=self.folder,
            profile=trusted_profile if permission.trusted else HARDENED_GIT,
            overrides=permission.overrides,
            caller=without_model_keys(os.environ),
            variables={**({"GIT_INDEX_FILE": str(index)} if index else {}), **self.environment},
        )
