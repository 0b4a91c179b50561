"""The outbox: facts that the host wants to send, kept in the transaction that made them true, and housekeeping."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from engine import codec
from engine.execution.transaction import Transaction
from engine.services.pages import bounded
from engine.store import CommandRow, MessageRow, OutboxRow
from engine.store.message import BUFFERED

_O: Final = OutboxRow.__table__.c
_M: Final = MessageRow.__table__.c
_K: Final = CommandRow.__table__.c
_PUT: Final = insert(OutboxRow)
_TAKE: Final = select(OutboxRow.__table__).order_by(_O.id).limit(bindparam("count")).with_for_update(skip_locked=True)
_SENT: Final = delete(OutboxRow).where(_O.id.in_(bindparam("ids", expanding=True)))
_EXPIRE: Final = update(MessageRow).where(BUFFERED, _M.expires_at <= bindparam("now")).values(state="expired")
_FORGET: Final = delete(CommandRow).where(_K.at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One fact to be sent; `topic` is the event's name or the host's own."""

    id: int
    topic: str
    payload: Mapping[str, object]
    at: dt.datetime


class Outbox:
    """Reads and writes of the outbox."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(self, topic: str, payload: Mapping[str, object]) -> None:
        """Keep a fact of the host for sending.

        Raises:
            InvalidVariables: The payload cannot be stored exactly.
        """
        text = codec.dumps(payload).decode()
        self._tx.connection.execute(_PUT, {"topic": topic, "payload": text, "at": self._tx.now})

    def take(self, limit: int = 100) -> list[OutboxEntry]:
        """Return the oldest facts; they are other senders' again when this unit of work ends without `sent`."""
        rows = self._tx.connection.execute(_TAKE, {"count": bounded(self._tx, limit)})
        return [OutboxEntry(row.id, row.topic, codec.loads(row.payload), row.at) for row in rows]

    def sent(self, ids: Iterable[int]) -> None:
        """Remove facts that were sent."""
        self._tx.connection.execute(_SENT, {"ids": list(ids)})

    def tidy(self) -> None:
        """Mark messages that nobody took in time, and forget answers to commands that nobody repeats any more."""
        self._tx.connection.execute(_EXPIRE, {"now": self._tx.now})
        before = self._tx.now - self._tx.config.command_memory
        self._tx.connection.execute(_FORGET, {"before": before})
