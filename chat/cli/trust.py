"""[io] `trigpoint trust`: show what a repository's own configuration asks for, and ask whether to allow it.

The only way to trust a repository. The bytes are read once, so what is agreed to is what was shown.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from chat.agents.sources import agent_claims
from chat.errors import InputError, NeedsTerminal, Untrusted
from chat.hooks.sources import claim_lines, hook_claims
from chat.settings.display import shown
from chat.settings.load import settings_in
from chat.settings.row import Scope
from chat.settings.table import ROWS
from chat.trust.claims import SettingsClaim, find_root, settings_claims
from chat.trust.git_claim import GitClaim, git_claim
from chat.trust.grants import Grant, agreed, grant_for, grants, set_grant
from repomap import escaped


@click.command(name="trust")
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("-y", "--yes", is_flag=True, help="Agree without a question.")
@click.option("--revoke", is_flag=True, help="Stop trusting the repository.")
@click.option("--list", "listing", is_flag=True, help="Print the trusted repositories.")
def trust_command(directory: Path, yes: bool, revoke: bool, listing: bool) -> int:
    """Trust the configuration of the repository around DIR, after showing what it asks for.

    Until then a repository's .trigpoint.toml may only change harmless settings, its hooks are not run, its agents
    are not used, and its git hooks, filters and signing are not used either. Trust covers the work
    trees of this repository and exactly what was shown; it ends when that changes.
    """
    if listing:
        return _list()
    if not directory.is_dir():
        raise InputError(f"There is no folder {directory}. Nothing was trusted.")
    root = find_root(directory) or Path(os.path.realpath(directory))
    return _revoke(root) if revoke else _trust(root, directory, yes)


def _list() -> int:
    for root, grant in sorted(grants().items()):
        if grant.when:
            trusted = [*grant.settings, *(["git's hooks and settings"] if grant.git else [])]
            click.echo(escaped(f"{root}  {grant.when}  {', '.join(trusted)}"))
    return 0


def _revoke(root: Path) -> int:
    was_trusted = grant_for(root).when
    set_grant(root, None)
    click.echo(escaped(f"{root} is no longer trusted." if was_trusted else f"{root} was not trusted."))
    return 0


def _trust(root: Path, folder: Path, yes: bool) -> int:
    before, settings, git = grant_for(root), settings_claims(root, folder), git_claim(root)
    if git.never:
        raise Untrusted(git.never)
    settings = tuple(claim for claim in settings if list(_settings_lines(claim)))
    hooks, agents = hook_claims(root, folder), agent_claims(root, folder)
    after = agreed((*settings, *hooks, *agents), git, before)
    asks = bool(settings or hooks or agents or git.digest)
    if (after.settings, after.git) == (before.settings, before.git) or not asks:
        click.echo(escaped(f"{root} asks for nothing that is not trusted already."))
        return 0
    lines = (*_claim_lines(root, settings, git, before), *_hook_lines(hooks, before))
    for line in (*lines, *_agent_lines(agents, before)):
        click.echo(escaped(line))
    if not yes and not _agrees():
        click.echo("Nothing was trusted.")
        return 1
    set_grant(root, after)
    click.echo("Trusted until one of these changes.")
    return 0


def _agrees() -> bool:
    if not sys.stdin.isatty():
        raise NeedsTerminal(
            "There is no terminal to ask at. Nothing was trusted; to agree anyway, add --yes."
        )
    return click.confirm("Trust this?", default=False)


def _claim_lines(
    root: Path, settings: tuple[SettingsClaim, ...], git: GitClaim, before: Grant
) -> Iterator[str]:
    """Yield a line for everything that would be allowed."""
    yield str(root)
    for claim in settings:
        is_new = before.settings.get(claim.name) != claim.digest
        yield f"{claim.name} sets{'' if is_new else ' (trusted already)'}:"
        yield from (f"  {line}" for line in _settings_lines(claim))
    if git.doubts:
        yield "The repository may not be this folder's own, and git would work on it all the same:"
        yield from (f"  {doubt}" for doubt in git.doubts)
    if git.lines:
        yield "git obeys these settings, and some may run programs:"
        yield from (f"  {line}" for line in git.lines)
    if git.hooks:
        yield "git runs these hooks, so read them first:"
        yield from (f"  {name}" for name in git.hooks)


def _hook_lines(claims: tuple[SettingsClaim, ...], before: Grant) -> Iterator[str]:
    """Yield a line for every hook that a chat would run."""
    for claim in claims:
        is_new = before.settings.get(claim.name) != claim.digest
        yield f"{claim.name} has hooks{'' if is_new else ' (trusted already)'}:"
        yield from (f"  {line}" for line in claim_lines(claim))


def _agent_lines(claims: tuple[SettingsClaim, ...], before: Grant) -> Iterator[str]:
    """Yield a line for every agent that a chat would use."""
    if claims:
        yield "A chat hands tasks to these agents. Their files say what they are told and may do, so read them first:"
    for claim in claims:
        is_new = before.settings.get(claim.name) != claim.digest
        yield f"  {claim.name}{'' if is_new else ' (trusted already)'}"


def _settings_lines(claim: SettingsClaim) -> Iterator[str]:
    """Yield the settings of a file that need trust, as `name = value`."""
    for name, value in settings_in(claim.path, claim.data).values.items():
        row = ROWS[name]
        if row.scope_of(value) is Scope.TRUSTED or name in ("file", "read"):
            yield f"{name} = {shown(replace(row, secret=False), value)}"
