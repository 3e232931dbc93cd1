"""Tasks again and again: what cron and systemd are told, and that no time is taken twice."""

import os
import shlex
import shutil
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from job_cases import ended, made, view_of
from repositories import git
from whole_chat import Program

from chat.errors import UsageError
from chat.job_commands import once as once_module
from chat.job_commands.cron import Entry, cron_of, crontab_line, due, on_calendar, systemd_units
from chat.job_commands.once import once
from chat.jobs.launch import begin_run
from chat.jobs.making import Order
from chat.jobs.store import JobFolder

ENTRY = Entry(
    id="0a1b2c3d",
    cron="0 3 * * 1-5",
    folder="/a b/50%",
    command=["trigpoint", "run", 'Say "50 %" for $5', "--max-turns", "3"],
    log="/s/log",
    task="Say it",
)
LIMIT = ("--max-budget-usd", "1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 3 * *",
        "61 * * * *",
        "0 3 31 2 *",
        "* * * * * *",
        "0 3 * * 5L",
        "0 3 * * 1#2",
        "0 3 * * $(x)",
        "@no",
    ],
)
def test_what_cron_would_not_take_is_refused(text: str) -> None:
    """And what would never come."""
    with pytest.raises(UsageError, match="Nothing was scheduled"):
        cron_of(text)


def test_the_line_of_a_crontab_survives_the_shell_and_cron() -> None:
    """Cron takes an unescaped % for a line end; a shell has to read every word as it was."""
    line = crontab_line(ENTRY)
    assert line.startswith("0 3 * * 1-5 cd '/a b/50\\%' && ")
    assert line.count("%") == line.count("\\%")
    words = shlex.split(line.replace("\\%", "%"), comments=True)[5:]
    assert words[3:8] == ["trigpoint", "run", 'Say "50 %" for $5', "--max-turns", "3"]


@pytest.mark.parametrize("cron", ["*/15 3 * * 1-5", "0 0 1 * 0", "5 4,16 1-7 2 *", "0 0 * * 7", "* * * * *"])
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_understands_the_times(cron: str) -> None:
    """Each of them."""
    for time in on_calendar(cron):
        subprocess.run(["systemd-analyze", "calendar", time], check=True, capture_output=True)


def test_a_timer_of_systemd_says_the_same() -> None:
    """With what systemd would expand written out."""
    units = systemd_units(ENTRY)
    assert 'ExecStart="trigpoint" "run" "Say \\"50 %%\\" for $$5"' in units["trigpoint-0a1b2c3d.service"]
    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 3:0:00\n" in units["trigpoint-0a1b2c3d.timer"]


def test_a_time_is_taken_once_and_never_beside_an_earlier_job(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever begins it twice, or too soon."""
    now = [datetime(2026, 5, 2, 3, 0, 5)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return now[0]

    monkeypatch.setattr(once_module, "datetime", Clock)

    def begin(order: Order) -> JobFolder:
        return made(order.here, order.task, group=order.group, note=order.note)

    order = Order(task="Tidy up", here=shop)
    first = once("0a1b:0 3 * * *", order, begin)
    assert first is not None
    begin_run(first)
    assert once("0a1b:0 3 * * *", order, begin) is None
    now[0] = datetime(2026, 5, 3, 3, 0)
    assert view_of(first).state.is_live
    assert once("0a1b:0 3 * * *", order, begin) is None
    ended(first)
    assert once("0a1b:0 3 * * *", order, begin) is not None
    assert due("0 3 * * *", datetime(2026, 5, 3, 2, 59)) == datetime(2026, 5, 2, 3, 0)


def test_an_entry_is_printed_and_holds_what_the_run_needs(trigpoint: Program, shop: Path) -> None:
    """A limit is needed; what asks nobody is denied."""
    done = trigpoint.run("schedule", "tidy up", "--cron", "0 3 * * *", *LIMIT)
    assert done.code == 0
    assert done.stdout.startswith(f"0 3 * * * cd {shop} && ")
    assert "run 'tidy up' --max-budget-usd 1 --permission-mode dontAsk --allowed-tools=Edit " in done.stdout
    own = trigpoint.run("schedule", "x", "--cron", "@daily", *LIMIT, "--allowed-tools", "Edit(docs/**)")
    assert "--allowed-tools 'Edit(docs/**)' --permission-mode dontAsk '--scheduled" in own.stdout
    assert "--max-budget-usd" in trigpoint.run("schedule", "tidy up", "--cron", "0 3 * * *").stderr
    assert trigpoint.run("schedule", "x", "--cron", "0 3 * * *", *LIMIT, "--api-key", "openai=sk-1").code == 2
    assert trigpoint.run("schedule", "tidy up", "--cron", "nonsense", *LIMIT).code == 2
    (shop.parent / "task").write_text("Tidy\nup")
    long = trigpoint.run("schedule", "--message-file", "../task", "--cron", "@daily", *LIMIT)
    assert "run --message-file ../task --max-budget-usd 1" in long.stdout
    assert trigpoint.run("schedule", "x\n* * * * * rm", "--cron", "@daily", *LIMIT).code == 2
    assert git(shop, "status", "--porcelain") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="the program that stands for crontab is a script")
def test_a_crontab_is_changed_after_consent_and_only_by_its_own_line(
    trigpoint: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed again it is replaced; removed, all others are left as they were. The job does not get the consent.

    What cannot be written back as it was is not touched.
    """
    table = tmp_path / "table"
    table.write_text("# mine\n1 2 * * * backup\n")
    crontab = tmp_path / "bin/crontab"
    crontab.parent.mkdir()
    crontab.write_text(f'#!/bin/sh\nif [ "$1" = -l ]; then cat {table}; else cat > {table}; fi\n')
    crontab.chmod(crontab.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{crontab.parent}{os.pathsep}{os.environ['PATH']}")
    install = ("schedule", "tidy up", "--cron", "@daily", *LIMIT, "--install")

    assert trigpoint.run(*install).code == 2
    assert table.read_text() == "# mine\n1 2 * * * backup\n"
    for _ in range(2):
        assert trigpoint.run(*install, "--yes").code == 0
    lines = table.read_text().splitlines()
    assert (lines[:2], len(lines), "--yes" in lines[2]) == (["# mine", "1 2 * * * backup"], 3, False)
    name = trigpoint.run("schedule", "list").stdout.split("\t")[0]
    assert trigpoint.run("schedule", "remove", name).code == 0
    assert table.read_text() == "# mine\n1 2 * * * backup\n"
    assert trigpoint.run("schedule", "remove", name).code == 42

    odd = "# not a new line: \x0c \x85 \u2028\n".encode()
    table.write_bytes(odd)
    assert trigpoint.run(*install, "--yes").code == 0
    assert table.read_bytes().startswith(odd)
    latin = "# für mich\n".encode("latin-1")
    table.write_bytes(latin)
    refused = trigpoint.run(*install, "--yes")
    assert (refused.code, table.read_bytes()) == (1, latin)
    assert "no UTF-8" in refused.stderr
