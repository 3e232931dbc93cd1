"""A siege: a hostile folder, what a user does in it, and a look at everything that must not have happened.

A `Case` lays out the folder; `besiege` then maps it, takes a turn with an edit and a commit, asks git,
and undoes the turn, with the real command in this process. Whatever a case does, three things hold at
its end: no canary was run, nobody called at the port, and nothing outside the folder has changed.
"""

import hashlib
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from repositories import git, make_repository, write_files
from scripted_model import ScriptedModel
from whole_chat import ModelScripts, Program, ProgramRun, ScriptedReply, block, calls_of

from chat.hooks.sources import hook_claims
from chat.trust.claims import settings_claims
from chat.trust.git_claim import git_claim
from chat.trust.grants import agreed, grant_for, set_grant

MINE = {"notes.txt": "mine\n", "src/main.py": "x = 1\n"}
EDIT = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")
"""An edit that fits `repositories.SHOP`."""


@dataclass(slots=True)
class Siege:
    """One user's home with a hostile folder in it."""

    base: Path
    program: Program
    scripted: Callable[..., ScriptedModel]
    set_variable: Callable[[str, str], None]
    """Sets a variable of the environment until the case is over."""
    port: socket.socket
    runs: list[ProgramRun] = field(default_factory=list)
    """What the command printed so far, run by run."""
    servers: list[ScriptedModel] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """The hostile folder: a repository of `SHOP`, as a clone or an unpacked archive would be."""
        return self.base / "hostile"

    @property
    def mine(self) -> Path:
        """Another repository of the user's, which nothing may touch."""
        return self.base / "mine"

    @property
    def canary(self) -> Path:
        """A program that leaves a trace when it is run."""
        return self.base / "canary"

    @property
    def trace(self) -> Path:
        """Where the canary leaves it."""
        return self.base / "sang"

    @property
    def address(self) -> str:
        """A URL that nobody may call."""
        return f"http://127.0.0.1:{self.port.getsockname()[1]}"

    def write(self, files: Mapping[str, str]) -> None:
        """Write files of the hostile folder."""
        write_files(self.root, files)

    def git(self, *arguments: str) -> str:
        """Run plain git in the hostile folder, as whoever prepared it would."""
        return git(self.root, *arguments)

    def hook(self, path: str, text: str | None = None) -> Path:
        """Write an executable file, by default one that runs the canary."""
        self.write({path: text or f'#!/bin/sh\n"{self.canary}" {path}\n'})
        (self.root / path).chmod(0o755)
        return self.root / path

    def link(self, path: str, target: str | Path) -> None:
        """Put a link in the place of a file or folder of the hostile folder."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir() and not place.is_symlink():
            place.rename(place.with_name(f"{place.name}.before"))
        else:
            place.unlink(missing_ok=True)
        place.symlink_to(target)

    def trust(self) -> None:
        """Do what `trigpoint trust --yes` does."""
        claims = (*settings_claims(self.root, self.root), *hook_claims(self.root, self.root))
        set_grant(self.root, agreed(claims, git_claim(self.root), grant_for(self.root)))

    def run(self, *arguments: str, replies: Sequence[ScriptedReply] = (EDIT,)) -> ProgramRun:
        """Run `trigpoint` once with a model that gives these replies."""
        server = self.scripted(ModelScripts(*replies))
        self.servers.append(server)
        self.runs.append(self.program(server.base_url, *arguments))
        return self.runs[-1]

    @property
    def said(self) -> str:
        """All that was printed so far."""
        return "".join(run.stdout + run.stderr for run in self.runs)

    @property
    def sent(self) -> str:
        """All that the model was sent so far."""
        return "".join(str(call.body) for server in self.servers for call in calls_of(server))

    def outside(self) -> dict[str, str]:
        """What is in the user's home beside the hostile folder, by path; contents as digests."""
        looks = {}
        for parent, folders, files in os.walk(self.base):
            if Path(parent) == self.base:
                folders.remove(self.root.name)
            for name in (*files, *folders):
                path = os.path.join(parent, name)
                looks[os.path.relpath(path, self.base)] = _look(path)
        return looks


def _look(path: str) -> str:
    if os.path.islink(path):
        return f"-> {os.readlink(path)}"
    if not os.path.isfile(path):
        return "folder" if os.path.isdir(path) else "special"
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


Step = Callable[[Siege], object]

EVERYDAY: tuple[Step, ...] = (
    lambda siege: siege.run("--show-repo-map"),
    lambda siege: siege.run("-m", "shorter"),
    lambda siege: siege.run("-m", "/git status"),
    lambda siege: siege.run("-m", "/diff"),
    lambda siege: siege.run("-m", "/undo", "--continue"),
)
"""What a user does on the first day."""


def _nothing(siege: Siege) -> None:
    del siege


@dataclass(frozen=True, slots=True)
class Case:
    """One way to attack, or to be hit by bad luck."""

    name: str
    lay: Step
    """Prepares the hostile folder."""
    steps: tuple[Step, ...] = EVERYDAY
    holds: Step = _nothing
    """Asserts what else must hold at the end."""
    is_quick: bool = False
    """Whether the quick suite plays it, too."""


def played(*cases: Case) -> pytest.MarkDecorator:
    """Parametrize a test with cases; `make test` plays the quick ones, `make siege` all."""
    return pytest.mark.parametrize(
        "case",
        [pytest.param(case, id=case.name, marks=() if case.is_quick else pytest.mark.slow) for case in cases],
    )


def besiege(siege: Siege, case: Case) -> None:
    """Play a case, and look at what must not have happened."""
    case.lay(siege)
    assert not siege.trace.exists(), "the case itself ran its canary"
    before = siege.outside()
    for step in case.steps:
        step(siege)
        assert not siege.trace.exists(), siege.trace.read_text()
    assert siege.outside() == before
    with pytest.raises(BlockingIOError):
        siege.port.accept()
    assert "Traceback" not in siege.said
    assert "no answer within" not in siege.said, "git had to be stopped"
    case.holds(siege)


def make_siege(
    base: Path,
    program: Program,
    scripted: Callable[..., ScriptedModel],
    set_variable: Callable[[str, str], None],
) -> Siege:
    """Make the user's home: the hostile folder, a repository of the user's, a private file, a canary, a port."""
    port = socket.create_server(("127.0.0.1", 0))
    port.setblocking(False)
    siege = Siege(base, program, scripted, set_variable, port)
    make_repository(siege.mine, MINE)
    (base / "private.txt").write_text("kept to myself\n")
    siege.canary.write_text(f'#!/bin/sh\necho "$0 $*" >> "{siege.trace}"\ncat >/dev/null\n')
    siege.canary.chmod(0o755)
    return siege


LOCAL_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="canaries are shell scripts")
