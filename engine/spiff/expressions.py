"""Expressions of the diagram: FEEL evaluated over a scope, literals as they are, and the types that settings need."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from engine.bpmn.model import Expression
from engine.feel import FeelError, compile_expression
from engine.spiff.scopes import Scope
from engine.spiff.steps import StepContext, StepFailed

FAILED = "expression_error"
_LARGEST: Final = 2**31 - 1  # of a setting: what a column of the database holds
_MOST_NAMES: Final = 5  # that a message tells
_MOST_DIGITS: Final = 1_000  # of a whole number; Python reads and writes 4,300
_WHOLE: Final = re.compile(r"\s*-?\d{1,18}\s*")


def evaluate(expression: Expression, scope: Scope, context: StepContext, element_id: str, *, code: str = FAILED) -> Any:
    """Return the value of an expression.

    Raises:
        StepFailed: It cannot be evaluated.
    """
    if not expression.is_feel:
        return expression.text
    try:
        compiled = compile_expression(expression.text)
        return compiled.evaluate(scope.visible(), now=context.now, zone=context.zone, functions=context.functions)
    except FeelError as error:
        raise StepFailed(element_id, code, f"{expression.text!r}: {error}") from error


def condition(expression: Expression, scope: Scope, context: StepContext, element_id: str) -> bool:
    """Return whether a condition holds.

    Raises:
        StepFailed: It is neither true nor false.
    """
    value = evaluate(expression, scope, context, element_id)
    if value is True or value is False:
        return bool(value)
    if not expression.is_feel and value.strip() in ("true", "false"):
        return bool(value.strip() == "true")
    raise StepFailed(
        element_id,
        FAILED,
        f"Expected true or false from the condition {expression.text!r}, but got {_got(value, expression, scope)}.",
    )


def names_in(condition: Expression | None) -> frozenset[str]:
    """Return the variables that a condition reads."""
    if condition is None or not condition.is_feel:
        return frozenset()
    return frozenset(compile_expression(condition.text).names)


def text(
    expression: Expression | None, scope: Scope, context: StepContext, element_id: str, *, what: str = "a text"
) -> str | None:
    """Return a text, or None where there is none.

    Raises:
        StepFailed: The value is no text.
    """
    if expression is None:
        return None
    value = evaluate(expression, scope, context, element_id)
    if value is None or isinstance(value, str):
        return value
    number = _whole(value)
    if number is not None:
        return str(number)
    if isinstance(value, Decimal):
        return str(value)
    raise StepFailed(
        element_id, FAILED, f"Expected {what} from {expression.text!r}, but got {_got(value, expression, scope)}."
    )


def required_text(
    expression: Expression | None, scope: Scope, context: StepContext, element_id: str, *, what: str
) -> str:
    """Return a text that must not be missing.

    Raises:
        StepFailed: The value is no text, or empty.
    """
    found = text(expression, scope, context, element_id, what=what)
    if not found:
        raise StepFailed(
            element_id, FAILED, f"Expected {what}, but {expression.text if expression else 'nothing'!r} gives none."
        )
    return found


def names(expression: Expression | None, scope: Scope, context: StepContext, element_id: str) -> tuple[str, ...]:
    """Return a list of names: a FEEL list or text, or a literal with commas.

    Raises:
        StepFailed: The value is neither.
    """
    if expression is None:
        return ()
    value = evaluate(expression, scope, context, element_id)
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(name for part in value.split(",") if (name := part.strip()))
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(name.strip() for name in value if name.strip())
    raise StepFailed(
        element_id,
        FAILED,
        f"Expected a text or a list of texts from {expression.text!r}, but got {_got(value, expression, scope)}.",
    )


def whole_number(expression: Expression | None, scope: Scope, context: StepContext, element_id: str) -> int | None:
    """Return a whole number, or None where there is none.

    Raises:
        StepFailed: The value is no whole number, or too large for a setting.
    """
    if expression is None:
        return None
    value = evaluate(expression, scope, context, element_id)
    if value is None:
        return None
    number = _whole(value)
    if number is None and isinstance(value, str) and _WHOLE.fullmatch(value):
        number = int(value)
    if number is None or abs(number) > _LARGEST:
        raise StepFailed(
            element_id,
            FAILED,
            f"Expected a whole number from {expression.text!r}, but got {_got(value, expression, scope)}.",
        )
    return number


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _MOST_DIGITS:
        return int(value) if value == value.to_integral_value() else None
    return None


def null_because(expression: Expression, scope: Scope) -> str:
    """Say that a value is null, and which variables of its expression have none."""
    if not expression.is_feel:
        return "null"
    missing = compile_expression(expression.text).without_value(scope.visible())
    told = ", ".join(f"`{name}` (position {position})" for name, position in missing[:_MOST_NAMES])
    return f"null; without a value: {told}" if told else "null"


def _got(value: object, expression: Expression, scope: Scope) -> str:
    return null_because(expression, scope) if value is None else _shown(value)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 200 else f"{shown[:200]}…"  # noqa: PLR2004 - a message, not a dump
