"""What FEEL values are in Python, and their kinds: int, Decimal, str, bool, date, list, dict … and three of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from typing_extensions import override

from engine.feel.far import FarDate, FarMoment

Value = Any


class Kind(StrEnum):
    """The types of FEEL; a value of any other Python type is `OTHER`: it can be passed on and nothing else."""

    NULL = "Null"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date and time"
    DAYS = "days and time duration"
    MONTHS = "years and months duration"
    LIST = "list"
    CONTEXT = "context"
    RANGE = "range"
    FUNCTION = "function"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A duration of whole months; how many days that is depends on where it begins."""

    months: int

    @override
    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        shown = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.months < 0 else ''}P{shown or '0M'}"


@dataclass(frozen=True, slots=True)
class Range:
    """Everything between two ends; `sign` is set for a range that is written as a comparison, such as `(< 5)`."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True
    sign: str | None = None


class Function:
    """A function of FEEL: the names of its parameters, and what is called with the run and a list of values.

    `variadic` functions look at the number of values themselves; `by_name` is what a call with named arguments does
    where that is more than putting them in order.
    """

    __slots__ = ("by_name", "call", "parameters", "variadic")

    def __init__(
        self,
        parameters: Sequence[str],
        call: Callable[[Any, list[Value]], Value],
        *,
        variadic: bool = False,
        by_name: Callable[[Any, dict[str, Value]], Value] | None = None,
    ) -> None:
        self.parameters = tuple(parameters)
        self.call = call
        self.variadic = variadic
        self.by_name = by_name


_KINDS: Final[dict[type, Kind]] = {
    type(None): Kind.NULL,
    bool: Kind.BOOLEAN,
    int: Kind.NUMBER,
    Decimal: Kind.NUMBER,
    float: Kind.NUMBER,
    str: Kind.STRING,
    dt.datetime: Kind.DATE_TIME,
    dt.date: Kind.DATE,
    FarDate: Kind.DATE,
    FarMoment: Kind.DATE_TIME,
    dt.time: Kind.TIME,
    dt.timedelta: Kind.DAYS,
    YearsMonthsDuration: Kind.MONTHS,
    list: Kind.LIST,
    tuple: Kind.LIST,
    dict: Kind.CONTEXT,
    Range: Kind.RANGE,
    Function: Kind.FUNCTION,
}


def kind_of(value: Value) -> Kind:
    """Return which type of FEEL a value is."""
    found = _KINDS.get(type(value))
    return _rare(value) if found is None else found


def _rare(value: Value) -> Kind:
    """Subclasses (StrEnum, IntEnum, defaultdict, named tuples) and other mappings."""
    if isinstance(value, Mapping):
        return Kind.CONTEXT
    for known, kind in _KINDS.items():
        if isinstance(value, known):
            return kind
    return Kind.OTHER
