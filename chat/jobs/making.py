"""[io] An order → a job with its record and its work tree, on which nothing works yet."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chat.errors import ChatError, InputError
from chat.git.work_tree import WorkTree
from chat.jobs.record import JobRecord
from chat.jobs.removing import remove
from chat.jobs.store import LOCK_WAIT_S, JobFolder, new_folder
from chat.jobs.tree import base_commit, branch_name, branch_prefix, make_tree, repository_of
from chat.safety.masks import Masks, known_values
from chat.safety.secrets import is_secret_variable, secret_values
from chat.settings.kinds import Value
from chat.settings.table import ROWS
from repomap import escaped


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job to be made."""

    task: str
    here: Path
    """The folder that it is begun in."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Settings for it, by name: what the command line of `trigpoint -p` would set."""
    paths: tuple[str, ...] = ()
    """Files for its chat, relative to ``here``."""
    base: str = ""
    """The revision that it begins on; "" is HEAD."""
    with_changes: bool = False
    """Take along what is not committed."""
    group: str = ""
    note: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    """See `JobRecord.plan`."""


def make(order: Order) -> JobFolder:
    """Make a job with its work tree; nothing works on it yet. Raises ChatError; then nothing is left of it."""
    repository = repository_of(order.here)
    base = base_commit(repository, order.base, with_changes=order.with_changes)
    prefix = branch_prefix(repository)
    folder = new_folder(lambda job: _record(order, job, repository.work_tree, base, prefix))
    record = folder.record()
    try:
        with folder.locked(LOCK_WAIT_S):
            make_tree(folder, record)
            record = placed(folder, record, order.here)
            _require_in_tree(record, folder.tree(record))
            folder.write_record(record)
    except BaseException:
        with suppress(ChatError):
            remove(folder)
        raise
    return folder


def _record(order: Order, job: str, work_tree: WorkTree, base: str, prefix: str) -> JobRecord:
    from edits import own_mark

    # it names the branch, and stands in lists and commit messages
    task = Masks(known_values(secret_values(os.environ))).hidden(order.task)
    return JobRecord(
        id=job,
        task=task,
        created=time.time(),
        root=str(work_tree.git.folder),
        common_dir=str(work_tree.common_dir),
        folder=work_tree.prefix.rstrip("/"),
        branch=branch_name(job, task, prefix),
        base=base,
        values=split_secrets(order.values)[0],
        paths=order.paths,
        maker=own_mark(),
        group=order.group,
        note=order.note,
        plan=order.plan,
    )


def _require_in_tree(record: JobRecord, tree: Path) -> None:
    """Raise InputError for a file of the chat that the job could not edit."""
    for path in map(Path, record.paths):
        if path.is_relative_to(tree):
            continue
        if path.is_relative_to(record.root):
            raise InputError(
                f"{escaped(os.path.relpath(path, record.root))} is not in the commit that the job begins on. Nothing "
                "was begun; commit it, or have it taken along with --with-changes, which leaves out what git ignores."
            )
        raise InputError(
            f"{escaped(str(path))} is outside of the repository, so a job cannot edit it. Nothing was begun; --read "
            "shows it to the model."
        )


def placed(folder: JobFolder, record: JobRecord, here: Path) -> JobRecord:
    """Return the record of a job whose work tree is there, with paths that lead into it."""
    tree = folder.tree(record)
    paths = tuple(_into_tree(path, here, Path(record.root), tree) for path in record.paths)
    values = values_in_tree(record.values, here, Path(record.root), tree)
    return replace(record, paths=paths, values=values, ready=True)


def values_in_tree(values: Mapping[str, Value], here: Path, root: Path, tree: Path) -> dict[str, Value]:
    """Return settings as they count in a work tree: names of files that were given in ``here`` lead into it."""
    return {name: _value_in_tree(name, value, here, root, tree) for name, value in values.items()}


def _value_in_tree(name: str, value: Value, here: Path, root: Path, tree: Path) -> Value:
    """Return a setting that names files as the worker has to read it."""
    is_path = getattr(ROWS[name].kind, "path", False)
    if name == "json-schema" and isinstance(value, str):
        is_path = not value.lstrip().startswith("{")
    if not is_path or not value:
        return value
    if isinstance(value, str):
        return value if value == "-" else _into_tree(value, here, root, tree)
    return (
        tuple(_into_tree(str(path), here, root, tree) for path in value)
        if isinstance(value, tuple)
        else value
    )


def _into_tree(path: str, here: Path, root: Path, tree: Path) -> str:
    """Return a path of the user's as one in the work tree, where there is such a file; as it is otherwise, absolute.

    A file that is to be made is made in the work tree, too.
    """
    full = os.path.abspath(os.path.join(here, os.path.expanduser(path)))
    relative = os.path.relpath(full, root)
    is_inside = relative.split(os.sep)[0] != os.pardir and not os.path.isabs(relative)
    if is_inside and (os.path.lexists(tree / relative) or not os.path.lexists(full)):
        return str(tree / relative)
    return full


def split_secrets(values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return the settings that are kept with a job, and those that hold keys and are not."""
    kept: dict[str, Value] = {}
    secret: dict[str, Value] = {}
    for name, value in values.items():
        if name == "set-env" and isinstance(value, tuple):
            pairs = [pair for pair in value if isinstance(pair, tuple)]
            plain = tuple(pair for pair in pairs if not is_secret_variable(pair[0]))
            kept[name] = plain
            secret[name] = tuple(pair for pair in pairs if pair not in plain)
        else:
            (secret if ROWS[name].secret else kept)[name] = value
    return {name: value for name, value in kept.items() if value != ()}, {
        name: value for name, value in secret.items() if value != ()
    }
