"""What a repository's git configuration would run or redirect: its text → the lines that matter.

git runs programs that `.git/config` names, in `git status` already. A configuration that holds nothing
but what is known to be harmless needs no trust; trust in another is bound to the lines given here, so that a new branch
or remote does not ask again. Read like git, but whatever this reader does not understand, matters.
"""

import re

_HARMLESS = {
    section: frozenset(keys.split())
    for section, keys in {
        "advice": "*",
        "branch": "remote merge rebase pushremote description",
        "color": "*",
        "core": """repositoryformatversion filemode bare logallrefupdates ignorecase precomposeunicode symlinks
            autocrlf eol safecrlf sparsecheckout sparsecheckoutcone untrackedcache hidedotfiles longpaths
            splitindex preloadindex quotepath abbrev commitgraph multipackindex protecthfs protectntfs""",
        "extensions": "objectformat worktreeconfig partialclone refstorage noop",
        "fetch": "prune prunetags parallel",
        "gc": "auto autodetach",
        "index": "version threads sparse",
        "init": "defaultbranch",
        "lfs": "repositoryformatversion",
        "maintenance": "auto strategy",
        "merge": "conflictstyle ff renames",
        "pull": "rebase ff",
        "push": "default autosetupremote followtags",
        "rebase": "autostash autosquash updaterefs",
        "remote": "url fetch pushurl tagopt prune promisor partialclonefilter",
        "rerere": "enabled autoupdate",
        "status": "*",
        "submodule": "active url recurse",
        "user": "name email useconfigonly",
    }.items()
}
"""Keys that name no program and lead git nowhere else, by section; `*` is all of them."""

_HEADER = re.compile(r'\[([A-Za-z0-9-]+)(?:[ \t]+"((?:[^"\\]|\\["\\])*)")?\]')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*(.*[^\\])?)?")
_SWITCH = frozenset(("", "true", "false", "yes", "no", "on", "off", "1", "0"))


def claims(text: str) -> tuple[str, ...]:
    """The settings of a git configuration that are not known to be harmless, as `section.key = value`.

    From a line on that is not understood, every line is given as it stands.
    """
    found: list[str] = []
    section = ""
    lines = [line.strip(" \t\r") for line in text.removeprefix("\ufeff").split("\n")]
    for number, line in enumerate(lines):
        if not line or line[0] in "#;":
            continue
        if header := _HEADER.fullmatch(line):
            section, sub = header[1].lower(), header[2]
            name = section if sub is None else f"{section}.{sub}"
        elif (key := _KEY.fullmatch(line)) and section:
            if not _is_harmless(section, key[1].lower(), key[2] or ""):
                found.append(f"{name}.{key[1].lower()} = {key[2] or ''}")
        else:
            return (*found, *filter(None, lines[number:]))
    return tuple(found)


def _is_harmless(section: str, key: str, value: str) -> bool:
    if (section, key) == ("core", "fsmonitor"):  # git's own daemon; else a program's name
        return value.lower() in _SWITCH
    keys = _HARMLESS.get(section, frozenset())
    return key in keys or "*" in keys


def named_paths(lines: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The paths that lines of `claims` give to a key such as `path` or `hookspath`, in their order."""
    joined = re.sub(r"\\\n", "", "\n".join(lines))
    values = re.findall(rf"(?im)(?:^|[.\]\s]){key}[ \t]*=[ \t]*(.*)$", joined)
    return tuple(filter(None, (_unquoted(value) for value in values)))


def _unquoted(value: str) -> str:
    quoted = re.match(r'\s*"((?:[^"\\]|\\.)*)"', value)
    text = quoted[1] if quoted else re.split(r"\s[#;]", value)[0].strip()
    return re.sub(r"\\(.)", r"\1", text)
