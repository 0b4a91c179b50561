"""Messages find their one receiver, signals all of theirs; each delivery is a job in its own transaction.

A message goes to the oldest wait with its name and key, else to the newest version of a process that it starts, else it
stays buffered until its time is over. Publishing and waiting take the same lock on (name, key), so that a message and
a wait that come at the same moment cannot miss each other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, text, update

from engine import codec
from engine.events import MessagePublished
from engine.execution.jobs import insert_immediate
from engine.execution.rows import AnyRow, Columns
from engine.execution.transaction import Transaction
from engine.states import InstanceState, JobKind
from engine.store import InstanceRow, MessageRow, SubscriptionRow
from engine.store.message import BUFFERED

_M: Final = MessageRow.__table__.c
_S: Final = SubscriptionRow.__table__.c
_I: Final = InstanceRow.__table__.c

_ADVISORY: Final = text("SELECT pg_advisory_xact_lock(:key)")
_PUBLISH: Final = insert(MessageRow).returning(_M.id)
_SAME: Final = select(MessageRow.__table__).where(
    _M.name == bindparam("name"), _M.correlation_key == bindparam("key"), _M.message_id == bindparam("message_id")
)
_ONE: Final = select(MessageRow.__table__).where(_M.id == bindparam("message"))
_BUFFER: Final = (
    select(MessageRow.__table__)
    .where(BUFFERED, _M.name == bindparam("name"), _M.correlation_key == bindparam("key"))
    .where(_M.expires_at > bindparam("now"))
    .order_by(_M.id)
    .limit(1)
)
_WAITING: Final = (
    select(SubscriptionRow.__table__)
    .where(_S.kind == "message", _S.name == bindparam("name"), _S.correlation_key == bindparam("key"))
    .where(_S.message_id.is_(None), _S.instance_id.is_not(None))
    .order_by(_S.id)
    .limit(1)
)
_STARTS: Final = (
    select(SubscriptionRow.__table__)
    .where(_S.kind == bindparam("kind"), _S.name == bindparam("name"), _S.instance_id.is_(None))
    .order_by(_S.id)
)
_RUNNING: Final = (
    select(_I.id)
    .where(_I.message_key == bindparam("key"), _I.message_name == bindparam("name"))
    .where(_I.state.in_([InstanceState.ACTIVE, InstanceState.SUSPENDED]), _I.id != bindparam("besides"))
    .limit(1)
)
_TAKE: Final = update(SubscriptionRow).where(_S.id == bindparam("key_id")).values(message_id=bindparam("message"))
_FREE: Final = (
    update(SubscriptionRow)
    .where(_S.id == bindparam("key_id"), _S.message_id == bindparam("message"))
    .values(message_id=None)
)
_MOVE: Final = (
    update(MessageRow)
    .where(_M.id == bindparam("message"))
    .values(state=bindparam("becomes"), instance_id=bindparam("receiver"))
)
_SUBSCRIBE: Final = insert(SubscriptionRow).returning(_S.id)
_OF_WAITS: Final = select(SubscriptionRow.__table__).where(
    _S.instance_id == bindparam("run"), _S.wait_id.in_(bindparam("waits", expanding=True))
)
_UNSUBSCRIBE: Final = (
    delete(SubscriptionRow)
    .where(_S.instance_id == bindparam("run"), _S.wait_id.in_(bindparam("waits", expanding=True)))
    .returning(_S.message_id)
)
_EXPECTS: Final = select(_S.id).where(
    _S.instance_id == bindparam("run"), _S.wait_id == bindparam("wait"), _S.message_id == bindparam("message")
)
_LISTENERS: Final = (
    select(_S.instance_id, _S.wait_id, _S.part, _S.element_id, _S.definition_id)
    .where(_S.kind == "signal", _S.name == bindparam("name"), _S.instance_id.is_not(None))
    .order_by(_S.instance_id, _S.id)
)


def lock_correlation(tx: Transaction, pairs: Iterable[tuple[str, str]]) -> None:
    """Keep others from publishing or waiting under these names and keys until the transaction ends."""
    if not tx.locks_rows:
        return  # SQLite has one writer at a time
    for key in sorted({_advisory_key(name, key) for name, key in pairs}):
        tx.connection.execute(_ADVISORY, {"key": key})


def publish(
    tx: Transaction,
    name: str,
    key: str,
    variables: Mapping[str, object],
    *,
    time_to_live: dt.timedelta | None = None,
    message_id: str | None = None,
) -> AnyRow:
    """Publish a message and hand it to its receiver; the same message id again is the same message.

    Returns:
        The row of `bpm_message`.
    """
    lock_correlation(tx, [(name, key)])
    if message_id is not None:
        same = tx.connection.execute(_SAME, {"name": name, "key": key, "message_id": message_id}).first()
        if same is not None:
            return same
    lives = tx.config.message_time_to_live if time_to_live is None else time_to_live
    number: int = tx.connection.execute(
        _PUBLISH,
        {
            "name": name,
            "correlation_key": key,
            "message_id": message_id,
            "variables": codec.dumps(variables).decode(),
            "state": "buffered",
            "published_at": tx.now,
            "expires_at": tx.now + lives,
            "instance_id": None,
        },
    ).scalar_one()
    receiver = _match(tx, number, name, key)
    if receiver is None and lives <= dt.timedelta(0):
        _move(tx, number, "expired", None)
    tx.emit(
        MessagePublished(
            at=tx.now, actor=tx.actor.id, capacity=tx.actor.capacity,
            message_id=number, name=name, correlation_key=key, receiver=receiver or None,
        )
    )  # fmt: skip
    return tx.connection.execute(_ONE, {"message": number}).one()


def subscribe(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Add waits of running instances; a message that is already there is handed over."""
    for row in rows:
        number: int = tx.connection.execute(_SUBSCRIBE, {"message_id": None, "created_at": tx.now, **row}).scalar_one()
        if row["kind"] == "message":
            hand_over_buffered(tx, row["name"], row["correlation_key"], number, row)


