"""Questions about the graph are answered from dependencies that are sure, in a stable order, within a budget."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from corpora import corpora, index_data_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.errors import BadRequest, NotInRepository
from repomap.graph_queries.questions import QUESTIONS, Question, ask
from repomap.lookup.answers import Answer, to_object
from repomap.mapping.formats import schema
from repomap.mapping.tokens import count_tokens
from repomap.model import LEAST_TOKENS
from repomap.ranking.index_data import build_index_data

FILES = {
    "app/base.py": "LIMIT = 3\n\n\nclass Store:\n    def save(self, key):\n        return LIMIT\n",
    "app/cache.py": (
        "from app.base import Store\n\n\nclass Cache(Store):\n    def fetch(self):\n        return self.save(1)\n"
    ),
    "app/left.py": "from app.right import right_side\n\n\ndef left_side():\n    return right_side()\n",
    "app/right.py": "from app.left import left_side\n\n\ndef right_side():\n    return left_side()\n",
    "app/main.py": (
        "from app.cache import Cache\nfrom app.left import left_side\n\n\n"
        "def main():\n    Cache().fetch()\n    return left_side()\n"
    ),
    "tests/test_cache.py": "from app.cache import Cache\n\n\ndef test_fetch():\n    Cache().fetch()\n",
}


def asked(question: str, *targets: str, files: Mapping[str, str] = FILES, **options: Any) -> Answer[Any]:
    """The answer to a question."""
    tokens = options.pop("tokens", 2048)
    return ask(index_data_of(files), Question(question, targets, **options), tokens, count_tokens)


def pairs(answer: Answer[Any]) -> list[tuple[str, str, int]]:
    return [(each.path, each.name, each.steps) for each in answer.items]


def test_a_file_depends_on_what_it_imports_and_uses() -> None:
    """With the names, and by others for as many steps as are asked for."""
    assert pairs(asked("deps", "app/main.py")) == [("app/cache.py", "", 1), ("app/left.py", "", 1)]
    assert asked("deps", "app/main.py").items[0].names == ("Cache", "fetch")
    (_, _, base, right) = asked("deps", "app/main.py", depth=2).items
    assert (base.path, base.steps, base.via) == ("app/base.py", 2, "app/cache.py")
    assert (right.path, right.steps, right.via) == ("app/right.py", 2, "app/left.py")


def test_dependants_are_the_other_way_round() -> None:
    """Of a file and of a definition."""
    assert pairs(asked("rdeps", "app/cache.py")) == [("app/main.py", "", 1), ("tests/test_cache.py", "", 1)]
    assert pairs(asked("rdeps", "Store.save")) == [("app/cache.py", "Cache.fetch", 1)]
    assert ("app/main.py", "main", 2) in pairs(asked("rdeps", "app/base.py:Store.save", depth=2))


def test_a_definition_depends_on_what_its_code_uses() -> None:
    """Not on what is used beside it in the file."""
    assert pairs(asked("deps", "Store.save")) == [("app/base.py", "LIMIT", 1)]
    assert pairs(asked("deps", "Cache")) == [("app/base.py", "Store", 1), ("app/base.py", "Store.save", 1)]


def test_a_name_without_an_import_is_no_dependency() -> None:
    """Where imports are resolved; elsewhere a name that only one file can mean is one."""
    python = {
        "a.py": "import b\n\nb.load()\n",
        "b.py": "def load():\n    pass\n",
        "c.py": "def f():\n    load()\n",
    }
    assert pairs(asked("rdeps", "b.py", files=python)) == [("a.py", "", 1)]
    shell = {"a.sh": "load_all\n", "b.sh": "load_all() {\n  :\n}\n"}
    assert pairs(asked("rdeps", "b.sh", files=shell)) == [("a.sh", "", 1)]


def test_shipped_code_depends_on_no_test() -> None:
    """Even if only a test defines the name."""
    files = {
        "lib.sh": "check_all\n",
        "tests/test_lib.sh": "check_all() {\n  :\n}\nload_it\n",
        "more.sh": "load_it() {\n  :\n}\n",
    }
    assert pairs(asked("rdeps", "tests/test_lib.sh", files=files)) == []
    assert pairs(asked("rdeps", "more.sh", files=files)) == [("tests/test_lib.sh", "", 1)]


def test_cycles_are_shown_with_a_shortest_way_around() -> None:
    """Each file depends on the next, and the last on the first."""
    (cycle,) = asked("cycles").items
    assert (cycle.size, cycle.example) == (2, ("app/left.py", "app/right.py"))
    assert asked("cycles", files={"a.py": "x = 1\n"}).text == "No cycles.\n"


def test_a_layer_depends_on_lower_ones_alone() -> None:
    """Files in a cycle share theirs."""
    layers = {path: each.level for each in asked("layers").items for path in each.paths}
    assert layers == {
        "app/base.py": 0,
        "app/left.py": 0,
        "app/right.py": 0,
        "app/cache.py": 1,
        "app/main.py": 2,
        "tests/test_cache.py": 2,
    }


def test_the_most_depended_on_come_first() -> None:
    """Files, or definitions."""
    counts = {each.path: (each.direct, each.all) for each in asked("top").items}
    assert list(counts)[2:] == ["app/right.py", "app/base.py"] or list(counts)[2:] == [
        "app/base.py",
        "app/right.py",
    ]
    assert counts["app/cache.py"] == (2, 2)
    assert counts["app/base.py"] == (1, 3)
    assert asked("top-symbols").items[0].name in ("Cache", "Cache.fetch", "left_side")


def test_a_way_has_the_names_of_each_step() -> None:
    """And is empty where there is none."""
    steps = asked("path", "app/main.py", "app/base.py").items
    assert [step.path for step in steps] == ["app/main.py", "app/cache.py", "app/base.py"]
    assert [step.names[:1] for step in steps] == [("Cache",), ("Store",), ()]
    assert asked("path", "app/base.py", "app/main.py").items == ()


def test_related_files_are_used_use_or_change_together() -> None:
    """Closest first, with what relates them."""
    index_data = index_data_of(FILES, [("one", ("app/cache.py", "docs.md", "app/left.py"))] * 2)
    answer = ask(index_data, Question("related", ("app/cache.py",)), 2048, count_tokens)
    found = {each.path: (each.uses, each.used_by, each.commits) for each in answer.items}
    assert found["app/base.py"] == (("Store", "save"), (), 0)
    assert found["tests/test_cache.py"] == ((), ("Cache", "fetch"), 0)
    assert found["app/left.py"] == ((), (), 2)
    assert "app/right.py" not in found


def test_communities_hold_together() -> None:
    """Two groups that do not know each other are two communities."""
    groups = [set(each.paths) for each in asked("communities").items]
    assert {"app/left.py", "app/right.py"} in [group & {"app/left.py", "app/right.py"} for group in groups]
    assert all(0 <= each.inside <= 1 for each in asked("communities").items)


def test_unknown_questions_and_targets_are_errors() -> None:
    """That say what there is."""
    with pytest.raises(NotInRepository, match="Store"):
        asked("deps", "Stroe")
    with pytest.raises(BadRequest, match="communities"):
        asked("sort")
    with pytest.raises(BadRequest, match="2 targets"):
        asked("path", "app/main.py")


ARGUMENTS = {
    "related": ("app/cache.py",),
    "deps": ("app/main.py",),
    "rdeps": ("Store.save",),
    "path": ("app/main.py", "app/base.py"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_json_follows_its_schema(question: str) -> None:
    """One for each command."""
    answer = asked(question, *ARGUMENTS.get(question, ()), depth=2)
    name = {"rdeps": "deps", "top-symbols": "top"}.get(question, question)
    assert answer.items
    jsonschema.validate(json.loads(json.dumps(to_object(answer))), json.loads(schema(f"graph-{name}")))


@given(corpora(), st.integers(LEAST_TOKENS, 120), st.integers(1, 5))
@examples(10)
def test_any_repository_is_answered_within_the_budget(corpus: Any, tokens: int, limit: int) -> None:
    """Whatever its names are."""
    index_data = build_index_data(corpus, ())
    for question in ("cycles", "layers", "top", "top-symbols", "communities"):
        answer = ask(index_data, Question(question, limit=limit), tokens, count_tokens)
        assert count_tokens(answer.text) == answer.tokens <= tokens
        assert len(answer.items) <= limit


GENERATED = {
    f"p{row % 4}/f{row}.py": "".join(
        f"from p{other % 4}.f{other} import name{other}\nname{other}()\n"
        for other in (row * 3 % 30, row * 7 % 30)
        if other != row
    )
    + f"def name{row}():\n    pass\n"
    for row in range(30)
}


def all_answers() -> str:
    """The text of every answer about a whole repository."""
    questions = ("cycles", "layers", "top", "top-symbols", "communities")
    return "".join(asked(each, files=GENERATED, limit=99).text for each in questions)


def test_the_hash_seed_changes_nothing() -> None:
    """Neither the order nor the communities, which are searched for in a random order."""
    folders = (
        str(Path(__file__).parent),
        str(Path(__file__).parents[2] / "support"),
        str(Path(__file__).parents[3]),
    )
    program = f"import sys; sys.path[:0] = {folders!r}; import test_graph_queries as t; print(t.all_answers(), end='')"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.decode().splitlines() == all_answers().splitlines()
