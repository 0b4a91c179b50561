"""Conditional events: looked at when they begin to wait, and whenever a variable that they name gets a value.

An event happens when its condition becomes true: one that stays (a non-interrupting one) happens again only after the
condition was false in between. This is done before anything else moves, so that no change is missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.spiff.expressions import evaluate
from engine.spiff.steps import StepFailed, WaitKind
from engine.spiff.throwing import load_hearing_bodies
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


def look(instance: InstanceWorkflow) -> None:
    """Let the events happen whose condition has become true, the oldest first, those of scopes before others.

    Raises:
        StepFailed: A condition cannot be evaluated.
    """
    names, instance.changed, instance.to_look = instance.changed, set(), False
    if names:
        load_hearing_bodies(instance, lambda spec: bool(spec.heard_names & names))
    waiting = [token for token in instance.index.values() if token.wait is WaitKind.CONDITION]
    for token in sorted(waiting, key=lambda one: (not one.task_spec.beside_scope, instance.age(one))):
        if token.alive and token.wait is WaitKind.CONDITION and not instance.park(token):
            _look_at(instance, token, names)


def _look_at(instance: InstanceWorkflow, token: Token, names: set[str]) -> None:
    spec = token.task_spec
    condition = spec.definition.condition
    if token.held is not None and not names & spec.names:
        return
    try:
        holds = evaluate(condition, spec.scope_for(token), instance.context, spec.element.id) is True
    except StepFailed as failure:
        failure.token = token.id
        raise
    happens, token.held = holds and not token.held, holds
    if happens:
        spec.fired(token, {})
