"""What is known of programs that run other programs: where in their arguments those are named.

A wildcard of a rule never stands for a word that names another program or makes one run: such words have
to be in the rule. `find *` does not allow `find -delete`, and `git *` does not allow `git -c core.pager=…`.
Some programs do nothing but run another one (`timeout`, `env`, `xargs`): what they run is judged by itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from chat.permissions.shell_words import Meaning, Word


@dataclass(frozen=True, slots=True)
class ProgramUse:
    """What the words of a command say about other programs."""

    named: frozenset[int] = frozenset()
    """Positions of words that a rule has to spell out."""
    inner: tuple[Word, ...] = ()
    """The command that this one runs and adds nothing to."""
    script: str | None = None
    """The script that this command has a shell run."""


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

_PASS_ON = frozenset("npm pnpm yarn cargo".split())
"""Programs for which the words behind `--` are another's."""

_ALWAYS = Risks(words=re.compile(""))
_GIT = _risks(
    "upload-pack receive-pack exec exec-path ext-diff config template extcmd open-files-in-pager config-env "
    "git-dir work-tree namespace super-prefix",
    r"[A-Za-z][\w+.-]*::",
)
_GIT_READING = frozenset("--get --get-all --get-regexp --get-urlmatch --list -l".split())
_MERGES = _risks("strategy exec", r"-[A-Za-z]*[sx]")
_GIT_COMMANDS: Mapping[str, Risks] = MappingProxyType(
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
_GIT_HAS_NO_RISKS = frozenset("add blame checkout commit ls-files mv reset restore rm status switch".split())
"""Subcommands that run nothing, whatever their options are."""
_GIT_HARMLESS = frozenset("--no-pager -P --no-optional-locks --literal-pathspecs --version".split())

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
_LOOKED_INTO = frozenset("bash dash sh".split())
"""Shells whose scripts mean what `shell_words` reads in them."""
_HARMLESS_VARIABLES = re.compile(
    r"CI|COLUMNS|DEBUG|FORCE_COLOR|NO_COLOR|CLICOLOR(?:_FORCE)?|LANG|LANGUAGE|LC_[A-Z]+|LINES|LOG_LEVEL|NODE_ENV"
    r"|APP_ENV|ENVIRONMENT|FLASK_ENV|RAILS_ENV|RACK_ENV|MIX_ENV|RUST_BACKTRACE|RUST_LOG|TERM|TZ|VERBOSE|PORT"
)


def is_harmless_assignment(word: Word) -> bool:
    """Whether a `NAME=value` in front of a command changes neither what runs nor where from."""
    name = word.text.partition("=")[0]
    return word.is_known and bool(_HARMLESS_VARIABLES.fullmatch(name))


def program_name(words: Sequence[Word]) -> str:
    """Return the name of the program without its folder."""
    return words[0].text.rpartition("/")[2]


def _plain_name(words: Sequence[Word]) -> str:
    """Return the name that a program is known by here: `find` for `gfind`, and on disks without case for `FIND`."""
    name = program_name(words).lower()
    known = {*RISKS, *_WRAPPERS, *SHELLS, *OPAQUE, *_AWKS, "git", "sed"}
    return name[1:] if name.startswith("g") and name not in known and name[1:] in known else name


def use_of(words: Sequence[Word], *, reads_file: bool = False) -> ProgramUse:
    """Say what a command's words have to do with other programs.

    >>> words = [Word(text) for text in "find . -name x -delete".split()]
    >>> sorted(use_of(words).named)
    [0, 4]
    """
    name = _plain_name(words)
    whole = frozenset(range(len(words)))
    if not words[0].is_known or not words[0].is_bare or not re.fullmatch(r"[\w./+@-]+", words[0].text):
        return ProgramUse(whole)
    if name in OPAQUE or (name in SHELLS and reads_file):
        return ProgramUse(whole)
    if name in SHELLS:
        return _use_of_shell(words, name)
    if name in _WRAPPERS:
        return _use_of_wrapper(words, name)
    if name == "sudo":
        return _use_of_sudo(words)
    if name == "git":
        return ProgramUse(_named_by_git(words))
    if name == "sed":
        return ProgramUse(_named_by_sed(words))
    if name in _AWKS:
        return ProgramUse(_named(words, _is_risky_awk))
    risks = RISKS.get(name)
    if risks is None:
        return ProgramUse(frozenset((0,)))
    texts = [word.text for word in words]
    if name in ("tar", "bsdtar") and len(words) > 1 and re.match("[A-Za-z]*[IF]", texts[1]):
        return ProgramUse(_named(words, risks.has) | {1})  # keys without a dash, as in `tar cIf`
    own = words[: texts.index("--")] if name in _PASS_ON and "--" in texts else words
    return ProgramUse(_named(own, risks.has))


def _named(words: Sequence[Word], is_risky: Callable[[str], bool], start: int = 1) -> frozenset[int]:
    """Return the positions of the program and of what is risky, or may turn out to be."""
    return frozenset((0,)) | {
        position
        for position, word in enumerate(words)
        if position >= start and (word.may_be_option or is_risky(word.text))
    }


def _named_by_git(words: Sequence[Word]) -> frozenset[int]:
    named = {0}
    position = 1
    while position < len(words) and words[position].text.startswith("-"):
        if words[position].text not in _GIT_HARMLESS:
            return frozenset(range(len(words)))
        position += 1
    if position >= len(words):
        return frozenset(named)
    command = words[position].text
    risks = _GIT_COMMANDS.get(command)
    if command in _GIT_HAS_NO_RISKS:
        return frozenset(named)
    if risks is None:
        named.add(position)
    elif command == "config" and len(words) > position + 1 and words[position + 1].text in _GIT_READING:
        risks = Risks()
    return frozenset(named) | _named(
        words, lambda text: _GIT.has(text) or bool(risks and risks.has(text)), position + 1
    )


_SED_SCRIPT = re.compile(
    r"(?:\d+|\$)?(?:,(?:\+?\d+|\$))?[pdq=]"
    r"|(?:(?:\d+|\$)?(?:,(?:\d+|\$))?|/[^/;\\\n]*/)?s(?P<mark>[/|#,:@!])(?:\\[^\n]|(?!(?P=mark))[^\\\n])*(?P=mark)"
    r"(?:\\[^\n]|(?!(?P=mark))[^\\\n])*(?P=mark)[gpiI\d]*"
    r"|/(?:\\.|[^/\\\n])*/(?:,/(?:\\.|[^/\\\n])*/)?[pd]"
)
_SED_FLAGS = re.compile(
    r"-[nErsuz]+e?|-e|-i[\w.]*|--(?:quiet|silent|regexp-extended|in-place(?:=[\w.]*)?|expression)"
)


def _named_by_sed(words: Sequence[Word]) -> frozenset[int]:
    """Return the positions of sed's program, of scripts that do more than edit, and of unusual options."""
    named, scripts, others = {0}, [], []
    for position, word in enumerate(words[1:], 1):
        before = words[position - 1].text
        if word.may_be_option or (word.text.startswith("-") and not _SED_FLAGS.fullmatch(word.text)):
            named.add(position)
        elif position > 1 and re.fullmatch("-[nErsuz]*e|--expression", before):
            scripts.append(position)
        elif not word.text.startswith("-"):
            others.append(position)
    scripts = scripts or others[:1]
    return frozenset(named | {position for position in scripts if _is_risky_sed(words[position])})


def _is_risky_sed(script: Word) -> bool:
    """Whether a script of sed may run a command or write a file."""
    return not (
        script.is_known and all(_SED_SCRIPT.fullmatch(part.strip()) for part in _sed_parts(script.text))
    )


def _sed_parts(text: str) -> list[str]:
    return [text] if _SED_SCRIPT.fullmatch(text) else [part for part in text.split(";") if part.strip()]


_AWKS = frozenset("awk gawk mawk nawk original-awk".split())
_AWK_RUNS = re.compile(r"system|getline|@|print(?s:.)*(?:>|\|)|\|&|(?<!\|)\|(?!\|)")
_AWK_FLAGS = re.compile(r"-F.*|-v.*|--")


def _is_risky_awk(text: str) -> bool:
    """Whether an argument of awk runs a command, writes a file or loads code."""
    if text.startswith("-"):
        return not _AWK_FLAGS.fullmatch(text)
    return bool(_AWK_RUNS.search(text))


def _use_of_shell(words: Sequence[Word], name: str) -> ProgramUse:
    """`bash -c SCRIPT` is judged by the script; `bash FILE` runs a file; alone, a shell runs its input."""
    whole = frozenset(range(len(words)))
    if len(words) < 2 or not words[1].is_known:
        return ProgramUse(whole)
    option = words[1].text
    is_script = re.fullmatch("-[eux]*c", option) and len(words) == 3 and words[2].is_known
    if is_script and name in _LOOKED_INTO:
        return ProgramUse(whole, script=words[2].text)
    is_file = not option.startswith(("-", "+", "/dev/", "/proc/")) and option not in ("", "-")
    return ProgramUse(frozenset((0,)) if is_file else whole)


def _use_of_sudo(words: Sequence[Word]) -> ProgramUse:
    """A rule for `sudo` has to name the program; what may run without it says nothing of running as root."""
    inner = words[1:]
    if not inner or inner[0].text.startswith("-") or "=" in inner[0].text:
        return ProgramUse(frozenset(range(len(words))))
    use = use_of(inner)
    return ProgramUse(frozenset((0, 1)) | {position + 1 for position in use.named})


def _use_of_wrapper(words: Sequence[Word], name: str) -> ProgramUse:
    start = _WRAPPERS[name](words)
    if start is None:
        return ProgramUse(frozenset(range(len(words))))
    inner = tuple(words[start:])
    if not inner:
        return ProgramUse(frozenset((0,)))
    use = use_of(inner)
    named = frozenset(range(start + 1)) | {position + start for position in use.named}
    if name == "xargs":
        if not _takes_anything(inner):
            return ProgramUse(frozenset(range(len(words))))
        inner = (*inner, Word("", Meaning.VALUE))
    return ProgramUse(named, inner)


def _takes_anything(inner: Sequence[Word]) -> bool:
    """Whether no argument that `xargs` could add makes this program run another one."""
    return _plain_name(inner) not in {*RISKS, *_WRAPPERS, *SHELLS, *OPAQUE, *_AWKS, "git", "sudo", "sed"}


def _start(options: str, values: str = "(?!)", then: str = "") -> Callable[[Sequence[Word]], int | None]:
    """Return what finds where the inner command starts: behind flags, flags with values, and one more word."""
    flag, with_value, more = re.compile(options), re.compile(values), re.compile(then)

    def start(words: Sequence[Word]) -> int | None:
        position = 1
        while position < len(words) and words[position].text.startswith("-"):
            text, *following = (word.text for word in words[position : position + 2])
            if following and with_value.fullmatch(f"{text} {following[0]}"):
                position += 1
            elif not flag.fullmatch(text):
                return None
            position += 1
        if then:
            if position >= len(words) or not more.fullmatch(words[position].text):
                return None
            position += 1
        return position if all(word.is_known for word in words[:position]) else None

    return start


def _start_behind_variables(words: Sequence[Word]) -> int | None:
    """`env NAME=value … COMMAND`, where no variable changes what runs."""
    position = 1
    while position < len(words) and "=" in words[position].text:
        if not is_harmless_assignment(words[position]):
            return None
        position += 1
    return None if position < len(words) and words[position].text.startswith("-") else position


_WRAPPERS: Mapping[str, Callable[[Sequence[Word]], int | None]] = MappingProxyType(
    {
        "time": _start("-p"),
        "nohup": _start("--"),
        "nice": _start(r"-n?-?\d+|--adjustment=-?\d+", r"-n -?\d+"),
        "timeout": _start(
            r"--(?:foreground|preserve-status|verbose)|-v|-[ks]\w+|--(?:kill-after|signal)=\w+",
            r"-[ks] \w+",
            r"\d+(?:\.\d+)?[smhd]?",
        ),
        "stdbuf": _start(r"-[ioe][0L]"),
        "env": _start_behind_variables,
        "command": _start("--"),
        "xargs": _start(
            r"-[0rt]+|-[nPL]\d+|-I\{\}|-d.+|--(?:null|no-run-if-empty|verbose|max-args=\d+|max-procs=\d+)",
            r"-[nPL] \d+|-I \{\}|-d .*",
        ),
    }
)
