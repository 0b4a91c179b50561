"""The audit trail: read it, and prove that nobody altered, removed or re-ordered a line."""

from __future__ import annotations

from typing import BinaryIO, Final

from sqlalchemy import Subquery, bindparam, func, select

from engine import codec
from engine.errors import InstanceNotFound
from engine.execution.rows import AnyRow
from engine.execution.trail import GENESIS
from engine.execution.transaction import Transaction
from engine.services.chain_rows import verify_chains_of, write_history
from engine.services.chains import Marks, Progress
from engine.services.ids import number
from engine.services.pages import bounded
from engine.store import HistoryRow, InstanceRow
from engine.views import AuditFinding, AuditReport, HistoryEntry

_H: Final = HistoryRow.__table__.c
_I: Final = InstanceRow.__table__.c
_EXISTS: Final = select(_I.id).where(_I.id == bindparam("run"))
_ENTERED: Final = (
    select(_H.element_id)
    .where(_H.instance_id == bindparam("run"), _H.kind == "element_entered", _H.element_id.is_not(None))
    .distinct()
)


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

    def export(self, file: BinaryIO, progress: Progress | None = None) -> int:
        """Write all lines as they were hashed, for outsiders; nothing else may have been read. Returns how many."""
        return write_history(self._tx.connection, file, progress)

    def verify(self, progress: Progress | None = None, *, anchored: Marks | None = None) -> AuditReport:
        """Recompute every chain and name the first line of each that does not hold; nothing else may have been read.

        Args:
            progress: Told how many chains of how many are verified.
            anchored: What anchors say of the chains.
        """
        findings: list[AuditFinding] = []
        seen = verify_chains_of(self._tx.connection, found=findings.append, anchored=anchored, progress=progress)
        return AuditReport(
            instances=seen.chains,
            entries=seen.lines,
            findings=tuple(findings),
            heads=seen.heads,
            erased=seen.erased,
        )


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
