"""A folder in a git work tree → what git says about it, without running anything the repository chose.

A cloned repository brings its own configuration, and even ``git ls-files`` starts the
programs named there (``core.fsmonitor``). Every call to git therefore goes through
:class:`Git`: a short list of commands that only read, with each configured program
switched off, no network, no locks and none of the caller's ``GIT_*`` variables.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from repomap.errors import GitFailed, NotMappable, RepoMapError

TIMEOUT_S = 60.0
"""Far above what the largest repositories need; reached when a file is a pipe or a disk hangs."""

# Commands that neither write nor read the content of work tree files, which is what would
# start filters. Their options keep the rest from starting what attributes name.
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "cat-file": (),
    "check-ignore": (),
    "config": (),
    "log": ("--no-ext-diff", "--no-textconv", "--no-show-signature"),
    "ls-files": (),
    "ls-tree": (),
    "rev-parse": (),
}

_SWITCHED_OFF = (
    "core.fsmonitor=false",  # a program run to learn what changed; `true` leaves a daemon behind
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "diff.external=",
    f"diff.orderFile={os.devnull}",  # any file on the disk otherwise
    "log.showSignature=false",  # runs one of the next four
    *(f"gpg{kind}.program={os.devnull}" for kind in ("", ".openpgp", ".x509", ".ssh")),
    "log.showRoot=true",  # the first commit's files, whatever the user likes to see
    "protocol.allow=never",
    "safe.bareRepository=explicit",  # a bare repository hidden in a folder brings its own config
    "submodule.recurse=false",
)

_FORCED = {
    "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, beats protocol.<name>.allow of the repository
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_EDITOR": ":",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # replacements are local, so two clones would differ
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "C",
    "LC_ALL": "C",  # git's words are read below
}

# Of the caller's GIT_* variables only those that say where the user's own git and settings
# are; the others redirect to another repository, inject settings or write traces.
_KEPT = frozenset(
    {
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)

_WHERE = ("--is-inside-work-tree", "--is-inside-git-dir", "--is-bare-repository")
_DRIVERS = r"(filter|diff|merge)\..*\.(clean|smudge|process|required|textconv|command|driver)"
_LISTING = r"(core|extensions|feature|index)\..*"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one git command said; ``warnings`` are its lines on stderr, safe to show."""

    output: bytes
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Git:
    """A folder inside a git work tree, and the one way to ask git about it."""

    folder: Path
    prefix: str
    """Where ``folder`` stands in the work tree: empty at its top, else with ``/`` at the end."""
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
        program = find_program()
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
        wanted = f"^({_DRIVERS}|{_LISTING})$"
        settings = lookup._call("config", "-z", "--get-regexp", wanted, accept=(0, 1)).output
        names = {os.fsdecode(setting.partition(b"\n")[0]) for setting in settings.split(b"\0")}
        drivers = tuple(sorted(name for name in names if re.fullmatch(_DRIVERS, name, re.DOTALL)))
        return cls(root, prefix, commit, program, drivers, settings)

    def run(self, *args: str, input: bytes | None = None, timeout_s: float = TIMEOUT_S) -> bytes:  # noqa: A002
        """Return what ``git args…`` writes to stdout, run in ``folder``.

        Only commands that read are allowed; paths among ``args`` are taken literally.
        Raises GitFailed when git fails or has not finished after ``timeout_s`` seconds, and
        ValueError for a command outside the list.
        """
        return self._call(*args, input=input, timeout_s=timeout_s).output

    def answer(self, *args: str, timeout_s: float = TIMEOUT_S) -> Answer:
        """Like :meth:`run`, with what git wrote to stderr beside its output."""
        return self._call(*args, timeout_s=timeout_s)

    def ignored(self, paths: Iterable[bytes]) -> set[bytes]:
        """Those of ``paths``, relative to ``folder``, that git's own ignore rules leave out.

        Raises GitFailed where one lies in a submodule.
        """
        given = b"\0".join(
            b"./" + path for path in paths
        )  # the dot keeps a leading `:` from meaning something
        if not given:
            return set()
        answer = self._call("check-ignore", "-z", "--stdin", input=given, accept=(0, 1))
        return {path.removeprefix(b"./") for path in answer.output.split(b"\0")} - {b""}

    def _call(
        self,
        command: str,
        *args: str,
        input: bytes | None = None,  # noqa: A002
        timeout_s: float = TIMEOUT_S,
        accept: tuple[int, ...] = (0,),
    ) -> Answer:
        if command not in _COMMANDS:
            raise ValueError(f"git {command}: not one of the read-only commands {', '.join(_COMMANDS)}")
        settings = [word for setting in _SWITCHED_OFF for word in ("-c", setting)]
        argv = [self.program, "--no-pager", "--no-optional-locks", *settings]
        if command != "check-ignore":  # which refuses, and takes every path literally
            argv.append("--literal-pathspecs")
        argv += [command, *_COMMANDS[command], *args]
        where = f"git {command} in {printable(str(self.folder))}"
        try:
            code, output, said = _execute(argv, self.folder, _environment(self.drivers), input, timeout_s)
        except subprocess.TimeoutExpired:
            raise GitFailed(
                f"{where}: no answer within {timeout_s:g} s, so it was stopped and nothing was listed. "
                "Look for a pipe or a dead network folder among the repository's files."
            ) from None
        except OSError as error:
            raise GitFailed(f"{where}: git could not be started ({error.strerror}).") from error
        lines = tuple(
            printable(line) for line in said.decode("utf-8", "replace").splitlines() if line.strip()
        )
        if code not in accept:
            raise GitFailed(f"{where}: {' '.join(lines) or f'ended with {code}'}")
        return Answer(output, lines)


