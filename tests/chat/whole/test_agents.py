"""Agents, through the whole chat: what they see and do, what the main model gets of it, and what never happens."""

import itertools
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from chat_fakes import Answering
from repositories import git, write_files
from scripted_model import Answer, Request, ScriptedModel, text_of
from whole_chat import WholeChat, block, last_text, open_whole_chat

from chat.agents.sources import user_folders
from chat.events import AgentBegan, AgentEnded, CommandRan, EditsWritten
from chat.state.delegates import AgentTask
from chat.state.tokens import count_once

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
