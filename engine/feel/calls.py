"""Names, functions and calls as closures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.feel import tree
from engine.feel.builtins import BUILTINS
from engine.feel.environment import Closure, Run, Scope
from engine.feel.invocation import invoke, invoke_by_name
from engine.feel.signatures import coerce_to_type
from engine.feel.tree import Node, weight
from engine.feel.types import FeelType
from engine.feel.values import Function, Kind, Value, kind_of

Build = Callable[[Node], Closure]

FORMS: Final = frozenset({"is defined"})  # written like functions, but they look at the name, not at its value


def name(node: tree.Name, build: Build) -> Closure:  # noqa: ARG001 - every rule is called so
    """What a name stands for in the innermost scope that has it, else the built-in function, else null."""
    wanted = node.name
    otherwise = BUILTINS.get(wanted)

    def run(scope: Scope | None) -> Value:
        while scope is not None:
            if wanted in scope.names:
                return scope.names[wanted]
            scope = scope.outer
        return otherwise

    return run


def function_of(node: tree.FunctionOf, build: Build) -> Closure:
    """A function that remembers the scope in which it was made."""
    if node.body is None:
        return lambda _: None
    body, cost = build(node.body), weight(node.body)
    names = tuple(parameter for parameter, _ in node.parameters)
    kinds = tuple(kind for _, kind in node.parameters)
    typed = any(kind is not None for kind in kinds)

    def run(scope: Scope) -> Function:
        def called(now: Run, values: list[Value]) -> Value:
            now.spend(cost)
            if typed:
                fitted = _fitted(values, kinds)
                if fitted is None:
                    return None
                values = fitted
            return body(Scope(dict(zip(names, values, strict=True)), scope, now))

        return Function(names, called)

    return run


def _fitted(values: Sequence[Value], kinds: Sequence[FeelType | None]) -> list[Value] | None:
    fitted = []
    for value, kind in zip(values, kinds, strict=True):
        if kind is None:
            fitted.append(value)
            continue
        fits, found = coerce_to_type(value, kind)
        if not fits:
            return None
        fitted.append(found)
    return fitted


def call(node: tree.Call, build: Build) -> Closure:
    """A function with its arguments; null if it is none, or if they do not fit."""
    if isinstance(node.function, tree.Name):
        if node.function.name in FORMS:
            return _is_defined(node, build)
        callee = _function_named(node.function.name)
    else:
        callee = build(node.function)
    arguments = [build(argument) for argument in node.arguments]
    if node.names is not None:
        return _call_by_name(callee, arguments, node.names)
    if len(arguments) == 1:
        return _call_with_one(callee, arguments[0])

    def run(scope: Scope) -> Value:
        function = callee(scope)
        values = [argument(scope) for argument in arguments]
        return invoke(function, values, scope.run)

    return run


def _call_with_one(callee: Closure, argument: Closure) -> Closure:
    def run(scope: Scope) -> Value:
        function = callee(scope)
        if type(function) is Function and function.variadic:
            return function.call(scope.run, [argument(scope)])
        return invoke(function, [argument(scope)], scope.run)

    return run


def _call_by_name(callee: Closure, arguments: list[Closure], names: tuple[str, ...]) -> Closure:
    if len(set(names)) < len(names):
        return lambda _: None

    def run(scope: Scope) -> Value:
        function = callee(scope)
        values = {name: argument(scope) for name, argument in zip(names, arguments, strict=True)}
        return invoke_by_name(function, values, scope.run)

    return run


def _function_named(wanted: str) -> Closure:
    """A call looks past variables that are no functions: `count` may be a form's field and is still a function."""
    otherwise = BUILTINS.get(wanted)

    def run(scope: Scope | None) -> Value:
        start = scope
        while scope is not None:
            if wanted in scope.names:
                found = scope.names[wanted]
                if type(found) is Function:
                    return found
            scope = scope.outer
        lent = None if start is None else start.run.functions
        if lent is not None and wanted in lent:
            return _lent(lent[wanted])
        return otherwise

    return run


def _lent(function: Callable[..., Any]) -> Function:
    """A Python function that the host lends to the expression; it is called by position."""
    return Function((), lambda _, values: function(*values), variadic=True)


def _is_defined(node: tree.Call, build: Build) -> Closure:
    """Whether something exists, be it null: a name in scope, or a member of a context."""
    if len(node.arguments) != 1:
        return lambda _: None
    argument = node.arguments[0]
    if isinstance(argument, tree.Name):
        return _has_name(argument.name)
    if isinstance(argument, tree.Path):
        base, member = build(argument.base), argument.name

        def has(scope: Scope) -> bool:
            value = base(scope)
            return member in value if kind_of(value) is Kind.CONTEXT else found(scope) is not None

        found = build(argument)
        return has
    value = build(argument)
    return lambda scope: value(scope) is not None


def _has_name(wanted: str) -> Closure:
    def run(scope: Scope | None) -> bool:
        while scope is not None:
            if wanted in scope.names:
                return True
            scope = scope.outer
        return False

    return run
