"""What is offered at the cursor."""

import pytest

from chat.commands.completions import MAX_CANDIDATES, Candidate, Sources, candidates, ranked

SOURCES = Sources(
    paths=lambda: (
        "shop/session.py",
        "shop/cart.py",
        "docs/a name.md",
        "sessions/README.md",
        "web/obsession.ts",
    ),
    chat_paths=lambda: ("shop/cart.py",),
    models=lambda: ("openai/gpt-5", "openai/gpt-5-mini"),
    symbols=lambda: ("Session", "read_cookie"),
)


def offered(before: str, requested: bool = True) -> list[str]:
    return [candidate.text for candidate in candidates(before, SOURCES, requested)]


@pytest.mark.parametrize(
    ("before", "texts"),
    [
        ("/ch", ["/checkpoints"]),
        ("/edit", ["/editor-model", "/editor", "/edit"]),
        ("/drop c", ["shop/cart.py"]),
        ("/drop ", ["shop/cart.py"]),
        ("/add shop/cart.py ses", ["sessions/README.md", "shop/session.py", "web/obsession.ts"]),
        ('/add "docs/a n', ['"docs/a name.md"']),
        ("/add docs/a", ['"docs/a name.md"']),
        ("/model mini", ["openai/gpt-5-mini"]),
        ("/settings weak", ["weak-model"]),
        ("/help rol", ["rollback"]),
        ("/refs cook", ["read_cookie"]),
        ("/clear x", []),
        ("/nope x", []),
        ("look at @cart", ["shop/cart.py"]),
        ("look at @docs/", ['"docs/a name.md"']),
        ("why does Sess", ["Session", "sessions/README.md", "shop/session.py", "web/obsession.ts"]),
        ("why does s", []),
    ],
)
def test_what_fits_is_offered(before: str, texts: list[str]) -> None:
    """Commands, what each takes, files behind `@`, names in a message."""
    assert offered(before) == texts


def test_prose_is_completed_only_when_asked_for() -> None:
    """A menu that opens at every word is in the way; one behind `/` or `@` is what they are typed for."""
    assert offered("why does Sess", requested=False) == []
    assert offered("/ch", requested=False) == ["/checkpoints"]
    assert offered("@cart", requested=False) == ["shop/cart.py"]
    assert offered("me@cart", requested=False) == []


def test_a_candidate_replaces_what_was_typed_of_it() -> None:
    """And nothing before."""
    (found,) = candidates('/add x.py "docs/a n', SOURCES)

    assert found == Candidate('"docs/a name.md"', len('"docs/a n'))


def test_a_command_is_offered_with_its_help() -> None:
    """So that the menu is a way to learn them."""
    (found,) = candidates("/undo", SOURCES)

    assert found.about == "Undo the last turn: files, commit and conversation."


def test_secrets_and_requests_are_no_settings_to_type() -> None:
    """Those of one run cannot be changed in it."""
    assert "message" not in offered("/settings mess")


def test_a_large_repository_fills_no_menu() -> None:
    """The nearest are shown; typing on narrows them."""
    names = [f"src/module{number}.py" for number in range(50_000)]

    found = ranked("module4999", names)

    assert len(ranked("module", names)) == MAX_CANDIDATES
    assert found[0] == "src/module4999.py"
