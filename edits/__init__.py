"""A model's reply becomes exactly the change it meant, or nothing and a message that says why.

reply = parse_reply(text, Format.DIFF)
plan = plan_edits(reply, DiskTree(root), Rules(chat=("app.py",)))
if not plan.rejected:
    write_changes(plan.changes, root)
"""

from edits.disk.leftovers import is_temporary, remove_leftovers, remove_leftovers_in, temporary_path
from edits.disk.process_mark import is_gone, own_mark, pid_of
from edits.disk.tree import DiskTree, is_write_protected
from edits.disk.write import write_changes
from edits.errors import EditError, NotRenderable, NotRestored, Stale, WriteFailed
from edits.formats.parse import GrowingReply, parse_reply
from edits.formats.render import render_blocks, render_patch
from edits.model import (
    Applied,
    Conventions,
    EditBlock,
    EditResult,
    FileChange,
    Format,
    Objection,
    ParsedReply,
    Plan,
    Reason,
    Rejected,
    Rules,
    SyntaxGate,
    Unreadable,
)
from edits.planning.plan import plan_edits
from edits.planning.trees import ChangedTree, Tree
from edits.planning.unanswered import unanswered
from edits.text.file_text import is_utf8

__all__ = [
    "Applied",
    "ChangedTree",
    "Conventions",
    "DiskTree",
    "EditBlock",
    "EditError",
    "EditResult",
    "FileChange",
    "Format",
    "GrowingReply",
    "NotRenderable",
    "NotRestored",
    "Objection",
    "ParsedReply",
    "Plan",
    "Reason",
    "Rejected",
    "Rules",
    "Stale",
    "SyntaxGate",
    "Tree",
    "Unreadable",
    "WriteFailed",
    "is_gone",
    "is_temporary",
    "is_utf8",
    "is_write_protected",
    "own_mark",
    "parse_reply",
    "pid_of",
    "plan_edits",
    "remove_leftovers",
    "remove_leftovers_in",
    "render_blocks",
    "render_patch",
    "temporary_path",
    "unanswered",
    "write_changes",
]
