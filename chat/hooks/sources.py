"""[io] Where hooks are kept: the user's own files, and those of a repository with what trust in them is bound to."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from chat.errors import InputError
from chat.hooks.hook_file import Hook, HookFile, read_hook_file
from chat.safety.small_file import is_below, read_small
from chat.trust.claims import SettingsClaim, find_root
from chat.trust.grants import TrustInFile, granted_files, trust_in

PROJECT_FILES = (".trigpoint/hooks.json", ".claude/settings.json", ".claude/settings.local.json")
"""The hook files of a repository, below the root."""
Trust = TrustInFile | Literal["yours"]

_PROJECT_FOLDER = re.compile(r'"?\$\{?(?:CLAUDE|TRIGPOINT)_PROJECT_DIR\}?"?/?')
_WORD = re.compile(r"[^\s\"'`;|&<>()$]+")


@dataclass(frozen=True, slots=True)
class HookSource:
    """A file that holds hooks."""

    path: Path
    content: HookFile
    trust: Trust
    claim: SettingsClaim | None = None
    """What of it needs trust; None for the user's own."""

    @property
    def counts(self) -> bool:
        """Whether its hooks are run."""
        return self.trust in ("yours", "trusted")


def user_files() -> tuple[Path, ...]:
    """Return the user's own hook files, whether they are there or not."""
    from platformdirs import user_config_path

    claude = os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~/.claude")
    return user_config_path("trigpoint") / "hooks.json", Path(claude, "settings.json")


def hook_sources(root: Path) -> tuple[HookSource, ...]:
    """Return the files with hooks that count in a folder, the user's first; those without any are left out."""
    own = [HookSource(path, _read(path, str(path)), "yours") for path in user_files()]
    found = [source for source in own if source.content != HookFile()]
    seen = {os.path.realpath(path) for path in user_files()}
    claims = [
        (path, content, claim)
        for path, content, claim in _brought(root)
        if os.path.realpath(path) not in seen
    ]
    if claims:
        granted = granted_files(root)
        for path, content, claim in claims:
            found.append(HookSource(path, content, trust_in(claim, granted), claim))
    return tuple(found)


def hook_claims(root: Path, folder: Path) -> tuple[SettingsClaim, ...]:
    """Return what a repository's hook files ask for, in its root and in a folder."""
    places = dict.fromkeys((Path(os.path.realpath(root)), Path(os.path.realpath(folder))))
    return tuple(claim for place in places for _, content, claim in _brought(place) if content.hooks)


def claim_lines(claim: SettingsClaim) -> Iterator[str]:
    """Yield a line for each hook of a claim, and for each file of the repository that the hooks run."""
    asked = json.loads(claim.data)
    yield from (Hook(**fields).described for fields in asked["hooks"])
    for name in asked["files"]:
        yield f"they name {name}, so read it first"


def _brought(root: Path) -> Iterator[tuple[Path, HookFile, SettingsClaim]]:
    """Yield the hook files below a root; a link that leaves it is not followed."""
    real_root = Path(os.path.realpath(root))
    top = find_root(real_root) or real_root
    for name in PROJECT_FILES:
        path = real_root / name
        if not os.path.lexists(path) or not is_below(os.path.realpath(path), str(real_root)):
            continue
        content = _read(path, name)
        if content == HookFile():
            continue
        try:
            data = _asked(content, real_root)
        except InputError as error:
            content, data = HookFile(warnings=(f"{error} The hooks of {name} are not run.",)), b"{}"
        yield path, content, SettingsClaim.in_tree(top, path, data)


def _read(path: Path, name: str) -> HookFile:
    try:
        data = read_small(path)
    except InputError as error:
        return HookFile(warnings=(f"{error} Its hooks are not run.",))
    return HookFile() if data is None else read_hook_file(data, name)


def _asked(content: HookFile, root: Path) -> bytes:
    """Return what trust in a hook file is bound to: its hooks, and the files of the repository that they name.

    The file's other settings may change: Claude Code writes permissions into the same one.
    """
    files = {name: digest for hook in content.hooks for name, digest in _named_files(hook, root)}
    hooks = [asdict(hook) for hook in content.hooks]
    return json.dumps({"hooks": hooks, "files": files}, sort_keys=True).encode()


def _named_files(hook: Hook, root: Path) -> Iterator[tuple[str, str]]:
    """Yield name and digest of each file below the root that a command line names. Raises InputError."""
    whole = (
        [_PROJECT_FOLDER.sub("", arg) for arg in (hook.command, *hook.args)] if hook.args is not None else []
    )
    for word in (*whole, *_WORD.findall(_PROJECT_FOLDER.sub(" ", hook.line))):
        path = Path(os.path.realpath(root / word))
        if is_below(str(path), str(root)) and path.is_file():
            data = read_small(path)
            if data is not None:
                yield path.relative_to(root).as_posix(), hashlib.sha256(data).hexdigest()
