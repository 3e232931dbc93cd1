"""Merges two changes of one text by `git merge-file`, in a temporary folder."""

from chat.errors import GitError
from chat.git.process import Git
from chat.safety.running import temporary_folder
from repomap import find_git

_MAX_BYTES = 8_000_000


def merge_texts(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Return what ``ours`` and ``theirs`` each made of ``base``, together.

    None where both changed the same lines, where a text is binary or huge, or without git.
    """
    if ours == theirs or base == theirs:
        return ours
    if base == ours:
        return theirs
    program = find_git()
    if program is None or max(map(len, (base, ours, theirs))) > _MAX_BYTES:
        return None
    with temporary_folder() as folder:
        for side, text in (("base", base), ("ours", ours), ("theirs", theirs)):
            (folder / side).write_bytes(text)
        git = Git(program, folder, environment={"GIT_DIR": str(folder / "none")})
        try:
            return git.run("merge-file", "-p", "-q", "ours", "base", "theirs")
        except GitError:
            return None
