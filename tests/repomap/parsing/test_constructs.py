"""What the grammars cannot read by themselves is read all the same: macros, new syntax, code inside macro calls."""

import time

import pytest
from file_tags import definitions

from repomap.parsing.blanks import apply_changes, blank
from repomap.parsing.c_macros import without_macros
from repomap.parsing.languages import BY_NAME, LANGUAGES
from repomap.parsing.parse import language_tools, parse_source
from repomap.parsing.repairs import prepared, simplified

UNREAL = """\
UCLASS(Blueprintable)
class GAME_API AHero : public ACharacter
{
\tGENERATED_BODY()

public:
\tUPROPERTY(EditAnywhere)
\tfloat Speed;

\tUFUNCTION(BlueprintCallable)
\tvoid TakeHit(int32 Damage);
};
"""
ABSEIL = """\
namespace base {
BASE_NAMESPACE_BEGIN

class text_view {
 public:
  int size() const;
};

BASE_NAMESPACE_END
}
int after() { return 1; }
"""
SPLIT_HEAD = """\
#ifdef WIDE
int split(int a) {
#else
int split(int a, int b) {
#endif
  return a;
}
class Last
#ifdef WIDE
  : public Wide
#else
  : public Narrow
#endif
{
  void m() {}
};
"""
SPECIFIERS = """\
struct padding {
  unsigned size;
  EXPR padding(int digits, const specs& s)
      : size((s.x >> 24) + to_unsigned(digits)), rest(0) {
    if EXPR17 (s.align() == align::numeric) {
      auto width = to_unsigned(s.width);
    } else if (s.precision > digits) {
      size = 1;
    }
  }
};
class pool {
  static EXPR20 void grow(buffer<T>& buf, size_t n) { buf.x(n); }
  constexpr INLINE int left() const { return n_; }
  EXPR20 ~pool() { free(); }
};
"""
GUARDED = """\
class Reader {
  PRIVATE_UNLESS_TESTED:
  using size_t = int;
 public:
  void load() {
    LIB_TRY { read(); }
    LIB_CATCH (...) {}
  }
  friend EXPORT Reader& operator+=(Reader& a, int b);
  int last() { return 1; }
};
"""
TEMPLATES = """\
template <typename T, ENABLE_IF(is_number<T>::value || !is_signed<T>::value)>
MUST_USE
DEPRECATED_FOR(1.2, other(
    1) or another)  // NOLINT
auto parse(T x) -> T;
template <typename T> EXPR auto after(T x) -> T { return x; }
"""
PARTS = """\
template <typename T>
#if WIDE
constexpr
#endif
auto first() -> T;
#if COMPILER < 5 && \\
    defined(WIDE)
int second(int a)
#else
int second(long a)
#endif
{
  return 1;
}
namespace a {
class One {};
#ifndef SMALL
}
namespace a {
#else
#endif
class Two { void m(); };
}
"""
CASES = [
    ("cpp", GUARDED, ["Reader.load", "Reader.last"]),
    ("cpp", TEMPLATES, ["parse", "after"]),
    ("cpp", PARTS, ["first", "second", "a.One", "a.Two.m"]),
    ("cpp", "class EXPORT Store : public Base {\npublic:\n  void get() {}\n};\n", ["Store", "Store.get"]),
    ("cpp", 'struct API("default") [[x]] Plain { int a; };\nint f();', ["f"]),
    ("cpp", UNREAL, ["AHero", "AHero.TakeHit"]),
    ("cpp", ABSEIL, ["base", "base.text_view", "text_view.size", "after"]),
    ("cpp", SPLIT_HEAD, ["split", "Last", "Last.m"]),
    ("cpp", "LOG_INLINE void logger::write(int level) { }\nint f() { return 1; }\n", ["write", "f"]),
    ("cpp", "struct Q { void Lock() ACQUIRE(mu) { } void After() OVERRIDE_X; };\n", ["Q.Lock", "Q.After"]),
    ("cpp", 'TEST_CASE("parses") { CHECK(1); }\nTEST_F(Suite, Adds) { }\n', ["parses", "Adds"]),
    ("cpp", "class W : public QObject {\n  Q_OBJECT\npublic slots:\n  void go();\n};\n", ["W", "W.go"]),
    ("cpp", "int ns::Pool::count = 3;\nns::Pool::~Pool() = default;\n", ["count", "~Pool"]),
    ("c", "STATIC int\nfirst(void)\n{\n  return 1;\n}\nAPI int (second) (int a);\n", ["first", "second"]),
    (
        "c",
        "DEFINE_CALL2(close, int, fd)\n{\n  return 0;\n}\nint next(void) { return 1; }\n",
        ["close", "next"],
    ),
    ("objc", "NS_ASSUME_NONNULL_BEGIN\n@interface K : NSObject\n- (void)m;\n@end\n", ["K", "K.m"]),
    (
        "objc",
        "API_AVAILABLE(ios(13.0))\n@interface K : NSObject\n- (void)m NS_SWIFT_NAME(n());\n@end\n",
        ["K", "K.m"],
    ),
    ("objc", "typedef NS_OPTIONS(NSUInteger, Mask) {\n  MaskA = 1\n};\n", ["Mask", "Mask.MaskA"]),
    (
        "rust",
        "cfg_net! {\n    pub struct Socket { fd: i32 }\n    pub fn bind() {}\n}\n",
        ["Socket", "Socket.fd", "bind"],
    ),
    ("rust", "mod m {\n    lazy_static! { static ref NAME: u8 = 1; }\n}\n", ["m.NAME"]),
    (
        "rust",
        "cfg_if! { if #[cfg(unix)] { fn a() {} } else if #[cfg(windows)] { fn b() {} } else { fn c() {} } }",
        list("abc"),
    ),
    ("rust", "bitflags! { pub struct Bits: u32 { const A = 1; const B = 2; } }\nfn f() {}\n", ["Bits", "f"]),
    (
        "typescript",
        "interface H {\n  (a: string): void\n  <T>(b: T): T\n  // more\n  <U>(c: U): U\n  last: string\n}\n",
        ["H.last"],
    ),
    (
        "typescript",
        "class C { constructor(private a: A, readonly b?: B) {} static accessor c: number }",
        ["C.a", "C.b", "C.c"],
    ),
    (
        "typescript",
        "await using file = open();\nexport const { host, port = 1 } = read();\n",
        ["file", "host", "port"],
    ),
    (
        "kotlin",
        "@Single\nclass Repo\n@Inject internal constructor(\n  val api: Api,\n) : Base() {\n  fun load() {}\n}\n",
        ["Repo.api", "Repo.load"],
    ),
    (
        "kotlin",
        (
            "class S(d: B) : B by d {\n  fun m() {}\n}\nval o = object : X by y {\n"
            "  fun n() {}\n}\n@A\n@B(1)\nclass Z {\n  fun k() {}\n}\n"
        ),
        ["S.m", "n", "Z.k"],
    ),
    (
        "csharp",
        "static class E { extension(string s) { public int Len => 1; } void After() {} }",
        ["E.Len", "E.After"],
    ),
    (
        "csharp",
        "class V {\n  int F() =>\n#if NET\n    1;\n#else\n    2;\n#endif\n  void G() {}\n}\n",
        ["V.F", "V.G"],
    ),
    ("scss", '$map: ("a": 1, "b": (c: 2));\n$icon: \\f1ac;\n$later: 1;\n', ["$map", "$icon", "$later"]),
    (
        "sql",
        (
            "CREATE TABLE [dbo].[Order Line] ([Id] INT);\nGO\nCREATE PROCEDURE dbo.Fill @Id INT\n"
            "AS\nBEGIN\n SELECT 1\nEND\nGO\n"
        ),
        ["Order Line", "Fill"],
    ),
    (
        "python",
        "try:\n    A = 1\nexcept E:\n    A = 2\nif T:\n    B = 1\nelse:\n    C = 2\nd, (e, f) = 1, (2, 3)\n",
        list("ABCdef"),
    ),
    (
        "java",
        "enum E { ONE { int f() { return 1; } }, TWO }\nrecord P(int x) {}\n",
        ["E.ONE.f", "E.TWO", "P.x"],
    ),
    ("groovy", 'class S extends Specification {\n def "adds two"() { expect: a?.b }\n}\n', ["S.adds two"]),
    (
        "python",
        (
            "cdef class Shape:\n    cdef int x\n    cpdef double area(self, int a):\n        return 1\n"
            "cdef inline int add(int a):\n    return a\n"
        ),
        ["Shape.area", "add"],
    ),
    (
        "verilog",
        (
            "class d;\n  pure virtual task go();\nendclass\nfunction string c::conv(int a);\n  return 1;\nendfunction\n"
            "primitive udp (output o, input i);\n  table 0 : 1; endtable\nendprimitive\n"
        ),
        ["d.go", "conv", "udp"],
    ),
    ("zig", "name: []const u8,\nconst E = enum { a, b };\n", ["name", "E.a"]),
    ("clojure", "(comment (defn hidden [] 1))\n(defn shown [] 2)\n", ["shown"]),
]


