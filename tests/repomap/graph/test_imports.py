"""Which file of the repository each import means, language by language."""

import json
import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repomap.graph.imports.resolve import FAMILIES, imported_pairs
from repomap.model import Import

Files = Mapping[str, Sequence[Import]]
SUFFIXES = {
    "py": "python", "pyi": "python", "ts": "typescript", "tsx": "tsx", "js": "javascript", "vue": "vue",
    "go": "go", "rs": "rust", "java": "java", "kt": "kotlin", "c": "c", "h": "c", "cpp": "cpp",
    "rb": "ruby", "php": "php", "cs": "csharp",
}  # fmt: skip


def use(module: str, *names: str) -> Import:
    return Import(module, names)


def pairs(
    files: Files,
    manifests: Mapping[str, str] | None = None,
    namespaces: Mapping[str, Sequence[str]] | None = None,
) -> set[tuple[str, str]]:
    """The pairs of paths that these files and manifests give."""
    texts = manifests or {}
    paths = sorted({*files, *texts})
    keys = imported_pairs(
        paths,
        [SUFFIXES.get(path.rpartition(".")[2], "") for path in paths],
        [files.get(path, ()) for path in paths],
        lambda path: texts[path].encode() if path in texts else None,
        {paths.index(path): names for path, names in namespaces.items()} if namespaces else None,
    )
    assert keys.tolist() == sorted(set(keys.tolist()))
    return {(paths[key // len(paths)], paths[key % len(paths)]) for key in keys.tolist()}


def targets(files: Files, source: str, **more: object) -> list[str]:
    return sorted(target for one, target in pairs(files, **more) if one == source)  # type: ignore[arg-type]


@pytest.mark.parametrize("root", ["", "src/", "lib/", "services/web/"])
def test_a_python_module_is_found_below_any_source_root(root: str) -> None:
    """The repository root, `src`, `lib` or any folder that has the top package."""
    files = {
        f"{root}app/__init__.py": [],
        f"{root}app/db.py": [],
        "tests/test_db.py": [use("app.db", "connect")],
    }
    assert targets(files, "tests/test_db.py") == [f"{root}app/db.py"]


def test_python_dots_climb_packages() -> None:
    """One dot is the file's own package, each further one the package around it."""
    files = {
        "a/__init__.py": [], "a/x.py": [], "a/b/__init__.py": [], "a/b/y.py": [],
        "a/b/z.py": [use(".y", "f"), use("..x", "g"), use("....far", "h")],
    }  # fmt: skip
    assert targets(files, "a/b/z.py") == ["a/b/y.py", "a/x.py"]


def test_a_name_taken_from_a_python_package_may_be_a_module() -> None:
    """`from a import b` means a/b.py if it exists, and the package itself."""
    files = {"a/__init__.py": [], "a/b.py": [], "main.py": [use("a", "b")]}
    assert targets(files, "main.py") == ["a/__init__.py", "a/b.py"]


def test_a_re_exported_name_leads_to_the_file_that_defines_it() -> None:
    """Only the re-export that takes the name is followed, through several packages."""
    files = {
        "a/__init__.py": [use(".b", "Thing"), use(".other", "Other")], "a/other.py": [],
        "a/b/__init__.py": [use(".deep", "Thing")], "a/b/deep.py": [],
        "main.py": [use("a", "Thing")],
    }  # fmt: skip
    assert targets(files, "main.py") == ["a/__init__.py", "a/b/__init__.py", "a/b/deep.py"]


def test_a_package_imported_whole_brings_what_it_re_exports() -> None:
    """`import a` and then `a.Thing` uses what a/__init__.py imports."""
    files = {"a/__init__.py": [use(".b", "Thing")], "a/b.py": [], "main.py": [use("a")]}
    assert targets(files, "main.py") == ["a/__init__.py", "a/b.py"]


def test_third_parties_and_distant_scripts_give_no_pair() -> None:
    """A lone `json.py` in a folder of scripts is not what the rest of the repository imports."""
    files = {
        "tools/json.py": [],
        "tools/run.py": [use("json")],
        "app/x.py": [use("json"), use("requests", "get")],
    }
    assert pairs(files) == {("tools/run.py", "tools/json.py")}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("./b", "src/b.ts"), ("./b.js", "src/b.ts"), ("./dir", "src/dir/index.tsx"), ("../top", "top.js"),
     ("./App.vue", "src/App.vue"), ("./c.service", "src/c.service.ts"), ("./b?raw", "src/b.ts")],
)  # fmt: skip
def test_a_relative_script_path_is_completed(written: str, meant: str) -> None:
    """With any suffix, by its index file, and `.js` written for `.ts`."""
    names = ("src/b.ts", "src/dir/index.tsx", "top.js", "src/App.vue", "src/c.service.ts")
    assert targets({**dict.fromkeys(names, ()), "src/a.ts": [use(written, "x")]}, "src/a.ts") == [meant]


@pytest.mark.parametrize(
    ("manifest", "written", "meant"),
    [
        (
            {"exports": {".": {"types": "./dist/index.d.ts", "import": "./dist/index.js"}}},
            "@s/lib",
            "src/index.ts",
        ),
        ({"exports": {"./*": "./src/*.ts"}}, "@s/lib/inner/deep", "src/inner/deep.ts"),
        ({"main": "lib/index.js"}, "@s/lib", "src/index.ts"),
        ({}, "@s/lib/inner/deep", "src/inner/deep.ts"),
        ({"exports": [None, 3], "main": 7}, "@s/lib", "src/index.ts"),
    ],
)
def test_a_workspace_package_is_found_by_its_name(
    manifest: dict[str, object], written: str, meant: str
) -> None:
    """By `exports` and `main`; a built file means its source."""
    files = {
        "packages/lib/src/index.ts": [],
        "packages/lib/src/inner/deep.ts": [],
        "app/a.ts": [use(written, "x")],
    }
    text = json.dumps({"name": "@s/lib", **manifest})
    assert targets(files, "app/a.ts", manifests={"packages/lib/package.json": text}) == [
        f"packages/lib/{meant}"
    ]


def test_tsconfig_paths_apply_through_extends_comments_and_trailing_commas() -> None:
    """The nearest configuration that has paths applies."""
    manifests = {
        "tsconfig.base.json": '{ // x\n"compilerOptions": {"paths": {"~lib/*": ["lib/*",],},}}',
        "web/tsconfig.json": '{"extends": "../tsconfig.base.json"}',
    }
    files = {"lib/a.ts": [], "web/main.ts": [use("~lib/a", "x")]}
    assert targets(files, "web/main.ts", manifests=manifests) == ["lib/a.ts"]


def test_a_star_export_is_followed_to_every_file_that_may_define_the_name() -> None:
    """Those that do not define it cost nothing: a pair without a name in common is no edge."""
    files = {
        "lib/index.ts": [use("./a"), use("./b")],
        "lib/a.ts": [],
        "lib/b.ts": [],
        "m.ts": [use("./lib", "X")],
    }
    assert targets(files, "m.ts") == ["lib/a.ts", "lib/b.ts", "lib/index.ts"]


def test_a_go_import_means_the_files_of_the_folder_without_its_tests() -> None:
    """The folder is what follows the path of the module that go.mod names, the root included."""
    files = {
        "main.go": [use("example.org/m/pkg/store"), use("fmt")],
        "pkg/store/a.go": [use("example.org/m")], "pkg/store/b.go": [], "pkg/store/a_test.go": [],
    }  # fmt: skip
    found = pairs(files, {"go.mod": "// x\nmodule example.org/m\n\ngo 1.22\n"})
    assert found == {
        ("main.go", "pkg/store/a.go"), ("main.go", "pkg/store/b.go"), ("pkg/store/a.go", "main.go"),
        ("pkg/store/a.go", "pkg/store/b.go"), ("pkg/store/b.go", "pkg/store/a.go"),
        ("pkg/store/a_test.go", "pkg/store/a.go"), ("pkg/store/a_test.go", "pkg/store/b.go"),
    }  # fmt: skip


def test_a_package_of_many_files_gives_no_implicit_pairs() -> None:
    """They would be quadratic, and show nothing."""
    assert not pairs({f"big/f{number}.go": [] for number in range(61)})
    assert len(pairs({f"big/f{number}.go": [] for number in range(60)})) == 60 * 59


@pytest.mark.parametrize(
    ("source", "one", "meant"),
    [
        ("src/lib.rs", use("net"), ["src/net/mod.rs"]),
        ("src/net/tcp.rs", use("crate::util", "clamp"), ["src/util.rs"]),
        ("src/net/tcp.rs", use("super::udp", "Socket"), ["src/net/udp.rs"]),
        ("src/net/mod.rs", use("self", "tcp::Stream", "udp"), ["src/net/tcp.rs", "src/net/udp.rs"]),
        ("src/util.rs", use("my_other", "Thing"), ["crates/my-other/src/lib.rs"]),
        ("src/util.rs", use("std::io", "Read"), []),
    ],
)
def test_a_rust_path_means_its_longest_beginning_that_is_a_file(
    source: str, one: Import, meant: list[str]
) -> None:
    """From the crate, this module, the one above, a declared module or another crate of the workspace."""
    names = ("src/lib.rs", "src/net/mod.rs", "src/net/tcp.rs", "src/net/udp.rs", "src/util.rs")
    manifests = {
        "Cargo.toml": '[package]\nname = "mine"\n',
        "crates/my-other/Cargo.toml": '[package]\nname = "my-other"\n',
    }
    files = {**dict.fromkeys([*names, "crates/my-other/src/lib.rs"], ()), source: [one]}
    assert targets(files, source, manifests=manifests) == meant


def test_pub_use_is_followed() -> None:
    """The root of a crate re-exports names of its modules."""
    files = {"src/lib.rs": [use("a"), use("a::deep", "X")], "src/a/mod.rs": [], "src/a/deep.rs": [],
             "src/b.rs": [use("crate", "X")]}  # fmt: skip
    assert targets(files, "src/b.rs") == ["src/a/deep.rs", "src/lib.rs"]


def test_java_names_are_found_by_the_ends_of_paths() -> None:
    """Classes, nested classes, static members, whole packages, and the file's own package unasked."""
    main, test = "m/src/main/java/org/x", "m/src/test/java/org/x"
    files = {
        f"{main}/A.java": [use("org.x.in", "C"), use("org.x.in.D", "Nested"), use("java.util", "List")],
        f"{main}/B.java": [use("org.x.in")], f"{main}/in/C.java": [], f"{main}/in/D.java": [],
        f"{test}/ATest.java": [use("org.x.in.C", "make")],
    }  # fmt: skip
    inner = [f"{main}/in/C.java", f"{main}/in/D.java"]
    assert targets(files, f"{main}/A.java") == [f"{main}/B.java", *inner]
    assert targets(files, f"{main}/B.java") == [f"{main}/A.java", *inner]
    assert targets(files, f"{test}/ATest.java") == [f"{main}/A.java", f"{main}/B.java", inner[0]]


def test_kotlin_may_import_a_function_of_a_package_whose_folders_are_shortened() -> None:
    """The import does not say which file of the package has the function, so all may be meant."""
    files = {"src/main/kotlin/dao/Things.kt": [], "src/main/kotlin/App.kt": [use("org.x.dao", "connect")]}
    assert targets(files, "src/main/kotlin/App.kt") == ["src/main/kotlin/dao/Things.kt"]


def test_an_include_brings_the_source_of_its_header() -> None:
    """Beside the including file first, else by how the path ends, the nearest first."""
    files = {
        "src/a.c": [use("b.h"), use("x/c.h"), use("stdio.h")], "src/b.h": [use("d.h")], "src/b.c": [],
        "src/d.h": [], "other/b.h": [], "include/x/c.h": [], "lib/c.c": [],
    }  # fmt: skip
    assert targets(files, "src/a.c") == ["include/x/c.h", "lib/c.c", "src/b.c", "src/b.h", "src/d.h"]


def test_ruby_requires_from_load_paths_and_beside_the_file() -> None:
    """`require` looks in lib folders, `require_relative` beside the file."""
    files = {"gem/lib/gem/a.rb": [use("gem/b"), use("./c"), use("json")], "gem/lib/gem/b.rb": [],
             "gem/lib/gem/c.rb": []}  # fmt: skip
    assert targets(files, "gem/lib/gem/a.rb") == ["gem/lib/gem/b.rb", "gem/lib/gem/c.rb"]


def test_php_classes_are_found_by_psr_4_and_files_by_path() -> None:
    """composer.json maps namespaces to folders."""
    files = {"index.php": [use("App\\Http", "Kernel"), use("/boot/start.php"), use("Psr\\Log", "Logger")],
             "code/Http/Kernel.php": [], "boot/start.php": []}  # fmt: skip
    manifests = {"composer.json": json.dumps({"autoload": {"psr-4": {"App\\": "code/"}}})}
    assert targets(files, "index.php", manifests=manifests) == ["boot/start.php", "code/Http/Kernel.php"]


def test_csharp_namespaces_mean_all_files_that_declare_them() -> None:
    """A file sees its own namespace and outer ones without `using`."""
    files = {"x/A.cs": [use("My.Data"), use("System")], "y/B.cs": [], "y/C.cs": [], "z/D.cs": []}
    spaces = {"x/A.cs": ["My.Web"], "y/B.cs": ["My.Data"], "y/C.cs": ["My.Data"], "z/D.cs": ["My"]}
    assert targets(files, "x/A.cs", namespaces=spaces) == ["y/B.cs", "y/C.cs", "z/D.cs"]


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"name": 3, "exports": 1, "imports": []}', "\ufeff{}", "[" * 9999]
)
def test_a_broken_manifest_is_no_error(text: str) -> None:
    """Anything may be in a manifest; one that cannot be read is ignored."""
    names = ("package.json", "tsconfig.json", "Cargo.toml", "composer.json", "go.mod")
    files = {
        "a.ts": [use("./b", "x"), use("#c"), use("d/e")],
        "b.ts": [],
        "a.rs": [],
        "a.php": [],
        "a.go": [],
    }
    assert pairs(files, dict.fromkeys(names, text)) == {("a.ts", "b.ts")}


