"""What git would run or obey in a repository, and whether the repository is the folder's own.

The one reading of a repository's git folder: whatever runs git in the chat goes by it. The files are
read as git reads them, then git itself is asked, with everything switched off, and where both differ
it counts against the repository. Trust is bound to the digest of all that was found.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chat.errors import InputError, Untrusted
from chat.safety.secrets import without_model_keys
from chat.safety.small_file import is_below, read_small
from chat.trust.git_config import dangerous_settings, named_paths, unseen_settings
from repomap import (
    ASK_PLACES,
    GitFailed,
    GitLayout,
    GitPlaces,
    GitRunner,
    GitSetting,
    doubts_about,
    find_git,
    find_layout,
    look_for_doubts,
    read_places,
)

_MAX_HOOK_FILES = 2_000
_MAX_HOOK_BYTES = 50_000_000
_MAX_INCLUDED_FILES = 100
_MAX_CONFIG_BYTES = 10_000_000
"""A clone with ten thousand branches that it follows has a configuration of a megabyte."""
_SCOPES_OF_REPOSITORY = ("local", "worktree")


@dataclass(frozen=True, slots=True)
class GitClaim:
    """A repository as git would find it from a folder, and what it asks for beyond what is harmless."""

    hooks: tuple[str, ...] = ()
    """Files of hooks, relative to the work tree's top."""
    lines: tuple[str, ...] = ()
    """Settings, as `section.key = value`."""
    doubts: tuple[str, ...] = ()
    """Why the repository may not be the folder's own, a clause each."""
    digest: str = ""
    """Of all this, with the content of the hooks; empty where there is nothing."""
    never: str = ""
    """Why this cannot be trusted at all; then it was not read to its end."""
    layout: GitLayout | None = None
    """Where the repository is; None without one."""
    places: GitPlaces | None = None
    """The same as git says; None where git was not asked or refused."""
    refusal: str = ""
    """What git said where it refused."""
    settings: tuple[GitSetting, ...] = field(default=(), repr=False)
    """Everything that is configured, as git says."""
    sources: tuple[Path, ...] = field(default=(), repr=False)
    """Files and folders whose change may change the claim, those that are not there included."""

    @property
    def overrides(self) -> dict[str, str]:
        """The repository's own settings that name programs, with what replaces them: the user's own, or nothing.

        A filter that the user's own settings define, such as Git LFS, stays.
        """
        programs = [setting for setting in self.settings if setting.names_program]
        users = {each.key: each.value for each in programs if each.scope not in _SCOPES_OF_REPOSITORY}
        theirs = [each for each in programs if each.scope in _SCOPES_OF_REPOSITORY]
        return {each.key: users.get(each.key, each.off) for each in theirs}


def git_claim(folder: Path) -> GitClaim:
    """Read what git would run or obey in a folder of a work tree; nothing where there is no `.git`."""
    layout = find_layout(folder)
    if layout is None:
        return GitClaim()
    return _Reading(layout).claim(folder)


def claim_by_files(folder: Path) -> GitClaim:
    """Read the same by the files alone, for who cannot wait for git; without a digest, and nothing to trust."""
    layout = find_layout(folder)
    return _Reading(layout).claim_by_files() if layout else GitClaim()


