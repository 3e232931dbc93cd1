"""Agents, through the whole chat: what they see and do, what the main model gets of it, and what never happens."""

import itertools
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from chat_fakes import Answering
from processes import is_running
from repositories import git, write_files
from scripted_model import Answer, Request, ScriptedModel, text_of
from whole_chat import Program, WholeChat, block, last_text, open_whole_chat

from chat.agents.side_by_side import Desk
from chat.agents.sources import agent_claims, user_folders
from chat.errors import BudgetLimit
from chat.events import AgentBegan, AgentEnded, CommandRan, EditsWritten, Notice
from chat.model import Usage
from chat.state.delegates import AgentTask
from chat.state.tokens import count_once
from chat.trust.git_claim import git_claim
from chat.trust.grants import agreed, grant_for, set_grant

pytestmark = pytest.mark.usefixtures("lasting_workers")

Scripts = Mapping[str, list[str | Answer | Callable[[Request], str | Answer]]]
_WHO = re.compile(r"# You are the agent (\S+)")


class Cast:
    """A script for the main model and for each agent, told apart by their rules; the last line is said for ever."""

    def __init__(self, **scripts: list[str | Answer | Callable[[Request], str | Answer]]) -> None:
        self._scripts = scripts
        self._lock = threading.Lock()
        self.requests: dict[str, list[Request]] = {}

    def __call__(self, request: Request) -> str | Answer:
        rules = text_of(request.messages[0])
        found = _WHO.search(rules)
        name = found[1] if found else "main" if "You are a skilled engineer" in rules else "weak"
        with self._lock:
            self.requests.setdefault(name, []).append(request)
            script = self._scripts.get(name, ["Do what was asked"])
            reply = script.pop(0) if len(script) > 1 else script[0]
        return reply(request) if callable(reply) else reply


@pytest.fixture
def opened(shop: Path, scripted: Callable[..., ScriptedModel]) -> Callable[..., tuple[WholeChat, Cast]]:
    """Opens a chat in the shop with a script for each; further arguments are settings, `person` among them."""

    def opened_with(scripts: Scripts, **settings: object) -> tuple[WholeChat, Cast]:
        cast = Cast(**scripts)
        settings.setdefault("agents", "all")
        person = settings.pop("person", None) or Answering()
        assert isinstance(person, Answering)
        return open_whole_chat(shop, scripted(cast), person=person, **settings), cast

    return opened_with


def own_agent(name: str, head: str = "", prompt: str = "Do it.") -> None:
    """Make an agent of the user's."""
    folder = user_folders()[-1]
    write_files(folder, {f"{name}.md": f"---\nname: {name}\ndescription: Works.\n{head}---\n{prompt}\n"})


def test_the_main_model_hands_a_task_over_and_gets_a_report(
    opened: Callable[..., tuple[WholeChat, Cast]],
) -> None:
    """The agent has rules, a map and rounds of its own; the main prompt gets its result, with what it cost."""
    whole, cast = opened(
        {
            "main": ["agent: explorer — Who sums up prices?", "Cart.total does."],
            "explorer": ["show: shop/cart.py", "Cart.total in shop/cart.py:9-10."],
        }
    )

    result = whole.turn("who sums up prices?")

    assert result.text == "Cart.total does."
    first, second = cast.requests["explorer"]
    assert "Who sums up prices?" in last_text(first)
    assert "who sums up prices?" not in str(first.messages)
    assert "return sum(price(a)" in last_text(second)
    assert {call.body["model"] for call in cast.requests["explorer"]} == {"weak"}
    told = last_text(cast.requests["main"][1])
    assert told.startswith("Report of the agent explorer on “Who sums up prices?” (2 replies, ")
    assert "Cart.total in shop/cart.py:9-10." in told
    assert "return sum(" not in told
    assert [type(event) for event in whole.events if isinstance(event, AgentBegan | AgentEnded)] == [
        AgentBegan,
        AgentEnded,
    ]
    assert result.usage.calls == 4


# What the main prompt gets


