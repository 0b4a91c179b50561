"""Values from outside (JSON, forms) as declared types ask for them: ISO texts are dates where a date is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.feel.moments import read_date, read_date_time, read_duration, read_time
from engine.feel.types import FeelType
from engine.feel.values import Kind, Value, YearsMonthsDuration


def _months(text: str) -> Value:
    found = read_duration(text)
    return found if isinstance(found, YearsMonthsDuration) else None


def _days(text: str) -> Value:
    found = read_duration(text)
    return None if isinstance(found, YearsMonthsDuration) else found


_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    Kind.DATE.value: read_date,
    Kind.TIME.value: read_time,
    Kind.DATE_TIME.value: lambda text: read_date_time(text) or read_date(text),
    Kind.DAYS.value: _days,
    Kind.MONTHS.value: _months,
}


def as_declared(value: Value, kind: FeelType) -> Value:
    """Return a value with its texts read as the dates, times and durations that a type declares.

    What cannot be read stays as it is, so that whoever checks the type can tell what it was.
    """
    if isinstance(value, str):
        reader = _READERS.get(kind.name)
        found = None if reader is None else reader(value)
        return value if found is None else found
    if isinstance(value, list) and kind.name == Kind.LIST.value and kind.inner:
        return [as_declared(item, kind.inner[0]) for item in value]
    if isinstance(value, Mapping) and kind.name == Kind.CONTEXT.value and kind.members:
        members = dict(kind.members)
        return {name: as_declared(item, members[name]) if name in members else item for name, item in value.items()}
    return value
