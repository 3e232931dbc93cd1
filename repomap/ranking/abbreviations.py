"""Short forms that programmers write for common words: a request says `configuration`, the code `config`."""

import functools
from collections.abc import Mapping

ABBREVIATIONS = """
acc accumulator|addr address|alloc allocate allocation allocator|app application|arg argument|arr array
async asynchronous|attr attribute|auth authentication authorization|avg average|bin binary|bool boolean
btn button|buf buffer|calc calculate calculation|cb callback|char character|cfg config|conf config
config configuration configure|cmd command|cmp compare comparison|col column|concat concatenate
cond condition|conn connection|const constant|coord coordinate|ctor constructor|ctrl control controller
ctx context|cur curr current|db database|decl declaration|def definition define|dep dependency
desc description descriptor|dest destination|diff difference|dim dimension|dir directory|dirs directories
disp display|dist distribution|doc document documentation|elem element|env environment|err error
eval evaluate evaluation|evt event|exec execute execution executor|expr expression|ext extension external
fmt format formatter formatting|func function|freq frequency|gen generate generator generation|hdr header
i18n internationalization|idx index|img image|impl implementation implement|inc increment include
info information|init initialize initialization|int integer|intl international
iter iterator iterate iteration|lang language|len length|lib library|lit literal|loc location|max maximum
mem memory|meta metadata|mgr manager|min minimum|misc miscellaneous|msg message|mut mutable|nav navigation
neg negative|num number|obj object|opt option|orig original|pkg package|param parameter|pred predicate
prev previous|priv private|proc process procedure|prod production|prop property|proto protocol prototype
ptr pointer|pub public|rand random|recv receive|ref reference|regex regexp|rel relative|repo repository
req request|resp response|ret return|rng range|sched scheduler schedule|sec security
sel select selection selector|sem semaphore|sep separator|seq sequence
ser serialize serialization serializer|spec specification|src source|stats statistics|stmt statement
str string|struct structure|svc service|sync synchronize synchronization|sys system|tbl table
tmp temp temporary|tok token|util utility|val value|var variable|vec vector|ver version
"""
"""A short form, then what it may stand for; the groups are divided by bars or lines."""


@functools.cache
def other_forms() -> Mapping[str, tuple[str, ...]]:
    """Return for the stem of each short form those of its long ones, and the other way round.

    >>> other_forms()["messag"], other_forms()["auth"]
    (('msg',), ('authenticat', 'authoriz'))
    """
    from repomap.ranking.request import stem

    forms: dict[str, dict[str, None]] = {}
    for group in ABBREVIATIONS.strip().replace("\n", "|").split("|"):
        short, *long = map(stem, group.split())
        for each in long:
            forms.setdefault(short, {})[each] = None
            forms.setdefault(each, {})[short] = None
    return {each: tuple(others) for each, others in forms.items()}
