"""`not`, and what Camunda's FEEL adds for values that may be missing."""

from __future__ import annotations

from typing import Final

from engine.feel.comparison import equal
from engine.feel.environment import Run
from engine.feel.errors import AssertionFailed
from engine.feel.moments import offset_of
from engine.feel.signatures import Library
from engine.feel.values import Kind, Value, kind_of

LIBRARY: Final = Library()


@LIBRARY.add("not", "negand: boolean")
def negate(negand: bool) -> bool:  # noqa: FBT001 - a value of the language
    """Return the opposite of true or false, null of anything else."""
    return not negand


@LIBRARY.add("is", "value1?: Any", "value2?: Any")
def is_same(run: Run, a: Value = None, b: Value = None) -> Value:
    """Tell whether two values are the same one: of one kind, and for times with the same zone or offset."""
    kind = kind_of(a)
    if kind is not kind_of(b):
        return False
    if kind in (Kind.TIME, Kind.DATE_TIME):
        same_clock = a.replace(tzinfo=None) == b.replace(tzinfo=None)
        return same_clock and _zone(a) == _zone(b)
    return equal(a, b, run)


def _zone(value: Value) -> object:
    return getattr(value.tzinfo, "key", None) or offset_of(value)


@LIBRARY.add("get or else", "value: Any", "default: Any")
def get_or_else(value: Value, default: Value) -> Value:
    """Return a value, or another where it is null."""
    return default if value is None else value


@LIBRARY.add("assert", "value: Any", "condition: Any", "cause?: string")
def assert_that(value: Value, condition: Value, cause: str | None = None) -> Value:
    """Return a value if a condition holds.

    Raises:
        AssertionFailed: It does not.
    """
    if condition is True:
        return value
    raise AssertionFailed(cause or "Expected the condition of `assert` to be true, but it is not")
