"""The prompts that a user picks in a client: each brings what the index knows about the task."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from repomap.errors import RepoMapError
from repomap.index.index import Index
from repomap.mcp.ask import present
from repomap.mcp.page import encodable
from repomap.mcp.roots import Roots, Served
from repomap.mcp.tools import MOST_CHARS, picked
from repomap.model import LOOKUP_TOKENS, Focus

if TYPE_CHECKING:
    from mcp.server import MCPServer

PART_TOKENS = LOOKUP_TOKENS
"""The budget of each part of a prompt that comes from the index."""

_ORIENT = """Get to know this repository{task} before you change anything.

Below is its map: the files and signatures that matter most, best first within each folder. Read what you need with
`read_symbol` and `outline`, follow names with `find_symbol` and `references`, and say which files you will work on and
why. Do not edit yet.

{map}"""

_BEFORE_EDIT = """You are about to change {target}. First make sure what depends on it.

{impact}

{related}

Read the callers that your change could break with `read_symbol`, keep what they rely on, and plan to run the tests that
are named above. After the edit, call `impact` with the diff."""

_REVIEW = """Review the change below as an experienced maintainer of this repository.

Check that callers still work, that tests cover what changed, and that files which usually change together did. Read
code with `read_symbol` before you claim anything, quote the line that each finding is about, and leave out matters of
taste.

What changed in the map since {revision}:

{changed}

{impact}"""


def add_prompts(server: "MCPServer[Any]", roots: Roots) -> None:
    """Give the server its prompts."""
    for add in (_add_orient, _add_before_you_edit, _add_review):
        add(server, roots)


def _add_orient(server: "MCPServer[Any]", roots: Roots) -> None:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from pydantic import Field

    @server.prompt(name="orient", title="Get to know the repository")
    async def orient(
        context: Context,
        task: Annotated[str, Field(description="What you want to do.", max_length=MOST_CHARS)] = "",
        root: Annotated[str, _root_field()] = "",
    ) -> str:
        """Begin with the map for a task, or with the overview."""
        served, index = await _opened(roots, context, root)
        found = await _part(lambda: index.map(Focus(task), PART_TOKENS).text)
        return _encoded(_ORIENT.format(task=f" for this task: {task}\n" if task else "", map=found), served)


def _add_before_you_edit(server: "MCPServer[Any]", roots: Roots) -> None:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from pydantic import Field

    @server.prompt(name="before-you-edit", title="What depends on it")
    async def before_you_edit(
        context: Context,
        target: Annotated[str, Field(description="What you will change: path, path:name or name.")],
        root: Annotated[str, _root_field()] = "",
    ) -> str:
        """See the callers, tests and related files of what you are about to change."""
        served, index = await _opened(roots, context, root, target)
        sought = served.relative(target)
        impact = await _part(lambda: index.impact(tokens=PART_TOKENS, targets=[sought]).text)
        related = await _part(lambda: _related(index, sought))
        return _encoded(_BEFORE_EDIT.format(target=target, impact=impact, related=related), served)


def _add_review(server: "MCPServer[Any]", roots: Roots) -> None:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from pydantic import Field

    @server.prompt(name="review", title="Review a change")
    async def review(
        context: Context,
        revision: Annotated[str, Field(description="Compare with this commit, branch or tag.")] = "HEAD",
        diff: Annotated[str, Field(description="The diff to review, if you have it.")] = "",
        root: Annotated[str, _root_field()] = "",
    ) -> str:
        """Review what changed since a revision, with what depends on it."""
        served, index = await _opened(roots, context, root)
        changed = await _part(lambda: index.map_diff(revision, PART_TOKENS).text)
        impact = await _part(lambda: index.impact(diff, PART_TOKENS).text) if diff else ""
        text = _REVIEW.format(revision=revision, changed=changed, impact=impact)
        return _encoded(f"{text}\n\n{diff}" if diff else text, served)


def _related(index: Index, target: str) -> str:
    """Return the files related to that of a target; nothing for a name without a path."""
    path = target.rpartition(":")[0] or target
    if path not in index.paths():
        return ""
    return index.ask_graph("related", path, tokens=PART_TOKENS).text


def _root_field() -> Any:
    from pydantic import Field

    return Field(description="The repository that is meant, where several are served.")


async def _opened(roots: Roots, context: Any, root: str, target: str = "") -> tuple[Served, Index]:
    served = picked(roots, root, target)
    return served, (await present(served, context.report_progress)).answer


async def _part(ask: Callable[[], str]) -> str:
    """Return an answer, or why there is none: a prompt says so and still helps."""
    try:
        return (await asyncio.to_thread(ask)).rstrip("\n")
    except RepoMapError as error:
        return f"({error})"


def _encoded(text: str, served: Served) -> str:
    return str(encodable(f"Repository: {served.folder}\n\n{text}\n"))
