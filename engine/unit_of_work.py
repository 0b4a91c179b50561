"""One transaction: the verbs inside it, its commit, and what the database said when it could not."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from engine.config import EngineConfig
from engine.errors import ConcurrentUpdate, DatabaseUnavailable, EngineError, InvalidArgument
from engine.execution.models import ModelCache
from engine.execution.transaction import Transaction
from engine.ports import Actor, Ports
from engine.services.anchors import Anchors
from engine.services.commands import Commands
from engine.services.deployments import Deployments
from engine.services.erasure import Erasure
from engine.services.history import History
from engine.services.inbox import Inbox
from engine.services.incidents import Incidents
from engine.services.instances import Instances
from engine.services.jobs import Jobs
from engine.services.messages import Messages
from engine.services.optional_work import OptionalWork
from engine.services.outbox import Outbox
from engine.services.tasks import Tasks
from engine.store.database import begin, is_in_memory

_FULL: Final = "Expected room on the database's disk, but it is full; nothing was changed."
_BUSY: Final = "Expected the database within its time, but another writer holds it; nothing was changed."
_READ_ONLY: Final = "Expected a database that can be written, but it is read-only."
_SAID: Final = (
    ("disk is full", "disk_full", _FULL),
    ("No space left", "disk_full", _FULL),
    ("53100", "disk_full", _FULL),
    ("readonly", "read_only", _READ_ONLY),
    ("read-only", "read_only", _READ_ONLY),
    ("locked", "busy", _BUSY),
)
_CONFLICTS: Final = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock not available


class Database:
    """The engine's database with what every unit of work on it shares."""

    def __init__(self, engine: Engine, config: EngineConfig, ports: Ports, models: ModelCache) -> None:
        self.engine = engine
        self.config = config
        self.ports = ports
        self.models = models
        # All threads share the one connection of a database in memory: they take turns.
        self._turn = threading.RLock() if is_in_memory(engine.url) else None
        self._busy = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the only connection, where there is only one."""
        if self._turn is None:
            yield
            return
        with self._turn:
            if self._busy:
                raise InvalidArgument(
                    "Expected one unit of work at a time on a database in memory, but one is open in this thread."
                )
            self._busy = True
            try:
                yield
            finally:
                self._busy = False


class UnitOfWork:
    """The verbs of one transaction; leaving it commits, an exception rolls everything back."""

    def __init__(self, tx: Transaction, idempotency_key: str | None = None) -> None:
        self._tx = tx
        self._commands = Commands(tx, idempotency_key)
        self.tasks = Tasks(tx, self._commands)
        self.instances = Instances(tx, self._commands)
        self.optional_work = OptionalWork(tx, self._commands, self.instances)
        self.messages = Messages(tx, self._commands)
        self.deployments = Deployments(tx)
        self.jobs = Jobs(tx)
        self.incidents = Incidents(tx)
        self.history = History(tx)
        self.anchors = Anchors(tx)
        self.erasure = Erasure(tx)
        self.outbox = Outbox(tx)
        self.inbox = Inbox(tx)

    @property
    def session(self) -> Session:
        """The host's session in this transaction; it must not commit."""
        return self._tx.session

    @property
    def now(self) -> dt.datetime:
        """The moment of this unit of work."""
        return self._tx.now

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self._tx.actor

    @property
    def replayed(self) -> bool:
        """Whether a verb was answered from an earlier run under the same idempotency key."""
        return self._commands.replayed

    @property
    def locked(self) -> tuple[int, ...]:
        """The process instances that were worked on, in the order in which they were locked."""
        return tuple(self._tx.runs)

    @property
    def woken(self) -> list[int]:
        """Immediate jobs that the verbs caused; they can run after the commit."""
        return self._tx.woken

    @property
    def earliest_due(self) -> dt.datetime | None:
        """The earliest due moment that was written."""
        return self._tx.earliest_due


@contextmanager
def open_unit(
    database: Database, actor: Actor, now: dt.datetime, *, idempotency_key: str | None = None, writes: bool = True
) -> Iterator[UnitOfWork]:
    """Open a unit of work: one transaction, committed on leaving, rolled back on an exception.

    Raises:
        DatabaseUnavailable: The database does not answer, is busy for too long, or its disk is full.
        ConcurrentUpdate: Another transaction was faster in a way that only a new attempt can mend.
    """
    with database.turn():
        try:
            with database.engine.connect() as connection:
                transaction = begin(connection, writes=writes)
                tx = Transaction(
                    connection,
                    actor=actor,
                    now=now,
                    config=database.config,
                    ports=database.ports,
                    models=database.models,
                )
                try:
                    yield UnitOfWork(tx, idempotency_key)
                    tx.dispatch()
                    session = tx.opened_session
                    if writes:
                        if session is not None and session.in_transaction():
                            session.commit()
                        transaction.commit()
                except BaseException:
                    database.models.drop(tx.deployed)
                    raise
                finally:
                    session = tx.opened_session
                    if session is not None and session.in_transaction():
                        session.close()
                    if transaction.is_active:
                        transaction.rollback()
        except (DBAPIError, PoolTimeout) as error:
            translated = _translate(error)
            if translated is None:
                raise
            raise translated from error


def _translate(error: DBAPIError | PoolTimeout) -> EngineError | None:
    """Say in the engine's words what the database said; None for what is the host's own affair."""
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable("Expected a free connection, but all are in use; try again.", reason="pool")
    text = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state in _CONFLICTS:
        return ConcurrentUpdate(reason=state)
    if isinstance(error, IntegrityError):
        return ConcurrentUpdate(reason="unique") if "bpm_" in text else None
    for sign, reason, message in _SAID:
        if sign in text or sign == state:
            return DatabaseUnavailable(message, reason=reason)
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return DatabaseUnavailable(reason="unreachable")
    return None