class _Reading:
    """The reading of one repository, which notes every path that it looks at."""

    def __init__(self, layout: GitLayout) -> None:
        self._layout = layout
        pointers = (layout.top / ".git", layout.git_dir / "commondir", layout.git_dir / "gitdir")
        self._sources: dict[Path, None] = dict.fromkeys(path for path in pointers if not path.is_dir())

    def claim(self, folder: Path) -> GitClaim:
        layout = self._layout
        doubts = look_for_doubts(layout)
        places, settings, refusal = (None, (), "") if doubts else ask_git(folder)
        if places is not None:
            doubts = doubts_about(layout, places, _worktree(settings))
        lines, hooks, never = self._lines_and_hooks(settings)
        if places is not None and not doubts:  # then it says what is so
            lines = [line for line in lines if not line.startswith("core.worktree = ")]
        facts = [lines, sorted(hooks.items()), doubts, never]
        digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest() if any(facts) else ""
        return GitClaim(
            hooks=tuple(hooks),
            lines=tuple(lines),
            doubts=doubts,
            digest=digest,
            never=never,
            layout=layout,
            places=places,
            refusal=refusal,
            settings=settings,
            sources=tuple(self._sources),
        )

    def claim_by_files(self) -> GitClaim:
        lines, hooks, never = self._lines_and_hooks(())
        return GitClaim(hooks=tuple(hooks), lines=tuple(lines), never=never, layout=self._layout)

    def _lines_and_hooks(self, settings: tuple[GitSetting, ...]) -> tuple[list[str], dict[str, str], str]:
        """Return dangerous settings, hooks with digests, and "" or why there are too many to look at."""
        layout = self._layout
        own = [(each.key, each.value) for each in settings if each.scope in _SCOPES_OF_REPOSITORY]
        try:
            lines = [*self._config_lines(layout.common_dir / "config", layout.git_dir / "config.worktree")]
            lines += unseen_settings(tuple(lines), own)
            return lines, dict(self._hooks(tuple(lines), settings)), ""
        except (InputError, Untrusted) as error:
            return [], {}, str(error)

    def _config_lines(self, *paths: Path) -> Iterator[str]:
        """Yield the dangerous settings of git configurations and of the files that they include."""
        seen, waiting = set(), list(paths)
        while waiting:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            self._sources[path] = None
            if len(seen) > _MAX_INCLUDED_FILES:
                raise Untrusted(
                    f"{paths[0]} includes more than {_MAX_INCLUDED_FILES} files, so it cannot be trusted."
                )
            data = read_small(path, _MAX_CONFIG_BYTES) or b""
            lines = dangerous_settings(data.decode("utf-8", "surrogateescape"))
            yield from lines
            waiting += [_resolved(path.parent, name) for name in named_paths(lines, "path")]

    def _hooks(self, lines: tuple[str, ...], settings: tuple[GitSetting, ...]) -> Iterator[tuple[str, str]]:
        """Yield (path, digest of its content) for each file in the folders of hooks."""
        top = self._layout.top
        paths = (
            path
            for folder in dict.fromkeys(self._hook_folders(lines, settings))
            for path in self._files_below(folder)
        )
        for number, path in enumerate(paths):
            if number == _MAX_HOOK_FILES:
                raise Untrusted(f"{top} has more than {_MAX_HOOK_FILES} hook files, so it cannot be trusted.")
            self._sources[path] = None
            data = read_small(path, _MAX_HOOK_BYTES)  # None: unreadable here, but git may still run it
            digest = "" if data is None else hashlib.sha256(data).hexdigest()
            yield self._name_of(path), digest

    def _name_of(self, path: Path) -> str:
        """Return the name of a hook's file from the top, the same in every work tree of a repository."""
        git_folder = self._layout.common_dir
        if path.is_relative_to(git_folder):
            return f".git/{path.relative_to(git_folder).as_posix()}"
        return os.path.relpath(path, self._layout.top).replace(os.sep, "/")

    def _hook_folders(self, lines: tuple[str, ...], settings: tuple[GitSetting, ...]) -> Iterator[Path]:
        """Yield the folders in which git, by any settings, may look for hooks of the repository's."""
        top = self._layout.top
        users_lines = tuple(self._config_lines(*_users_configs()))
        by_git = tuple(each.value for each in settings if each.key == "core.hookspath" and each.value)
        by_user = [_resolved(top, name) for name in (*named_paths(users_lines, "hookspath"), *by_git)]
        configured = [_resolved(top, name) for name in named_paths(lines, "hookspath")]
        configured += [folder for folder in by_user if is_below(os.path.realpath(folder), str(top))]
        yield self._layout.common_dir / "hooks"
        # husky's hooks are scripts of its own in `_` that run those in the folder above
        yield from (folder.parent if folder.name == "_" else folder for folder in configured)

    def _files_below(self, folder: Path) -> Iterator[Path]:
        """Yield every file below a folder in a fixed order, without the samples that git installs."""
        self._sources[folder] = None
        for parent, folders, files in os.walk(folder):
            folders.sort()
            self._sources |= dict.fromkeys(Path(parent, name) for name in folders)
            yield from (Path(parent, name) for name in sorted(files) if not name.endswith(".sample"))


def ask_git(folder: Path) -> tuple[GitPlaces | None, tuple[GitSetting, ...], str]:
    """Return where git finds the repository, what is configured there, and "" or git's refusal.

    All switches are off. Only for a folder whose git folder was looked at, or that the user trusts.
    """
    program = find_git()
    if program is None:
        return None, (), ""
    runner = GitRunner(program=program, folder=folder, caller=without_model_keys(os.environ))
    try:
        places = read_places(runner.run("rev-parse", *ASK_PLACES).stdout, folder)
        return (places, runner.settings(), "") if places.in_work_tree else (None, (), "")
    except GitFailed as error:
        return None, (), str(error)


def _worktree(settings: tuple[GitSetting, ...]) -> str:
    """Return where the repository says that its files are; "" where it does not."""
    values = [
        each.value for each in settings if each.key == "core.worktree" and each.scope in _SCOPES_OF_REPOSITORY
    ]
    return values[-1] if values else ""


def _users_configs() -> tuple[Path, ...]:
    """Return the user's own configurations of git: their `core.hooksPath` may lead into any repository."""
    path = os.environ.get("GIT_CONFIG_GLOBAL")
    if path is not None:
        return (Path(path),)
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(folder, "git", "config"), Path.home() / ".gitconfig"


def _resolved(base: Path, name: str) -> Path:
    return base / os.path.expanduser(name)
