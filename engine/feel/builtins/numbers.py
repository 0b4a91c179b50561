"""Functions of numbers: rounding, remainders, roots, logarithms (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

import datetime as dt
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Final

from engine.feel.numeric import CONTEXT, Number, finite, negate, to_decimal, whole
from engine.feel.signatures import Library
from engine.feel.values import Value, YearsMonthsDuration

LIBRARY: Final = Library()

_SCALES: Final = range(-6111, 6177)
_WIDE: Final = Context(prec=400)


def as_int(value: Value) -> Value:
    """Return a whole Decimal as int, anything else as it is."""
    number = whole(value) if isinstance(value, Decimal) else None
    return value if number is None else number


def _round(value: Number, scale: Number, rounding: str) -> Value:
    places = whole(scale)
    if places is None or places not in _SCALES:
        return None
    number = to_decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return None
    if -exponent > places:
        number = number.quantize(Decimal((0, (1,), -places)), rounding=rounding, context=_WIDE)
    return as_int(number) if places <= 0 else number


@LIBRARY.add("decimal", "n: number", "scale: number")
def decimal(n: Number, scale: Number) -> Value:
    """Round half to even."""
    return _round(n, scale, ROUND_HALF_EVEN)


@LIBRARY.add("floor", "n: number", "scale?: number")
def floor(n: Number, scale: Number | None = None) -> Value:
    """Round down."""
    return _round(n, scale or 0, ROUND_FLOOR)


@LIBRARY.add("ceiling", "n: number", "scale?: number")
def ceiling(n: Number, scale: Number | None = None) -> Value:
    """Round up."""
    return _round(n, scale or 0, ROUND_CEILING)


@LIBRARY.add("round up", "n: number", "scale: number")
def round_up(n: Number, scale: Number) -> Value:
    """Round away from zero."""
    return _round(n, scale, ROUND_UP)


@LIBRARY.add("round down", "n: number", "scale: number")
def round_down(n: Number, scale: Number) -> Value:
    """Round towards zero."""
    return _round(n, scale, ROUND_DOWN)


@LIBRARY.add("round half up", "n: number", "scale: number")
def round_half_up(n: Number, scale: Number) -> Value:
    """Round to the nearest, halves away from zero."""
    return _round(n, scale, ROUND_HALF_UP)


@LIBRARY.add("round half down", "n: number", "scale: number")
def round_half_down(n: Number, scale: Number) -> Value:
    """Round to the nearest, halves towards zero."""
    return _round(n, scale, ROUND_HALF_DOWN)


@LIBRARY.add("abs", "n: number | days and time duration | years and months duration")
def absolute(n: Value) -> Value:
    """Return how far from zero."""
    if isinstance(n, YearsMonthsDuration):
        return YearsMonthsDuration(abs(n.months))
    if isinstance(n, dt.timedelta):
        return abs(n)
    return negate(n) if n < 0 else n


@LIBRARY.add("modulo", "dividend: number", "divisor: number")
def modulo(dividend: Number, divisor: Number) -> Value:
    """Return the remainder, with the sign of the divisor."""
    if divisor == 0:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    over, under = to_decimal(dividend), to_decimal(divisor)
    rest = _WIDE.remainder(over, under)
    if rest and (rest < 0) is not (under < 0):
        rest = _WIDE.add(rest, under)
    return finite(CONTEXT.plus(rest))


@LIBRARY.add("sqrt", "number: number")
def sqrt(number: Number) -> Value:
    """Return the square root; null below zero."""
    return None if number < 0 else _like(number, CONTEXT.sqrt(to_decimal(number)))


@LIBRARY.add("log", "number: number")
def log(number: Number) -> Value:
    """Return the natural logarithm; null at zero and below."""
    return None if number <= 0 else _like(number, CONTEXT.ln(to_decimal(number)))


@LIBRARY.add("exp", "number: number")
def exp(number: Number) -> Value:
    """Return e to the power of a number."""
    return _like(number, CONTEXT.exp(to_decimal(number)))


@LIBRARY.add("odd", "number: number")
def odd(number: Number) -> Value:
    """Tell whether a whole number is odd."""
    found = whole(number)
    return None if found is None else found % 2 == 1


@LIBRARY.add("even", "number: number")
def even(number: Number) -> Value:
    """Tell whether a whole number is even."""
    found = whole(number)
    return None if found is None else found % 2 == 0


def _like(given: Number, result: Decimal) -> Value:
    """Int in, int out where the result is whole."""
    return as_int(finite(result)) if isinstance(given, int) else finite(result)
