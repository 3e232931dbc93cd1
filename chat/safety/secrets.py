"""A text → the same without the secrets in it, for what is kept on disk or shown.

Two kinds are known: values that are secrets by where they come from (keys in the environment and the
settings), and texts that look like a provider's key.
"""

import re
from collections.abc import Iterable

MASK = "[secret]"
_SHORTEST = 8
_LOOKS_SECRET = re.compile(
    r"\b(?:sk-(?:ant-|proj-|or-)?[\w-]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}"
    r"|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}|hf_[A-Za-z0-9]{30,})"
    r"|(?<=Bearer )[\w.~+/-]{20,}=*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
    re.DOTALL,
)


def secrets_of(environment: Iterable[tuple[str, str]], keys: Iterable[str] = ()) -> tuple[str, ...]:
    """The values that must not be written down, longest first."""
    named = (
        value
        for name, value in environment
        if re.search(r"(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD)\Z", name, re.IGNORECASE)
    )
    found = {value for value in (*named, *keys) if len(value) >= _SHORTEST}
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _LOOKS_SECRET.sub(MASK, text)
