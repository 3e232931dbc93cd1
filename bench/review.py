"""Measure reviews on real commits in each of which a defect is planted, with a model that finds every one.

    python bench/review.py [--commits 30] [--tokens 16000] [--seed 1] REPOSITORY [REPOSITORY ...]

Of each repository (a git directory will do) commits are drawn that change code and are no merges. One is laid on its
parent, uncommitted, with a defect in a line that it added: a comparison flipped, a check negated or dropped, arguments
swapped, a number off by one. Then `trigpoint review` runs as it is, once for JSON and once for SARIF, against a
scripted model that reports the line of the defect: at times with another number, at times with the prompt's own marks,
and beside it something invented and something about a line that did not change.

Prints a row for each commit, and the sums. Asked is whether the JSON and the SARIF fit their schemas, whether every
finding stands at a line of the newer file, whether the defect is found and nothing else, whether every prompt keeps to
its budget, and of the changed functions that something uses, for how many the prompts show a user, and how many of the
users that can mean nothing else. The functions and users are looked up here, without any budget.
"""

import argparse
import contextlib
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from chat.cli import main as cli
from chat.review.as_json import review_schema
from repomap import Index, NotInRepository, changed_definitions, count_tokens, kind_of

ROOT = Path(__file__).parent.parent
SARIF = ROOT / "tests" / "chat" / "review" / "sarif-2.1.0.schema.json"
LARGEST_DIFF = 1_500
"""Lines; the draw is of commits that a person would have reviewed."""
EVERYTHING = 1_000_000

DEFECTS: tuple[tuple[str, str, str], ...] = (
    ("comparison", r"(?<=[\w\)\]] )<(?= [\w(])", "<="),
    ("comparison", r"(?<=[\w\)\]] )>(?= [\w(])", ">="),
    ("comparison", r"(?<= )==(?= )", "!="),
    ("comparison", r"(?<= )!==?(?= )", "=="),
    ("check", r"\bis not None\b", "is None"),
    ("check", r"\bis None\b", "is not None"),
    ("check", r"\bif not (?=\w)", "if "),
    ("check", r"\bif (?=\w+[:) ])(?!not)", "if not "),
    ("check", r"(?<=\()!(?=\w)", ""),
    ("logic", r"(?<= )(?:and|&&)(?= )", "or"),
    ("logic", r"(?<= )\|\|(?= )", "&&"),
    ("arguments", r"(?<=\w\()(\w+), (\w+)(?=\))", r"\2, \1"),
    ("off by one", r"(?<=\w) \+ 1\b", ""),
    ("off by one", r"\[1:\]", "[2:]"),
    ("off by one", r"\[0\]", "[1]"),
    ("value", r"\bTrue\b", "False"),
    ("value", r"\btrue\b", "false"),
    ("value", r"\breturn (?=[\w(\"'])", "return not "),
)
"""Name, what is replaced in a line, and by what."""
_COMMENT = re.compile(r"\s*(?:#|//|/?\*|\"\"\"|'''|--|$)")


@dataclass(frozen=True)
class Defect:
    """What was planted."""

    kind: str
    path: str
    line: int
    text: str


@dataclass
class Row:
    """What a review of one commit gave."""

    commit: str
    defect: Defect
    calls: int = 0
    tokens: int = 0
    wrong: list[str] = field(default_factory=list)
    functions: int = 0
    """Changed functions that something uses."""
    shown: int = 0
    """Those of which the prompts show a user."""
    users: int = 0
    users_shown: int = 0


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def candidates(root: Path, seed: int) -> Iterator[str]:
    """Yield commits that change code and are of a size to review, at random."""
    names = git(root, "log", "--no-merges", "--min-parents=1", "--format=%H", "-n", "4000", "HEAD").split()
    random.Random(seed).shuffle(names)
    for name in names:
        stat = git(root, "show", "--numstat", "--format=", "--diff-filter=AM", name).splitlines()
        changes = [line.split("\t") for line in stat if line.count("\t") == 2]
        lines = sum(int(added) + int(removed) for added, removed, _ in changes if added != "-")
        if lines <= LARGEST_DIFF and any(kind_of(path) == "source" for _, _, path in changes):
            yield name


def lay(root: Path, commit: str) -> None:
    """Put a commit's files on the work tree of its parent."""
    git(root, "checkout", "-q", "-f", commit)
    git(root, "clean", "-fdqx")
    git(root, "reset", "-q", "--mixed", f"{commit}^")