def full_names(language: str, text: str) -> set[str]:
    tags = parse_source(text.encode(), BY_NAME[language], members=True)
    items = list(definitions(tags))
    names: list[str] = []
    for item in items:
        names.append((names[item.parent] + "." if item.parent is not None else "") + item.name)
    return {name[start:] for name in names for start in [0, *(i + 1 for i, c in enumerate(name) if c == ".")]}


@pytest.mark.parametrize(("language", "text", "expected"), CASES, ids=lambda value: str(value)[:30])
def test_definitions_are_found_beside_what_a_grammar_cannot_read(
    language: str, text: str, expected: list[str]
) -> None:
    """Each by its own name and those around it."""
    assert set(expected) <= full_names(language, text)


def test_macros_among_specifiers_do_not_tear_a_class_apart() -> None:
    """Each member stays in its class, and what initialises one is no definition."""
    found = full_names("cpp", SPECIFIERS)
    members = {f"padding.{name}" for name in ("size", "padding")}
    members |= {f"pool.{name}" for name in ("grow", "left", "~pool")}
    assert {name for name in found if "." in name} == members
    assert "rest" not in found


def test_a_form_that_is_commented_out_defines_nothing() -> None:
    """Clojure's `(comment …)` is prose."""
    assert "hidden" not in full_names("clojure", "(comment (defn hidden [] 1))\n")


