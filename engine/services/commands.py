"""Idempotency: the same command under the same key is done once and answered alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import codec
from engine.errors import IdempotencyMismatch
from engine.execution.transaction import Transaction
from engine.states import InstanceState, TaskState
from engine.store import CommandRow
from engine.store.prepared import Prepared
from engine.views import Instance, Message, Task

_K: Final = CommandRow.__table__.c
_FIND: Final = Prepared(select(_K.digest, _K.answer).where(_K.key == bindparam("key")))
_ADD: Final = {
    "sqlite": Prepared(sqlite.insert(CommandRow).on_conflict_do_nothing().returning(_K.key)),
    "postgresql": Prepared(postgresql.insert(CommandRow).on_conflict_do_nothing().returning(_K.key)),
}
_ANSWER: Final = Prepared(update(CommandRow).where(_K.key == bindparam("this")).values(answer=bindparam("text")))

T = TypeVar("T", Task, Instance, Message)

_STATES: Final[Mapping[type, type[Enum]]] = {Task: TaskState, Instance: InstanceState}


class Commands:
    """The idempotency keys of one unit of work; its verbs are numbered in order."""

    def __init__(self, tx: Transaction, key: str | None) -> None:
        self._tx = tx
        self._key = key
        self._verbs = 0
        self.replayed = False

    def once(
        self, kind: type[T], verb: str, arguments: Mapping[str, object], act: Callable[[], T], key: str | None
    ) -> T:
        """Do a verb, or give the answer that it had.

        Raises:
            IdempotencyMismatch: The key was used for something else.
        """
        if key is None and self._key is not None:
            self._verbs += 1
            key = f"{self._key}#{self._verbs}"
        if key is None:
            return act()
        content = codec.dumps_canonical({"verb": verb, "actor": self._tx.actor.id, **arguments})
        digest = hashlib.sha256(content).hexdigest()
        if not self._reserve(key, digest):
            return self._repeat(kind, key, digest)
        answer = act()
        _ANSWER.put(self._tx.connection, {"this": key, "text": _write(answer)})
        return answer

    def _reserve(self, key: str, digest: str) -> bool:
        """Take the key; another transaction with the same key is waited for."""
        row = {"key": key, "digest": digest, "answer": None, "at": self._tx.now}
        statement = _ADD[self._tx.connection.dialect.name]
        return statement.scalar(self._tx.connection, row) is not None

    def _repeat(self, kind: type[T], key: str, digest: str) -> T:
        row = _FIND.row(self._tx.connection, {"key": key})
        assert row is not None
        if row["digest"] != digest:
            raise IdempotencyMismatch(idempotency_key=key)
        self.replayed = True
        return _read(kind, row["answer"])


def _write(answer: Any) -> str:
    return codec.dumps(codec.fields_of(answer)).decode()


def _read(kind: type[T], text: str) -> T:
    values = codec.loads(text)
    if kind in _STATES:
        values["state"] = _STATES[kind](values["state"])
    for name in ("candidate_groups", "candidate_users"):
        if name in values:
            values[name] = tuple(values[name])
    return kind(**values)