def test_circular_re_exports_end() -> None:
    """Two barrels that re-export each other, and a name that neither defines."""
    files = {"a/index.ts": [use("../b")], "b/index.ts": [use("../a")], "m.ts": [use("./a", "X")]}
    assert targets(files, "m.ts") == ["a/index.ts", "b/index.ts"]


MODULES = st.text(alphabet="ab./:\\*~@#? ", max_size=12)


@given(
    st.lists(st.tuples(MODULES, st.lists(MODULES, max_size=2)), max_size=6), st.sampled_from(sorted(FAMILIES))
)
def test_any_text_may_be_imported(written: list[tuple[str, list[str]]], family: tuple[str, ...]) -> None:
    """Whatever a source says it imports: no error, and sorted, distinct pairs of two files."""
    paths = ["a", "a/b", "a/b/a.h", "a/index.ts", "b/__init__.py", "b/a.py", "src/lib.rs"]
    imports = [Import(module, tuple(names)) for module, names in written]
    keys = imported_pairs(paths, [family[0]] * len(paths), [imports] * len(paths)).tolist()
    assert keys == sorted(set(keys))
    assert all(0 <= key < len(paths) ** 2 and key // len(paths) != key % len(paths) for key in keys)


def test_the_order_of_imports_changes_no_pair() -> None:
    """The pairs are those of the imports as a set."""
    names = [f"p/m{number}.py" for number in range(8)]
    imports = [use(f".m{number}", f"f{number}") for number in range(8)]
    files = {
        "p/__init__.py": imports,
        **dict.fromkeys(names, imports),
        "t.py": [use("p", "f3", "f5"), use("p")],
    }
    shuffled = {path: random.Random(path).sample(list(found), len(found)) for path, found in files.items()}
    assert pairs(files) == pairs(shuffled)
