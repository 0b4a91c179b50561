"""Keeps the clocks by following the engine's events: one record for each due date, in the same transaction.

Plugged in as a listener: `ClockKeeper(areas_of=…, basis_of=…)`. Each event costs one or two statements.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import bindparam, case, insert, or_, update
from sqlalchemy.orm import Session

import engine
from engine import Prepared
from workflows.calendar import AreasOf, DaysOff, day_of, read_calendar
from workflows.clocks.ladder import first_rung
from workflows.clocks.models import Clock, ClockEvent
from workflows.clocks.states import DUE_GIVEN, TASK_OPENED, ClockEventKind, ClockState

BasisOf = Callable[[str, str], str]
"""Names the legal basis of an element in words: process key, element id; empty where there is none."""

NATION: Final = "TH"

_C: Final = Clock.__table__.c
_OF_TASK: Final = update(Clock).where(
    _C.task_id == bindparam("task"), or_(_C.state == ClockState.RUNNING, _C.state == ClockState.PAUSED)
)
_INSERT: Final = Prepared(insert(Clock).returning(_C.id))
_END: Final = Prepared(
    _OF_TASK.values(
        state=bindparam("becomes"),
        ended_at=bindparam("at"),
        working_days_late=bindparam("late"),
        next_rung=None,
        next_at=None,
    ).returning(_C.id)
)
# A due date that was taken away and is given again makes its clock run again.
_MOVE: Final = Prepared(
    update(Clock)
    .where(_C.task_id == bindparam("task"))
    .values(
        state=case((_C.state == ClockState.CANCELLED, str(ClockState.RUNNING)), else_=_C.state),
        due=bindparam("new_due"),
        ended_at=None,
        next_rung=bindparam("rung"),
        next_at=bindparam("at"),
    )
    .returning(_C.id)
)
_HAND_OVER: Final = Prepared(_OF_TASK.values(assignee=bindparam("person")))
_TELL: Final = Prepared(insert(ClockEvent))


class ClockKeeper:
    """A listener of the engine: opens, moves and ends clocks, and keeps their history."""

    def __init__(self, *, areas_of: AreasOf, basis_of: BasisOf) -> None:
        self._areas_of = areas_of
        self._basis_of = basis_of

    def __call__(self, session: Session, event: object, now: dt.datetime) -> None:
        """Handle one event."""
        if isinstance(event, engine.events.TaskDueChanged):
            self._move(session, event, now)
        elif not isinstance(event, engine.events.TaskEvent) or event.due_at is None:
            return
        elif isinstance(event, engine.events.TaskCreated):
            self._open(session, event, now, started_by=TASK_OPENED, rule=_rule(event))
        elif isinstance(event, engine.events.TaskCompleted):
            late = self._lateness(session, event, event.due_at, now)
            state = ClockState.MET if now <= event.due_at else ClockState.MISSED
            self._end(session, event, state, now, late=late)
        elif isinstance(event, engine.events.TaskCancelled):
            self._end(session, event, ClockState.CANCELLED, now)
        else:  # claimed, released, assigned: the ladder speaks to whoever has it
            parameters = {"task": int(event.task_id), "person": event.assignee}
            _HAND_OVER.put(session.connection(), parameters)

    def _open(
        self, session: Session, event: engine.events.TaskEvent, now: dt.datetime, *, started_by: str, rule: str
    ) -> None:
        assert event.due_at is not None
        unit = unit_of(event.candidate_groups)
        begins = first_rung(event.due_at, now, self._days_off(session, unit))
        clock_id = _INSERT.scalar(
            session.connection(),
            {
                "task_id": int(event.task_id),
                "instance_id": int(event.instance_id),
                "business_key": event.business_key,
                "process_id": event.process_id,
                "element_id": event.element_id,
                "name": event.name,
                "unit": unit,
                "groups": ",".join(event.candidate_groups),
                "users": ",".join(event.candidate_users),
                "assignee": event.assignee,
                "started_by": started_by,
                "started_at": now,
                "rule": rule,
                "basis": self._basis_of(event.process_id, event.element_id) or event.name,
                "original_due": event.due_at,
                "due": event.due_at,
                "state": str(ClockState.RUNNING),
                "next_rung": begins.rung.days,
                "next_at": begins.at,
            },
        )
        _tell(session, clock_id, event, ClockEventKind.OPENED, now, due=event.due_at)

    def _move(self, session: Session, event: engine.events.TaskDueChanged, now: dt.datetime) -> None:
        if event.due_at == event.previous_due_at:
            return
        if event.due_at is None:
            self._end(session, event, ClockState.CANCELLED, now, reason=event.reason, order_ref=event.order_ref)
            return
        begins = first_rung(event.due_at, now, self._days_off(session, unit_of(event.candidate_groups)))
        parameters = {
            "task": int(event.task_id),
            "new_due": event.due_at,
            "rung": begins.rung.days,
            "at": begins.at,
        }
        clock_id = _MOVE.scalar(session.connection(), parameters)
        if clock_id is None:
            self._open(session, event, now, started_by=DUE_GIVEN, rule=event.due_at.isoformat())
            return
        _tell(
            session,
            clock_id,
            event,
            ClockEventKind.MOVED,
            now,
            old_due=event.previous_due_at,
            due=event.due_at,
            reason=event.reason,
            order_ref=event.order_ref,
        )

    def _end(
        self,
        session: Session,
        event: engine.events.TaskEvent,
        state: ClockState,
        now: dt.datetime,
        *,
        late: int | None = None,
        **facts: str,
    ) -> None:
        parameters = {"task": int(event.task_id), "becomes": str(state), "at": now, "late": late}
        clock_id = _END.scalar(session.connection(), parameters)
        if clock_id is not None:
            _tell(session, clock_id, event, ClockEventKind(state), now, due=event.due_at, **facts)

    def _lateness(self, session: Session, event: engine.events.TaskEvent, due: dt.datetime, now: dt.datetime) -> int:
        if day_of(now) <= day_of(due):
            return 0
        return self._days_off(session, unit_of(event.candidate_groups)).between(day_of(due), day_of(now))

    def _days_off(self, session: Session, unit: str) -> DaysOff:
        return read_calendar(session, self._areas_of(session, unit)).days_off


def unit_of(groups: tuple[str, ...]) -> str:
    """Return the unit whose task it is: that of its first candidate group, else the nation."""
    return (groups[0].rpartition("@")[2] if groups and "@" in groups[0] else "") or NATION


def _rule(event: engine.events.TaskCreated) -> str:
    """How the diagram says the due date: its own words, or the date that they came to."""
    given = event.due_date
    if isinstance(given, (dt.date, dt.datetime)):
        return given.isoformat()
    return str(given) if given is not None else ""


def _tell(
    session: Session,
    clock_id: int,
    event: engine.events.TaskEvent,
    kind: ClockEventKind,
    now: dt.datetime,
    **facts: object,
) -> None:
    _TELL.put(session.connection(), line(clock_id, kind, now, actor=event.actor, capacity=event.capacity, **facts))


def line(
    clock_id: int, kind: ClockEventKind, now: dt.datetime, *, actor: str, capacity: str, **facts: object
) -> Mapping[str, Any]:
    """Return a line of a clock's history."""
    empty: dict[str, object] = {"old_due": None, "due": None, "reason": "", "order_ref": ""}
    rung: dict[str, object] = {"rung": None, "planned_at": None, "told": None}
    known = {"clock_id": clock_id, "at": now, "kind": str(kind), "actor": actor, "capacity": capacity}
    return {**empty, **rung, **known, **facts}
