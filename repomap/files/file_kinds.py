"""A path, or the first bytes of a file → what kind of file it is.

A request is usually about production source; tests, examples, generated and fetched code
repeat its words and would crowd it out of a small map. Everything here is by convention:
names that the tools of each language look for, and marks that generators leave.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias

FileKind: TypeAlias = Literal[
    "source", "test", "example", "generated", "vendored", "fixture", "docs", "config", "data", "build"
]

_Claim: TypeAlias = FileKind | Literal["shipped", "spec", None]
# "shipped": the build tool says that what is below goes into the product.
# "spec": tests in languages that call them so, a specification in others.

HEAD_BYTES = 2048
"""How much of a file's beginning :func:`looks_generated` and :func:`is_binary` look at."""


def kind_of(path: str) -> FileKind:
    """Return the kind of the file at ``path`` (relative to the root, with ``/``), by the path alone.

    What was fetched or generated is that whatever its name; then a test, fixture, example
    or docs folder decides, then the name. Files that are not code and stand among tests are
    fixtures. Unknown suffixes are source.

    Words about testing need care, because test tools are products too:

    - ``src/main/…`` (Maven, Gradle) is source, whatever the names below it.
    - A folder ``testing`` that is not at the top (``numpy/testing``, ``src/testing``) holds
      aids that a library ships: source, save for files that are tests by name.
    - ``test`` directly in a Python package at the top or below ``src`` or ``lib`` is taken
      the same way, as folder (``django/test/client.py``) and as file (``werkzeug/test.py``);
      so is ``test`` below ``lib`` in Ruby, and a Rust crate called ``test``
      (``library/test/src/lib.rs``). ``tests``, in the plural, always means tests.
    - ``testing.py`` is source, ``tests.py`` and ``tests.rs`` are tests.
    """
    folder, _, name = path.rpartition("/")
    claim = _claim_of_folder(folder)
    if claim == "vendored" or claim == "generated":
        return claim
    own = _kind_by_name(name)
    if own == "generated" or claim == "fixture":
        return own if own == "generated" else "fixture"
    if claim == "test" or (claim == "spec" and path.endswith(_SPEC_SUFFIXES)):
        if _ships_test_tools(path):
            return "test" if own == "test" and name != "test.py" else own or "source"
        return _among_tests(name, own)
    if own == "test":
        return "source" if claim == "shipped" or _ships_test_tools(path) else "test"
    if claim in ("example", "docs", "build", "config") and own != "docs":
        return "build" if own == "build" and claim == "docs" else claim
    if own == "config" and folder and name.endswith(".json"):
        return "data"
    return own or "source"


def looks_generated(head: bytes) -> bool:
    """Do the first 2 kB say that a program wrote the file?"""
    head = head[:HEAD_BYTES]
    lowered = head.lower()  # which is a hundredth of the search, and rules out nearly every file
    return any(mark in lowered for mark in _IN_EVERY_MARK) and _GENERATED_MARK.search(head) is not None


def is_binary(head: bytes) -> bool:
    """Is there a NUL in the first 2 kB? So git tells binary from text, and UTF-16 counts as binary."""
    return b"\0" in head[:HEAD_BYTES]


def is_translation(name: str) -> bool:
    """Is this a catalogue of gettext? Its own language is no programmer's, and the rest stands in the sources."""
    return name.lower().endswith((".po", ".pot"))


def is_minified(data: bytes) -> bool:
    """Is this text written for machines: lines of hundreds of characters, on the whole?

    Pass the whole file or at least its first 10 kB; one long line (a licence key, an
    embedded image) in an ordinary file does not count.
    """
    lines = data.count(b"\n") + 1
    if len(data) < 2_000 or len(data) / lines < 110:
        return False
    lengths = sorted(map(len, data.split(b"\n")), reverse=True)
    long = sum(length for length in lengths if length > 500)
    return long > 0.8 * len(data)


