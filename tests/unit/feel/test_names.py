"""Names: Thai, with blanks, with signs and keywords in them, and which of several meanings counts."""

from __future__ import annotations

from collections import ChainMap
from typing import Any

import pytest

from engine.feel import compile_expression
from tests.unit.feel.evaluation import BANGKOK, NOW, evaluate, over

MEANT: list[tuple[str, dict[str, Any], Any]] = [
    ("ลำดับ", {"ลำดับ": 3}, 3),
    ("น้ำ + 1", {"น้ำ": 1}, 2),
    ("ยอด   รวม * 2", {"ยอด รวม": 4}, 8),
    ("first name", {"first name": "ก"}, "ก"),
    ("year 2570", {"year 2570": 1}, 1),
    ("decision 2.1", {"decision 2.1": 1}, 1),
    ("applicant's income", {"applicant's income": 9}, 9),
    ("a-b", {"a": 5, "b": 3}, 2),
    ("a-b", {"a": 5, "b": 3, "a-b": 7}, 7),
    ("a - b", {"a-b": 7}, 7),
    ("a-b", {"a - b": 7}, 7),
    ("pre-bureau risk > 3", {"pre-bureau risk": 5}, True),
    ("profit and loss", {"profit": True, "loss": False}, False),
    ("profit and loss", {"profit and loss": 12}, 12),
    ("a+b+c", {"a+b": 1, "c": 2}, 3),
    ("a+b+c", {"a": 1, "b+c": 2}, 3),
    ("loan.pre-tax", {"loan": {"pre-tax": 1}}, 1),
    ("loan.pre-tax", {"loan": {"pre": 9}, "tax": 1}, 8),
    ("loans.pre-tax", {"loans": [{"pre-tax": 1}, {"pre-tax": 2}]}, [1, 2]),
    ("loans[pre-tax > 1].id", {"loans": [{"id": 1, "pre-tax": 1}, {"id": 2, "pre-tax": 2}]}, [2]),
    ("the plan.loans[pre-tax = 1].id", {"the plan": {"loans": [{"id": 1, "pre-tax": 1}]}}, [1]),
    ("{pre-tax: 5, post-tax: pre-tax - 1}.post-tax", {}, 4),
    ("for pre-tax in [1, 2] return pre-tax + 1", {}, [2, 3]),
    ("(function(pre-tax) pre-tax * 2)(4)", {}, 8),
    ("`a-b` + 1", {"a-b": 1}, 2),
    ("`if`", {"if": 1}, 1),
    ("x.`a.b`", {"x": {"a.b": 1}}, 1),
    ("row.for", {"row": {"for": 1}}, 1),
    # what forms call their fields does not hide the language, nor Python
    ("len", {"len": 1}, 1),
    ("typename.len", {"typename": {"len": 2}}, 2),
    ("count + count([1, 2])", {"count": 5}, 7),
    ("date", {"date": "x"}, "x"),
    ('date("2025-01-01").year', {"date": "x"}, 2025),
    ("now", {"now": None}, None),
    ("unknown", {}, None),
    ("unknown.member", {}, None),
    ("date and time", {"date": True, "time": False}, False),
]


@pytest.mark.parametrize(("text", "variables", "expected"), MEANT, ids=[f"{t} with {list(v)}" for t, v, _ in MEANT])
def test_a_name_means_the_longest_that_is_in_scope(text: str, variables: dict[str, Any], expected: Any) -> None:
    assert over(text, variables) == expected


def test_one_text_is_read_anew_for_other_variables() -> None:
    compiled = compile_expression("net-income - tax")

    first = compiled.evaluate({"net-income": 5, "tax": 1}, now=NOW, zone=BANGKOK)
    second = compiled.evaluate({"net": 9, "income": 2, "tax": 1}, now=NOW, zone=BANGKOK)
    third = compiled.evaluate({"net-income - tax": "all of it"}, now=NOW, zone=BANGKOK)

    assert (first, second, third) == (4, 6, "all of it")


def test_variables_may_be_any_mapping() -> None:
    variables = ChainMap({"a": 1}, {"b c": 2, "a": 9})

    assert compile_expression("a + b c").evaluate(variables, now=NOW, zone=BANGKOK) == 3


def test_names_can_be_told_beforehand() -> None:
    compiled = compile_expression("is not done", names=["is not done"])

    assert compiled.evaluate({"is not done": 1}, now=NOW, zone=BANGKOK) == 1


def test_the_host_can_lend_functions() -> None:
    compiled = compile_expression("double(21)")

    assert compiled.evaluate({}, now=NOW, zone=BANGKOK, functions={"double": lambda value: value * 2}) == 42


@pytest.mark.parametrize(
    "text",
    [
        "a.__class__",
        "a.__class__.__mro__",
        "[1].append",
        '"x".upper',
        "(function(x) x).call",
        "a.real",
        "d.tzinfo",
        "m.items",
    ],
)
def test_nothing_of_python_can_be_reached(text: str) -> None:
    value = evaluate(text, a=1, d=NOW, m={"k": 1})

    assert value is None or value == [None]
