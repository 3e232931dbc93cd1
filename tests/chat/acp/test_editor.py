"""An editor drives the chat over the Agent Client Protocol, with the client of the protocol's own package."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acp.helpers import embedded_text_resource, resource_block, resource_link_block
from acp_editor import RequestError, open_editor
from repositories import git
from scripted_model import Answer, ScriptedModel
from whole_chat import ModelScripts, block, last_text

from chat.permissions.kept_rules import kept_rules_path

pytestmark = pytest.mark.usefixtures("litellm_loaded")
Start = Callable[..., ScriptedModel]
EDIT = "Shorter.\n\n" + block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")


def test_a_task_is_solved_and_the_edit_is_shown_as_a_diff(shop: Path, scripted: Start) -> None:
    """A prompt with a linked file ends with the edit on disk, a commit, a diff at a location, and the usage."""
    server = scripted(ModelScripts(Answer(EDIT, reasoning="Let me think.")))

    async def run() -> None:
        async with open_editor(shop, server) as editor:
            session = await editor.new()
            link = resource_link_block("session.py", (shop / "shop/session.py").as_uri())
            response = await editor.prompt(session, "Sessions shall expire after a minute, see ", link)
            client = editor.client
            assert response.stop_reason == "end_turn"
            assert response.usage.output_tokens > 0
            assert "Shorter." in client.text
            assert "Let me think." in "".join(u.content.text for u in client.of("agent_thought_chunk"))
            edit = next(call for call in client.of("tool_call") if call.kind == "edit")
            (diff,) = edit.content
            assert diff.path == str(shop / "shop/session.py")
            assert diff.old_text.startswith("LIFETIME_S = 3600\n")
            assert diff.new_text.startswith("LIFETIME_S = 60\n")
            assert edit.locations[0].path == diff.path
            assert client.of("usage_update")[-1].used > 0
            assert client.of("session_info_update")[0].title.startswith("Sessions shall expire")

    asyncio.run(run())
    assert (shop / "shop/session.py").read_text().startswith("LIFETIME_S = 60\n")
    assert git(shop, "status", "--porcelain") == ""
    assert "class Session" in str(server.calls[0].body)


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [("no", "failed", "does not allow"), ("yes", "completed", "hello"), ("always", "completed", "hello")],
)
def test_a_command_of_the_model_is_asked_about(
    answer: str, status: str, told: str, shop: Path, scripted: Start
) -> None:
    """What no rule allows is asked with the editor's dialogue; refused, it is not run, and the model is told."""
    server = scripted(ModelScripts("Let me look.\n\nrun: sh -c 'echo hello'", "I see."))

    async def run() -> None:
        async with open_editor(shop, server, answer, sandbox="none") as editor:
            response = await editor.prompt(await editor.new(), "What does it print?")
            assert response.stop_reason == "end_turn"
            ((call, options),) = editor.client.asked
            assert call.raw_input["command"].startswith("sh -c")
            assert {"yes", "no"} <= {option.option_id for option in options}
            end = editor.client.of("tool_call_update")[-1]
            assert (end.tool_call_id, end.status) == (call.tool_call_id, status)

    asyncio.run(run())
    assert told in last_text(server.calls[-1])


def test_a_command_that_is_always_allowed_is_not_asked_about_again(shop: Path, scripted: Start) -> None:
    """The rule is kept in the user's own file, and counts from then on."""
    server = scripted(ModelScripts("run: mkdir one", "Done.", "run: mkdir two", "Done."))

    async def run() -> None:
        async with open_editor(shop, server, "always", sandbox="none") as editor:
            session = await editor.new()
            await editor.prompt(session, "one")
            await editor.prompt(session, "two")
            ((_, options),) = editor.client.asked
            assert "Always allow Bash(mkdir *)" in [option.name for option in options]

    asyncio.run(run())
    assert (shop / "two").is_dir()
    assert "Bash(mkdir *)" in kept_rules_path().read_text()


def test_a_cancel_in_mid_reply_ends_the_turn(shop: Path, scripted: Start) -> None:
    """The prompt ends as cancelled, nothing of the reply is used, and the next prompt works."""
    slow = Answer("word " * 400, stall_after_bytes=2000)
    server = scripted(ModelScripts(slow, "Here I am."))

    async def run() -> None:
        async with open_editor(shop, server) as editor:
            session = await editor.new()
            begun = asyncio.Event()

            async def on_update(update: Any) -> None:
                if update.session_update == "agent_message_chunk":
                    begun.set()

            editor.client.on_update = on_update
            prompt = asyncio.create_task(editor.prompt(session, "Tell me"))
            await begun.wait()
            with pytest.raises(RequestError, match="is running"):
                await editor.prompt(session, "And another")
            await editor.agent.cancel(session_id=session)
            assert (await prompt).stop_reason == "cancelled"
            assert (await editor.prompt(session, "Again")).stop_reason == "end_turn"
            assert editor.client.text.endswith("Here I am.")

    asyncio.run(run())
    assert git(shop, "status", "--porcelain") == ""


