"""Logic, comparison, paths, filters and loops: tables of cases, by what they promise."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from tests.unit.feel.evaluation import evaluate, passes, same


class State(StrEnum):
    LATE = "late"


LOGIC = [
    ("true and null", None),
    ("false and null", False),
    ("null and false", False),
    ("true or null", True),
    ("null or false", None),
    ('true and "x"', None),
    ("not(null)", None),
    ("not(1)", None),
    ("not(false)", True),
]
COMPARISON = [
    ("1 = 1.0", True),
    ("0 = false", None),
    ("1 = true", None),
    ("null = null", True),
    ("1 = null", False),
    ("1 != null", True),
    ('1 = "1"', None),
    ('1 < "1"', None),
    ("null < 1", None),
    ('"ก" < "ข"', True),
    ("true < false", None),
    ("[1, [2]] = [1, [2]]", True),
    ("[1] = 1", None),
    ("{a: 1, b: 2} = {b: 2, a: 1}", True),
    ("1 between null and 3", None),
    ("2 in [1..3]", True),
    ("3 in [1..3)", False),
    ("3 in [1..3[", False),
    ("1 in ]1..3]", False),
    ("5 in (1, < 3, >= 5)", True),
    ("5 in < 3", False),
    ("4 in [1, 2, [3..5]]", True),
    ("1 in (1) and true", True),
    ("[1..3] = [1..3]", True),
    ("[1..3].end included", True),
    ("1 instance of number", True),
    ("null instance of Any", False),
    ('[1, "a"] instance of list<number>', False),
    ("{a: 1} instance of context<a: number>", True),
    ("[1..3] instance of range<number>", True),
    ("1 instance of unheard", None),
]
COLLECTIONS: list[tuple[str, Any]] = [
    ("[1, 2, 3][1]", 1),
    ("[1, 2, 3][-1]", 3),
    ("[1, 2, 3][0]", None),
    ("[1, 2, 3][4]", None),
    ("[1, 2, 3][1 + 1]", 2),
    ("[1, 2, 3][item >= 2]", [2, 3]),
    ("[][1]", None),
    ("[][item > 1]", []),
    ("5[1]", 5),
    ("null[1]", None),
    ("[{a: 1}, {a: 2}][a > 1]", [{"a": 2}]),
    ("[{a: 1}, {a: 2}][item.a > 1].a", [2]),
    ("[{item: 7}, {item: 8}][item > 7]", [{"item": 8}]),
    ("[{a: 1}, {b: 2}].a", [1, None]),
    ("for x in [1, 2] return x * 2", [2, 4]),
    ("for x in [1, 2], y in [10, 20] return x + y", [11, 21, 12, 22]),
    ("for x in [[1, 2], [3]], y in x return y", [1, 2, 3]),
    ("for i in 1..3 return i", [1, 2, 3]),
    ("for i in 3..1 return i", [3, 2, 1]),
    ("for i in [1..3) return i", [1, 2]),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
    ("for i in 1..3 return count(partial)", [0, 1, 2]),
    ("for x in null return x", None),
    ("for x in 7 return x", [7]),
    ("for i in 1.5..3 return i", None),
    ('for d in @"2025-12-31"..@"2026-01-01" return d.day', [31, 1]),
    ("some x in [1, 2] satisfies x > 1", True),
    ("some x in [] satisfies true", False),
    ("every x in [1, 2] satisfies x > 1", False),
    ("every x in [] satisfies false", True),
    ("every x in [1, null] satisfies x > 0", None),
    ("some x in [1, 2], y in [2, 3] satisfies x = y", True),
]
TABLE = [*LOGIC, *COMPARISON, *COLLECTIONS]


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_an_expression_has_its_value(text: str, expected: Any) -> None:
    assert same(evaluate(text), expected)


def test_types_are_kept_from_end_to_end() -> None:
    given = {"i": 0, "b": False, "d": Decimal("1.50"), "s": "ก", "n": None, "l": [1, {"x": True}]}

    assert same(evaluate("{i: i, b: b, d: d, s: s, n: n, l: l}", **given), given)


def test_kinds_of_python_that_stand_for_feel_are_taken_as_such() -> None:
    variables: dict[str, Any] = {"state": State.LATE, "pair": (1, 2), "f": 0.1}

    assert evaluate('state = "late" and count(pair) = 2 and f + 0.2 = 0.3', **variables) is True


def test_what_feel_does_not_know_is_passed_on_and_nothing_else() -> None:
    stranger = object()

    assert evaluate("a", a=stranger) is stranger
    assert evaluate("a = a", a=stranger) is None
    assert evaluate("a + 1", a=stranger) is None
    assert evaluate("string(a)", a=stranger) == "other"


UNARY = [
    ("-", None, True),
    ("1, 2", 2, True),
    ("1, 2", 3, False),
    ("not(1, 2)", 3, True),
    ("< 5", 4, True),
    ("[1..5]", 5, True),
    ("(1..5)", 5, False),
    ('"a", "b"', "b", True),
    ("null", None, True),
    ("? > 3 and ? < 5", 4, True),
    ("limit", 7, True),
    ("allowed", 2, True),
    ("< limit, > 100", 6, True),
    ("count(allowed) = 2", 99, True),
    ("not(null)", 1, True),
    ("false", False, True),
    ('@"2025-01-01"', "2025-01-01", None),
]


@pytest.mark.parametrize(
    ("tests", "value", "expected"), UNARY, ids=[f"{value} in {tests}" for tests, value, _ in UNARY]
)
def test_unary_tests_judge_the_input(tests: str, value: Any, expected: Any) -> None:
    assert passes(tests, value, limit=7, allowed=[1, 2]) is expected