@pytest.mark.parametrize(
    "words", ["One line. " * 30_000, "\n".join(f"- src/m{n}.py:{n} is one" for n in range(9_000))]
)
def test_whatever_an_agent_reads_and_says_the_main_prompt_grows_by_the_cap_at_most(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]], words: str
) -> None:
    """An agent that reads 200 kB and says as much adds no more than the setting allows; the rest can be asked for."""
    prices = "".join(f"PRICE_{n} = {n}\n" for n in range(5_000))
    write_files(shop, {f"shop/prices_{n}.txt": prices for n in range(3)})
    git(shop, "add", "--all")
    whole, cast = opened(
        {
            "main": ["agent: explorer — Read all prices", "agent: explorer - And again", "Done."],
            "explorer": [
                "\n".join(f"show: shop/prices_{n}.txt" for n in range(3)),
                Answer(words, chunk_chars=50_000),
            ],
        },
        context_tokens=600_000,
        grant_tokens=600_000,
        agent_result_tokens=300,
    )

    whole.turn()

    assert max(len(str(call.messages)) for call in cast.requests["explorer"]) > 200_000
    told = last_text(cast.requests["main"][1]).partition("\n\nOther files in")[0]
    assert "show: output-001:FROM-TO" in told
    assert count_once(told) <= 300
    grown = [_tokens(call) for call in cast.requests["main"]]
    for before, after in itertools.pairwise(grown):
        assert after - before <= 300 + count_once("agent: explorer — Read all prices") + 2 * 4


def _tokens(request: Request) -> int:
    """Of a prompt without the map that only this call has."""
    texts = [re.split(r"\n\n(?:Other|More) files in", text_of(message))[0] for message in request.messages]
    return sum(count_once(text) + 4 for text in texts)


def test_agents_work_side_by_side_and_report_in_the_order_of_the_reply(
    opened: Callable[..., tuple[WholeChat, Cast]],
) -> None:
    """The second is asked before the first is answered; the first task is reported first, whichever ends first."""
    whole, cast = opened(
        {
            "main": ["agent: reviewer — Read the cart\nagent: explorer — Find the cart", "Done."],
            "explorer": [Answer("It is in shop/cart.py.", delay_s=0.5)],
            "reviewer": [Answer("No defects.", delay_s=1.0)],
        }
    )

    whole.turn()

    asked = [cast.requests[name][0].at_s for name in ("reviewer", "explorer")]
    assert abs(asked[0] - asked[1]) < 0.5
    told = last_text(cast.requests["main"][1])
    assert told.index("No defects.") < told.index("It is in shop/cart.py.")


def test_a_result_has_to_fit_the_schema_of_its_agent(opened: Callable[..., tuple[WholeChat, Cast]]) -> None:
    """It is asked for once more, and enters the prompt as JSON alone."""
    own_agent(
        "counter",
        "tools: Read\njson-schema: {type: object, required: [count], properties: {count: {type: integer}}}\n",
    )
    whole, cast = opened(
        {
            "main": ["agent: counter — Count the files", "Nine."],
            "counter": ["About nine.", 'Here it is:\n```json\n{"count": 9}\n```'],
        }
    )

    whole.turn()

    assert '"count"' in text_of(cast.requests["counter"][0].messages[0])
    assert 'tokens):\n\n{"count": 9}\n\n' in last_text(cast.requests["main"][1])


COUNT = '{"type": "object", "required": ["count"], "properties": {"count": {"type": "integer"}}}'
LONG = json.dumps({"count": 9, "all": list(range(1_500))})


@pytest.mark.parametrize(("second", "code"), [(LONG, 0), ("Nine!", 1)])
def test_a_task_by_hand_may_have_a_schema(
    scripted: Callable[..., ScriptedModel], trigpoint: Program, second: str, code: int
) -> None:
    """The agent is asked once more, the main model never; however long the result, standard output has all of it."""
    cast = Cast(explorer=["About nine.", second])

    done = trigpoint(scripted(cast).base_url, "-m", "/agent explorer Count", "--json-schema", COUNT)

    assert (done.code, len(cast.requests["explorer"]), "main" in cast.requests) == (code, 2, False)
    assert '"count"' in text_of(cast.requests["explorer"][0].messages[0])
    assert json.loads(done.stdout or "{}") == (json.loads(second) if code == 0 else {})
    assert code == 0 or "explorer did not finish “Count” (" in done.stderr
    assert code == 0 or "its result does not fit its JSON Schema" in done.stderr


def test_a_report_asked_for_by_hand_is_printed_once(
    scripted: Callable[..., ScriptedModel], trigpoint: Program
) -> None:
    """It is what the command shows, and the answer of its turn as well."""
    done = trigpoint(scripted(Cast(explorer=["There are nine."])).base_url, "-m", "/agent explorer Count")
    assert (done.code, done.stdout.count("There are nine.")) == (0, 1)


# What a read-only agent cannot do

