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
        ("/che", ["/checkpoints"]),
        ("/edit", ["/editor-model", "/editor", "/edit"]),
        ("/drop c", ["shop/cart.py"]),
        ("/drop ", ["shop/cart.py"]),
        ("/add shop/cart.py ses", ["sessions/README.md", "shop/session.py", "web/obsession.ts"]),
        ('/add "docs/a n', ['"docs/a name.md"']),
        ("/add docs/a", ['"docs/a name.md"']),
        ("/model mini", ["openai/gpt-5-mini"]),
        ("/settings weak", ["weak-model"]),
        ("/settings commit-mode s", ["stage", "session"]),
        ("/settings vim ", ["false", "true"]),
        ("/chat-mode a", ["ask", "architect"]),
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
def test_matching_names_are_offered(before: str, texts: list[str]) -> None:
    """Commands, their arguments, files after `@`, names in a message."""
    assert offered(before) == texts


def test_prose_is_completed_only_on_request() -> None:
    """A menu that opens at every word is in the way; after `/` or `@` it is wanted."""
    assert offered("why does Sess", requested=False) == []
    assert offered("/che", requested=False) == ["/checkpoints"]
    assert offered("@cart", requested=False) == ["shop/cart.py"]
    assert offered("me@cart", requested=False) == []


def test_a_candidate_replaces_only_its_beginning() -> None:
    """And nothing before it."""
    (found,) = candidates('/add x.py "docs/a n', SOURCES)

    assert found == Candidate('"docs/a name.md"', len('"docs/a n'))


def test_a_command_is_offered_with_its_help() -> None:
    """So that the menu teaches them."""
    (found,) = candidates("/undo", SOURCES)

    assert found.about == "Undo the last turn: files, commit and conversation."


def test_settings_of_one_run_are_not_offered() -> None:
    """They cannot be changed during it."""
    assert "message" not in offered("/settings mess")


def test_a_menu_is_limited_in_a_large_repository() -> None:
    """The nearest are shown; typing on narrows them."""
    names = [f"src/module{number}.py" for number in range(50_000)]

    found = ranked("module4999", names)

    assert len(ranked("module", names)) == MAX_CANDIDATES
    assert found[0] == "src/module4999.py"
