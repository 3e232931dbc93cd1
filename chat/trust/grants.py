"""What the user has agreed to, kept in the user's state folder and never in the repository.

Trust is bound to the real path of a repository's main work tree and to the content of what it asks for: each
`.trigpoint.toml`, and, as one, the lines of git's configuration and the hooks that git would run.
When one of these changes, it is not trusted until the user has agreed again. A repository that asks
for nothing needs no trust.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from chat.errors import ChatError
from chat.safety.small_file import read_settings_file
from chat.trust.claims import SETTINGS_FILE, SettingsClaim, main_tree
from chat.trust.git_claim import GitClaim, git_claim
from chat.trust.user_file import UserFile

TrustInFile = Literal["trusted", "changed", "not trusted"]
_MAX_NAMES = 4


@dataclass(frozen=True, slots=True)
class Grant:
    """What the user has agreed to for one repository."""

    settings: Mapping[str, str] = field(default_factory=dict)
    """Digests of settings files, by name."""
    git: str = ""
    """The digest of a `GitClaim`."""
    announced: str = ""
    """The digest of the `GitClaim` that the user was last told about."""
    when: str = ""


def _read_grant(fields: Mapping[str, Any]) -> Grant:
    return Grant(dict(fields["settings"]), fields["git"], fields["told"], fields["when"])


_FILE = UserFile("trust.json", 20_000_000, _read_grant, "nothing is trusted")
_UNCHANGED = "Trust was not changed."


def store_path() -> Path:
    """Return the file that holds what the user has agreed to."""
    return _FILE.path


def grants() -> dict[str, Grant]:
    """Return what the user has agreed to, by the real path of the repository.

    Raises ChatError where the file is damaged or others may write to it.
    """
    return _FILE.entries()


def grant_for(folder: Path) -> Grant:
    """Return what the user has agreed to for the repository around a folder."""
    return grants().get(_key(folder), Grant())


def granted_files(folder: Path) -> dict[str, str]:
    """Return the digests of the files that count in a repository, by name; none where what was agreed to is damaged.

    Whoever reads the settings says that it is.
    """
    try:
        return dict(grant_for(folder).settings)
    except ChatError:
        return {}


def trust_in(claim: SettingsClaim, granted: Mapping[str, str]) -> TrustInFile:
    """Return whether the user has agreed to a file as it is, given what they agreed to."""
    digest = granted.get(claim.name)
    if digest is None:
        return "not trusted"
    return "trusted" if digest == claim.digest else "changed"


def set_grant(folder: Path, grant: Grant | None) -> None:
    """Replace what the user has agreed to for the repository around a folder; None revokes it."""
    _change(folder, lambda _: grant)


def agreed(settings: tuple[SettingsClaim, ...], git: GitClaim, before: Grant) -> Grant:
    """Return what the user has agreed to after saying yes to all of this."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    digests = dict(before.settings) | {claim.name: claim.digest for claim in settings}
    return Grant(digests, git.digest, git.digest, now)


def is_git_trusted(folder: Path, claim: GitClaim | None = None) -> bool:
    """Whether git's hooks, filters and signing may be used: there are none, or the user agreed.

    ``claim`` is what the repository asks for, where that was read already.
    """
    try:
        claim = git_claim(folder) if claim is None else claim
        return not claim.digest or (not claim.never and grant_for(folder).git == claim.digest)
    except ChatError:
        return False


def changed_source(root: Path, source: str) -> str:
    """Return which settings file among the sources of a setting has changed since the user trusted it, or "".

    ``source`` is what the setting says of where it comes from: files, joined by commas.
    """
    granted = grant_for(root).settings
    real_root = os.path.realpath(root)
    for path in source.split(", "):
        name = os.path.relpath(os.path.realpath(path), real_root).replace(os.sep, "/")
        if os.path.basename(path) == SETTINGS_FILE and name in granted:
            data = read_settings_file(Path(path))
            if data is None or hashlib.sha256(data).hexdigest() != granted[name]:
                return path
    return ""


def git_notice(root: Path, claim: GitClaim | None = None) -> str:
    """Say once, in one line, what git goes without in a repository; "" where that is nothing."""
    try:
        claim = git_claim(root) if claim is None else claim
        grant = grant_for(root)
        if not claim.digest or claim.digest in (grant.git, grant.announced):
            return ""
    except ChatError as error:
        return str(error)
    with suppress(ChatError):  # then it is said again
        _change(root, lambda now: replace(now, announced=claim.digest))
    state = "changed since you trusted them" if grant.git else "not trusted yet"
    return (
        f"{root}: {_described(claim)} are {state}, so git runs without them. "
        "`trigpoint trust` shows them and asks; this message appears once."
    )


def _described(claim: GitClaim) -> str:
    """Name a few of a repository's hooks and git settings."""
    names = [name.rpartition("/")[2] for name in claim.hooks] + [line.split(" = ")[0] for line in claim.lines]
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return f"hooks and git settings ({', '.join(names[:_MAX_NAMES])}{more})"


def _key(folder: Path) -> str:
    return os.path.normcase(main_tree(folder))


def _change(folder: Path, change: Callable[[Grant], Grant | None]) -> None:
    """Replace what counts for one repository, as it is now, and nothing that another process does meanwhile."""
    with _FILE.held(_UNCHANGED):
        all_grants = grants()
        after = change(all_grants.pop(_key(folder), Grant()))
        _write(all_grants if after is None else {**all_grants, _key(folder): after})


def _write(all_grants: Mapping[str, Grant]) -> None:
    entries = {
        root: {
            "settings": dict(grant.settings),
            "git": grant.git,
            "told": grant.announced,
            "when": grant.when,
        }
        for root, grant in all_grants.items()
    }
    _FILE.write(entries, _UNCHANGED)
