"""A declaration on one line says how to call what it declares."""

import re

import pytest
from corpora import NASTY
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.mapping.declaration import (
    LONGEST_NAMES,
    declaration,
    map_lines,
    written_definition,
)
from repomap.mapping.form import FULL, LONGEST_LINE, Form
from repomap.mapping.parameters import ELLIPSIS, split_parameters
from repomap.safety.printable import printable


def line_of(signature: str, name: str, language: str = "", width: int = LONGEST_LINE) -> str:
    """The line of something that is called."""
    return written_definition(signature, name, "function", language, width)


@examples(200)
@given(st.text(st.characters(exclude_categories=()) | NASTY, max_size=600), st.integers(20, 200))
def test_a_declaration_is_one_line_that_is_not_endless(signature: str, width: int) -> None:
    """Whatever a grammar takes for a signature."""
    line = line_of(signature, "f", "", width)

    assert len(line) <= max(width, LONGEST_NAMES)
    assert len(line.splitlines()) <= 1
    assert printable(line) == line


@examples(100)
@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=12), st.integers(10, 120))
def test_no_parameter_is_dropped(names: list[str], width: int) -> None:
    """Types and defaults give way to the names, which a caller cannot do without."""
    parameters = ",\n    ".join(f"{name}: dict[str, list[{name.title()}]] = {{}}" for name in names)

    line = line_of(f"def target(\n    {parameters},\n) -> None", "target", "python", width)

    shown = [re.match(r"\w+", parameter) for parameter in split_parameters(line[line.index("(") + 1 :])]
    assert [match[0] for match in shown if match] == names


@pytest.mark.parametrize(
    ("language", "signature", "name", "line"),
    [
        ("python", "def f(x)", "f", "def f(x)"),
        ("python", "def f(\n    x,\n)", "f", "def f(x)"),
        ("python", "def f(x,\ty)", "f", "def f(x, y)"),
        (
            "python",
            "def connect(host: str, port: int = 8080, *, timeout_s: float | None = None) -> Connection",
            "connect",
            "def connect(host, port=8080, *, timeout_s=None)",
        ),
        (
            "elixir",
            "def connect(%Plug.Conn{} = conn, {:ok, keys}, opts \\\\ [])",
            "connect",
            "def connect(conn, {:ok, keys}, opts \\\\ [])",
        ),
        (
            "erlang",
            "reply(Status, #{headers := Headers} = Req, {text, Body})",
            "reply",
            "reply(Status, Req, {text, Body})",
        ),
        (
            "typescript",
            "export const serve = async ({ port = 80, host }: Options, next: (c: Context) => void) =>",
            "serve",
            "export const serve = async ({port, host}, next)",
        ),
        (
            "go",
            "func (s *Server) Handle(method, path string, handlers ...HandlerFunc) (IRoutes, error)",
            "Handle",
            "func (s *Server) Handle(method, path, handlers)",
        ),
        (
            "rust",
            "pub fn trim<'b>(searcher: &'b Searcher, mut bytes: &'b [u8], line: &mut Match) -> &'b [u8]",
            "trim",
            "pub fn trim<'b>(searcher, bytes, line) -> &'b [u8]",
        ),
        (
            "java",
            "public static <T> List<T> read(final Map<String, T> rows, String[] names, int... sizes)",
            "read",
            "public static <T> List<T> read(rows, names, ...sizes)",
        ),
        (
            "c",
            "void each(const table_t *table, void (*visit)(void *row, size_t size), char buffer[16])",
            "each",
            "void each(table, visit, buffer)",
        ),
        (
            "swift",
            "func move(from source: FilePath, _ target: FilePath, replacing: Bool = false) throws -> Bool",
            "move",
            "func move(from source, _ target, replacing=false)",
        ),
        (
            "kotlin",
            'class Route(@get:JvmName("address") val address: Address, @Since(version("4")) private val proxy: Proxy)',
            "Route",
            "class Route(address, proxy)",
        ),
        (
            "ruby",
            "def tag(name, content = nil, class: nil, **options, &block)",
            "tag",
            "def tag(name, content, class:, **options, &block)",
        ),
    ],
)
def test_a_long_declaration_keeps_the_names(language: str, signature: str, name: str, line: str) -> None:
    """As each language writes parameters: name first, type first, patterns, pointers to functions."""
    assert line_of(signature, name, language, 50) == line


def test_what_a_signature_leaves_out_is_marked() -> None:
    """The index keeps so many lines of a signature, and no more."""
    signature = "def f(\n" + "".join(f"    parameter_{number}: int,\n" for number in range(12))

    assert line_of(signature, "f", "python").endswith(f", {ELLIPSIS})")


def test_a_name_behind_a_long_type_is_shown() -> None:
    """A line that is cut before the name would show nothing that can be looked up."""
    signature = f"private static ({', '.join(['PlayMethod? method'] * 9)}) FindProfile(Item item)"

    assert line_of(signature, "FindProfile", "csharp") == "private static … FindProfile(Item item)"


