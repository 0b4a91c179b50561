"""Values of FEEL as JSON has them: numbers stay exact, what JSON has no word for is its ISO or FEEL text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from engine.feel import moments
from engine.feel.expression import check_size
from engine.feel.values import Kind, Range, Value, kind_of

_INT64: Final = 2**63
_MOMENTS: Final = frozenset({Kind.DATE, Kind.TIME, Kind.DATE_TIME, Kind.DAYS, Kind.MONTHS})


def as_json(value: Value) -> Any:
    """Return a value as dict, list, str, bool, None, int and Decimal; ints that 64 bits do not hold are Decimals.

    Raises:
        LimitReached: There is too much in the value, or it is nested too deeply.
    """
    check_size([value])
    return _plain(value)


def _plain(value: Value) -> Any:
    kind = kind_of(value)
    if kind is Kind.CONTEXT:
        return {_text(name): _plain(item) for name, item in value.items()}
    if kind is Kind.LIST:
        return [_plain(item) for item in value]
    return _RULES[kind](value) if kind in _RULES else kind.value


def _text(value: object) -> str:
    """Replace halves of surrogate pairs, which no encoding can write."""
    return str(value).encode("utf-8", "replace").decode()


def _number(value: Any) -> int | Decimal:
    if isinstance(value, int) and -_INT64 <= value < _INT64:
        return int(value)
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _range(value: Range) -> str:
    start, end = (_end(end) for end in (value.start, value.end))
    if value.sign is not None:
        return f"({value.sign} {start if value.end is None else end})"
    return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"


def _end(value: Value) -> str:
    kind = kind_of(value)
    if kind is Kind.STRING:
        return f'"{_text(value)}"'
    if kind in _MOMENTS:
        return f'@"{moments.show(value)}"'
    return "null" if value is None else str(_plain(value))


_RULES: Final[dict[Kind, Callable[[Value], Any]]] = {
    Kind.NULL: lambda value: value,
    Kind.BOOLEAN: lambda value: value,
    Kind.STRING: _text,
    Kind.NUMBER: _number,
    Kind.RANGE: _range,
    **dict.fromkeys(_MOMENTS, moments.show),
}
