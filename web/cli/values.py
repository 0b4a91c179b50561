"""Values of FEEL on the command line: read from a JSON file, written as JSON with every digit."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import click

STANDARD_INPUT: Final = "-"
_LARGEST: Final = 5_000_000  # bytes
_INDENT: Final = 2


def read_variables(ctx: click.Context, parameter: click.Parameter, name: str | None) -> dict[str, Any]:  # noqa: ARG001
    """Read variables from a JSON file (`-`: standard input); numbers keep their digits. A callback of an option."""
    if name is None:
        return {}
    try:
        text = _bytes_of(name).decode("utf-8-sig")
        found = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except OSError as error:
        raise click.BadParameter(f"Expected a file to read, but {name}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise click.BadParameter(f"Expected JSON in {name}, but {reason}.") from error
    if not isinstance(found, dict):
        raise click.BadParameter(f"Expected a JSON object of variables in {name}, but it holds something else.")
    return found


def read_moment(ctx: click.Context, parameter: click.Parameter, text: str | None) -> dt.datetime:  # noqa: ARG001
    """Read an ISO 8601 moment with its offset; the present one where none is given. A callback of an option."""
    from engine import SystemClock

    if text is None:
        return SystemClock().now()
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"Expected a moment such as 2026-10-01T08:30:00+07:00, but got {text!r}.") from error
    if moment.tzinfo is None:
        raise click.BadParameter(f"Expected a moment with its offset, such as +07:00, but got {text!r}.")
    return moment


@contextmanager
def working_days() -> Iterator[Mapping[str, Callable[..., Any]]]:
    """Lend expressions the calendar of working days: the installation's, opened when it is asked, else the shipped."""
    from engine import ADD_WORKING_DAYS, WORKING_DAYS_BETWEEN
    from web.cli.clocks import installed_calendar
    from workflows.calendar import UnitCalendar
    from workflows.organization.geography import areas_or_nation

    calendar = UnitCalendar(areas_or_nation)
    with ExitStack() as opened:
        session = cache(lambda: opened.enter_context(installed_calendar()))
        yield {
            ADD_WORKING_DAYS: lambda day, count, unit: calendar.add(session(), day, count, unit),
            WORKING_DAYS_BETWEEN: lambda start, end, unit: calendar.between(session(), start, end, unit),
        }


def say_value(value: object) -> None:
    """Write a value as JSON: exact numbers, ISO texts for dates, times and durations."""
    import orjson

    def exact(found: object) -> orjson.Fragment:
        if isinstance(found, Decimal):
            return orjson.Fragment(str(found).encode())
        raise TypeError(f"{type(found).__name__} is no JSON")

    click.echo(orjson.dumps(value, default=exact, option=orjson.OPT_INDENT_2).decode())


def warn(text: str) -> None:
    """Write a line that is no result."""
    click.echo(" ".join(text.split()), err=True)


def _bytes_of(name: str) -> bytes:
    data = sys.stdin.buffer.read(_LARGEST + 1) if name == STANDARD_INPUT else Path(name).read_bytes()
    if len(data) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    return data


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
