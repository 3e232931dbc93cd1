"""Each export is read by the programs that it is for, whatever the names in a repository are."""

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import networkx as nx
import pytest
from corpora import PATHS, corpora, index_data_of
from hypothesis import example, given
from hypothesis import strategies as st
from properties import examples

from repomap.exports.dot import to_dot
from repomap.exports.formats import WRITERS, written
from repomap.exports.graphs import to_graph_json, to_graphml, to_networkx
from repomap.exports.llms import to_llms_txt
from repomap.exports.mermaid import MOST_EDGES, to_mermaid
from repomap.exports.names import EXPORTS
from repomap.exports.tables import COLUMNS, to_csv, to_ctags
from repomap.exports.values import Edge, Export, export_of
from repomap.mapping.make import whole_ranking
from repomap.model import Focus, ShownDefinition, ShownFile
from repomap.ranking.index_data import build_index_data

HOSTILE = (
    *('a"b', "a\\", "a\\n", "a'b", "a\nb", "a\tb", "end", "graph", "subgraph", "%%{init: {}}%%", "a#35;b"),
    *("<b>&amp;</b>", "`x`", "]]>", "\ufffe", "\x00", "\u202e", "\udcff", " ", "a b", "-->", "!x", "x:::y"),
    *("@{ shape: x }", "=1+1", "a,b", "[x](y)", "__init__", "#", "a;b", "{", "|", "数", ""),
)
NAMES = st.sampled_from(HOSTILE) | st.text(max_size=6)


def definition(name: str, parent: str, signature: str, line: int) -> ShownDefinition:
    """A definition with these texts."""
    return ShownDefinition(
        name=name,
        kind="method" if parent else "class",
        lines=(line, line + 2),
        signature=signature,
        score=0.25,
        changed=None,
        used=0.5,
        parent=parent,
    )


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """Files with hostile names, definitions and links."""
    paths = draw(st.lists(NAMES.filter(bool) | PATHS, min_size=1, max_size=5, unique=True))
    files = [
        ShownFile(
            path, draw(st.sampled_from(["python", ""])), 0.125, tuple(draw(st.lists(DEFINITIONS, max_size=3)))
        )
        for path in paths
    ]
    pairs = [(a, b) for a in range(len(paths)) for b in range(len(paths)) if a != b]
    linked = sorted(draw(st.sets(st.sampled_from(pairs), max_size=6))) if pairs else []
    kinds = draw(
        st.lists(
            st.sampled_from(["source", "test", "docs", "config"]), min_size=len(files), max_size=len(files)
        )
    )
    return Export(draw(NAMES), tuple(files), tuple(kinds), tuple(Edge(*pair, 1.5) for pair in linked))


DEFINITIONS = st.builds(definition, NAMES, st.just("") | NAMES, NAMES, st.integers(1, 99))

ALL_HOSTILE = Export(
    'the "title"\n',
    tuple(
        ShownFile(name, "python", 0.5, (definition(name, "", name, 1), definition(name, name, name, 2)))
        for name in HOSTILE
        if name
    ),
    ("source",) * (len(HOSTILE) - 1),
    tuple(Edge(row, row + 1, 1.0) for row in range(len(HOSTILE) - 2)),
)


@given(exports())
@example(ALL_HOSTILE)
@examples(30)
def test_graphml_and_json_load_back_to_an_equal_graph(export: Export) -> None:
    """With every node, edge and attribute; nodes that would be the same stay apart."""
    graph = to_networkx(export)
    assert graph.number_of_nodes() == sum(1 + len(file.definitions) for file in export.files)
    assert graph.number_of_edges() == graph.number_of_nodes() - len(export.files) + len(export.edges)
    loaded = nx.read_graphml(io.BytesIO(to_graphml(export).encode()))
    loaded.graph.clear()  # networkx puts the defaults of the format there
    assert nx.utils.graphs_equal(loaded, graph)
    loaded = nx.node_link_graph(json.loads(to_graph_json(export)), edges="edges")
    assert nx.utils.graphs_equal(loaded, graph)


@given(exports())
@example(ALL_HOSTILE)
@examples(30)
def test_every_statement_of_dot_is_whole(export: Export) -> None:
    """Whatever the names are, a string ends where it should."""
    string = r'"(?:[^"\\\n]|\\.)*"'
    attributes = rf"\[\w+={string}(?:, \w+={string})*\];"
    node = rf"(?:n\d+(?: -> n\d+)?|graph|node) {attributes}"
    statement = rf"(?:digraph {string} {{|}}|subgraph cluster_\d+ {{|label={string};|{node})"
    for line in to_dot(export).splitlines():
        assert re.fullmatch(rf" *{statement}", line), line


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_draws_it(tmp_path: Path) -> None:
    """A node for each file, a cluster for each folder."""
    (tmp_path / "map.dot").write_bytes(to_dot(ALL_HOSTILE).encode("utf-8", "surrogateescape"))
    ran = subprocess.run(
        ["dot", "-Tdot_json", "map.dot"], cwd=tmp_path, capture_output=True, check=True, timeout=60
    )
    drawn = json.loads(ran.stdout)
    assert ran.stderr == b""
    assert len([each for each in drawn["objects"] if each["name"].startswith("n")]) == len(ALL_HOSTILE.files)
    assert len(drawn["edges"]) == len(ALL_HOSTILE.edges)


