"""What one command works in: the connection of its one transaction, who acts, when, and what is left to do after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session
from typing_extensions import override

from engine import codec
from engine.config import EngineConfig
from engine.events import Event
from engine.ports import Actor, Ports
from engine.store import OutboxRow
from engine.store.prepared import Prepared

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.execution.models import ModelCache
    from engine.execution.run import Run

_PUT: Final = Prepared(insert(OutboxRow))


class _HostSession(Session):
    """The host's session in a transaction that is not its own.

    Statements that go straight to the connection need no transaction of the session, whose making and ending costs
    more than they do; it is begun with the first object that is read or written.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(bind=connection, join_transaction_mode="rollback_only", expire_on_commit=False)
        self._joined = connection

    @override
    def connection(self, *arguments: Any, **options: Any) -> Connection:
        return super().connection(*arguments, **options) if arguments or options else self._joined


class Transaction:
    """The state of one unit of work; made and ended by `engine.unit_of_work` only."""

    def __init__(
        self,
        connection: Connection,
        *,
        actor: Actor,
        now: dt.datetime,
        config: EngineConfig,
        ports: Ports,
        models: ModelCache,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.config = config
        self.ports = ports
        self.models = models
        self.locks_rows = connection.dialect.name == "postgresql"
        self.runs: dict[int, Run] = {}
        self.woken: list[int] = []  # immediate jobs that this command caused
        self.deployed: list[int] = []  # versions that this transaction brings
        self.delivering: set[int] = set()  # messages that this transaction hands to their receiver
        self.earliest_due: dt.datetime | None = None
        self._events: list[Event] = []
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """A session of the host for its own rows, in this transaction; made when first asked for."""
        if self._session is None:
            self._session = _HostSession(self.connection)
        return self._session

    @property
    def opened_session(self) -> Session | None:
        """The session, if anybody asked for it."""
        return self._session

    def emit(self, event: Event) -> None:
        """Note a fact; listeners hear of it when the verb has written its rows."""
        self._events.append(event)

    def dispatch(self) -> None:
        """Hand the noted facts to the listeners and, where the host asks, to the outbox."""
        while self._events:
            events, self._events = self._events, []
            for event in events:
                for listener in self.ports.listeners:
                    listener(self.session, event, self.now)
                name = type(event).__name__
                if name in self.config.outbox:
                    payload = codec.dumps(codec.fields_of(event)).decode()
                    _PUT.put(self.connection, {"topic": name, "payload": payload, "at": self.now})

    def forget_events(self) -> None:
        """Drop what was noted by a step that is thrown away."""
        self._events.clear()

    def will_be_due(self, moment: dt.datetime) -> None:
        """Remember the earliest due moment written here, so that the worker can be woken for it."""
        if self.earliest_due is None or moment < self.earliest_due:
            self.earliest_due = moment

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo, on an exception, what was written inside: the host's rows and ours."""
        with self.session.begin_nested():
            yield
