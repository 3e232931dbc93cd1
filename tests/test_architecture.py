"""The rules that no linter has, read from the source with `ast`, and the contracts in `pyproject.toml`.

`breaches` turns one module's source into sentences about the rules it breaks; nothing is imported. Which
folder may use which is a contract of import-linter's; here the contracts are broken on a copy.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("repomap", "edits", "chat")

ONLY_IN: dict[str, frozenset[str]] = {
    "litellm": frozenset({"chat.llm"}),
    "prompt_toolkit": frozenset({"chat.terminal", "chat.job_screen.application", "chat.job_screen.cells"}),
    "rich": frozenset({"chat.terminal.screens.rich_screen", "chat.cli", "repomap.commands"}),
    "click": frozenset({"chat.cli", "chat.job_commands", "chat.terminal", "repomap.commands"}),
    "cronsim": frozenset({"chat.job_commands.cron"}),
    "yaml": frozenset(
        {"chat.agents.definition", "chat.settings.aider_conf", "repomap.syntax_check.data_syntax"}
    ),
    "dotenv": frozenset({"chat.settings.load"}),
    "distributed": frozenset({"repomap.commands.executors"}),
    "fsspec": frozenset({"repomap.store.place"}),
    "diskcache": frozenset({"repomap.index.tags_cache"}),
    "networkx": frozenset(
        {
            *("repomap.exports", "repomap.graph.file_graph", "repomap.graph_queries.structure"),
            "repomap.index.index",
        }
    ),
    "mcp": frozenset({"repomap.mcp"}),
    "uvicorn": frozenset({"repomap.mcp.http"}),
    "tomlkit": frozenset({"repomap.mcp.client_files"}),
    "tiktoken": frozenset({"repomap.mapping.tokens"}),
    "watchfiles": frozenset({"repomap.files.watch", "chat.watch.watcher"}),
    "tree_sitter": frozenset({"repomap.parsing", "repomap.syntax_check.damage"}),
    "tree_sitter_language_pack": frozenset({"repomap.parsing.parse"}),
    "subprocess": frozenset(
        {
            *("repomap.files.git_runner", "repomap.safety.process_group", "repomap.workers.child"),
            *("chat.llm.processes.callers", "chat.safety.piped", "chat.safety.shell", "chat.jobs.processes"),
        }
    ),
}
"""The folders and modules that own a dependency; no other imports it."""

LATE = frozenset(
    "litellm networkx rich prompt_toolkit mcp tiktoken pydantic yaml dotenv watchfiles fsspec distributed".split()
)
"""Slow to load, so imported inside the functions that need them."""

PRINTS = (
    "repomap.commands",
    "repomap.__main__",
    "chat.cli",
    "chat.job_commands",
    "chat.__main__",
    "chat.terminal",
)
"""Folders and modules that may print."""


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
    found = [*_foreign(module, imports), *_not_owned(module, imports)]
    return [f"{module}:{line}: {what}" for line, what in [*found, *_prints(module, tree), *_work(tree.body)]]


def _foreign(module: str, imports: list[Import]) -> Iterator[tuple[int, str]]:
    """What `edits` imports from anywhere but itself and the standard library."""
    for name, line, _ in imports if within(module, ("edits",)) else ():
        root, _, _ = name.partition(".")
        if root != "edits" and root not in sys.stdlib_module_names:
            yield line, f"edits imports only the standard library, not {name}"


def within(module: str, places: Iterable[str]) -> bool:
    """Whether a module is one of these places or below one of them."""
    return any(module == place or module.startswith(f"{place}.") for place in places)


def _not_owned(module: str, imports: list[Import]) -> Iterator[tuple[int, str]]:
    """Imports that belong to other modules, and slow ones that run when the module is loaded."""
    for name, line, late in imports:
        root, _, _ = name.partition(".")
        if root in ONLY_IN and not within(module, ONLY_IN[root]):
            yield line, f"only {', '.join(sorted(ONLY_IN[root]))} may import {root}"
        elif root in LATE and not late:
            yield line, f"{root} is slow to load: import it inside the function that needs it"


def _prints(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in () if within(module, PRINTS) else ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield node.lineno, "print outside the command line"


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
def test_a_module_keeps_to_the_rules(module: str, path: Path) -> None:
    """Each dependency has its owner, only the command line prints, and loading a module does nothing."""
    assert breaches(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("edits.matching.place", "import regex", "only the standard library"),
        ("edits.matching.place", "def f():\n    from repomap import build_map", "only the standard library"),
        ("repomap.mapping.tokens", "def f():\n    import litellm", "only chat.llm may import litellm"),
        ("repomap.index.index", "def f():\n    import diskcache", "only repomap.index.tags_cache"),
        ("repomap.graph.pagerank", "def f():\n    import networkx as nx", "may import networkx"),
        (
            "repomap.files.listing",
            "from subprocess import run",
            "only chat.jobs.processes, chat.llm.processes.callers, chat.safety.piped, chat.safety.shell",
        ),
        ("chat.display.diffs", "def f():\n    import prompt_toolkit.history", "may import prompt_toolkit"),
        ("repomap.graph.file_graph", "import networkx as nx", "slow to load"),
        (
            "repomap.graph.file_graph",
            "try:\n    import networkx\nexcept ImportError:\n    pass",
            "slow to load",
        ),
        ("chat.settings.table", "class Settings:\n    import pydantic", "slow to load"),
        ("repomap.index.index", "def f():\n    print('x')", "print outside"),
        ("repomap.index.index", "import os\nos.environ['X'] = '1'", "does work"),
        ("repomap.index.index", "import warnings\nwarnings.simplefilter('ignore')", "does work"),
        ("repomap.index.index", "for x in range(3):\n    pass", "does work"),
        (
            "repomap.index.index",
            "import sys\nif sys.platform == 'win32':\n    sys.path.append('.')",
            "does work",
        ),
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
        ("edits.planning.plan", "import re\nfrom edits.model import Plan"),
        ("repomap", "from repomap.index.index import Index as Index\n__all__ = ['Index']"),
        ("repomap.graph.file_graph", "def as_digraph():\n    import networkx"),
        (
            "repomap.graph.file_graph",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import networkx as nx",
        ),
        ("repomap.commands.map", "def main():\n    print('x')"),
        (
            "repomap.__main__",
            "from repomap.commands.map import main\nif __name__ == '__main__':\n    main()",
        ),
        ("repomap.workers.worker", "try:\n    import resource\nexcept ImportError:\n    resource = None"),
        ("repomap.model", "'''Doc.'''\nX: int = 1\n'''What X is.'''\nA, B = 1, 2"),
    ],
)
def test_what_the_rules_allow_passes(module: str, source: str) -> None:
    """A rule that cries wolf is soon switched off."""
    assert breaches(module, source) == []


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of `pyproject.toml` on the packages in a folder."""
    program = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    )
    return subprocess.run(
        [sys.executable, "-P", "-c", program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three packages and their contracts, to be broken."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.scm")
        )
    return folder


