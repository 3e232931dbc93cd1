"""The layer order and the "only in" rules, read from the source with `ast`; nothing is imported.

`breaches` turns one module's source into sentences about the rules it breaks. The tables below
are the rules: a new module of `repomap` or `edits` gets its place in `LAYERS`.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("repomap", "edits", "chat")

LAYERS: dict[str, tuple[frozenset[str], ...]] = {
    "repomap": (
        frozenset("model errors".split()),
        frozenset(
            """queries languages reserved captures definitions words parse
            request corpus relevance graph rank imports kinds chronicle evidence weights
            score fit render mapping why formats tokens wire
            answers names lookup search references
            frames syntax import_tree import_paths import_packages import_scripts library
            texts planes uses splicing renewal gmres columns parts cores""".split()
        ),
        frozenset(
            """git ignore walk collecting files history cache child lanes workers worker engine index container folders
            reading snapshot listing relisting watch head_start""".split()
        ),
        frozenset("cli commands mcp_server __main__".split()),
    ),
    "edits": (
        frozenset("model errors".split()),
        frozenset(
            """draft elision explain files fitting hunk indentation index listing locate match merge names nearest
            normalize parse patch plan refusal render reply resolve search_replace source udiff variants whole
            workspace""".split()
        ),
        frozenset("disk exchange write".split()),
    ),
    "chat": (
        frozenset("model errors ports".split()),
        frozenset(
            """talk prompts asks excerpts known summaries limits aliases advice collector
            setting_rows settings spellings described settings_page values records masking
            money instructions results escapes diffs layers aider claims reading pieces sentences splitting
            options tally thinking payload wire session plot metrics transcripts offload selection""".split()
        ),
        frozenset(
            """llm library catalog attempt http_watch local_servers discovery
            git git_process git_index git_state git_merge git_commit private_git restoring processes links
            checkpoints store undo config trust journal workspace
            state context replies editing granting checks outputs turn commits compaction trimming memory notes resume
            rewinding listing
            chat_files next_prompt rebuilding desk opening clipboard command file_commands git_commands model_commands
            talk_commands commands completions call calls call_server""".split()
        ),
        frozenset(
            """cli apply ui pretty keys seating line_editor repl completer style oneshot flags
            sessions_cli settings_cli models_cli trust_cli __main__""".split()
        ),
    ),
}
"""Lowest first: pure values, pure stages, what touches the world, the command.

A module imports from its own layer and those below; a package's `__init__` from all but the command.
"""

ONLY_IN: dict[str, frozenset[str]] = {
    "litellm": frozenset({"chat.llm.lite_model"}),
    "prompt_toolkit": frozenset(
        {"chat.terminal.repl", "chat.terminal.completer", "chat.terminal.style", "chat.terminal.line_editor"}
    ),
    "rich": frozenset({"chat.terminal.rich_screen", "chat.cli.sessions", "repomap.commands.map"}),
    "click": frozenset(
        """chat.cli chat.apply chat.flags chat.repl chat.oneshot chat.sessions_cli chat.settings_cli chat.models_cli
        chat.trust_cli repomap.cli repomap.commands""".split()
    ),
    "yaml": frozenset({"chat.settings.aider_conf"}),
    "dotenv": frozenset({"chat.settings.load"}),
    "diskcache": frozenset({"repomap.index.tags_cache"}),
    "networkx": frozenset({"repomap.graph.file_graph"}),
    "mcp": frozenset({"repomap.commands.mcp"}),
    "tiktoken": frozenset({"repomap.mapping.tokens"}),
    "watchfiles": frozenset({"repomap.files.watch"}),
    "tree_sitter": frozenset({"repomap.parsing.parse", "repomap.parsing.captures"}),
    "tree_sitter_language_pack": frozenset({"repomap.parsing.parse"}),
    "subprocess": frozenset(
        {
            "repomap.files.git",
            "repomap.workers.child",
            "chat.llm.callers",
            "chat.git.process",
            "chat.safety.shell",
        }
    ),
}
"""The modules that own a dependency; no other imports it."""

LATE = frozenset("litellm networkx rich prompt_toolkit mcp tiktoken pydantic yaml dotenv watchfiles".split())
"""Slow to load, so imported inside the functions that need them."""

COMMAND_LAYER = frozenset(
    """repomap.cli repomap.__main__ chat.cli chat.apply chat.__main__ chat.ui chat.oneshot
    chat.sessions_cli chat.settings_cli chat.trust_cli""".split()
)
"""Where the command is put together: these may print, and may import another package's `cli`."""


class Import(NamedTuple):
    """One imported name, with dots; `late` where loading the module does not run the import."""

    name: str
    line: int
    late: bool


