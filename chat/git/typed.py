"""Runs the git command that a person typed, with what the repository may run and no more.

In a trusted repository, and outside of any, it is the user's own git. In another one nothing runs that
the repository names, neither hooks nor monitors, aliases or filters, and no remote is called.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chat.errors import GitError
from chat.git.guard import Decide, Guard
from chat.git.process import HOOKS_TIMEOUT_S, USERS_GIT
from chat.ports import Ran
from chat.safety.secrets import without_model_keys
from repomap import HARDENED_GIT, GitFailed, GitRunner, find_git

_UNTRUSTED = replace(
    HARDENED_GIT, switches=tuple(each for each in HARDENED_GIT.switches if each != "--literal-pathspecs")
)
_OF_TRANSPORT = ("GIT_SSH", "GIT_ASKPASS", "GIT_SSL", "GIT_HTTP", "GIT_PROXY")
"""Beginnings of the caller's variables that say how a remote is reached."""
_RAN_WITHOUT = (
    "\n(This repository is not trusted, so git ran without its hooks, programs and remotes. "
    "`trigpoint trust` shows what it asks for.)"
)


def run_typed(root: Path, decide: Decide, arguments: Sequence[str]) -> Ran:
    """Run ``git arguments…`` in a folder; the exit code is git's.

    Raises GitError where git is not installed, cannot be started, runs too long, or must not be asked.
    """
    program = find_git()
    if program is None:
        raise GitError("git was not found, so nothing was run. Install it, or mend PATH.")
    if not arguments:
        arguments = ("help",)
    guard = Guard(root, decide)
    is_trusted = guard.permission().trusted
    variables = {name: value for name, value in os.environ.items() if name.startswith(_OF_TRANSPORT)}
    runner = GitRunner(
        program=program,
        folder=root,
        profile=USERS_GIT if is_trusted else _UNTRUSTED,
        overrides=guard.permission().overrides,
        caller=without_model_keys(os.environ),
        variables=variables if is_trusted else {},
    )
    try:
        done = runner.run(*arguments, accept=tuple(range(-64, 256)), timeout_s=HOOKS_TIMEOUT_S)
    except GitFailed as error:
        raise GitError(str(error)) from error
    output = done.stdout.decode("utf-8", "replace") + done.stderr
    code = 128 - done.code if done.code < 0 else done.code
    return Ran(f"git {' '.join(arguments)}", code, output + ("" if is_trusted or not code else _RAN_WITHOUT))
