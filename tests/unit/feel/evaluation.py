"""How the tests evaluate: at a fixed moment, in Thailand."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import compile_expression, compile_unary_tests

NOW = dt.datetime(2025, 8, 19, 23, 30, tzinfo=dt.UTC)  # in Thailand it is the 20th already
BANGKOK = ZoneInfo("Asia/Bangkok")


def evaluate(text: str, /, **variables: Any) -> Any:
    """Evaluate an expression over variables."""
    return over(text, variables)


def over(text: str, variables: dict[str, Any]) -> Any:
    """Evaluate an expression over variables whose names are no Python names."""
    return compile_expression(text).evaluate(variables, now=NOW, zone=BANGKOK)


def passes(tests: str, value: Any, **variables: Any) -> Any:
    """Evaluate unary tests against a value."""
    return compile_unary_tests(tests).evaluate({"?": value, **variables}, now=NOW, zone=BANGKOK)


def same(got: Any, expected: Any) -> bool:
    """Tell whether values are equal and of the same type, all the way down: 0 is not False, 1 is not Decimal(1)."""
    if type(got) is not type(expected):
        return False
    if isinstance(expected, dict):
        return list(got) == list(expected) and all(same(got[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(same, got, expected))
    return bool(got == expected)
