"""Git folders that are not what they seem, and what git would run of them: nothing leaves, nothing runs."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial

from siege import LOCAL_ONLY, Case, Siege, Step, besiege, played

pytestmark = LOCAL_ONLY


# What git would run ---------------------------------------------------------------------------------

HOOKS = """applypatch-msg commit-msg fsmonitor-watchman post-applypatch post-checkout post-commit post-index-change
    post-merge post-rewrite pre-applypatch pre-auto-gc pre-commit pre-merge-commit pre-push prepare-commit-msg
    push-to-checkout query-watchman reference-transaction sendemail-validate""".split()
PROGRAMS = {
    "a file monitor": ("core.fsmonitor",),
    "a pager": ("core.pager", "pager.status", "pager.diff", "pager.log"),
    "an editor": ("core.editor", "sequence.editor"),
    "an external diff": ("diff.external",),
    "a signer": ("gpg.program", "gpg.ssh.program", "gpg.openpgp.program", "gpg.ssh.defaultKeyCommand"),
    "an alias over a command": ("alias.status", "alias.diff", "alias.commit"),
    "credentials": ("credential.helper", "core.askPass", "core.sshCommand", "core.gitProxy"),
    "other references": ("core.alternateRefsCommand", "uploadpack.packObjectsHook"),
    "trailers": ("trailer.x.command", "trailer.x.cmd", "interactive.diffFilter"),
}
DRIVERS = "* filter=f diff=d merge=m\n"


def _configure(siege: Siege, *keys: str) -> None:
    for key in keys:
        siege.git("config", key, str(siege.canary))


def _set_programs(name: str, siege: Siege) -> None:
    _configure(siege, *PROGRAMS[name])
    for key in ("commit.gpgSign", "log.showSignature"):
        siege.git("config", key, "true")


def _hooks_in(folder: str, siege: Siege) -> None:
    for name in HOOKS:
        siege.hook(f"{folder}/{name}")


def _hooks_elsewhere(path: str, setting: str, siege: Siege) -> None:
    _hooks_in(path, siege)
    siege.git("config", "core.hooksPath", setting.format(root=siege.root))


def _drivers(siege: Siege) -> None:
    siege.write({".gitattributes": DRIVERS})
    _configure(siege, "filter.f.clean", "filter.f.smudge", "filter.f.process", "diff.d.textconv")
    _configure(siege, "diff.d.command", "merge.m.driver")


def _included(condition: str, siege: Siege) -> None:
    siege.write(
        {".git/more": f'[core]\n\tfsmonitor = "{siege.canary}"\n[filter "f"]\n\tclean = "{siege.canary}"\n'}
    )
    siege.write({".git/info/attributes": DRIVERS})
    siege.git("config", condition.format(root=siege.root), str(siege.root / ".git" / "more"))


def _of_work_tree(siege: Siege) -> None:
    siege.git("config", "extensions.worktreeConfig", "true")
    siege.write({".git/config.worktree": f'[core]\n\tfsmonitor = "{siege.canary}"\n'})


def _odd_text(text: str, siege: Siege) -> None:
    path = siege.root / ".git" / "config"
    path.write_bytes(path.read_bytes() + text.replace("PROGRAM", str(siege.canary)).encode())


NAMED_FILES = "include.path core.excludesFile core.attributesFile mailmap.file".split()


def _piped(key: str, siege: Siege) -> None:
    os.mkfifo(siege.root / "pipe")
    section, _, name = key.partition(".")
    _odd_text(f"[{section}]\n\t{name} = {siege.root}/pipe\n", siege)


def _embedded(siege: Siege) -> None:
    siege.git("init", "-q", "--bare", "shop/inner")
    inner = siege.root / "shop" / "inner"
    for key, value in (
        ("core.bare", "false"),
        ("core.worktree", str(inner)),
        ("core.fsmonitor", str(siege.canary)),
    ):
        siege.git("-C", "shop/inner", "config", key, value)


def _submodule(siege: Siege) -> None:
    siege.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(siege.mine), "sub")
    siege.git("commit", "-qm", "Add a submodule")
    siege.git("-C", "sub", "config", "core.fsmonitor", str(siege.canary))
    for name in HOOKS:
        siege.hook(f".git/modules/sub/hooks/{name}")
    siege.git("config", "submodule.sub.update", f"!{siege.canary}")
    siege.git("config", "submodule.recurse", "true")


def _by_the_user(siege: Siege) -> None:
    """The user's own setting makes every clone bring hooks."""
    _hooks_in(".githooks", siege)
    siege.git("config", "--global", "core.hooksPath", ".githooks")


