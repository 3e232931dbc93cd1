"""Goals through the real command, git and litellm: what they print and leave behind.

That they survive a kill is a case of `kill_cases`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_fakes import Answering
from repositories import git, write_files
from scripted_model import Answer, Request, ScriptedModel
from whole_chat import Program, block, calls_of, last_text, open_whole_chat

pytestmark = pytest.mark.usefixtures("lasting_workers")

SHORTER = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")
HAS_60 = "grep -q 'LIFETIME_S = 60$' shop/session.py"
HAS_59 = "grep -q 'LIFETIME_S = 59$' shop/session.py"
Play = Callable[..., ScriptedModel]


def met(*evidence: str) -> str:
    return json.dumps({"verdict": "met", "evidence": evidence, "reason": "The diff shows it."})


@pytest.fixture
def play(scripted: Callable[..., ScriptedModel]) -> Play:
    """A server with a main model and a judge that say these lines in order, and a weak model for commits.

    Asked for a plan, the main model gives ``plan``.
    """

    def start(
        *main: str | Callable[[Request], Any], judge: tuple[str, ...] = ("no",), plan: str = "NO PLAN"
    ) -> ScriptedModel:
        lines: dict[str, list[Any]] = {"main": list(main), "judge": list(judge), "weak": ["Shorten sessions"]}

        def script(request: Request) -> str | Answer:
            if "NO PLAN" in last_text(request):
                return plan
            left = lines[request.body["model"]]
            reply = left.pop(0) if len(left) > 1 else left[0]
            return reply(request) if callable(reply) else reply

        return scripted(script)

    return start


def test_a_goal_is_met_and_reported(shop: Path, trigpoint: Program, play: Play, tmp_path: Path) -> None:
    """Exit code 0, a result object with goal and checks, and a report for people."""
    answer = met("+LIFETIME_S = 60")
    server = play("Let me think.", f"Shorter:\n\n{SHORTER}", judge=("yes", answer))
    report = tmp_path / "report.md"

    done = trigpoint(
        server.base_url,
        *("--judge-model", "openai/judge", "--check", "test -f shop/session.py", "--report", str(report)),
        *("--goal", "Sessions end after a minute, or stop after 5 turns", "--output-format", "json"),
    )

    result = json.loads(done.stdout)
    assert (done.code, result["exit_code"], result["subtype"], result["num_turns"]) == (0, 0, "success", 2)
    assert result["goal"] | {"seconds": 0, "tokens": 0} == {
        "condition": "Sessions end after a minute",
        "status": "met",
        "reason": "The diff shows it.",
        "evidence": ["+LIFETIME_S = 60"],
        "turns": 2,
        "seconds": 0,
        "tokens": 0,
        "cost_usd": None,
        "limits": "5 turns",
    }
    assert [(check["command"], check["exit_code"]) for check in result["checks"]] == [
        ("test -f shop/session.py", 0)
    ]
    text = report.read_text()
    assert "> Sessions end after a minute" in text
    assert "**Met.** The diff shows it." in text
    assert "Shorten sessions: `shop/session.py`" in text
    assert "| judge | `openai/judge` | 2 |" in text
    assert git(shop, "log", "--format=%s", "-1").strip() == "Shorten sessions"


def test_the_goal_stands_in_every_prompt_and_the_failure_opens_the_next_turn(
    trigpoint: Program, play: Play
) -> None:
    """The condition word for word; each prompt begins as the one before it, so that it is cached."""
    server = play("Hm.", "Well.", SHORTER)

    done = trigpoint(
        server.base_url, "-p", "/goal Sessions end  after a minute", "--check", HAS_60, "--checks-decide"
    )

    planning, *prompts = calls_of(server)
    assert done.code == 0
    assert planning.messages[0] == prompts[0].messages[0]
    assert all("Sessions end  after a minute" in str(prompt.messages[0]["content"]) for prompt in prompts)
    assert all(HAS_60 in last_text(prompt) and "exit code 1" in last_text(prompt) for prompt in prompts[1:])
    common = len(prompts[0].messages) - 1  # the last also holds a map, which is sent once
    assert prompts[1].messages[:common] == prompts[0].messages[:common]


def test_a_goal_that_gets_nowhere_ends_with_code_1(trigpoint: Program, play: Play) -> None:
    """After the third failure that is the same, and the stream says so."""
    server = play("I cannot.")

    done = trigpoint(server.base_url, "--goal", "checks", "--check", HAS_60, "--output-format", "stream-json")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [line["status"] for line in lines if line.get("subtype") == "goal"]
    assert done.code == 1
    assert steps == ["not met", "fresh", "stalled"]
    assert lines[-1]["goal"]["status"] == "stalled"
    assert "again and again" in lines[-1]["error"]
    assert lines[-1]["checks"][0]["exit_code"] == 1


@pytest.mark.parametrize(("limit", "code"), [("1 turn", 53), ("1,000 tokens", 54)])
def test_a_limit_of_the_goal_ends_it_with_its_code(
    trigpoint: Program, play: Play, limit: str, code: int
) -> None:
    """Before the call that would pass it; the goal is over."""
    server = play("Not yet.")

    done = trigpoint(
        server.base_url,
        *("-m", f"/goal Sessions end after a minute, or stop after {limit}", "--check", HAS_60),
        *("--output-format", "json"),
    )
    later = trigpoint(server.base_url, "--continue", "-m", "/goal")

    assert (done.code, json.loads(done.stdout)["goal"]["status"]) == (code, "limit")
    assert "There is no goal" in later.stdout


def test_a_red_check_outweighs_the_judge(trigpoint: Program, play: Play) -> None:
    """It is not even asked."""
    server = play(SHORTER, "Done.", judge=(met("+LIFETIME_S = 60"),))

    done = trigpoint(
        server.base_url,
        *("--judge-model", "openai/judge", "--check", HAS_59, "--goal", "Sessions end after a minute"),
    )

    assert done.code == 1
    assert calls_of(server, "judge") == []
    assert "The goal was not met" in done.stderr


def test_a_goal_can_be_looked_at_and_cleared_later(trigpoint: Program, play: Play) -> None:
    """From other processes, while it waits."""
    server = play(Answer(status=401, body=b"{}"), SHORTER)  # type: ignore[arg-type]

    failed = trigpoint(server.base_url, "--goal", "checks", "--check", HAS_60)
    shown = trigpoint(server.base_url, "--continue", "-m", "/goal")
    other = trigpoint(server.base_url, "--continue", "-m", "/goal Another one")
    cleared = trigpoint(server.base_url, "--continue", "-m", "/goal clear")

    assert failed.code == 1
    assert "The goal is paused; /goal resume goes on with it." in failed.stderr
    assert "The session has a goal that waits: Every check succeeds. /goal resume" in shown.stderr
    assert "status  paused" in shown.stdout
    assert f"check   {HAS_60}: failed with exit code 1" in shown.stdout
    assert (other.code, "There is a goal already" in other.stderr) == (2, True)
    assert cleared.code == 0


def test_a_check_without_a_goal_is_said_to_be_left_out(trigpoint: Program, play: Play) -> None:
    """Rather than passed over."""
    done = trigpoint(play("Fine.").base_url, "-m", "look at it", "--check", "false")

    assert (done.code, "--check counts for goals only" in done.stderr) == (0, True)


def test_checks_of_a_repository_wait_for_trust(shop: Path, trigpoint: Program, play: Play) -> None:
    """Until then they neither run nor count."""
    write_files(shop, {".trigpoint.toml": 'check = ["touch canary"]\n'})
    server = play("Hm.")

    done = trigpoint(server.base_url, "--goal", "checks")

    assert (done.code, "no checks" in done.stderr) == (2, True)
    assert not (shop / "canary").exists()


def test_a_goal_survives_a_rebuild_of_the_prompt(shop: Path, play: Play) -> None:
    """As do its checks: both stand in the prompt as they did."""
    server = play("One.", "Two.", SHORTER)
    whole = open_whole_chat(shop, server, person=Answering(), check=(HAS_60,))
    whole.chat.goals.set("Sessions end\nafter a minute")
    whole.chat.take_turn("first")

    whole.chat.conversation.compact()
    ended = whole.chat.goals.pursue(whole.chat.take_turn)

    assert ended.end.outcome in ("met", "stalled")
    assert all(
        "Sessions end\nafter a minute" in str(prompt.messages[0]["content"]) for prompt in whole.prompts
    )
    whole.chat.close()
