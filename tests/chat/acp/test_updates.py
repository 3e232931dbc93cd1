"""Events as the updates of the protocol, each one purely."""

from pathlib import Path

from acp.helpers import resource_link_block
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.acp.hunks import hunks_of
from chat.acp.prompts import read_prompt
from chat.acp.updates import Updates
from chat.display.diffs import unified_diff
from chat.events import AgentBegan, AgentEnded, CommandRan, PlanFollowed, Shown, TextChunk
from chat.model import Plan, PlanStep, Usage

lines = st.lists(st.text("ab \\-+@", max_size=4).map(lambda line: line + "\n"), max_size=12).map("".join)


@given(old=lines, new=lines, ends=st.booleans())
@examples(40)
def test_hunks_hold_what_was_and_what_is(old: str, new: str, ends: bool) -> None:
    """Each hunk's old text is in the file before, its new text in the file after, at its line."""
    new = new if ends else new.removesuffix("\n")
    hunks = hunks_of(unified_diff("a.py", old.encode(), new.encode()))
    assert bool(hunks) == (old != new)
    for hunk in hunks:
        assert hunk.old in old
        assert "".join(new.splitlines(keepends=True)[max(0, hunk.line - 1) :]).startswith(hunk.new)


def test_a_command_that_was_asked_about_ends_its_own_call() -> None:
    """The same command asked about twice has two calls, ended in order; any other is a call that has ended."""
    updates = Updates(Path("/shop"), "x")
    first, second = updates.asked("make"), updates.asked("make")
    (one,) = updates.of(CommandRan("make", 1, "no\x1b[31m rule", "model"))
    assert (one.tool_call_id, one.status) == (first.tool_call_id, "failed")
    assert one.content[0].content.text == "```text\nno rule\n```"
    assert updates.refused("make")[0].tool_call_id == second.tool_call_id
    (other,) = updates.of(CommandRan("make", 0, "", "test"))
    assert (other.session_update, other.status) == ("tool_call", "completed")


def test_a_plan_and_an_agent_are_shown_as_such() -> None:
    """The first open step is in progress; an agent is one tool call from its beginning to its end."""
    updates = Updates(Path("/shop"), "x")
    plan = Plan((PlanStep("one", "seen"), PlanStep("two"), PlanStep("three")))
    (shown,) = updates.of(PlanFollowed("written", "", plan))
    assert [entry.status for entry in shown.entries] == ["completed", "in_progress", "pending"]
    (began,) = updates.of(AgentBegan("1", "scout", "look"))
    (ended,) = updates.of(AgentEnded("1", "scout", False, "nothing", Usage()))
    assert began.tool_call_id == ended.tool_call_id
    assert ended.status == "failed"


def test_texts_hold_what_json_and_markdown_can() -> None:
    """Lone surrogates and control sequences are gone; fences are longer than those inside."""
    updates = Updates(Path("/shop"), "x")
    (chunk,) = updates.of(TextChunk("a\udc80\x1b[1mb"))
    assert chunk.content.text == "a\N{REPLACEMENT CHARACTER}b"
    (shown,) = updates.of(Shown("```\nx\n```"))
    assert shown.content.text.removeprefix("\n\n") == "````text\n```\nx\n```\n````"


def test_addresses_outside_of_the_root_are_no_files_of_it() -> None:
    """A file elsewhere keeps its whole path; a web page is only named."""
    blocks = [
        resource_link_block("b", "file:///elsewhere/b.py"),
        resource_link_block("page", "https://example.org/x"),
    ]
    prompt = read_prompt(blocks, Path("/shop"))
    assert prompt.files == ("/elsewhere/b.py",)
    assert prompt.text.endswith("page (https://example.org/x)")
