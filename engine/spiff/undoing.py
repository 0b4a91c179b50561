"""Compensation: what was completed and can be undone is recorded in its scope, and undone in reverse order.

A record is `[element, values or None, records inside or None]`: values are the variables of a body or sub-process as
they were at its end. A driver (a throw event, a cancelled transaction, a sub-process that is opened again) holds the
records still to be undone and starts the next handler when the last one is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.spiff.scopes import Scope, copied
from engine.spiff.steps import ElementLeft
from engine.spiff.tokens import LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow
    from engine.spiff.specs import NodeSpec


def note_completed(token: Token) -> None:
    """Record that an activity which can be undone is completed."""
    spec = token.task_spec
    inside, token.records = token.records, None
    if spec.undone_by is not None:
        record = [spec.element.id, dict(token.scope.values) if token.wrapper is not None else None, None]
    elif inside or spec.opens_again:
        record = [spec.element.id, dict(token.scope.values), inside or []]
    else:
        return
    around = token.wrapper if token.wrapper is not None else token.workflow
    if around.records is None:
        around.records = []
    around.records.append(record)


def take_records(workflow: Any, activity: str | None) -> list[list[Any]]:
    """Take what is recorded of an activity, or of all, out of a scope, each with its scope's host; the last goes first.

    An event sub-process speaks for the scope around it, too.
    """
    found: list[list[Any]] = []
    while True:
        records = workflow.records
        taken = [record for record in records if activity is None or record[0] == activity]
        workflow.records = [record for record in records if activity is not None and record[0] != activity]
        host = workflow.host
        found = [*([host.id if host is not None else "", record] for record in taken), *found]
        if host is None or not host.task_spec.element.triggered_by_event:
            return found
        workflow = host.workflow


def compensate(instance: InstanceWorkflow, driver: Token, records: list[list[Any]]) -> None:
    """Undo what was recorded, one after another, the last first."""
    driver.mark(LIVE)
    driver.pending = records
    _go_on(instance, driver)


def is_opened_again(token: Token | None) -> bool:
    """Tell whether a sub-process is open only to be undone: nothing listens in it or beside it."""
    return token is not None and token.driver is not None and not token.task_spec.element.for_compensation


def handler_done(token: Token) -> None:
    """Take a handler, or a sub-process that was opened again, out; its driver goes on."""
    instance: InstanceWorkflow = token.workflow.top_workflow
    instance.close_listeners(token)
    if token.entered:
        instance.emit(ElementLeft(token.task_spec.element.id, token.id))
    instance.remove(token)
    drive_on(instance, token)


def drive_on(instance: InstanceWorkflow, gone: Token) -> None:
    """Let the driver of a handler that is gone go on; a handler whose driver is gone, too, was the last."""
    driver = instance.find(gone.driver or "")
    if driver is not None:
        _go_on(instance, driver)
    else:
        instance.end_if_empty(gone.workflow)


def _go_on(instance: InstanceWorkflow, driver: Token) -> None:
    if not driver.pending:
        driver.pending = None
        driver.task_spec.compensated(driver)
        return
    host_id, (element_id, values, inside) = driver.pending.pop()
    workflow: Any = instance.subprocesses[host_id] if host_id else instance
    spec = instance.model.specs[element_id]
    if spec.undone_by is None:
        _open_again(instance, driver, workflow, (spec, values, inside))
        return
    token = instance.new_token(spec.undone_by, workflow)
    token.driver = driver.id
    if values is not None:
        _restore(token, values)
    instance.moving.append(token)


def _open_again(
    instance: InstanceWorkflow, driver: Token, workflow: Any, record: tuple[NodeSpec, dict[str, Any], list[Any]]
) -> None:
    """Open a completed sub-process with its variables: its own handler undoes it, else the handlers inside."""
    spec, values, inside = record
    token = instance.new_token(spec.inner or spec, workflow)
    token.driver, token.brought = driver.id, True
    token.mark(LIVE)
    _restore(token, values)
    opened = instance.create_subprocess(token, spec.element.id)
    handler = opened.spec.compensation
    if handler is None:
        compensate(instance, token, [[token.id, record] for record in inside])
        return
    opened.records = inside
    instance.moving.append(instance.new_token(handler, opened))


def _restore(token: Token, values: dict[str, Any]) -> None:
    token.scope = Scope(token.id, token.task_spec.element.id, copied(values), token.workflow.scope)
    token.own_scope = True
