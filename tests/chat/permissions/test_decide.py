"""Rules, modes and what they decide."""

import posixpath
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.permissions.decide import decide_command, decide_edit, decide_read
from chat.permissions.ground import Ground
from chat.permissions.rule import (
    BadRule,
    Behavior,
    PermissionMode,
    Rule,
    Rules,
    parse_rule,
    parse_rules,
    split_rules,
)
from chat.permissions.shell_words import Unclear, simple_commands


def command(
    line: str,
    mode: PermissionMode = "default",
    *,
    allow: tuple[str, ...] = (),
    ask: tuple[str, ...] = (),
    deny: tuple[str, ...] = (),
    ground: Ground | None = None,
) -> Behavior:
    """What is decided on a command under these rules."""
    rules = Rules(allow=parse_rules(allow), ask=parse_rules(ask), deny=parse_rules(deny))
    return decide_command(line, rules, mode, ground or Ground("/r")).behavior


def test_denying_comes_before_asking_and_asking_before_allowing() -> None:
    """The order of the rules in a file does not matter, and neither does how long they are."""
    rules = {"allow": ("Bash(git *)",), "ask": ("Bash(git push *)",), "deny": ("Bash(git push --force *)",)}

    assert command("git fetch", **rules) == "allow"
    assert command("git push origin", **rules) == "ask"
    assert command("git push --force origin", **rules) == "deny"


@pytest.mark.parametrize(
    "line",
    [
        "rm -r x",
        "/bin/rm -r x",
        "ls; rm x",
        "ls | xargs rm",
        "timeout 5 rm x",
        "sudo rm x",
        "sh -c 'rm x'",
        "echo $(rm x)",
        "if true; then rm x; fi",
        "f() { rm x; }; f",
        "find . -exec rm {} ;",
        "env A=1 nice rm x",
        "r''m x > out",
        "\\rm x > out",
    ],
)
@pytest.mark.parametrize("mode", ["default", "acceptEdits", "plan", "dontAsk", "bypassPermissions"])
def test_a_denied_program_is_found_wherever_it_is_named(line: str, mode: PermissionMode) -> None:
    """In every mode, also inside of what no rule could allow."""
    assert command(line, mode, allow=("Bash",), deny=("Bash(rm *)",)) == "deny"


@pytest.mark.parametrize("line", ["r$'m' x", "$X x", "xargs rm < f", "rm $FLAGS x", "e() { :; "])
def test_what_may_be_denied_is_not_allowed(line: str) -> None:
    """Where only the shell knows whether a rule forbids it, a person is asked."""
    assert command(line, allow=("Bash",), deny=("Bash(rm -rf *)",)) == "ask"
    assert command(line, "dontAsk", allow=("Bash",), deny=("Bash(rm -rf *)",)) == "deny"


def test_the_bare_tool_allows_whatever_no_other_rule_is_about() -> None:
    """`Bash` alone is the user's word that anything may run."""
    assert command("for i in *; do evil $i; done", "dontAsk", allow=("Bash",)) == "allow"
    assert command("ls", "bypassPermissions", deny=("Bash",)) == "deny"


def test_plan_mode_runs_only_what_looks() -> None:
    """Whatever the rules allow."""
    assert command("git log -3 | head -5", "plan") == "allow"
    assert command("git grep -n TODO && cat src/a.py", "plan") == "allow"
    assert command("pytest -q", "plan", allow=("Bash(pytest *)",)) == "deny"
    assert command("git log > out", "plan", allow=("Bash",)) == "deny"


@pytest.mark.parametrize(
    "line",
    [
        "cat /etc/passwd",
        "cat ~/.ssh/id_rsa",
        "cat ../other/x",
        "cat $HOME/x",
        "cat src/*",
        "grep -R key .",
        "grep -rn key src",
        "cat .env",
        "cat ./src/../.env",
        "head -5 < .env",
        "grep -f.env README",
        "git diff --no-index a .env",
        "git grep --untracked key",
        "git blame --contents .env README",
        "git config --list",
        "git remote -v",
        "diff -r a b",
        "grep -f/etc/shadow x",
        "head --lines=3 < /etc/passwd",
        "sort -o out x",
        "find . -delete",
        "git diff --output=x",
        "git branch new",
        "git config user.name x",
        "git remote add x y",
        "tree -o out",
        "cd .. && cat x",
        "cat link/secret",
        "cat link/../x",
        "cat src/link/../../x",
        "cd src/.. && cat x",
        "A=1 ls",
        "tee out",
        "curl localhost",
    ],
)
def test_what_reaches_out_of_the_root_or_writes_is_not_a_look(line: str) -> None:
    """The model sees files below the root, and no others, without a question."""

    def real(path: str) -> str:
        links = {"/r/link": "/home/me/p", "/r/src/link": "/home/me/p/q"}
        for link, target in links.items():
            path = target + path.removeprefix(link) if path.startswith(link) else path
        return posixpath.normpath(path)

    ground = Ground("/r", real, lambda path: path != "/r/.env")

    assert command(line, ground=ground) == "ask"
    assert command(line, "plan", ground=ground) == "deny"


