"""What the host plugs in: the clock, people, authority, the calendar of due dates, handlers of service tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.bpmn.model import Definitions
    from engine.problems import Problem
    from engine.views import Instance, Task

Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an opaque person id, the capacity in which they act, and groups known without asking the host."""

    id: str
    capacity: str = ""
    groups: frozenset[str] = frozenset()


SYSTEM = Actor("system", "system")
"""The engine itself: jobs, timers, set-up. It may do everything."""


class Clock(Protocol):
    """Tells the time; the only source of it below the host."""

    def now(self) -> dt.datetime:
        """Return the present moment, aware, in UTC."""
        ...


class IdentityProvider(Protocol):
    """Tells which candidate groups a person is in at a moment."""

    def groups_of(self, session: Session, actor: Actor, at: dt.datetime) -> frozenset[str]:
        """Return the group codes (candidate groups of tasks) that the actor holds at `at`."""
        ...


class AuthorityPolicy(Protocol):
    """Decides whether an actor may do an act; raises NotAuthorized when not."""

    def check_task(
        self, session: Session, act: str, task: Task, actor: Actor, at: dt.datetime, *, assignee: str | None = None
    ) -> None:
        """Check `claim`, `release`, `assign` (to `assignee`), `complete`, `set_due` or `save_draft` on a task."""
        ...

    def check(self, session: Session, act: str, actor: Actor, at: dt.datetime, instance: Instance | None) -> None:
        """Check any other act: `deploy`, `start`, `cancel`, `suspend`, `resume`, `retry_incident`, `correlate` …."""
        ...


class DueDateCalendar(Protocol):
    """Turns the due-date text of a user task into a moment (the host may know working days)."""

    def resolve(self, session: Session, value: object, *, now: dt.datetime, variables: Variables) -> dt.datetime:
        """Return the due moment (UTC) of an evaluated due date: ISO text, a date value or the host's own form."""
        ...


class WorkingCalendar(Protocol):
    """Counts working days for expressions: `add working days`, `working days between` (docs/feel.md)."""

    def add(self, session: Session, day: dt.date, count: int, unit: str) -> dt.date:
        """Return the day so many working days of a unit after a day; before it, where negative."""
        ...

    def between(self, session: Session, start: dt.date, end: dt.date, unit: str) -> int:
        """Return how many working days of a unit lie after a day up to and with another; negative backwards."""
        ...


@dataclass(slots=True)
class HandlerContext:
    """What a service-task handler gets; it works in the engine's transaction and must not talk to the network.

    The dict that the handler returns becomes the element's result variables (through its output mappings, if any).
    It may raise `BpmnError(code, message, variables)` to reach an error event; any other exception becomes an incident.
    """

    session: Session
    now: dt.datetime
    actor: Actor
    instance_id: str
    process_id: str
    business_key: str | None
    element_id: str
    element_name: str | None
    variables: Variables  # the input mappings' result, else everything visible in scope
    headers: Mapping[str, str]


class BpmnError(Exception):
    """A business error thrown by a handler or worker; caught by error events with the same code."""

    def __init__(self, code: str, message: str = "", variables: Variables | None = None) -> None:
        self.code = code
        self.message = message
        self.variables = dict(variables or {})
        super().__init__(f"{code}: {message}")


TaskHandler = Callable[[HandlerContext], Mapping[str, object] | None]


class DefinitionRule(Protocol):
    """A check of the host on a diagram at deploy: known roles, forms, handlers."""

    def __call__(self, definitions: Definitions, resources: Mapping[str, bytes]) -> Sequence[Problem]:
        """Return what is wrong; `resources` are the other files of the bundle by name."""
        ...


class EventListener(Protocol):
    """Follows what happened, inside the same transaction (the host's clocks, notifications, read models)."""

    def __call__(self, session: Session, event: object, now: dt.datetime) -> None:
        """Handle one event of engine.events."""
        ...


class Duty(Protocol):
    """The host's own work that falls due: done by whoever runs what is due, beside the engine's jobs."""

    def earliest(self, session: Session) -> dt.datetime | None:
        """Return the moment at which something falls due next, None when nothing will."""
        ...

    def run(self, uow: Any) -> int:
        """Do a batch of what is due by `uow.now` in this one unit of work and return how much; 0 when nothing is left.

        `uow` is a `UnitOfWork`; several workers may run a duty at once, so that it claims what it does.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All that a host may plug; every default works without a host."""

    clock: Clock | None = None
    identity: IdentityProvider | None = None
    authority: AuthorityPolicy | None = None
    calendar: DueDateCalendar | None = None
    working_days: WorkingCalendar | None = None
    handlers: Mapping[str, TaskHandler] = field(default_factory=dict)
    rules: Sequence[DefinitionRule] = ()
    listeners: Sequence[EventListener] = ()
    duties: Sequence[Duty] = ()