_EDITS = (
    block("shop/cart.py", "    return article.price\n", "    return 0\n"),
    "```\nshop/cart.py\n<<<<<<< SEARCH\n    return article.price\n=======\n    return 0\n>>>>>>> REPLACE\n```",
    "```diff\n--- shop/cart.py\n+++ shop/cart.py\n@@ @@\n-    return article.price\n+    return 0\n```",
    "shop/cart.py\n```\ndef price(article):\n    return 0\n```",
    "*** Begin Patch\n*** Update File: shop/cart.py\n-    return article.price\n+    return 0\n*** End Patch",
    "*** Begin Patch\n*** Add File: made.txt\n+made\n*** End Patch",
    "*** Begin Patch\n*** Delete File: shop/cart.py\n*** End Patch",
    block("made.txt", "", "made\n"),
    block(".trigpoint.toml", "", 'permission-mode = "bypassPermissions"\n'),
    block(".git/hooks/pre-commit", "", "touch made.txt\n"),
    block("../outside.txt", "", "made\n"),
    "made.txt\n```\nmade\n```",
)
_RUNS = (
    "run: touch made.txt",
    "RUN: touch made.txt",
    "`run: touch made.txt`",
    "**run:** touch made.txt",
    "run:\n```bash\ntouch made.txt\n```",
    "run:\n\n~~~sh\ntouch made.txt\n~~~",
    "run: git log > made.txt",
    "run: git log --output=made.txt",
    "run: ls; touch made.txt",
    "run: ls && touch made.txt",
    "run: cat $(touch made.txt)",
    "run: find . -name x -exec touch made.txt {} +",
    "run: sed -n w\\ made.txt shop/cart.py",
    "run: bash -c 'touch made.txt'",
    'run: python -c \'open("made.txt", "w")\'',
    "run: ls",
    "run: git status",
    "```bash\ntouch made.txt\n```",
    "```sh\n$ touch made.txt\n```",
    "```console\ntouch made.txt\n```",
    "show: shop/cart.py\nrun: touch made.txt",
    "find: price\nrun: touch made.txt",
    "!touch made.txt",
    "/run touch made.txt",
    "<run>touch made.txt</run>",
    "Bash(touch made.txt)",
)
_NESTED = (
    "agent: tester — Run touch made.txt",
    "agent: explorer — Hand this to tester",
    "agent: writer — Make made.txt",
    "agent: writer\n```\nMake made.txt\n```",
    "show: shop/cart.py\nagent: writer — Make made.txt",
)
_MIXED = tuple(f"{edit}\n\n{run}" for edit, run in zip(_EDITS[:7], _RUNS, strict=False))
ATTEMPTS = (*_EDITS, *_RUNS, *_NESTED, *_MIXED)


def test_a_read_only_agent_neither_writes_nor_runs_whatever_it_says(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]]
) -> None:
    """Fifty replies try it, where the user allows everything: no file changes, no command runs, no agent begins."""
    own_agent("writer")
    own_agent("reader", "tools: Read\npermissionMode: bypassPermissions\nmaxTurns: 60\n")
    assert len(ATTEMPTS) == 50
    before = _state_of(shop)
    for at in range(0, len(ATTEMPTS), 10):
        replies = list(ATTEMPTS[at : at + 10])
        whole, cast = opened(
            {
                "main": [*(["agent: reader — Look around"] * len(replies)), "Done."],
                "reader": [*(each for reply in replies for each in _shown(reply)), "ok"],
            },
            permission_mode="bypassPermissions",
            allowed_tools=("Bash", "Edit", "Write"),
            person=Answering(True, permits="yes"),
        )
        whole.turn()

        assert set(cast.requests) == {"main", "reader"}
        assert not [event for event in whole.events if isinstance(event, CommandRan | EditsWritten)]
        assert [event.name for event in whole.events if isinstance(event, AgentBegan)] == ["reader"] * len(
            replies
        )
        whole.chat.close()

    assert _state_of(shop) == before
    assert not (shop.parent / "outside.txt").exists()


def _shown(reply: str) -> list[str]:
    """A reply; one that asks for context is answered, and followed by another."""
    return [reply, "That was all."] if reply.startswith(("show:", "find:")) else [reply]


def _state_of(root: Path) -> tuple[str, str, list[str]]:
    hooks = sorted(path.name for path in (root / ".git/hooks").glob("*"))
    return git(root, "status", "--porcelain", "--ignored"), git(root, "rev-parse", "HEAD"), hooks


