r"""A reply → the tasks that the model hands over to agents.

A line `agent: NAME — TASK` hands over one; a dash or a colon may stand between. A line that is only `agent: NAME`,
above a fence, hands over what is in the fence. What a line in any other fence says is a part of a file or an example.
"""

import re

from chat.conversation.run_requests import FENCE, FENCED, blanked

_NAME = r"^[*_`]{0,2}agent[*_`]{0,2}:[*_`]{0,2}[ \t]+[*_`]{0,2}(?P<name>[A-Za-z0-9][\w-]*?)[*_`]{0,2}[ \t]*"
_LINE = re.compile(
    _NAME + r"(?:[—–:]|(?<=[ \t])--?(?=[ \t]))[ \t]*(?P<task>[^\n]*\S)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_BLOCK = re.compile(
    _NAME + rf"[—–:-]?[ \t]*\n(?:[ \t]*\n)?[ \t]*{FENCE}", re.IGNORECASE | re.MULTILINE | re.DOTALL
)


def agent_requests(reply: str) -> tuple[tuple[str, str], ...]:
    r"""Return (agent, task) for each task that a reply hands over, in its order, each once.

    >>> agent_requests("agent: explorer — Who calls price()?\nagent: reviewer: Read shop/cart.py\n")
    (('explorer', 'Who calls price()?'), ('reviewer', 'Read shop/cart.py'))
    """
    return tuple(dict.fromkeys((name, task) for _, _, name, task in _found(reply) if task))


def without_agent_requests(reply: str) -> str:
    r"""Return a reply without the tasks that it hands over.

    >>> without_agent_requests("I ask around.\n\nagent: explorer - Who calls price()?\n")
    'I ask around.'
    """
    for start, end, _, _ in reversed(_found(reply)):
        reply = reply[:start] + reply[end:]
    return re.sub(r"\n{3,}", "\n\n", reply).strip()


def _found(reply: str) -> list[tuple[int, int, str, str]]:
    """Return from where to where each request reaches, its agent and its task, in the reply's order."""
    found = [(*match.span(), match["name"], match["script"].strip()) for match in _BLOCK.finditer(reply)]
    rest = FENCED.sub(blanked, _BLOCK.sub(blanked, reply))
    found += [(*match.span(), match["name"], match["task"].strip()) for match in _LINE.finditer(rest)]
    return sorted(found)
