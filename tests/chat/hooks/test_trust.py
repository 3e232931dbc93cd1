"""A repository's hooks run once the user has agreed to them, and only as they were then."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hook_files import own_hooks
from repositories import git
from scripted_model import ScriptedModel
from whole_chat import Program, WholeChat, block

from chat.cli.hooks import hooks_group
from chat.cli.trust import trust_command
from chat.events import Notice
from chat.hooks.hooks import Hooks
from chat.hooks.sources import PROJECT_FILES, hook_claims, hook_sources
from chat.trust.asked import trust_state
from chat.trust.grants import Grant, set_grant
from chat.trust.protected import protected

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the hooks of these tests are written for sh")
OpenWhole = Callable[..., WholeChat]
EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "SessionEnd")
EDIT = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")


def bring(root: Path, command: str, name: str = ".claude/settings.json") -> None:
    """Have a repository bring this command for every event."""
    entry = [{"hooks": [{"type": "command", "command": command}]}]
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(json.dumps({"hooks": dict.fromkeys(EVENTS, entry)}))


def trust(root: Path) -> str:
    """Agree to what a repository asks for; returns what was shown."""
    result = CliRunner().invoke(trust_command, [str(root), "--yes"], standalone_mode=False)
    assert result.exception is None, result.output
    return result.output


@pytest.fixture
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file outside the repository that is there once a hook has run."""
    return tmp_path_factory.mktemp("cage") / "sang"


@pytest.mark.parametrize("name", PROJECT_FILES)
def test_before_trust_no_hook_of_a_repository_runs(
    open_whole: OpenWhole, shop: Path, canary: Path, name: str
) -> None:
    """Not in a whole session with an edit and a commit, and the user is told once."""
    bring(shop, f'touch "{canary}"', name)
    whole = open_whole(EDIT, "Done.")
    whole.turn()
    whole.chat.close()
    assert not canary.exists()
    said = [event.text for event in whole.events if isinstance(event, Notice) and name in event.text]
    assert len(said) == 1
    assert "not trusted yet" in said[0]


def test_after_trust_they_run(open_whole: OpenWhole, shop: Path, canary: Path) -> None:
    """At each event of the session, in order; the turn ends before its commit."""
    bring(
        shop,
        f"""grep -o '"hook_event_name": "[A-Za-z]*"' | cut -d'"' -f4 >> "{canary}" """,
    )
    shown = trust(shop)
    assert "PreToolUse: grep -o" in shown
    whole = open_whole(EDIT, "Done.")
    whole.turn()
    whole.chat.close()
    commit = ["PreToolUse", "PostToolUse"]
    assert canary.read_text().split() == [*EVENTS[:-1], *commit, EVENTS[-1]]


def test_a_change_ends_trust_and_is_said(shop: Path, canary: Path) -> None:
    """Of the command, also in a session that is open."""
    bring(shop, "true")
    trust(shop)
    hooks = Hooks(shop)
    assert hooks.fire("Stop", {}).messages == ()
    bring(shop, f'touch "{canary}"')
    (said,) = hooks.fire("Stop", {}).messages
    assert "changed since you trusted" in said
    assert hooks.fire("Stop", {}).messages == ()
    assert not canary.exists()


@pytest.mark.parametrize(
    "command",
    [
        '"$CLAUDE_PROJECT_DIR"/.claude/hooks/check.sh',
        "${CLAUDE_PROJECT_DIR}/.claude/hooks/check.sh --fast",
        "sh .claude/hooks/check.sh",
        "cd $TRIGPOINT_PROJECT_DIR && sh './.claude/hooks/check.sh'",
    ],
)
def test_trust_covers_the_scripts_that_a_command_names(shop: Path, canary: Path, command: str) -> None:
    """So a script that the model has rewritten is not run."""
    script = shop / ".claude/hooks/check.sh"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    bring(shop, command)
    assert ".claude/hooks/check.sh" in trust(shop)
    hooks = Hooks(shop)
    assert hooks.fire("Stop", {}).messages == ()
    script.write_text(f'#!/bin/sh\ntouch "{canary}"\n')
    assert "changed since" in hooks.fire("Stop", {}).messages[0]
    assert not canary.exists()