def test_a_tester_runs_what_the_rules_allow_and_nothing_else(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]]
) -> None:
    """Rules of the user's decide, and its file may only narrow them."""
    own_agent("narrow", "tools: Read, Bash(git log *)\n")
    whole, cast = opened(
        {
            "main": ["agent: tester — Count\nagent: narrow — Count", "Done."],
            "tester": ["run: grep -c def shop/cart.py\nrun: touch made.txt", "Four."],
            "narrow": ["run: grep -c def shop/cart.py\nrun: git log -1 --format=%s", "Seen."],
        },
        allowed_tools=("Bash(grep *)",),
        permission_mode="dontAsk",
        sandbox="none",
    )

    whole.turn()

    assert sorted(event.command for event in whole.events if isinstance(event, CommandRan)) == [
        "grep -c def shop/cart.py",
    ]
    assert "`touch made.txt` was not run" in last_text(cast.requests["tester"][1])
    assert "this agent may only use Bash(git log *)" in last_text(cast.requests["narrow"][1])
    assert not (shop / "made.txt").exists()


# Writers

_MADE = block("made.txt", "", "made\n")
_FREE = block("shop/cart.py", "    return article.price\n", "    return 0\n")


def test_what_a_writer_changes_is_merged_and_committed_with_the_turn(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]]
) -> None:
    """It works on what the folder holds, the user's uncommitted lines included, in a work tree that is gone after."""
    own_agent("writer", "isolation: worktree\n")
    (shop / "README.md").write_text("# Shop\n\nMine.\n")
    whole, cast = opened(
        {
            "main": ["agent: writer — Make everything free", "All is free."],
            "writer": ["show: README.md", f"Free.\n{_FREE}\n{_MADE}", "Free now."],
        }
    )

    result = whole.turn("make it free")

    assert "Mine." in last_text(cast.requests["writer"][1])
    assert "Its changes are in the files now: made.txt, shop/cart.py." in last_text(cast.requests["main"][1])
    assert result.files_changed == ("made.txt", "shop/cart.py")
    assert "return 0" in (shop / "shop/cart.py").read_text()
    assert git(shop, "show", "--format=%s", "--name-only", "HEAD").split() == [
        *"Do what was asked".split(),
        "made.txt",
        "shop/cart.py",
    ]
    assert git(shop, "status", "--porcelain") == "M README.md"
    assert git(shop, "worktree", "list").count("\n") == 0


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such bit")
def test_a_new_file_may_be_run_as_the_writer_made_it(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]]
) -> None:
    """On disk, in the commit, and again after /undo and /redo."""
    own_agent("writer", "isolation: worktree\n")
    whole, _ = opened(
        {
            "main": ["agent: writer — Make it", "Done."],
            "writer": [f"{_MADE}\nrun: chmod +x made.txt", "Made."],
        },
        permission_mode="bypassPermissions",
        sandbox="none",
    )

    whole.turn()

    assert os.access(shop / "made.txt", os.X_OK)
    assert git(shop, "ls-files", "-s", "made.txt").startswith("100755")
    whole.chat.changes.undo()
    assert not (shop / "made.txt").exists()
    whole.chat.changes.redo()
    assert os.access(shop / "made.txt", os.X_OK)


def test_changes_that_clash_are_refused_whole_and_the_model_is_told_why(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]]
) -> None:
    """Two writers change the same line: the first is taken, of the second nothing."""
    own_agent("one")
    own_agent("two")
    other = block("shop/cart.py", "    return article.price\n", "    return 1\n")
    whole, cast = opened(
        {
            "main": ["agent: one — Free\nagent: two — Cheap", "Done."],
            "one": [_FREE],
            "two": [other + _MADE],
        }
    )

    whole.turn()

    told = last_text(cast.requests["main"][1])
    assert "Its changes are in the files now: shop/cart.py." in told
    assert (
        "Its changes were not taken over: shop/cart.py: it was changed meanwhile in the same lines" in told
    ), told
    assert "return 0" in (shop / "shop/cart.py").read_text()
    assert not (shop / "made.txt").exists()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"mode": "ask"}, "this turn changes nothing"),
        ({"permission_mode": "plan"}, "this turn changes nothing"),
        ({"git": False}, "there is no repository here"),
        ({"dry_run": True}, "a dry run changes nothing"),
        ({"disallowed_tools": ("Edit(shop/**)",)}, "shop/cart.py"),
    ],
)
def test_a_writer_changes_nothing_where_the_chat_may_not(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]], settings: dict[str, object], reason: str
) -> None:
    """Modes and rules of the session hold for its agents, too."""
    own_agent("writer")
    whole, _ = opened({"main": ["Done."], "writer": [_FREE]}, **settings)

    result = whole.chat.delegate("/agent writer Free", AgentTask("writer", "Free"))

    assert reason in result.text
    assert not result.ok
    assert git(shop, "status", "--porcelain") == ""


