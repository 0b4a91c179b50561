"""`saanphaen feel`: what an expression comes to."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from web.cli.values import read_moment, read_variables, say_value, warn, working_days

if TYPE_CHECKING:
    from engine import FeelError


@click.command("feel", short_help="Evaluate a FEEL expression.")
@click.argument("expression")
@click.option("--context", "variables", callback=read_variables, help="Variables: a file with a JSON object, or `-`.")
@click.option("--now", callback=read_moment, help="The moment of now(), ISO 8601 with its offset. Default: this one.")
@click.option("--json", "as_json_", is_flag=True, help="Write one JSON object: value, unknown, error.")
@click.pass_context
def command(
    ctx: click.Context, *, expression: str, variables: dict[str, Any], now: dt.datetime, as_json_: bool
) -> None:
    """Evaluate EXPRESSION, FEEL with or without the `=` that diagrams write before it, and write its value as JSON.

    Dates, times and durations are written as ISO 8601 texts, ranges as FEEL writes them. Names that are neither in
    the context nor in the language are null; they are told on standard error. Exit status 1: the text is no FEEL, or
    passes a limit.
    """
    from engine import FeelError, as_json, compile_expression
    from workflows.calendar import BANGKOK

    text = expression.strip().removeprefix("=")
    try:
        compiled = compile_expression(text)
        unknown = sorted(compiled.names - variables.keys())
        with working_days() as lent:
            value = as_json(compiled.evaluate(variables, now=now, zone=BANGKOK, functions=lent))
    except FeelError as error:
        _refuse(ctx, text, error, as_json_=as_json_)
        return
    if as_json_:
        say_value({"value": value, "unknown": unknown, "error": None})
        return
    for name in unknown:
        warn(f"{name}: neither in the context nor in the language, so it is null")
    say_value(value)


def _refuse(ctx: click.Context, text: str, error: FeelError, *, as_json_: bool) -> None:
    position = getattr(error, "position", None)
    if as_json_:
        say_value({"value": None, "unknown": [], "error": {"message": error.message, "position": position}})
    else:
        warn(f"Expected an expression that can be evaluated, but {text!r}: {error}")
    ctx.exit(1)
