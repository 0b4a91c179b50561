"""Conditional start events: which processes begin when somebody tells what is the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from engine.bpmn.model import Element, EventKind
from engine.execution.lent import lent_functions
from engine.execution.transaction import Transaction
from engine.spiff.expressions import evaluate
from engine.spiff.scopes import Scope
from engine.spiff.steps import StepContext
from engine.store import SubscriptionRow

_S: Final = SubscriptionRow.__table__.c
_STARTS: Final = (
    select(_S.definition_id, _S.element_id)
    .where(_S.kind == str(EventKind.CONDITIONAL), _S.instance_id.is_(None))
    .order_by(_S.id)
)


def starts_that_hold(tx: Transaction, variables: Mapping[str, object]) -> list[tuple[int, Element]]:
    """Return the start events of newest versions whose condition holds for the variables, with their versions.

    Raises:
        StepFailed: A condition cannot be evaluated.
    """
    lent = lent_functions(tx.ports, lambda: tx.session)
    context = StepContext(tx.now, lambda _type: False, lambda *_call: None, zone=tx.config.zone, functions=lent)
    found = []
    for row in tx.connection.execute(_STARTS).all():
        process = tx.models.get(tx.connection, row.definition_id).process
        scope = Scope(process.id, process.id, dict(variables))
        conditions = [event.condition for event in process.elements[row.element_id].events if event.condition]
        if any(evaluate(condition, scope, context, row.element_id) is True for condition in conditions):
            found.append((row.definition_id, process.elements[row.element_id]))
    return found