def hand_over_buffered(tx: Transaction, name: str, key: str, subscription: int, wait: Columns) -> None:
    """Give the oldest buffered message to a wait that is free."""
    message = tx.connection.execute(_BUFFER, {"name": name, "key": key, "now": tx.now}).first()
    if message is not None:
        _deliver(tx, message.id, subscription, wait)


def unsubscribe(tx: Transaction, run_id: int, wait_ids: list[str]) -> None:
    """Remove waits that are over; a message on its way to one of them looks for another receiver."""
    for row in tx.connection.execute(_UNSUBSCRIBE, {"run": run_id, "waits": wait_ids}).all():
        if row.message_id is not None and row.message_id not in tx.delivering:
            return_message(tx, row.message_id)


def return_message(tx: Transaction, message: int) -> None:
    """Put a message whose receiver is gone back, and look for another."""
    row = tx.connection.execute(_ONE, {"message": message}).one()
    _move(tx, message, "buffered", None)
    lock_correlation(tx, [(row.name, row.correlation_key)])
    _match(tx, message, row.name, row.correlation_key)


def release_subscription(tx: Transaction, run_id: int, wait_id: str, message: int) -> None:
    """Let a wait that stays open after a delivery (a non-interrupting one) take the next message."""
    for row in tx.connection.execute(_OF_WAITS, {"run": run_id, "waits": [wait_id]}).mappings().all():
        lock_correlation(tx, [(row["name"], row["correlation_key"])])
        tx.connection.execute(_FREE, {"key_id": row["id"], "message": message})
        hand_over_buffered(tx, row["name"], row["correlation_key"], row["id"], row)


def start_next_by_message(tx: Transaction, name: str, key: str, *, besides: int) -> None:
    """When a run that a message started is over, let the next buffered message of that key start one."""
    lock_correlation(tx, [(name, key)])
    message = tx.connection.execute(_BUFFER, {"name": name, "key": key, "now": tx.now}).first()
    if message is not None:
        _match(tx, message.id, name, key, besides=besides)


