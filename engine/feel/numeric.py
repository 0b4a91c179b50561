"""Arithmetic of FEEL numbers: 34 digits, half to even; int with int stays int where the result is whole."""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

from engine.feel.values import Value

Number = int | Decimal | float

PRECISION: Final = 34
CONTEXT: Final = Context(
    prec=PRECISION,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
EXACT: Final = 10**PRECISION  # ints below this are exact
_SMALL_POWER: Final = 112  # bits below EXACT
_NUMBERS: Final = (int, Decimal, float)


def is_number(value: Value) -> bool:
    """Tell whether a value is a number; true and false are none."""
    kind = type(value)
    if kind is int or kind is Decimal:
        return True
    return kind is not bool and isinstance(value, _NUMBERS)


def to_decimal(value: Number) -> Decimal:
    """Return a number as Decimal; a float is what it is written as, so that 0.1 stays 0.1."""
    if type(value) is Decimal:
        return value
    if isinstance(value, float):
        return Decimal(repr(float(value)))
    return Decimal(value)


def whole(value: Number) -> int | None:
    """Return a whole number as int; None if it is not whole, or beyond every use of a whole number."""
    if isinstance(value, int):
        return int(value)
    number = to_decimal(value)
    if not number.is_finite() or number.adjusted() > PRECISION or number != number.to_integral_value():
        return None
    return int(number)


def rounded(value: int) -> int | Decimal:
    """Return an int, or what is left of it where it has more than 34 digits."""
    if -EXACT < value < EXACT:
        return value
    return CONTEXT.plus(Decimal(value))


def finite(value: Decimal) -> Decimal | None:
    """Return a number, or None for what is none."""
    return value if value.is_finite() else None


def add(a: Number, b: Number) -> int | Decimal | None:
    """Return a + b."""
    if type(a) is int and type(b) is int:
        return rounded(a + b)
    return finite(CONTEXT.add(to_decimal(a), to_decimal(b)))


def subtract(a: Number, b: Number) -> int | Decimal | None:
    """Return a - b."""
    if type(a) is int and type(b) is int:
        return rounded(a - b)
    return finite(CONTEXT.subtract(to_decimal(a), to_decimal(b)))


def multiply(a: Number, b: Number) -> int | Decimal | None:
    """Return a * b."""
    if type(a) is int and type(b) is int and -EXACT < a < EXACT and -EXACT < b < EXACT:
        return rounded(a * b)
    return finite(CONTEXT.multiply(to_decimal(a), to_decimal(b)))


def divide(a: Number, b: Number) -> int | Decimal | None:
    """Return a / b; None if b is 0."""
    if b == 0:
        return None
    if type(a) is int and type(b) is int:
        quotient, rest = divmod(a, b)
        if rest == 0:
            return rounded(quotient)
    return finite(CONTEXT.divide(to_decimal(a), to_decimal(b)))


def power(a: Number, b: Number) -> int | Decimal | None:
    """Return a to the power of b; None where that is no real number, or beyond what 34 digits and an exponent say."""
    if type(a) is int and type(b) is int and b >= 0 and a.bit_length() * b <= _SMALL_POWER:
        return int(a**b)
    if a == 0 and b == 0:
        return 1
    return finite(CONTEXT.power(to_decimal(a), to_decimal(b)))


def negate(a: Number) -> int | Decimal | None:
    """Return -a."""
    if isinstance(a, int):
        return -a
    return finite(to_decimal(a).copy_negate())


def show(value: Number) -> str:
    """Write a number in full, without an exponent."""
    if isinstance(value, int):
        return str(int(value)) if -EXACT < value < EXACT else format(Decimal(int(value)), "f")
    return format(CONTEXT.plus(to_decimal(value)), "f")


ERRORS: Final = (DecimalException, OverflowError, ValueError)