def added_lines(root: Path, commit: str) -> list[tuple[str, int, str]]:
    """Return path, number and text of the lines that a commit adds to code."""
    found, path, number = [], "", 0
    for line in git(root, "show", "--format=", "-U0", "--no-ext-diff", commit).split("\n"):
        if line.startswith("+++ b/"):
            path = line[6:]
        elif match := re.match(r"@@ -\S+ \+(\d+)", line):
            number = int(match[1])
        elif line.startswith("+"):
            if kind_of(path) == "source" and not _COMMENT.match(line[1:]):
                found.append((path, number, line[1:]))
            number += 1
    return found


def plant(root: Path, commit: str, draw: random.Random) -> Defect | None:
    """Break one line that a commit added; None where none can be broken so that it differs from the parent's."""
    lines = added_lines(root, commit)
    draw.shuffle(lines)
    rules = list(DEFECTS)
    draw.shuffle(rules)
    for path, number, text in lines:
        for kind, pattern, replacement in rules:
            broken = re.sub(pattern, replacement, text, count=1)
            if broken == text or not (root / path).is_file():
                continue
            data = (root / path).read_bytes().decode("utf-8", "surrogateescape").split("\n")
            if len(data) < number or data[number - 1] != text:
                continue
            if broken in data:
                continue  # what the model quotes would be in doubt, and it names another line at times
            data[number - 1] = broken
            (root / path).write_bytes("\n".join(data).encode("utf-8", "surrogateescape"))
            if f"+{broken}" in git(root, "diff", "-U0", "HEAD", "--", path).split("\n"):
                return Defect(kind, path, number, broken)
    return None


class Ideal:
    """A model that finds what was planted, and says some more that does not count."""

    def __init__(self) -> None:
        self.defect = Defect("", "", 0, "")
        self.number = 0
        self.prompts: list[str] = []

    def __call__(self, request: Any) -> str:
        self.prompts.append(request.prompt)
        defect = self.defect
        shown = re.search(
            rf"^## {re.escape(defect.path)} .*?(?=^## |^# |\Z)", request.prompt, re.MULTILINE | re.DOTALL
        )
        mark = f"{defect.line:>6} +| "
        if shown is None or mark not in shown[0]:
            return json.dumps({"findings": [self.invented()]})
        line = defect.line + (0, 3, -2, 40)[self.number % 4]
        quote = f"{mark}{defect.text}" if self.number % 3 == 2 else defect.text
        right = self.finding(defect.path, max(line, 1), quote, "high", f"Planted: {defect.kind}")
        unchanged = re.search(r"^ *(\d+)  \| (.*\w{6}.*)$", shown[0], re.MULTILINE)
        aside = (
            [self.finding(defect.path, int(unchanged[1]), unchanged[2], "low", "Aside")] if unchanged else []
        )
        return json.dumps({"findings": [right, self.invented(), *aside]})

    def invented(self) -> dict[str, object]:
        return self.finding(self.defect.path, 1, "this_stands_nowhere(at, all)", "critical", "Invented")

    @staticmethod
    def finding(path: str, line: int, quote: str, severity: str, title: str) -> dict[str, object]:
        place = {"file": path, "line": line, "quote": quote}
        return place | {"severity": severity, "confidence": 0.9, "title": title, "why": "It was planted."}


