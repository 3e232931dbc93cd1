"""[io] `trigpoint hooks`: what a chat here would run and from which files; `trigpoint hooks test` tries it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click

from chat.app.command_shells import open_command_shells
from chat.events import Event, Notice
from chat.hooks.answers import Verdict
from chat.hooks.hook_file import EVENTS, Hook, default_timeout_s
from chat.hooks.hooks import Hooks, matching
from chat.hooks.samples import sample
from chat.hooks.sources import HookSource, hook_sources
from chat.sandbox.guarded_shell import Room
from chat.settings.layers import COMMAND_LINE, Layer
from chat.settings.load import load
from chat.trust.claims import find_root
from repomap import escaped

_TRUST = {
    "yours": "your own",
    "trusted": "trusted",
    "changed": "changed since you trusted it, so NOT run; see trigpoint trust",
    "not trusted": "not trusted, so NOT run; see trigpoint trust",
}


@click.group(name="hooks", invoke_without_command=True)
@click.pass_context
def hooks_group(ctx: click.Context) -> int:
    """List the hooks that a chat in this folder would run, by file, with whether the file is trusted."""
    if ctx.invoked_subcommand:
        return 0
    sources = hook_sources(_root())
    for line in _listing(sources):
        click.echo(escaped(line))
    return 0


@hooks_group.command(name="test")
@click.argument("event", type=click.Choice(EVENTS))
@click.option(
    "--tool",
    default="",
    help="The tool of PreToolUse and PostToolUse: Edit, Write, Bash, Read, Map or Commit.",
)
def test_command(event: str, tool: str) -> int:
    """Run the hooks of EVENT on a sample, as a chat would, and print what they decide.

    The hooks themselves are real: what they do is done. Those that are not trusted are not run.
    """
    root = _root()
    subject, fields = sample(event, root, tool)
    hooks = matching(hook_sources(root), event, subject)
    named = f"{event}{f' ({subject})' if subject else ''}"
    if not hooks:
        click.echo(f"No hook that counts here is about {named}. Nothing was run.")
    for owned in hooks:
        click.echo(escaped(f"running: {owned.hook.line}"))
    verdict = Hooks(root, room=_room(root)).fire(event, fields, subject)
    for line in _verdict_lines(verdict):
        click.echo(escaped(line))
    return 0


def _room(root: Path) -> Room | None:
    """Return the sandbox that a chat here would run a repository's hooks in."""
    settings = load(Layer(COMMAND_LINE), Path.cwd(), os.environ).settings
    return open_command_shells(settings, root, "", _tell, lambda: True, tuple).hooks


def _tell(event: Event) -> None:
    if isinstance(event, Notice):
        click.echo(escaped(event.text), err=True)


def _root() -> Path:
    folder = Path(os.path.realpath(Path.cwd()))
    return find_root(folder) or folder


def _listing(sources: tuple[HookSource, ...]) -> Iterator[str]:
    if not sources:
        yield "There are no hooks here."
    for source in sources:
        yield f"{source.path} ({_TRUST[source.trust]})"
        yield from (f"  {_described(hook)}" for hook in source.content.hooks)
        yield from (f"  warning: {warning}" for warning in source.content.warnings)
        yield from (
            f"  {event}: never run, since there is no such event here" for event in source.content.idle
        )


def _described(hook: Hook) -> str:
    limit = f"  [{hook.timeout_s:g} s]" if hook.timeout_s != default_timeout_s(hook.event) else ""
    return f"{hook.described}{limit}"


def _verdict_lines(verdict: Verdict) -> Iterator[str]:
    yield from (f"message: {message}" for message in verdict.messages)
    if verdict.stop is not None:
        yield f"ends the turn: {verdict.stop}"
    if verdict.decision:
        yield f"decision: {verdict.decision}{f', {verdict.reason}' if verdict.reason else ''}"
    if verdict.updated is not None:
        yield f"changes the input to: {json.dumps(verdict.updated, ensure_ascii=False)}"
    if verdict.context:
        yield f"for the model: {verdict.context}"
    if verdict == Verdict():
        yield "They decide nothing and add nothing."
