"""Start events that wait for several events: what has come is kept until all have, then a run begins.

An event that has come is a held job of its kind at the start event; messages go together by their correlation key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select, update

from engine.bpmn.model import Element, EventDefinition, EventKind
from engine.bpmn.starts import awaited_by
from engine.execution import correlation
from engine.execution.jobs import insert_jobs, job_values, read_payload
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.services.starting import start_run
from engine.states import JobKind, JobState
from engine.store import JobRow

_J: Final = JobRow.__table__.c
_COME: Final = (
    select(_J.id, _J.payload)
    .where(_J.definition_id == bindparam("definition"), _J.element_id == bindparam("element"))
    .where(_J.instance_id.is_(None), _J.state == str(JobState.WAITING), _J.held)
    .order_by(_J.id)
)
_TAKE: Final = update(JobRow).where(_J.id.in_(bindparam("jobs", expanding=True))).values(state=str(JobState.DONE))


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that has come to a start event; `part` says which of those that it waits for."""

    part: int
    variables: Mapping[str, object]
    cause: Mapping[str, object]
    message: int | None = None
    message_name: str | None = None
    key: str | None = None  # of a message


def part_of(element: Element, kind: EventKind, name: str | None = None) -> int | None:
    """Return which of several events that all have to come this one is; None when one alone starts a run."""
    events = awaited_by(element)
    if not element.parallel_multiple or len(events) < 2:  # noqa: PLR2004 - several
        return None
    found = (number for number, event in enumerate(events) if event.kind is kind and name in (None, _name(event)))
    return next(found, None)


def gather(
    tx: Transaction, definition_id: int, element_id: str, parts: int, arrival: Arrival, **columns: Any
) -> Run | None:
    """Keep what has come; begin a run when all of `parts` have, with what they brought together, the oldest of each.

    Raises:
        StepFailed: Not even the start of the run can be made.
    """
    correlation.lock_correlation(tx, [(f"start {definition_id}", element_id)])
    facts = {"definition_id": definition_id, "element_id": element_id, "held": True, "payload": asdict(arrival)}
    insert_jobs(tx, [job_values(tx, JobKind.SIGNAL, tx.now, **facts)])
    rows = tx.connection.execute(_COME, {"definition": definition_id, "element": element_id}).all()
    found = _complete([(row.id, Arrival(**read_payload(row.payload))) for row in rows], parts)
    if found is None:
        return None
    tx.connection.execute(_TAKE, {"jobs": [job for job, _ in found]})
    variables = {name: value for _, one in found for name, value in one.variables.items()}
    message = next((one for _, one in found if one.message is not None), None)
    if message is not None:
        columns |= {"message_name": message.message_name, "message_key": message.key or None}
    run = start_run(
        tx,
        definition_id,
        variables,
        start_element_id=element_id,
        cause={"events": [one.cause for _, one in found]},
        **columns,
    )
    for _, one in found:
        if one.message is not None:
            correlation.set_receiver(tx, one.message, run.id)
    return run


def _complete(come: Sequence[tuple[int, Arrival]], parts: int) -> list[tuple[int, Arrival]] | None:
    """Find one of each part, in the order in which they came; messages with one key."""
    for key in dict.fromkeys(one.key for _, one in come):
        found: dict[int, tuple[int, Arrival]] = {}
        for job, one in come:
            if one.key in (None, key):
                found.setdefault(one.part, (job, one))
        if len(found) == parts:
            return sorted(found.values(), key=lambda pair: pair[0])
    return None


def _name(event: EventDefinition) -> str | None:
    name = event.message.name if event.message is not None else event.name
    return None if name is None else name.text
