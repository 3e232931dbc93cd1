"""[io] The command `trigpoint`: the chat, or a subcommand.

Errors become exit codes here and nowhere else. A subcommand and the chat are imported when they are run, so that
`--help` and the map start at once.
"""

import errno
import importlib
import itertools
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.errors import ChatError, InputError, OutputLost, Terminated, UsageError
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode, forgive_standard_error, lost_output, open_closed_streams, write_to

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from chat.settings.kinds import Value
    from chat.settings.table import Settings

_JSON = ("json", "stream-json")
_JSON_OPTIONS = tuple(f"--output-format={form}" for form in _JSON)
COMMANDS: Mapping[str, tuple[str, str]] = {
    "map": ("repomap.commands.map:map_command", "Print a ranked map of a folder that fits a token budget."),
    "page": (
        "repomap.commands.page:page_command",
        "Write a page to look at: the ranked map beside a picture of the folders.",
    ),
    "find": (
        "repomap.commands.lookups:find_command",
        "Find the lines that contain a text or match a pattern.",
    ),
    "symbol": ("repomap.commands.lookups:symbol_command", "Print where a name is defined."),
    "refs": ("repomap.commands.lookups:refs_command", "Print where the code uses a name."),
    "outline": ("repomap.commands.lookups:outline_command", "Print what a file defines."),
    "show": (
        "repomap.commands.lookups:show_command",
        "Print a file, some of its lines, or a definition.",
    ),
    "index": (
        "repomap.commands.index:index_command",
        "Index repositories ahead of time, on a cluster, with others.",
    ),
    "run": (
        "chat.job_commands.run:run_command",
        "Have a task done in a work tree and on a branch of its own.",
    ),
    "jobs": ("chat.job_commands.jobs:jobs_group", "List jobs, or work with one of them."),
    "status": ("chat.job_commands.looking:status", "Print what a job is doing."),
    "logs": ("chat.job_commands.looking:logs", "Print what a job has done and said."),
    "artifacts": (
        "chat.job_commands.looking:artifacts",
        "Print the files that a job leaves, such as its patch.",
    ),
    "send": ("chat.job_commands.talking:send", "Send a job a text, which its next turn reads."),
    "attach": ("chat.job_commands.talking:attach", "Open a chat on a job's session."),
    "stop": ("chat.job_commands.acting:stop", "Stop a job."),
    "resume": ("chat.job_commands.acting:resume", "Go on with a job that was stopped, was killed or failed."),
    "merge": ("chat.job_commands.acting:merge", "Merge a job's branch into the current branch."),
    "schedule": (
        "chat.job_commands.schedule:schedule",
        "Have a task done again and again, by cron or systemd.",
    ),
    "discard": ("chat.job_commands.acting:discard", "Remove a job with its work tree and branch."),
    "apply": ("chat.cli.apply:apply", "Apply the edits of a saved reply."),
    "review": ("chat.cli.review:review_command", "Review a change: what is wrong with it, and where."),
    "sessions": ("chat.cli.sessions:sessions_group", "List, show, search and export sessions."),
    "settings": ("chat.cli.settings:settings_command", "Print every setting, its value and its source."),
    "models": ("chat.cli.models:models_command", "Print known models with their windows and prices."),
    "trust": ("chat.cli.trust:trust_command", "Trust a repository's own configuration, or stop trusting it."),
    "hooks": ("chat.cli.hooks:hooks_group", "List the hooks that a chat here would run, or try some."),
    "mcp": ("repomap.commands.mcp:mcp_command", "Serve a repository to an agent over MCP, read-only."),
    "acp": ("chat.cli.acp:acp_command", "Let an editor drive the chat over the Agent Client Protocol."),
    "graph": (
        "repomap.commands.graph:graph_group",
        "Ask who depends on whom, and what a change touches.",
    ),
    "cache": (
        "repomap.commands.lookups:cache_group",
        "Show or clear the caches of parsed files, indexes and pages.",
    ),
    "schema": ("chat.cli.schema:schema_command", "Print the JSON Schema of a command's output."),
}
"""For each subcommand: where it is defined, as `module:name`, and its line in `--help`."""

