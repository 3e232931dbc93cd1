"""Rules allow what the people who wrote them meant."""

from collections.abc import Iterator
from pathlib import Path

from chat.permissions.decide import decide_command
from chat.permissions.ground import Ground
from chat.permissions.rule import Rules, parse_rules, split_rules

FILE = Path(__file__).parents[3] / "fixtures" / "permissions" / "ordinary.txt"


def cases() -> Iterator[tuple[str, Rules]]:
    """Each command of the file with the rules above it; a quote or a backslash joins it with the next line."""
    rules, line = Rules(), ""
    for text in FILE.read_text("utf-8").splitlines():
        line = f"{line}\n{text}" if line else text
        if line.count('"') % 2 or line.endswith("\\"):
            continue
        if line.startswith("rules: "):
            rules = Rules(allow=parse_rules(split_rules(line.removeprefix("rules: "))))
        elif line and not line.startswith("#"):
            yield line, rules
        line = ""


def test_no_ordinary_command_is_refused() -> None:
    """Two hundred commands that developers have an agent run, under the rules they write for them."""
    commands = dict(cases())
    refused = {
        command: decision.reason
        for command, rules in commands.items()
        if (decision := decide_command(command, rules, "default", Ground("/project"))).behavior != "allow"
    }

    assert refused == {}
    assert len(commands) >= 200


def test_none_of_them_is_allowed_without_its_rules() -> None:
    """The same commands, where there is no rule, unless they only look: the file proves something."""
    allowed = [
        command
        for command in dict(cases())
        if decide_command(command, Rules(), "dontAsk", Ground("/project")).behavior == "allow"
    ]

    assert allowed == []
