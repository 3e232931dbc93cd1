"""The commands `trigpoint graph …`: questions about who depends on whom, and what a change touches."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repomap.commands.lookups import lookup_options, target_in_root
from repomap.commands.map import main, open_index, refresh, write
from repomap.errors import NotInRepository, Unreadable
from repomap.mapping.tokens import counter
from repomap.model import IMPACT_DEPTH, IMPACT_LIMIT
from repomap.safety.printable import printable

if TYPE_CHECKING:
    from repomap.files.git import Git
    from repomap.impact.values import Impact

LARGEST_DIFF_BYTES = 50_000_000


@main.group("graph")
def graph_group() -> None:
    """Ask who depends on whom, and what a change touches."""


@graph_group.command("impact")
@click.argument("sources", nargs=-1, metavar="[-|RANGE|FILE…]")
@click.option("--staged", is_flag=True, help="The change is what is staged for the next commit.")
@click.option(
    "--symbols",
    metavar="A,B",
    help="The change is all of these definitions: NAME, Class.name or path:name, separated by commas.",
)
@click.option(
    "--tests-only", is_flag=True, help="Print the paths of the tests to run, one a line, and nothing else."
)
@click.option(
    "--limit",
    metavar="N",
    default=IMPACT_LIMIT,
    show_default=True,
    type=click.IntRange(1),
    help="At most so many tests, callers, definitions and files.",
)
@click.option(
    "--depth",
    metavar="N",
    default=IMPACT_DEPTH,
    show_default=True,
    type=click.IntRange(1, 10),
    help="Follow callers for so many steps.",
)
@click.option("--no-history", is_flag=True, help="Do not use recent commits.")
@lookup_options
def impact_command(
    sources: tuple[str, ...],
    staged: bool,
    symbols: str | None,
    tests_only: bool,
    limit: int,
    depth: int,
    root: Path,
    tokens: int,
    as_json: bool,
    tokenizer: str,
    **options: Any,
) -> None:
    """Print what a change touches: definitions, their callers, the tests to run, files that change with it.

    The change is a diff on standard input, a RANGE of commits (A..B, A...B), what is staged, or whole
    FILEs and symbols. The files may be as they are before the change or after it. Tests are ranked
    by names, imports, uses and past commits; docs/graph.md says how.

    \b
      git diff | trigpoint graph impact
      trigpoint graph impact origin/main...HEAD --tests-only
      trigpoint graph impact --staged --json
      trigpoint graph impact src/session.py --symbols SessionStore.save
      pytest $(git diff | trigpoint graph impact --tests-only --limit 20)
    """
    targets = [target_in_root(root, name.strip()) for name in (symbols or "").split(",") if name.strip()]
    targets += [target_in_root(root, source) for source in sources if not _is_diff(root, source)]
    diff = _diff(root, [source for source in sources if _is_diff(root, source)], staged, bool(targets))
    index = open_index(root, **options)
    refresh(index)
    if tests_only:
        tokens = sys.maxsize  # the output is a list of paths and no text for a model
    found = index.impact(diff, tokens, counter(tokenizer), targets=targets, limit=limit, depth=depth)
    write(_tests(found, as_json) if tests_only else _whole(found, as_json))


def _whole(found: "Impact", as_json: bool) -> str:
    from repomap.impact.values import impact_object

    return json.dumps(impact_object(found), indent=1) + "\n" if as_json else found.text


def _tests(found: "Impact", as_json: bool) -> str:
    paths = [test.path for test in found.tests]
    return json.dumps(paths, indent=1) + "\n" if as_json else "".join(path + "\n" for path in paths)


def _is_diff(root: Path, source: str) -> bool:
    """Return whether an argument names a diff: standard input, or a range of commits that is no file."""
    from repomap.files.git_diff import is_range

    return source == "-" or (is_range(source) and not (root / source).exists())


def _diff(root: Path, sources: Sequence[str], staged: bool, has_targets: bool) -> str:
    """Return the diff that the arguments ask for. Raises UsageError for none, and for several at once."""
    from repomap.files.git_diff import diff_of_index, diff_of_range

    asked = len(sources) + staged + has_targets
    if asked > 1:
        raise click.UsageError(
            "Give one change: a diff on standard input, a range, --staged, or files and symbols."
        )
    if staged:
        return _of_git(root, diff_of_index)
    if sources and sources[0] != "-":
        return _of_git(root, lambda git: diff_of_range(git, sources[0]))
    return "" if has_targets else _standard_input(is_asked_for=bool(sources))


def _of_git(root: Path, ask: "Callable[[Git], str]") -> str:
    from repomap.files.git import Git

    git = Git.find(root)
    if git is None:
        raise NotInRepository(
            f"{printable(str(root))} is in no git work tree, so there is no such diff. Give files, or a diff "
            "on standard input."
        )
    return ask(git)


def _standard_input(*, is_asked_for: bool) -> str:
    if not is_asked_for and sys.stdin.isatty():
        raise click.UsageError(
            "Which change? Pipe a diff in (git diff | trigpoint graph impact), or give a range, --staged, "
            "files or --symbols."
        )
    data: bytes = sys.stdin.buffer.read(LARGEST_DIFF_BYTES + 1)
    if len(data) > LARGEST_DIFF_BYTES:
        raise Unreadable(
            f"The diff is larger than {LARGEST_DIFF_BYTES // 1_000_000} MB, so nothing was looked up. "
            "Give the changed files as arguments."
        )
    return data.decode("utf-8", "surrogateescape")