@given(exports())
@example(ALL_HOSTILE)
@examples(30)
def test_mermaid_has_nothing_of_a_name_that_it_would_read(export: Export) -> None:
    """Only letters, digits, a few marks and entities are inside of its quotes."""
    text = r'"(?:[\w ./-]|#\d+;)+"'
    statement = rf"flowchart LR|  subgraph f\d+\[{text}\]|  end| +n\d+\[{text}\]|  n\d+ --> n\d+"
    for line in to_mermaid(export).splitlines():
        assert re.fullmatch(statement, line), line


def test_mermaid_gets_no_more_arrows_than_it_draws() -> None:
    """The strongest are kept."""
    files = tuple(ShownFile(f"f{row}", "", 0.5, ()) for row in range(40))
    edges = tuple(Edge(a, b, float(b == 7)) for a in range(40) for b in range(40) if a != b)
    text = to_mermaid(Export("x", files, ("source",) * 40, edges))
    assert text.count("-->") == MOST_EDGES
    assert text.count("--> n7\n") == 39


@given(exports())
@example(ALL_HOSTILE)
@examples(30)
def test_csv_has_every_text_as_it_is(export: Export) -> None:
    """Line breaks, quotes and control characters included."""
    header, *rows = csv.reader(io.StringIO(to_csv(export), newline=""))
    assert tuple(header) == COLUMNS
    read = [(row[0], row[4], row[6], row[12]) for row in rows]
    assert read == [
        (file.path, *texts)
        for file in export.files
        for texts in (
            [(each.name, each.parent, each.signature) for each in file.definitions] or [("", "", "")]
        )
    ]


@given(exports())
@example(ALL_HOSTILE)
@examples(30)
def test_tags_are_sorted_by_bytes_and_give_back_their_texts(export: Export) -> None:
    """Each on one line, whose fields are apart by tabs."""
    lines = to_ctags(export).split("\n")[:-1]
    tags = [line for line in lines if not line.startswith("!_TAG_")]
    assert "!_TAG_FILE_SORTED\t1\t/0=unsorted, 1=sorted, 2=foldcase/" in lines
    names = [line.split("\t")[0].encode("utf-8", "surrogateescape") for line in tags]
    assert names == sorted(names)
    written = sorted(
        (_unescaped(name), _unescaped(path), row)
        for name, path, row, *_ in (line.split("\t") for line in tags)
    )
    assert written == sorted(
        (each.name, file.path, f'{each.lines[0]};"')
        for file in export.files
        for each in file.definitions
        if each.name
    )


def _unescaped(text: str) -> str:
    """Read a field as Universal Ctags writes it."""
    named = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    return re.sub(
        r"\\(x[0-9a-f]{2}|.)", lambda found: named.get(found[1]) or chr(int(found[1][1:], 16)), text
    )


@pytest.mark.skipif(shutil.which("readtags") is None, reason="Universal Ctags is not installed")
@pytest.mark.parametrize("name", ["save", "Store", "数", "a b"])
def test_readtags_finds_a_tag(tmp_path: Path, name: str) -> None:
    """By its binary search, with its fields."""
    file = ShownFile(
        "app/store.py",
        "python",
        0.5,
        tuple(
            definition(each, "Store" if each == "save" else "", f"def {each}", 7)
            for each in ("Store", "save", "数", "a b")
        ),
    )
    (tmp_path / "tags").write_bytes(to_ctags(Export("x", (file,), ("source",), ())).encode())
    ran = subprocess.run(
        ["readtags", "-t", "tags", "-e", "-n", name],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = ran.stdout.decode()
    assert found.startswith(f'{name}\tapp/store.py\t7;"\tkind:')
    assert ("class:Store" in found) == (name == "save")


@given(exports())
@example(ALL_HOSTILE)
@examples(30)
def test_llms_txt_follows_the_convention(export: Export) -> None:
    """A title, a summary, then sections that are lists of links, whose targets are the paths."""
    title, blank, summary, *rest = to_llms_txt(export).split("\n")
    assert re.fullmatch(r"# \S.*", title)
    assert (blank, summary[:2]) == ("", "> ")
    links = []
    for line in rest:
        link = re.fullmatch(r"- \[((?:\\.|[^\\\]])+)\]\(([\w./~%-]+)\)(: \S.*)?", line)
        assert link or not line or re.fullmatch(r"## \w+", line), line
        links += [unquote(link[2], errors="surrogateescape")] if link else []
    assert sorted(links) == sorted(file.path for file in export.files)


@given(corpora())
@examples(15)
def test_any_repository_can_be_exported(corpus) -> None:  # type: ignore[no-untyped-def]
    """In every format, and as UTF-8 but for paths that are not."""
    index_data = build_index_data(corpus, ())
    export = export_of(index_data, "title", whole_ranking(index_data, Focus()))
    assert tuple(WRITERS) == EXPORTS
    for form in WRITERS:
        assert written(form, export).encode("utf-8", "surrogateescape").endswith(b"\n") or not corpus.paths


def test_the_edges_are_the_dependencies_between_the_files() -> None:
    """Those of files that are not exported are left out."""
    index_data = index_data_of(
        {
            "a.py": "from b import load\nload()\n",
            "b.py": "def load():\n    pass\n",
            "c.py": "from b import load\nload()\n",
        }
    )
    ranking = [file for file in whole_ranking(index_data, Focus()) if file.path != "c.py"]
    export = export_of(index_data, "title", ranking)
    assert [(export.files[edge.source].path, export.files[edge.target].path) for edge in export.edges] == [
        ("a.py", "b.py")
    ]
