"""Serves one repository to an agent over the Model Context Protocol: `Index` as read-only tools.

Standard output belongs to the protocol. Every answer fits a token budget with an upper limit, is
about files below the root that the server was started with, and is up to date. A failure is an error
of the tool that says what to ask instead.
"""

import json
import os
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from repomap.commands.map import in_root, say
from repomap.errors import NotMappable, RepoMapError
from repomap.index.fresh import FreshIndex
from repomap.index.index import Index
from repomap.lookup.answers import Answer, to_object
from repomap.mapping.formats import as_object, schema
from repomap.model import DEFAULT_TOKENS, LEAST_TOKENS, LOOKUP_TOKENS, Focus

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp_types import CallToolResult

MOST_TOKENS = 20_000
"""The largest budget that a call may give."""
MOST_CHARS = 20_000
"""Of a query; a longer one is refused."""

INSTRUCTIONS = (
    "Tools that find code in the repository at {root}. Start with repo_map and the task as its query: "
    "it lists the files and definitions that the work will most likely touch. Then use find_symbol, "
    "references and find to locate things, outline to list what a file defines, and read_symbol to read "
    "code. Paths are relative to the root. Every answer fits its token budget and says what it omits. Files "
    "that have changed are seen at once; where that takes long, a second text says how old the answer is."
)

_STALE = "(The repository is being read again; this answer is as of {:.0f} s ago. Ask again for what changed since.)"


def serve(index: Index) -> None:
    """Answer over standard input and output until the input ends.

    The first refresh runs while the client connects. Raises NotMappable if there is no such folder.
    """
    if not os.path.isdir(os.path.abspath(index.root)):  # raises where the current folder is gone
        raise NotMappable(
            f"There is no folder {index.root}. No server was started; give the folder of a repository."
        )
    fresh = FreshIndex(index, lambda warning: say(f"warning: {warning}"))
    fresh.begin()
    make_server(fresh).run(transport="stdio")


def make_server(fresh: FreshIndex) -> "MCPServer[Any]":
    """Make the server with its tools, not yet running."""
    from mcp.server import MCPServer

    try:
        program_version = version("trigpoint")
    except PackageNotFoundError:
        program_version = ""
    root = os.path.abspath(fresh.index.root)
    return MCPServer(
        "trigpoint",
        version=program_version,
        instructions=INSTRUCTIONS.format(root=root),
        log_level="WARNING",
        tools=[_map_tool(fresh), *_name_tools(fresh), _find_tool(fresh), _read_tool(fresh)],
    )


def _map_tool(fresh: FreshIndex) -> Any:
    from typing import Annotated

    from mcp_types import CallToolResult
    from pydantic import Field

    def repo_map(
        query: Annotated[
            str,
            Field(
                description="The task, question, error message or stack trace, verbatim. "
                "If empty, the map is an overview of the whole repository.",
                max_length=MOST_CHARS,
            ),
        ] = "",
        known_files: Annotated[
            list[str],
            Field(
                description="Paths you have already read: they are not shown, related files are.",
                max_length=200,
            ),
        ] = [],  # noqa: B006  # copied by the schema, and a default that JSON can show
        mentions: Annotated[
            list[str], Field(description="Exact names of files or symbols that matter.", max_length=200)
        ] = [],  # noqa: B006
        tokens: Annotated[int, _budget()] = DEFAULT_TOKENS,
    ) -> CallToolResult:
        relative = _relative(fresh)
        focus = Focus(query, tuple(map(relative, known_files)), tuple(mentions))
        return _result(fresh, lambda index: index.map(focus, tokens))

    return _tool(
        repo_map,
        "Repository map",
        "The files and signatures that a task will most likely touch, ranked, within a token budget. "
        "Call this first.",
        "map",
    )


