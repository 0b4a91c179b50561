"""`saanphaen clocks`: how a statutory due date is counted."""

from __future__ import annotations

import datetime as dt

import click

from web.cli.output import say, say_json


@click.group("clocks")
def command() -> None:
    """Statutory clocks: due dates in working or calendar days."""


@command.command()
@click.option("--start", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day of the event, YYYY-MM-DD.")
@click.option("--days", required=True, type=int, help="How many; negative counts back.")
@click.option("--unit", required=True, type=click.Choice(["working", "calendar"]), help="What is counted.")
@click.option("--area", default="TH", show_default=True, help="Whose holidays: a province such as TH-52, or TH.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def explain(*, start: dt.datetime, days: int, unit: str, area: str, as_json: bool) -> None:
    """Count a due date and tell every day that was passed over, with its reason and source.

    The first day is not counted; a last day that is no working day rolls on to the next one.
    Holidays come from the installation's database where there is one, else from the shipped table.
    """
    from web.cli.explaining import explained

    found = explained(start=start.date(), days=days, unit=unit, area=area)
    if as_json:
        say_json(found.as_json())
    else:
        for line in found.lines():
            say(line)