# Limits, interruptions, trust


def test_agents_cannot_pass_the_budget_also_side_by_side(
    opened: Callable[..., tuple[WholeChat, Cast]],
) -> None:
    """What each of them may take is set aside before it is asked, so that only as many are as there is room for."""
    whole, cast = opened(
        {
            "main": ["\n".join(f"agent: explorer — Look {number}" for number in range(4)), "Done."],
            "explorer": [Answer("Seen.", delay_s=0.3)],
        },
        max_tokens_total=6_000,
    )

    with suppress(BudgetLimit):
        whole.turn()

    total = sum(whole.chat.usage().values(), Usage())
    assert total.prompt_tokens + total.completion_tokens <= 6_000
    assert 0 < len(cast.requests["explorer"]) < 4
    ended = [event for event in whole.events if isinstance(event, AgentEnded)]
    assert sorted(event.ok for event in ended) == [False] * (4 - len(cast.requests["explorer"])) + [
        True
    ] * len(cast.requests["explorer"])


def test_an_agent_has_so_many_replies_and_is_told_before_the_last(
    opened: Callable[..., tuple[WholeChat, Cast]],
) -> None:
    """One that goes on asking ends without a result, which the main model is told."""
    own_agent("curious", "tools: Read\nmaxTurns: 2\n")
    whole, cast = opened(
        {"main": ["agent: curious — Look", "Done."], "curious": ["show: README.md", "show: shop/cart.py"]}
    )

    whole.turn()

    first, last = cast.requests["curious"]
    assert "This is your last reply" not in last_text(first)
    assert "This is your last reply" in last_text(last)
    assert "did not finish “Look” (2 replies" in last_text(cast.requests["main"][1])


