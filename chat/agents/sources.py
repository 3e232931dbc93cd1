"""[io] Where agents are kept: the built-in ones, a repository's once it is trusted, and the user's own.

Of several with one name the last counts: a file comes before what is built in, `.trigpoint` before `.claude`, and
the user's own before a repository's.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chat.agents.built_in import BUILT_IN, TEMPLATE
from chat.agents.definition import AgentDefinition, BadDefinition, read_definition
from chat.errors import InputError
from chat.safety.small_file import MAX_SETTINGS_BYTES, is_below, read_small
from chat.trust.claims import SettingsClaim, find_root
from chat.trust.grants import TrustInFile, granted_files, trust_in
from repomap import write_whole

PROJECT_FOLDERS = (".claude/agents", ".trigpoint/agents")
"""The folders of a repository's agents, below its root."""
_MAX_FILES = 100
"""In one folder; more are left out, and a warning says so."""

Trust = TrustInFile | Literal["built in", "yours"]


@dataclass(frozen=True, slots=True)
class AgentFile:
    """An agent, and where it is from."""

    name: str
    path: Path | None
    """None for one that is built in."""
    trust: Trust
    definition: AgentDefinition | None = None
    """None where its file cannot be used."""
    problem: str = ""
    """Why its file cannot be used; "" where it can."""
    claim: SettingsClaim | None = None
    """What of it needs trust; None for the user's own."""

    @property
    def counts(self) -> bool:
        """Whether it can be used."""
        return self.definition is not None and self.trust in ("built in", "yours", "trusted")

    source: str = "built in"
    """Where it is from, for a person."""


@dataclass(frozen=True, slots=True)
class Roster:
    """All agents of a folder."""

    files: tuple[AgentFile, ...]
    """Those that come later replace those of the same name."""
    notices: tuple[str, ...] = ()
    """What the user should know of their files."""

    def by_name(self) -> dict[str, AgentFile]:
        """Return the agents that can be used, by name, sorted."""
        found = {file.definition.name: file for file in self.files if file.counts and file.definition}
        return dict(sorted(found.items()))

    @property
    def has_own(self) -> bool:
        """Whether there is any beside those that are built in."""
        return any(file.counts and file.path is not None for file in self.files)


def user_folders() -> tuple[Path, ...]:
    """Return the folders of the user's own agents, whether they are there or not; the last is Trigpoint's."""
    from platformdirs import user_config_path

    claude = os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~/.claude")
    return Path(claude, "agents"), user_config_path("trigpoint") / "agents"


def read_roster(root: Path, *, bare: bool = False) -> Roster:
    """Return the agents of a folder; ``bare`` leaves out all files."""
    files = [AgentFile(each.name, None, "built in", each) for each in BUILT_IN]
    if bare:
        return Roster(tuple(files))
    brought, more = _brought(root)
    files += brought
    for folder in user_folders():
        own, crowded = _read_folder(folder, str(folder))
        files += [_of_user(path, data, problem) for path, data, problem in own]
        more += crowded
    return Roster(tuple(files), (*more, *_notices(files)))


def agent_claims(root: Path, folder: Path) -> tuple[SettingsClaim, ...]:
    """Return what a repository's agents ask for, in its root and in a folder."""
    places = dict.fromkeys((Path(os.path.realpath(root)), Path(os.path.realpath(folder))))
    return tuple(file.claim for place in places for file in _brought(place)[0] if file.claim)


def new_agent_file(name: str) -> Path:
    """Make a file of the user's own for an agent, and return its path. Raises InputError where there is one."""
    try:
        read_definition(TEMPLATE.format(name=name))
    except BadDefinition as error:
        raise InputError(f"No agent was made: {error}.") from None
    path = user_folders()[-1] / f"{name}.md"
    if os.path.lexists(path):
        raise InputError(f"{path} is there already. Nothing was changed; edit it.")
    try:
        write_whole(path, TEMPLATE.format(name=name).encode())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}. No agent was made.") from error
    return path


def _brought(root: Path) -> tuple[list[AgentFile], list[str]]:
    """Return the agents that a repository brings; a link that leaves it is not followed."""
    real_root = Path(os.path.realpath(root))
    top = find_root(real_root) or real_root
    own = {os.path.realpath(folder) for folder in user_folders()}
    found: list[AgentFile] = []
    notices: list[str] = []
    granted: dict[str, str] | None = None
    for name in PROJECT_FOLDERS:
        folder = real_root / name
        real = os.path.realpath(folder)
        if real in own or not is_below(real, str(real_root)):
            continue
        files, more = _read_folder(folder, name)
        notices += more
        for path, data, problem in files:
            granted = granted_files(root) if granted is None else granted
            found.append(_of_project(path, data, problem, top, granted))
    return found, notices


def _read_folder(folder: Path, name: str) -> tuple[list[tuple[Path, bytes, str]], list[str]]:
    """Return path, content and problem of each file of a folder, and a warning where they are too many."""
    try:
        names = sorted(entry for entry in os.listdir(folder) if entry.endswith(".md"))
    except OSError:
        return [], []
    real = os.path.realpath(folder)
    paths = [folder / each for each in names if is_below(os.path.realpath(folder / each), real)]
    more = (
        [f"{name} has more than {_MAX_FILES} agents; the others are left out."]
        if len(paths) > _MAX_FILES
        else []
    )
    return list(_contents(paths[:_MAX_FILES])), more


def _contents(paths: list[Path]) -> Iterator[tuple[Path, bytes, str]]:
    for path in paths:
        try:
            data = read_small(path, MAX_SETTINGS_BYTES)
        except InputError:
            yield path, b"", f"it is longer than {MAX_SETTINGS_BYTES:,} bytes"
        else:
            if data is not None:
                yield path, data, ""


def _of_user(path: Path, data: bytes, problem: str) -> AgentFile:
    definition, problem = _read(path, data, problem)
    name = definition.name if definition else path.stem
    return AgentFile(name, path, "yours", definition, problem, source=str(path))


def _of_project(path: Path, data: bytes, problem: str, top: Path, granted: dict[str, str]) -> AgentFile:
    definition, problem = _read(path, data, problem)
    claim = SettingsClaim.in_tree(top, path, data)
    name = definition.name if definition else path.stem
    trust = trust_in(claim, granted)
    return AgentFile(name, path, trust, definition, problem, claim if definition else None, claim.name)


def _read(path: Path, data: bytes, problem: str) -> tuple[AgentDefinition | None, str]:
    if problem:
        return None, problem
    try:
        return read_definition(data.decode("utf-8-sig", "replace"), path.stem), ""
    except BadDefinition as error:
        return None, str(error)


def _notices(files: list[AgentFile]) -> Iterator[str]:
    for file in files:
        if file.problem:
            yield f"{file.source}: {file.problem}, so the agent cannot be used."
    waiting = [file for file in files if file.trust in ("changed", "not trusted") and file.definition]
    if waiting:
        names = ", ".join(dict.fromkeys(file.name for file in waiting))
        state = (
            "have changed since you trusted them" if waiting[0].trust == "changed" else "are not trusted yet"
        )
        yield f"The repository's agents ({names}) {state}, so they are not used. `trigpoint trust` shows them and asks."
