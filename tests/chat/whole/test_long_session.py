"""A session of hundreds of turns in a small window: it stays within its ceiling, small and quick."""

import statistics
import sys
from pathlib import Path

import pytest
from long_session import SteadyModel, answer, make_tree, open_long_chat, request

from chat.prompt.budget import ceiling
from chat.state.tokens import prompt_tokens

if sys.platform == "win32":
    pytest.skip("measures with getrusage", allow_module_level=True)
import resource

MIB = 1 << 20
RULES = "Always keep the word TRIANGULATE in mind.\n"


def cpu_s() -> float:
    """Of this process and all that it has waited for."""
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


def resident() -> int:
    """Bytes in memory now."""
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize(
    ("turns", "window"), [(12, 8_000), pytest.param(500, 32_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_a_long_session_stays_small_and_quick(tmp_path: Path, turns: int, window: int) -> None:
    """Never over the ceiling; memory flat; little time a turn; pinned facts to the last byte in the last prompt."""
    root = make_tree(tmp_path / "root")
    (root / "AGENTS.md").write_text(RULES)
    model = SteadyModel(
        input_tokens=window,
        filler="\n" + "Some words about it. " * 60,
        reply_to=lambda messages: answer(messages, checked=False),
    )
    chat = open_long_chat(root, model, auto_test=False)
    most = ceiling(chat.state.active)
    times: list[float] = []
    sizes: list[int] = []
    for turn in range(1, turns + 1):
        began = cpu_s()
        assert chat.take_turn(request(turn)).ok
        times.append(cpu_s() - began)
        sizes.append(resident())
        assert prompt_tokens(chat.state.conversation.prompt()) <= most
    chat.close()

    assert model.largest <= most
    assert model.last is not None
    assert RULES.strip() in model.last.messages[0].text
    assert chat.state.writer.before_rebuild is not None
    early = sizes[turns // 5]
    assert sizes[-1] - early < 16 * MIB
    print(
        f"median {1000 * statistics.median(times):.0f} ms CPU a turn, {early // MIB} → {sizes[-1] // MIB} MB"
    )
    if turns > 100:
        assert statistics.median(times) < 0.150
        assert statistics.median(times[-50:]) < 1.5 * statistics.median(times[10:60])


@pytest.mark.parametrize(
    ("sessions", "turns"), [(2, 2), pytest.param(4, 50, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_sessions_beside_a_committing_user_lose_no_commit(tmp_path: Path, sessions: int, turns: int) -> None:
    """Processes of their own in one repository; the history is one line, whole and sound."""
    import os
    import subprocess

    from long_session import fsck
    from repositories import git, make_repository

    files = {f"s{number}.py": "value = 0\n" for number in range(sessions)}
    root = make_repository(tmp_path / "root", {**files, "user.txt": "0\n"})
    support = Path(__file__).parents[2] / "support"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(support), str(support.parent.parent)])}
    code = "import sys, long_session as l; l.count_up(sys.argv[1], sys.argv[2], int(sys.argv[3]))"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(root), f"s{number}.py", str(turns)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(sessions)
    ]
    for turn in range(1, turns + 1):
        (root / "user.txt").write_text(f"{turn}\n")
        while f"user {turn}" not in git(root, "log", "--format=%s").split("\n"):
            subprocess.run(
                ["git", "commit", "-qm", f"user {turn}", "user.txt"],
                cwd=root,
                capture_output=True,
                check=False,
            )
    for process in running:
        _, said = process.communicate(timeout=600)
        assert process.returncode == 0, said

    subjects = sorted(git(root, "log", "--format=%s").split("\n"))
    wanted = [f"s{number}.py to {turn}" for number in range(sessions) for turn in range(1, turns + 1)]
    users = [f"user {turn}" for turn in range(1, turns + 1)]
    assert subjects == sorted([*wanted, *users, "Open the shop", "Nothing new"])
    assert git(root, "log", "--merges", "--format=%H") == ""
    assert fsck(root) == ""
    assert git(root, "status", "--porcelain") == ""
