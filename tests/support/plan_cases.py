"""A task of six pieces with two dependencies, of which one fails at first and two conflict; and a model that does it.

What the model says depends on the prompt alone, so it is the same in whatever order the pieces are done. The first two
pieces both write the head of `README.md`, which neither has declared; `stock` gets it right when it is given back.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scripted_model import Answer, Request, text_of

TASK = "Give the shop names, prices, totals, labels, notes and a stock"
README = "README.md"
WHOLE = "test -f README.md && ! grep -rqs WRONG shop"


def _piece(name: str, *after: str) -> dict[str, Any]:
    path = f"shop/{name}.py"
    return {
        "id": name,
        "goal": f"Write the module {name}: {path} holds the name of the module.",
        "files": [path],
        "check": f"grep -q right {path}" if name == "stock" else f"test -f {path}",
        "depends_on": list(after),
    }


PLAN: Mapping[str, Any] = {
    "pieces": [
        _piece("names"),
        _piece("notes"),
        _piece("prices"),
        _piece("stock"),
        _piece("labels", "names"),
        _piece("totals", "prices"),
    ]
}


def block(path: str, search: str, replace: str) -> str:
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"


class Planned:
    """The model: a script of `ScriptedModel` that takes so long for each reply."""

    def __init__(self, delay_s: float = 0.0, plan: Mapping[str, Any] = PLAN) -> None:
        self._delay_s = delay_s
        self._plan = plan

    def __call__(self, request: Request) -> Answer:
        return Answer(self.text(request), delay_s=self._delay_s)

    def text(self, request: Request) -> str:
        """Return what is said to a prompt."""
        if "commit message" in text_of(request.messages[0]):
            return "Write a module"
        return reply_to([text_of(each) for each in request.messages if each["role"] == "user"], self._plan)


def reply_to(asked: Sequence[str], plan: Mapping[str, Any] = PLAN) -> str:
    """Return what the main model says to what a user has asked, oldest first."""
    text = "\n".join(asked)
    if "Plan the task below" in text:
        return json.dumps(plan)
    return _work(text.partition("Write the module ")[2].partition(":")[0], text)


def _work(name: str, asked: str) -> str:
    is_again = "was given back" in asked
    value = "right" if name != "stock" or is_again else "not yet"
    text = block(f"shop/{name}.py", "", f'"""{name}"""\nVALUE = "{value}"\n')
    if name not in ("names", "notes"):
        return text
    head = f"# Shop with {'names' if name == 'notes' else 'notes'}\n" if is_again else "# Shop\n"
    new = "# Shop with names and notes\n" if is_again else f"# Shop with {name}\n"
    return f"{text}\n{block(README, head, new)}"
