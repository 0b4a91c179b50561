"""From what a form or a process variable holds to typed values of the domain, or a refusal in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from workflows.calendar import day_of
from workflows.plans.errors import ValueRefused

E = TypeVar("E", bound=StrEnum)


def text(values: Mapping[str, object], name: str) -> str:
    """Return a text, empty where there is none."""
    value = values.get(name)
    return "" if value is None else str(value).strip()


def day(values: Mapping[str, object], name: str) -> dt.date | None:
    """Return a date, None where there is none."""
    value = values.get(name)
    if value is None or value == "":
        return None
    return as_day(value)


def as_day(value: object) -> dt.date:
    """Read a date, a moment (its day in Bangkok) or ISO text."""
    if isinstance(value, dt.datetime):
        return day_of(value) if value.tzinfo else value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise ValueRefused(f"Expected a date, but got {value!r}.") from error


def number(values: Mapping[str, object], name: str) -> int | None:
    """Return a whole number, None where there is none."""
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, (int, Decimal, str)):
        try:
            return int(value)
        except ValueError as error:
            raise ValueRefused(f"Expected a whole number in {name}, but got {value!r}.") from error
    raise ValueRefused(f"Expected a whole number in {name}, but got {value!r}.")


def code(kind: type[E], value: object) -> E:
    """Return one of a set of codes."""
    try:
        return kind(str(value))
    except ValueError as error:
        known = ", ".join(kind)
        raise ValueRefused(f"Expected one of {known}, but got {value!r}.", value=str(value)) from error


def mapping(value: object) -> Mapping[str, object]:
    """Return a context, empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Mapping[str, object]]:
    """Return a list of contexts, empty where there is none."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [row for row in value if isinstance(row, Mapping)]


def lines(value: object) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.strip(" •-\t") for line in str(value or "").splitlines() if line.strip(" •-\t")]