_IN_EVERY_MARK = (b"generated", b"bison")
_GENERATED_MARK = re.compile(
    rb"""
    ^[ \t]* (?://|/?\*+|\#|--|;+|<!--|%|"+) .{0,40} @(?:auto)?generated\b
    | \bcode\ generated\ .{0,200}\bdo\ not\ (?:edit|modify)
    | (?<!\bin\ this\n\#\ )(?<!\bin\ this\ )  # so talk templates of those who fill them in, as Sphinx' conf.py
      \b(?:auto-?\ ?generated|automatically\ generated|machine[ -]generated)
      \ (?:file|code|by|from|with|using|using\ the)\b
    | \bthis\ (?:file|code|class|module|source(?:\ file)?)\ (?:was|is|has\ been|were)
      \ (?:auto-?\ ?|automatically\ |machine[ -])?generated\b
    | \bgenerated\ by\ .{0,100}[.;]?\s+(?:\W*\s)?do\ not\ (?:edit|modify)
    | \bdo\ not\ (?:edit|modify)\b.{0,80}\b(?:auto-?\ ?|automatically\ )?generated\b
    | <auto-?generated\b
    | \bgenerated\ by\ the\ protocol\ buffer\ compiler
    | \bA\ Bison\ parser,\ made\ by\b | \bA\ lexical\ scanner\ generated\ by\ flex\b
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ---------------------------------------------------------------- folders

_VENDORED = _words(
    "vendor vendored _vendor _vendored third_party third-party thirdparty ThirdParty 3rdparty 3rd_party "
    "node_modules bower_components jspm_packages web_modules Pods Carthage Godeps site-packages"
)
_VENDORED_AT_TOP = _words("deps external externals extern External Externals")
_GENERATED = _words(
    "dist deno_dist generated __generated__ _generated autogenerated generated-sources generated-src "
    "_build htmlcov storybook-static __pycache__"
)
_GENERATED_BELOW_TARGET = _words("classes debug release doc generated-sources test-classes")
_FIXTURES = _words(
    "fixtures fixture testdata test-data test_data __fixtures__ test-fixtures test_fixtures "
    "testfixtures __snapshots__ cassettes golden goldens"
)
_TESTS = _words(
    "tests test __tests__ __test__ __mocks__ mocks e2e testsuite testsuites unittest "
    "unittests testutil testutils test-utils test_utils testhelper testhelpers test-helpers "
    "test_helpers test-support test_support cypress step_definitions bench benches benchmark benchmarks "
    "testapp test-app test_app stress-test stress-tests"
)
_SPECS = frozenset({"spec", "specs"})
_TESTS_AT_TOP = _words("testing t features perf qa")
_EXAMPLES = _words("example examples _examples samples demos tutorials playgrounds docs_src cookbook")
_EXAMPLES_NEAR_TOP = _words("sample demo tutorial playground")
_DOCS = _words("docs documentation website")
_DOCS_AT_TOP = _words("doc site www changelog changelogs changes news rfcs wiki manual")
_BUILD_AT_TOP = _words(
    "build scripts script tools tool hack eng rake ci cmake requirements packaging debian rpm docker"
)
# `jvmTest` of Kotlin, `Acme.Core.UnitTests` of C#, `AcmeTests` of Swift, `acme-tests`, `tests_unit`
_TEST_FOLDER = re.compile(
    r"[a-z]+Tests?|testFixtures|[\w.]*[a-z0-9._](?:Tests|Specs)|[\w.]+\.Test"
    r"|.+[-_](?:tests|testsuite)|(?:tests|runtime-test|build-test)[-_].+|.*-e2e|e2e-.*"
)


@lru_cache(maxsize=1 << 16)  # folders recur; a large repository has thousands
def _claim_of_folder(folder: str) -> _Claim:
    """What the names of the folders say about the files in the last one."""
    if not folder:
        return None
    parts = folder.split("/")
    top = parts[0]
    if (top in _VENDORED_AT_TOP and len(parts) > 1) or not _VENDORED.isdisjoint(parts):
        return "vendored"
    if not _GENERATED.isdisjoint(parts) or _holds_pair(parts, "target", _GENERATED_BELOW_TARGET):
        return "generated"
    if top.endswith("-docs"):
        return "docs"
    if _holds_pair(parts, "src", frozenset({"main"})):
        return "shipped"
    lower = [part.lower() for part in parts]
    if not _FIXTURES.isdisjoint(lower):
        return "fixture"
    if lower[0] in _TESTS_AT_TOP or not _TESTS.isdisjoint(lower):
        return "test"
    if any(map(_TEST_FOLDER.fullmatch, parts)):
        return "test"
    if not _SPECS.isdisjoint(lower):
        return "spec"
    return _claim_of_quiet_folder(lower)


def _claim_of_quiet_folder(parts: list[str]) -> _Claim:
    """As above, for folders that say nothing of tests."""
    top = parts[0]
    if not _EXAMPLES.isdisjoint(parts) or not _EXAMPLES_NEAR_TOP.isdisjoint(parts[:2]):
        return "example"
    if top in _DOCS_AT_TOP or not _DOCS.isdisjoint(parts):
        return "docs"
    if any(part.startswith(".") for part in parts):
        return "config"
    return "build" if top in _BUILD_AT_TOP else None


def _holds_pair(parts: list[str], first: str, seconds: frozenset[str]) -> bool:
    return any(part == first and below in seconds for part, below in pairwise(parts))


_TEST_TOOLS = re.compile(
    r"(?:(?:src|lib)/)?(?!(?:src|lib|python|tools?|scripts?|utils?|apps?|backend|server|ci|dev|code)/)"
    r"[a-zA-Z_][a-zA-Z0-9_]*/test(?:/[^/]+)*(?:/\w+)?\.py"
    r"|(?:.*/)?lib/(?:.+/)?test(?:/[^/]+)?\.rb"
    r"|(?:.*/)?test/src/(?:.+/)?[^/]+\.rs"
)


def _ships_test_tools(path: str) -> bool:
    return _TEST_TOOLS.fullmatch(path) is not None


def _among_tests(name: str, own: FileKind | None) -> FileKind:
    if own in ("config", "data") or (own == "docs" and not _READ_ME.match(name)):
        return "fixture"
    return "docs" if own == "docs" else "test"


# ---------------------------------------------------------------- names

_GENERATED_NAMES = _words(
    "bindata.go y.tab.c y.tab.h _version.py assemblyinfo.cs npm-shrinkwrap.json go.sum "
    "package-lock.json pnpm-lock.yaml"
)
_GENERATED_ENDS = (
    *(".pb.go", ".pb.gw.go", ".pb.cc", ".pb.h", ".pb.c", ".pb.swift", ".pb.dart", "_pb2.py", "_pb2.pyi"),
    *("_pb2_grpc.py", "_pb.js", "_pb.d.ts", "_pb.rb", ".g.dart", ".gr.dart", ".freezed.dart", ".mocks.dart"),
    *(".g.cs", ".g.i.cs", ".designer.cs", ".designer.vb", ".min.js", ".min.mjs", "-min.js", ".min.css"),
    *(
        ".bundle.js",
        ".js.map",
        ".css.map",
        ".ts.map",
        ".yy.c",
        ".yy.cc",
        ".tab.c",
        ".tab.h",
        ".lock",
        ".lockb",
    ),
    ".pbxproj",
)
_GENERATED_NAME = re.compile(
    r"zz_generated.*|generated_.+\..*|.+[._]generated\..+|.+\.gen\..+|(?:moc|ui|qrc)_.+\.(?:cpp|h)"
)

# a word of its own before the suffix: user_test.go, user.spec.ts, test-user.c
_TEST_WORD = re.compile(
    r"test[_-].+|.+[_.-](?:tests?|unittests?|test-d)|conftest|tests|runtests|(?:test|spec)_helper"
)
_SPEC_WORD = re.compile(r".+[_.-](?:specs?|e2e|cy|bench)")
_SPEC_SUFFIXES = (
    *(".rb", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".lua", ".exs", ".coffee"),
    *(".cr", ".moon", ".fnl"),
)
# the end of a CamelCase name: UserTest.java, UserTests.cs, TestUser.php
_TEST_CAMEL = re.compile(r".*[a-z0-9](?:Tests?|TestCases?|TestBase|TestSuite)|Tests?[A-Z].*[a-z].*|Tests?")
_CAMEL_SUFFIXES = _words(
    ".java .kt .kts .scala .groovy .cs .fs .vb .php .swift .m .mm .cpp .cc .cxx .hs .elm .dart .d .pas"
)
_SPEC_CAMEL = {
    ".java": re.compile(r".*[a-z0-9](?:IT|ITCase)"),
    ".kt": re.compile(r".*[a-z0-9](?:IT|Spec)"),
    ".scala": re.compile(r".*[a-z0-9](?:Specs?|Suite)"),
    ".groovy": re.compile(r".*[a-z0-9](?:Specs?|IT)"),
    ".cs": re.compile(r".*[a-z0-9]Specs?"),
    ".hs": re.compile(r".*[a-z0-9]Spec|Spec"),
    ".swift": re.compile(r".*[a-z0-9]Spec"),
    ".php": re.compile(r".*[a-z0-9](?:Spec|Cest)"),
    ".erl": re.compile(r".+_SUITE"),
}
_TEST_NAMES = _words("test.py test.js test.ts test.rs test.go test.rb test.c test.cpp test.lua")
_TEST_SUFFIXES = _words(".t .bats .feature .phpt")

_BUILD_NAMES = _words(
    "setup.py setup.cfg noxfile.py tasks.py conf.py fabfile.py manage.py wscript sconstruct sconscript "
    "dodo.py rakefile gemfile podfile brewfile dangerfile fastfile capfile vagrantfile build.rs "
    "build.zig build.sbt build.xml build.ps1 build.sh build.cake build.boot build.mill build.sc gradlew "
    "gradlew.bat mvnw mvnw.cmd pom.xml cmakelists.txt meson.build meson_options.txt meson.options "
    "justfile build build.bazel workspace workspace.bazel module.bazel configure configure.ac "
    "configure.in jenkinsfile procfile tiltfile earthfile package.json composer.json bower.json "
    "lerna.json nx.json cargo.toml go.mod go.work pyproject.toml pipfile manifest.in mix.exs "
    "rebar.config stack.yaml dune dune-project pubspec.yaml package.swift module-info.java tox.ini"
)
_BUILD_ENDS = (
    *(
        ".rake",
        ".gemspec",
        ".podspec",
        ".gradle",
        ".gradle.kts",
        ".mk",
        ".mak",
        ".cmake",
        ".bzl",
        ".m4",
        ".am",
    ),
    *(
        ".cabal",
        ".opam",
        ".csproj",
        ".fsproj",
        ".vbproj",
        ".vcxproj",
        ".sln",
        ".props",
        ".targets",
        ".dockerfile",
    ),
)
_BUILD_NAME = re.compile(
    r"(?:gnu)?makefile(?:[.-].*)?|dockerfile(?:\..*)?|(?:docker-)?compose.*\.ya?ml|directory\.build\..*"
    r"|(?:gulpfile|gruntfile)\..*|(?:rollup|webpack|vite|vitest|jest|karma)\..*\.[cm]?[jt]s"
    r"|(?!app\.).*\.config\.[cm]?[jt]s|[tj]sconfig.*\.json|(?:requirements|constraints).*\.(?:txt|in)"
)
_READ_ME = re.compile(
    r"(?:readme|changelog|changes|history|news|license|licence|copying|notice|authors|contributors|maintainers"
    r"|contributing|code_of_conduct|security|todo|install|upgrading|governance)(?:[._-].*)?",
    re.IGNORECASE,
)
_DOCS_SUFFIXES = _words(
    ".md .mdx .markdown .rst .adoc .asciidoc .txt .tex .pod .rdoc .org .texi .textile .1 .3 .5 .7 .8"
)
_CONFIG_SUFFIXES = _words(
    ".toml .ini .cfg .conf .yaml .yml .json .json5 .jsonc .properties .env .config .plist .editorconfig"
)
_DATA_SUFFIXES = _words(
    ".csv .tsv .xml .xsd .svg .png .jpg .jpeg .gif .ico .webp .bmp .pdf .po .pot .mo .ipynb .parquet "
    ".sqlite .db .bin .dat .gz .zip .tar .bz2 .xz .7z .jar .war .class .so .dll .dylib .exe .o .a .lib "
    ".wasm .pyc .ttf .otf .woff .woff2 .eot .mp3 .mp4 .wav .ogg .webm .mov .psd .log .jsonl .ndjson "
    ".geojson .pem .crt .key .xlsx .docx .npy .npz .pkl .h5 .onnx .pt .safetensors .dict .xlf .xliff "
    ".resx .strings .arb .patch .diff .out .snap"
)


def _kind_by_name(name: str) -> FileKind | None:
    """What the file's own name says; None when it says nothing."""
    lower = name.lower()
    dot = lower.rfind(".")
    suffix = lower[dot:] if dot > 0 else ""
    if lower in _GENERATED_NAMES or lower.endswith(_GENERATED_ENDS) or _GENERATED_NAME.fullmatch(lower):
        return "generated"
    if _is_test_name(name, lower, suffix):
        return "test"
    if suffix == ".snap":
        return "fixture"
    if ".stories." in lower:
        return "example"
    if lower in _BUILD_NAMES or lower.endswith(_BUILD_ENDS) or _BUILD_NAME.fullmatch(lower):
        return "build"
    if suffix in _DOCS_SUFFIXES or lower == "package-info.java" or (not suffix and _READ_ME.fullmatch(name)):
        return "docs"
    if name.startswith(".") or suffix in _CONFIG_SUFFIXES:
        return "config"
    return "data" if suffix in _DATA_SUFFIXES else None


def _is_test_name(name: str, lower: str, suffix: str) -> bool:
    if suffix in _TEST_SUFFIXES or lower in _TEST_NAMES:
        return True
    if suffix in _DOCS_SUFFIXES or suffix in _CONFIG_SUFFIXES or suffix in _DATA_SUFFIXES:
        return False
    stem = name[: len(name) - len(suffix)] if suffix else name
    if _TEST_WORD.fullmatch(stem.lower()):
        return bool(suffix)
    if suffix in _SPEC_SUFFIXES and _SPEC_WORD.fullmatch(stem.lower()):
        return True
    if suffix in _CAMEL_SUFFIXES and _TEST_CAMEL.fullmatch(stem):
        return True
    spec = _SPEC_CAMEL.get(suffix)
    return spec is not None and spec.fullmatch(stem) is not None
