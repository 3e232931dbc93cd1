"""Trust that a turn itself takes away: what was agreed to is compared again before it runs."""

from functools import partial

from siege import EDIT, LOCAL_ONLY, Case, Siege, Step, besiege, played
from whole_chat import block

pytestmark = LOCAL_ONLY

QUIET = "#!/bin/sh\nexit 0\n"
CHANGED = "changed since you trusted"


def _edit(path: str, before: str, after: str) -> Step:
    """A turn whose model changes the shop, and this file; the user says yes to everything."""
    return lambda siege: siege.run(
        "-m", "go", "--yes", replies=(EDIT + block(path, before, after.format(canary=siege.canary)),)
    )


def _hooks(folder: str, setting: str, siege: Siege) -> None:
    siege.hook(f"{folder}/pre-commit", QUIET)
    siege.git("config", "core.hooksPath", setting)
    siege.git("add", "--all")
    siege.git("commit", "-qm", "Hooks")
    siege.trust()


def _husky(siege: Siege) -> None:
    siege.hook(".husky/_/pre-commit", '#!/bin/sh\nsh -e "$(dirname "$0")/../pre-commit"\n')
    siege.hook(
        ".husky/_/post-commit", '#!/bin/sh\nf="$(dirname "$0")/../post-commit"; [ ! -f "$f" ] || sh -e "$f"\n'
    )
    _hooks(".husky", ".husky/_", siege)


def _settings(text: str, siege: Siege) -> None:
    siege.write({".trigpoint.toml": text.format(canary=siege.canary)})
    siege.git("add", "--all")
    siege.git("commit", "-qm", "Settings")
    siege.trust()


def _include(siege: Siege) -> None:
    siege.write({"gitconfig": "[alias]\n\tst = status\n"})
    siege.git("config", "include.path", "../gitconfig")
    siege.git("add", "--all")
    siege.git("commit", "-qm", "Configuration")
    siege.trust()


def _test_command(script: str, siege: Siege) -> None:
    """A trusted test command whose code does more than test."""
    siege.hook(".git/hooks/pre-commit", QUIET)
    siege.write({"check.sh": script.format(canary=siege.canary)})
    _settings('test-cmd = "sh check.sh"\nauto-test = true\n', siege)


def _hook_file(siege: Siege) -> None:
    """A trusted hook for the end of a turn, whose script the model can edit."""
    siege.hook(".claude/check.sh", QUIET)
    siege.write(
        {
            ".claude/settings.json": '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command":\n'
            '"$CLAUDE_PROJECT_DIR/.claude/check.sh"\n}]}]}}\n'
        }
    )
    siege.git("add", "--all")
    siege.git("commit", "-qm", "Hooks")
    siege.trust()


def _says_so(siege: Siege) -> None:
    assert CHANGED in siege.said, siege.said


def _commits(siege: Siege) -> None:
    assert siege.git("log", "-1", "--format=%s") == "Do what was asked", siege.said


def _says_so_and_commits(siege: Siege) -> None:
    _says_so(siege)
    _commits(siege)


