"""What a model writes → the context that it asks for."""

import pytest

from chat.conversation.context_requests import (
    ContextRequests,
    FileRequest,
    Lookup,
    PathTable,
    proposed_commands,
    read_context_requests,
)

TABLE = PathTable(("src/app.py", "src/util.py", "lib/util.py", "README.md"))


@pytest.mark.parametrize(
    ("reply", "asks"),
    [
        ("show: src/app.py", ContextRequests((FileRequest("src/app.py"),))),
        ("- show: `src/app.py:10-40`", ContextRequests((FileRequest("src/app.py", (10, 40)),))),
        ("show: app.py", ContextRequests((FileRequest("src/app.py"),))),
        ("show: Session.close", ContextRequests(lookups=(Lookup("show", "Session.close"),))),
        ("show: src/app.py:Session", ContextRequests(lookups=(Lookup("show", "src/app.py:Session"),))),
        (
            "find: def greet\nrefs: greet",
            ContextRequests(lookups=(Lookup("find", "def greet"), Lookup("refs", "greet"))),
        ),
        ("Please add:\n\n`src/app.py`\n", ContextRequests((FileRequest("src/app.py"),))),
        (
            "I need to see `src/app.py` and lib/util.py first.",
            ContextRequests((FileRequest("src/app.py"), FileRequest("lib/util.py"))),
        ),
        ("Please show me:\n`Session.close`", ContextRequests(lookups=(Lookup("show", "Session.close"),))),
        ("The bug is in `src/app.py`.", ContextRequests()),
        ("I need to see `util.py`.", ContextRequests()),
        ("src/app.py\n```python\nprint()\n```\n", ContextRequests()),
        ("```\nshow: src/app.py\n```\n", ContextRequests()),
        ("I cannot see where this lives.", ContextRequests(cannot_see=True)),
    ],
)
def test_a_reply_asks_for(reply: str, asks: ContextRequests) -> None:
    """Files, lines, symbols and questions; not what an answer merely mentions, nor what is ambiguous."""
    assert read_context_requests(reply, TABLE) == asks


def test_commands_in_shell_fences_are_proposed() -> None:
    """One a line; comments and prompts are left out, continued lines joined."""
    reply = (
        "Run:\n```bash\n# set up\n$ pip install \\\n  flask\npytest -q\n```\n```python\nos.remove('x')\n```\n"
    )

    assert proposed_commands(reply) == ("pip install    flask", "pytest -q")
