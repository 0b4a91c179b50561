"""`saanphaen replay`: a real year on its real calendar, played through the services that the pages use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from typing import TYPE_CHECKING

import click

from web.cli.output import Tell, progress, say, say_json, table

if TYPE_CHECKING:
    from workflows.replay import ReplayResult, StepLine


@click.command("replay", short_help="Play a real year on its real calendar.")
@click.argument("year", type=click.Choice(["fy2570"]))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--database-url", default="sqlite://", help="An empty database to keep it in; default is in memory.")
@click.pass_context
def command(ctx: click.Context, *, year: str, as_json: bool, database_url: str) -> None:
    """Play the revised edition of a fiscal year for four northern provinces and their cluster.

    Tells each step with actor, planned and actual date and working days late, then whether the audit trail holds;
    exit status 1 when it does not. Dates that are not on record are marked `assumed`.
    """
    from web.databases import make_folder
    from workflows.replay import replay

    make_folder(database_url)
    with progress(year.upper()) as tell:
        result = _watch(replay(database_url), tell)
    if as_json:
        say_json(result.as_json())
    else:
        _write(result)
    ctx.exit(0 if result.verified else 1)


def _watch(playing: Generator[tuple[int, int, StepLine], None, ReplayResult], tell: Tell) -> ReplayResult:
    while True:
        try:
            done, total, _line = next(playing)
        except StopIteration as end:
            found: ReplayResult = end.value
            return found
        tell(done, total)


def _write(result: ReplayResult) -> None:
    heads = ("unit", "process", "step", "actor", "planned", "actual", "days late", "outcome", "assumed")
    rows = [
        (
            step.unit,
            step.process,
            step.name,
            step.actor,
            _planned(step),
            _day(step.done),
            step.working_days_late or "",
            step.outcome or "",
            "assumed" if step.assumed else "",
        )
        for step in result.steps
    ]
    table("", heads, rows, right=("days late",))
    say("Runs: " + ", ".join(f"{unit} {state}" for unit, state in sorted(result.instances.items())))
    held = "verified, every chain holds" if result.verified else "NOT VERIFIED: `saanphaen audit verify` names the line"
    say(f"Audit: {result.entries} entries, {held}.")


def _planned(step: StepLine) -> str:
    if step.due is None:
        return ""
    if step.due_original is None or step.due_original == step.due:
        return _day(step.due)
    return f"{_day(step.due)} (first {_day(step.due_original)})"


def _day(moment: dt.datetime) -> str:
    from web.formatting import bangkok_date

    return bangkok_date(moment).isoformat()
