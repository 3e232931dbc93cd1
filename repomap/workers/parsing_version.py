"""What decides the tags of a file besides its content: grammars, tags queries and our own code, as digests.

Caches and stores put it into their keys, so that no entry is ever stale, and whoever parses for another
process compares it first.
"""

import functools
from hashlib import blake2b
from pathlib import Path

from repomap.parsing.grammars import grammar_versions
from repomap.parsing.languages import BY_NAME
from repomap.parsing.query_files import query_text

_PARSING_MODULES = tuple(
    """model files/skipped_files parsing/blanks parsing/c_macros parsing/c_specifiers parsing/captures
    parsing/conditionals parsing/definitions parsing/grammars parsing/in_source_tests parsing/language_by_text
    parsing/languages parsing/parse parsing/query_files parsing/repairs parsing/reserved
    parsing/rust_macros parsing/tags_codec parsing/words safety/regular_file workers/protocol
    workers/worker""".split()
)
"""The modules that decide what a file's tags are: everything that a worker imports."""


def tags_key(digest: bytes, language: str) -> bytes:
    """Return the key of a file's tags, given the digest of its content and its language."""
    parts = (digest, language.encode(), parsing_version(language))
    return blake2b(b"".join(len(part).to_bytes(4, "big") + part for part in parts), digest_size=16).digest()


@functools.cache
def parsing_version(language: str) -> bytes:
    """Digest what decides the tags of a language besides the text: grammars, tags query, our own code."""
    digest = blake2b(_code_version(), digest_size=16)
    known = BY_NAME.get(language)
    if known:
        scripts = ("javascript", "typescript") if known.embedded else (language,)
        for name in scripts:
            digest.update(query_text(BY_NAME[name].query or name).encode() + b"\0")
    return digest.digest()


@functools.cache
def version_of_all() -> bytes:
    """Digest what decides the tags of all languages."""
    return blake2b(b"".join(parsing_version(name) for name in sorted(BY_NAME)), digest_size=16).digest()


@functools.cache
def _code_version() -> bytes:
    package = Path(__file__).parents[1]
    code = b"\0".join((package / f"{name}.py").read_bytes() for name in _PARSING_MODULES)
    return blake2b(code + b"\0" + grammar_versions().encode(), digest_size=16).digest()