ONE_SHOT, REPL = "chat.terminal.single_run.oneshot:run", "chat.terminal.interactive.repl:run"

EXAMPLES = (
    ("trigpoint src/app.py", "start a chat with app.py in it"),
    ('trigpoint -m "let the cookie expire" --yes', "run one request and exit"),
    ('git diff | trigpoint -p "review this"', "print the answer only"),
    ("trigpoint --continue", "resume the last session here"),
    ('trigpoint run "fix the flaky test" --detach', "have it done beside you"),
    ('trigpoint map --query "login fails"', "print a map; needs no model"),
)
EXIT_CODES = tuple((str(code.value), code.meaning) for code in ExitCode)
"""What `--help` and docs/scripts.md say; `exit_code` of each error in `chat.errors` and `repomap.errors` decides."""

_BEFORE_SUBCOMMAND = "chat.cli.subcommand"
"""Key in the context of a command line whose first word names a subcommand."""

_AS_OPTIONS: Mapping[str, str] = {"help": "--help", "version": "--version"}
"""Words that other programs take for these options."""

_REFUSALS = frozenset(
    getattr(errno, name, -1) for name in "EACCES EPERM EROFS ENOSPC EDQUOT ENOTDIR EMFILE ENFILE EIO".split()
)
"""What the system refuses whatever a program does right."""


def load(location: str) -> Any:
    """Import `module:name` and return the object.

    >>> load("json:dumps")([1])
    '[1]'
    """
    module, _, name = location.partition(":")
    return getattr(importlib.import_module(module), name)


class Program(click.Group):
    """The chat with its options and files, unless the first word names a subcommand.

    `--help` lists the subcommands without importing them.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        command = load(COMMANDS[cmd_name][0]) if cmd_name in COMMANDS else None
        return command if isinstance(command, click.Command) else None

    @cached_property
    def settings_options(self) -> list[click.Parameter]:
        """One option per setting, built on first use."""
        from chat.cli.options import options

        return options()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options of the chat; a subcommand does not wait for the settings to be loaded."""
        own = super().get_params(ctx)
        return own if _BEFORE_SUBCOMMAND in ctx.meta else [*self.settings_options, *own]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave the arguments to a subcommand that comes first; otherwise take non-options as files."""
        ctx.params["paths"] = ()
        if args and (option := _AS_OPTIONS.get(args[0])) and not os.path.lexists(args[0]):
            args = [*args[1:2], option]
        if args and args[0] in COMMANDS:
            ctx.meta[_BEFORE_SUBCOMMAND] = True
            return super().parse_args(ctx, args)
        if args and not ctx.resilient_parsing:
            self._refuse_no_file(args, ctx)
        from chat.cli.options import with_flag_for_each_rule

        ctx.allow_interspersed_args = True
        try:
            paths = click.Command.parse_args(self, ctx, with_flag_for_each_rule(args))
        except click.NoSuchOption as error:
            visible = {name for param in self.get_params(ctx) if not _is_hidden(param) for name in param.opts}
            near = [name for name in error.possibilities or () if name in visible]
            raise click.NoSuchOption(error.option_name, possibilities=near, ctx=ctx) from None
        except click.BadOptionUsage as error:
            error.ctx = ctx  # click's parser does not know it
            raise
        if paths and paths[0] in COMMANDS and not ctx.resilient_parsing:
            raise click.UsageError(
                f"{paths[0]} is a command, and a command comes before all options. "
                f"If you mean a file of that name, write {os.path.join(os.curdir, paths[0])}.",
                ctx,
            )
        ctx.params["paths"] = tuple(paths)
        ctx.args = []
        return []

    def _refuse_no_file(self, args: list[str], ctx: click.Context) -> None:
        """Raise UsageError for words that are no files but something else, which the error names."""
        if os.path.lexists(args[0]) or args[0].startswith("-"):
            return
        from chat.cli.first_word import refusal  # late: it knows the commands of the chat

        if reason := refusal(args, COMMANDS, lambda: load(COMMANDS["graph"][0]).commands):
            raise click.UsageError(reason, ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete options after a dash, files otherwise, and subcommands as the first word."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        is_first = not ctx.params.get("paths")
        commands = [
            CompletionItem(name, help=text)
            for name, (_, text) in COMMANDS.items()
            if is_first and name.startswith(incomplete)
        ]
        return [*commands, CompletionItem(incomplete, type="file")]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        formatter.write_usage("trigpoint", "[OPTIONS] [FILE]...")
        formatter.write_usage("trigpoint", "COMMAND [ARGS]...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, the most used options, subcommands, all other options by group, and exit codes."""
        from chat.cli.options import help_sections

        most_used, *groups = help_sections()
        commands = ("Commands", [(name, text) for name, (_, text) in COMMANDS.items()])
        last = [record for param in super().get_params(ctx) if (record := param.get_help_record(ctx))]
        others = [*groups, ("Other", last), ("Exit codes", list(EXIT_CODES))]
        for title, lines in (("Examples", list(EXAMPLES)), most_used, commands, *others):
            with formatter.section(title):
                formatter.write_dl(lines, col_max=46 if title == "Examples" else 26)


