"""Measure whether maps show what commits change, on a repository's own history.

    python bench/recall.py [REPOSITORY] [--commits 20] [--tokens 1024]

A case is one commit that is not a merge: its message is the request, its parent is the tree, and the source
files that it modified are the answer. Each parent is unpacked into a temporary folder and mapped; none of its
code runs. Prints one line per case, then the mean recall of files, and for comparison that of a list of paths
by name within the same budget.
"""

import argparse
import io
import statistics
import subprocess
import tarfile
import tempfile
from pathlib import Path

from repomap import Focus, Index, IndexOptions, count_tokens
from repomap.files.file_kinds import kind_of
from repomap.parsing.languages import language_of

MAX_FILES = 5


def git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True).stdout


def cases(repository: Path, limit: int) -> list[tuple[str, str, set[str]]]:
    """(commit, message, modified source files) of the newest usable commits, newest first."""
    usable = []
    for commit in git(repository, "rev-list", "--no-merges", "HEAD").decode().split():
        changes = git(repository, "diff-tree", "-r", "--no-commit-id", "--name-status", "-z", commit).decode()
        parts = changes.split("\0")[:-1]
        modified = {path for status, path in zip(parts[::2], parts[1::2], strict=True) if status == "M"}
        gold = {path for path in modified if language_of(path) and kind_of(path) == "source"}
        if 1 <= len(gold) <= MAX_FILES:
            usable.append((commit, git(repository, "log", "-1", "--format=%B", commit).decode(), gold))
        if len(usable) == limit:
            break
    return usable


def unpack(archive: tarfile.TarFile, folder: str) -> None:
    """Unpack an archive without links and devices, where this Python can; 3.11 can from 3.11.4 on."""
    archive.extraction_filter = getattr(tarfile, "data_filter", None)
    archive.extractall(folder)


def shown_files(repository: Path, commit: str, message: str, tokens: int) -> tuple[set[str], list[str]]:
    """The files that the map of the commit's parent shows, and all its files."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", f"{commit}^"))) as archive:
            unpack(archive, folder)
        index = Index(Path(folder), IndexOptions(history=False))
        repo_map = index.map(Focus(message), tokens)
        return {file.path for file in repo_map.files}, list(index.paths())


def paths_within(paths: list[str], tokens: int) -> set[str]:
    """The paths that an alphabetical list of source files shows within the budget."""
    out, used = set(), 0
    for path in sorted(path for path in paths if language_of(path)):
        used += count_tokens(path + "\n")
        if used > tokens:
            break
        out.add(path)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", nargs="?", default=".", type=Path)
    parser.add_argument("--commits", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=1024)
    options = parser.parse_args()
    ours, plain = [], []
    for commit, message, gold in cases(options.repository, options.commits):
        shown, paths = shown_files(options.repository, commit, message, options.tokens)
        ours.append(len(gold & shown) / len(gold))
        plain.append(len(gold & paths_within(paths, options.tokens)) / len(gold))
        print(f"{commit[:10]}  {ours[-1]:.2f}  {plain[-1]:.2f}  {message.splitlines()[0][:80]}")
    if ours:
        means = f"map {statistics.mean(ours):.3f}, paths {statistics.mean(plain):.3f}"
        print(f"{len(ours)} cases, {options.tokens} tokens: {means}")


if __name__ == "__main__":
    main()