@pytest.mark.parametrize(
    "text",
    [
        "enum {\n  ONLY\n};\n",
        "HANDLE open(int a) {\n}\n",
        "int x = f(a)\n  + MAX(1, 2)\n  + 3;\n",
        "#define TWICE(a) \\\n  ONCE(a) \\\n  ONCE(a)\n",
        "STATUS\nrun(int a)\n{\n}\n",
        "struct STATE state;\n",
        "struct A {\n  // Its interface methods\n  bool valid() const { return true; }\n};\n",
        "struct A {\n  /* All of a\n     class of\n  */ bool valid() const { return true; }\n};\n",
    ],
)
def test_what_may_be_a_type_or_a_value_is_no_macro(text: str) -> None:
    """A macro is blanked only where nothing else can stand."""
    assert without_macros(text.encode()).decode() == text


CONDITIONS = [
    (
        "cpp",
        "class A {\n  A(int n)\n      :\n#if DEBUG\n        n_(n),\n#endif\n        m_(n) {\n  }\n};\nclass B {\n};\n",
        [("A", "class A"), ("A", "A(int n)"), ("B", "class B")],
    ),
    (
        "csharp",
        (
            "class A : B\n#if C\n  , C\n#endif\n{\n  void F() {\n    switch (x) {\n"
            "#if D\n      case T.D:\n        // why\n        w.Write((D)x);\n        return;\n#endif\n    }\n  }\n}\n"
        ),
        [("A", "class A : B , C"), ("F", "void F()")],
    ),
]


@pytest.mark.parametrize(("language", "text", "expected"), CONDITIONS)
def test_a_condition_within_a_declaration_is_no_part_of_it(
    language: str, text: str, expected: list[tuple[str, str]]
) -> None:
    """Neither of what it says, nor of where it ends; and a case below one is no function."""
    found = list(definitions(parse_source(text.encode(), BY_NAME[language])))

    assert [(item.name, " ".join(item.signature.split())) for item in found] == expected
    assert [item.name for item in found if item.parent is None] == [
        name for name, signature in expected if signature.startswith("class")
    ]


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES if not language.embedded])
def test_rewriting_a_text_keeps_its_length(language: str) -> None:
    """So every offset stays, and a line is that of the original."""
    text = b"".join(case[1].encode() for case in CASES)
    for rewritten in (prepared(text, language), simplified(text, language)):
        assert len(rewritten) == len(text)


def test_blanks_keep_line_ends() -> None:
    """Carriage returns included."""
    assert blank(b"ab\r\nc") == b"  \r\n "
    assert apply_changes(b"abc", []) == b"abc"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if not language.embedded])
def test_a_query_is_compiled_in_a_fraction_of_a_workers_limit(language: object) -> None:
    """A worker has two seconds for a file, and compiles the query with the first."""
    started = time.process_time()
    language_tools.__wrapped__(language)
    assert time.process_time() - started < 1.5


def test_members_change_nothing_else() -> None:
    """Without them, a file has the same definitions, words and imports."""
    text = b"import a.B;\nclass C { enum E { X } void m() { B.f(X); } }\n"
    plain, full = (parse_source(text, BY_NAME["java"], members=wanted) for wanted in (False, True))
    assert set(full.names) - set(plain.names) == {"X"}
    assert plain.imports == full.imports
