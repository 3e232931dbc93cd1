"""Parses the files that differ from an earlier revision as they were then.

Parse workers are sent their texts; nothing of the repository runs.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from repomap.errors import BadRequest
from repomap.files.collector import encode_path
from repomap.files.git import Git
from repomap.files.revision import contents, id_of, ids_at
from repomap.impact.map_diff import Then
from repomap.index.options import IndexOptions
from repomap.model import FileTags, RepoPath
from repomap.parsing.tags_codec import EncodedTags
from repomap.safety.regular_file import read_if_regular
from repomap.workers.protocol import MAX_SOURCE_BYTES

MOST_CHANGED = 3000
"""Files that differ; of more, nobody reads a list, and parsing them takes long."""


def tags_at(root: Path, revision: str, paths: Sequence[RepoPath], options: IndexOptions) -> Then:
    """Return what the map of a revision was made from, as a difference to the files of the index.

    Raises BadRequest where the folder is in no git repository, git knows no such revision, or too many files differ.
    """
    git = Git.find(root)
    if git is None:
        raise BadRequest(f"{root} is not in a git work tree, so there is no revision to compare with.")
    ids = ids_at(git, revision)
    listed = frozenset(paths)
    old = [path for path, known in sorted(ids.items()) if _differs(root, path, known, path in listed)]
    if len(old) > MOST_CHANGED:
        raise BadRequest(
            f"{len(old)} files differ from {revision}, which is more than can be compared ({MOST_CHANGED}). "
            "Name a later revision."
        )
    found = contents(git, [ids[path] for path in old])
    sources = {path: found[ids[path]] for path in old if ids[path] in found}
    gone = tuple(path for path in paths if path not in ids)
    return Then(tags=_parsed(sources, options), absent=gone)


def _differs(root: Path, path: RepoPath, known: str, listed: bool) -> bool:
    """Return whether a file of the revision is gone or has another content; what the index leaves out is neither."""
    full = os.fsencode(root) + b"/" + encode_path(path)
    if not listed:
        return not os.path.lexists(full)
    content = read_if_regular(full, MAX_SOURCE_BYTES)
    return content is not None and id_of(content, len(known)) != known


def _parsed(
    sources: dict[RepoPath, bytes], options: IndexOptions
) -> "dict[RepoPath, FileTags | EncodedTags]":
    """Parse texts as if they were files of these paths."""
    from repomap.workers.dispatch import Task
    from repomap.workers.pool import Workers

    tags: dict[RepoPath, FileTags | EncodedTags] = {}
    tasks = [Task(path, len(content), content) for path, content in sources.items()]
    with Workers(options.jobs) as workers:
        workers.parse(
            Path(), tasks, on_result=lambda parsed: tags.update({parsed.path: parsed.encoded_tags()})
        )
    return tags
