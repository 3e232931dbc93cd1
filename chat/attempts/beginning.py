"""[io] An order → a group that its attempts can be made in."""

import os
import secrets
import time

from chat.attempts.group import NEW, PREFIX, RECORD, Group, GroupRecord, groups_folder
from chat.errors import ChatError
from chat.jobs.making import Order, split_secrets, values_in_tree
from chat.jobs.tree import repository_of
from chat.safety.masks import Masks, known_values
from chat.safety.secrets import secret_values


def new_group(record: GroupRecord) -> Group:
    """Make a group without any attempts, with its record in it from the first moment on. Raises ChatError."""
    place = groups_folder()
    made = Group(place / f"{record.maker}.{secrets.token_hex(3)}{NEW}")
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        made.folder.path.mkdir(mode=0o700)
        made.folder.write(RECORD, record)
        while (path := place / f"{PREFIX}{secrets.token_hex(3)}").exists():
            pass
        made.folder.path.rename(path)
    except OSError as error:
        raise ChatError(f"{place}: {error.strerror}. Nothing was begun; make the folder writable.") from error
    return Group(path)


def new_record(order: Order, count: int, *, judges: bool) -> GroupRecord:
    """Return the record of a group that this process makes, with the limits of the order. Raises GitError."""
    from edits import own_mark

    root = repository_of(order.here).work_tree.git.folder
    return GroupRecord(
        task=Masks(known_values(secret_values(os.environ))).hidden(order.task),
        created=time.time(),
        root=str(root),
        count=count,
        maker=own_mark(),
        budget_usd=float(str(order.values.get("max-budget-usd", 0.0))),
        tokens=int(str(order.values.get("max-tokens-total", 0))),
        judges=judges,
        values=values_in_tree(split_secrets(order.values)[0], order.here, root, root),
    )