def run(arguments: Sequence[str]) -> tuple[int, str]:
    """Run the command in this process; return its code and what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = cli.run(["review", *arguments])
    return code, out.getvalue()


def reviewed(root: Path, commit: str, defect: Defect, model: Ideal, flags: Sequence[str], budget: int) -> Row:
    """Review what lies in the work tree, and hold the outcome against what must hold."""
    row = Row(commit, defect)
    before = git(root, "status", "--porcelain")
    model.defect, model.prompts = defect, []
    code, text = run([*flags, "--output-format", "json"])
    outcome = json.loads(text)
    row.calls, row.tokens = len(model.prompts), max(map(count_tokens, model.prompts), default=0)
    row.wrong += [f"json: {error.message}"[:90] for error in _errors(json.loads(review_schema()), outcome)]
    row.wrong += [f"code {code}: {outcome['error']}"] if code else []
    row.wrong += _misplaced(root, outcome)
    found = [(each["file"], each["line"], each["title"]) for each in outcome["findings"]]
    if found != [(defect.path, defect.line, f"Planted: {defect.kind}")]:
        row.wrong.append(f"found {found}, dropped {[each['reason'] for each in outcome['dropped']]}")
    row.wrong += [f"{row.tokens} tokens"] if row.tokens > budget else []
    prompts = "\n".join(model.prompts)
    code, text = run([*flags, "--output-format", "sarif"])
    row.wrong += [
        f"sarif: {error.message}"[:90]
        for error in _errors(json.loads(SARIF.read_text("utf-8")), json.loads(text))
    ]
    row.wrong += ["the work tree changed"] if git(root, "status", "--porcelain") != before else []
    count_users(root, outcome, prompts, row)
    return row


def _errors(schema: Any, value: Any) -> list[Any]:
    return list(jsonschema.validators.validator_for(schema)(schema).iter_errors(value))


def _misplaced(root: Path, outcome: Any) -> list[str]:
    wrong = []
    for each in outcome["findings"]:
        lines = (root / each["file"]).read_bytes().decode("utf-8", "replace").split("\n")
        stands = "\n".join(line.removesuffix("\r") for line in lines[each["line"] - 1 : each["end_line"]])
        if not 1 <= each["line"] <= each["end_line"] <= len(lines) or stands != each["quote"]:
            wrong.append(f"{each['file']}:{each['line']} is not what is quoted")
    return wrong


def count_users(root: Path, outcome: Any, prompts: str, row: Row) -> None:
    """Count the changed functions that something uses, and of which users are in the prompts."""
    with Index(root) as index:
        index.refresh()
        for file in outcome["files"]:
            if file["skipped"] or file["status"] == "deleted":
                continue
            changed = changed_numbers(root, file["path"])
            try:
                symbols = index.outline(file["path"], EVERYTHING, members=False).items
            except NotInRepository:
                continue
            for each in changed_definitions(file["path"], symbols, changed):
                if not each.is_function:
                    continue
                try:
                    uses = index.references(f"{each.path}:{each.full_name}", EVERYTHING).items
                except NotInRepository:
                    continue
                others = {(use.path, use.within) for use in uses if use.resolved}
                others = {
                    (path, within) for path, within in others if (path, within) != (each.path, each.full_name)
                }
                if not others:
                    continue
                seen = sum(
                    f"  {path}, {within}" in prompts or f"  {path}\n" in prompts for path, within in others
                )
                row.functions += 1
                row.shown += bool(seen)
                row.users += len(others)
                row.users_shown += seen


def changed_numbers(root: Path, path: str) -> set[int]:
    """Return the numbers of a file's lines that HEAD does not have."""
    if not git(root, "ls-tree", "HEAD", "--", path):
        return set(range(1, 1 + (root / path).read_bytes().count(b"\n")))
    numbers: set[int] = set()
    for match in re.finditer(
        r"^@@ -\S+ \+(\d+)(?:,(\d+))?", git(root, "diff", "-U0", "HEAD", "--", path), re.MULTILINE
    ):
        numbers |= set(range(int(match[1]), int(match[1]) + int(match[2] or 1)))
    return numbers


def rows_of(
    repository: str, commits: int, seed: int, model: Ideal, flags: Sequence[str], budget: int
) -> Iterator[Row]:
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "work"
        subprocess.run(["git", "clone", "-q", "--shared", repository, str(root)], check=True)
        os.chdir(root)
        made = 0
        for commit in candidates(root, seed):
            lay(root, commit)
            defect = plant(root, commit, draw)
            if defect is None:
                continue
            model.number += 1
            yield reviewed(root, commit, defect, model, flags, budget)
            made += 1
            if made == commits:
                break
        os.chdir(ROOT)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--commits", type=int, default=30, help="of all repositories together")
    parser.add_argument("--tokens", type=int, default=16_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from scripted_model import ScriptedModel

    model = Ideal()
    repositories = [str(Path(each).resolve()) for each in given.repositories]
    rows: list[Row] = []
    with ScriptedModel(model) as server:
        key = ("--model", "openai/scripted", "--api-base", server.base_url, "--api-key", "k", "--bare")
        flags = (*key, "--context-tokens", str(given.tokens))
        for number, repository in enumerate(repositories):
            share = given.commits // len(repositories) + (number < given.commits % len(repositories))
            for row in rows_of(repository, share, given.seed, model, flags, given.tokens) if share else ():
                rows.append(row)
                print(line_of(row), flush=True)
    print(summary(rows))


def line_of(row: Row) -> str:
    users = f"{row.shown}/{row.functions} functions, {row.users_shown}/{row.users} users"
    state = "; ".join(row.wrong) or "ok"
    return f"{row.commit[:9]} {row.defect.kind:<11} {row.calls} calls {row.tokens:>6} tokens  {users:<32} {state}"


def summary(rows: Sequence[Row]) -> str:
    kinds = Counter(row.defect.kind for row in rows)
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    right = sum(not row.wrong for row in rows)
    functions, shown = sum(row.functions for row in rows), sum(row.shown for row in rows)
    users, users_shown = sum(row.users for row in rows), sum(row.users_shown for row in rows)
    return (
        f"{right} of {len(rows)} as they must be ({listed})\n"
        f"changed functions with users: {functions}, with a user in the prompt: {shown}"
        f" ({shown / max(functions, 1):.1%})\n"
        f"users that can mean nothing else: {users}, in the prompt: {users_shown} ({users_shown / max(users, 1):.1%})"
    )


if __name__ == "__main__":
    main()