def test_without_asking_what_no_rule_allows_is_denied() -> None:
    """Also what only looks: this mode is for those who write their rules."""
    assert command("ls", "dontAsk") == "deny"
    assert command("ls", "dontAsk", allow=("Bash(ls)",)) == "allow"
    assert command("ls", "dontAsk", allow=("Bash(ls)",), ask=("Bash(ls)",)) == "deny"


def test_git_waits_for_the_user_to_trust_what_it_would_run() -> None:
    """A repository's configuration can make `git status` run a program."""
    untrusted = Ground("/r", git_trusted=False)

    assert command("git status", allow=("Bash(git *)",), ground=untrusted) == "ask"
    assert command("timeout 5 git status", allow=("Bash(git *)",), ground=untrusted) == "ask"
    assert command("ls", ground=untrusted) == "allow"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("find . -delete", "Bash(find . -delete)"),
        ("timeout 60 evil x", "Bash(timeout 60 evil *)"),
        ("sudo apt-get install jq", "Bash(sudo apt-get install *)"),
        ("git -c core.pager=cat log", "Bash(git -c core.pager=cat log)"),
        ("PYTHONPATH=src pytest -q", "Bash(PYTHONPATH=src pytest *)"),
        ("eval x", "Bash(eval x)"),
        ("npm run test:unit", "Bash(npm run test*)"),
        ("lsof -i", "Bash(ls*)"),
        ("git push origin main", "Bash(git * main)"),
        ("node --version", "Bash(* --version)"),
        ("/usr/bin/pytest", "Bash(/usr/bin/pytest)"),
        ("pytest", "Bash(pytest:*)"),
    ],
)
def test_what_a_rule_spells_out_is_allowed(line: str, rule: str) -> None:
    """Risky words count where the rule has them literally."""
    assert command(line, "dontAsk", allow=(rule,)) == "allow"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("lsof", "Bash(ls *)"),
        ("pytest2", "Bash(pytest:*)"),
        ("./pytest", "Bash(pytest *)"),
        ("timeout 60 evil", "Bash(timeout *)"),
        ("env evil", "Bash(env *)"),
        ("xargs evil", "Bash(xargs *)"),
        ("sudo evil", "Bash(sudo *)"),
        ("sudo -u x pytest", "Bash(sudo * pytest)"),
        ("bash -c evil", "Bash(bash *)"),
        ("git evil", "Bash(git *)"),
        ("bash -c evil --version", "Bash(* --version)"),
        ("rm src/a /etc/passwd", "Bash(rm src/*)"),
        ("evil pytest", "Bash(* pytest x)"),
        ("find . -exec evil", "Bash(find . -exec* *)"),
    ],
)
def test_a_wildcard_stands_for_no_program(line: str, rule: str) -> None:
    """Neither for the one that runs, nor for one that it would run."""
    assert command(line, "dontAsk", allow=(rule,)) == "deny"


def test_what_the_page_says_of_a_rule_is_so() -> None:
    """The table of docs/permissions.md: on the left what `Bash(pytest *)` allows, on the right what not."""
    page = (Path(__file__).parents[3] / "docs" / "permissions.md").read_text("utf-8")
    table = page.partition("| a rule `Bash(pytest *)` allows | and not |\n|---|---|\n")[2].partition("\n\n")[
        0
    ]
    assert len(table.splitlines()) == 5
    for row in table.splitlines():
        allowed, refused = row.strip("| ").split(" | ")
        for side, expected in ((allowed, "allow"), (refused, "deny")):
            for line in re.findall(r"`` (.+?) ``|`([^`]+)`", side):
                assert command("".join(line), "dontAsk", allow=("Bash(pytest *)",)) == expected, line


