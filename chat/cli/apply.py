"""[io] `trigpoint apply`: apply the edits of a saved reply, without a model.

A thin shell around `edits`: read the reply, plan it, write the plan, report.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from chat.display.diffs import edited
from chat.errors import InputError
from chat.llm.processes.litellm_loader import collector_paused
from chat.safety.printable import without_escapes
from chat.safety.running import clear_up, writing_in
from chat.settings.kinds import BadValue, EncodingsKind
from chat.state.conventions import Encodings, ProjectConventions
from chat.turn.editing.syntax_gate import SyntaxGate
from edits import (
    Applied,
    DiskTree,
    EditError,
    EditResult,
    Format,
    Plan,
    Rejected,
    Rules,
    is_write_protected,
    parse_reply,
    plan_edits,
    write_changes,
)

_REPORTED_REFUSALS = 50
"""The rest is counted: nobody reads further."""


@click.command(name="apply")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option(
    "--reply",
    "reply_file",
    metavar="FILE",
    default="-",
    show_default="standard input",
    help="The file with the reply.",
)
@click.option(
    "--root",
    default=".",
    metavar="DIR",
    help="The folder that paths are relative to.",
)
@click.option(
    "--format",
    "form",
    default="auto",
    type=click.Choice([form.value for form in Format]),
    show_default=True,
    help="How the edits are written.",
)
@click.option(
    "--finish",
    default="stop",
    type=click.Choice(["stop", "length"]),
    help="Why the model stopped, as its server reported it.",
)
@click.option(
    "--read-only",
    multiple=True,
    metavar="PATH",
    help="A file or folder that must not be edited. Repeatable.",
)
@click.option(
    "--encoding",
    "encodings",
    multiple=True,
    metavar="[GLOB=]NAME",
    help="Encoding of files that are not UTF-8, of all or of those that a pattern fits. Repeatable.",
)
@click.option("--partial", is_flag=True, help="Write the edits that fit even if others are refused.")
@click.option(
    "--no-syntax-gate", is_flag=True, help="Allow edits that break brackets, quotes or indentation."
)
@click.option("--dry-run", is_flag=True, help="Print the change as a diff, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def apply(
    paths: tuple[str, ...],
    reply_file: str,
    root: str,
    form: str,
    finish: str,
    read_only: tuple[str, ...],
    encodings: tuple[str, ...],
    partial: bool,
    no_syntax_gate: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Apply the edits of a model's reply to files.

    The reply comes on standard input or from --reply FILE; PATHs are the files that the model was given to
    edit. Ends with code 0 if every edit was applied or was there already, with 1 if one was refused (then
    nothing is written). A write-protected file is edited only if this user may write it all the same, and then
    it is said.
    """
    if not os.path.isdir(root):
        raise InputError(f"There is no folder {root}. Nothing was applied; name one with --root.")
    tree = DiskTree(root, heeds_modes=False)
    rules = Rules(
        chat=_below(tree, paths),
        read_only=frozenset(_below(tree, read_only)),
        gate=None if no_syntax_gate else SyntaxGate(asks=False),
        conventions=ProjectConventions(Path(tree.root), _encodings(encodings)),
        partial=partial,
    )
    with collector_paused():
        reply = parse_reply(_read(reply_file), Format(form), finished=finish == "stop")
        plan = plan_edits(reply, tree, rules)
    protected = [] if dry_run else _protected(plan, tree.root)
    failure = "" if dry_run else _write(plan, tree.root)
    if as_json:
        click.echo(json.dumps(_as_json(plan, failure, dry_run)))
    else:
        _report(plan, failure, dry_run)
    _print(
        [f"{path} is write-protected. It was edited all the same." for path in protected if not failure],
        err=True,
    )
    sys.exit(1 if plan.rejected or failure else 0)


def _read(reply_file: str) -> str:
    """Read the reply; bytes that are not UTF-8 survive as surrogates. Raises InputError if nothing is there."""
    try:
        if reply_file == "-":
            if sys.stdin.isatty():
                click.echo("Reading the reply from standard input; end it with Ctrl-D.", err=True)
            data = sys.stdin.buffer.read()
        else:
            with open(reply_file, "rb") as handle:
                data = handle.read()
    except OSError as error:
        raise InputError(
            f"--reply {reply_file}: {error.strerror}. Nothing was applied; name a file that can be read."
        ) from error
    if not data.strip():
        source = "on standard input" if reply_file == "-" else f"in {reply_file}"
        raise InputError(
            f"The reply {source} is empty. Nothing was applied; give the model's reply there, "
            "or name its file with --reply FILE."
        )
    return data.decode("utf-8", "surrogateescape")


