"""Asks git about a folder in a work tree, without running anything that the repository chose.

:class:`Git` asks for names, history and settings by a short list of commands that only read.
`git_runner` starts git.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from repomap.errors import GitFailed, NotMappable, RepoMapError
from repomap.files.git_runner import DRIVER_KEYS, TIMEOUT_S, GitOutput, GitRunner, find_git, off_value
from repomap.safety.printable import escaped

# Commands that neither write nor read the content of work tree files, which is what would
# start filters. Their options keep the rest from starting what attributes name.
_COMMANDS: dict[str, tuple[str, ...]] = {
    "cat-file": (),
    "check-ignore": (),
    "config": (),
    "log": ("--no-ext-diff", "--no-textconv", "--no-show-signature"),
    "ls-files": (),
    "ls-tree": (),
    "rev-parse": (),
}

_WHERE = ("--is-inside-work-tree", "--is-inside-git-dir", "--is-bare-repository")
_LISTING_KEYS = r"(core|extensions|feature|index)\..*"


@dataclass(frozen=True, slots=True)
class Git:
    """A folder inside a git work tree, and the one way to ask git about it."""

    folder: Path
    prefix: str
    """Path of ``folder`` in the work tree: empty at its top, else with ``/`` at the end."""
    commit: str | None
    """HEAD's commit id when the folder was looked up; None before the first commit."""
    program: str = field(repr=False)
    drivers: tuple[str, ...] = field(default=(), repr=False)
    """Configuration keys that name programs, each overridden in every call."""
    settings: bytes = field(default=b"", repr=False)
    """These and all that decide what is listed, with their values, as git prints them."""

    @classmethod
    def find(cls, root: Path) -> "Git | None":
        """Return the Git for ``root``, or None when it is in no work tree or git is not installed.

        Raises NotMappable inside a bare repository or a ``.git`` folder, where there are no
        files, and GitFailed when git refuses the repository for a reason the user can mend.
        """
        program = find_git()
        if program is None:
            return None
        lookup = cls(root, "", None, program)
        try:
            answer = lookup.run("rev-parse", *_WHERE, "--show-prefix", "--default", "HEAD", "--revs-only")
        except GitFailed as error:
            if "not a git repository" in str(error):
                return None
            raise _judge_refusal(root, str(error)) from None
        in_tree, in_git_dir, bare, rest = os.fsdecode(answer).split("\n", len(_WHERE))
        if in_tree != "true":
            if "true" in (in_git_dir, bare):
                raise NotMappable(_no_work_tree(root))
            return None  # core.worktree says that the files are elsewhere
        prefix, commit = _split_prefix(rest)
        keys = f"^({DRIVER_KEYS}|{_LISTING_KEYS})$"
        settings = lookup._call("config", "-z", "--get-regexp", keys, accept=(0, 1)).stdout
        names = {os.fsdecode(setting.partition(b"\n")[0]) for setting in settings.split(b"\0")}
        drivers = tuple(sorted(name for name in names if re.fullmatch(DRIVER_KEYS, name, re.DOTALL)))
        return cls(root, prefix, commit, program, drivers, settings)

    def run(self, *args: str, input: bytes | None = None, timeout_s: float = TIMEOUT_S) -> bytes:  # noqa: A002
        """Return what ``git args…`` writes to stdout, run in ``folder``.

        Only commands that read are allowed; paths among ``args`` are taken literally.
        Raises GitFailed when git fails or has not finished after ``timeout_s`` seconds, and
        ValueError for a command outside the list.
        """
        return self._call(*args, stdin=input, timeout_s=timeout_s).stdout

    def answer(self, *args: str, timeout_s: float = TIMEOUT_S) -> GitOutput:
        """Like :meth:`run`, with what git wrote to stderr beside its output."""
        return self._call(*args, timeout_s=timeout_s)

    def ignored(self, paths: Iterable[bytes]) -> set[bytes]:
        """Return those of ``paths``, relative to ``folder``, that git's own ignore rules leave out.

        Raises GitFailed where one lies in a submodule.
        """
        # the dot keeps a leading `:` from meaning something
        names = b"\0".join(b"./" + path for path in paths)
        if not names:
            return set()
        output = self._call("check-ignore", "-z", "--stdin", stdin=names, accept=(0, 1)).stdout
        return {path.removeprefix(b"./") for path in output.split(b"\0")} - {b""}

    def _call(
        self,
        command: str,
        *args: str,
        stdin: bytes | None = None,
        timeout_s: float = TIMEOUT_S,
        accept: tuple[int, ...] = (0,),
    ) -> GitOutput:
        if command not in _COMMANDS:
            raise ValueError(f"git {command}: not one of the read-only commands {', '.join(_COMMANDS)}")
        runner = GitRunner(
            program=self.program,
            folder=self.folder,
            overrides={key: off_value(key) for key in self.drivers},
            variables={"GIT_ATTR_NOSYSTEM": "1"},
        )
        options = _COMMANDS[command]
        try:
            return runner.run(command, *options, *args, stdin=stdin, accept=accept, timeout_s=timeout_s)
        except GitFailed as error:
            raise GitFailed(" ".join(str(error).split("\n"))) from error


def _split_prefix(rest: str) -> tuple[str, str | None]:
    """Split "prefix\\n" and, once there is a commit, "id\\n"; the prefix may hold newlines."""
    match = re.search(r"(?:\A|\n)([0-9a-f]{40,64})\n\Z", rest)
    if match is None:
        return rest.removesuffix("\n"), None
    return rest[: match.start()], match[1]


def _judge_refusal(root: Path, message: str) -> RepoMapError:
    """Return the error that git's refusal means for the user."""
    if "cannot use bare repository" in message:
        return NotMappable(_no_work_tree(root))
    if "dubious ownership" in message:
        return GitFailed(
            f"{escaped(str(root))}: the repository belongs to another user, so git refuses to read it "
            "and nothing was mapped. If you trust it: "
            f"git config --global --add safe.directory '{escaped(os.path.realpath(root))}'"
        )
    return GitFailed(
        f"{message} Nothing was mapped. Mend the repository, or map a copy of its files without .git."
    )


def _no_work_tree(root: Path) -> str:
    return (
        f"{escaped(str(root))}: inside a git repository's own data (a bare repository or .git), "
        "which holds no source files; nothing was mapped. Map a checkout of it (git worktree add, git clone)."
    )