def test_ctrl_c_ends_all_agents(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their commands are killed, their calls left, their work trees removed; nothing is written any more."""
    own_agent("writer")
    pid = shop.parent / "pid"
    whole, _ = opened(
        {
            "main": ["agent: writer — Free\nagent: tester — Wait\nagent: explorer — Look", "Done."],
            "writer": [_FREE + "\nrun: sleep 60"],
            "tester": [f"run: echo $$ > {pid}; sleep 60"],
            "explorer": [Answer("Seen.", delay_s=60)],
        },
        allowed_tools=("Bash",),
        permission_mode="bypassPermissions",
        sandbox="none",
    )
    serve = Desk.serve

    def interrupted(desk: Desk, are_over: Callable[[], bool]) -> None:
        serve(desk, lambda: pid.exists() and bool(pid.read_text().strip()))
        raise KeyboardInterrupt

    monkeypatch.setattr(Desk, "serve", interrupted)

    with pytest.raises(KeyboardInterrupt):
        whole.turn()

    assert not is_running(int(pid.read_text()))
    assert git(shop, "status", "--porcelain") == ""
    assert git(shop, "worktree", "list").count("\n") == 0
    assert [thread for thread in threading.enumerate() if thread.name == "agent" and thread.is_alive()] == []


@pytest.mark.parametrize("cut_at", ["report", "second reply", "merge"])
def test_a_resumed_session_repeats_nothing_that_an_agent_has_done(
    shop: Path,
    scripted: Callable[..., ScriptedModel],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cut_at: str,
) -> None:
    """A result in the journal is used as it is, and of an agent that was cut off its paid replies and its commands."""
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    own_agent("writer")
    name = "writer" if cut_at == "merge" else "tester"

    def cut(words: str) -> Callable[[Request], str]:
        def reply(request: Request) -> str:
            shutil.copytree(state, tmp_path / "cut")
            return words

        return reply

    main = [f"agent: {name} — Count", "Done." if cut_at == "second reply" else cut("Done.")]
    agent = [_FREE] if cut_at == "merge" else ["run: echo ran >> ../ran; echo 4", "Four defs."]
    if cut_at == "second reply":
        agent[1] = cut("Four defs.")
    rules = {
        "allowed_tools": ("Bash",),
        "permission_mode": "bypassPermissions",
        "agents": "all",
        "sandbox": "none",
    }
    first = Cast(main=list(main), **{name: list(agent)})
    whole = open_whole_chat(shop, scripted(first), **rules)
    whole.turn("count")
    whole.chat.close()
    if cut_at == "merge":
        git(shop, "reset", "-q", "HEAD~1")
    shutil.rmtree(state)
    (tmp_path / "cut").rename(state)

    again = Cast(main=["Done again."], **{name: ["Four defs."]})
    whole = open_whole_chat(shop, scripted(again), **{"continue": True}, **rules)
    assert whole.chat.unfinished == "count"
    result = whole.chat.take_turn("count")

    assert result.text.endswith("Done again.")
    assert again.requests.get(name, []) == [] or cut_at == "second reply"
    told = last_text(again.requests["main"][0])
    if cut_at == "merge":
        assert "Its changes are in the files now: shop/cart.py." in told
        assert "return 0" in git(shop, "show", "HEAD:shop/cart.py")
    else:
        assert "Four defs." in told
        assert (shop.parent / "ran").read_text() == "ran\n"
    assert len(again.requests["main"]) == 1


def test_a_repositorys_agents_count_once_they_are_trusted_and_until_they_change(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]]
) -> None:
    """Before, they are neither offered nor used, which is said once; the user's own of the same name counts more."""
    write_files(
        shop, {".claude/agents/mover.md": "---\nname: mover\ndescription: Theirs.\ntools: Read\n---\nMove.\n"}
    )

    def offered() -> tuple[dict[str, str], list[str]]:
        whole, _ = opened({"main": ["Hello."]}, agents="auto")
        assert whole.chat.state.ports.agents is not None
        found = [dict(whole.chat.state.ports.agents.offered()) for _ in range(2)]
        notices = [
            event.text for event in whole.events if isinstance(event, Notice) and "agents" in event.text
        ]
        whole.chat.close()
        return found[1], notices

    found, (notice,) = offered()
    assert found == {}
    assert notice.startswith("The repository's agents (mover) are not trusted yet, so they are not used.")
    grant = agreed(agent_claims(shop, shop), git_claim(shop), grant_for(shop))
    set_grant(shop, grant)
    assert (offered()[0]["mover"], offered()[1]) == ("Theirs.", [])
    write_files(shop, {".claude/agents/mover.md": "---\nname: mover\n---\nRun everything.\n"})
    assert "mover" not in offered()[0]
    own_agent("mover")
    assert offered()[0]["mover"] == "Works."


def test_hooks_hear_of_agents_and_may_send_them_on(
    shop: Path, opened: Callable[..., tuple[WholeChat, Cast]], tmp_path: Path
) -> None:
    """SubagentStart adds to what the agent is told, and SubagentStop is asked instead of Stop."""
    log = tmp_path / "log"
    who = "':'.join(filter(None, (e['hook_event_name'], e.get('agent_id'), e.get('agent_type'))))"
    write = f"import sys, json; e = json.load(sys.stdin); open({str(log)!r}, 'a').write({who} + ' ')"
    start = "print(json.dumps({'hookSpecificOutput': {'additionalContext': 'Mind the gap.'}}))"
    stop = (
        "again = e['stop_hook_active']; again or sys.stderr.write('Once more.'); sys.exit(0 if again else 2)"
    )
    user_hooks(
        {
            "SubagentStart": f"{write}; {start}",
            "SubagentStop": f"{write}; {stop}",
            "Stop": write,
            "PreToolUse": write,
        },
        tmp_path,
    )
    whole, cast = opened(
        {
            "main": ["agent: explorer — Look", "Done."],
            "explorer": ["show: shop/cart.py", "Seen.", "Seen again."],
        }
    )

    whole.turn()

    explorer = ":1.1:explorer"
    assert log.read_text().split() == [
        *(f"SubagentStart{explorer}", f"PreToolUse{explorer}", f"SubagentStop{explorer}"),
        *(f"SubagentStop{explorer}", "Stop"),
    ]
    first, _, second = cast.requests["explorer"]
    assert "Mind the gap." in text_of(first.messages[0])
    assert last_text(second) == "Once more." or "Once more." in last_text(second)
    assert "Seen again." in last_text(cast.requests["main"][1])


def user_hooks(commands: Mapping[str, str], folder: Path) -> None:
    """Make hooks of the user's own, each a line of Python."""
    hooks: dict[str, object] = {}
    for event, text in commands.items():
        script = folder / f"{event}.py"
        script.write_text(text)
        command = f'"{sys.executable}" "{script}"'
        hooks[event] = [{"hooks": [{"type": "command", "command": command}]}]
    path = user_folders()[-1].parent / "hooks.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"hooks": hooks}))
