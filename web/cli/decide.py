"""`saanphaen decide`: what a decision of a DMN file comes to, and which rules say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from web.cli.problems import in_one_line
from web.cli.values import read_moment, read_variables, say_value, warn, working_days

if TYPE_CHECKING:
    from engine import Outcome, Problem, TableRecord

_UNREADABLE: Final = 2
_MOST_FILES: Final = 200


@click.command("decide", short_help="Make a decision of a DMN file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("decision")
@click.option("--input", "inputs", callback=read_variables, help="Input data: a file with a JSON object, or `-`.")
@click.option("--now", callback=read_moment, help="The moment of now(), ISO 8601 with its offset. Default: this one.")
@click.option("--json", "as_json_", is_flag=True, help="Write one JSON object: value, tables, failures, problems.")
@click.pass_context
def command(
    ctx: click.Context, *, file: Path, decision: str, inputs: dict[str, Any], now: dt.datetime, as_json_: bool
) -> None:
    """Make DECISION (the id or name of a decision or decision service) of FILE, and write its value as JSON.

    Texts are read as the dates, times and durations that the model declares. Files that FILE imports are found beside
    it. Exit status 1: a problem of the file stands in the way, or the value is null because something does not fit
    (told on standard error); 2: the file is no DMN, or has no such decision.
    """
    from engine import UNREADABLE_TEXTS, FeelError, Limits, decide, needed_with, read_decisions
    from workflows.calendar import BANGKOK

    limits = Limits()
    beside = _beside(file, limits.max_bytes)
    found = read_decisions(needed_with(file.name, beside, limits), limits)
    errors = [problem for problem in found.problems if problem.severity == "error"]
    model = found.files.get(file.name)
    if model is None or any(problem.rule not in UNREADABLE_TEXTS for problem in errors):
        _say(None, found.problems, as_json_=as_json_)
        ctx.exit(_UNREADABLE if model is None else 1)
    element = model.decidable(decision)
    if element is None:
        known = ", ".join(model.decidable_names()) or "none at all"
        raise click.UsageError(f"Expected a decision or decision service {decision!r}, but {file} has {known}.")
    try:
        with working_days() as lent:
            outcome = decide(element, found.files.values(), inputs, now=now, zone=BANGKOK, functions=lent)
    except FeelError as error:
        raise click.ClickException(f"Expected a decision within the limits, but {decision!r}: {error}") from error
    _say(outcome, found.problems, as_json_=as_json_)
    ctx.exit(1 if outcome.failures else 0)


def _beside(file: Path, most: int) -> dict[str, bytes]:
    """Read the decision files of a folder, the one that is asked first; what is too large is cut, and refused then."""
    paths = [file, *sorted(path for path in file.parent.glob("*.dmn") if path.name != file.name and path.is_file())]
    contents = {}
    for path in paths[:_MOST_FILES]:
        with path.open("rb") as opened:
            contents[path.name] = opened.read(most + 1)
    return contents


def _say(outcome: Outcome | None, problems: tuple[Problem, ...], *, as_json_: bool) -> None:
    from engine import as_json

    failures = () if outcome is None else outcome.failures
    if not as_json_:
        for problem in problems:
            warn(in_one_line(problem))
        for failure in failures:
            warn(f"{failure.element_id}: {failure.code}: {failure.message}")
        if outcome is not None:
            say_value(as_json(outcome.value))
        return
    say_value(
        {
            "value": None if outcome is None else as_json(outcome.value),
            "tables": [] if outcome is None else [_table(table) for table in outcome.tables],
            "failures": [
                {"element_id": failure.element_id, "code": failure.code, "message": failure.message}
                for failure in failures
            ],
            "problems": [in_one_line(problem) for problem in problems],
        }
    )


def _table(table: TableRecord) -> Mapping[str, object]:
    from engine import as_json

    return {
        "element_id": table.element_id,
        "name": table.name,
        "hit_policy": str(table.hit_policy),
        "inputs": [{"expression": label, "value": as_json(value)} for label, value in table.inputs],
        "matched": [
            {
                "rule": rule.rule,
                "id": rule.id,
                "outputs": as_json(dict(rule.outputs)),
                "annotations": list(rule.annotations),
            }
            for rule in table.matched
        ],
        "result": as_json(table.result),
    }