def test_what_was_written_before_a_cancel_is_committed(shop: Path, scripted: Start) -> None:
    """A cancel interrupts once, as Ctrl-C does: the test that runs ends, and the commit behind it is made."""
    server = scripted(ModelScripts(EDIT))

    async def run() -> None:
        async with open_editor(shop, server, test_cmd="sleep 30", auto_test=True) as editor:
            session = await editor.new()

            async def on_update(update: Any) -> None:
                if update.session_update == "tool_call" and update.kind == "edit":
                    await editor.agent.cancel(session_id=session)

            editor.client.on_update = on_update
            response = await editor.prompt(session, "Shorter, in @shop/session.py")
            assert response.stop_reason == "cancelled"

    asyncio.run(run())
    assert git(shop, "status", "--porcelain") == ""
    assert "LIFETIME_S = 60" in git(shop, "show", "HEAD:shop/session.py")


def test_a_session_is_listed_and_loaded_again(shop: Path, scripted: Start) -> None:
    """Another run of the agent lists the session, shows what was said, and the model knows it."""
    server = scripted(ModelScripts("Blue.", "As I said."))

    async def run() -> None:
        async with open_editor(shop, server) as editor:
            session = await editor.new()
            await editor.prompt(session, "Which colour?")
        async with open_editor(shop, server) as editor:
            listed = (await editor.agent.list_sessions(cwd=str(shop))).sessions
            assert [(info.session_id, info.title) for info in listed] == [(session, "Which colour?")]
            await editor.agent.load_session(cwd=str(shop), session_id=session, mcp_servers=[])
            (request,) = editor.client.of("user_message_chunk")
            assert "Which colour?" in request.content.text
            assert editor.client.text == "Blue."
            await editor.prompt(session, "Sure?")
            assert not editor.client.of("session_info_update")  # it keeps its title
            with pytest.raises(RequestError, match="has no session"):
                await editor.agent.load_session(cwd=str(shop), session_id=session[:-1], mcp_servers=[])
        async with open_editor(shop, server) as editor:
            await editor.agent.resume_session(cwd=str(shop), session_id=session)
            assert not editor.client.of("user_message_chunk")
            await editor.agent.close_session(session_id=session)

    asyncio.run(run())
    assert "Blue." in str(server.calls[-1].body)


def test_commands_and_modes(shop: Path, scripted: Start) -> None:
    """Commands are published and run, their faults are answers, and modes change both ways."""
    server = scripted(ModelScripts("Fine."))

    async def run() -> None:
        async with open_editor(shop, server, notices=("Something is not trusted.",)) as editor:
            session = await editor.new()
            await editor.prompt(session, "/add shop/cart.py")
            (published,) = editor.client.of("available_commands_update")
            names = {command.name for command in published.available_commands}
            assert {"add", "map", "undo"} <= names
            assert not {"exit", "copy"} & names
            assert "Something is not trusted." in editor.client.text
            assert (await editor.prompt(session, "/nonsense")).stop_reason == "end_turn"
            assert "There is no command /nonsense" in editor.client.text
            await editor.prompt(session, "/ask")
            assert editor.client.of("current_mode_update")[-1].current_mode_id == "ask"
            await editor.agent.set_session_mode(session_id=session, mode_id="architect")
            await editor.prompt(session, "/ls")
            assert "shop/cart.py" in editor.client.text
            with pytest.raises(RequestError, match="no mode"):
                await editor.agent.set_session_mode(session_id=session, mode_id="yolo")

    asyncio.run(run())


def test_what_is_not_saved_in_the_editor_is_shown_to_the_model(shop: Path, scripted: Start) -> None:
    """A file as it is on disk joins the chat; a text that is not saved goes along with the request."""
    server = scripted(ModelScripts("Fine."))
    saved = resource_block(
        embedded_text_resource((shop / "shop/cart.py").as_uri(), (shop / "shop/cart.py").read_text())
    )
    unsaved = resource_block(embedded_text_resource((shop / "shop/main.py").as_uri(), "not = 'saved'\n"))

    async def run() -> None:
        async with open_editor(shop, server) as editor:
            session = await editor.new()
            await editor.prompt(session, "Compare ", saved, " with ", unsaved)
            await editor.prompt(session, "/ls")
            assert "shop/cart.py" in editor.client.text

    asyncio.run(run())
    sent = str(server.calls[0].body)
    assert "def add_line" in sent
    assert "not = 'saved'" in sent


def test_two_sessions_at_once_do_not_mix(shop: Path, scripted: Start) -> None:
    """Prompts of two sessions run side by side, each with its own answer."""
    server = scripted(lambda request: "It is one." if "first" in last_text(request) else "It is two.")

    async def run() -> None:
        async with open_editor(shop, server) as editor:
            one, two = await editor.new(), await editor.new()
            assert one != two
            answers = await asyncio.gather(editor.prompt(one, "the first"), editor.prompt(two, "the second"))
            assert [answer.stop_reason for answer in answers] == ["end_turn", "end_turn"]
            with pytest.raises(RequestError, match="not open"):
                await editor.prompt("nonsense", "x")
            with pytest.raises(RequestError, match="absolute path"):
                await editor.agent.new_session(cwd="shop", mcp_servers=[])

    asyncio.run(run())
