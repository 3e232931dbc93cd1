"""A command that was asked about → the rule that "always" stands for."""

import shlex

from chat.permissions.decide import decide_command
from chat.permissions.ground import Ground
from chat.permissions.programs import use_of
from chat.permissions.rule import BadRule, Rules, parse_rule
from chat.permissions.shell_script import read_script
from chat.permissions.shell_words import Unclear

_SUBCOMMANDS = frozenset(
    """apt apt-get brew bun bundle cargo composer conda docker dotnet git go helm just kubectl mix npm npx pip pip3 pnpm
    podman poetry rails rake rustup systemctl terraform tox uv yarn""".split()
)
"""Programs whose first argument says what they do."""
_RUNNERS = frozenset(
    tuple(pair.split())
    for pair in (
        "npm run",
        "pnpm run",
        "yarn run",
        "bun run",
        "uv run",
        "poetry run",
        "bundle exec",
        "docker compose",
        "python -m",
        "python3 -m",
    )
)
"""Those whose first two words say that the next one does it."""


def rule_for(command: str) -> str:
    """Return a rule that allows a command and others like it; "" where there is none worth keeping.

    >>> rule_for("npm run test:unit -- --watch"), rule_for("pytest -q tests"), rule_for("ls | sh")
    ('Bash(npm run test:unit *)', 'Bash(pytest *)', '')
    """
    try:
        (simple,) = read_script(command)
        words = [word.text for word in simple.words]
        is_plain = use_of(simple.words).named == frozenset((0,)) and not simple.assignments
        beginning = words[: _length(words)] if is_plain else words
        rule = parse_rule(f"Bash({shlex.join(beginning)}{' *' if is_plain else ''})")
    except (Unclear, BadRule, ValueError):
        return ""
    decision = decide_command(command, Rules(allow=(rule,)), "dontAsk", Ground())
    return str(rule) if decision.behavior == "allow" and not any("*" in word for word in beginning) else ""


def _length(words: list[str]) -> int:
    """Return how many words say what a command does."""
    pair = tuple(words[:2])
    if pair in _RUNNERS:
        return 3
    return 2 if words[0] in _SUBCOMMANDS and len(words) > 1 and not words[1].startswith("-") else 1
