"""A null that stops a step is told with the expression, and with the variables that have no value, where they stand."""

from __future__ import annotations

from typing import Any

import pytest

from engine.bpmn.model import Expression
from engine.spiff.expressions import condition, whole_number
from engine.spiff.scopes import Scope
from engine.spiff.steps import StepContext, StepFailed
from tests.unit.spiff.driver import NOW, ZONE

CONTEXT = StepContext(now=NOW, has_handler=lambda _: False, call_handler=lambda *_: None, zone=ZONE)


def told(text: str, variables: dict[str, Any]) -> str:
    scope = Scope("p", "p", variables, None)
    with pytest.raises(StepFailed) as failed:
        condition(Expression(text, is_feel=True), scope, CONTEXT, "flow")
    return failed.value.message


def test_a_condition_that_is_null_names_the_variables_without_a_value() -> None:
    assert told("days > 5 and amount > 10", {"days": None}) == (
        "Expected true or false from the condition 'days > 5 and amount > 10', but got null; "
        "without a value: `days` (position 1), `amount` (position 14)."
    )
    assert told("ยอด รวม > 1", {}).endswith("without a value: `ยอด รวม` (position 1).")
    assert told('1 > "a"', {}).endswith("but got null.")
    assert told("some x in xs satisfies x > y", {"xs": [1]}).endswith("without a value: `y` (position 28).")
    assert told("days", {"days": 3}).endswith("but got 3.")


def test_settings_say_the_same() -> None:
    with pytest.raises(StepFailed, match="Expected a whole number from 'n / 2', but got Decimal"):
        whole_number(Expression("n / 2", is_feel=True), Scope("p", "p", {"n": 3}, None), CONTEXT, "x")
