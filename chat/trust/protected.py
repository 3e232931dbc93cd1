"""[io] Files whose change reaches further than the code: they say what runs at the next start or commit.

An edit of one is shown and asked about, whatever else the model may write unasked.
"""

import posixpath
from collections.abc import Iterable
from pathlib import Path

from chat.model import RepoPath
from chat.trust.claims import SETTINGS_FILE
from chat.trust.git_claim import claim_by_files
from chat.trust.git_config import named_paths

_SETTINGS = frozenset((SETTINGS_FILE, ".aider.conf.yml"))
_HOOK_FILES = frozenset((".trigpoint/hooks.json", ".claude/settings.json", ".claude/settings.local.json"))
_AGENT_FOLDERS = frozenset((".trigpoint/agents", ".claude/agents"))
_HOOK_FOLDERS = frozenset((".githooks", ".husky"))
_OF_SETTINGS = (
    "it holds settings that count at the next start. Trust in it ends with the change; `trigpoint trust` shows it "
    "and asks again"
)
_OF_HOOKS = (
    "git may run it at the next commit. Trust in the hooks ends with the change; `trigpoint trust` shows them and "
    "asks again"
)
_OF_HOOK_FILES = (
    "it holds hooks, which run programs. Trust in them ends with the change; `trigpoint trust` shows them and asks "
    "again"
)
_OF_AGENTS = (
    "it says what an agent may do and is told. Trust in it ends with the change; `trigpoint trust` shows it and asks "
    "again"
)
_OF_SUBMODULES = "it says from where `git submodule` fetches code"


def protected(paths: Iterable[RepoPath], root: Path) -> dict[RepoPath, str]:
    """Return which of the paths reach further than the code, each with what its change does."""
    folders: tuple[RepoPath, ...] | None = None
    reasons: dict[RepoPath, str] = {}
    for path in paths:
        name = posixpath.basename(path).casefold()
        if name in _SETTINGS:
            reasons[path] = _OF_SETTINGS
        elif "/".join(path.casefold().split("/")[-2:]) in _HOOK_FILES:
            reasons[path] = _OF_HOOK_FILES
        elif "/".join(path.casefold().split("/")[-3:-1]) in _AGENT_FOLDERS:
            reasons[path] = _OF_AGENTS
        elif name == ".gitmodules":
            reasons[path] = _OF_SUBMODULES
        else:
            folders = _hook_folders(root) if folders is None else folders
            if _is_hook(path.casefold(), folders):
                reasons[path] = _OF_HOOKS
    return reasons


def _is_hook(path: RepoPath, folders: Iterable[RepoPath]) -> bool:
    is_named = any(part in _HOOK_FOLDERS for part in path.split("/")[:-1])
    return is_named or any(path.startswith(f"{folder}/") for folder in folders)


def _hook_folders(root: Path) -> tuple[RepoPath, ...]:
    """The folders below the root from which git runs hooks, in lower case."""
    claim = claim_by_files(root)
    found = {posixpath.dirname(hook) for hook in claim.hooks}
    found.update(posixpath.normpath(name) for name in named_paths(claim.lines, "hookspath"))
    return tuple(folder.casefold() for folder in found if folder not in ("", ".") and folder[0] not in "/~")
