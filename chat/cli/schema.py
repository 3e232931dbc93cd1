"""`trigpoint schema`: the JSON Schemas of what the commands print and take; those of the maps are repomap's own."""

import click

from chat.cli.main import load
from chat.display.json_output import result_schema
from chat.jobs.view import job_schema
from chat.review.as_json import review_schema
from chat.workers.plan import plan_schema

_OF_MAPS: click.Command = load("repomap.commands.map:schema_command")
_NAMES = click.Choice([*_OF_MAPS.params[0].type.choices, "result", "review", "job", "plan"])  # type: ignore[attr-defined]


@click.command("schema", epilog=f"NAME is one of {', '.join(_NAMES.choices)}.")
@click.argument("name", metavar="NAME", type=_NAMES)
@click.pass_context
def schema_command(ctx: click.Context, name: str) -> int:
    """Print the JSON Schema of a command's output; `result` is what a request prints as JSON.

    `job` is what `trigpoint status --json` prints, and `trigpoint jobs --json` of each; `plan` is what
    `trigpoint run --plan-file` takes.
    """
    own = {"result": result_schema, "review": review_schema, "job": job_schema, "plan": plan_schema}
    if name in own:
        click.echo(own[name](), nl=False)
    else:
        ctx.invoke(_OF_MAPS, name=name)
    return 0
