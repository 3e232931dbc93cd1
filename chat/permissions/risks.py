"""A table of programs that run other programs: with which arguments, and for which variables and shells.

What is not in it may have such arguments all the same. A new row needs a line in the tests' list of tricks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Risks:
    """Arguments of one program that make it run others, load code, or delete."""

    options: tuple[str, ...] = ()
    """Long options, which may be abbreviated."""
    words: re.Pattern[str] | None = None
    """What an argument begins with."""

    def has(self, text: str) -> bool:
        """Whether an argument is one of them."""
        name = text.partition("=")[0]
        is_abbreviated = len(name) > len("--") and any(option.startswith(name) for option in self.options)
        return is_abbreviated or bool(self.words and self.words.match(text))


def _risks(options: str = "", words: str = "") -> Risks:
    return Risks(tuple(f"--{name}" for name in options.split()), re.compile(words) if words else None)


_TAR = _risks(
    "use-compress-program to-command checkpoint-action info-script new-volume-script rsh-command rmt-command",
    r"-[A-Za-z]*[IF]|[^/-][^/]*:",
)
_LATEX = _risks("shell-escape enable-write18", "-(?:shell-escape|enable-write18)")
_VERSIONS = _risks("config config-option diff-cmd editor-cmd diff3-cmd merge-cmd", "(?:alias|extdiff)")
_MAKE_VARIABLE = (
    r"(?:\w*(?:FLAGS|PREFIX|DESTDIR|VERSION|TARGETS?|TESTS?|ARGS|OPTS|FILES?|DIR|MODE|ENV|ARCH|OS|TAG|NAME|HOST|PORT)"
    r"|V|VERBOSE|DEBUG|CI)=(?!.*(?:-B|-fplugin|-wrapper|-fuse-ld|-specs))[\w./:@%+,= -]*|\w+=\d*"
)
"""Variables of make that name no program."""
RISKS: Mapping[str, Risks] = MappingProxyType(
    {
        "find": _risks(words=r"-(?:exec|ok)(?:dir)?\Z|-delete\Z|-f(?:print|ls)|-files0-from"),
        "fd": _risks("exec exec-batch", r"-[A-Za-z]*[xX]"),
        "fdfind": _risks("exec exec-batch", r"-[A-Za-z]*[xX]"),
        "tar": _TAR,
        "bsdtar": _TAR,
        "gtar": _TAR,
        "rg": _risks("pre hostname-bin"),
        "ag": _risks("pager"),
        "ack": _risks("pager"),
        "bat": _risks("pager"),
        "delta": _risks("pager"),
        "sort": _risks("compress-program"),
        "split": _risks("filter"),
        "install": _risks("strip-program"),
        "rsync": _risks("rsh rsync-path", r"-[A-Za-z]*e|[^/]*::"),
        "scp": _risks(words=r"-[A-Za-z0-9]*[oSFJ]"),
        "sftp": _risks(words=r"-[A-Za-z0-9]*[boSDFJ]"),
        "wget": _risks("execute use-askpass config", r"-[A-Za-z]*e"),
        "zip": _risks("unzip-command", r"-[A-Za-z]*TT"),
        "patch": _risks("ed", r"-[A-Za-z]*e"),
        "go": _risks(words=r"--?(?:exec|toolexec|vettool)\b"),
        "cargo": _risks("config"),
        "gcc": _risks("specs", r"-(?:wrapper|B|fplugin|specs)|@"),
        "g++": _risks("specs", r"-(?:wrapper|B|fplugin|specs)|@"),
        "cc": _risks("specs", r"-(?:wrapper|B|fplugin|specs)|@"),
        "c++": _risks("specs", r"-(?:wrapper|B|fplugin|specs)|@"),
        "clang": _risks("config", r"-(?:B|fplugin|Xclang|load)|@"),
        "make": _risks(
            "eval file makefile include-dir", rf"-[A-Za-z]*[fIE]|(?!{_MAKE_VARIABLE}\Z)\w+[:+?]?=|.*[$`;|&<>]"
        ),
        "npm": _risks(
            "script-shell node-options shell prefix userconfig globalconfig git", r"-[A-Za-z]*[Cc]"
        ),
        "pnpm": _risks("script-shell shell-mode dir shell-emulator node-options", r"-[A-Za-z]*[Cc]"),
        "yarn": _risks("script-shell cwd use-yarnrc"),
        "apt": _risks("option config-file", r"-[A-Za-z]*[oc]"),
        "apt-get": _risks("option config-file", r"-[A-Za-z]*[oc]"),
        "gh": _risks(words=r"alias\Z|extension\Z|ext\Z|config\Z"),
        "hg": _VERSIONS,
        "svn": _VERSIONS,
        "sqlite3": _risks("init cmd", r"-(?:init|cmd)|\s*\.|(?s:.)*(?:load_extension|edit\s*\()"),
        "psql": _risks("file", r"-[A-Za-z]*f|(?s:.)*\\"),
        "mysql": _risks("pager init-command", r"(?s:.)*(?:\\|system)"),
        "pdflatex": _LATEX,
        "xelatex": _LATEX,
        "lualatex": _LATEX,
        "tcpdump": _risks("postrotate-command", r"-[A-Za-z]*z"),
        "ip": _risks(words=r"(?:netns|vrf)\Z|-[A-Za-z]*b|-batch"),
        "test": _risks(words=r"-[vR]\Z"),
        "printf": _risks(words=r"-v"),
        "openssl": _risks("engine provider", r"-(?:engine|provider)"),
    }
)
"""By the program's name."""

