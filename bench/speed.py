"""Measure what a map costs, compared with reading and parsing alone.

    speed.py TREE... [-n 3]                      one line of JSON for each tree
    speed.py --slices 1000,3000,… TREE --plot F  cost by number of files, drawn as SVG

A tree is a git work tree. Only one file of it is changed, and restored. Every run has its own caches:

limit    read and parse every source file with tree-sitter in one process: CPU seconds
cold     the map with empty caches       warm     the same again, nothing changed
touched  after a file got a function     query    with a new request
live     refresh and map in an open index, after one file changed
memory   peak of all processes together, in MiB (proportional set size; Linux only)
kept     size of the cache folder, in MiB

Seconds are medians of wall time and of processor time of all processes; a busy machine affects the latter
less.
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
MAX_SOURCE_BYTES = 1_000_000
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
    """Wall time and processor time of one run."""

    wall_s: float
    cpu_s: float


class Source(NamedTuple):
    """A file that some grammar parses."""

    path: str
    grammar: str
    size: int


def sources(root: Path) -> list[Source]:
    """The tracked files of a tree that some grammar parses."""
    names = git(root, "ls-files", "-z").split("\0")[:-1]
    languages = ((name, language_of(name)) for name in names if (root / name).is_file())
    files = [
        Source(name, language.grammar or language.name, (root / name).stat().st_size)
        for name, language in languages
        if language and not language.embedded
    ]
    return [file for file in files if file.size <= MAX_SOURCE_BYTES]


def git(root: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=True)
    return ran.stdout.decode("utf-8", "surrogateescape")


def run(arguments: Sequence[str], home: Path, stdin: bytes = b"") -> tuple[Cost, bytes]:
    """Run a command with its caches in ``home``; return its cost and standard output."""
    env = os.environ | {"XDG_CACHE_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path[1:])}
    before, started = os.times(), time.perf_counter()
    ran = subprocess.run(arguments, input=stdin, stdout=subprocess.PIPE, env=env, check=True)
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return Cost(wall, cpu), ran.stdout


def map_command(root: Path, *more: str) -> list[str]:
    return [sys.executable, "-c", MAP, "map", str(root), "--tokens", "1024", *more]


def medians(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        "wall_s": round(statistics.median(cost.wall_s for cost in costs), 3),
        "cpu_s": round(statistics.median(cost.cpu_s for cost in costs), 3),
    }


def measure(root: Path, times: int) -> dict[str, object]:
    """Measure one tree; return all figures."""
    files = sources(root)
    listing = b"".join(
        f"{file.grammar} {root / file.path}\0".encode("utf-8", "surrogateescape") for file in files
    )
    changed = next(root / file.path for file in files if Path(file.path).suffix in PROBE and file.size > 2000)
    costs: dict[str, list[Cost]] = {name: [] for name in ("limit", "cold", "warm", "query", "touched")}
    kept_mib = 0.0
    for number in range(times):
        with folder() as home:
            costs["limit"].append(run([sys.executable, "-c", LIMIT], home, listing)[0])
            cold, first = run(map_command(root), home)
            warm, second = run(map_command(root), home)
            if not first or first != second:
                sys.exit(f"{root}: the map is empty, or cold and warm differ")
            costs["cold"].append(cold)
            costs["warm"].append(warm)
            question = f"where is {Path(files[number * 7 % len(files)].path).stem} handled"
            costs["query"].append(run(map_command(root, "--query", question), home)[0])
            with appended(changed, number):
                costs["touched"].append(run(map_command(root), home)[0])
            kept_mib = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 2**20
    with folder() as home:
        memory = peak_memory(map_command(root), home)
    size_mib = sum(file.size for file in files) / 2**20
    return {
        "tree": root.name,
        "files": len(git(root, "ls-files", "-z").split("\0")) - 1,
        "sources": len(files),
        "source_mib": round(size_mib, 1),
        **{name: medians(runs) for name, runs in costs.items()},
        "live": live(root, files, times),
        "memory_mib": round(memory),
        "kept_mib": round(kept_mib, 1),
    }


@contextmanager
def folder() -> Iterator[Path]:
    """Make a temporary folder."""
    path = Path(tempfile.mkdtemp(prefix="speed-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def appended(path: Path, number: int) -> Iterator[None]:
    """Append a function to a file for the length of the block."""
    before = path.read_bytes()
    path.write_bytes(before + PROBE[path.suffix].format(number).encode())
    try:
        yield
    finally:
        path.write_bytes(before)


def live(root: Path, files: Sequence[Source], times: int) -> dict[str, float]:
    """Change a file, refresh and map in this process, three times ``times``."""
    from repomap import Index

    paths = [
        root / file.path for file in files if Path(file.path).suffix in PROBE and 2000 < file.size < 60_000
    ]
    step = max(1, len(paths) // (3 * times + 1))
    costs = []
    with folder() as home:
        os.environ["XDG_CACHE_HOME"] = str(home)
        with Index(root) as index:
            index.refresh()
            for number, path in enumerate(paths[5::step][: 3 * times + 1]):
                with appended(path, number):
                    started, cpu = time.perf_counter(), time.process_time()
                    index.refresh()
                    index.map()
                    costs.append(Cost(time.perf_counter() - started, time.process_time() - cpu))
                index.refresh()
    return medians(costs[1:])  # the first run starts the worker that the others use


def peak_memory(arguments: Sequence[str], home: Path) -> float:
    """The peak memory of a command and its processes, in MiB; 0 if the system does not report it."""
    env = os.environ | {"XDG_CACHE_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path[1:])}
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, env=env)
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.1):
            peak = max(peak, sum(map(memory_of, family(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    done.set()
    watcher.join()
    return peak


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    pids = [pid]
    for parent in pids:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                pids += map(int, task.read_text().split())
            except OSError:
                continue
    return pids


def memory_of(pid: int) -> float:
    """The proportional set size of a process, in MiB."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def make_slice(root: Path, count: int, into: Path) -> Path:
    """Make a git work tree of ``count`` of a tree's sources, evenly spread over it."""
    files = sources(root)
    tree = into / f"{root.name}-{count}"
    for index in range(count):
        path = files[index * len(files) // count].path
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, tree / path)
    git(tree, "init", "-q")
    git(tree, "add", "-A", "-f")
    return tree


