"""``dosimeter schema``."""

import click

from dosimeter.cli.common import installed


@click.command(name="schema")
def command() -> int:
    """Print the JSON Schema of a stack, with the options of every installed plugin."""
    import json

    from dosimeter.schema import json_schema

    click.echo(json.dumps(json_schema(installed()), indent=1, sort_keys=True))
    return 0
