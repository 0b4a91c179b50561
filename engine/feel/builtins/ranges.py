"""How points and ranges lie to each other (DMN 1.5, 10.3.4.6).

An end is compared as its value and, where the values are equal, by how much it is moved by being left out: the start
of `(1..2]` lies a little after 1, the end of `[1..2)` a little before 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from engine.feel.comparison import ORDERED, compare
from engine.feel.signatures import Library
from engine.feel.values import Kind, Range, Value

LIBRARY: Final = Library()

_POINT: Final = " | ".join(sorted(kind.value for kind in ORDERED))


class End(NamedTuple):
    """One end of a range: `side` is -1 or 1 where it is endless."""

    value: Value
    shift: int
    side: int = 0


class Span(NamedTuple):
    """A range or a point by its two ends."""

    start: End
    end: End


class Incomparable(ValueError):
    """Expected ends with an order."""


def _span(value: Value) -> Span:
    if not isinstance(value, Range):
        return Span(End(value, 0), End(value, 0))
    if value.sign == "!=" or (value.sign is None and (value.start is None or value.end is None)):
        raise Incomparable
    start = End(value.start, 0 if value.start_included else 1, -1 if value.start is None else 0)
    end = End(value.end, 0 if value.end_included else -1, 1 if value.end is None else 0)
    return Span(start, end)


def _order(a: End, b: End) -> int:
    if a.side or b.side:
        return a.side - b.side
    less, more = compare("<", a.value, b.value), compare(">", a.value, b.value)
    if less is None or more is None:
        raise Incomparable
    if less or more:
        return -1 if less else 1
    return a.shift - b.shift


def _before(a: Span, b: Span) -> bool:
    return _order(a.end, b.start) < 0


def _after(a: Span, b: Span) -> bool:
    return _before(b, a)


def _meets(a: Span, b: Span) -> bool:
    return a.end.shift == b.start.shift == 0 and _order(a.end, b.start) == 0


def _met_by(a: Span, b: Span) -> bool:
    return _meets(b, a)


def _overlaps(a: Span, b: Span) -> bool:
    return _order(a.end, b.start) >= 0 and _order(a.start, b.end) <= 0


def _overlaps_before(a: Span, b: Span) -> bool:
    return _order(a.start, b.start) < 0 and _order(a.end, b.start) >= 0 and _order(a.end, b.end) <= 0


def _overlaps_after(a: Span, b: Span) -> bool:
    return _overlaps_before(b, a)


def _finishes(a: Span, b: Span) -> bool:
    return _order(a.end, b.end) == 0 and _order(a.start, b.start) >= 0


def _finished_by(a: Span, b: Span) -> bool:
    return _finishes(b, a)


def _includes(a: Span, b: Span) -> bool:
    return _order(a.start, b.start) <= 0 and _order(a.end, b.end) >= 0


def _during(a: Span, b: Span) -> bool:
    return _includes(b, a)


def _starts(a: Span, b: Span) -> bool:
    return _order(a.start, b.start) == 0 and _order(a.end, b.end) <= 0


def _started_by(a: Span, b: Span) -> bool:
    return _starts(b, a)


def _coincides(a: Span, b: Span) -> bool:
    return _order(a.start, b.start) == 0 and _order(a.end, b.end) == 0


Relation = Callable[[Span, Span], bool]
_BOTH: Final = (("point", "point"), ("point", "range"), ("range", "point"), ("range", "range"))
_RANGES: Final = (("range", "range"),)
_POINT_FIRST: Final = (("point", "range"), ("range", "range"))
_POINT_LAST: Final = (("range", "point"), ("range", "range"))
_RELATIONS: Final[tuple[tuple[str, Relation, tuple[tuple[str, str], ...]], ...]] = (
    ("before", _before, _BOTH),
    ("after", _after, _BOTH),
    ("meets", _meets, _RANGES),
    ("met by", _met_by, _RANGES),
    ("overlaps", _overlaps, _RANGES),
    ("overlaps before", _overlaps_before, _RANGES),
    ("overlaps after", _overlaps_after, _RANGES),
    ("finishes", _finishes, _POINT_FIRST),
    ("finished by", _finished_by, _POINT_LAST),
    ("includes", _includes, _POINT_LAST),
    ("during", _during, _POINT_FIRST),
    ("starts", _starts, _POINT_FIRST),
    ("started by", _started_by, _POINT_LAST),
    ("coincides", _coincides, (("point", "point"), ("range", "range"))),
)


def _add(name: str, relation: Relation, kinds: tuple[str, str]) -> None:
    first, second = kinds
    names = (f"{first}1", f"{second}2") if first == second else (first, second)
    types = [_POINT if kind == "point" else Kind.RANGE.value for kind in kinds]

    @LIBRARY.add(name, f"{names[0]}: {types[0]}", f"{names[1]}: {types[1]}")
    def related(a: Value, b: Value) -> bool:
        return relation(_span(a), _span(b))


for _name, _relation, _ways in _RELATIONS:
    for _way in _ways:
        _add(_name, _relation, _way)
