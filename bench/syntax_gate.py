"""Measure the syntax check on real commits, and on the same commits with something broken on purpose.

    python bench/syntax_gate.py [--commits 100] [--broken 60] REPOSITORY [REPOSITORY ...]

Of each repository (a git directory will do) commits are drawn that are no merges. Each file that one modified
is an edit: what it was before, and after. The check should refuse none of them, and warn of few. Then one
character is taken out of a line that the commit added, or written twice: a bracket or a quote; or a line of Python
loses indentation. What a parser that knows the language accepts all the same does not count. The check should refuse
these. Prints what was refused wrongly and what was missed, and the sums.
"""

import argparse
import ast
import random
import re
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from repomap.parsing.language_by_text import sniff
from repomap.parsing.syntax import parse_safely
from repomap.syntax_check.damage import find_damage
from repomap.syntax_check.data_syntax import data_suffix, first_error
from repomap.syntax_check.lexicons import LEXICONS

SHOWN = 40
DOUBLED = 0.3
"""The share of brackets and quotes that are written twice instead of left out."""
KINDS = {"bracket": rb"[()\[\]{}]", "quote": rb"[\"'`]", "dedent": rb"(?m)^[ \t]+(?=\S)"}


@dataclass(frozen=True)
class Edit:
    """One file of a commit."""

    commit: str
    path: str
    before: bytes
    after: bytes


class Blobs:
    """The contents of a repository's objects, by `git cat-file --batch`."""

    def __init__(self, repository: str) -> None:
        self.process = subprocess.Popen(
            ["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self, name: str) -> bytes:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(name.encode() + b"\n")
        self.process.stdin.flush()
        size = int(self.process.stdout.readline().split()[2])
        return self.process.stdout.read(size + 1)[:-1]


def edits_of(repository: str, commits: int, seed: int) -> Iterator[Edit]:
    """The modified files of some commits."""
    listed = ["git", "-C", repository, "log", "--no-merges", "--format=%H", "-n", "6000", "HEAD"]
    names = subprocess.run(listed, capture_output=True, check=True, text=True).stdout.split()
    random.Random(seed).shuffle(names)
    blobs, seen = Blobs(repository), 0
    for commit in names:
        shown = [
            "git",
            "-C",
            repository,
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--diff-filter=M",
            "--no-commit-id",
        ]
        fields = subprocess.run([*shown, commit], capture_output=True, check=True).stdout.decode().split("\0")
        rows = [(meta.split(), path) for meta, path in zip(fields[::2], fields[1::2], strict=False)]
        files = [row for row in rows if row[0][1] in ("100644", "100755")]
        for (_, _, old, new, _), path in files:
            yield Edit(commit[:9], path, blobs.read(old), blobs.read(new))
        seen += bool(files)
        if seen == commits:
            break
    blobs.process.kill()


def broken(edit: Edit, kind: str, chooser: random.Random) -> Edit | None:
    """The edit with a character less in a line that it brings; None where that breaks nothing."""
    language = sniff(edit.path, edit.after)
    if data_suffix(edit.path):
        return broken_data(edit, kind, chooser)
    tree = parse_safely(language, edit.after) if language else None
    if language is None or tree is None or language.name not in LEXICONS:
        return None
    if kind == "dedent" and language.name != "python":
        return None
    old, new = edit.before.split(b"\n"), edit.after.split(b"\n")
    starts = [0]
    for line in new:
        starts.append(starts[-1] + len(line) + 1)
    added = [
        (starts[row], starts[row + 1])
        for tag, _, _, j1, j2 in SequenceMatcher(None, old, new).get_opcodes()
        if tag != "equal"
        for row in range(j1, j2)
    ]
    spots = [
        match
        for start, end in added
        for match in re.compile(KINDS[kind]).finditer(edit.after, start, min(end, len(edit.after)))
        if in_code(tree, match.start(), kind)
    ]
    chooser.shuffle(spots)
    for match in spots[:10]:
        size = match.end() - match.start()
        cut = chooser.randint(1, size) if kind == "dedent" else 1
        kept = match[0] * 2 if kind != "dedent" and chooser.random() < DOUBLED else b""
        text = edit.after[: match.start()] + kept + edit.after[match.start() + cut :]
        if language.name != "python" or (is_python(edit.after) and not is_python(text)):
            return replace(edit, after=text)
    return None


def broken_data(edit: Edit, kind: str, chooser: random.Random) -> Edit | None:
    """The same for a file of data, wherever that breaks it."""
    suffix = data_suffix(edit.path)
    spots = list(re.finditer(KINDS[kind], edit.after))
    chooser.shuffle(spots)
    for match in spots[:10] if first_error(suffix, edit.after) is None else ():
        text = edit.after[: match.start()] + edit.after[match.start() + 1 :]
        if first_error(suffix, text) is not None:
            return replace(edit, after=text)
    return None


def in_code(tree, at: int, kind: str) -> bool:
    """Whether a character is a bracket of the code, or the first or last of a string."""
    node = tree.descendant_for_byte_range(at, at + 1)
    if kind == "dedent":
        return True
    while node is not None and node.parent is not None:
        if re.search("comment|regex|jsx_text|char", node.type):
            return False
        if re.search("string|template|heredoc", node.type):
            first_or_last = at in (node.start_byte, node.end_byte - 1)
            if kind != "quote" or node.end_byte - node.start_byte < 2:
                return kind == "bracket" and "interpolation" in node.type
            return first_or_last
        node = node.parent
    return kind == "bracket"


def is_python(text: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--commits", type=int, default=100, help="of each repository")
    parser.add_argument("--broken", type=int, default=60, help="edits to break, of each repository")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS), help="what to break")
    parser.add_argument("--show", action="store_true", help="the lines of what was missed")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    commits, shown = Counter[str](), []
    for repository in options.repositories:
        chooser, wanted = random.Random(options.seed), options.broken
        for edit in edits_of(repository, options.commits, options.seed):
            found = find_damage(edit.path, edit.before, edit.after)
            verdict = "taken" if found is None else "refused" if found.certain else "warned"
            counts[verdict] += 1
            commits[edit.commit] += verdict == "refused"
            if found is not None and found.certain:
                shown.append(f"refused {repository} {edit.commit} {edit.path}: {found.what}")
                continue
            kind = options.kinds[wanted % len(options.kinds)]
            bad = broken(edit, kind, chooser) if wanted > 0 else None
            if bad is None and wanted > 0:
                bad = broken(edit, kind := options.kinds[0], chooser)
            if bad is None:
                continue
            wanted -= 1
            found = find_damage(bad.path, bad.before, bad.after)
            caught = found is not None and found.certain
            counts[f"{kind}: {'caught' if caught else 'missed'}"] += 1
            if not caught:
                shown.append(f"missed {kind} {repository} {edit.commit} {edit.path}: {found and found.what}")
                if options.show:
                    rows = zip(edit.after.split(b"\n"), bad.after.split(b"\n"), strict=False)
                    shown += [f"    {a!r} -> {b!r}" for a, b in rows if a != b][:1]
    print("\n".join(shown[:SHOWN]))
    refused = sum(map(bool, commits.values()))
    print(f"{len(commits)} commits, {refused} refused; files: {dict(sorted(counts.items()))}")


if __name__ == "__main__":
    main()