def test_rules_about_files_hold_for_commands_that_name_them() -> None:
    """By any of their names, and in any case."""
    rules = {"allow": ("Bash(cat *)", "Bash(grep *)"), "deny": ("Read(secrets/**)",)}
    ground = Ground("/r", lambda path: path.replace("/r/link", "/r/secrets"))

    for line in (
        "cat secrets/a",
        "cat ./x/../secrets/a",
        "cat /r/SECRETS/a",
        "cat < secrets/a",
        "cat link/a",
    ):
        assert command(line, ground=ground, **rules) == "deny", line
    assert command("grep -f secrets/a x", ground=ground, **rules) == "deny"
    assert command("cat $X", ground=ground, **rules) == "ask"
    assert command("ls | xargs cat", ground=ground, **rules) == "ask"
    assert command("bash -c 'cat secrets/a'", ground=ground, **rules) == "ask"
    assert command("cat secr*/a", ground=ground, **rules) == "ask"
    assert command("cat src/a", ground=ground, **rules) == "allow"


def edit(
    path: str, mode: PermissionMode = "default", *, is_new: bool = False, **rules: tuple[str, ...]
) -> Behavior:
    """What is decided on an edit under these rules."""
    ground = Ground("/r", lambda place: place.replace("/r/link", "/r/secrets"))
    parsed = Rules(**{behavior: parse_rules(texts) for behavior, texts in rules.items()})
    return decide_edit(path, parsed, mode, ground, is_new=is_new).behavior


def test_edits_obey_rules_and_modes() -> None:
    """A rule for `Write` is about new files, one for `Edit` about all."""
    assert edit("src/a.py") == "allow"
    assert edit("src/a.py", "plan", allow=("Edit",)) == "deny"
    assert edit("src/a.py", "dontAsk") == "deny"
    assert edit("src/a.py", "dontAsk", allow=("Edit(src/**)",)) == "allow"
    assert edit("secrets/a", deny=("Edit(secrets/**)",)) == "deny"
    assert edit("link/a", deny=("Edit(secrets/**)",)) == "deny"
    assert edit("link/a", "dontAsk", allow=("Edit(link/**)",)) == "deny"
    assert edit("Secrets/a", "bypassPermissions", deny=("Edit(secrets/**)",)) == "deny"
    assert edit("a.py", deny=("Write",)) == "allow"
    assert edit("a.py", is_new=True, deny=("Write",)) == "deny"
    assert edit("a.py", ask=("Edit(*.py)",)) == "ask"
    assert edit("a.py", "dontAsk", allow=("Edit",), ask=("Edit(*.py)",)) == "deny"


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("secrets/**", "secrets/a/b", True),
        ("secrets", "secrets/a/b", True),
        ("*.pem", "keys/a.pem", True),
        (".env", "app/.env", True),
        ("/.env", "app/.env", False),
        ("./src/*.py", "src/a.py", True),
        ("src/*.py", "src/b/a.py", False),
        ("**/test_*", "a/b/test_x.py", True),
        ("src/**/gen", "src/gen/x", True),
        ("[ab].txt", "c.txt", False),
        ("//r/x/**", "x/y", True),
        ("//etc/**", "etc/x", False),
        ("a.b", "aXb", False),
    ],
)
def test_patterns_of_files_are_those_of_gitignore(pattern: str, path: str, expected: bool) -> None:
    """Relative to the root; `//` begins an absolute path."""
    rules = Rules(deny=(Rule("Read", pattern),))

    assert (decide_read(path, rules, Ground("/r")).behavior == "deny") is expected


def test_several_rules_may_be_in_one_text() -> None:
    """As in `--allowedTools "Bash(git log:*) Edit"`."""
    assert split_rules("Bash(git log:*),Edit Read(a, b)\n") == ("Bash(git log:*)", "Edit", "Read(a, b)")


@pytest.mark.parametrize(
    "text", ["", "Bash(", "Bash(')", "rm -rf", "Bash(a\nb)", "()", "Read(" + "*a" * 50 + ")"]
)
def test_what_is_no_rule_is_said(text: str) -> None:
    """A rule that is silently without effect would protect nothing."""
    with pytest.raises(BadRule):
        parse_rule(text)


@given(st.lists(st.text("abc -'\"$\\*~\n#", min_size=1), min_size=1, max_size=4))
@examples(40)
def test_quoted_words_are_read_as_they_were_meant(words: list[str]) -> None:
    """Whatever `shlex.join` quotes comes back word for word."""
    import shlex

    (read,) = simple_commands(shlex.join(["echo", *words]))

    assert [word.text for word in read.words[1:]] == words


def test_a_reason_says_what_was_not_understood() -> None:
    """The user is asked, and wants to know why."""
    with pytest.raises(Unclear, match="background"):
        simple_commands("ls &")
    decision = decide_command("ls > out", Rules(), "default")
    assert decision.reason == "no rule can be applied to it: it redirects to a file"
