"""Operators as closures: arithmetic, comparison, three-valued logic, `between`, `in`, `instance of`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.feel import numeric, temporal, types
from engine.feel.comparison import ORDERS, compare, contains, equal
from engine.feel.environment import Closure, Run, Scope
from engine.feel.errors import LimitReached
from engine.feel.limits import MAX_STRING, TEXT_A_STEP
from engine.feel.numeric import is_number
from engine.feel.tree import (
    Between,
    Chain,
    Comparison,
    Conjunction,
    Disjunction,
    In,
    InstanceOf,
    Literal,
    Name,
    Negation,
    Node,
    RangeOf,
    Tests,
    UnaryRange,
    mentions,
)
from engine.feel.values import Kind, Range, Value, kind_of

Build = Callable[[Node], Closure]
QUESTION: Final = "?"


def chain(node: Chain, build: Build) -> Closure:
    """A + b - c, from left to right; a null anywhere, or an operator that does not fit, makes null."""
    first = build(node.first)
    steps = [(_OPERATIONS[sign], build(part)) for sign, part in node.rest]
    if len(steps) == 1:
        operation, right = steps[0]
        return lambda scope: operation(first(scope), right(scope), scope)

    def run(scope: Scope) -> Value:
        value = first(scope)
        for operation, part in steps:
            value = operation(value, part(scope), scope)
        return value

    return run


def negation(node: Negation, build: Build) -> Closure:
    """Minus a number or a duration."""
    operand = build(node.operand)

    def run(scope: Scope) -> Value:
        value = operand(scope)
        try:
            return numeric.negate(value) if is_number(value) else temporal.negate(value)
        except numeric.ERRORS:
            return None

    return run


def comparison(node: Comparison, build: Build) -> Closure:
    """= and != of everything, < and the like of what has an order."""
    if node.sign in ("=", "!="):
        return _equality(node, build)
    sign, left, right = node.sign, build(node.left), build(node.right)
    order = ORDERS[sign]

    def run(scope: Scope) -> bool | None:
        a, b = left(scope), right(scope)
        if type(a) is int and type(b) is int:
            return order(a, b)
        return compare(sign, a, b)

    return run


def conjunction(node: Conjunction, build: Build) -> Closure:
    """False if one part is false, true if all are true, else null."""
    return _logic([build(part) for part in node.parts], deciding=False)


def disjunction(node: Disjunction, build: Build) -> Closure:
    """True if one part is true, false if all are false, else null."""
    return _logic([build(part) for part in node.parts], deciding=True)


def between(node: Between, build: Build) -> Closure:
    """Low <= value and value <= high."""
    value, low, high = build(node.value), build(node.low), build(node.high)

    def run(scope: Scope) -> Value:
        found = value(scope)
        above, below = compare(">=", found, low(scope)), compare("<=", found, high(scope))
        return None if above is None or below is None else above and below

    return run


def instance_of(node: InstanceOf, build: Build) -> Closure:
    """Whether a value is of a type."""
    value, kind = build(node.value), node.type
    return lambda scope: types.is_instance(value(scope), kind)


def unary_range(node: UnaryRange, build: Build) -> Closure:
    """`(< 5)` as a value."""
    end, sign = build(node.end), node.sign
    if isinstance(node.end, Literal):
        constant = _from(sign, node.end.value)
        return lambda _: constant
    return lambda scope: _from(sign, end(scope))


def _from(sign: str, value: Value) -> Range:
    if sign in ("<", "<="):
        return Range(None, value, start_included=False, end_included=sign == "<=", sign=sign)
    if sign in (">", ">="):
        return Range(value, None, start_included=sign == ">=", end_included=False, sign=sign)
    return Range(value, value, start_included=sign == "=", end_included=sign == "=", sign=sign)


def within(node: In, build: Build) -> Closure:
    """Whether a value passes one of the tests."""
    value = build(node.value)
    tests = [_test(test, build) for test in node.tests]

    def run(scope: Scope) -> Value:
        found = value(scope)
        return _any(tests, found, scope.inner({QUESTION: found}))

    return run


def unary_tests(node: Tests, build: Build) -> Closure:
    """The tests of a cell against `?`, which the scope brings."""
    tests = [_cell_test(test, build) for test in node.tests]
    if not tests:
        return lambda _: True
    question = build(Name(QUESTION))
    if len(tests) == 1 and not node.negated:
        (only,) = tests
        return lambda scope: only(question(scope), scope)
    if node.negated:
        return lambda scope: _opposite(_any(tests, question(scope), scope))
    return lambda scope: _any(tests, question(scope), scope)


# -- arithmetic -------------------------------------------------------------------------------------------------------


def _add(a: Value, b: Value, scope: Scope) -> Value:
    if type(a) is int and type(b) is int:
        return numeric.rounded(a + b)
    if isinstance(a, str) and isinstance(b, str):
        if len(a) + len(b) > MAX_STRING:
            raise LimitReached(f"Expected a text of at most {MAX_STRING} characters, but the expression makes more")
        scope.run.spend((len(a) + len(b)) // TEXT_A_STEP)
        return a + b
    return _arithmetic(numeric.add, temporal.add, a, b)


def _arithmetic(with_numbers: Callable[..., Value], with_time: Callable[..., Value], a: Value, b: Value) -> Value:
    if a is None or b is None:
        return None
    try:
        if is_number(a) and is_number(b):
            return with_numbers(a, b)
        return with_time(a, b)
    except numeric.ERRORS:
        return None


def _subtract(a: Value, b: Value, _: Scope) -> Value:
    return _arithmetic(numeric.subtract, temporal.subtract, a, b)


def _multiply(a: Value, b: Value, _: Scope) -> Value:
    return _arithmetic(numeric.multiply, temporal.multiply, a, b)


def _divide(a: Value, b: Value, _: Scope) -> Value:
    return _arithmetic(numeric.divide, temporal.divide, a, b)


def _power(a: Value, b: Value, _: Scope) -> Value:
    return _arithmetic(numeric.power, _nothing, a, b)


def _nothing(_: Value, __: Value) -> None:
    return None


_OPERATIONS: Final[dict[str, Callable[[Value, Value, Scope], Value]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "**": _power,
}


# -- equality and logic -----------------------------------------------------------------------------------------------


def _equality(node: Comparison, build: Build) -> Closure:
    left, right = build(node.left), build(node.right)
    if node.sign == "!=":
        return lambda scope: _opposite(equal(left(scope), right(scope), scope.run))
    if isinstance(node.right, Literal) and type(node.right.value) in (str, int, bool):
        return _equal_to(left, node.right.value)

    return lambda scope: equal(left(scope), right(scope), scope.run)


def _equal_to(left: Closure, constant: Any) -> Closure:
    """The commonest condition of all: something is a certain text, number, or true."""
    kind = type(constant)

    def run(scope: Scope) -> bool | None:
        value = left(scope)
        if type(value) is kind:
            return bool(value == constant)
        return False if value is None else equal(value, constant, scope.run)

    return run


def _opposite(value: bool | None) -> bool | None:  # noqa: FBT001 - a value of the language
    return None if value is None else not value


def _logic(parts: list[Closure], *, deciding: bool) -> Closure:
    other = not deciding

    def run(scope: Scope) -> bool | None:
        known = True
        for part in parts:
            value = part(scope)
            if value is deciding:
                return not other
            if value is not other:
                known = False
        return other if known else None

    return run


# -- unary tests ------------------------------------------------------------------------------------------------------

Test = Callable[[Value, Scope], bool | None]


def _test(node: Node, build: Build) -> Test:
    closure = build(node)
    if mentions(node, QUESTION):
        return lambda _, scope: closure(scope) is True
    if isinstance(node, Literal) and type(node.value) in (str, int, bool):
        return _is(node.value)
    return lambda value, scope: passes(closure(scope), value, scope.run)


def _is(constant: Any) -> Test:
    """The commonest test of all: a certain text, number, or true."""
    kind = type(constant)

    def run(value: Value, scope: Scope) -> bool | None:
        return value == constant if type(value) is kind else passes(constant, value, scope.run)

    return run


def _cell_test(node: Node, build: Build) -> Test:
    """In a cell a condition about something else than the input may stand, too: it passes when it is true."""
    test, closure = _test(node, build), build(node)
    if isinstance(node, RangeOf | UnaryRange) or (isinstance(node, Literal) and node.value is not True):
        return test

    def run(value: Value, scope: Scope) -> bool | None:
        if type(value) is not bool and closure(scope) is True:
            return True
        return test(value, scope)

    return run


def passes(expected: Value, value: Value, run: Run) -> bool | None:
    """Tell whether a value meets what a unary test evaluates to: a range, a list of such, or the value itself."""
    if isinstance(expected, Range):
        return contains(expected, value, run)
    if kind_of(expected) is Kind.LIST:
        run.spend(len(expected))
        if kind_of(value) is Kind.LIST and equal(expected, value, run):
            return True
        return any(
            passes(item, value, run) if kind_of(item) is Kind.RANGE else equal(item, value, run) for item in expected
        )
    return equal(expected, value, run)


def _any(tests: list[Test], value: Value, scope: Scope) -> bool | None:
    known = True
    for test in tests:
        found = test(value, scope)
        if found:
            return True
        known = known and found is not None
    return False if known else None
