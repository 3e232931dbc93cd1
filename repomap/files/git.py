"""Asks git about a folder in a work tree, without running anything that the repository chose.

:class:`Git` asks for names, history and settings by a short list of commands that only read.
`git_runner` starts git.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from repomap.errors import DoubtfulGit, GitFailed, NotMappable, RepoMapError
from repomap.files.git_layout import doubts_about, find_layout, look_for_doubts
from repomap.files.git_places import ASK_PLACES, Refusal, not_owned, read_places, refusal_in
from repomap.files.git_runner import DRIVER_KEYS, TIMEOUT_S, GitOutput, GitRunner, find_git, off_value
from repomap.safety.printable import escaped

# Commands that neither write nor read the content of work tree files, which is what would
# start filters. Their options keep the rest from starting what attributes name.
_COMMANDS: dict[str, tuple[str, ...]] = {
    "cat-file": (),
    "check-ignore": (),
    "config": (),
    "diff-index": ("--cached", "--no-ext-diff", "--no-textconv"),
    "diff-tree": ("--no-ext-diff", "--no-textconv"),
    "log": ("--no-ext-diff", "--no-textconv", "--no-show-signature"),
    "ls-files": (),
    "ls-tree": (),
    "merge-base": (),
    "rev-parse": (),
}

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
        files, DoubtfulGit where the repository may not be the folder's own, and GitFailed when git
        refuses it for another reason that the user can mend.
        """
        program = find_git()
        if program is None:
            return None
        layout = find_layout(root)
        _refuse_doubtful(root, look_for_doubts(layout) if layout else ())
        lookup = cls(root, "", None, program)
        try:
            places = read_places(lookup.run("rev-parse", *ASK_PLACES), root)
        except GitFailed as error:
            if refusal_in(str(error)) is Refusal.NO_REPOSITORY:
                return None
            raise _judge_refusal(root, str(error)) from None
        if not places.in_work_tree:
            if places.in_own_data:
                raise NotMappable(_no_work_tree(root))
            return None  # core.worktree says that the files are elsewhere
        keys = f"^({DRIVER_KEYS}|{_LISTING_KEYS})$"
        settings = lookup._call("config", "-z", "--get-regexp", keys, accept=(0, 1)).stdout
        _refuse_doubtful(root, doubts_about(layout, places, _worktree_in(settings)))
        names = {os.fsdecode(setting.partition(b"\n")[0]) for setting in settings.split(b"\0")}
        drivers = tuple(sorted(name for name in names if re.fullmatch(DRIVER_KEYS, name, re.DOTALL)))
        return cls(root, places.prefix, places.commit, program, drivers, settings)

    def run(self, *args: str, input: bytes | None = None, timeout_s: float = TIMEOUT_S) -> bytes:  # noqa: A002
        """Return what ``git args…`` writes to stdout, run in ``folder``.

        Only commands that read are allowed; paths among ``args`` are taken literally.
        Raises GitFailed when git fails or has not finished after ``timeout_s`` seconds, and
        ValueError for a command outside the list.
        """
        return self._call(*args, stdin=input, timeout_s=timeout_s).stdout

    def answer(self, *args: str, accept: tuple[int, ...] = (0,), timeout_s: float = TIMEOUT_S) -> GitOutput:
        """Like :meth:`run`, with what git wrote to stderr and its code; those to ``accept`` are no failure."""
        return self._call(*args, accept=accept, timeout_s=timeout_s)

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


def _worktree_in(settings: bytes) -> str:
    """Return the last value of `core.worktree` among settings as `git config -z` prints them."""
    values = [row.partition(b"\n")[2] for row in settings.split(b"\0") if row.startswith(b"core.worktree\n")]
    return os.fsdecode(values[-1]) if values else ""


def _refuse_doubtful(root: Path, doubts: tuple[str, ...]) -> None:
    """Raise DoubtfulGit where there are doubts."""
    if doubts:
        raise DoubtfulGit(
            f"{escaped(str(root))}: {escaped('; '.join(doubts))}. So git was not asked, and the files were "
            "listed without it. Repair the repository if it is yours."
        )


def _judge_refusal(root: Path, message: str) -> RepoMapError:
    """Return the error that git's refusal means for the user."""
    match refusal_in(message):
        case Refusal.NO_WORK_TREE:
            return NotMappable(_no_work_tree(root))
        case Refusal.NOT_OWNED:
            return GitFailed(f"{not_owned(root)} Nothing was mapped.")
    return GitFailed(
        f"{message} Nothing was mapped. Mend the repository, or map a copy of its files without .git."
    )


def _no_work_tree(root: Path) -> str:
    return (
        f"{escaped(str(root))}: inside a git repository's own data (a bare repository or .git), "
        "which holds no source files; nothing was mapped. Map a checkout of it (git worktree add, git clone)."
    )
