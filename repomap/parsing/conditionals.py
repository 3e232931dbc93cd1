"""Keeps the first branch of each `#if` that a grammar cannot read.

A grammar reads all branches one after the other. Where a branch is a whole statement, that is what is
wanted: each of them counts. Where the branches are alternatives for a part of one, as two heads of the
same function, only one of them can be read.
"""

import re
from itertools import pairwise

from repomap.parsing.blanks import Change, apply_changes

_DIRECTIVE = re.compile(rb"(?:\A|(?<=\n))[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b(?:\\\r?\n|[^\n])*")
_ASIDE = re.compile(
    rb"(?:\A|(?<=\n))[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|endif|pragma|region|endregion|nullable|warning|line)\b"
    rb"(?:\\\r?\n|[^\n])*"
)
"""Directives that can stand between the parts of a declaration and are none of it."""
_OPENING = (b"if", b"ifdef", b"ifndef")
_NEARBY_BYTES = 2000
"""How much of the text around a condition is looked at."""
_WHOLE = frozenset(b";{}:>,")
_INITIALISERS = re.compile(rb"\)\s*:\Z")
"""What comes between a constructor's head and its body, of which a condition may leave out a part."""
_BRACE = re.compile(rb"[{}]")
_COMMENTS = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)


def first_branches(code: bytes) -> bytes:
    """Blank out the directives and all but the first branch where a branch is no whole statement."""
    open_groups: list[list[re.Match[bytes]]] = []
    changes: list[Change] = []
    for directive in _DIRECTIVE.finditer(code):
        word = directive[1]
        if word in _OPENING:
            open_groups.append([directive])
        elif open_groups:
            group = open_groups[-1]
            group.append(directive)
            if word == b"endif":
                open_groups.pop()
                if _is_partial(code, group):
                    changes.append((*group[0].span(), b""))
                    changes.append((group[1].start(), directive.end(), b""))
    return apply_changes(code, changes)


def without_conditions(code: bytes) -> bytes:
    r"""Blank out the lines of conditions and pragmas, so that what stands between them reads on.

    >>> without_conditions(b"class A : B\n#if C\n  , C\n#endif\n{")
    b'class A : B\n     \n  , C\n      \n{'
    """
    return apply_changes(code, ((*directive.span(), b"") for directive in _ASIDE.finditer(code)))


def _is_balanced(branch: bytes) -> bool:
    """Return whether a branch closes all braces that it opens, and no other."""
    depth = 0
    for brace in _BRACE.finditer(branch):
        depth += 1 if brace[0] == b"{" else -1
        if depth < 0:
            return False
    return depth == 0


def _is_partial(code: bytes, group: list[re.Match[bytes]]) -> bool:
    """Return whether the branches of a condition are parts of a statement, so that only one of them can be read."""
    branches = [code[this.end() : following.start()] for this, following in pairwise(group)]
    if not all(branch.count(b"(") == branch.count(b")") and _is_balanced(branch) for branch in branches):
        return True
    end = group[-1].end()
    return _ends_within(branches, code[end : end + _NEARBY_BYTES]) or _begins_within(code, group[0].start())


def _ends_within(branches: list[bytes], after: bytes) -> bool:
    """Return whether a branch without another one ends within a statement, or several heads share the body after."""
    last = _COMMENTS.sub(b"", branches[-1][-_NEARBY_BYTES:]).rstrip()[-1:]
    if len(branches) == 1:
        return bool(last) and last not in b";{}"
    return last == b")" and after.lstrip().startswith(b"{")


def _begins_within(code: bytes, start: int) -> bool:
    """Return whether a condition begins within a statement."""
    before = _COMMENTS.sub(b"", code[max(0, start - _NEARBY_BYTES) : start]).rstrip()
    if not before or before.rpartition(b"\n")[2].lstrip().startswith(b"#"):
        return False
    return before[-1] not in _WHOLE or _INITIALISERS.search(before) is not None
