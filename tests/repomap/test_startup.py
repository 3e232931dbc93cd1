"""A map imports what it needs and nothing else: a second of imports is a second of waiting."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from repositories import make_repository

UNNEEDED = """litellm networkx prompt_toolkit rich mcp pydantic tiktoken scipy asyncio email http.client
urllib.request xml.sax watchfiles numpy.ma tree_sitter tree_sitter_language_pack""".split()
"""What no map needs in its own process."""
WARM_UNNEEDED = """diskcache sqlite3 regex pathspec repomap.index.tags_cache repomap.parsing.languages
repomap.parsing.tags_codec repomap.parsing.parse repomap.workers.pool repomap.workers.child
repomap.corpus.update repomap.graph.update repomap.graph.imports repomap.lookup repomap.lookup.explain
repomap.files.live_listing repomap.files.watch repomap.files.file_kinds""".split()
"""What a map needs only where something has changed, and other commands."""

PROGRAM = """
import sys
sys.argv = ["trigpoint", "map", sys.argv[1], *sys.argv[2:]]
from chat.cli.main import main
try:
    main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded_by(repository: Path, *arguments: str) -> set[str]:
    """The modules that a run of the map's command has loaded when it ends."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(repository), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert "shop/" in ran.stdout
    return set(ran.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [(), ("--query", "why does the session cookie expire")])
def test_a_map_loads_what_it_needs(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The first map and the next; the next does not even load what reads files and the cache."""
    repository = make_repository(tmp_path / "shop")
    cold, warm = loaded_by(repository, *arguments), loaded_by(repository, *arguments)

    assert not cold & set(UNNEEDED)
    assert not warm & {*UNNEEDED, *WARM_UNNEEDED}


@pytest.mark.parametrize("module", WARM_UNNEEDED)
def test_what_is_not_loaded_exists(module: str) -> None:
    """A renamed module would pass as not loaded for ever."""
    assert find_spec(module)
