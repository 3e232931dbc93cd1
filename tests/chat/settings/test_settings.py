"""The table of settings: each row can be told, given and checked."""

import dataclasses
import tomllib
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.settings.display import describe, shown
from chat.settings.kinds import (
    BadValue,
    BoolKind,
    ChoiceKind,
    EncodingsKind,
    FloatKind,
    IntKind,
    Kind,
    ListKind,
    MapKind,
    RulesKind,
    TextKind,
    merged,
)
from chat.settings.names import SYNONYMS, nearest, read_value, row_for
from chat.settings.row import Group, Scope
from chat.settings.table import ROWS, Settings, changed, value_of

ROW_IDS = list(ROWS)
HARMLESS = set(
    """file read map-tokens map-refresh subtree-only offload-at chat-language mode edit-format editor-edit-format
    commit-mode dirty-commits encoding attribute-co-authored-by commit-prompt commit-language permission-mode
    attribute-author attribute-committer attribute-commit-message-author attribute-commit-message-committer
    ask-tools disallowed-tools""".split()
)
"""What a repository may set that nobody trusts. Add to it only what can do no harm, whatever its value."""


@pytest.mark.parametrize("name", ROW_IDS)
def test_a_row_teaches(name: str) -> None:
    """One or two sentences of help, ending as sentences do."""
    row = ROWS[name]
    assert row.help[0].isupper()
    assert row.help.endswith(".")
    assert len(row.help) > 20


@pytest.mark.parametrize("name", ROW_IDS)
def test_a_default_is_a_value_of_its_kind(name: str) -> None:
    """What the defaults are could be given as well."""
    row = ROWS[name]
    given = "auto" if row.default is None else row.default
    if not isinstance(row.kind, TextKind) or row.default:
        assert row.kind.read(given) == row.default


@pytest.mark.parametrize("name", ROW_IDS)
def test_the_type_of_a_row_is_that_of_its_kind(name: str) -> None:
    """Readers of `Settings` get what mypy told them."""
    row = ROWS[name]
    hint = get_type_hints(Settings)[row.attribute]
    match row.kind:
        case ChoiceKind(choices):
            assert get_args(hint) == choices
        case IntKind(auto=auto):
            assert hint == (int | None if auto else int)
        case FloatKind(auto=auto):
            assert hint == (float | None if auto else float)
        case other:
            types = {
                TextKind: str,
                BoolKind: bool,
                ListKind: tuple[str, ...],
                RulesKind: tuple[str, ...],
                MapKind: tuple[tuple[str, str], ...],
                EncodingsKind: tuple[tuple[str, str], ...],
            }
            assert hint == types[type(other)]


def test_every_attribute_has_a_row() -> None:
    """But for the records of where values and rules come from."""
    attributes = {each.name for each in dataclasses.fields(Settings)} - {"sources", "rule_sources"}
    assert {row.attribute for row in ROWS.values()} == attributes


def test_spellings_are_unique() -> None:
    """No flag, name or synonym means two things."""
    flags = [flag for row in ROWS.values() for flag in (f"--{row.name}", *row.flags)]
    flags += [f"--{name}" for name in SYNONYMS]
    assert len(flags) == len(set(flags))


def test_every_group_is_used() -> None:
    """An empty section would stand in `--help`."""
    assert {row.group for row in ROWS.values() if not row.common} == set(Group)


def test_what_an_untrusted_repository_may_set_is_this_list() -> None:
    """A new row is out of its reach unless somebody decides otherwise, here too."""
    assert {row.name for row in ROWS.values() if row.scope is Scope.ANYONE} == HARMLESS


def test_keys_are_never_taken_from_a_repository() -> None:
    """Not even from a trusted one: what is committed is no secret."""
    assert ROWS["api-key"].scope is Scope.USER


def test_a_store_is_never_taken_from_a_repository() -> None:
    """It says which symbols a file has."""
    assert ROWS["store"].scope is Scope.USER


@pytest.mark.parametrize(
    ("kind", "given", "read"),
    [
        (TextKind(), "a", "a"),
        (IntKind(), "12", 12),
        (IntKind(), "1_000", 1000),
        (IntKind(), 0, 0),
        (IntKind(auto=True), "auto", None),
        (FloatKind(), "0.6", 0.6),
        (FloatKind(), 2, 2.0),
        (FloatKind(auto=True), "auto", None),
        (BoolKind(), True, True),
        (BoolKind(), "No", False),
        (BoolKind(), " on ", True),
        (ChoiceKind(("a", "b")), "b", "b"),
        (ListKind(), "a", ("a",)),
        (ListKind(), "a\nb\n\na", ("a", "b")),
        (ListKind(), '["a b", "c"]', ("a b", "c")),
        (ListKind(), ("[id].ts",), ("[id].ts",)),
        (MapKind(), "A=b=c", (("A", "b=c"),)),
        (EncodingsKind(), "cp1252", (("", "cp1252"),)),
        (EncodingsKind(), ["*.c=gbk", "src/*.h=big5"], (("*.c", "gbk"), ("src/*.h", "big5"))),
        (MapKind(), {"A": "b"}, (("A", "b"),)),
        (MapKind(), ["A=1", "A=2"], (("A", "2"),)),
        (MapKind("N:M", ":"), "fast:ollama/qwen:7b", (("fast", "ollama/qwen:7b"),)),
        (MapKind(bare=True), "sk-abc", (("", "sk-abc"),)),
        (MapKind(bare=True), "ABSKabcdefghijklmnopqrst==", (("", "ABSKabcdefghijklmnopqrst=="),)),
        (MapKind("", ": ", bare=True), "python: ruff check", (("python", "ruff check"),)),
        (MapKind("", ": ", bare=True), r"C:\lint.bat", (("", r"C:\lint.bat"),)),
        (MapKind("", ": ", bare=True), "npm run lint: fix", (("", "npm run lint: fix"),)),
    ],
)
def test_a_kind_reads(kind: Kind, given: object, read: object) -> None:
    """What people write in files, variables and flags."""
    assert kind.read(given) == read