PASS_ON = frozenset("npm pnpm yarn cargo".split())
"""Programs for which the words behind `--` are another's."""

_ALWAYS = Risks(words=re.compile(""))
GIT = _risks(
    "upload-pack receive-pack exec exec-path ext-diff config template extcmd open-files-in-pager config-env "
    "git-dir work-tree namespace super-prefix",
    r"[A-Za-z][\w+.-]*::",
)
GIT_READING = frozenset("--get --get-all --get-regexp --get-urlmatch --list -l".split())
_MERGES = _risks("strategy exec", r"-[A-Za-z]*[sx]")
GIT_COMMANDS: Mapping[str, Risks] = MappingProxyType(
    {
        "bisect": _risks(words="run"),
        "submodule": _risks(words="foreach"),
        "grep": _risks(words=r"-[A-Za-z]*O"),
        "clone": _risks(words=r"-[A-Za-z]*[uc]"),
        "merge": _MERGES,
        "pull": _MERGES,
        "rebase": _MERGES,
        "cherry-pick": _risks("strategy"),
        "revert": _risks("strategy"),
        "archive": _risks("remote"),
    }
    | dict.fromkeys(
        "config difftool mergetool filter-branch help hook send-email instaweb var credential".split(),
        _ALWAYS,
    )
    | dict.fromkeys(
        """add am apply blame branch bundle cat-file check-attr check-ignore checkout cherry clean commit
        count-objects describe diff diff-files diff-index diff-tree fetch for-each-ref format-patch fsck gc init
        log ls-files ls-remote ls-tree merge-base mv name-rev notes push range-diff reflog remote reset restore
        rev-list rev-parse rm shortlog show show-branch show-ref sparse-checkout stash status switch
        symbolic-ref tag update-index verify-commit version whatchanged worktree""".split(),
        Risks(),
    )
)
"""Subcommands; any other may be an alias or a program of its own, so a rule has to name it."""
GIT_HAS_NO_RISKS = frozenset("add blame checkout commit ls-files mv reset restore rm status switch".split())
"""Subcommands that run nothing, whatever their options are."""
GIT_HARMLESS = frozenset("--no-pager -P --no-optional-locks --literal-pathspecs --version".split())

OPAQUE = frozenset(
    """. alias at atq batch bg bind builtin bwrap busybox caller capsh chroot chrt compgen complete compopt coproc
    crontab cu dbus-run-session declare disown doas ed emacs emacsclient enable entr eval ex exec expect export
    faketime fc fg firejail flock fuser gdb getopts gosu hash history inotifywait ionice jobs less let lldb local
    logger logrotate ltrace man mapfile more nano nc ncat netcat newgrp nsenter numactl nvim open osascript
    parallel perf pkexec popd proxychains pushd rbash read readarray readonly rlogin rsh run-parts runuser screen
    script scriptreplay set setarch setpriv setsid sg shopt socat source ssh start-stop-daemon strace su suspend
    systemd-run taskset telnet tmux torsocks toybox trap typeset udevadm ulimit umask unalias unbuffer unset
    unshare valgrind vi view vim wait watch watchexec xdg-open xterm""".split()
)
"""Programs and builtins that run what they are told, or change what runs after them: a rule has to be the
whole command."""
SHELLS = frozenset("ash bash dash fish ksh mksh rbash sh yash zsh".split())
LOOKED_INTO = frozenset("bash dash sh".split())
"""Shells whose scripts mean what `shell_words` reads in them."""
HARMLESS_VARIABLES = re.compile(
    r"CI|COLUMNS|DEBUG|FORCE_COLOR|NO_COLOR|CLICOLOR(?:_FORCE)?|LANG|LANGUAGE|LC_[A-Z]+|LINES|LOG_LEVEL|NODE_ENV"
    r"|APP_ENV|ENVIRONMENT|FLASK_ENV|RAILS_ENV|RACK_ENV|MIX_ENV|RUST_BACKTRACE|RUST_LOG|TERM|TZ|VERBOSE|PORT"
)
AWKS = frozenset("awk gawk mawk nawk original-awk".split())
"""Programs for which an argument is a program of its own."""