def _is_hidden(param: click.Parameter) -> bool:
    """Whether an option is understood and not advertised, such as those of aider that have no effect."""
    return bool(getattr(param, "hidden", False))


@click.command(
    cls=Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="trigpoint", prog_name="trigpoint")
@click.pass_context
def group(ctx: click.Context, /, paths: tuple[str, ...], **parameters: Any) -> int:
    """Edit a repository together with a language model: at a prompt, or one request with -m.

    FILEs are shown to the model from the start, to be edited; one that does not exist is created. It finds
    other files by the repository's map and asks for them. Every option can also be set in
    .trigpoint.toml, in your own config.toml, or as
    TRIGPOINT_NAME in the environment; `trigpoint settings` shows all of them.
    """
    return 0 if ctx.invoked_subcommand else run_chat(paths, parameters)


def run_chat(
    paths: Sequence[str], parameters: Mapping[str, Any], kept: Mapping[str, "Value"] | None = None
) -> int:
    """Read the settings and run the chat, at a prompt or for one request; return the exit code.

    ``kept`` are settings that count where the command line does not set them.
    """
    try:
        settings = read_settings(parameters, kept)
    except ChatError as error:
        if parameters.get("output_format") in _JSON:
            _print_result(error)
        raise
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    is_single = is_one_shot(settings, at_terminal)
    if settings.json_schema and not is_single:
        raise UsageError(
            "--json-schema counts for a request that is given with it, such as -p TEXT. Nothing was done."
        )
    if settings.watch and is_single and dict(settings.sources).get("watch", "").startswith("--"):
        print_message(
            "warning: --watch counts at the prompt, and this is a single request, so nothing is watched."
        )
    run_it = load(ONE_SHOT if is_single else REPL)
    try:
        code: int = run_it(settings, tuple(paths))
    except KeyboardInterrupt as error:
        if not is_single or settings.output_format == "text":
            raise
        return _code_of(error)  # a further signal, behind the result
    return code


def _code_of(error: KeyboardInterrupt) -> ExitCode:
    return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED


def read_settings(parameters: Mapping[str, Any], kept: Mapping[str, "Value"] | None = None) -> "Settings":
    """Return the settings of a run with these options; what the files warn of is told, their variables are set."""
    from chat.cli.options import command_line_layer
    from chat.settings.load import load as load_settings

    given = command_line_layer(parameters)
    layer = replace(given, values={**(kept or {}), **given.values})
    loaded = load_settings(layer, Path.cwd(), os.environ)
    for notice in loaded.notices:
        print_message(f"warning: {' '.join(notice.split())}")
    os.environ.update(loaded.environment)
    return loaded.settings