def plot(rows: Sequence[dict[str, object]]) -> str:
    """Draw processor time, cold and warm, and memory by number of files, each to its own scale, as SVG."""
    width, height, left, top, label_gap = 640, 220, 60, 24, 40
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
        base, highest = (number + 1) * height - 40, max(values)
        points = [
            (left + (width - left - 30) * count / max(files), base - (height - 40 - top) * value / highest)
            for count, value in zip(files, values, strict=True)
        ]
        lines.append(
            f'<text x="{left}" y="{number * height + 16}" font-size="13">{titles[name]}, by files</text>'
        )
        lines.append(f'<line x1="{left}" y1="{base}" x2="{width - 20}" y2="{base}" stroke="gray"/>')
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="steelblue" stroke-width="2"/>')
        label_x = 0.0
        for (x, y), count, value in zip(points, files, values, strict=True):
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="steelblue"/>')
            if x < label_x + label_gap:
                continue  # the numbers would overlap
            label_x = x
            lines.append(
                f'<text x="{x:.1f}" y="{y - 7:.1f}" font-size="11" text-anchor="middle">{value:g}</text>'
            )
            lines.append(
                f'<text x="{x:.1f}" y="{base + 15}" font-size="11" text-anchor="middle">{count:,}</text>'
            )
    return "\n".join([*lines, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", nargs="+", type=Path)
    parser.add_argument("-n", type=int, default=3, help="runs of each kind")
    parser.add_argument("--slices", default="", help="numbers of files, separated by commas")
    parser.add_argument("--plot", type=Path, help="the file for the drawing of the slices")
    options = parser.parse_args()
    rows = []
    with folder() as home:
        for root in map(Path.resolve, options.tree):
            slices = [make_slice(root, int(count), home) for count in options.slices.split(",") if count]
            for tree in slices or [root]:
                rows.append(measure(tree, options.n))
                print(json.dumps(rows[-1]), flush=True)
    if options.plot:
        options.plot.write_text(plot(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
