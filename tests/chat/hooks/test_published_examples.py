"""Hooks in the form of the examples that Claude Code's documentation has for each event, in `.claude/settings.json`.

Those that call `jq`, `npx` or `notify-send` there call Python or a program of the test's here, on the same fields.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from chat_fakes import Answering, ScriptedModel, ScriptedShell, fake_state, small_chat
from whole_chat import block

from chat.app.chat import Chat
from chat.errors import PromptBlocked
from chat.events import Notice
from chat.hooks.hooks import Hooks
from chat.hooks.sources import hook_claims
from chat.model import RepoPath
from chat.settings.table import Settings
from chat.state.hook_calls import person_asked, session_began
from chat.trust.grants import Grant, set_grant
from chat.turn.turn import take_turn

pytestmark = pytest.mark.skipif(os.name == "nt", reason="these hooks are written for sh")

PROTECT = (
    """python3 -c "import json, sys; data=json.load(sys.stdin); path=data.get('tool_input',{}).get('file_path',''); """
    """sys.exit(2 if any(p in path for p in ['.env', 'package-lock.json', '.git/']) else 0)\""""
)
LOG_COMMANDS = (
    """python3 -c "import json, sys; i = json.load(sys.stdin)['tool_input']; """
    """print(i['command'], '-', i.get('description') or 'No description')" >> commands.txt"""
)
FORMAT = (
    """python3 -c "import json, sys; print(json.load(sys.stdin)['tool_input']['file_path'])" | """
    """{ read file_path; if echo "$file_path" | grep -q '\\.ts$'; then echo '// formatted' >> "$file_path"; fi; }"""
)

VALIDATE_COMMANDS = """#!/usr/bin/env python3
import json
import re
import sys

VALIDATION_RULES = [
    (
        r"\\bgrep\\b(?!.*\\|)",
        "Use 'rg' (ripgrep) instead of 'grep' for better performance and features",
    ),
    (
        r"\\bfind\\s+\\S+\\s+-name\\b",
        "Use 'rg --files | rg pattern' or 'rg --files -g pattern' instead of 'find -name' for better performance",
    ),
]


def validate_command(command: str) -> list[str]:
    issues = []
    for pattern, message in VALIDATION_RULES:
        if re.search(pattern, command):
            issues.append(message)
    return issues


try:
    input_data = json.load(sys.stdin)
except json.JSONDecodeError as e:
    print(f"Error: Invalid JSON input: {e}", file=sys.stderr)
    sys.exit(1)

tool_name = input_data.get("tool_name", "")
tool_input = input_data.get("tool_input", {})
command = tool_input.get("command", "")

if tool_name != "Bash" or not command:
    sys.exit(1)

issues = validate_command(command)

if issues:
    for message in issues:
        print(f"• {message}", file=sys.stderr)
    sys.exit(2)
"""

CHECK_PROMPT = """#!/usr/bin/env python3
import json
import sys
import re
import datetime

try:
    input_data = json.load(sys.stdin)
except json.JSONDecodeError as e:
    print(f"Error: Invalid JSON input: {e}", file=sys.stderr)
    sys.exit(1)

prompt = input_data.get("prompt", "")

sensitive_patterns = [
    (r"(?i)\\b(password|secret|key|token)\\s*[:=]", "Prompt contains potential secrets"),
]

for pattern, message in sensitive_patterns:
    if re.search(pattern, prompt):
        output = {
            "decision": "block",
            "reason": f"Security policy violation: {message}. Please rephrase your request."
        }
        print(json.dumps(output))
        sys.exit(0)

context = f"Current time: {datetime.datetime.now()}"
print(context)
sys.exit(0)
"""

APPROVE_DOCS = """#!/usr/bin/env python3
import json
import sys

input_data = json.load(sys.stdin)
tool_input = input_data.get("tool_input", {})
file_path = tool_input.get("file_path", "")
if file_path.endswith((".md", ".mdx", ".txt", ".json")):
    output = {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "allow",
            "permissionDecisionReason": "Documentation file auto-approved"
        },
        "suppressOutput": True
    }
    print(json.dumps(output))
    sys.exit(0)
sys.exit(0)
"""

LOAD_CONTEXT = """#!/usr/bin/env python3
import json, sys
source = json.load(sys.stdin)["source"]
context = f"Issues ({source}): none"
print(json.dumps({"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": context}}))
"""

GO_ON = """#!/usr/bin/env python3
import json, sys
event = json.load(sys.stdin)
if event["stop_hook_active"]:
    sys.exit(0)
print(json.dumps({"decision": "block", "reason": "Tests have not been run yet"}))
"""


NO_REMOVAL = """#!/bin/sh
if grep -q '"command": "rm -rf'; then
  echo '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny",'
  echo ' "permissionDecisionReason": "Nothing is removed here"}}'
fi
"""