def imports_of(module: str, tree: ast.Module) -> Iterator[Import]:
    """Every import of a module: `from a import b` as `a.b`, since `b` may be a module."""
    late_nodes = {
        node for owner in ast.walk(tree) if _runs_late(owner) for node in ast.walk(owner) if node is not owner
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(name.name, node.lineno, node in late_nodes)
        elif isinstance(node, ast.ImportFrom):
            folder = ".".join(module.split(".")[: -node.level]) + "." if node.level else ""
            for name in node.names:
                yield Import(
                    f"{folder}{node.module or ''}.{name.name}".replace("..", "."),
                    node.lineno,
                    node in late_nodes,
                )


def _runs_late(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def breaches(module: str, source: str) -> list[str]:
    """The rules that a module breaks, as `module:line: what`, in the order of the rules."""
    tree = ast.parse(source)
    imports = list(imports_of(module, tree))
    found = [*_across(module, imports), *_upwards(module, imports), *_not_owned(module, imports)]
    return [f"{module}:{line}: {what}" for line, what in [*found, *_prints(module, tree), *_work(tree.body)]]


def _across(module: str, imports: list[Import]) -> Iterator[tuple[int, str]]:
    """Imports of another of the three packages, and in `edits` of anything but the standard library."""
    package, _, _ = module.partition(".")
    for name, line, _ in imports:
        other, *rest = name.split(".")
        inner = f"{other}.{rest[0]}" if rest and other in PACKAGES and rest[0] in _modules(other) else ""
        both_commands = module in COMMAND_LAYER and inner in COMMAND_LAYER
        if package == "edits" and other != "edits" and other not in sys.stdlib_module_names:
            yield line, f"edits imports only the standard library, not {name}"
        elif package == "repomap" and other in ("chat", "edits"):
            yield line, f"repomap does not know {other}"
        elif package == "chat" and other != "chat" and inner and not both_commands:
            yield line, f"chat imports {other} through its __init__, not {name}"


def _modules(package: str) -> frozenset[str]:
    there = {path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or path.is_dir()}
    return frozenset(there).union(*LAYERS.get(package, ())) - {"__init__"}


def _upwards(module: str, imports: list[Import]) -> Iterator[tuple[int, str]]:
    """Imports of a higher layer of the same package."""
    package, _, rest = module.partition(".")
    layers = LAYERS.get(package)
    if layers is None:
        return
    top = len(layers) - 1
    own = _layer(package, rest.split(".")[0]) if rest else min(top, 2)
    if own is None:
        yield 1, f"has no place in LAYERS of {Path(__file__).name}"
        return
    for name, line, _ in imports:
        other, *below = name.split(".")
        theirs = _layer(package, below[0]) if other == package and below else None
        if theirs is not None and theirs > own:
            yield line, f"layer {own} imports {name} of layer {theirs}"


def _layer(package: str, name: str) -> int | None:
    return next((place for place, names in enumerate(LAYERS[package]) if name in names), None)


def _not_owned(module: str, imports: list[Import]) -> Iterator[tuple[int, str]]:
    """Imports that belong to other modules, and slow ones that run when the module is loaded."""
    for name, line, late in imports:
        root, _, _ = name.partition(".")
        if root in ONLY_IN and module not in ONLY_IN[root]:
            yield line, f"only {', '.join(sorted(ONLY_IN[root]))} may import {root}"
        elif root in LATE and not late:
            yield line, f"{root} is slow to load: import it inside the function that needs it"


def _prints(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree) if module not in COMMAND_LAYER else ():
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield node.lineno, "print outside the command layer"


DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)


def _work(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Statements that do something when the module is loaded, beyond defining and naming.

    `if` and `try` may choose between definitions, as what differs between systems needs.
    """
    for node in body:
        match node:
            case ast.If(test=test) if ast.unparse(test) == "__name__ == '__main__'":
                continue
            case ast.If(body=then, orelse=otherwise):
                yield from _work([*then, *otherwise])
            case ast.Try(body=tried, handlers=handlers, orelse=otherwise, finalbody=last):
                yield from _work([*tried, *otherwise, *last])
                for handler in handlers:
                    yield from _work(handler.body)
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=targets) if all(_is_name(target) for target in targets):
                continue
            case ast.AnnAssign(target=target) if _is_name(target):
                continue
            case _ if not isinstance(node, DEFINITIONS):
                yield node.lineno, f"does work when imported: {ast.unparse(node).splitlines()[0]}"


def _is_name(target: ast.expr) -> bool:
    """Whether an assignment makes a name here, and changes nothing elsewhere as `os.environ[…] =` does."""
    if isinstance(target, ast.Tuple):
        return all(_is_name(part) for part in target.elts)
    return isinstance(target, ast.Name)


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the three packages, by its name with dots; `__init__` has the package's."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


@pytest.mark.parametrize(("module", "path"), [pytest.param(*pair, id=pair[0]) for pair in modules()])
def test_a_module_keeps_to_its_layer(module: str, path: Path) -> None:
    """Imports point downwards, each dependency has its owner, and loading a module does nothing."""
    assert breaches(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("edits.matching.strategies", "import regex", "only the standard library"),
        (
            "edits.matching.strategies",
            "def f():\n    from repomap import build_map",
            "only the standard library",
        ),
        (
            "edits.matching.strategies",
            "from edits.disk.write import write_plan",
            "layer 1 imports edits.write",
        ),
        ("repomap.engine", "import edits", "does not know edits"),
        ("repomap.engine", "from chat.model import Turn", "does not know chat"),
        ("repomap.mapping.tokens", "def f():\n    import litellm", "only chat.llm may import litellm"),
        ("repomap.model", "from repomap.parsing.parse import parse_source", "layer 0 imports"),
        ("repomap.graph.pagerank", "from repomap import cache", "layer 1 imports repomap.cache"),
        ("repomap.graph.pagerank", "from . import cache", "layer 1 imports repomap.cache"),
        ("repomap.graph.pagerank", "from .cache import Store", "layer 1 imports repomap.cache"),
        ("repomap.engine", "import repomap.cli", "layer 2 imports repomap.cli"),
        ("repomap", "from repomap.commands.map import main", "layer 2 imports repomap.cli"),
        ("repomap.novelty", "", "no place in LAYERS"),
        ("chat.prompt.context", "from repomap.engine import build_map", "through its __init__"),
        ("chat.prompt.context", "from repomap import engine", "through its __init__"),
        ("chat.prompt.context", "import edits.plan", "through its __init__"),
        ("repomap.engine", "def f():\n    import diskcache", "only repomap.cache"),
        ("repomap.graph.pagerank", "def f():\n    import networkx as nx", "only repomap.graph"),
        (
            "repomap.files.listing",
            "from subprocess import run",
            "only chat.calls, chat.git_process, chat.processes, repomap.child",
        ),
        ("chat.terminal.screen", "def f():\n    import prompt_toolkit.history", "may import prompt_toolkit"),
        ("repomap.graph.file_graph", "import networkx as nx", "slow to load"),
        (
            "repomap.graph.file_graph",
            "try:\n    import networkx\nexcept ImportError:\n    pass",
            "slow to load",
        ),
        ("chat.settings.table", "class Settings:\n    import pydantic", "slow to load"),
        ("repomap.engine", "def f():\n    print('x')", "print outside"),
        ("repomap.engine", "import os\nos.environ['X'] = '1'", "does work"),
        ("repomap.engine", "import warnings\nwarnings.simplefilter('ignore')", "does work"),
        ("repomap.engine", "for x in range(3):\n    pass", "does work"),
        ("repomap.engine", "import sys\nif sys.platform == 'win32':\n    sys.path.append('.')", "does work"),
    ],
)
def test_a_breach_is_caught(module: str, source: str, said: str) -> None:
    """Each rule finds what it is there to find, and one breach gives one sentence."""
    (sentence,) = breaches(module, source)

    assert said in sentence
    assert sentence.startswith(f"{module}:")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("edits.planning.plan", "import re\nfrom edits.model import Plan\nfrom edits.match import match"),
        ("repomap", "from repomap.engine import Index as Index\n__all__ = ['Index']"),
        ("repomap.engine", "from repomap.index.tags_cache import Store\nfrom repomap.model import Tag"),
        (
            "repomap.graph.file_graph",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import networkx as nx",
        ),
        ("repomap.graph.file_graph", "def as_digraph():\n    import networkx"),
        ("repomap.commands.map", "def main():\n    print('x')"),
        ("repomap.__main__", "from repomap.commands.map import main\nif __name__ == '__main__':\n    main()"),
        ("repomap.workers.pool", "try:\n    import resource\nexcept ImportError:\n    resource = None"),
        ("repomap.model", "'''Doc.'''\nX: int = 1\n'''What X is.'''\nA, B = 1, 2"),
        ("chat.cli.main", "from repomap.commands.map import map_command"),
        ("chat.prompt.context", "from repomap import Index\nfrom edits import plan_edits"),
    ],
)
def test_what_the_rules_allow_passes(module: str, source: str) -> None:
    """A rule that cries wolf is soon switched off."""
    assert breaches(module, source) == []


def test_importing_the_packages_loads_nothing_slow() -> None:
    """What `ast` cannot see, as a slow import of a dependency's own, shows in `sys.modules`."""
    code = f"import sys, {', '.join(PACKAGES)}; print(*sorted({set(LATE)!r} & sys.modules.keys()))"

    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )

    assert ran.stdout.split() == []
