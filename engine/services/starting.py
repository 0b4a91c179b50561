"""How a run begins, whoever asks: a person, a message, a signal, a timer, or a call activity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, bindparam, select

from engine.bpmn.model import ElementKind
from engine.errors import InvalidArgument, ProcessNotFound
from engine.events import InstanceStarted
from engine.execution import stepper
from engine.execution.facts import run_facts
from engine.execution.run import Run, insert_run
from engine.execution.subjects import note_subject
from engine.execution.transaction import Transaction
from engine.store import DefinitionRow

_D: Final = DefinitionRow.__table__.c
_LATEST: Final = select(_D.id).where(_D.key == bindparam("process")).order_by(_D.version.desc()).limit(1)
_VERSION: Final = select(_D.id).where(_D.key == bindparam("process"), _D.version == bindparam("version"))
_TAGGED: Final = (
    select(_D.id)
    .where(_D.key == bindparam("process"), _D.version_tag == bindparam("tag"))
    .order_by(_D.version.desc())
    .limit(1)
)
# A version that did not change is not made again: what was newest at the caller's deployment came with it.
_TOGETHER: Final = (
    select(_D.id)
    .where(_D.key == bindparam("process"))
    .where(_D.deployment_id <= select(_D.deployment_id).where(_D.id == bindparam("caller")).scalar_subquery())
    .order_by(_D.version.desc())
    .limit(1)
)
_STARTER: Final = "saanphaen:initiator"  # property of a process: the variable that takes who starts a run
_LONGEST_KEY: Final = 255


def find_version(
    tx: Transaction, process_id: str, *, version: int | None = None, version_tag: str | None = None
) -> int:
    """Find the id of a version: the one asked for, else the newest.

    Raises:
        ProcessNotFound: There is none.
    """
    values: dict[str, Any] = {"process": process_id}
    if version is not None:
        row = tx.connection.execute(_VERSION, {**values, "version": version}).first()
    elif version_tag is not None:
        row = tx.connection.execute(_TAGGED, {**values, "tag": version_tag}).first()
    else:
        row = tx.connection.execute(_LATEST, values).first()
    return _found(row, process_id=process_id, version=version, version_tag=version_tag)


def find_called(tx: Transaction, caller: int, call: Mapping[str, Any]) -> int:
    """Find the version that a call activity calls; `call` is the payload of its job.

    Raises:
        ProcessNotFound: There is none.
    """
    process_id, binding = call["process_id"], call["binding"]
    if binding == "deployment":
        row = tx.connection.execute(_TOGETHER, {"process": process_id, "caller": caller}).first()
        return _found(row, process_id=process_id, binding=binding)
    if binding == "versionTag":
        return find_version(tx, process_id, version_tag=call["version_tag"] or "")
    if binding == "version":
        return find_version(tx, process_id, version=call["version"])
    return find_version(tx, process_id)


def plain_start(tx: Transaction, definition_id: int, element_id: str) -> str:
    """Return a start event at which a person may begin a run.

    Raises:
        InvalidArgument: There is no plain start event with this id.
    """
    process = tx.models.get(tx.connection, definition_id).model.process
    elements = [process.elements[child] for child in process.children[process.id]]
    plain = [one.id for one in elements if one.kind is ElementKind.START_EVENT and not one.events]
    if element_id not in plain:
        raise InvalidArgument(
            f"Expected one of the plain start events {', '.join(plain) or '(there are none)'}, but got {element_id!r}.",
            start_event=element_id,
        )
    return element_id


def start_run(
    tx: Transaction,
    definition_id: int,
    variables: Mapping[str, object],
    *,
    start_element_id: str | None = None,
    cause: Mapping[str, object] | None = None,
    **columns: Any,
) -> Run:
    """Insert a run, start it, and save it at its first wait states.

    Raises:
        InvalidArgument: The business key is too long.
        StepFailed: Not even its start can be made.
    """
    business_key = columns.get("business_key")
    if business_key is not None and len(business_key) > _LONGEST_KEY:
        raise InvalidArgument(f"Expected a business key of at most {_LONGEST_KEY} characters.")
    run = insert_run(tx, definition_id=definition_id, **columns)
    starter = run.deployed.process.properties.get(_STARTER)
    if starter:
        variables = {**variables, starter: tx.actor.id}
    note_subject(tx, business_key)
    definition = run.deployed.definition
    details: dict[str, object] = {"process": definition.key, "version": definition.version}
    details |= {"business_key": business_key} if business_key else {}
    details |= {"variables": dict(variables)} if variables else {}
    details |= dict(cause or {})
    run.record("instance_started", start_element_id, details, by=tx.actor)
    parent = str(run.parent_id) if run.parent_id is not None else None
    tx.emit(InstanceStarted(**run_facts(tx, run), parent_id=parent, root_id=str(run.root_id)))
    stepper.begin(run, variables, start_element_id=start_element_id)
    run.save()
    tx.dispatch()
    return run


def _found(row: Row[tuple[int]] | None, **facts: object) -> int:
    if row is None:
        told = ", ".join(f"{name}={value!r}" for name, value in facts.items() if value is not None)
        raise ProcessNotFound(f"Expected a deployed process with {told}, but there is none; deploy it first.", **facts)
    return int(row.id)
