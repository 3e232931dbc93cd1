"""[io] Whether a repository asks for trust, and whether it has it, in a word or two."""

from pathlib import Path

from chat.trust.claims import SettingsClaim, settings_claims
from chat.trust.git_claim import git_claim
from chat.trust.grants import grant_for, is_git_trusted


def trust_state(
    root: Path, folder: Path, hooks: tuple[SettingsClaim, ...] = (), *, bare: bool = False
) -> str:
    """Return what to call the trust in a repository; "" where it brings nothing that needs any.

    ``hooks`` is what its hook files and its agents ask for.

    Raises ChatError where that cannot be told.
    """
    settings, git = (*settings_claims(root, folder), *hooks), git_claim(root)
    if bare or not (settings or git.digest):
        return ""
    granted = grant_for(root).settings
    if all(granted.get(claim.name) == claim.digest for claim in settings) and is_git_trusted(root, git):
        return "trusted"
    return "not trusted (see trigpoint trust)"
