"""The refusals that need no look into a file: which block, why, and what to do instead."""

from collections.abc import Sequence

from edits.model import Applied, EditBlock, Objection, ParsedReply, Reason, Rejected, RepoPath, Unreadable
from edits.planning.explain import explain_unreadable, where


def refuse(block: EditBlock, reason: Reason, why: str, instead: str, path: RepoPath = "") -> Rejected:
    """A refusal in three parts: the block and why, that nothing was done, what to do instead."""
    return Rejected(block, reason, f"{where(block, path)}: {why}. Nothing was applied. {instead}", path)


def outside(block: EditBlock, name: str) -> Rejected:
    """For a path that leaves the root."""
    return forbidden(block, name, "the path leads outside the repository")


def forbidden(block: EditBlock, path: RepoPath, why: str) -> Rejected:
    """For a path that must not be written."""
    return refuse(block, Reason.FORBIDDEN, why, "Use a path inside the repository that may be written.", path)


def not_permitted(block: EditBlock, path: RepoPath, why: str) -> Rejected:
    """For a file that the user's rules protect."""
    instead = "Leave it as it is; if it has to change, say so and why."
    return refuse(block, Reason.READ_ONLY, f"the file must not be changed ({why})", instead, path)


def read_only(block: EditBlock, path: RepoPath) -> Rejected:
    """For a file that the model was only shown."""
    return refuse(block, Reason.READ_ONLY, "the file is read-only in this chat", "Leave it as it is.", path)


def stale(block: EditBlock, path: RepoPath) -> Rejected:
    """For a whole file that changed since the model saw it."""
    instead = "Look at it again and send the change against its present text."
    return refuse(block, Reason.STALE, "the file has changed since it was shown", instead, path)


def no_name(block: EditBlock) -> Rejected:
    """For a block that names no file."""
    possible = next((name for hint in block.names[:1] for name in hint.spaced), "")
    if possible:
        why = f"it names no file for certain: the line above may be a sentence ({possible})"
        return refuse(block, Reason.NO_NAME, why, "If that is the file's path, put it in backticks.")
    return refuse(block, Reason.NO_NAME, "it names no file", "Put the file's path on the line above.")


def several(block: EditBlock, paths: Sequence[RepoPath]) -> Rejected:
    """For a block that more than one file could be meant by."""
    why = f"it fits more than one file ({', '.join(sorted(paths)[:6])})"
    instead = "Put the full path of the file above the block."
    return refuse(block, Reason.AMBIGUOUS, why, instead, paths[0] if len(paths) == 1 else "")


def unsuited(block: EditBlock, path: RepoPath, encoding: str, character: str) -> Rejected:
    """For a character that the file's encoding lacks."""
    why = f"the file is {encoding}, which has no {character!a}"
    instead = "Write the text without it, or ask for the file's right encoding (--encoding)."
    return refuse(block, Reason.ENCODING, why, instead, path)


def unknown_encoding(block: EditBlock, path: RepoPath, part: str) -> Rejected:
    """For text beyond ASCII and a file whose encoding is a guess."""
    why = f"the file is not UTF-8, its encoding is uncertain, and {part} has characters beyond ASCII"
    instead = "Write the text in ASCII, or ask the user to name the encoding: --encoding cp1252, for example."
    return refuse(block, Reason.ENCODING, why, instead, path)


def breaks_syntax(applied: Applied, objection: Objection) -> Rejected:
    """For an edit after which the syntax check objects to its file."""
    message = (
        f"{where(applied.block, applied.path)}: {objection.why}. Nothing of this file was applied. "
        f"{objection.instead}"
    )
    return Rejected(applied.block, Reason.SYNTAX, message.strip(), applied.path, (objection.line,))


def unstable(applied: Applied) -> Rejected:
    """For an edit that would change its file once more if it were applied again."""
    block = applied.block
    why = "applying it twice would change the file twice, so it is unclear whether it has been made already"
    return refuse(
        block, Reason.UNCLEAR, why, "Send it again with more lines around the change.", applied.path
    )


def unreadable(block: Unreadable, *, cut_off: bool) -> Rejected:
    """For what looks like an edit and is none."""
    reason = Reason.CUT_OFF if cut_off else Reason.UNREADABLE
    return Rejected(block, reason, explain_unreadable(block, cut_off))


def cut_off(reply: ParsedReply) -> Rejected:
    """For a reply whose blocks are complete, but that was to go on."""
    last = reply.blocks[-1].reply_line if reply.blocks else 1
    return unreadable(Unreadable(last, "its end (the model ran into its output limit)"), cut_off=True)
