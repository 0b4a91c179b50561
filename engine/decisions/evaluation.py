"""Making a decision: what it requires is evaluated first, each once, in one run with one budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from engine.decisions.inputs import as_declared
from engine.decisions.model import Decision, DecisionFile, Element, InputData, Knowledge, Service
from engine.decisions.trace import DecisionRun, Failure, TableRecord, shown
from engine.feel.environment import HostFunctions, Run, Scope
from engine.feel.errors import LimitReached
from engine.feel.expression import check_size
from engine.feel.signatures import coerce_to_type
from engine.feel.types import SIMPLE
from engine.feel.values import Function, Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision's value, what its tables did in the order in which they were asked, and what went wrong."""

    value: Value
    tables: tuple[TableRecord, ...] = ()
    failures: tuple[Failure, ...] = ()


def decide(
    element: Decision | Service,
    files: Iterable[DecisionFile],
    inputs: Mapping[str, Value],
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
    functions: HostFunctions | None = None,
) -> Outcome:
    """Return what a decision, or a decision service with its inputs by name, comes to.

    Args:
        element: What is asked.
        files: The files of the bundle: names that they define are seen only by what requires them; other names that
            are given are seen by every decision, as tools without input data write their tables.
        inputs: Values by the names of input data, or under the name of their import.
        now: The moment of `now()`, aware.
        zone: That of `now()` and `today()`.
        functions: Functions that the host lends.

    Raises:
        FeelError: An expression passes a limit, or an `assert` does not hold.
    """
    defined = {part.variable for file in files for part in file.elements}
    free = {name: value for name, value in inputs.items() if name not in defined}
    run = DecisionRun(free, now, zone, functions)
    try:
        if isinstance(element, Service):
            given = {id(part): _given(part, inputs, run) for part in element.parameters}
            value = _served(element, given, run)
        else:
            value = _Frame(run, inputs, {}).value_of(element)
    except RecursionError as error:
        raise LimitReached("Expected less nesting, but the decision goes too deep") from error
    check_size([value, *run.told_values()])
    return Outcome(value, tuple(run.tables), tuple(run.failures))


class _Frame:
    """The values of one evaluation: of the whole graph, or of what a service encapsulates."""

    def __init__(self, run: DecisionRun, inputs: Mapping[str, Value], values: dict[int, Value]) -> None:
        self._run = run
        self._inputs = inputs
        self._values = values

    def value_of(self, wanted: Element) -> Value:
        """Return the value of an element; what it requires comes first, however long the chain is."""
        waiting: list[Element] = [wanted]
        while waiting:
            element = waiting[-1]
            if id(element) in self._values:
                waiting.pop()
                continue
            missing = [part.element for part in element.requires if id(part.element) not in self._values]
            if missing and not isinstance(element, InputData | Service):
                waiting.extend(missing)
                continue
            self._values[id(element)] = self._make(element)
            waiting.pop()
        return self._values[id(wanted)]

    def _make(self, element: Element) -> Value:
        if isinstance(element, InputData):
            return _given(element, self._inputs, self._run)
        if isinstance(element, Service):
            return _as_function(element)
        scope = Scope(self._required(element), self._run if isinstance(element, Decision) else None, self._run)
        if isinstance(element, Knowledge):
            return None if element.logic is None else _typed_function(element.logic(scope), element)
        assert isinstance(element, Decision)
        return (
            None if element.logic is None else _fitted(element.logic(_with_texts(element, scope)), element, self._run)
        )

    def _required(self, element: Element) -> dict[str, Value]:
        names: dict[str, Value] = {}
        for requirement in element.requires:
            value = self._values[id(requirement.element)]
            if requirement.prefix:
                names.setdefault(requirement.prefix, {})[requirement.element.variable] = value
            else:
                names[requirement.element.variable] = value
        for requirement in element.requires:
            if isinstance(requirement.element, Decision) and not requirement.prefix:
                for alias in requirement.element.aliases:
                    names.setdefault(alias, self._under(alias, requirement.element))
        return names

    def _under(self, alias: str, decision: Decision) -> Value:
        """Return what a decision is under another name: that output of several, else the whole."""
        value = self._values[id(decision)]
        return value[alias] if isinstance(value, dict) and alias in value else value


def _with_texts(decision: Decision, scope: Scope) -> Scope:
    """Read given texts as the types that columns of the decision's tables declare: they have no input data."""
    given = scope.run.names
    read = {name: as_declared(given[name], kind) for name, kind in decision.texts if name in given}
    return scope.inner(read) if read else scope


def _given(element: InputData | Decision, inputs: Mapping[str, Value], run: DecisionRun) -> Value:
    """Return an input as its type takes it; null, with a word, if it does not fit."""
    value = _looked_up(element, inputs)
    read = as_declared(value, element.type.feel)
    return _as_typed(read, element, run, code="input", place=f"for input {element.name!r}", told=shown(value))


def _looked_up(element: Element, inputs: Mapping[str, Value]) -> Value:
    for name in (element.variable, element.name):
        if name in inputs:
            return inputs[name]
    for inner in inputs.values():  # under the name of the import
        if isinstance(inner, Mapping) and element.variable in inner:
            return inner[element.variable]
    return None


def _fitted(value: Value, element: Element, run: DecisionRun) -> Value:
    """Return a result as its type takes it; null, with a word, if it does not fit."""
    return _as_typed(value, element, run, code="result", place=f"from {element.name!r}", told=shown(value))


def _as_typed(value: Value, element: Element, run: DecisionRun, *, code: str, place: str, told: str) -> Value:
    fits, found = coerce_to_type(value, element.type.feel)
    if not fits:
        run.fail(f"{code}_type", element.id, f"Expected {element.type.feel.name} {place}, but got {told}.")
        return None
    if element.type.holds is not None and not element.type.holds(found, run):
        run.fail(f"{code}_value", element.id, f"Expected one of the allowed values {place}, but got {told}.")
        return None
    return found


def _typed_function(value: Value, element: Knowledge) -> Value:
    if type(value) is not Function or element.type.feel is SIMPLE["Any"]:
        return value
    inner = value

    def call(run: Run, values: list[Value]) -> Value:
        return _fitted(inner.call(run, values), element, cast("DecisionRun", run))

    return Function(value.parameters, call)


def _as_function(service: Service) -> Function:
    def call(run: Run, values: list[Value]) -> Value:
        given: dict[int, Value] = {}
        for part, value in zip(service.parameters, values, strict=True):
            fits, found = coerce_to_type(value, part.type.feel)
            if not fits:
                told = f"Expected {part.type.feel.name} for {part.name!r} of {service.name!r}, but got {shown(value)}."
                cast("DecisionRun", run).fail("input_type", service.id, told)
                return None
            given[id(part)] = found
        return _served(service, given, cast("DecisionRun", run))

    return Function([part.variable for part in service.parameters], call)


def _served(service: Service, given: dict[int, Value], run: DecisionRun) -> Value:
    """Evaluate a service's outputs with its inputs: one is the value itself, several are a context."""
    frame = _Frame(run, {}, given)
    made = {output.variable: frame.value_of(output) for output in service.outputs}
    value = next(iter(made.values())) if len(made) == 1 else made
    return _fitted(value, service, run)
