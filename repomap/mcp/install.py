"""Puts an entry for this server into the configuration of another program: which file, what change, the writing."""

import difflib
import json
import os
import shutil
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repomap.errors import Unreadable
from repomap.mcp.client_files import NotEditable, with_json_entry, with_toml_entry
from repomap.safety.regular_file import read_regular
from repomap.safety.whole_file import write_whole

NAME = "trigpoint"
LARGEST_FILE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class _Client:
    """Where a program keeps its servers."""

    keys: tuple[str, ...]
    """Of the object that holds one entry for each server."""
    project: str = ""
    """Its file in a project; empty where it has none for servers."""
    user: tuple[str, ...] = ()
    """Its file of the user, in parts below the home folder; empty where it should not be edited."""
    folder: str = ""
    """How an entry in a project's file names the project; empty where the server is started in it."""
    extra: tuple[tuple[str, str], ...] = ()
    """Further members of the entry."""


CLIENTS: Mapping[str, _Client] = {
    "claude": _Client(("mcpServers",), project=".mcp.json"),
    "codex": _Client(("mcp_servers",), user=(".codex", "config.toml")),
    "cursor": _Client(
        ("mcpServers",),
        project=".cursor/mcp.json",
        user=(".cursor", "mcp.json"),
        folder="${workspaceFolder}",
    ),
    "vscode": _Client(
        ("servers",), project=".vscode/mcp.json", folder="${workspaceFolder}", extra=(("type", "stdio"),)
    ),
    "zed": _Client(("context_servers",), user=(".config", "zed", "settings.json")),
    "gemini": _Client(("mcpServers",), project=".gemini/settings.json", user=(".gemini", "settings.json")),
}


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one configuration file, not made yet."""

    file: Path
    before: str | None
    """None if there is no such file."""
    after: str

    @property
    def diff(self) -> str:
        """As a unified diff; empty if the entry is there already."""
        old, new = (self.before or "").splitlines(keepends=True), self.after.splitlines(keepends=True)
        lines = difflib.unified_diff(old, new, str(self.file), str(self.file))
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )


def plan(client: str, project: Path, *, of_user: bool = False, folders: Sequence[str] = ()) -> Change:
    """Work out the change for a client: in its file of the project, or of the user, where it has both.

    ``folders`` are what the entry serves; without any, the folder that the client has open. Raises Unreadable where
    the file cannot be read or edited, with the entry to be put in by hand.
    """
    known = CLIENTS[client]
    use_user = of_user or not known.project
    if use_user and not known.user:
        raise Unreadable(
            f"{client} keeps its servers of the user in a file that it rewrites itself. Nothing was changed; leave out "
            "--user, or use its own command."
        )
    file = _user_file(client, known) if use_user else project / known.project
    entry = _entry(known, use_user, folders)
    keys = (*known.keys, NAME)
    try:
        before = _read(file)
        edit = with_toml_entry if file.suffix == ".toml" else with_json_entry
        return Change(file, before, edit(before or "", keys, entry))
    except (OSError, UnicodeDecodeError, NotEditable) as error:
        raise Unreadable(
            f"{file} was not changed: {error}. Put this into it yourself:\n{_snippet(file, keys, entry)}"
        ) from error


def make(change: Change) -> Path | None:
    """Write the change, whole or not at all; return the copy of the file as it was, if there was one.

    Raises Unreadable where it cannot be written, or has changed since.
    """
    file = Path(os.path.realpath(change.file))  # a link to the file stays one
    try:
        if _read(file) != change.before:
            raise Unreadable(f"{file} has changed meanwhile. Nothing was written; run the command again.")
        backup, mode = None, 0o600
        if change.before is not None:
            mode = stat.S_IMODE(file.stat().st_mode)
            backup = file.with_name(f"{file.name}.before-{NAME}")
            write_whole(backup, change.before.encode(), mode=mode)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, change.after.encode(), mode=mode, sync=True)
    except OSError as error:
        raise Unreadable(f"{file} was not changed: {error}. See to the file, or use --print.") from error
    return backup


def _user_file(client: str, known: _Client) -> Path:
    if client == "codex" and os.environ.get("CODEX_HOME"):
        return Path(os.environ["CODEX_HOME"], known.user[-1])
    if client == "zed" and sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home())), "Zed", known.user[-1])
    if client == "zed" and sys.platform != "darwin" and os.environ.get("XDG_CONFIG_HOME"):
        return Path(os.environ["XDG_CONFIG_HOME"], *known.user[1:])
    return Path.home().joinpath(*known.user)


def _entry(known: _Client, use_user: bool, folders: Sequence[str]) -> dict[str, Any]:
    served = list(folders) or ([known.folder] if known.folder and not use_user else [])
    return {**dict(known.extra), **_command(["mcp", *served])}


def _command(arguments: list[str]) -> dict[str, Any]:
    """Return how the server is started: by its name where the shell finds it, else by this Python."""
    if shutil.which(NAME):
        return {"command": NAME, "args": arguments}
    return {"command": sys.executable, "args": ["-m", "repomap", *arguments]}


def _read(file: Path) -> str | None:
    """Read the text with its line ends as they are; None if there is no file."""
    try:
        return read_regular(file, LARGEST_FILE_BYTES, follow_links=True).decode("utf-8")
    except FileNotFoundError:
        return None


def _snippet(file: Path, keys: Sequence[str], entry: dict[str, Any]) -> str:
    if file.suffix == ".toml":
        return with_toml_entry("", keys, entry)
    for key in reversed(keys):
        entry = {key: entry}
    return json.dumps(entry, indent=2)
