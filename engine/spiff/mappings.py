"""Input and output mappings, as Camunda 8 does them; results without a mapping go to where their name lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.spiff.expressions import evaluate
from engine.spiff.scopes import Scope
from engine.spiff.steps import StepFailed
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

_FAILED = "mapping_error"


def apply_inputs(instance: InstanceWorkflow, token: Token) -> None:
    """Evaluate the inputs in order, each into the element's own scope; a later one sees an earlier one."""
    element = token.task_spec.element
    scope = own_scope(token)
    for mapping in element.inputs:
        value = evaluate(mapping.source, scope, instance.context, element.id, code=_FAILED)
        name = _put(scope.values, mapping.target, value, scope.values, element.id)
        instance.note_variable(scope, name)


def apply_results(instance: InstanceWorkflow, token: Token) -> None:
    """Hand on what the element's work brought: by its output mappings alone, else every name to where it lives."""
    element = token.task_spec.element
    if element.outputs:
        _apply_outputs(instance, token, token.results or {})
    elif token.results:
        write(instance, token.scope, token.results)
    token.results = None


def write(
    instance: InstanceWorkflow, scope: Scope, values: Mapping[str, Any], *, within: frozenset[str] = frozenset()
) -> None:
    """Give variables values, each where its name is, else in the outermost scope."""
    for name, value in values.items():
        holder = scope.holder(name, within=within)
        holder.values[name] = value
        instance.note_variable(holder, name)


def own_scope(token: Token) -> Scope:
    """Return the element's own scope, made when it has none yet."""
    if not token.own_scope:
        token.scope = Scope(token.id, token.task_spec.element.id, {}, token.scope)
        token.own_scope = True
    return token.scope


def _apply_outputs(instance: InstanceWorkflow, token: Token, results: Mapping[str, Any]) -> None:
    element = token.task_spec.element
    inner = Scope(token.id, element.id, dict(results), token.scope)
    # A multi-instance body writes to its own scope first: its output element reads there.
    is_task = token.own_scope and token.wrapper is None
    outer = token.scope.parent if is_task and token.scope.parent is not None else token.scope
    mapped: dict[str, Any] = {}
    for mapping in element.outputs:
        value = evaluate(mapping.source, inner, instance.context, element.id, code=_FAILED)
        name = mapping.target.partition(".")[0]
        if "." in mapping.target and name not in mapped:
            mapped[name] = outer.get(name)
        _put(mapped, mapping.target, value, mapped, element.id)
        inner.values[name] = mapped[name]
    write(instance, outer, mapped)


def _put(table: dict[str, Any], path: str, value: Any, known: Mapping[str, Any], element_id: str) -> str:
    """Set `a.b.c`, making tables on the way and sharing none with what stood there before; returns `a`."""
    first, *rest = (step.strip() for step in path.split("."))
    if not first or not all(rest):
        raise StepFailed(element_id, _FAILED, f"Expected the name of a variable as target, but got {path!r}.")
    if not rest:
        table[first] = value
        return first
    around = known.get(first)
    current = table[first] = dict(around) if isinstance(around, dict) else {}
    for step in rest[:-1]:
        inside = current.get(step)
        current[step] = dict(inside) if isinstance(inside, dict) else {}
        current = current[step]
    current[rest[-1]] = value
    return first
