"""How long a map takes and what it keeps, against what reading and parsing alone cost.

    speed.py TREE... [-n 3]                      one line of JSON for each tree
    speed.py --slices 1000,3000,… TREE --plot F  how cost grows with the number of files, drawn as SVG

A tree is a git work tree; it is not changed but for one file, which is put back. For each run the
command gets caches of its own:

limit    read and parse every source file with tree-sitter in one process: CPU seconds
cold     the map with empty caches       warm     the same again, nothing changed
touched  after a file got a function     query    with a request that was not asked before
live     refresh and map in a process that stays, after one file changed
memory   of all processes together, at most, in MiB (proportional set size; Linux only)
kept     what stands in the cache folder, in MiB

Seconds are medians: of the wall clock, and of processor time of all processes, which a busy machine
changes less.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from repomap.parsing.languages import language_of

MAP = "import sys; from chat.cli.main import main; sys.argv[0] = 'trigpoint'; main()"
LARGEST_BYTES = 1_000_000
PROBE = {
    ".py": "\ndef speed_probe_{}():\n    return 1\n",
    ".c": "\nint speed_probe_{}(void) {{ return 1; }}\n",
}
LIMIT = """
import resource, sys
from tree_sitter import Parser
from tree_sitter_language_pack import get_language
parsers = {}
for line in sys.stdin.buffer.read().split(b"\\0")[:-1]:
    grammar, path = line.split(b" ", 1)
    if grammar not in parsers:
        parsers[grammar] = Parser(get_language(grammar.decode()))
    with open(path, "rb") as file:
        parsers[grammar].parse(file.read())
"""


class Cost(NamedTuple):
    """What one run took: seconds of wall clock and of processor."""

    wall_s: float
    cpu_s: float


class Source(NamedTuple):
    """A file that a grammar reads."""

    path: str
    grammar: str
    size: int


def sources(root: Path) -> list[Source]:
    """The tracked files of a tree that some grammar reads."""
    names = git(root, "ls-files", "-z").split("\0")[:-1]
    known = ((name, language_of(name)) for name in names if (root / name).is_file())
    rows = [
        Source(name, one.grammar or one.name, (root / name).stat().st_size)
        for name, one in known
        if one and not one.embedded
    ]
    return [row for row in rows if row.size <= LARGEST_BYTES]


def git(root: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=True)
    return ran.stdout.decode("utf-8", "surrogateescape")


def run(arguments: Sequence[str], home: Path, given: bytes = b"") -> tuple[Cost, bytes]:
    """What a command costs, with caches in a folder of its own, and what it prints."""
    env = os.environ | {"XDG_CACHE_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path[1:])}
    before, started = os.times(), time.perf_counter()
    ran = subprocess.run(arguments, input=given, stdout=subprocess.PIPE, env=env, check=True)
    took, after = time.perf_counter() - started, os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return Cost(took, cpu), ran.stdout


def map_command(root: Path, *more: str) -> list[str]:
    return [sys.executable, "-c", MAP, "map", str(root), "--tokens", "1024", *more]


def middle(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        "wall_s": round(statistics.median(cost.wall_s for cost in costs), 3),
        "cpu_s": round(statistics.median(cost.cpu_s for cost in costs), 3),
    }


def measure(root: Path, times: int) -> dict[str, object]:
    """All figures of one tree."""
    files = sources(root)
    listed = b"".join(
        f"{one.grammar} {root / one.path}\0".encode("utf-8", "surrogateescape") for one in files
    )
    victim = next(root / one.path for one in files if Path(one.path).suffix in PROBE and one.size > 2000)
    costs: dict[str, list[Cost]] = {name: [] for name in ("limit", "cold", "warm", "query", "touched")}
    kept = 0.0
    for number in range(times):
        with folder() as home:
            costs["limit"].append(run([sys.executable, "-c", LIMIT], home, listed)[0])
            cold, first = run(map_command(root), home)
            warm, second = run(map_command(root), home)
            if not first or first != second:
                sys.exit(f"{root}: the map is empty, or cold and warm differ")
            costs["cold"].append(cold)
            costs["warm"].append(warm)
            question = f"where is {Path(files[number * 7 % len(files)].path).stem} handled"
            costs["query"].append(run(map_command(root, "--query", question), home)[0])
            with appended(victim, number):
                costs["touched"].append(run(map_command(root), home)[0])
            kept = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 2**20
    with folder() as home:
        memory = peak_memory(map_command(root), home)
    size = sum(one.size for one in files) / 2**20
    return {
        "tree": root.name,
        "files": len(git(root, "ls-files", "-z").split("\0")) - 1,
        "sources": len(files),
        "source_mib": round(size, 1),
        **{name: middle(found) for name, found in costs.items()},
        "live": live(root, files, times),
        "memory_mib": round(memory),
        "kept_mib": round(kept, 1),
    }


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="speed-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def appended(path: Path, number: int) -> Iterator[None]:
    """A file with one more function, for a while."""
    before = path.read_bytes()
    path.write_bytes(before + PROBE[path.suffix].format(number).encode())
    try:
        yield
    finally:
        path.write_bytes(before)


def live(root: Path, files: Sequence[Source], times: int) -> dict[str, float]:
    """Refresh and map in this process after one file changed, `times` times three."""
    from repomap import Index

    chosen = [root / one.path for one in files if Path(one.path).suffix in PROBE and 2000 < one.size < 60_000]
    costs = []
    with folder() as home:
        os.environ["XDG_CACHE_HOME"] = str(home)
        with Index(root) as index:
            index.refresh()
            for number, path in enumerate(
                chosen[5 :: max(1, len(chosen) // (3 * times + 1))][: 3 * times + 1]
            ):
                with appended(path, number):
                    started, cpu = time.perf_counter(), time.process_time()
                    index.refresh()
                    index.map()
                    costs.append(Cost(time.perf_counter() - started, time.process_time() - cpu))
                index.refresh()
    return middle(costs[1:])  # the first starts the worker that the others use


def peak_memory(arguments: Sequence[str], home: Path) -> float:
    """The most that a command and its processes held together, in MiB; 0 where the system does not tell."""
    env = os.environ | {"XDG_CACHE_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path[1:])}
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, env=env)
    most = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.1):
            most = max(most, sum(map(held, family(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    done.set()
    watcher.join()
    return most


def family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def held(pid: int) -> float:
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def sliced(root: Path, many: int, into: Path) -> Path:
    """A git work tree of so many of a tree's sources, evenly spread over it."""
    files = sources(root)
    tree = into / f"{root.name}-{many}"
    for place in range(many):
        path = files[place * len(files) // many].path
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, tree / path)
    git(tree, "init", "-q")
    git(tree, "add", "-A", "-f")
    return tree