@pytest.mark.parametrize(
    ("kind", "given", "allowed"),
    [
        (TextKind(), 1, "a text"),
        (TextKind(), "a\0", "a text"),
        (IntKind(), "x", "a whole number, 0 or more"),
        (IntKind(), -1, "a whole number"),
        (IntKind(), "-1", "a whole number"),
        (IntKind(), 1.5, "a whole number"),
        (IntKind(), True, "a whole number"),
        (IntKind(), "9" * 40, "a whole number"),
        (IntKind(least=16, auto=True), "8", "16 or more, or auto"),
        (FloatKind(), "nan", "a number"),
        (FloatKind(least=0, most=2), "inf", "0 to 2"),
        (FloatKind(), False, "a number"),
        (FloatKind(), 10**400, "a number"),
        (BoolKind(), "maybe", "true or false"),
        (BoolKind(), 1, "true or false"),
        (ChoiceKind(("a", "b")), "c", "a or b"),
        (ChoiceKind(("a", "b")), ["a"], "a or b"),
        (ListKind(), ["a", 1], 'a list such as ["a", "b"]'),
        (ListKind(), ["a\0"], "a list"),
        (ListKind(), "[a, b]", "a list"),
        (MapKind(), "novalue", "NAME=TEXT"),
        (MapKind(), {"A": 1}, "NAME=TEXT"),
        (MapKind(), 3, "NAME=TEXT"),
        (MapKind(bare=True), "openai=", "NAME=TEXT"),
        (MapKind(bare=True), [" "], "NAME=TEXT"),
    ],
)
def test_a_kind_says_what_it_takes(kind: Kind, given: object, allowed: str) -> None:
    """A wrong value is refused with what would be right."""
    with pytest.raises(BadValue, match=allowed.replace("[", r"\[").replace(".", r"\.")):
        kind.read(given)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(ROW_IDS),
)
def test_no_value_breaks_a_kind(value: Any, name: str) -> None:
    """Whatever a file holds, it is a value of its kind or refused; what was read, reads again as itself."""
    kind = ROWS[name].kind
    try:
        read = kind.read(value)
    except BadValue:
        return
    if read is not None:
        assert kind.read(read) == read


def test_lists_and_tables_add_up() -> None:
    """A flag does not lose what the configuration names; the same name is replaced."""
    assert merged(ListKind(), ("a", "b"), ("b", "c")) == ("a", "b", "c")
    assert merged(MapKind(), (("a", "1"), ("b", "2")), (("a", "3"),)) == (("a", "3"), ("b", "2"))
    assert merged(TextKind(), "a", "b") == "b"


def test_a_change_makes_new_settings_and_remembers_where_it_came_from() -> None:
    """The old ones stay as they are."""
    before = Settings()
    after = changed(before, {"model": "x", "continue": True}, "/model")
    assert (before.model, before.sources) == ("", ())
    assert (after.model, after.continue_session) == ("x", True)
    told = {each.name: each.source for each in describe(after)}
    assert (told["model"], told["git"]) == ("/model", "default")


@pytest.mark.parametrize(
    ("name", "given", "of", "value"),
    [
        ("auto-commits", False, "commit-mode", "none"),
        ("auto_commits", "true", "commit-mode", "turn"),
        ("architect", True, "mode", "architect"),
        ("openai-api-key", "k", "api-key", (("openai", "k"),)),
        ("openai-api-base", "http://h/v1", "set-env", (("OPENAI_API_BASE", "http://h/v1"),)),
        ("yes-always", True, "yes", True),
        ("MAP_TOKENS", "5", "map-tokens", 5),
    ],
)
def test_names_of_aider_mean_what_they_meant(name: str, given: object, of: str, value: object) -> None:
    """Also with underscores, as variables have them."""
    row = row_for(name)
    assert row is not None
    assert (row.name, read_value(name, given)) == (of, value)


def test_the_nearest_name_is_found() -> None:
    """Where there is one at all."""
    assert nearest("map-token") == "map-tokens"
    assert nearest("test_command") in ("test-cmd", "")
    assert nearest("xyzzy") == ""


def test_secrets_are_never_shown() -> None:
    """Neither in a listing nor in a repr, as tracebacks print it."""
    settings = changed(
        Settings(),
        {"api-key": (("openai", "sk-123"), ("", "sk-456")), "set-env": (("TOKEN", "sk-789"),)},
        "--api-key",
    )
    assert "sk-" not in repr(settings)
    assert "sk-" not in "".join(each.value for each in describe(settings))
    assert "openai=…" in {each.name: each.value for each in describe(settings)}["api-key"]


def test_what_is_shown_cannot_drive_a_terminal() -> None:
    """Escapes are written out, so that two different commands never look alike."""
    text = shown(ROWS["test-cmd"], "true\x1b[2K\n\u202erm")
    assert text.isprintable()
    assert text == r'"true\x1b[2K\n\u202erm"'


@pytest.mark.parametrize("name", ROW_IDS)
def test_a_shown_default_can_be_written_into_a_file(name: str) -> None:
    """What `trigpoint settings` prints is TOML, except for what is left to the program."""
    row = ROWS[name]
    text = shown(row, value_of(Settings(), row))
    given = "auto" if text == "auto" else tomllib.loads(f"x = {text}")["x"]
    assert row.kind.read(given) == row.default or row.default == ""