def is_running_for(tx: Transaction, name: str, key: str, *, besides: int = 0) -> bool:
    """Tell whether a run (but `besides`) that was started by this message name and key is still going."""
    values = {"name": name, "key": key, "besides": besides}
    return bool(key) and tx.connection.execute(_RUNNING, values).first() is not None


def broadcast(tx: Transaction, name: str, variables: Mapping[str, object], *, besides: int | None = None) -> int:
    """Send a signal to every instance that listens now (but `besides`) and to the start events of its name.

    Returns:
        How many receivers it has.
    """
    payload = {"signal": name, "variables": dict(variables)}
    waits: dict[int, list[AnyRow]] = {}
    for row in tx.connection.execute(_LISTENERS, {"name": name}):
        if row.instance_id != besides:
            waits.setdefault(row.instance_id, []).append(row)
    for instance_id, rows in waits.items():
        insert_immediate(
            tx,
            JobKind.SIGNAL,
            definition_id=rows[0].definition_id,
            instance_id=instance_id,
            payload={**payload, "waits": [[row.wait_id, row.part, row.element_id] for row in rows]},
        )
    starts = tx.connection.execute(_STARTS, {"kind": "signal", "name": name}).all()
    for row in starts:
        insert_immediate(
            tx, JobKind.SIGNAL, definition_id=row.definition_id, element_id=row.element_id, payload=payload
        )
    return len(waits) + len(starts)


def _match(tx: Transaction, message: int, name: str, key: str, *, besides: int = 0) -> str | None:
    """Find the receiver of a buffered message: the instance's id, "" for one to be started, None for nobody."""
    while (wait := tx.connection.execute(_WAITING, {"name": name, "key": key}).mappings().first()) is not None:
        if _deliver(tx, message, wait["id"], wait):
            return str(wait["instance_id"])
    start = tx.connection.execute(_STARTS, {"kind": "message", "name": name}).first()
    if start is None or is_running_for(tx, name, key, besides=besides):
        return None
    _move(tx, message, "delivered", None)
    insert_immediate(
        tx,
        JobKind.MESSAGE,
        definition_id=start.definition_id,
        element_id=start.element_id,
        payload={"message": message},
    )
    return ""


def _deliver(tx: Transaction, message: int, subscription: int, wait: Columns) -> bool:
    """Hand a message over; False when the wait is over meanwhile.

    Whether the receiver is suspended is asked when its job runs, for only then it is locked.
    """
    if tx.connection.execute(_TAKE, {"key_id": subscription, "message": message}).rowcount != 1:
        return False
    _move(tx, message, "delivered", wait["instance_id"])
    insert_immediate(
        tx,
        JobKind.MESSAGE,
        definition_id=wait["definition_id"],
        instance_id=wait["instance_id"],
        element_id=wait["element_id"],
        wait_id=wait["wait_id"],
        part=wait["part"],
        payload={"message": message},
    )
    return True


def expects(tx: Transaction, run_id: int, wait_id: str, message: int) -> bool:
    """Tell whether the wait that a message was handed to is still there."""
    return tx.connection.execute(_EXPECTS, {"run": run_id, "wait": wait_id, "message": message}).first() is not None


def read_message(tx: Transaction, message: int) -> AnyRow:
    """Read a message that is being delivered."""
    return tx.connection.execute(_ONE, {"message": message}).one()


def set_receiver(tx: Transaction, message: int, instance_id: int) -> None:
    """Note which instance got a message."""
    _move(tx, message, "delivered", instance_id)


def put_back(tx: Transaction, message: int) -> None:
    """Leave a message in the buffer until it can start a run."""
    _move(tx, message, "buffered", None)


def _move(tx: Transaction, message: int, state: str, receiver: int | None) -> None:
    tx.connection.execute(_MOVE, {"message": message, "becomes": state, "receiver": receiver})


def _advisory_key(name: str, key: str) -> int:
    seed = hashlib.sha256(f"{len(name)}:{name}{key}".encode()).digest()
    return int.from_bytes(seed[:8], "big", signed=True)
