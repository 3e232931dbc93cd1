"""[io] Which repositories the user trusts: their configuration → a digest that the user has agreed to, or not.

Trust is bound to the real path of a repository and to the content of what it configures: each
`.trigpoint.toml`, and, as one, the lines of git's configuration and the hooks that git would run. When one of
these changes, it is not trusted until the user has agreed again. A repository that configures nothing needs
no trust. What the user agreed to is kept in the user's state folder, never in the repository.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from chat.errors import ChatError, Untrusted
from chat.safety.small_file import is_below, read_small
from chat.trust.git_config import claims, named_paths
from repomap import write_whole

SETTINGS_FILE = ".trigpoint.toml"
_MOST_HOOK_FILES = 2_000
_MOST_INCLUDED_FILES = 100


@dataclass(frozen=True, slots=True)
class SettingsClaim:
    """A file of settings that a repository brings."""

    name: str
    """Relative to the root, with `/`."""
    path: Path
    data: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class GitClaim:
    """What git would run or heed in a repository, beyond what is harmless."""

    hooks: tuple[str, ...] = ()
    """Files of hooks."""
    lines: tuple[str, ...] = ()
    """Settings, as `section.key = value`."""
    digest: str = ""
    """Of all this, with the content of the hooks; empty where there is nothing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the user has agreed to for one repository."""

    settings: Mapping[str, str] = field(default_factory=dict)
    """Digests of files of settings, by name."""
    git: str = ""
    """The digest of a `GitClaim`."""
    told: str = ""
    """The digest of the `GitClaim` that the user was told of last."""
    when: str = ""


def find_root(folder: Path) -> Path | None:
    """The folder of the git work tree around a folder, told as git does by its `.git`; git is not run."""
    return next((each for each in _with_git(folder) if _is_git_folder(each / ".git")), None)


def _with_git(folder: Path) -> Iterator[Path]:
    """The folder and those around it that hold something named `.git`, the nearest first."""
    folder = Path(os.path.realpath(folder))
    return (each for each in (folder, *folder.parents) if (each / ".git").exists())


def _is_git_folder(path: Path) -> bool:
    """Whether git stops here: a file that leads to a git folder, or a git folder. Else it looks further up."""
    if path.is_file():
        return True
    head = read_small(path / "HEAD", 10_000) if not (path / "HEAD").is_symlink() else None
    common = path / os.fsdecode(read_small(path / "commondir", 10_000) or b".").strip()
    known = re.match(rb"ref:\s*refs/|[0-9a-f]{40}", head or b"")
    return bool(known) and (common / "objects").is_dir() and (common / "refs").is_dir()


def settings_claims(root: Path, folder: Path) -> tuple[SettingsClaim, ...]:
    """The files of settings of a repository that count in one of its folders: its root's, then the folder's."""
    root, folder = Path(os.path.realpath(root)), Path(os.path.realpath(folder))
    found = []
    for each in dict.fromkeys((root, folder)):
        data = read_small(each / SETTINGS_FILE) if is_below(str(each), str(root)) else None
        if data is not None:
            name = (each / SETTINGS_FILE).relative_to(root).as_posix()
            found.append(SettingsClaim(name, each / SETTINGS_FILE, data))
    return tuple(found)


# git ----------------------------------------------------------------------------------------------


def git_claim(folder: Path) -> GitClaim:
    """What git would run or heed in a folder of a work tree; nothing where there is no `.git`.

    Raises Untrusted where there are more hooks than can be looked at.
    """
    lines: list[str] = []
    hooks: dict[str, str] = {}
    for root in _with_git(folder):
        if folders := _git_folders(root):
            own, common = folders
            here = tuple(_lines_of(common / "config", own / "config.worktree"))
            lines += here
            hooks |= dict(_hooks(root, common, here))
        if _is_git_folder(root / ".git"):
            break
    if not hooks and not lines:
        return GitClaim()
    digest = hashlib.sha256(json.dumps([lines, sorted(hooks.items())]).encode()).hexdigest()
    return GitClaim(tuple(hooks), tuple(lines), digest)


def _git_folders(root: Path) -> tuple[Path, Path] | None:
    """The git folder of a work tree, and the one that it shares with other work trees."""
    own = root / ".git"
    if own.is_file():
        text = (read_small(own, 10_000) or b"").decode("utf-8", "surrogateescape")
        own = root / text.removeprefix("gitdir:").strip()
    if not own.is_dir():
        return None
    common = read_small(own / "commondir", 10_000)
    return own, own if common is None else own / os.fsdecode(common).strip()


def _lines_of(*paths: Path) -> Iterator[str]:
    """The claims of git configurations and of the files that they include."""
    seen, waiting = set(), list(paths)
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if len(seen) > _MOST_INCLUDED_FILES:
            raise Untrusted(
                f"{paths[0]}: includes more than {_MOST_INCLUDED_FILES} files; it cannot be trusted."
            )
        lines = claims((read_small(path) or b"").decode("utf-8", "surrogateescape"))
        yield from lines
        waiting += [_resolved(path.parent, name) for name in named_paths(lines, "path")]


def _hooks(root: Path, common: Path, lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(path, digest of its content) of each file in the folders of hooks."""
    of_user = [_resolved(root, name) for name in named_paths(tuple(_lines_of(*_user_configs())), "hookspath")]
    below = [folder for folder in of_user if is_below(os.path.realpath(folder), os.path.realpath(root))]
    named = [*(_resolved(root, name) for name in named_paths(lines, "hookspath")), *below]
    # husky's hooks are scripts of its own in `_` that run those in the folder above
    folders = [common / "hooks", *(each.parent if each.name == "_" else each for each in named)]
    paths = (path for folder in dict.fromkeys(folders) for path in _files_below(folder))
    for number, path in enumerate(paths):
        if number == _MOST_HOOK_FILES:
            raise Untrusted(f"{root}: more than {_MOST_HOOK_FILES} files of hooks; they cannot be trusted.")
        data = read_small(path, 50_000_000)  # None: unreadable here, but git may still run it
        digest = "" if data is None else hashlib.sha256(data).hexdigest()
        yield os.path.relpath(path, root).replace(os.sep, "/"), digest


