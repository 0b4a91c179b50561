"""Built-in functions by their signatures: names of parameters, types, and the conversions that DMN 1.5 makes.

A parameter is written `name: type`, `name: type | type` where one of several fits, `name?: type` where it may be left
out, `name: type | Null` where null fits, `*name: type` for any number of values. Values that do not fit make null.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from engine.feel.environment import Run
from engine.feel.far import moment_of
from engine.feel.limits import TEXT_A_STEP
from engine.feel.numeric import ERRORS
from engine.feel.types import FeelType, conforms
from engine.feel.values import Function, Kind, Value, kind_of

F = TypeVar("F", bound=Callable[..., Value])

_MISFIT: Final = object()
_KINDS: Final = {kind.value: kind for kind in Kind}
_ANY: Final = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: which kinds fit."""

    name: str
    kinds: frozenset[Kind]
    optional: bool = False
    rest: bool = False

    def fit(self, value: Value) -> Value:
        """Return a value of another kind as this parameter takes it, or a mark that it does not fit."""
        kind = kind_of(value)
        if kind is Kind.LIST and len(value) == 1 and kind_of(value[0]) in self.kinds:
            return value[0]
        if kind is Kind.DATE and Kind.DATE_TIME in self.kinds:
            return as_midnight(value)
        if Kind.LIST in self.kinds and value is not None:
            return [value]
        return _MISFIT


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a built-in function."""

    parameters: tuple[Parameter, ...]
    function: Callable[..., Value]
    wants_run: bool

    def for_count(self, count: int) -> tuple[Parameter, ...] | None:
        """Return the parameters of so many values, or None if it takes another number of them."""
        parameters = self.parameters
        if parameters and parameters[-1].rest:
            parameters = (*parameters[:-1], *[parameters[-1]] * (count - len(parameters) + 1))
        if count > len(parameters) or any(not left.optional for left in parameters[count:]):
            return None
        return parameters[:count]

    def order(self, values: dict[str, Value]) -> list[Value] | None:
        """Return named values in order, or None if a name is unknown or missing; a gap is filled with null."""
        names = [parameter.name for parameter in self.parameters]
        if any(parameter.rest for parameter in self.parameters) or any(name not in names for name in values):
            return None
        last = max((names.index(name) for name in values), default=-1)
        if any(p.name not in values and not p.optional for p in self.parameters):
            return None
        return [values.get(name) for name in names[: last + 1]]


def fit(parameters: Sequence[Parameter], values: Sequence[Value]) -> list[Value] | None:
    """Return values as the parameters take them, or None if one does not fit."""
    fitted = []
    for parameter, value in zip(parameters, values, strict=True):
        found = value if kind_of(value) in parameter.kinds else parameter.fit(value)
        if found is _MISFIT:
            return None
        fitted.append(found)
    return fitted


class Library:
    """A collection of built-in functions."""

    def __init__(self) -> None:
        self._signatures: dict[str, list[Signature]] = {}

    def add(self, name: str, *parameters: str) -> Callable[[F], F]:
        """Add a signature; those of one name are tried in the order in which they were added."""

        def register(function: F) -> F:
            wants_run = next(iter(inspect.signature(function).parameters), "") == "run"
            signature = Signature(tuple(_parameter(text) for text in parameters), function, wants_run)
            self._signatures.setdefault(name, []).append(signature)
            return function

        return register

    def functions(self) -> dict[str, Function]:
        """Return the functions as values."""
        return {name: _function(signatures) for name, signatures in self._signatures.items()}


def coerce_to_type(value: Value, kind: FeelType) -> tuple[bool, Value]:
    """Return whether a value fits a declared type, and the value as it fits (DMN 1.5, 10.3.2.9.4)."""
    if conforms(value, kind):
        return True, value
    found = kind_of(value)
    if kind.name == Kind.LIST.value and conforms([value], kind):
        return True, [value]
    if found is Kind.LIST and len(value) == 1 and conforms(value[0], kind):
        return True, value[0]
    if found is Kind.DATE and kind.name == Kind.DATE_TIME.value:
        return True, as_midnight(value)
    return False, None


def as_midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of a day in UTC."""
    found: dt.datetime = moment_of(day, dt.time(tzinfo=dt.UTC))
    return found


def _function(signatures: Sequence[Signature]) -> Function:
    @lru_cache(maxsize=16)
    def ways(count: int) -> tuple[tuple[Signature, tuple[Parameter, ...]], ...]:
        found = ((signature, signature.for_count(count)) for signature in signatures)
        return tuple((signature, parameters) for signature, parameters in found if parameters is not None)

    def call(run: Run, values: list[Value]) -> Value:
        run.spend(_cost(values))
        for signature, parameters in ways(len(values)):
            fitted = fit(parameters, values)
            if fitted is None:
                continue
            try:
                return signature.function(run, *fitted) if signature.wants_run else signature.function(*fitted)
            except ERRORS:
                return None
        return None

    def by_name(run: Run, values: dict[str, Value]) -> Value:
        for signature in signatures:
            ordered = signature.order(values)
            if ordered is not None and fit(signature.parameters[: len(ordered)], ordered) is not None:
                return call(run, ordered)
        return None

    names = [parameter.name for parameter in signatures[0].parameters]
    return Function(names, call, variadic=True, by_name=by_name)


def _cost(values: Sequence[Value]) -> int:
    cost = 1
    for value in values:
        kind = type(value)
        if kind is list or kind is tuple:
            cost += len(value)
        elif kind is str:
            cost += len(value) // TEXT_A_STEP
    return cost


def _parameter(text: str) -> Parameter:
    name, _, kinds = text.partition(": ")
    found: frozenset[Kind] = frozenset()
    for kind in kinds.split(" | "):
        found |= _ANY if kind == "Any" else frozenset({_KINDS[kind]})
    optional = name.endswith("?")
    return Parameter(name.strip("*?"), found, optional, name.startswith("*"))
