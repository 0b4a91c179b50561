"""Numbers: 34 digits, types that stay, and the functions that round, against Python's own decimal arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.feel.evaluation import evaluate, same

ORACLE = Context(prec=34, Emin=-6143, Emax=6144)
INTS = st.integers(-(10**33), 10**33)
DECIMALS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=4)

TABLE: list[tuple[str, Any]] = [
    ("10 / 4", Decimal("2.5")),
    ("10 / 5", 2),
    ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
    ("1 / 0", None),
    ("1.50 + 1", Decimal("2.50")),
    ("0.1 + 0.2 = 0.3", True),
    ("2 ** 10", 1024),
    ("2 ** 0.5 * 2 ** 0.5 - 2 < 0.0000001", True),
    ("2 ** -1", Decimal("0.5")),
    ("(-8) ** 0.5", None),
    ("9 ** 9999999", None),
    ('1 + "1"', None),
    ('"a" + "b"', "ab"),
    ("true + 1", None),
    ("decimal(1/3, 2)", Decimal("0.33")),
    ("decimal(2.5, 0)", 2),
    ("floor(-1.5)", -2),
    ("ceiling(1.21, 1)", Decimal("1.3")),
    ("round up(-5.5, 0)", -6),
    ("round down(-5.5, 0)", -5),
    ("round half up(5.5, 0)", 6),
    ("round half down(5.5, 0)", 5),
    ("round half up(1234, -2)", 1200),
    ("floor(1.5, 10000)", None),
    ("abs(-1)", 1),
    ("modulo(-12, 5)", 3),
    ("modulo(10.1, 4.5)", Decimal("1.1")),
    ("modulo(1, 0)", None),
    ("sqrt(16)", 4),
    ("sqrt(-1)", None),
    ("log(0)", None),
    ("exp(0)", 1),
    ("exp(100000)", None),
    ("odd(5)", True),
    ("even(2.5)", None),
    ('number("1,000.50", ",", ".")', Decimal("1000.50")),
    ('number("1 000", " ", null)', 1000),
    ('number("1.000,5", ".", ",")', Decimal("1000.5")),
    ('number("1,000", ",", ",")', None),
    ('number("abc")', None),
    ("string(1.50)", "1.50"),
    ("string(1e3)", "1000"),
    ("sum([])", None),
    ("sum([1, 2.5])", Decimal("3.5")),
    ("sum(1, 2, 3)", 6),
    ('sum([1, "a"])', None),
    ('sum([@"P1D", @"PT12H"]) = @"PT36H"', True),
    ("mean([1, 2])", Decimal("1.5")),
    ("min([3, 1, 2])", 1),
    ('max("a", "b")', "b"),
    ("min([1, null])", None),
    ("median([6, 1, 2, 3])", Decimal("2.5")),
    ("product(2, 3, 4)", 24),
    ("stddev([2, 4, 7, 5])", Decimal("2.081665999466132735282297706979931")),
    ("stddev([47])", None),
    ("mode([6, 3, 9, 6, 6, 3, 3])", [3, 6]),
    ("mode([])", []),
    ("all([true, null])", None),
    ("any([false, true, null])", True),
    ("count([null])", 1),
]


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_a_number_is_exact_and_of_its_type(text: str, expected: Any) -> None:
    assert same(evaluate(text), expected)


OPERATIONS: list[tuple[str, Callable[[Any, Any], Any], Callable[[Any, Any], Decimal]]] = [
    ("+", operator.add, ORACLE.add),
    ("-", operator.sub, ORACLE.subtract),
    ("*", operator.mul, ORACLE.multiply),
]


@pytest.mark.parametrize(("sign", "exact", "oracle"), OPERATIONS, ids=["add", "subtract", "multiply"])
@given(a=INTS, b=INTS)
def test_whole_numbers_stay_whole_up_to_34_digits(sign: str, exact: Any, oracle: Any, a: int, b: int) -> None:
    result = evaluate(f"a {sign} b", a=a, b=b)

    if abs(exact(a, b)) < 10**34:
        assert same(result, exact(a, b))
    else:
        assert same(result, oracle(Decimal(a), Decimal(b)))


@pytest.mark.parametrize(("sign", "exact", "oracle"), OPERATIONS, ids=["add", "subtract", "multiply"])
@given(a=DECIMALS, b=DECIMALS | INTS)
def test_decimals_are_reckoned_with_34_digits(sign: str, exact: Any, oracle: Any, a: Decimal, b: Any) -> None:
    result = evaluate(f"a {sign} b", a=a, b=b)

    assert str(result) == str(oracle(a, Decimal(b)))


@given(a=DECIMALS | INTS, b=DECIMALS | INTS)
def test_a_quotient_is_whole_or_has_34_digits(a: Any, b: Any) -> None:
    result = evaluate("a / b", a=a, b=b)

    try:
        expected = ORACLE.divide(Decimal(a), Decimal(b))
    except DecimalException:
        expected = None
    assert result == expected
    assert not (isinstance(a, int) and isinstance(b, int) and b and a % b == 0) or isinstance(result, int)


@given(a=DECIMALS, b=DECIMALS.filter(bool))
def test_the_remainder_has_the_sign_of_the_divisor_and_fits(a: Decimal, b: Decimal) -> None:
    rest = evaluate("modulo(a, b)", a=a, b=b)

    assert rest == 0 or (rest < 0) == (b < 0)
    assert abs(rest) < abs(b)
    assert (a - rest) % b == 0


@given(st.lists(st.integers(-(10**6), 10**6) | DECIMALS, min_size=1, max_size=20))
def test_extremes_and_sums_are_those_of_python(numbers: list[Any]) -> None:
    assert evaluate("min(n)", n=numbers) == min(numbers)
    assert evaluate("max(n)", n=numbers) == max(numbers)
    assert evaluate("sum(n)", n=numbers) == sum(numbers)