def test_every_folder_uses_only_those_below_it() -> None:
    """The contracts in `pyproject.toml` list every folder of the packages, highest first."""
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "line", "said"),
    [
        ("repomap/novelty.py", "X = 1", "novelty"),
        ("chat/novelty/room.py", "X = 1", "novelty"),
        ("edits/text/compare.py", "def f():\n    from edits.disk import write", "edits.text"),
        ("repomap/files/git.py", "from repomap.index import index", "repomap.files"),
        ("chat/safety/secrets.py", "def f():\n    import chat.turn.turn", "chat.safety"),
        ("chat/turn/commits/message.py", "def f():\n    import chat.turn.editing.edits", "chat.turn.commits"),
        ("repomap/files/git.py", "import edits", "repomap"),
        ("chat/prompt/maps.py", "from repomap.index.index import Index", "chat"),
    ],
)
def test_a_folder_out_of_order_is_caught(copy: Path, path: str, line: str, said: str) -> None:
    """A module outside the folders, an import that runs back, and a way around an `__init__`."""
    file = copy / path
    before = file.read_text("utf-8") if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    (file.parent / "__init__.py").touch()
    file.write_text(f"{before or ''}\n{line}\n", "utf-8")

    done = lint_imports(copy)

    if before is None:
        file.unlink()
        if file.parent.parent != copy:
            shutil.rmtree(file.parent)
    else:
        file.write_text(before, "utf-8")
    assert done.returncode != 0
    assert said in done.stdout


def test_no_folder_holds_more_than_twenty_modules() -> None:
    """A longer list is one that nobody reads."""
    many = Counter(path.parent for _, path in modules() if path.name != "__init__.py")

    assert {str(folder): count for folder, count in many.items() if count > 20} == {}


def test_importing_the_packages_loads_nothing_slow() -> None:
    """What `ast` cannot see, as a slow import of a dependency's own, shows in `sys.modules`."""
    code = f"import sys, {', '.join(PACKAGES)}; print(*sorted({set(LATE)!r} & sys.modules.keys()))"

    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )

    assert ran.stdout.split() == []