ADDS_HOOK = """cp check.sh .git/hooks/post-commit
printf '#!/bin/sh\\n"{canary}"\\n' > .git/hooks/post-commit
chmod +x .git/hooks/post-commit
"""
MALICE = '#!/bin/sh\n"{canary}" hook\n'
CASES = (
    Case(
        "a hook in the tree is edited",
        partial(_hooks, ".githooks", ".githooks"),
        (_edit(".githooks/pre-commit", QUIET, MALICE),),
        _says_so_and_commits,
        is_quick=True,
    ),
    Case(
        "a husky script is edited", _husky, (_edit(".husky/pre-commit", QUIET, MALICE),), _says_so_and_commits
    ),
    Case("a husky script is added", _husky, (_edit(".husky/post-commit", "", MALICE),), _says_so_and_commits),
    Case(
        "a file that hooks may source is added",
        partial(_hooks, ".githooks", ".githooks"),
        (_edit(".githooks/common.sh", "", MALICE),),
        _says_so_and_commits,
    ),
    Case(
        "a configuration in the tree is edited",
        _include,
        (_edit("gitconfig", "\tst = status\n", "\tst = status\n[core]\n\tfsmonitor = {canary}\n"),),
        _says_so_and_commits,
    ),
    Case(
        "a filter comes with a configuration in the tree",
        _include,
        (
            lambda siege: siege.run(
                "-m",
                "go",
                "--yes",
                replies=(
                    EDIT
                    + block(
                        "gitconfig",
                        "\tst = status\n",
                        f'\tst = status\n[filter "f"]\n\tclean = {siege.canary}\n',
                    )
                    + block(".gitattributes", "", "* filter=f\n"),
                ),
            ),
        ),
        _says_so,
    ),
    Case(
        "a script of a hook is edited",
        _hook_file,
        (_edit(".claude/check.sh", QUIET, MALICE),),
        _says_so_and_commits,
        is_quick=True,
    ),
    Case(
        "a hook file is edited",
        _hook_file,
        (_edit(".claude/settings.json", '"$CLAUDE_PROJECT_DIR/.claude/check.sh"\n', '"{canary}"\n'),),
        _says_so_and_commits,
    ),
    Case(
        "the settings file is edited",
        partial(_settings, 'test-cmd = "true"\nauto-test = true\n'),
        (
            _edit(".trigpoint.toml", 'test-cmd = "true"\n', 'test-cmd = "{canary}"\n'),
            lambda siege: siege.run("-m", "/test"),
        ),
        _says_so,
    ),
    Case(
        "the settings file is edited back",
        partial(_settings, 'lint-cmd = "true"\nauto-lint = true\n'),
        (
            _edit(
                ".trigpoint.toml",
                "auto-lint = true\n",
                'auto-lint = true\nnotifications-command = "{canary}"\n',
            ),
        ),
        _says_so,
    ),
    Case(
        "a test command changes a hook",
        partial(_test_command, "echo '\"{canary}\"' >> .git/hooks/pre-commit\n"),
        (lambda siege: siege.run("-m", "go"),),
        _says_so_and_commits,
    ),
    Case(
        "a test command adds a hook",
        partial(_test_command, ADDS_HOOK),
        (lambda siege: siege.run("-m", "go"),),
        _says_so_and_commits,
    ),
    Case(
        "a test command configures a monitor",
        partial(_test_command, "git config core.fsmonitor {canary}\n"),
        (lambda siege: siege.run("-m", "go"),),
        _says_so_and_commits,
    ),
    Case(
        "a test command leads git elsewhere",
        partial(_test_command, "echo ../../mine/.git > .git/commondir\n"),
        (lambda siege: siege.run("-m", "go"),),
        lambda siege: None,
    ),
    Case(
        "a test command links a log of git's",
        partial(_test_command, "rm -f .git/COMMIT_EDITMSG; ln -s ../../mine/notes.txt .git/COMMIT_EDITMSG\n"),
        (lambda siege: siege.run("-m", "go"),),
        lambda siege: None,
    ),
)


# Hooks that are trusted and stay as they are --------------------------------------------------------


def _trusted_hook(name: str, text: str, siege: Siege) -> None:
    siege.hook(f".git/hooks/{name}", f"#!/bin/sh\n{text}\n")
    siege.trust()


def _has_file(path: str, siege: Siege) -> None:
    assert path in siege.git("show", "--name-only", "--format=", "HEAD").split()


def _holds(path: str, text: str, siege: Siege) -> None:
    assert text in siege.git("show", f"HEAD:{path}")


def _refused(siege: Siege) -> None:
    assert "A hook of the repository refused the commit" in siege.said
    assert siege.runs[0].code == 1
    assert siege.git("log", "-1", "--format=%s") == "Nothing new"


TURN: tuple[Step, ...] = (lambda siege: siege.run("-m", "shorter"),)
TRUSTED = (
    Case(
        "a hook adds a file",
        partial(_trusted_hook, "pre-commit", "echo made > made.txt; git add made.txt"),
        TURN,
        partial(_has_file, "made.txt"),
    ),
    Case(
        "a hook changes the file",
        partial(_trusted_hook, "pre-commit", "echo '# seen' >> shop/session.py; git add shop/session.py"),
        TURN,
        partial(_holds, "shop/session.py", "# seen"),
    ),
    Case("a hook fails", partial(_trusted_hook, "pre-commit", "echo no; exit 1"), TURN, _refused),
    Case("a hook of the message fails", partial(_trusted_hook, "commit-msg", "exit 1"), TURN, _refused),
    Case(
        "a hook rewrites the message",
        partial(_trusted_hook, "commit-msg", 'echo Rewritten > "$1"'),
        TURN,
        lambda siege: _subject_is("Rewritten", siege),
    ),
)


def _subject_is(subject: str, siege: Siege) -> None:
    assert siege.git("log", "-1", "--format=%s") == subject


@played(*CASES)
def test_what_changed_since_it_was_trusted_does_not_run(siege: Siege, case: Case) -> None:
    """Not in the turn that changed it either; the turn is told and committed without it."""
    besiege(siege, case)


@played(*TRUSTED)
def test_trusted_hooks_take_part(siege: Siege, case: Case) -> None:
    """They may add, change and refuse."""
    besiege(siege, case)
