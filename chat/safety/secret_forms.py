"""Finds the secrets in a text: by forms that only a key has, and by what stands before a value. Pure.

A value that is a word is no secret to us, whatever its name: hiding `postgres` or `checkpoint` would break what
people read, and hides nothing.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

MASK = "[secret]"
MIN_CHARS = 8
"""A shorter value is too likely to be a word of the text."""
_MANY_DIGITS = 16
_MANY_SWITCHES = 3
_MIN_TOKEN_CHARS = 12
_MIN_PEM_LINE_CHARS = 40

KEY = re.compile(
    r"\b(?:sk-(?:ant-|proj-|or-)?[\w-]{20,}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|xapp-[\w-]{20,}"
    r"|AIza[\w-]{35}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,}|xai-[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{30,}"
    r"|pypi-[\w-]{40,}|SG\.[\w-]{20,}\.[\w-]{20,}|ya29\.[\w-]{20,}|dop_v1_[0-9a-f]{40,}|shpat_[0-9a-f]{30,}"
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})"
    r"|\bAGE-SECRET-KEY-1[0-9A-Z]{30,}"
    r"|(?<=Bearer )[\w.~+/-]{20,}=*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----",
    re.DOTALL,
)
"""Forms that nothing but a key has."""

_KEY_STARTS = """
    sk- sk_ pk_ rk_ AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox xapp- AIza hf_ gsk_ xai- npm_ pypi- SG.
    ya29. dop_v1_ shpat_ eyJ AGE-SECRET-KEY-1 -----BEGIN
    """.split()
_ASSIGNED_STARTS = """
    secret token passw passphrase pwd apikey api_key api-key accesskey access_key access-key privatekey private_key
    private-key accountkey account_key account-key authkey auth_key auth-key signingkey signing_key signing-key
    encryptionkey encryption_key encryption-key credential
    """.split()
_GIVEN_STARTS = (
    "authorization x- -api -token -passw -secret login <password> <token> <secret> <apikey>".split()
)
"""What the patterns begin with: looking for that first is thirty times as fast as searching with a pattern."""

_ASSIGNED = re.compile(
    r"(?:secret|token|passw|passphrase|pwd|api[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key"
    r"|auth[_-]?key|signing[_-]?key|encryption[_-]?key|credential)[\w.-]{0,40}[\"']?\]?\s{0,4}(?::=|=>|[:=])\s{0,4}"
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\n]{8,400})(?P=quote)|(?P<bare>[^\s\"'`,;(){}\[\]<>]{8,400}))",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"(?:authorization\s{0,4}[:=]\s{0,4}[\"']?(?:basic|bearer|token|digest)\s+"
    r"|\bx-[\w-]{0,30}(?:key|token|secret)[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
    r"|-(?:api-?key|token|password|passwd|secret)[ =][\"']?"
    r"|\blogin\s+\S+\s+password\s+"
    r"|<(?:password|token|secret|apikey)>)"
    r"(?P<value>[^\s\"'`<>]{8,400})",
    re.IGNORECASE,
)
_USERINFO = re.compile(
    r"://(?:[^\s/:@\"'<>]{0,100}:(?P<password>[^\s/@\"'<>]{6,200})|(?P<user>[^\s/:@\"'<>]{20,200}))@"
)
_BEARER = re.compile(r"Bearer ([\w.~+/-]{20,}=*)")
_WORDS = re.compile(r"[A-Za-z]*(?:[ _.,/:@+-]+[A-Za-z]+)*[ _.-]?\d{0,4}\Z")
_NO_VALUE = re.compile(r"[$%{<~/.]|https?://|\w+://[^:@]*\Z|.*(?:\.\.\.|\*\*\*|\[secret)")
"""Variables, placeholders and paths."""
_EXPRESSION = re.compile(r"[A-Za-z_][\w.]*\Z")
_SWITCH = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_KEY_FILE = re.compile(
    r"(?:.*\.(?:pem|key|p8|ppk|token|secret|secrets|credentials)|id_(?:rsa|dsa|ecdsa|ed25519)|\.env(?:\..+)?|.+\.env"
    r"|\.netrc|_netrc|\.pgpass|\.npmrc|\.pypirc|\.htpasswd|credentials|token|secrets?(?:\.\w+)?|api[_-]?key(?:\.\w+)?)\Z",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\s\"'`,;:=<>(){}\[\]]{12,400}")
_PEM_LINE = re.compile(rf"[A-Za-z0-9+/=]{{{_MIN_PEM_LINE_CHARS},}}")


def is_word(value: str) -> bool:
    """Whether a value is made of words, perhaps with a short number behind: nothing that it helps to hide.

    >>> is_word("postgres"), is_word("my-app_test1"), is_word("p0stgr3s!")
    (True, True, False)
    """
    return _WORDS.match(value) is not None or (value.replace("_", "").isdigit() and len(value) < _MANY_DIGITS)


def is_key_file(path: str) -> bool:
    """Whether a file is one that people keep keys in, by its name.

    >>> is_key_file("config/.env.local"), is_key_file("deploy/api.key"), is_key_file("keys.py")
    (True, True, False)
    """
    return _KEY_FILE.match(path.rpartition("/")[2]) is not None


def secrets_in(text: str) -> Iterator[str]:
    """Yield the values in a text that are secrets; of a private key, its lines as well.

    >>> list(secrets_in("API_KEY=9f86d081884c7d65  # postgres://app:s3cr3t!pw@db/app"))
    ['9f86d081884c7d65', 's3cr3t!pw']
    """
    lower = text.lower()
    for match in _matches(KEY, text, text, _KEY_STARTS):
        yield match[0]
        if match[0].startswith("-----"):
            yield from _PEM_LINE.findall(match[0])
    yield from (match[1] for match in _matches(_BEARER, text, text, ("Bearer ",)))
    for match in _matches(_ASSIGNED, text, lower, _ASSIGNED_STARTS):
        value = match["quoted"] or match["bare"]
        if _is_secret(value, is_quoted=bool(match["quoted"])):
            yield value
    for match in _matches(_GIVEN, text, lower, _GIVEN_STARTS):
        if _is_secret(match["value"], is_quoted=True):
            yield match["value"]
    for match in _matches(_USERINFO, text, text, ("://",)):
        value = match["password"] or match["user"]
        if not (is_word(value) or _NO_VALUE.match(value)):
            yield value


def _matches(
    pattern: re.Pattern[str], text: str, searched: str, starts: Sequence[str]
) -> Iterator[re.Match[str]]:
    """Yield the matches that begin with one of these texts in ``searched``, which is the text or its lower case."""
    if len(searched) != len(text):  # a letter whose lower case is longer
        searched = text
    for start in starts:
        place = searched.find(start)
        while place >= 0:
            if match := pattern.match(text, place):
                yield match
            place = searched.find(start, place + len(start))


def secrets_of_key_file(text: str) -> Iterator[str]:
    """Yield what in a file of keys looks random, whatever stands before it."""
    yield from (token for token in _TOKEN.findall(text) if _is_secret(token, is_quoted=False))


def encoded_forms(value: str) -> Iterator[str]:
    """Yield a secret as it may also be written: in base64, in hexadecimal digits, in an address, in JSON."""
    data = value.encode("utf-8", "surrogatepass")
    yield value
    for form in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        yield form.decode().rstrip("=")
    yield data.hex()
    yield quote(value, safe="", errors="replace")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if escaped != value:
        yield escaped


def _is_secret(value: str, *, is_quoted: bool) -> bool:
    """Whether a value that is named as one is a secret: neither a word nor a part of a program."""
    if len(value) < MIN_CHARS or is_word(value) or _NO_VALUE.match(value):
        return False
    if not any(char.isdigit() for char in value):
        return is_quoted and " " not in value and _EXPRESSION.match(value) is None
    if is_quoted:
        return " " not in value
    switches = len(_SWITCH.findall(value))
    return _EXPRESSION.match(value) is None or (switches >= _MANY_SWITCHES and len(value) >= _MIN_TOKEN_CHARS)
