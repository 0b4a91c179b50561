"""The audit trail: read it, and prove that nobody altered, removed or re-ordered a line."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Subquery, bindparam, func, select

from engine import codec
from engine.errors import InstanceNotFound
from engine.execution.rows import AnyRow
from engine.execution.trail import GENESIS, Line, digest
from engine.execution.transaction import Transaction
from engine.services.ids import number
from engine.services.pages import bounded
from engine.store import HistoryRow, InstanceRow
from engine.views import AuditFinding, AuditReport, HistoryEntry

_H: Final = HistoryRow.__table__.c
_I: Final = InstanceRow.__table__.c
_EXISTS: Final = select(_I.id).where(_I.id == bindparam("run"))
_ANCHORS: Final = (
    select(_I.id, _I.history_count, _I.history_head).where(_I.id > bindparam("after")).order_by(_I.id).limit(1_000)
)
_ENTERED: Final = (
    select(_H.element_id)
    .where(_H.instance_id == bindparam("run"), _H.kind == "element_entered", _H.element_id.is_not(None))
    .distinct()
)
_BETWEEN: Final = (
    select(HistoryRow.__table__)
    .where(_H.instance_id >= bindparam("first"), _H.instance_id <= bindparam("last"))
    .order_by(_H.instance_id, _H.seq)
)

Progress = Callable[[int, int], None]
"""Told how many chains of how many are verified."""


class History:
    """Reads of the audit trail; its lines are written by the verbs."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def of_instance(
        self, instance_id: str, *, limit: int = 1_000, after: int = 0, kinds: tuple[str, ...] | None = None
    ) -> list[HistoryEntry]:
        """List the lines of an instance in order, a page at a time.

        Raises:
            InstanceNotFound: There is none with this id.
        """
        lines = self._lines(instance_id, after)
        chosen = select(lines).where(lines.c.seq > after).order_by(lines.c.seq).limit(bounded(self._tx, limit))
        if kinds is not None:
            chosen = chosen.where(lines.c.kind.in_(kinds))
        return [_entry(row) for row in self._tx.connection.execute(chosen)]

    def latest(self, instance_id: str, *, limit: int = 100, kinds: tuple[str, ...] | None = None) -> list[HistoryEntry]:
        """List the last lines of an instance, the latest first.

        Raises:
            InstanceNotFound: There is none with this id.
        """
        lines = self._lines(instance_id)
        chosen = select(lines).order_by(lines.c.seq.desc()).limit(bounded(self._tx, limit))
        if kinds is not None:
            chosen = chosen.where(lines.c.kind.in_(kinds))
        return [_entry(row) for row in self._tx.connection.execute(chosen)]

    def entered(self, instance_id: str) -> frozenset[str]:
        """Return the elements that an instance has ever entered, however often.

        Raises:
            InstanceNotFound: There is none with this id.
        """
        run = self._existing(instance_id)
        return frozenset(self._tx.connection.execute(_ENTERED, {"run": run}).scalars())

    def _lines(self, instance_id: str, after: int = 0) -> Subquery:
        run = self._existing(instance_id)
        previous = func.lag(_H.hash).over(order_by=_H.seq).label("previous")
        statement = select(HistoryRow.__table__, previous).where(_H.instance_id == run, _H.seq >= after)
        return statement.order_by(_H.seq).subquery()

    def _existing(self, instance_id: str) -> int:
        run = number(instance_id, InstanceNotFound)
        if self._tx.connection.execute(_EXISTS, {"run": run}).first() is None:
            raise InstanceNotFound(instance_id=instance_id)
        return run

    def verify(self, progress: Progress | None = None) -> AuditReport:
        """Recompute every chain and name the first line of each that does not hold."""
        total = self._tx.connection.execute(select(func.count()).select_from(InstanceRow.__table__)).scalar_one()
        chains = entries = 0
        findings: list[AuditFinding] = []
        after = 0
        while anchors := self._tx.connection.execute(_ANCHORS, {"after": after}).all():
            lines = _Grouped(
                self._tx.connection.execution_options(yield_per=2_000).execute(
                    _BETWEEN, {"first": after + 1, "last": anchors[-1].id}
                )
            )
            for anchor in anchors:
                seen, finding = _verify_chain(anchor, lines.of(anchor.id))
                entries += seen
                chains += 1
                if finding is not None:
                    findings.append(finding)
            after = anchors[-1].id
            if progress is not None:
                progress(chains, total)
        return AuditReport(instances=chains, entries=entries, findings=tuple(findings))


class _Grouped:
    """Lines of many chains in order, handed out chain by chain."""

    def __init__(self, rows: Any) -> None:
        self._rows = iter(rows)
        self._next: AnyRow | None = next(self._rows, None)

    def of(self, instance_id: int) -> Iterator[AnyRow]:
        while self._next is not None and self._next.instance_id < instance_id:
            self._next = next(self._rows, None)
        while self._next is not None and self._next.instance_id == instance_id:
            row, self._next = self._next, next(self._rows, None)
            yield row


def _verify_chain(anchor: AnyRow, lines: Iterator[AnyRow]) -> tuple[int, AuditFinding | None]:
    instance_id = str(anchor.id)
    head, expected, seen = GENESIS, 1, 0
    finding: AuditFinding | None = None
    for row in lines:
        seen += 1
        if finding is not None:
            continue
        if row.seq != expected:
            finding = AuditFinding(instance_id, expected, f"Expected line {expected}, but it was removed.")
            continue
        line = Line(row.instance_id, row.seq, row.at, row.actor, row.capacity, row.kind, row.element_id, row.details)
        computed = digest(head, line)
        if not hmac.compare_digest(computed, bytes(row.hash)):
            finding = AuditFinding(
                instance_id, row.seq, f"Expected line {row.seq} as it was written, but it was altered or moved."
            )
            continue
        head, expected = computed, expected + 1
    if finding is None and expected - 1 != anchor.history_count:
        missing = min(expected, anchor.history_count + 1)
        finding = AuditFinding(
            instance_id, missing, f"Expected {anchor.history_count} lines, but the chain has {expected - 1}."
        )
    if finding is None and not hmac.compare_digest(head, bytes(anchor.history_head)):
        finding = AuditFinding(
            instance_id, expected - 1, "Expected the chain to end in the instance's anchor, but it does not."
        )
    return seen, finding


def _entry(row: AnyRow) -> HistoryEntry:
    return HistoryEntry(
        instance_id=str(row.instance_id),
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        capacity=row.capacity,
        kind=row.kind,
        element_id=row.element_id,
        details=codec.loads(row.details),
        previous_hash=bytes(row.previous if row.previous is not None else GENESIS).hex(),
        hash=bytes(row.hash).hex(),
    )