NOTE_BRANCH = """#!/usr/bin/env python3
import json
print(json.dumps({"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": "Branch: main",
    "sessionTitle": "main"}, "suppressOutput": True}))
"""

DOCUMENTED_FIELDS = {
    "SessionStart": {"source", "model"},
    "UserPromptSubmit": {"permission_mode", "prompt"},
    "PreToolUse": {"permission_mode", "tool_name", "tool_input", "tool_use_id"},
    "PostToolUse": {"permission_mode", "tool_name", "tool_input", "tool_response", "tool_use_id"},
    "Notification": {"message", "notification_type"},
    "Stop": {"permission_mode", "stop_hook_active", "last_assistant_message"},
    "PreCompact": {"trigger", "custom_instructions"},
    "SessionEnd": {"reason"},
}
"""The fields of each event beside those that all have."""
COMMON_FIELDS = {"session_id", "transcript_path", "cwd", "hook_event_name"}


@dataclass
class Project:
    """A trusted repository with `.claude/settings.json` and scripts beside it."""

    root: Path

    def hooks(
        self,
        event: str,
        command: str,
        matcher: str | None = None,
        more: Mapping[str, Any] = {},
        **scripts: str,
    ) -> Hooks:
        """Lay out one hook and its scripts, trust them, and return the hooks of a session."""
        folder = self.root / ".claude" / "hooks"
        folder.mkdir(parents=True)
        for name, text in scripts.items():
            (folder / f"{name}.py").write_text(text)
            (folder / f"{name}.py").chmod(0o755)
        entry: dict[str, Any] = {"hooks": [{"type": "command", "command": command, **more}]}
        if matcher is not None:
            entry["matcher"] = matcher
        return self.with_settings({event: [entry]})

    def with_settings(self, events: Mapping[str, Any]) -> Hooks:
        """Write `.claude/settings.json`, trust it, and return the hooks of a session."""
        (self.root / ".claude").mkdir(exist_ok=True)
        (self.root / ".claude" / "settings.json").write_text(json.dumps({"hooks": events}))
        claims = hook_claims(self.root, self.root)
        set_grant(self.root, Grant({claim.name: claim.digest for claim in claims}))
        return Hooks(self.root, "abc123", str(self.root / "transcript.jsonl"))

    def chat(self, hooks: Hooks, *replies: str) -> tuple[Chat, ScriptedModel]:
        """A chat with these hooks over fakes."""
        model = ScriptedModel(*replies)
        return small_chat(self.root, model, hooks=hooks)[0], model


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A repository, with the Python of this test first on the PATH."""
    root = tmp_path / "project"
    root.mkdir()
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    (tools / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    for name in (".env", "app.ts", "notes.md"):
        (root / name).write_text("one\n")
    return Project(root)


def edit(path: RepoPath) -> str:
    """A reply that changes a file."""
    return block(path, "one\n", "two\n")


@pytest.mark.parametrize(("path", "is_written"), [("package-lock.json", False), ("app.ts", True)])
def test_pre_tool_use_protects_files(project: Project, path: RepoPath, is_written: bool) -> None:
    """The published one-liner that ends with exit code 2."""
    (project.root / path).write_text("one\n")
    hooks = project.hooks("PreToolUse", PROTECT, "Edit|Write")
    settings = Settings(max_reflections=0)
    state, _ = fake_state(project.root, ScriptedModel(edit(path)), hooks=hooks, settings=settings)
    take_turn(state, "go")
    assert ((project.root / path).read_text() == "two\n") is is_written


def test_pre_tool_use_logs_commands(project: Project) -> None:
    """A matcher without an expression, and a field that may be missing."""
    hooks = project.hooks("PreToolUse", LOG_COMMANDS, "Bash")
    state, _ = fake_state(
        project.root,
        ScriptedModel("run: pytest -q", "Well."),
        hooks=hooks,
        model_shell=ScriptedShell((0, "")),
        settings=Settings(allowed_tools=("Bash(pytest *)",)),
    )
    take_turn(state, "go")
    assert (project.root / "commands.txt").read_text() == "pytest -q - No description\n"


def test_pre_tool_use_validates_commands(project: Project) -> None:
    """The published validator: what it prints on standard error reaches the model."""
    hooks = project.hooks(
        "PreToolUse",
        'python3 "$CLAUDE_PROJECT_DIR"/.claude/hooks/validate.py',
        "Bash",
        validate=VALIDATE_COMMANDS,
    )
    model, shell = ScriptedModel("run: grep -n one notes.md", "Well."), ScriptedShell()
    state, _ = fake_state(project.root, model, hooks=hooks, model_shell=shell, person=Answering(True))
    take_turn(state, "go")
    assert shell.commands == []
    assert "Use 'rg' (ripgrep) instead of 'grep'" in model.prompts[1].messages[-1].text


def test_pre_tool_use_approves_documentation(project: Project) -> None:
    """With `permissionDecision`, so that nobody is asked about these files."""
    command = "$CLAUDE_PROJECT_DIR/.claude/hooks/approve.py"
    hooks = project.hooks("PreToolUse", command, "Edit", approve=APPROVE_DOCS)
    for path, asked in (("notes.md", []), ("app.ts", ["Write these changes?"])):
        person = Answering(True)
        state, _ = fake_state(
            project.root, ScriptedModel(edit(path)), hooks=hooks, person=person, settings=Settings(ask=True)
        )
        take_turn(state, "go")
        assert person.asked == asked


def test_post_tool_use_formats_files(project: Project) -> None:
    """With a tool in the matcher that there is only elsewhere."""
    hooks = project.hooks("PostToolUse", FORMAT, "Edit|MultiEdit|Write")
    state, _ = fake_state(project.root, ScriptedModel(edit("app.ts") + edit("notes.md")), hooks=hooks)
    take_turn(state, "go")
    assert (project.root / "app.ts").read_text() == "two\n// formatted\n"
    assert (project.root / "notes.md").read_text() == "two\n"


def test_user_prompt_submit_adds_context_and_refuses_secrets(project: Project) -> None:
    """The published script does both."""
    hooks = project.hooks(
        "UserPromptSubmit", "python3 .claude/hooks/check_prompt.py", check_prompt=CHECK_PROMPT
    )
    chat, model = project.chat(hooks, "Fine.")
    with pytest.raises(PromptBlocked, match="Security policy violation"):
        chat.take_turn("log in with password: hunter2")
    assert model.prompts == []
    chat.take_turn("what time is it?")
    assert "Current time: 2" in model.prompts[0].messages[-1].text


def test_session_start_loads_context(project: Project) -> None:
    """For the first request of a session."""
    hooks = project.hooks(
        "SessionStart", '"$CLAUDE_PROJECT_DIR/.claude/hooks/load.py"', "startup|resume", load=LOAD_CONTEXT
    )
    chat, model = project.chat(hooks, "Fine.")
    session_began(chat.state, "startup")
    chat.take_turn("hello")
    assert "Issues (startup): none" in model.prompts[0].messages[-1].text


def test_stop_sends_the_turn_on_once(project: Project) -> None:
    """By `stop_hook_active` it knows that it has."""
    hooks = project.hooks("Stop", "python3 .claude/hooks/go_on.py", go_on=GO_ON)
    chat, model = project.chat(hooks, "Done.", "Now they pass.")
    chat.take_turn("hello")
    assert len(model.prompts) == 2
    assert "Tests have not been run yet" in model.prompts[1].messages[-1].text


def test_notification_calls_a_notifier(project: Project) -> None:
    """With an empty matcher, and words in quotes."""
    notifier = project.root.parent / "tools" / "notify-send"
    notifier.write_text('#!/bin/sh\nprintf "%s|" "$@" > sent\n')
    notifier.chmod(0o755)
    hooks = project.hooks("Notification", "notify-send 'Claude Code' 'Awaiting your input'", "")
    person_asked(project.chat(hooks)[0].state, "Write these changes?")
    assert (project.root / "sent").read_text() == "Claude Code|Awaiting your input|"


def test_pre_compact_copies_the_transcript(project: Project) -> None:
    """Before it is compacted."""
    (project.root / "transcript.jsonl").write_text("{}\n")
    copy = (
        """cp "$(python3 -c "import json, sys; print(json.load(sys.stdin)['transcript_path'])")" kept.jsonl"""
    )
    chat, _ = project.chat(project.hooks("PreCompact", copy, "manual|auto"), "Fine.")
    chat.take_turn("hello")
    chat.conversation.compact()
    assert (project.root / "kept.jsonl").read_text() == "{}\n"


def test_session_end_cleans_up(project: Project) -> None:
    """Without a matcher, whatever the reason."""
    hooks = project.hooks("SessionEnd", 'cat > ended.json; rm -f "$CLAUDE_PROJECT_DIR"/notes.md')
    project.chat(hooks)[0].close()
    assert json.loads((project.root / "ended.json").read_text())["reason"] == "other"
    assert not (project.root / "notes.md").exists()


@pytest.mark.parametrize(("command", "is_run"), [("rm -rf build", False), ("rm a.txt", True), ("make", True)])
def test_pre_tool_use_with_a_condition_and_a_program_without_a_shell(
    project: Project, command: str, is_run: bool
) -> None:
    """`if` and an empty list of `args`; the answer spans lines."""
    hooks = project.hooks(
        "PreToolUse",
        "${CLAUDE_PROJECT_DIR}/.claude/hooks/no_removal.py",
        "Bash",
        {"if": "Bash(rm *)", "args": []},
        no_removal=NO_REMOVAL,
    )
    model, shell = ScriptedModel(f"run: {command}", "Well."), ScriptedShell((0, ""))
    settings = Settings(permission_mode="bypassPermissions")
    state, _ = fake_state(project.root, model, hooks=hooks, model_shell=shell, settings=settings)
    take_turn(state, "go")
    assert shell.commands == ([command] if is_run else [])
    assert ("Nothing is removed here" in model.prompts[1].messages[-1].text) is not is_run


def test_pre_tool_use_changes_a_command_and_adds_context(project: Project) -> None:
    """All four fields of its answer at once."""
    answer = {
        "hookEventName": "PreToolUse",
        "permissionDecision": "allow",
        "permissionDecisionReason": "It is safe like this",
        "updatedInput": {"command": "npm run lint"},
        "additionalContext": "This is the staging machine.",
    }
    hooks = project.hooks("PreToolUse", f"echo '{json.dumps({'hookSpecificOutput': answer})}'", "Bash")
    model, shell = ScriptedModel("run: npm run fix", "Well."), ScriptedShell((0, "clean"))
    person = Answering(False)
    state, _ = fake_state(project.root, model, hooks=hooks, model_shell=shell, person=person)
    take_turn(state, "go")
    assert shell.commands == ["npm run lint"]
    assert person.asked == []
    assert "This is the staging machine." in model.prompts[1].messages[-1].text


def test_post_tool_use_adds_context(project: Project) -> None:
    """Beside what the model is told of the edit."""
    answer = {"hookEventName": "PostToolUse", "additionalContext": "It is made from a schema."}
    hooks = project.hooks(
        "PostToolUse", f"echo '{json.dumps({'hookSpecificOutput': answer})}'", "Write, Edit"
    )
    chat, model = project.chat(hooks, edit("app.ts"), "Fine.")
    chat.take_turn("go")
    chat.take_turn("and now?")
    assert "It is made from a schema." in model.prompts[-1].messages[-1].text


def test_session_start_answers_in_json(project: Project) -> None:
    """Fields that there are only elsewhere are overlooked."""
    hooks = project.hooks("SessionStart", "python3 .claude/hooks/note.py", note=NOTE_BRANCH)
    chat, model = project.chat(hooks, "Fine.")
    session_began(chat.state, "startup")
    chat.take_turn("hello")
    assert "Branch: main" in model.prompts[0].messages[-1].text


def test_session_start_reminds_after_a_compaction(project: Project) -> None:
    """By plain text, with the matcher `compact`."""
    hooks = project.hooks("SessionStart", "echo 'Use bun, not npm.'", "compact")
    chat, model = project.chat(hooks, "Fine.", "Fine.")
    chat.take_turn("hello")
    chat.conversation.compact()
    chat.take_turn("go on")
    assert "Use bun, not npm." in model.prompts[-1].messages[-1].text


def test_any_event_may_end_all_work(project: Project) -> None:
    """`continue: false`, with a reason for the user."""
    hooks = project.hooks(
        "PostToolUse", """echo '{"continue": false, "stopReason": "The build is broken"}'"""
    )
    for reply in ("show: app.ts", "find: one", "run: make", edit("app.ts")):
        model = ScriptedModel(reply, "Fine.")
        settings = Settings(permission_mode="bypassPermissions")
        state, events = fake_state(
            project.root, model, hooks=hooks, settings=settings, model_shell=ScriptedShell((0, ""))
        )
        take_turn(state, "go")
        assert len(model.prompts) == 1, reply
        assert any(isinstance(event, Notice) and "The build is broken" in event.text for event in events)


def test_every_event_has_the_documented_fields(project: Project) -> None:
    """In one session with each of them."""
    log = [{"hooks": [{"type": "command", "command": "cat >> ../log; echo >> ../log"}]}]
    hooks = project.with_settings(dict.fromkeys(DOCUMENTED_FIELDS, log))
    chat, _ = project.chat(hooks, "show: notes.md\nfind: one", edit("app.ts"), "Fine.")
    session_began(chat.state, "startup")
    chat.take_turn("go")
    chat.conversation.compact()
    person_asked(chat.state, "Write these changes?")
    chat.close()
    lines = (project.root.parent / "log").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert {event["hook_event_name"] for event in events} == DOCUMENTED_FIELDS.keys()
    for event in events:
        assert (COMMON_FIELDS | DOCUMENTED_FIELDS[event["hook_event_name"]]) <= event.keys()