def test_what_cannot_be_called_is_cut() -> None:
    """A constant's value says little, however long it is."""
    assert written_definition("x = " + "y" * 200, "x", "constant", "python") == "x = " + "y" * 95 + ELLIPSIS


def test_control_characters_do_not_reach_a_terminal() -> None:
    """A file may hold any of them."""
    assert line_of("def f(\x1b[31mx)", "f") == "def f(\ufffd[31mx)"


@pytest.mark.parametrize(
    ("signature", "name", "lines"),
    [
        ("def f(\n    x,\n)", "f", "def f(x)"),
        (
            "def connect(\n    host: str,\n    port: int = 8080,\n    timeout_s: float = 30.0,\n) -> Connection",
            "connect",
            "def connect(\nhost: str, port: int = 8080, timeout_s: float = 30.0) -> Connection",
        ),
        (
            "static int table_insert(struct table *t,\n    const char *key, void *value)",
            "table_insert",
            "static int table_insert(struct table *t,\nconst char *key, void *value)",
        ),
    ],
)
def test_the_first_line_is_one_of_the_source(signature: str, name: str, lines: str) -> None:
    """It can be searched for; what the source has on further lines is on one below it."""
    assert declaration(signature, name, "", 170) == lines


@pytest.mark.parametrize(
    ("signature", "name", "line"),
    [
        ("@dataclass(frozen=True, slots=True) class Row", "Row", "@dataclass class Row"),
        (
            "@items.get('/items') def items(limit: int = 10)",
            "items",
            "@items.get('/items') def items(limit=10)",
        ),
        (
            f"@app.route('/{'x' * 60}') def index(request)",
            "index",
            f"@app.route({ELLIPSIS}) def index(request)",
        ),
        ("@cli.command() def serve()", "serve", "@cli.command() def serve()"),
        (
            "@cli.command('run', help='Run it.') def run()",
            "run",
            f"@cli.command('run', {ELLIPSIS}) def run()",
        ),
    ],
)
def test_a_decorator_stays_before_what_it_decorates(signature: str, name: str, line: str) -> None:
    """What it is called with is kept where it is short and says how the definition is reached."""
    assert line_of(signature, name, "python", 24) == line


def test_members_that_only_lines_separate_are_told_apart() -> None:
    """TypeScript needs no comma between them."""
    signature = "function open(options: {\n  path: string\n  size?: number\n})"

    assert line_of(signature, "open", "typescript", 90) == (
        "function open(options: { path: string; size?: number })"
    )


@pytest.mark.parametrize(
    ("language", "signature", "line"),
    [
        ("rust", "fn map<U, F: FnOnce(T) -> U>(self, f: F) -> U", "fn map<U, F: FnOnce(T) -> U>(self, f)"),
        ("go", "func map[T any, F func(T) T](x []T, f F) []T", "func map[T any, F func(T) T](x, f)"),
    ],
)
def test_parentheses_in_type_parameters_hold_no_parameters(language: str, signature: str, line: str) -> None:
    """A bound may be a function's type; the parameters come after it."""
    assert line_of(signature, "map", language, 36) == line


def test_a_cut_signature_names_no_half_of_a_parameter() -> None:
    """The source has more than is kept: what is listed is whole, and an ellipsis says that there is more."""
    line = line_of("void Break(PolicyBuilder builder, int allowed, Action<Exc", "Break", "csharp", 40)
    assert line == "void Break(builder, allowed, …)"


def test_optional_and_named_parameters_of_dart_keep_their_names() -> None:
    """`[…]` and `{…}` say how they are passed."""
    text = "RetryClient.withDelays(Client inner, Iterable<Duration> delays, {bool Function(Response) when = _when})"
    assert line_of(text, "withDelays", "dart", 60) == "RetryClient.withDelays(inner, delays, {when})"
    text = "Future<void> closeWithError(Object value, [StackTrace? stackTrace])"
    assert line_of(text, "closeWithError", "dart", 60) == "Future<void> closeWithError(value, [stackTrace])"


def test_what_stands_before_a_name_is_not_cut_within_brackets() -> None:
    """Go's receivers, and types that are records."""
    text = "func (clientauth *ClientAuthentication) ConfigureTLSConfig(cfg *tls.Config) error"
    assert line_of(text, "ConfigureTLSConfig", "go", 60).startswith("func … ConfigureTLSConfig(")


@pytest.mark.parametrize("form", [FULL, Form(40, brief=True)], ids=["full", "brief"])
def test_values_and_types_are_whole_or_say_that_they_go_on(form: Form) -> None:
    """Parentheses within the braces of a type are no parameters."""
    value = "const tokenizer = new Tokenizer(stack"
    assert map_lines(value, "tokenizer", "constant", "typescript", form) == f"{value} …"
    mapped = "export type LooseRequired<T> = { [P in keyof (T & Required<T>)]: T[P] }"
    assert map_lines(mapped, "LooseRequired", "type", "typescript", form) == mapped
    called = "type MountFn = (a: Node) => void"
    assert map_lines(called, "MountFn", "type", "typescript", form) == called
