"""What a repository asks for: its settings files, and the programs that its git folder names.

Reads the repository without running git.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chat.errors import Untrusted
from chat.safety.small_file import is_below, read_settings_file, read_small
from chat.trust.git_config import dangerous_settings, named_paths

SETTINGS_FILE = ".trigpoint.toml"
_MAX_HOOK_FILES = 2_000
_MAX_HOOK_BYTES = 50_000_000
_MAX_INCLUDED_FILES = 100
_MAX_LINE_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class SettingsClaim:
    """A settings file that a repository brings."""

    name: str
    """Relative to the root, with `/`."""
    path: Path
    data: bytes

    @property
    def digest(self) -> str:
        """The content's digest, which trust is bound to."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class GitClaim:
    """What git would run or obey in a repository, beyond what is harmless."""

    hooks: tuple[str, ...] = ()
    """Files of hooks, relative to the work tree's top."""
    lines: tuple[str, ...] = ()
    """Settings, as `section.key = value`."""
    digest: str = ""
    """Of all this, with the content of the hooks; empty where there is nothing."""


def find_root(folder: Path) -> Path | None:
    """Return the top of the work tree around a folder, going by `.git` as git does; git is not run."""
    return next((above for above in _folders_with_git(folder) if _is_git_folder(above / ".git")), None)


def settings_claims(root: Path, folder: Path) -> tuple[SettingsClaim, ...]:
    """Return the settings files of a repository that count in a folder: the root's, then the folder's."""
    root, folder = Path(os.path.realpath(root)), Path(os.path.realpath(folder))
    claims = []
    for parent in dict.fromkeys((root, folder)):
        path = parent / SETTINGS_FILE
        data = read_settings_file(path) if is_below(str(parent), str(root)) else None
        if data is not None:
            claims.append(SettingsClaim(path.relative_to(root).as_posix(), path, data))
    return tuple(claims)


def git_claim(folder: Path) -> GitClaim:
    """Return what git would run or obey in a folder of a work tree; nothing where there is no `.git`.

    Raises Untrusted where there are more hooks than can be looked at.
    """
    lines: list[str] = []
    hooks: dict[str, str] = {}
    for top in _folders_with_git(folder):
        if folders := _git_folders(top):
            git_dir, common_dir = folders
            own_lines = tuple(_config_lines(common_dir / "config", git_dir / "config.worktree"))
            lines += own_lines
            hooks |= dict(_hooks(top, common_dir, own_lines))
        if _is_git_folder(top / ".git"):
            break
    if not hooks and not lines:
        return GitClaim()
    digest = hashlib.sha256(json.dumps([lines, sorted(hooks.items())]).encode()).hexdigest()
    return GitClaim(tuple(hooks), tuple(lines), digest)


def _folders_with_git(folder: Path) -> Iterator[Path]:
    """Yield the folder and those around it that hold something named `.git`, the nearest first."""
    folder = Path(os.path.realpath(folder))
    return (above for above in (folder, *folder.parents) if (above / ".git").exists())


def _is_git_folder(path: Path) -> bool:
    """Whether git stops here: at a file that leads to a git folder, or at a git folder."""
    if path.is_file():
        return True
    head = read_small(path / "HEAD", _MAX_LINE_BYTES, follow_links=False)
    common_dir = path / os.fsdecode(read_small(path / "commondir", _MAX_LINE_BYTES) or b".").strip()
    is_head = re.match(rb"ref:\s*refs/|[0-9a-f]{40}", head or b"")
    return bool(is_head) and (common_dir / "objects").is_dir() and (common_dir / "refs").is_dir()


def _git_folders(top: Path) -> tuple[Path, Path] | None:
    """Return the git folder of a work tree, and the one that it shares with other work trees."""
    git_dir = top / ".git"
    if git_dir.is_file():
        text = (read_small(git_dir, _MAX_LINE_BYTES) or b"").decode("utf-8", "surrogateescape")
        git_dir = top / text.removeprefix("gitdir:").strip()
    if not git_dir.is_dir():
        return None
    common_dir = read_small(git_dir / "commondir", _MAX_LINE_BYTES)
    return git_dir, git_dir if common_dir is None else git_dir / os.fsdecode(common_dir).strip()


def _config_lines(*paths: Path) -> Iterator[str]:
    """Yield the dangerous settings of git configurations and of the files that they include."""
    seen, waiting = set(), list(paths)
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if len(seen) > _MAX_INCLUDED_FILES:
            raise Untrusted(
                f"{paths[0]} includes more than {_MAX_INCLUDED_FILES} files, so it cannot be trusted."
            )
        lines = dangerous_settings((read_small(path) or b"").decode("utf-8", "surrogateescape"))
        yield from lines
        waiting += [_resolved(path.parent, name) for name in named_paths(lines, "path")]


def _hooks(top: Path, common_dir: Path, lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield (path, digest of its content) for each file in the folders of hooks."""
    configured = [_resolved(top, name) for name in named_paths(lines, "hookspath")]
    users_lines = tuple(_config_lines(*_users_configs()))
    by_user = [_resolved(top, name) for name in named_paths(users_lines, "hookspath")]
    real_top = os.path.realpath(top)
    configured += [folder for folder in by_user if is_below(os.path.realpath(folder), real_top)]
    # husky's hooks are scripts of its own in `_` that run those in the folder above
    folders = [
        common_dir / "hooks",
        *(folder.parent if folder.name == "_" else folder for folder in configured),
    ]
    paths = (path for folder in dict.fromkeys(folders) for path in _files_below(folder))
    for number, path in enumerate(paths):
        if number == _MAX_HOOK_FILES:
            raise Untrusted(f"{top} has more than {_MAX_HOOK_FILES} hook files, so it cannot be trusted.")
        data = read_small(path, _MAX_HOOK_BYTES)  # None: unreadable here, but git may still run it
        digest = "" if data is None else hashlib.sha256(data).hexdigest()
        yield os.path.relpath(path, top).replace(os.sep, "/"), digest


def _users_configs() -> tuple[Path, ...]:
    """Return the user's own configurations of git: their `core.hooksPath` may lead into any repository."""
    path = os.environ.get("GIT_CONFIG_GLOBAL")
    if path is not None:
        return (Path(path),)
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(folder, "git", "config"), Path.home() / ".gitconfig"


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder in a fixed order, without the samples that git installs."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(files) if not name.endswith(".sample"))


def _resolved(base: Path, name: str) -> Path:
    return base / os.path.expanduser(name)
