"""The user's environment → that of a command which the user did not write: without secrets and ways out."""

import re
from collections.abc import Mapping

from chat.safety.secrets import is_secret_variable, masked
from repomap import absolute_entries

_SECRET_WORDS = re.compile(
    r"(?:\A|_)(?:KEY|KEYS|TOKEN|TOKENS|SECRET|SECRETS|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD_FILE|CREDENTIALS?|AUTH|COOKIE"
    r"|COOKIES|PRIVATE|APIKEY|DSN)(?:\Z|_)",
    re.IGNORECASE,
)
_WAYS_OUT = re.compile(
    r"SSH_.*|GPG_.*|DBUS_.*|DOCKER_.*|KUBECONFIG|AWS_.*|AZURE_.*|GOOGLE_.*|GCLOUD_.*|CLOUDSDK_.*|VAULT_.*|DISPLAY"
    r"|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|TMUX.*|STY|BASH_ENV|ENV|BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PS4"
    r"|PROMPT_COMMAND|TRIGPOINT_.*|GIT_ASKPASS|SUDO_ASKPASS|.*_ASKPASS|NETRC|PGPASSFILE|CDPATH"
)
"""Sockets and files of other programs, and what a shell runs before a script."""
_URL_WITH_PASSWORD = re.compile(r"\w+://[^/\s:@]*:[^/\s@]+@")
_QUIET = {
    "GIT_EDITOR": ":",
    "GIT_SEQUENCE_EDITOR": ":",
    "EDITOR": ":",
    "VISUAL": ":",
    "GIT_PAGER": "cat",
    "PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "DEBIAN_FRONTEND": "noninteractive",
    "PIP_NO_INPUT": "1",
    "TERM": "dumb",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.bareRepository",
    "GIT_CONFIG_VALUE_0": "explicit",
}
"""Programs that would wait for a person do not; and git obeys no repository that lies about as plain files."""


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a command of the model's gets.

    >>> sorted(scrubbed({"PATH": "/bin", "MY_TOKEN": "x", "DB": "pg://me:pw@host/db"}).keys() - _QUIET.keys())
    ['PATH']
    """
    kept = {name: value for name, value in environment.items() if not _is_secret(name, value)}
    path = {"PATH": absolute_entries(kept["PATH"])} if "PATH" in kept else {}
    return {**kept, **path, **_QUIET}


def _is_secret(name: str, value: str) -> bool:
    return bool(
        is_secret_variable(name)
        or _SECRET_WORDS.search(name)
        or _WAYS_OUT.fullmatch(name)
        or _URL_WITH_PASSWORD.search(value)
        or masked(value) != value
    )
