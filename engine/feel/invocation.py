"""How a function value is called, by the expression itself and by built-in functions that take functions."""

from __future__ import annotations

from engine.feel.environment import Run
from engine.feel.values import Function, Value


def invoke(function: Value, values: list[Value], run: Run) -> Value:
    """Call a function with values by position; null if it is none, or takes another number of them."""
    if type(function) is not Function:
        return None
    if not function.variadic and len(values) != len(function.parameters):
        return None
    return function.call(run, values)


def invoke_by_name(function: Value, values: dict[str, Value], run: Run) -> Value:
    """Call a function with named values; null if it is none, or its parameters are called otherwise."""
    if type(function) is not Function:
        return None
    if function.by_name is not None:
        return function.by_name(run, values)
    if len(values) != len(function.parameters) or any(name not in values for name in function.parameters):
        return None
    return function.call(run, [values[name] for name in function.parameters])