def find_program() -> str | None:
    """Return the absolute path of git, from the absolute folders of PATH, or None.

    Relative folders, and on Windows the current one, could hold a ``git`` that the
    repository brought along.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None


def printable(text: str) -> str:
    """Return ``text`` with control characters and undecodable bytes escaped, for messages."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _environment(drivers: tuple[str, ...]) -> dict[str, str]:
    """The caller's environment without its GIT_* variables, and with every driver emptied.

    Drivers go through the environment because `-c` splits at the first `=`, which their
    names may contain.
    """
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("GIT_") or k.upper() in _KEPT}
    overrides = {"GIT_CONFIG_COUNT": str(len(drivers))} if drivers else {}
    for number, key in enumerate(drivers):
        overrides[f"GIT_CONFIG_KEY_{number}"] = key
        overrides[f"GIT_CONFIG_VALUE_{number}"] = "false" if key.endswith(".required") else ""
    return kept | _FORCED | overrides


def _execute(
    argv: list[str],
    folder: Path,
    environment: dict[str, str],
    given: bytes | None,
    timeout_s: float,
) -> tuple[int, bytes, bytes]:
    process = subprocess.Popen(
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a group of its own, killed as a whole; ignored on Windows
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    with process:
        try:
            output, said = process.communicate(given, timeout=timeout_s)
        except BaseException:
            _kill(process)
            raise
    return process.returncode, output, said


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill git and, where the system has process groups, whatever it started."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _split_prefix(rest: str) -> tuple[str, str | None]:
    """Take apart "prefix\\n" and, once there is a commit, "id\\n"; the prefix may hold newlines."""
    found = re.search(r"(?:\A|\n)([0-9a-f]{40,64})\n\Z", rest)
    if found is None:
        return rest.removesuffix("\n"), None
    return rest[: found.start()], found[1]


def _judge_refusal(root: Path, message: str) -> RepoMapError:
    """Return the error that git's refusal means for the user."""
    if "cannot use bare repository" in message:
        return NotMappable(_no_work_tree(root))
    if "dubious ownership" in message:
        return GitFailed(
            f"{printable(str(root))}: the repository belongs to another user, so git refuses to read it "
            "and nothing was mapped. If you trust it: "
            f"git config --global --add safe.directory '{printable(os.path.realpath(root))}'"
        )
    return GitFailed(
        f"{message} Nothing was mapped. Mend the repository, or map a copy of its files without .git."
    )


def _no_work_tree(root: Path) -> str:
    return (
        f"{printable(str(root))}: inside a git repository's own data (a bare repository or .git), "
        "which holds no source files; nothing was mapped. Map a checkout of it (git worktree add, git clone)."
    )