def _relative_path(siege: Siege) -> None:
    """A filter of the user's, found in a folder of PATH that is the current one."""
    siege.git("config", "--global", "filter.own.clean", "own-filter")
    siege.write({".gitattributes": "* filter=own\n"})
    siege.hook("own-filter")
    siege.hook("git")
    siege.set_variable("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")


RUNS: Iterator[Case] = iter(
    (
        *(Case(f"{name} in .git/config", partial(_set_programs, name)) for name in PROGRAMS),
        Case("a hook for everything", partial(_hooks_in, ".git/hooks"), is_quick=True),
        Case("hooks in the tree", partial(_hooks_elsewhere, ".githooks", ".githooks")),
        Case("husky", partial(_hooks_elsewhere, ".husky/_", ".husky/_")),
        Case("hooks by an absolute path", partial(_hooks_elsewhere, "hooks", "{root}/hooks")),
        Case("hooks in a folder with a blank at its end", partial(_hooks_elsewhere, "h ", "h ")),
        Case("hooks that the user's own setting finds", _by_the_user),
        Case("drivers of attributes", _drivers),
        Case("an included file", partial(_included, "include.path")),
        Case("a file included on a condition", partial(_included, "includeIf.gitdir:{root}/.path")),
        Case("a file included for the branch", partial(_included, "includeIf.onbranch:**.path")),
        Case("the configuration of the work tree", _of_work_tree),
        Case("a section and a key in one line", partial(_odd_text, '[core] fsmonitor = "PROGRAM"\n')),
        Case("a key cut by a backslash", partial(_odd_text, "[core]\n\tfsmonitor = \\\nPROGRAM\n")),
        Case("upper case", partial(_odd_text, "[CORE]\n\tFSMonitor = PROGRAM\n")),
        Case("carriage returns", partial(_odd_text, "[core]\r\n\tfsmonitor = PROGRAM\r\n")),
        Case("a filter with = in its name", partial(_odd_text, '[filter "a=b"]\n\tclean = PROGRAM\n')),
        Case("the old form of a section", partial(_odd_text, "[filter.F]\n\tclean = PROGRAM\n")),
        *(Case(f"a pipe behind {key}", partial(_piped, key)) for key in NAMED_FILES),
        Case("a bare repository in a folder", _embedded),
        Case("a submodule", _submodule),
        Case("a program by a relative PATH", _relative_path),
    )
)


# Where a git folder leads ---------------------------------------------------------------------------


def _pointer(text: str, siege: Siege) -> None:
    """The folder's own git data as `g`, and a `.git` that is a file."""
    (siege.root / ".git").rename(siege.root / "g")
    (siege.root / ".git").write_bytes(text.format(mine=siege.mine).encode())


