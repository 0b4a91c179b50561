"""Functions that make one kind of value of another (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from engine.feel import moments, numeric, temporal
from engine.feel.comparison import compare
from engine.feel.environment import Run
from engine.feel.errors import FeelSyntaxError, LimitReached
from engine.feel.far import FarMoment, moment_of
from engine.feel.limits import MAX_NESTING, MAX_STRING, TEXT_A_STEP
from engine.feel.numeric import Number, whole
from engine.feel.parser import parse
from engine.feel.signatures import Library, as_midnight
from engine.feel.tokens import is_name, tokenize
from engine.feel.tree import Call, Literal, Name, Node, RangeOf
from engine.feel.values import Kind, Range, Value, YearsMonthsDuration, kind_of

LIBRARY: Final = Library()

_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,400}(?:\.[0-9]{1,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,5})?")
_MAX_SECOND: Final = 60
_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "date": moments.read_date,
    "time": moments.read_time,
    "date and time": moments.read_date_time,
    "duration": moments.read_duration,
}


@LIBRARY.add("date", "from: string")
def date_of_text(text: str) -> Value:
    """Read a date."""
    return moments.read_date(text)


@LIBRARY.add("date", "from: date | date and time")
def date_of(value: dt.date) -> dt.date:
    """Return the day of a moment."""
    return value.date() if isinstance(value, dt.datetime | FarMoment) else value


@LIBRARY.add("date", "year: number", "month: number", "day: number")
def date_of_parts(year: Number, month: Number, day: Number) -> Value:
    """Return a date."""
    parts = [whole(part) for part in (year, month, day)]
    return None if None in parts else moments.make_date(*(part or 0 for part in parts))


@LIBRARY.add("time", "from: string")
def time_of_text(text: str) -> Value:
    """Read a time."""
    return moments.read_time(text)


@LIBRARY.add("time", "from: time | date | date and time")
def time_of(value: dt.time | dt.date) -> dt.time:
    """Return the time of a moment; midnight UTC of a date."""
    if isinstance(value, dt.datetime | FarMoment):
        return value.timetz()
    return value if isinstance(value, dt.time) else dt.time(tzinfo=dt.UTC)


@LIBRARY.add("time", "hour: number", "minute: number", "second: number", "offset?: days and time duration | Null")
def time_of_parts(hour: Number, minute: Number, second: Number, offset: dt.timedelta | None = None) -> Value:
    """Return a time, with an offset from UTC."""
    hours, minutes = whole(hour), whole(minute)
    seconds = numeric.to_decimal(second)
    if hours is None or minutes is None or not 0 <= seconds < _MAX_SECOND:
        return None
    micro = int(seconds % 1 * 1_000_000)
    zone = None if offset is None else dt.timezone(offset)
    return dt.time(hours, minutes, int(seconds), micro, zone)


@LIBRARY.add("date and time", "from: string")
def date_time_of_text(text: str) -> Value:
    """Read a date and time; a date alone is its midnight."""
    found = moments.read_date_time(text)
    if found is None and (day := moments.read_date(text)) is not None:
        return moment_of(day, dt.time())
    return found


@LIBRARY.add("date and time", "from: date | date and time")
def date_time_of(value: dt.date) -> dt.datetime:
    """Return a moment; a date is its midnight in UTC."""
    return value if isinstance(value, dt.datetime | FarMoment) else as_midnight(value)


@LIBRARY.add("date and time", "date: date | date and time", "time: time")
def date_time_of_both(date: dt.date, time: dt.time) -> dt.datetime:
    """Return a time on a day."""
    found: dt.datetime = moment_of(date_of(date), time)
    return found


@LIBRARY.add("date and time", "date: date and time", "timezone: string")
def date_time_in_zone(moment: Value, timezone: str) -> Value:
    """Return a moment as the clocks of a zone show it."""
    zone = moments.zone_of(timezone)
    if isinstance(moment, FarMoment):
        return None
    return None if zone is None else moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


@LIBRARY.add("duration", "from: string")
def duration_of_text(text: str) -> Value:
    """Read a duration."""
    return moments.read_duration(text)


@LIBRARY.add("duration", "from: days and time duration | years and months duration")
def duration_of(value: Value) -> Value:
    """Return a duration as it is."""
    return value


@LIBRARY.add("years and months duration", "from: date | date and time", "to: date | date and time")
def years_and_months(start: dt.date, end: dt.date) -> YearsMonthsDuration:
    """Return the whole months between two moments."""
    return temporal.months_between(start, end)


@LIBRARY.add("number", "from: string | number")
def number_of(value: str | Number) -> Value:
    """Read a number."""
    if not isinstance(value, str):
        return value
    if _NUMBER.fullmatch(value) is None:
        return None
    if value.lstrip("-").isdigit():
        return numeric.rounded(int(value))
    return numeric.finite(numeric.CONTEXT.plus(Decimal(value)))


@LIBRARY.add("number", "from: string", "grouping separator: string | Null", "decimal separator?: string | Null")
def number_with_separators(text: str, grouping: str | None, point: str | None = None) -> Value:
    """Read a number that is written with separators: blank, comma or full stop for thousands; comma or full stop."""
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (point and point == grouping):
        return None
    plain = text.replace(grouping, "") if grouping else text
    return number_of(plain.replace(point, ".") if point else plain)


@LIBRARY.add("range", "from: string")
def range_of(text: str) -> Value:
    """Read a range, both ends written out as literals and the smaller first."""
    try:
        tree = parse(text, tokenize(text))
    except FeelSyntaxError:
        return None
    if not isinstance(tree, RangeOf):
        return None
    start, end = _literal(tree.start), _literal(tree.end)
    ordered = compare("<=", start, end)
    return Range(start, end, tree.start_included, tree.end_included) if ordered else None


def _literal(node: Node) -> Value:
    """Return the value of a literal, or of a date, time or duration that is read from one."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Call) and isinstance(node.function, Name) and len(node.arguments) == 1:
        read, text = _READERS.get(node.function.name), node.arguments[0]
        if read is not None and isinstance(text, Literal) and isinstance(text.value, str):
            return read(text.value)
    return None


