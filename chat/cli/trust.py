"""[io] `trigpoint trust`: shows what a repository's own configuration asks for, and asks whether it may.

The one way in which a repository comes to be trusted. What is agreed to is what was shown: the bytes are
read once.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from chat.errors import InputError, NeedsTerminal
from chat.settings.display import shown
from chat.settings.kinds import escaped
from chat.settings.load import settings_in
from chat.settings.row import Scope
from chat.settings.table import ROWS
from chat.trust.grants import (
    GitClaim,
    Grant,
    SettingsClaim,
    agreed,
    find_root,
    git_claim,
    grant_for,
    grants,
    set_grant,
    settings_claims,
)


@click.command(name="trust")
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("-y", "--yes", is_flag=True, help="Agree without being asked.")
@click.option("--revoke", is_flag=True, help="Trust the repository no longer.")
@click.option("--list", "listing", is_flag=True, help="Print the repositories that are trusted.")
def trust_command(directory: Path, yes: bool, revoke: bool, listing: bool) -> int:
    """Let the configuration of the repository around DIR count, after showing what it asks for.

    Until then a repository's .trigpoint.toml may set what is harmless alone, and its git hooks, filters and
    signing are not used. Trust holds for this folder and what was shown: when that changes, it ends.
    """
    if listing:
        return _list()
    if not directory.is_dir():
        raise InputError(f"{directory}: there is no such folder; nothing was trusted.")
    root = find_root(directory) or Path(os.path.realpath(directory))
    return _revoke(root) if revoke else _trust(root, directory, yes)


def _list() -> int:
    for root, grant in sorted(grants().items()):
        if grant.when:
            what = [*grant.settings, *(["git's hooks and settings"] if grant.git else [])]
            click.echo(escaped(f"{root}  {grant.when}  {', '.join(what)}"))
    return 0


def _revoke(root: Path) -> int:
    was = grant_for(root).when
    set_grant(root, None)
    click.echo(escaped(f"{root}: " + ("no longer trusted" if was else "was not trusted")))
    return 0


def _trust(root: Path, folder: Path, yes: bool) -> int:
    before, settings, git = grant_for(root), settings_claims(root, folder), git_claim(root)
    settings = tuple(claim for claim in settings if list(_settings_lines(claim)))
    after = agreed(settings, git, before)
    if (after.settings, after.git) == (before.settings, before.git) or not (settings or git.digest):
        click.echo(escaped(f"{root}: nothing here asks for more trust than it has"))
        return 0
    for line in _shown(root, settings, git, before):
        click.echo(escaped(line))
    if not yes and not _agrees():
        click.echo("nothing was trusted")
        return 1
    set_grant(root, after)
    click.echo("trusted, until one of these changes")
    return 0


def _agrees() -> bool:
    if not sys.stdin.isatty():
        raise NeedsTerminal("Nobody is there to ask; nothing was trusted. To agree anyway, add --yes.")
    return click.confirm("Trust this?", default=False)


def _shown(root: Path, settings: tuple[SettingsClaim, ...], git: GitClaim, before: Grant) -> Iterator[str]:
    """Everything that would be allowed, a line each."""
    yield str(root)
    for claim in settings:
        new = before.settings.get(claim.name) != claim.digest
        yield f"{claim.name} sets{'' if new else ' (trusted already)'}:"
        yield from (f"  {line}" for line in _settings_lines(claim))
    if git.lines:
        yield "git heeds these settings, some of which may name programs:"
        yield from (f"  {line}" for line in git.lines)
    if git.hooks:
        yield "git runs these hooks; read them first:"
        yield from (f"  {name}" for name in git.hooks)


def _settings_lines(claim: SettingsClaim) -> Iterator[str]:
    """The settings of a file that need trust, as the file could write them."""
    for name, value in settings_in(claim.path, claim.data).values.items():
        row = ROWS[name]
        if row.scope is Scope.TRUSTED or name in ("file", "read"):
            yield f"{name} = {shown(replace(row, secret=False), value)}"
