"""Serves one repository to an agent over the Model Context Protocol: `Index` as read-only tools.

Standard output belongs to the protocol. Every answer is within a token budget with an upper bound,
stays below the root that the server was started with, and is as fresh as the folder. What goes
wrong is an error of the tool that says what to ask instead.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from repomap.commands.map import in_root, say
from repomap.errors import NotMappable, RepoMapError
from repomap.index.index import LOOKUP_TOKENS, Index
from repomap.lookup.answers import Answer, to_object
from repomap.mapping.formats import as_object, schema
from repomap.model import DEFAULT_TOKENS, LEAST_TOKENS, Focus

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp_types import CallToolResult

MOST_TOKENS = 20_000
"""No answer is larger, whatever is asked."""
MOST_CHARS = 20_000
"""Of a request; further text is refused."""
FRESH_S = 0.5
"""An index that was refreshed so lately is not refreshed again."""
REFRESH_SHARE = 10
"""Between two refreshes pass so many times the seconds that one takes, so that large folders answer too."""

INSTRUCTIONS = (
    "Tools that find code in the repository at {root}. Begin with repo_map and the task as its query: "
    "it names the files and definitions that the work will most likely touch. Then find_symbol, "
    "references and find tell where things are, outline what a file defines, read_symbol the text. "
    "Paths are relative to the root. Every answer keeps to its token budget and says what it left out."
)


class Live:
    """An index that is refreshed before it is asked, by one caller at a time."""

    def __init__(self, index: Index, clock: Callable[[], float] = time.monotonic) -> None:
        self.index = index
        self._clock = clock
        self._lock = threading.Lock()
        self._fresh_until = float("-inf")
        self._told: set[str] = set()

    def ask(self, question: Callable[[Index], Any]) -> Any:
        """What a question to the index gives. Raises RepoMapError."""
        with self._lock:
            self._refresh()
            return question(self.index)

    def _refresh(self) -> None:
        began = self._clock()
        if began < self._fresh_until:
            return
        for warning in self.index.refresh().warnings:
            if warning not in self._told:
                self._told.add(warning)
                say(f"warning: {warning}")
        ended = self._clock()
        self._fresh_until = ended + max(FRESH_S, REFRESH_SHARE * (ended - began))


def serve(index: Index) -> None:
    """Answers over standard input and output until the input ends.

    Raises NotMappable where the folder is none. The first refresh runs while the client connects.
    """
    if not os.path.isdir(index.root):
        raise NotMappable(f"{index.root}: there is no such folder; nothing was served. Name a repository's.")
    live = Live(index)
    threading.Thread(target=_warm_up, args=(live,), daemon=True).start()
    make_server(live).run(transport="stdio")


def _warm_up(live: Live) -> None:
    try:
        live.ask(lambda index: index.data)
    except RepoMapError as error:
        say(f"error: {error}")  # and each call gives it to the agent


def make_server(live: Live) -> "MCPServer[Any]":
    """The server with its tools, not yet running."""
    from mcp.server import MCPServer

    try:
        ours = version("trigpoint")
    except PackageNotFoundError:
        ours = ""
    root = os.path.abspath(live.index.root)
    return MCPServer(
        "trigpoint",
        version=ours,
        instructions=INSTRUCTIONS.format(root=root),
        log_level="WARNING",
        tools=[_map_tool(live), *_name_tools(live), _find_tool(live), _read_tool(live)],
    )


def _map_tool(live: Live) -> Any:
    from typing import Annotated

    from mcp_types import CallToolResult
    from pydantic import Field

    def repo_map(
        query: Annotated[
            str,
            Field(
                description="The task, question, error message or stack trace, as it was given. "
                "Empty: an overview of the whole repository.",
                max_length=MOST_CHARS,
            ),
        ] = "",
        known_files: Annotated[
            list[str],
            Field(
                description="Paths you have read already: not shown, what belongs to them is.", max_length=200
            ),
        ] = [],  # noqa: B006  # copied by the schema, and a default that JSON can show
        mentions: Annotated[
            list[str], Field(description="Exact names of files or symbols that matter.", max_length=200)
        ] = [],  # noqa: B006
        tokens: Annotated[int, _budget()] = DEFAULT_TOKENS,
    ) -> CallToolResult:
        relative = _relative(live)
        focus = Focus(query, tuple(map(relative, known_files)), tuple(mentions))
        return _result(live, lambda index: index.map(focus, tokens))

    return _tool(
        repo_map,
        "Repository map",
        "The files and signatures that a task will most likely touch, ranked, within a token budget. "
        "Ask this first.",
        "map",
    )


def _name_tools(live: Live) -> list[Any]:
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
        return _result(live, lambda index: index.symbol(_relative(live)(name), tokens))

    def references(
        name: Annotated[str, named], tokens: Annotated[int, _budget()] = LOOKUP_TOKENS
    ) -> CallToolResult:
        return _result(live, lambda index: index.references(_relative(live)(name), tokens))

    def outline(
        path: Annotated[str, Field(description="A file of the repository.", min_length=1, max_length=4096)],
        tokens: Annotated[int, _budget()] = LOOKUP_TOKENS,
    ) -> CallToolResult:
        return _result(live, lambda index: index.outline(_relative(live)(path), tokens))

    return [
        _tool(find_symbol, "Find a symbol", "Where a name is defined: path, lines, signature.", "symbol"),
        _tool(
            references,
            "Find references",
            "Where the code uses a name, by file and by the definition that each use stands in.",
            "refs",
        ),
        _tool(
            outline,
            "Outline a file",
            "What a file defines, as a tree with line numbers and signatures.",
            "outline",
        ),
    ]


def _find_tool(live: Live) -> Any:
    from typing import Annotated

    from mcp_types import CallToolResult
    from pydantic import Field

    def find(
        pattern: Annotated[
            str,
            Field(
                description="Plain text (any case unless it has capitals), /regular expression/, or "
                "/regular expression/i to ignore case.",
                min_length=1,
                max_length=1000,
            ),
        ],
        within: Annotated[
            str, Field(description="Only below this folder, or in paths like *.py.", max_length=4096)
        ] = "",
        tokens: Annotated[int, _budget()] = LOOKUP_TOKENS,
    ) -> CallToolResult:
        return _result(live, lambda index: index.find(pattern, tokens, within=_relative(live)(within)))

    return _tool(
        find,
        "Find text",
        "The lines that hold a text or match a pattern, definitions first, each with what it stands in.",
        "find",
    )


def _read_tool(live: Live) -> Any:
    from typing import Annotated

    from mcp_types import CallToolResult
    from pydantic import Field

    def read_symbol(
        target: Annotated[
            str,
            Field(
                description="path:name, path:from-to, path, or a name that only one definition has.",
                min_length=1,
                max_length=4096,
            ),
        ],
        numbered: Annotated[bool, Field(description="Begin each line with its number.")] = True,
        tokens: Annotated[int, _budget()] = LOOKUP_TOKENS,
    ) -> CallToolResult:
        return _result(
            live,
            lambda index: index.source(_relative(live)(target), tokens, numbered=numbered),
        )

    return _tool(
        read_symbol, "Read a symbol", "The text of a definition, of some lines, or of a file.", "show"
    )


def _budget() -> Any:
    from pydantic import Field

    return Field(
        description="Budget of the answer's text in tokens (o200k_base); never exceeded.",
        ge=LEAST_TOKENS,
        le=MOST_TOKENS,
    )


def _tool(function: Callable[..., Any], title: str, description: str, output: str) -> Any:
    """A read-only tool whose structured answer is described by the published schema of that name."""
    from mcp.server.mcpserver.tools import Tool
    from mcp_types import ToolAnnotations

    hints = ToolAnnotations(
        title=title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    tool = Tool.from_function(function, title=title, description=description, annotations=hints)
    tool.fn_metadata.output_schema = json.loads(schema(output))
    return tool


def _result(live: Live, question: Callable[[Index], Any]) -> "CallToolResult":
    """The answer as text for the model and as an object for programs; errors as errors of the tool."""
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp_types import CallToolResult, TextContent

    try:
        given = live.ask(question)
    except RepoMapError as error:
        raise ToolError(_encodable(str(error))) from error
    found = to_object(given) if isinstance(given, Answer) else as_object(given)
    return CallToolResult(
        content=[TextContent(text=_encodable(given.text))], structured_content=_encodable(found)
    )


def _relative(live: Live) -> Callable[[str], str]:
    """Paths as agents give them, absolute ones too, relative to the root. Raises ToolError outside it."""
    inside = in_root(live.index.root)

    def relative(target: str) -> str:
        return inside(target) if os.path.isabs(target) else target

    return relative


def _encodable(value: Any) -> Any:
    """A value without lone surrogates, which stand for bytes of paths and cannot be sent as JSON text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _encodable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    return value