def _user_configs() -> tuple[Path, ...]:
    """The user's own configurations of git: `core.hooksPath` in them may lead into any repository."""
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    if named is not None:
        return (Path(named),)
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(folder, "git", "config"), Path.home() / ".gitconfig"


def _files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder in a fixed order, without the samples that git lays out."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(files) if not name.endswith(".sample"))


def _resolved(base: Path, name: str) -> Path:
    return base / os.path.expanduser(name)


# what was agreed to -------------------------------------------------------------------------------


def store_path() -> Path:
    """The file that holds what the user has agreed to."""
    from platformdirs import user_state_path

    return user_state_path("trigpoint") / "trust.json"


def grants() -> dict[str, Grant]:
    """What the user has agreed to, by the real path of the repository.

    Raises ChatError where the file is damaged or somebody else may write it.
    """
    path = store_path()
    data = read_small(path, 20_000_000)
    if data is None:
        return {}
    if sys.platform != "win32" and (path.stat().st_uid != os.getuid() or path.stat().st_mode & 0o022):
        raise ChatError(f"{path}: others may write to it, so nothing is trusted. Look at it, then remove it.")
    try:
        return {root: Grant(**each) for root, each in json.loads(data)["repositories"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChatError(f"{path}: damaged, so nothing is trusted. Remove it and trust again.") from error


def grant_for(folder: Path) -> Grant:
    """What the user has agreed to for the repository around a folder."""
    return grants().get(_key(folder), Grant())


def set_grant(folder: Path, grant: Grant | None) -> None:
    """Replaces what the user has agreed to for the repository around a folder; None takes it back."""
    every = grants()
    every.pop(_key(folder), None)
    if grant is not None:
        every[_key(folder)] = grant
    _write(every)


def agreed(settings: tuple[SettingsClaim, ...], git: GitClaim, before: Grant) -> Grant:
    """What the user has agreed to after saying yes to all of this."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    names = dict(before.settings) | {claim.name: claim.digest for claim in settings}
    return Grant(names, git.digest, git.digest, now)


def is_git_trusted(folder: Path) -> bool:
    """Whether git's hooks, filters and signing may be used: nothing is configured, or the user agreed."""
    try:
        claim = git_claim(folder)
        return not claim.digest or grant_for(folder).git == claim.digest
    except ChatError:
        return False


def git_notice(root: Path) -> str:
    """What is withheld from git in a repository, in one line; empty where nothing is or it was told before."""
    try:
        claim, grant = git_claim(root), grant_for(root)
        if not claim.digest or claim.digest in (grant.git, grant.told):
            return ""
        set_grant(root, replace(grant, told=claim.digest))
    except ChatError as error:
        return str(error)
    changed = "changed since you trusted them" if grant.git else "not trusted yet"
    return (
        f"{root}: {_what(claim)}: {changed}, so git runs without. "
        "`trigpoint trust` shows them and asks; this is said once."
    )


def _what(claim: GitClaim) -> str:
    """The hooks and git settings of a repository by their names, a few of them."""
    names = [name.rpartition("/")[2] for name in claim.hooks] + [line.split(" = ")[0] for line in claim.lines]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"hooks and git settings ({', '.join(names[:4])}{more})"


def _key(folder: Path) -> str:
    return os.path.normcase(find_root(folder) or os.path.realpath(folder))


def _write(every: Mapping[str, Grant]) -> None:
    path = store_path()
    repositories = {
        root: {"settings": dict(each.settings), "git": each.git, "told": each.told, "when": each.when}
        for root, each in sorted(every.items())
    }
    text = json.dumps({"version": 1, "repositories": repositories}, indent=1)
    try:
        write_whole(path, text.encode(), sync=True)
    except OSError as error:
        raise ChatError(f"{path}: {error.strerror}; trust was not changed.") from error
