"""Drive `trigpoint mcp` by the official client: is every answer right in form, within its budget, and fast?

    python bench/mcp_client.py REPOSITORY… [--rounds 5]

For each repository and both protocol revisions a server is started twice, with an empty cache and then with that of
the first run. Every tool, resource and prompt is called, each answer is held against the tool's schema and its
budget, then 100 calls at once against the answers of the same calls one by one. None of the repository's code runs.

Prints the number of files, the time from the start of the process and from the first call to the first answer, cold and
warm, whether the cold one was partial, the median and the slowest of the calls of several rounds, and what went wrong.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
from mcp import Client, StdioServerParameters

from repomap.mapping.tokens import count_tokens

BUDGETS = (64, 500, 2048)
AT_ONCE = 100


def server_of(root: Path, cache: str) -> StdioServerParameters:
    """Describe the server of a folder with a cache folder of its own."""
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    return StdioServerParameters(
        command=sys.executable, args=["-m", "repomap", "mcp", str(root)], env=environment
    )


def calls_of(path: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return a call of each tool but `map_diff`, which is timed by itself, about a file and a name."""
    return [
        ("repo_map", {"query": f"fix the error in {name}"}),
        ("repo_map", {}),
        ("find", {"pattern": name}),
        ("find_symbol", {"name": name}),
        ("references", {"name": name}),
        ("outline", {"path": path}),
        ("read_symbol", {"target": path}),
        ("related_files", {"path": path}),
        ("impact", {"targets": [path]}),
    ]


class Checks:
    """What went wrong."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas, self.wrong, self.answers = schemas, list[str](), 0

    def check(self, name: str, arguments: dict[str, Any], given: Any) -> None:
        """Hold an answer against its schema and its budget."""
        self.answers += 1
        if given.is_error:
            self.wrong.append(f"{name} {arguments}: {given.content[0].text[:100]}")
            return
        tokens = sum(count_tokens(content.text) for content in given.content)
        if tokens != given.structured_content["tokens"] or tokens > arguments.get("tokens", 2048):
            self.wrong.append(f"{name} {arguments}: {tokens} tokens")
        jsonschema.validate(given.structured_content, self.schemas[name])


async def first_answer(root: Path, cache: str, mode: str) -> tuple[float, float, bool]:
    """Start a server and ask for a map; return seconds since the start and the call, and whether it was partial."""
    began = time.perf_counter()
    async with Client(server_of(root, cache), mode=mode) as client:
        asked = time.perf_counter()
        given = await client.call_tool("repo_map", {"query": "where are errors handled"})
        ended = time.perf_counter()
        partial = bool(given.structured_content.get("partial"))
        while (await client.call_tool("repo_map", {})).structured_content.get("partial"):
            await asyncio.sleep(0.5)  # until it is in the cache
    return ended - began, ended - asked, partial


async def every_call(root: Path, cache: str, mode: str, rounds: int) -> tuple[list[float], float, Checks]:
    """Make every call; return their seconds, those of `map_diff`, and the checks."""
    async with Client(server_of(root, cache), mode=mode) as client:
        checks = Checks({tool.name: tool.output_schema for tool in (await client.list_tools()).tools})
        found = (await client.call_tool("repo_map", {})).structured_content["files"]
        file = next(each for each in found if each["definitions"])
        calls = calls_of(file["path"], file["definitions"][0]["name"])
        seconds = []
        for _ in range(rounds):
            for name, arguments in calls:
                for tokens in BUDGETS:
                    began = time.perf_counter()
                    given = await client.call_tool(name, {**arguments, "tokens": tokens})
                    seconds.append(time.perf_counter() - began)
                    checks.check(name, {**arguments, "tokens": tokens}, given)
        began = time.perf_counter()
        checks.check(
            "map_diff", {"revision": "HEAD"}, await client.call_tool("map_diff", {"revision": "HEAD"})
        )
        diff_s = time.perf_counter() - began
        await _at_once(client, calls, checks)
        await _resources_and_prompts(client, file["path"], checks)
    return seconds, diff_s, checks


async def _at_once(client: Client, calls: Sequence[tuple[str, dict[str, Any]]], checks: Checks) -> None:
    alone = [(await client.call_tool(name, arguments)).structured_content for name, arguments in calls]
    asked = [calls[number % len(calls)] for number in range(AT_ONCE)]
    given = await asyncio.gather(*(client.call_tool(name, arguments) for name, arguments in asked))
    for number, each in enumerate(given):
        checks.answers += 1
        if each.structured_content != alone[number % len(calls)]:
            checks.wrong.append(f"{asked[number]}: another answer when asked at once")


async def _resources_and_prompts(client: Client, path: str, checks: Checks) -> None:
    listed, cursor = 0, None
    while cursor or not listed:
        page = await client.list_resources(cursor=cursor)
        listed, cursor = listed + len(page.resources), page.next_cursor
    for uri in ("repo://map", f"repo://file/{path}", f"repo://outline/{path}"):
        checks.answers += 1
        if not (await client.read_resource(uri)).contents[0].text:
            checks.wrong.append(f"{uri}: empty")
    for name, arguments in (("orient", {}), ("before-you-edit", {"target": path}), ("review", {})):
        checks.answers += 1
        if (
            Path(path).name not in (await client.get_prompt(name, arguments)).messages[0].content.text
            and name != "review"
        ):
            checks.wrong.append(f"{name}: without {path}")


async def measure(root: Path, rounds: int) -> None:
    """Print what a repository gives."""
    files = subprocess.run(
        ["git", "-C", str(root), "ls-files"], capture_output=True, check=True
    ).stdout.count(b"\n")
    for mode in ("legacy", "auto"):
        with tempfile.TemporaryDirectory() as cache:
            cold = await first_answer(root, cache, mode)
            warm = await first_answer(root, cache, mode)
            seconds, diff_s, checks = await every_call(root, cache, mode, rounds)
        print(
            f"{root.name} {mode}: {files} files; first answer cold {cold[0]:.2f} s ({cold[1]:.2f} s after the call"
            f"{', partial' if cold[2] else ''}), warm {warm[0]:.2f} s ({warm[1]:.2f} s); calls median "
            f"{statistics.median(seconds) * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms, map_diff "
            f"{diff_s * 1000:.0f} ms; {checks.answers} answers, {len(checks.wrong)} wrong",
            flush=True,
        )
        for each in checks.wrong[:10]:
            print(f"  {each}")


def main() -> None:
    """Measure the repositories of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for repository in given.repositories:
        asyncio.run(measure(repository.resolve(), given.rounds))


if __name__ == "__main__":
    main()
