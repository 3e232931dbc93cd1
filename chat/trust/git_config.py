"""Which lines of a git configuration could make git run a program or look elsewhere.

git runs programs that `.git/config` names, already in `git status`. A configuration that holds only
settings known to be harmless needs no trust; trust in another is bound to the lines found here, so
that a new branch or remote does not ask again. The text is read as git reads it, and whatever this
reader does not understand counts as dangerous.
"""

import re
from collections.abc import Iterable

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
"""Keys that name no program and lead git nowhere else, by section; `*` stands for all of them."""

_HEADER = re.compile(r'\[([A-Za-z0-9-]+)(?:[ \t]+"((?:[^"\\]|\\["\\])*)")?\]')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*(.*[^\\])?)?")
_BOOLEANS = frozenset(("", "true", "false", "yes", "no", "on", "off", "1", "0"))


def dangerous_settings(text: str) -> tuple[str, ...]:
    """Return the settings that are not known to be harmless, as `section.key = value`.

    From a line on that is not understood, every line is returned unchanged.

    >>> dangerous_settings("[core]\\n\\tbare = false\\n\\teditor = evil\\n")
    ('core.editor = evil',)
    """
    dangerous: list[str] = []
    section = ""
    lines = [line.strip(" \t\r") for line in text.removeprefix("\ufeff").split("\n")]
    for number, line in enumerate(lines):
        if not line or line[0] in "#;":
            continue
        if header := _HEADER.fullmatch(line):
            section, subsection = header[1].lower(), header[2]
            name = section if subsection is None else f"{section}.{subsection}"
        elif (key := _KEY.fullmatch(line)) and section:
            if not is_harmless(section, key[1].lower(), key[2] or ""):
                dangerous.append(f"{name}.{key[1].lower()} = {key[2] or ''}")
        else:
            return (*dangerous, *filter(None, lines[number:]))
    return tuple(dangerous)


def named_paths(lines: tuple[str, ...], key: str) -> tuple[str, ...]:
    """Return the paths that dangerous settings give to a key such as `path` or `hookspath`, in order.

    >>> named_paths(('core.hookspath = "my hooks"',), "hookspath")
    ('my hooks',)
    """
    joined = re.sub(r"\\\n", "", "\n".join(lines))
    values = re.findall(rf"(?im)(?:^|[.\]\s]){key}[ \t]*=[ \t]*(.*)$", joined)
    return tuple(filter(None, (unquoted(value) for value in values)))


def unseen_settings(lines: tuple[str, ...], settings: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the dangerous ones among git's own (key, value) pairs that are not among ``lines``.

    >>> unseen_settings(("core.editor = evil",), [("core.editor", "evil"), ("core.pager", "evil")])
    ('core.pager = evil',)
    """
    seen = {(*_ends(key), unquoted(value)) for key, _, value in (line.partition(" = ") for line in lines)}
    return tuple(
        f"{key} = {value}"
        for key, value in settings
        if not is_harmless(*_ends(key), value) and (*_ends(key), value) not in seen
    )


def _ends(key: str) -> tuple[str, str]:
    """Return a key's section and name, without what stands between."""
    return key.partition(".")[0].lower(), key.rpartition(".")[2].lower()


def is_harmless(section: str, key: str, value: str) -> bool:
    """Whether a setting names no program and leads git nowhere else."""
    if (section, key) == ("core", "fsmonitor"):  # git's own daemon; else a program's name
        return value.lower() in _BOOLEANS
    keys = _HARMLESS.get(section, frozenset())
    return key in keys or "*" in keys


def unquoted(value: str) -> str:
    """Return what the text behind a `=` means.

    >>> unquoted('"a b" # comment')
    'a b'
    """
    quoted = re.match(r'\s*"((?:[^"\\]|\\.)*)"', value)
    text = quoted[1] if quoted else re.split(r"\s[#;]", value)[0].strip()
    return re.sub(r"\\(.)", r"\1", text)