def plot(rows: Sequence[dict[str, object]]) -> str:
    """Cold and warm seconds of processor and memory against files, each with its own scale, as SVG."""
    width, height, left, top, apart = 640, 220, 60, 24, 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{3 * height}" font-family="sans-serif">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    titles = {
        "cold": "first map, seconds of processor time",
        "warm": "the same again, seconds of processor time",
        "memory_mib": "memory of all processes in a first map, MiB",
    }
    files = [int(str(row["files"])) for row in rows]
    for number, (name, unit) in enumerate((("cold", "s"), ("warm", "s"), ("memory_mib", "MiB"))):
        values = [float(row[name]["cpu_s"] if unit == "s" else row[name]) for row in rows]  # type: ignore[index,arg-type]
        base, most = (number + 1) * height - 40, max(values)
        points = [
            (left + (width - left - 30) * one / max(files), base - (height - 40 - top) * value / most)
            for one, value in zip(files, values, strict=True)
        ]
        lines.append(
            f'<text x="{left}" y="{number * height + 16}" font-size="13">{titles[name]}, by files</text>'
        )
        lines.append(f'<line x1="{left}" y1="{base}" x2="{width - 20}" y2="{base}" stroke="gray"/>')
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="steelblue" stroke-width="2"/>')
        labelled = 0.0
        for (x, y), one, value in zip(points, files, values, strict=True):
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="steelblue"/>')
            if x < labelled + apart:
                continue  # two numbers would stand one over the other
            labelled = x
            lines.append(
                f'<text x="{x:.1f}" y="{y - 7:.1f}" font-size="11" text-anchor="middle">{value:g}</text>'
            )
            lines.append(
                f'<text x="{x:.1f}" y="{base + 15}" font-size="11" text-anchor="middle">{one:,}</text>'
            )
    return "\n".join([*lines, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", nargs="+", type=Path)
    parser.add_argument("-n", type=int, default=3, help="runs of each kind")
    parser.add_argument("--slices", default="", help="numbers of files, with commas between them")
    parser.add_argument("--plot", type=Path, help="where the drawing of the slices goes")
    given = parser.parse_args()
    rows = []
    with folder() as home:
        for root in map(Path.resolve, given.tree):
            parts = [sliced(root, int(many), home) for many in given.slices.split(",") if many]
            for tree in parts or [root]:
                rows.append(measure(tree, given.n))
                print(json.dumps(rows[-1]), flush=True)
    if given.plot:
        given.plot.write_text(plot(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