def test_other_settings_of_the_file_may_change(shop: Path) -> None:
    """Claude Code writes permissions into it."""
    bring(shop, "true")
    trust(shop)
    path = shop / ".claude/settings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"permissions": {"allow": ["Bash(ls)"]}}))
    assert [source.trust for source in hook_sources(shop)] == ["trusted"]


def test_a_link_out_of_the_repository_is_not_read(shop: Path, canary: Path) -> None:
    """Nor one in place of the folder."""
    outside = canary.parent
    bring(outside, f'touch "{canary}"', "settings.json")
    (shop / ".claude").symlink_to(outside, target_is_directory=True)
    assert hook_sources(shop) == ()
    assert hook_claims(shop, shop) == ()


def test_revoked_trust_ends(shop: Path) -> None:
    """At once."""
    bring(shop, "true")
    trust(shop)
    set_grant(shop, None)
    assert [source.counts for source in hook_sources(shop)] == [False]


def test_a_granted_digest_of_another_file_does_not_count(shop: Path) -> None:
    """Trust is by file and content."""
    bring(shop, "true")
    (claim,) = hook_claims(shop, shop)
    set_grant(shop, replace(Grant(), settings={".trigpoint/hooks.json": claim.digest}))
    assert [source.trust for source in hook_sources(shop)] == ["not trusted"]


def test_bare_runs_no_hooks_at_all(open_whole: OpenWhole, shop: Path, canary: Path) -> None:
    """Trusted or the user's own."""
    bring(shop, f'touch "{canary}"')
    trust(shop)
    whole = open_whole("Done.", bare=True)
    whole.turn()
    whole.chat.close()
    assert not canary.exists()


def test_the_first_screen_says_whether_hooks_are_trusted(shop: Path) -> None:
    """As it does of settings."""
    bring(shop, "true")
    assert "not trusted" in trust_state(shop, shop, hook_claims(shop, shop))
    trust(shop)
    assert trust_state(shop, shop, hook_claims(shop, shop)) == "trusted"


@pytest.mark.parametrize("path", [*PROJECT_FILES, "web/.Claude/Settings.json"])
def test_an_edit_of_a_hook_file_is_asked_about(shop: Path, path: str) -> None:
    """Whatever else the model may write unasked."""
    assert list(protected([path, ".claude/README.md"], shop)) == [path]


def test_the_listing_says_what_would_run_and_what_not(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By file, with the state of trust; `test` runs only what counts."""
    bring(shop, "echo no >&2; exit 2")
    monkeypatch.chdir(shop)
    git(shop, "status")
    listed = CliRunner().invoke(hooks_group, [], standalone_mode=False).output
    assert "settings.json (not trusted, so NOT run" in listed
    assert "PreToolUse: echo no >&2; exit 2" in listed
    tried = CliRunner().invoke(hooks_group, ["test", "PreToolUse"], standalone_mode=False).output
    assert "No hook that counts here" in tried
    trust(shop)
    assert "(trusted)" in CliRunner().invoke(hooks_group, [], standalone_mode=False).output
    tried = (
        CliRunner()
        .invoke(hooks_group, ["test", "PreToolUse", "--tool", "Bash"], standalone_mode=False)
        .output
    )
    assert "running: echo no" in tried
    assert "decision: deny, no" in tried


def test_hooks_of_a_folder_alone_are_trusted_by_its_name(shop: Path) -> None:
    """For chats that keep to it (`--subtree-only`)."""
    folder = shop / "shop"
    bring(folder, "true")
    assert "shop/.claude/settings.json has hooks" in trust(folder)
    assert [source.trust for source in hook_sources(folder)] == ["trusted"]
    assert hook_sources(shop) == ()


def test_a_single_run_whose_request_is_refused_says_so(
    trigpoint: Program, scripted: Callable[..., ScriptedModel]
) -> None:
    """As `error` of its result, with exit code 1, and no model is called."""
    own_hooks(("UserPromptSubmit", "", "echo no secrets please >&2; exit 2"))
    server = scripted("Fine.")
    ran = trigpoint(server.base_url, "-m", "the key is 1234", "--output-format", "json")
    result = json.loads(ran.stdout)
    assert ran.code == 1
    assert "no secrets please" in result["error"]
    assert server.calls == []
