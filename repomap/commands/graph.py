"""The commands `trigpoint graph …`: questions about who depends on whom, and what a change touches."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repomap.commands.lookups import answer, lookup_options, target_in_root
from repomap.commands.map import main, open_index, refresh, say_if_typed, write
from repomap.commands.whole_number import WholeNumber
from repomap.errors import NotInRepository, Unreadable
from repomap.mapping.tokens import counter
from repomap.model import GRAPH_LIMIT, IMPACT_DEPTH, IMPACT_LIMIT
from repomap.safety.printable import printable

if TYPE_CHECKING:
    from repomap.files.git import Git
    from repomap.impact.values import Impact

LARGEST_DIFF_BYTES = 50_000_000
_BELOW = ("--relative", "--ignore-submodules=all")
"""What limits a diff of git to what the index has."""


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
    type=WholeNumber(1),
    help="At most N tests, callers, definitions and files.",
)
@click.option(
    "--depth",
    metavar="N",
    default=IMPACT_DEPTH,
    show_default=True,
    type=WholeNumber(1, 10),
    help="Follow callers for N steps.",
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

    The change is a diff on standard input, a RANGE of commits (A..B, A...B, A^!), what is staged, or whole
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
    try:
        found = index.impact(diff, tokens, counter(tokenizer), targets=targets, limit=limit, depth=depth)
    except NotInRepository as error:
        _refuse_revision(root, sources)
        raise error from None
    write(_tests(found, as_json) if tests_only else _whole(found, as_json))


def _whole(found: "Impact", as_json: bool) -> str:
    from repomap.impact.values import impact_object

    return json.dumps(impact_object(found), indent=1) + "\n" if as_json else found.text


def _tests(found: "Impact", as_json: bool) -> str:
    paths = [test.path for test in found.tests]
    return json.dumps(paths, indent=1) + "\n" if as_json else "".join(path + "\n" for path in paths)


def _refuse_revision(root: Path, sources: Sequence[str]) -> None:
    """Raise NotInRepository if one of what is neither file nor symbol is a commit: alone it is no change."""
    from repomap.files.git import Git
    from repomap.files.git_diff import find_commit

    git = Git.find(root)
    for source in sources:
        if git is not None and not _is_diff(root, source) and find_commit(git, source):
            raise NotInRepository(
                f"{printable(source)} is a commit, and a change lies between two. Write {printable(source)}..HEAD for "
                f"what came after it, {printable(source)}^! for what it changed, or pipe in `git diff "
                f"{printable(source)}` for what is not committed, too."
            )


def _is_diff(root: Path, source: str) -> bool:
    """Return whether an argument names a diff: standard input, or a range of commits that is no file."""
    from repomap.files.git_diff import is_range

    return source == "-" or (is_range(source) and not (root / source).exists())


def _diff(root: Path, sources: Sequence[str], staged: bool, has_targets: bool) -> str:
    """Return the diff that the arguments ask for. Raises UsageError for none, and for several at once."""
    from repomap.files.git_diff import diff_of_index, diff_of_states, states_of

    asked = len(sources) + staged + has_targets
    if asked > 1:
        raise click.UsageError(
            "Give one change: a diff on standard input, a range, --staged, or files and symbols."
        )
    if staged:
        return _of_git(root, lambda git: diff_of_index(git, *_BELOW))
    if sources and sources[0] != "-":
        return _of_git(root, lambda git: diff_of_states(git, states_of(git, sources[0]), *_BELOW))
    return "" if has_targets else _standard_input(is_asked_for=bool(sources))


def _of_git(root: Path, ask: "Callable[[Git], bytes]") -> str:
    from repomap.files.git import Git

    git = Git.find(root)
    if git is None:
        raise NotInRepository(
            f"{printable(str(root))} is in no git work tree, so there is no such diff. Give files, or a diff "
            "on standard input."
        )
    return ask(git).decode("utf-8", "surrogateescape")


def _standard_input(*, is_asked_for: bool) -> str:
    if not is_asked_for and sys.stdin.isatty():
        raise click.UsageError(
            "Which change? Pipe a diff in (git diff | trigpoint graph impact), or give a range, --staged, "
            "files or --symbols."
        )
    say_if_typed("diff")
    data: bytes = sys.stdin.buffer.read(LARGEST_DIFF_BYTES + 1)
    if len(data) > LARGEST_DIFF_BYTES:
        raise Unreadable(
            f"The diff is larger than {LARGEST_DIFF_BYTES // 1_000_000} MB, so nothing was looked up. "
            "Give the changed files as arguments."
        )
    return data.decode("utf-8", "surrogateescape")


def question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the questions about the graph."""
    limit = click.option(
        "--limit",
        metavar="N",
        default=GRAPH_LIMIT,
        show_default=True,
        type=WholeNumber(1),
        help="At most N items.",
    )
    return limit(lookup_options(command))