def _name_tools(fresh: FreshIndex) -> list[Any]:
    from typing import Annotated

    from mcp_types import CallToolResult
    from pydantic import Field

    named = Field(
        description="A name, or a qualified one: Class.method, Class/method, path:name.",
        min_length=1,
        max_length=500,
    )

    def find_symbol(
        name: Annotated[str, named], tokens: Annotated[int, _budget()] = LOOKUP_TOKENS
    ) -> CallToolResult:
        return _result(fresh, lambda index: index.symbol(_relative(fresh)(name), tokens))

    def references(
        name: Annotated[str, named], tokens: Annotated[int, _budget()] = LOOKUP_TOKENS
    ) -> CallToolResult:
        return _result(fresh, lambda index: index.references(_relative(fresh)(name), tokens))

    def outline(
        path: Annotated[str, Field(description="A file of the repository.", min_length=1, max_length=4096)],
        tokens: Annotated[int, _budget()] = LOOKUP_TOKENS,
    ) -> CallToolResult:
        return _result(fresh, lambda index: index.outline(_relative(fresh)(path), tokens))

    return [
        _tool(find_symbol, "Find a symbol", "Where a name is defined: path, lines, signature.", "symbol"),
        _tool(
            references,
            "Find references",
            "Where the code uses a name, by file and enclosing definition.",
            "refs",
        ),
        _tool(
            outline,
            "Outline a file",
            "What a file defines, as a tree with line numbers and signatures.",
            "outline",
        ),
    ]


def _find_tool(fresh: FreshIndex) -> Any:
    from typing import Annotated

    from mcp_types import CallToolResult
    from pydantic import Field

    def find(
        pattern: Annotated[
            str,
            Field(
                description="Plain text (case-insensitive unless it has capitals), /regular expression/, or "
                "/regular expression/i to ignore case.",
                min_length=1,
                max_length=1000,
            ),
        ],
        within: Annotated[
            str, Field(description="Search only this folder, or paths like *.py.", max_length=4096)
        ] = "",
        tokens: Annotated[int, _budget()] = LOOKUP_TOKENS,
    ) -> CallToolResult:
        return _result(fresh, lambda index: index.find(pattern, tokens, within=_relative(fresh)(within)))

    return _tool(
        find,
        "Find text",
        "The lines that contain a text or match a pattern, definitions first, with the definition around each.",
        "find",
    )


def _read_tool(fresh: FreshIndex) -> Any:
    from typing import Annotated

    from mcp_types import CallToolResult
    from pydantic import Field

    def read_symbol(
        target: Annotated[
            str,
            Field(
                description="path:name, path:from-to, path, or the name of a single definition.",
                min_length=1,
                max_length=4096,
            ),
        ],
        numbered: Annotated[bool, Field(description="Start each line with its number.")] = True,
        tokens: Annotated[int, _budget()] = LOOKUP_TOKENS,
    ) -> CallToolResult:
        return _result(
            fresh,
            lambda index: index.source(_relative(fresh)(target), tokens, numbered=numbered),
        )

    return _tool(
        read_symbol, "Read a symbol", "The text of a definition, of a range of lines, or of a file.", "show"
    )


def _budget() -> Any:
    from pydantic import Field

    return Field(
        description="Budget for the text of the answer in tokens (o200k_base); never exceeded.",
        ge=LEAST_TOKENS,
        le=MOST_TOKENS,
    )


def _tool(function: Callable[..., Any], title: str, description: str, output: str) -> Any:
    """Make a read-only tool whose structured answer follows the published schema ``output``."""
    from mcp.server.mcpserver.tools import Tool
    from mcp_types import ToolAnnotations

    hints = ToolAnnotations(
        title=title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    tool = Tool.from_function(function, title=title, description=description, annotations=hints)
    tool.fn_metadata.output_schema = json.loads(schema(output))
    return tool


def _result(fresh: FreshIndex, question: Callable[[Index], Any]) -> "CallToolResult":
    """Return the answer as text for the model and as an object for programs.

    Raises ToolError instead of RepoMapError.
    """
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp_types import CallToolResult, TextContent

    try:
        fresh_answer = fresh.ask(question)
    except RepoMapError as error:
        raise ToolError(_encodable(str(error))) from error
    answer = fresh_answer.answer
    structured = to_object(answer) if isinstance(answer, Answer) else as_object(answer)
    texts = [answer.text, *([_STALE.format(fresh_answer.age_s)] if fresh_answer.age_s else [])]
    return CallToolResult(
        content=[TextContent(text=_encodable(text)) for text in texts],
        structured_content=_encodable(structured),
    )


def _relative(fresh: FreshIndex) -> Callable[[str], str]:
    """Make a function that turns an agent's absolute path into one relative to the root."""
    inside = in_root(fresh.index.root)

    def relative(target: str) -> str:
        return inside(target) if os.path.isabs(target) else target

    return relative


def _encodable(value: Any) -> Any:
    """Replace lone surrogates, which stand for bytes of paths and cannot be sent as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _encodable(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_encodable(element) for element in value]
    return value
