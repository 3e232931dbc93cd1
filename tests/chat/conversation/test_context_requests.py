"""What a model writes → the context that it asks for."""

import pytest

from chat.conversation.context_requests import Asks, FileAsk, Lookup, PathTable, proposed_commands, read_asks

TABLE = PathTable(("src/app.py", "src/util.py", "lib/util.py", "README.md"))


@pytest.mark.parametrize(
    ("reply", "asks"),
    [
        ("show: src/app.py", Asks((FileAsk("src/app.py"),))),
        ("- show: `src/app.py:10-40`", Asks((FileAsk("src/app.py", (10, 40)),))),
        ("show: app.py", Asks((FileAsk("src/app.py"),))),
        ("show: Session.close", Asks(lookups=(Lookup("show", "Session.close"),))),
        ("show: src/app.py:Session", Asks(lookups=(Lookup("show", "src/app.py:Session"),))),
        (
            "find: def greet\nrefs: greet",
            Asks(lookups=(Lookup("find", "def greet"), Lookup("refs", "greet"))),
        ),
        ("Please add:\n\n`src/app.py`\n", Asks((FileAsk("src/app.py"),))),
        (
            "I need to see `src/app.py` and lib/util.py first.",
            Asks((FileAsk("src/app.py"), FileAsk("lib/util.py"))),
        ),
        ("Please show me:\n`Session.close`", Asks(lookups=(Lookup("show", "Session.close"),))),
        ("The bug is in `src/app.py`.", Asks()),
        ("I need to see `util.py`.", Asks()),
        ("src/app.py\n```python\nprint()\n```\n", Asks()),
        ("```\nshow: src/app.py\n```\n", Asks()),
        ("I cannot see where this lives.", Asks(lost=True)),
    ],
)
def test_a_reply_asks_for(reply: str, asks: Asks) -> None:
    """Files, lines, symbols and questions; not what an answer merely mentions, nor what is ambiguous."""
    assert read_asks(reply, TABLE) == asks


def test_commands_in_shell_fences_are_proposed() -> None:
    """One a line; comments and prompts are left out, continued lines joined."""
    reply = (
        "Run:\n```bash\n# set up\n$ pip install \\\n  flask\npytest -q\n```\n```python\nos.remove('x')\n```\n"
    )

    assert proposed_commands(reply) == ("pip install    flask", "pytest -q")
