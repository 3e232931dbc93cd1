"""[io] `trigpoint review`: options → a review → text, JSON or SARIF on standard output."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.cli.main import print_message, read_settings
from chat.display import event_text
from chat.display.program import program_version
from chat.errors import ChatError, InputError, Terminated, UsageError
from chat.events import Event, Notice, Retrying
from chat.review.as_json import review_object
from chat.review.as_sarif import review_sarif
from chat.review.as_text import Paint, plain, review_text
from chat.review.model import Outcome, Severity
from chat.settings.table import Settings
from chat.terminal.screens.screen import can_be_pretty
from repomap import ExitCode, RepoMapError, write_to

if TYPE_CHECKING:
    from chat.app.reviewing import Wanted

MAX_PATCH_BYTES = 10_000_000
FORMATS = ("text", "json", "sarif")
_SETTINGS = ("model", "context-tokens", "max-budget-usd", "max-tokens-total", "max-seconds", "bare")
_MORE_SETTINGS = (
    *("api-base", "api-key", "alias", "model-metadata-file", "reasoning-effort", "thinking-tokens"),
    *("temperature", "timeout", "stream", "append-system-prompt", "ask-tools", "disallowed-tools"),
    *("subtree-only", "env-file", "pretty", "git"),
)
"""Counted as well, and not in `--help`, which `trigpoint --help` has."""
_HELP = {
    "context_tokens": "Upper limit for the tokens of a prompt, at most 16,000 if not set; a longer change takes "
    "several calls.",
    "bare": "Use only flags and variables: no settings files, AGENTS.md or REVIEW.md.",
}
"""What some settings mean here."""
_COLOURS: Mapping[str, Mapping[str, Any]] = {
    "critical": {"fg": "red", "bold": True},
    "high": {"fg": "red"},
    "medium": {"fg": "yellow"},
    "low": {"fg": "cyan"},
    "info": {"fg": "blue"},
    "path": {"bold": True},
    "dim": {"dim": True},
}
EXAMPLES = (
    ("trigpoint review", "what is not committed yet, else the last commit"),
    ("trigpoint review --staged --fail-on high", "before a commit: code 1 stops it"),
    ("trigpoint review main...HEAD", "what a branch adds to main"),
    ("gh pr diff 12 | trigpoint review --pr-file -", "a pull request"),
    ("trigpoint review HEAD~3^! --output-format sarif", "one commit, for a code host"),
)
EXIT_CODES = (
    ("0", "reviewed; with --fail-on, nothing that bad was found"),
    ("1", "a finding as bad as --fail-on, or no valid answer"),
    ("2", "wrong usage, no model, no repository"),
    ("42", "a range or patch that cannot be read"),
    ("54", "the limit on money, tokens or time was reached"),
    ("130", "interrupted; findings up to then are printed"),
)


class ReviewCommand(click.Command):
    """The command, with the settings that count for it as further options."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own options, then those of the settings."""
        from chat.cli.options import options_for

        own = super().get_params(ctx)
        settings = options_for(_SETTINGS, _MORE_SETTINGS)
        for option in settings:
            if isinstance(option, click.Option) and option.name in _HELP:
                option.help = _HELP[option.name]
        return [*own[:-1], *settings, own[-1]]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write examples and exit codes."""
        for title, lines in (("Examples", EXAMPLES), ("Exit codes", EXIT_CODES)):
            with formatter.section(title):
                formatter.write_dl(list(lines), col_max=52)


@click.command(
    name="review", cls=ReviewCommand, context_settings={"max_content_width": 100, "show_default": False}
)
@click.argument("range_", metavar="[RANGE]", default="")
@click.option("--staged", is_flag=True, help="Review what is staged.")
@click.option(
    "--pr-file", metavar="FILE", help="Review a patch: a file, or - for standard input. Needs no repository."
)
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="text, json or sarif.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="End with code 1 if anything as bad as this is found.",
)
@click.option("--all-lines", is_flag=True, help="Report lines that did not change as well.")
def review_command(
    range_: str,
    staged: bool,
    pr_file: str | None,
    output_format: str,
    fail_on: str | None,
    all_lines: bool,
    **parameters: Any,
) -> int:
    """Review a change: what is wrong with it, at which lines, how bad, and what to do instead.

    RANGE is what `git diff` takes: A..B, A...B, or A for all that changed since. Of one commit, write A^!.
    Without it, what is not committed is reviewed, new files included; if there is nothing, the last commit is.

    The model sees the change, who calls what changed, what that uses, and its tests. A finding counts if
    what it quotes stands in the change. No file is changed, nothing is run, and no session is kept.
    AGENTS.md and REVIEW.md are followed. Settings of models and of what may be read count, too, as
    flags, variables or in files; `trigpoint --help` lists them.
    """
    from chat.app.reviewing import Wanted

    if sum(map(bool, (range_, staged, pr_file))) > 1:
        raise UsageError("Give only one of RANGE, --staged and --pr-file. Nothing was sent.")
    settings = read_settings(parameters)
    patch = _read_patch(pr_file) if pr_file else None
    name = "Standard input" if pr_file == "-" else pr_file or ""
    wanted = Wanted(range_, staged, patch, name, all_lines)
    threshold = Severity(fail_on) if fail_on else None
    outcome = _reviewed(settings, wanted, threshold)
    for note in outcome.notes:
        print_message(note)
    if output_format != "text" or outcome.findings or not outcome.error:
        write_to(sys.stdout, _rendered(outcome, output_format, _paint(settings)))
    if outcome.error:
        print_message(f"error: {outcome.error}")
    return outcome.exit_code


def _reviewed(settings: Settings, wanted: "Wanted", threshold: Severity | None) -> Outcome:
    """Run the review; the outcome holds whatever ended it early."""
    from chat.app.reviewing import OpenReview
    from chat.terminal.signals import ended_by_signals

    began = time.monotonic()
    opened: OpenReview | None = None
    error, code = "", ExitCode.DONE
    with ended_by_signals():
        try:
            opened = OpenReview(settings, Path.cwd(), wanted, _emit)
            opened.run()
        except (ChatError, RepoMapError, KeyboardInterrupt) as caught:
            error, code = _ended_by(caught)
    outcome = opened.outcome() if opened else Outcome(title="")
    error = error or outcome.error
    if not code and (error or _is_reached(outcome, threshold)):
        code = ExitCode.FAILED
    return replace(
        outcome,
        error=opened.masks.hidden(error) if opened else error,
        exit_code=int(code),
        duration_ms=round(1_000 * (time.monotonic() - began)),
    )


def _is_reached(outcome: Outcome, threshold: Severity | None) -> bool:
    return threshold is not None and any(finding.severity.reaches(threshold) for finding in outcome.findings)


def _ended_by(caught: BaseException) -> tuple[str, ExitCode]:
    if isinstance(caught, Terminated):
        return "The review was terminated.", ExitCode.TERMINATED
    if isinstance(caught, KeyboardInterrupt):
        return "The review was interrupted.", ExitCode.INTERRUPTED
    return str(caught), getattr(caught, "exit_code", ExitCode.FAILED)


def _emit(event: Event) -> None:
    """Tell the user of the progress, on standard error."""
    match event:
        case Notice(text, level):
            print_message(text if level == "info" else f"{level}: {text}")
        case Retrying():
            print_message(event_text.retrying(event))


def _read_patch(name: str) -> str:
    """Return a patch as text. Raises InputError."""
    from chat.safety.small_file import read_named

    if name == "-":
        data = sys.stdin.buffer.read(MAX_PATCH_BYTES + 1) if sys.stdin else b""
        if len(data) > MAX_PATCH_BYTES:
            raise InputError(
                f"The patch is longer than {MAX_PATCH_BYTES:,} bytes. Nothing was sent; review a part of it."
            )
    else:
        data = read_named(
            Path(name),
            f"--pr-file {name}",
            "Nothing was sent",
            advice="name a patch, or - for standard input",
            max_bytes=MAX_PATCH_BYTES,
        )
    if not data.strip():
        raise InputError("The patch is empty. Nothing was sent; make it with `git diff`.")
    return data.decode("utf-8-sig", "replace")


def _rendered(outcome: Outcome, output_format: str, paint: Paint) -> str:
    if output_format == "json":
        return json.dumps(review_object(outcome), indent=1) + "\n"
    if output_format == "sarif":
        return json.dumps(review_sarif(outcome, program_version()), indent=1) + "\n"
    return review_text(outcome, paint)


def _paint(settings: Settings) -> Paint:
    """Return what colours a text, on a terminal only."""
    if not (settings.pretty and can_be_pretty(sys.stdout)):
        return plain
    return lambda text, style: click.style(text, **_COLOURS[style])
