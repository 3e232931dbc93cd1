"""The agents that are always there. A file of the same name takes their place."""

from chat.agents.definition import AgentDefinition
from chat.permissions.rule import Rule

_READS = (Rule("Read"),)

BUILT_IN = (
    AgentDefinition(
        name="explorer",
        description="Reads the code and answers a question about it.",
        prompt="Find what the task asks for. Begin with `find:` and `map:`, open only what matters, follow calls with "
        "`refs:`, and stop as soon as you can answer. Name files with lines (src/app.py:40-52).",
        tools=_READS,
        model="weak",
    ),
    AgentDefinition(
        name="tester",
        description="Runs tests and other commands, and says what fails and why.",
        prompt="Find out how the tests are run, run those that the task is about, and look into what fails. Report "
        "each failure once: the test, the message, the line that causes it. Change nothing.",
        tools=(*_READS, Rule("Bash")),
    ),
    AgentDefinition(
        name="reviewer",
        description="Reads code or a change with care, and reports defects.",
        prompt="Look for defects in what the task names: wrong results, errors that are not handled, races, leaks, "
        "breaches of what callers expect. Read callers and tests before you judge. Report each with file and line, "
        "what happens and when, gravest first; leave out matters of taste. If there are none, say so.",
        tools=_READS,
    ),
)

TEMPLATE = """---
name: {name}
description: When to use it, in one sentence. The main model chooses agents by it.
# What it may do at most. Without Edit it changes nothing, without Bash it runs nothing; for all, leave this out.
tools: Read
# inherit (the main model), haiku or weak (the weak model), or the name of a model
model: inherit
maxTurns: 20
---
What it has to do, how, and what its report has to hold.
"""
"""What a new file begins as."""