def _two_folders(clean: str, evil: str, text: str, siege: Siege) -> None:
    """A harmless git folder, and one that runs the canary, under names that are easily taken for each other."""
    (siege.root / ".git").rename(siege.root / clean)
    shutil.copytree(siege.root / clean, siege.root / evil)
    with (siege.root / evil / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "{siege.canary}"\n')
    for name in HOOKS:
        siege.hook(f"{evil}/hooks/{name}")
    (siege.root / ".git").write_bytes(text.encode())


def _common(text: str, siege: Siege) -> None:
    siege.write({".git/commondir": text.format(mine=siege.mine)})


def _two_commons(text: str, siege: Siege) -> None:
    for name in ("c", "c "):
        shutil.copytree(siege.root / ".git", siege.root / ".git" / name)
    for name in HOOKS:
        siege.hook(f".git/c /hooks/{name}")
    (siege.root / ".git" / "commondir").write_bytes(text.encode())


def _link_of_git(siege: Siege) -> None:
    siege.link(".git", siege.mine / ".git")


def _made_up_worktree(siege: Siege) -> None:
    _pointer("gitdir: g\n", siege)
    siege.write({"g/commondir": f"{siege.mine}/.git\n", "g/gitdir": f"{siege.root}/.git\n"})


def _real_worktree_of_another(siege: Siege) -> None:
    """A work tree of the user's repository lies elsewhere, and this folder says that it is that."""
    _pointer("gitdir: {mine}/.git/worktrees/x\n", siege)
    place = siege.mine / ".git" / "worktrees" / "x"
    place.mkdir(parents=True)
    (place / "HEAD").write_text("ref: refs/heads/main\n")
    (place / "commondir").write_text("../..\n")
    (place / "gitdir").write_text(f"{siege.base}/elsewhere/.git\n")


def _worktree_setting(value: str, siege: Siege) -> None:
    siege.git("config", "core.worktree", value.format(base=siege.base))


def _linked(name: str, siege: Siege) -> None:
    siege.link(f".git/{name}", siege.mine / "notes.txt")


def _linked_to_nothing(name: str, siege: Siege) -> None:
    siege.link(f".git/{name}", siege.base / "made")


def _linked_folder(name: str, siege: Siege) -> None:
    siege.link(f".git/{name}", siege.mine / ".git" / name)


def _linked_to_device(name: str, siege: Siege) -> None:
    siege.link(name, "/dev/zero")


def _pipe(name: str, siege: Siege) -> None:
    (siege.root / name).unlink(missing_ok=True)
    os.mkfifo(siege.root / name)


def _each(what: str, act: Callable[[str, Siege], None], names: str) -> Iterator[Case]:
    return (Case(f"{what} {name}", partial(act, name)) for name in names.split())


LEADS: Iterator[Case] = iter(
    (
        Case("a file to another repository", partial(_pointer, "gitdir: {mine}/.git\n"), is_quick=True),
        Case("the same relative", partial(_pointer, "gitdir: ../mine/.git\n")),
        Case("the same without a line feed", partial(_pointer, "gitdir: {mine}/.git")),
        Case("the same with a carriage return", partial(_pointer, "gitdir: {mine}/.git\r\n")),
        Case("the same with a zero byte", partial(_pointer, "gitdir: {mine}/.git\0/x\n")),
        Case("a blank at the end", partial(_two_folders, "g", "g ", "gitdir: g \n"), is_quick=True),
        Case("two blanks before", partial(_two_folders, "g", " g", "gitdir:  g\n")),
        Case("a tab at the end", partial(_two_folders, "g", "g\t", "gitdir: g\t\n")),
        Case("a zero byte cuts the name", partial(_two_folders, "gg", "g", "gitdir: g\0g\n")),
        Case("a carriage return at the end", partial(_two_folders, "g\r", "g", "gitdir: g\r\n")),
        Case("several line feeds", partial(_two_folders, "h", "g", "gitdir: g\n\n\n")),
        Case("several lines", partial(_two_folders, "h", "g\nx", "gitdir: g\nx\n")),
        Case("no-break space", partial(_two_folders, "g", "g\u00a0", "gitdir: g\u00a0\n")),
        Case("commondir to another repository", partial(_common, "{mine}/.git\n")),
        Case("commondir without a line feed", partial(_common, "../../mine/.git")),
        Case("commondir with a blank", partial(_two_commons, "c \n")),
        Case("commondir with a zero byte", partial(_two_commons, "c \0x\n")),
        Case("commondir with a carriage return", partial(_two_commons, "c \r\n")),
        Case(".git is a link to another repository", _link_of_git),
        Case("a work tree made up", _made_up_worktree),
        Case("the work tree of somebody else", _real_worktree_of_another),
        Case("core.worktree around", partial(_worktree_setting, "{base}")),
        Case("core.worktree beside", partial(_worktree_setting, "{base}/mine")),
        *_each(
            "a link out of",
            _linked,
            "COMMIT_EDITMSG HEAD ORIG_HEAD index packed-refs config info/exclude logs/HEAD logs/refs/heads/main "
            "refs/heads/main",
        ),
        *_each("a link to nothing in", _linked_to_nothing, "COMMIT_EDITMSG logs/HEAD index.lock ORIG_HEAD"),
        *_each("a linked folder", _linked_folder, "objects refs logs info refs/heads"),
        *_each(
            "an endless",
            _linked_to_device,
            ".git/info/exclude .git/HEAD .git/index .git/config .git/packed-refs .git/shallow .gitignore "
            ".gitattributes",
        ),
        *_each(
            "a pipe in place of",
            _pipe,
            ".git/info/exclude .git/HEAD .git/config .git/commondir .git/refs/heads/main .git/info/attributes "
            ".gitignore .gitattributes .gitmodules .mailmap AGENTS.md .trigpoint.toml .aider.conf.yml .editorconfig",
        ),
    )
)


# What stays allowed ---------------------------------------------------------------------------------


def _commits(siege: Siege) -> None:
    """The turn was committed, before it was undone."""
    assert "Committed" in siege.said, siege.said


def _separate(siege: Siege) -> None:
    (siege.root / ".git").rename(siege.root / "data")
    (siege.root / ".git").write_text("gitdir: data\n")


TURN: tuple[Step, ...] = (lambda siege: siege.run("-m", "shorter"),)
HONEST = (
    Case("a plain repository", lambda siege: None, steps=TURN, holds=_commits),
    Case("a git folder under another name", _separate, steps=TURN, holds=_commits),
)


@played(*RUNS, *LEADS)
def test_a_hostile_git_folder_runs_and_reaches_nothing(siege: Siege, case: Case) -> None:
    """Whatever its files say, git works in this folder alone and starts nothing."""
    besiege(siege, case)


@played(*HONEST)
def test_an_honest_git_folder_is_committed_to(siege: Siege, case: Case) -> None:
    """What looks odd and is the folder's own is not refused."""
    besiege(siege, case)