def _encodings(values: Sequence[str]) -> Encodings:
    try:
        return EncodingsKind().read(list(values))
    except BadValue as error:
        raise click.BadParameter(f"expected {error}.", param_hint="--encoding") from error


def _below(tree: DiskTree, paths: Sequence[str]) -> tuple[str, ...]:
    """Turn paths, relative to the working directory or to the root, into paths below the root."""
    relative = []
    for path in paths:
        from_here = tree.relative(os.path.abspath(path))
        from_root = os.path.normpath(path).replace(os.sep, "/")
        if from_here is None and not tree.has(from_root):
            raise click.BadParameter(f"{path} is not below {tree.root}.", param_hint="PATH")
        is_here = from_here is not None and (tree.has(from_here) or not tree.has(from_root))
        relative.append(from_here if from_here is not None and is_here else from_root)
    return tuple(dict.fromkeys(relative))


def _write(plan: Plan, root: str) -> str:
    """Write a plan; return what went wrong, or ""."""
    fulls = (os.path.realpath(os.path.join(root, change.path)) for change in plan.changes)
    clear_up()
    try:
        with writing_in(os.path.dirname(full) for full in fulls):
            write_changes(plan.changes, root, heeds_modes=False)
    except EditError as error:
        return str(error)
    return ""


def _protected(plan: Plan, root: str) -> list[str]:
    """Return the paths to be edited whose modes let nobody write them, though this user may."""
    paths = [change.path for change in plan.changes if change.before is not None]
    return [path for path in paths if is_write_protected(os.path.join(root, path))]


def _report(plan: Plan, failure: str, dry_run: bool) -> None:
    """Print what was done to standard output, and why the rest was not to standard error."""
    written = bool(plan.changes) and not failure
    if dry_run:
        for change in plan.changes:
            click.echo(without_escapes(edited(change).diff), nl=False)
    else:
        _print([_line(result, written) for result in plan.results if isinstance(result, Applied)], err=False)
    if not plan.results:
        click.echo("The reply contains no edits.", err=dry_run)
    _print(_notes(plan), err=True)
    refused = [result.message for result in plan.rejected]
    unreported = len(refused) - _REPORTED_REFUSALS
    more = [f"{unreported} more edits were refused."] if unreported > 0 else []
    _print([*refused[:_REPORTED_REFUSALS], *more], err=True)
    if plan.rejected and not plan.changes:
        click.echo("No file was changed.", err=True)
    if failure:
        click.echo(without_escapes(failure), err=True)


def _notes(plan: Plan) -> list[str]:
    """What the syntax check has to say about files that it lets pass, once for each."""
    noted = {
        result.path: result.note for result in plan.results if isinstance(result, Applied) and result.note
    }
    return [f"{path}: {note}. The edit was taken all the same." for path, note in noted.items()]


def _print(lines: list[str], *, err: bool) -> None:
    if lines:
        click.echo(without_escapes("\n".join(lines)), err=err)


def _line(result: Applied, written: bool) -> str:
    """`path:line: what happened (strategy)`."""
    if result.already:
        return f"{result.path}:{result.line}: already applied"
    return f"{result.path}:{result.line}: {'applied' if written else 'fits, not written'} ({result.how})"


def _as_json(plan: Plan, failure: str, dry_run: bool) -> dict[str, object]:
    return {
        "applied": not plan.rejected and not failure,
        "written": [] if dry_run or failure else [change.path for change in plan.changes],
        "results": [_result(result) for result in plan.results],
        **({"diff": "".join(edited(change).diff for change in plan.changes)} if dry_run else {}),
        **({"error": failure} if failure else {}),
    }


def _result(result: EditResult) -> dict[str, object]:
    common: dict[str, object] = {"path": result.path, "reply_line": result.block.reply_line}
    if isinstance(result, Rejected):
        return {
            "status": "rejected",
            **common,
            "reason": result.reason.value,
            "lines": list(result.lines),
            "message": result.message,
        }
    return {
        "status": "already" if result.already else "applied",
        **common,
        "line": result.line,
        "how": result.how,
        **({"note": result.note} if result.note else {}),
    }


if __name__ == "__main__":
    apply()
