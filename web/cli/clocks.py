"""`saanphaen clocks`: how a statutory due date is counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from web.cli.output import say, say_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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
    from workflows.clocks import explain as explained

    with installed_calendar() as session:
        found = explained(session, start.date(), days, unit, area)
    if as_json:
        say_json(found.as_json())
        return
    say(f"{found.due.isoformat()} is day {found.counted} ({unit} days of {area}, counted from {start:%Y-%m-%d})")
    for day in found.skipped:
        source = f" ({day.source})" if day.source else ""
        say(f"  not counted: {day.date.isoformat()} {day.name}{source}")
    if found.provisional:
        say("Provisional: it reaches beyond the days for which holidays are announced.")


@contextmanager
def installed_calendar() -> Iterator[Session | None]:
    """Open the installation's own calendar; None where there is no database yet, so that the shipped one counts."""
    from web.cli.opening import opened, read_settings
    from web.databases import sqlite_file

    url = read_settings().database_url
    path = sqlite_file(url)
    if path is not None and not path.exists():
        yield None
        return
    with opened(url) as engine, engine.reading() as read:
        yield read.session
