"""[io] `trigpoint apply`: a saved reply → files, without a model.

A thin shell around `edits`: it reads the reply, has it planned and written, and says what was done.
"""

import json
import os
import sys
from collections.abc import Sequence

import click

from chat.display.diffs import unified_diff
from chat.llm import gc_pause as collector
from chat.safety.printable import without_escapes
from edits import (
    Applied,
    DiskTree,
    EditError,
    EditResult,
    Format,
    Plan,
    Rejected,
    Rules,
    parse_reply,
    plan_edits,
    write_changes,
)

_MOST_REFUSALS = 50
"""A reply with more of them is not worth reading further."""


@click.command(name="apply")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option(
    "--reply", "reply_file", default="-", show_default="standard input", help="The file that holds the reply."
)
@click.option(
    "--root", default=".", type=click.Path(exists=True, file_okay=False), help="The folder that paths are in."
)
@click.option(
    "--format", "form", default="auto", type=click.Choice([each.value for each in Format]), show_default=True
)
@click.option(
    "--finish",
    default="stop",
    type=click.Choice(["stop", "length"]),
    help="Why the model stopped, as its server said.",
)
@click.option(
    "--read-only",
    multiple=True,
    metavar="PATH",
    help="A file or folder that must not be edited; may be repeated.",
)
@click.option("--partial", is_flag=True, help="Write what can be applied although other edits are refused.")
@click.option("--no-syntax-gate", is_flag=True, help="Do not refuse edits that make a file stop parsing.")
@click.option("--dry-run", is_flag=True, help="Print the change as a diff and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def apply(
    paths: tuple[str, ...],
    reply_file: str,
    root: str,
    form: str,
    finish: str,
    read_only: tuple[str, ...],
    partial: bool,
    no_syntax_gate: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Apply the edits of a model's reply to files.

    PATHs are the files that the model was given to edit. Exits with 0 if every edit was applied or
    was there already, with 1 if one was refused (then nothing is written), with 2 on wrong usage.
    """
    tree = DiskTree(root)
    rules = Rules(
        chat=_below(tree, paths),
        read_only=frozenset(_below(tree, read_only)),
        gate=None if no_syntax_gate else _syntax_gate,
        partial=partial,
    )
    with collector.paused():
        reply = parse_reply(_read(reply_file), Format(form), finished=finish == "stop")
        plan = plan_edits(reply, tree, rules)
    failure = "" if dry_run else _write(plan, tree.root)
    if as_json:
        click.echo(json.dumps(_as_json(plan, failure, dry_run)))
    else:
        _report(plan, failure, dry_run)
    sys.exit(1 if plan.rejected or failure else 0)


def _read(reply_file: str) -> str:
    """The reply; bytes that are no UTF-8 come through as they are."""
    try:
        if reply_file == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(reply_file, "rb") as handle:
                data = handle.read()
    except OSError as error:
        raise click.BadParameter(f"{reply_file}: {error.strerror}", param_hint="--reply") from error
    return data.decode("utf-8", "surrogateescape")


def _below(tree: DiskTree, paths: Sequence[str]) -> tuple[str, ...]:
    """Paths as the tree names them; they are given relative to the working directory or to the root."""
    found = []
    for path in paths:
        here = tree.relative(os.path.abspath(path))
        below = os.path.normpath(path).replace(os.sep, "/")
        if here is None and not tree.has(below):
            raise click.BadParameter(f"{path} is not below {tree.root}", param_hint="PATH")
        found.append(here if here is not None and (tree.has(here) or not tree.has(below)) else below)
    return tuple(dict.fromkeys(found))


def _syntax_gate(path: str, source: bytes) -> bool | None:
    """The check by the parsers of `repomap`, which are loaded only where a file is to change."""
    try:
        from repomap import parses_cleanly
    except ImportError:
        return None
    return parses_cleanly(path, source)


def _write(plan: Plan, root: str) -> str:
    try:
        write_changes(plan.changes, root)
    except EditError as error:
        return str(error)
    return ""


def _report(plan: Plan, failure: str, dry_run: bool) -> None:
    """What was done, on standard output; why the rest was not, on standard error."""
    done = bool(plan.changes) and not failure
    if dry_run:
        for change in plan.changes:
            click.echo(without_escapes(unified_diff(change)), nl=False)
    else:
        _say([_line(result, done) for result in plan.results if isinstance(result, Applied)], err=False)
    if not plan.results:
        click.echo("The reply holds no edits.", err=dry_run)
    refused = [result.message for result in plan.rejected]
    more = (
        [f"{len(refused) - _MOST_REFUSALS} more edits were refused."] if len(refused) > _MOST_REFUSALS else []
    )
    _say([*refused[:_MOST_REFUSALS], *more], err=True)
    if plan.rejected and not plan.changes:
        click.echo("No file was changed.", err=True)
    if failure:
        click.echo(without_escapes(failure), err=True)


def _say(lines: list[str], *, err: bool) -> None:
    if lines:
        click.echo(without_escapes("\n".join(lines)), err=err)


def _line(result: Applied, done: bool) -> str:
    if result.already:
        return f"{result.path}:{result.line}: already so, nothing to change"
    return f"{result.path}:{result.line}: {'applied' if done else 'fits, not written'} ({result.how})"


def _as_json(plan: Plan, failure: str, dry_run: bool) -> dict[str, object]:
    return {
        "applied": not plan.rejected and not failure,
        "written": [] if dry_run or failure else [change.path for change in plan.changes],
        "results": [_result(result) for result in plan.results],
        **({"diff": "".join(map(unified_diff, plan.changes))} if dry_run else {}),
        **({"error": failure} if failure else {}),
    }


def _result(result: EditResult) -> dict[str, object]:
    base: dict[str, object] = {"path": result.path, "reply_line": result.block.reply_line}
    if isinstance(result, Rejected):
        return {
            "status": "rejected",
            **base,
            "reason": result.reason.value,
            "lines": list(result.lines),
            "message": result.message,
        }
    return {
        "status": "already" if result.already else "applied",
        **base,
        "line": result.line,
        "how": result.how,
    }


if __name__ == "__main__":
    apply()