def _print_result(error: ChatError | KeyboardInterrupt) -> None:
    """Print the result of a request that failed before it began: whoever asks for JSON gets it whatever happens."""
    from chat.display.json_output import failed_early

    write_to(sys.stdout, json.dumps(failed_early(error)) + "\n")


def is_one_shot(settings: "Settings", at_terminal: bool) -> bool:
    """Whether to run a single request: one is set, even an empty one, or nobody is there to type."""
    requests = {"message", "print", "message-file", "goal", "show-repo-map", "show-prompts", "input-format"}
    return not at_terminal or any(name in requests for name, _ in settings.sources)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; errors that are not ours are raised."""
    code = _run(arguments)
    if lost := lost_output():
        print_message(f"error: {_of_output(lost)}")
        return code or OutputLost.exit_code
    return code


def _run(arguments: Sequence[str] | None) -> int:
    is_json = _asks_for_json(sys.argv[1:] if arguments is None else arguments)
    try:
        # a signal may come while modules are imported, before the run of the request heeds it
        with ended_by_signals() if is_json else nullcontext():
            code = group.main(arguments, prog_name="trigpoint", standalone_mode=False)
    except click.ClickException as error:
        from repomap import wrong_usage  # late: few command lines are wrong

        above, message = wrong_usage(error)
        click.echo(above, err=True, nl=False)
        print_message(f"error: {message}")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        # click wraps what it was interrupted by
        first = error.__cause__ if isinstance(error, click.Abort) else error
        early = first if isinstance(first, KeyboardInterrupt) else KeyboardInterrupt()
        if is_json:
            _print_result(early)
        print_message("terminated" if isinstance(early, Terminated) else "interrupted")
        return _code_of(early)
    except Exception as error:
        expected = _of_surroundings(error) if isinstance(error, OSError) else error
        if not isinstance(expected, _expected()):
            raise
        print_message(f"error: {expected}")
        return getattr(expected, "exit_code", ExitCode.FAILED)
    return code if isinstance(code, int) else ExitCode.DONE


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether this is a request, and asks for its result as JSON.

    >>> _asks_for_json(["-p", "hello", "--output-format", "json"]), _asks_for_json(["map", "."])
    (True, False)
    """
    if arguments and arguments[0] in COMMANDS:
        return False
    pairs = itertools.pairwise((*arguments, ""))
    return any(f"{word}={following}".startswith(_JSON_OPTIONS) for word, following in pairs)


def _of_surroundings(error: OSError) -> Exception:
    """Return what an error of the system means where it is none of ours: no folder, no output, no room, no right."""
    try:
        os.getcwd()
    except OSError:
        return InputError("The current folder does not exist any more. Nothing was done; change to another.")
    if lost := lost_output(error):
        return _of_output(lost)
    if error.errno in _REFUSALS and error.filename is not None:
        return ChatError(f"{error.filename}: {error.strerror}. The command was not finished.")
    return error


def _of_output(error: OSError) -> OutputLost:
    return OutputLost(
        f"Standard output cannot be written: {error.strerror}. What it was to show is incomplete; everything else "
        "was done. Give the output another place."
    )


def _expected() -> tuple[type[Exception], ...]:
    """The roots of the three error trees; any other exception is a bug and keeps its traceback."""
    from edits import EditError
    from repomap import RepoMapError

    return ChatError, EditError, RepoMapError


def print_message(text: str) -> None:
    """Print to standard error, without control sequences that quoted names may contain."""
    from chat.safety.printable import without_escapes

    click.echo(f"trigpoint: {without_escapes(text)}", err=True)


def main() -> None:
    """Run the command and exit with its code."""
    open_closed_streams()
    forgive_standard_error()
    sys.exit(run())