@LIBRARY.add("string", "from: Any")
def string(run: Run, value: Value) -> Value:
    """Write a value as text; null stays null."""
    if value is None or isinstance(value, str):
        return value
    parts: list[str] = []
    size = 0
    for part in _written(value, run, 0, outermost=True):
        size += len(part)
        if size > MAX_STRING:
            raise LimitReached(f"Expected a text of at most {MAX_STRING} characters, but the expression makes more")
        parts.append(part)
    run.spend(size // TEXT_A_STEP)
    return "".join(parts)


def _written(value: Value, run: Run, depth: int, *, outermost: bool = False) -> Iterator[str]:
    run.spend(1)
    if depth > MAX_NESTING:
        raise LimitReached(f"Expected at most {MAX_NESTING} lists and contexts within each other")
    kind = kind_of(value)
    if kind is Kind.LIST:
        yield "["
        for place, item in enumerate(value):
            yield ", " if place else ""
            yield from _written(item, run, depth + 1)
        yield "]"
    elif kind is Kind.CONTEXT:
        yield "{"
        for place, name in enumerate(value):
            yield f"{', ' if place else ''}{name if is_name(name) else _quoted(name)}: "
            yield from _written(value[name], run, depth + 1)
        yield "}"
    elif kind is Kind.RANGE:
        yield from _range_written(value, run, depth)
    else:
        yield _plain(value, kind, outermost=outermost)


def _plain(value: Value, kind: Kind, *, outermost: bool) -> str:
    if kind is Kind.STRING:
        return str(value) if outermost else _quoted(value)
    if kind is Kind.NUMBER:
        return numeric.show(value)
    if kind is Kind.BOOLEAN:
        return "true" if value else "false"
    if kind in (Kind.DATE, Kind.TIME, Kind.DATE_TIME, Kind.DAYS, Kind.MONTHS):
        return moments.show(value)
    return "null" if value is None else kind.value


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _range_written(value: Range, run: Run, depth: int) -> Iterator[str]:
    if value.sign is not None:
        yield f"({value.sign} "
        yield from _written(value.start if value.end is None else value.end, run, depth + 1)
        yield ")"
        return
    yield "[" if value.start_included else "("
    yield from _written(value.start, run, depth + 1)
    yield ".."
    yield from _written(value.end, run, depth + 1)
    yield "]" if value.end_included else ")"
