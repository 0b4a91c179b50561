"""Variables of a run in words, and the reading of what an administrator types as a value of one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

_SHOWN: Final = 200  # characters; longer values are folded


class ValueKind(StrEnum):
    """How a value is typed; what has no field of its own is written in FEEL."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    DATE = "date"
    NOTHING = "nothing"
    FEEL = "feel"


KIND_NAMES: Final[dict[str, LazyString]] = {
    ValueKind.TEXT: _l("text"),
    ValueKind.NUMBER: _l("number"),
    ValueKind.YES_NO: _l("yes or no"),
    ValueKind.DATE: _l("date"),
    ValueKind.NOTHING: _l("empty"),
    ValueKind.FEEL: _l("list, structure or other (written in FEEL)"),
}
_TYPE_NAMES: Final[tuple[tuple[type, LazyString], ...]] = (
    (bool, _l("yes or no")),
    (str, _l("text")),
    (int, _l("number")),
    (float, _l("number")),
    (Decimal, _l("number")),
    (dt.datetime, _l("date and time")),
    (dt.date, _l("date")),
    (dt.time, _l("time")),
    (Mapping, _l("structure")),
    (list, _l("list")),
    (tuple, _l("list")),
    (type(None), _l("empty")),
)


class UnreadableValue(Exception):
    """Expected a value of the chosen kind, but the text is none; the message says so to the person."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as it is shown."""

    name: str
    type_name: str
    text: str
    is_long: bool
    kind: ValueKind
    typed: str  # how its present value would be typed


def described(variables: Mapping[str, object]) -> list[Variable]:
    """Return variables by name, in words."""
    return [_describe(name, variables[name]) for name in sorted(variables)]


def read_value(kind: str, text: str, evaluate: Callable[[str], object]) -> object:
    """Return the value that a person typed; `evaluate` answers FEEL.

    Raises:
        UnreadableValue: The text is none of this kind.
    """
    stripped = text.strip()
    if kind == ValueKind.TEXT:
        return text
    if kind == ValueKind.NOTHING:
        return None
    if kind == ValueKind.NUMBER:
        return _number(stripped)
    if kind == ValueKind.YES_NO:
        if stripped not in ("true", "false"):
            raise UnreadableValue(_("Write true or false."))
        return stripped == "true"
    if kind == ValueKind.DATE:
        try:
            return dt.date.fromisoformat(stripped)
        except ValueError as error:
            raise UnreadableValue(_("Write the date as year-month-day of the common era: 2026-11-25.")) from error
    return evaluate(stripped)


def feel_text(value: object) -> str:
    """Return a value as FEEL would write it, so that reading it again gives the same."""
    return next((write(value) for known, write in _WRITERS if isinstance(value, known)), f'duration("{value}")')


def _duration(value: dt.timedelta) -> str:
    sign, rest = ("-", -value) if value < dt.timedelta(0) else ("", value)
    seconds = Decimal(rest.seconds) + Decimal(rest.microseconds) / 1_000_000
    return f'duration("{sign}P{rest.days}DT{seconds.normalize():f}S")'


_WRITERS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (type(None), lambda _value: "null"),
    (bool, lambda value: "true" if value else "false"),
    (str, lambda value: json.dumps(value, ensure_ascii=False)),
    (Decimal, lambda value: f"{value:f}"),
    ((int, float), str),
    (dt.datetime, lambda value: f'date and time("{value.isoformat()}")'),
    (dt.date, lambda value: f'date("{value.isoformat()}")'),
    (dt.time, lambda value: f'time("{value.isoformat()}")'),
    (dt.timedelta, _duration),
    (Mapping, lambda value: f"{{{', '.join(f'{feel_text(str(k))}: {feel_text(part)}' for k, part in value.items())}}}"),
    (Sequence, lambda value: f"[{', '.join(map(feel_text, value))}]"),
)


def _describe(name: str, value: object) -> Variable:
    kind, typed = _as_typed(value)
    text = value if isinstance(value, str) else feel_text(value)
    type_name = next((words for known, words in _TYPE_NAMES if isinstance(value, known)), _l("duration or other"))
    return Variable(name, str(type_name), text, len(text) > _SHOWN, kind, typed)


def _as_typed(value: object) -> tuple[ValueKind, str]:
    if value is None:
        return ValueKind.NOTHING, ""
    if isinstance(value, str):
        return ValueKind.TEXT, value
    if isinstance(value, bool):
        return ValueKind.YES_NO, feel_text(value)
    if isinstance(value, int | float | Decimal):
        return ValueKind.NUMBER, feel_text(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return ValueKind.DATE, value.isoformat()
    return ValueKind.FEEL, feel_text(value)


def _number(text: str) -> int | Decimal:
    plain = text.replace(",", "")
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise UnreadableValue(_("Write a number with digits and at most one full stop.")) from error
    if not number.is_finite():
        raise UnreadableValue(_("Write a number with digits and at most one full stop."))
    return int(plain) if plain.lstrip("+-").isdecimal() else number