def depth_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option for the number of steps."""
    return click.option(
        "--depth",
        metavar="N",
        default=1,
        show_default=True,
        type=WholeNumber(1, 100),
        help="Follow dependencies for N steps.",
    )(command)


def _ask(
    question: str, root: Path, *targets: str, limit: int = GRAPH_LIMIT, depth: int = 1, **options: Any
) -> None:
    """Print the answer to a question; one without an item ends with the code of a failure."""
    sought = [target_in_root(root, target) for target in targets]
    answer(
        lambda index, tokens, count: index.ask_graph(
            question, *sought, depth=depth, limit=limit, tokens=tokens, count=count
        ),
        root,
        **options,
    )


@graph_group.command("deps")
@click.argument("target")
@depth_option
@question_options
def deps_command(target: str, root: Path, **options: Any) -> None:
    """Print what TARGET depends on: a file PATH, or a definition PATH:NAME or NAME.

    A file depends on another one if it imports it and uses its names; where imports are not
    resolved, if it uses a name that only the other file can mean. Some of the names are shown.

    \b
      trigpoint graph deps src/app.py --depth 2
      trigpoint graph deps SessionStore.save
    """
    _ask("deps", root, target, **options)


@graph_group.command("rdeps")
@click.argument("target")
@depth_option
@question_options
def rdeps_command(target: str, root: Path, **options: Any) -> None:
    """Print what depends on TARGET: a file PATH, or a definition PATH:NAME or NAME.

    \b
      trigpoint graph rdeps src/session.py
      trigpoint graph rdeps src/session.py:SessionStore --depth 3 --json
    """
    _ask("rdeps", root, target, **options)


@graph_group.command("cycles")
@question_options
def cycles_command(root: Path, **options: Any) -> None:
    """Print the groups of files that depend on each other, largest first, each with a shortest cycle.

    Ends with code 1 if there is none.
    """
    _ask("cycles", root, **options)


@graph_group.command("layers")
@question_options
def layers_command(root: Path, **options: Any) -> None:
    """Print the files in layers: each depends on lower layers only, layer 0 on no other file.

    Files that depend on each other are in one layer; files without any dependency are left out.
    """
    _ask("layers", root, **options)


@graph_group.command("top")
@click.option("--symbols", is_flag=True, help="List definitions instead of files.")
@question_options
def top_command(symbols: bool, root: Path, **options: Any) -> None:
    """Print the files that most others depend on: how many do directly, and how many in all."""
    _ask("top-symbols" if symbols else "top", root, **options)


@graph_group.command("path")
@click.argument("first", metavar="A")
@click.argument("last", metavar="B")
@question_options
def path_command(first: str, last: str, root: Path, **options: Any) -> None:
    """Print a shortest way of dependencies from file A to file B, with the names that are used.

    Ends with code 1 if A does not depend on B, even by others.
    """
    _ask("path", root, first, last, **options)


@graph_group.command("communities")
@question_options
def communities_command(root: Path, **options: Any) -> None:
    """Print groups of files that depend more on each other than on the rest (Louvain's method)."""
    _ask("communities", root, **options)


@graph_group.command("related")
@click.argument("path")
@click.option("--no-history", is_flag=True, help="Do not use recent commits.")
@question_options
def related_command(path: str, root: Path, **options: Any) -> None:
    """Print the files that belong to the file PATH: what it uses, what uses it, what changes with it."""
    _ask("related", root, path, **options)
