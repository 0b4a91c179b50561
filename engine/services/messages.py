"""Messages and signals from outside, and facts on which processes begin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from engine.bpmn.model import EventKind
from engine.errors import InvalidArgument
from engine.events import SignalBroadcast
from engine.execution import correlation
from engine.execution.conditions import starts_that_hold
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.services.authority import check
from engine.services.commands import Commands
from engine.services.gathering import Arrival, gather, part_of
from engine.services.starting import start_run
from engine.services.tasks import checked_variables
from engine.views import Message


class Messages:
    """Verbs on messages and signals."""

    def __init__(self, tx: Transaction, commands: Commands) -> None:
        self._tx = tx
        self._commands = commands

    def correlate(
        self,
        name: str,
        key: str,
        variables: Mapping[str, object] | None = None,
        *,
        time_to_live: dt.timedelta | None = None,
        message_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Message:
        """Publish a message to its one receiver: a waiting run, else a process it starts, else whoever waits in time.

        Raises:
            InvalidArgument: The name is empty.
            InvalidVariables: A variable cannot be stored exactly.
            NotAuthorized: The actor may not.
        """
        if not name:
            raise InvalidArgument("Expected the name of a message, but got none.")
        check(self._tx, "correlate")
        handed = checked_variables(self._tx, variables)
        arguments = {"name": name, "key": key, "variables": handed, "message_id": message_id}

        def publish() -> Message:
            row = correlation.publish(self._tx, name, key, handed, time_to_live=time_to_live, message_id=message_id)
            self._tx.dispatch()
            return Message(
                id=row.id,
                name=row.name,
                correlation_key=row.correlation_key,
                message_id=row.message_id,
                state=row.state,
                published_at=row.published_at,
                expires_at=row.expires_at,
                instance_id=str(row.instance_id) if row.instance_id is not None else None,
            )

        return self._commands.once(Message, "correlate", arguments, publish, idempotency_key)

    def broadcast(self, signal: str, variables: Mapping[str, object] | None = None) -> int:
        """Send a signal to every run that listens now, and to start events; return how many receive it.

        Raises:
            InvalidArgument: The name is empty.
            InvalidVariables: A variable cannot be stored exactly.
            NotAuthorized: The actor may not.
        """
        if not signal:
            raise InvalidArgument("Expected the name of a signal, but got none.")
        check(self._tx, "broadcast")
        receivers = correlation.broadcast(self._tx, signal, checked_variables(self._tx, variables))
        actor = self._tx.actor
        self._tx.emit(
            SignalBroadcast(at=self._tx.now, actor=actor.id, capacity=actor.capacity, name=signal, receivers=receivers)
        )
        self._tx.dispatch()
        return receivers

    def evaluate_conditions(self, variables: Mapping[str, object], *, business_key: str | None = None) -> list[str]:
        """Tell what is the case: every process with a conditional start event that holds for it is started.

        Returns:
            The ids of the runs.

        Raises:
            InvalidVariables: A variable cannot be stored exactly.
            NotAuthorized: The actor may not.
            StepFailed: A condition cannot be evaluated, or a start cannot be made.
        """
        check(self._tx, "evaluate_conditions")
        handed = checked_variables(self._tx, variables)
        started = []
        for definition_id, element in starts_that_hold(self._tx, handed):
            part, cause = part_of(element, EventKind.CONDITIONAL), {"condition": element.id}
            facts: dict[str, Any] = {"business_key": business_key}
            run: Run | None
            if part is not None:
                parts = len(element.events)
                run = gather(self._tx, definition_id, element.id, parts, Arrival(part, handed, cause), **facts)
            else:
                run = start_run(self._tx, definition_id, handed, start_element_id=element.id, cause=cause, **facts)
            started += [str(run.id)] if run is not None else []
        return started
