"""Makes anchors of the audit trail, and hands them out."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, text, true, update

from engine.anchors import FIRST_FOLLOWS, Anchor, ChainHead, SignedAnchor
from engine.execution.transaction import Transaction
from engine.seals import SigningKey
from engine.services.pages import bounded
from engine.store import AnchorRow, InstanceRow
from engine.store.process_instance import UNANCHORED

MOST_CHAINS: Final = 10_000
"""How many chains one anchor holds; the rest goes into the next one at once."""

_A: Final = AnchorRow.__table__.c
_I: Final = InstanceRow.__table__.c
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(5170002)")  # any constant number; ends with the transaction
_LATEST: Final = select(AnchorRow.__table__).order_by(_A.sequence.desc()).limit(1)
_CHANGED: Final = (
    select(_I.id, _I.history_count, _I.history_head).where(UNANCHORED).order_by(_I.id).limit(bindparam("most"))
)
_CHANGED_LOCKED: Final = _CHANGED.with_for_update(key_share=True, skip_locked=True)
_ANY_CHANGED: Final = select(_I.id).where(UNANCHORED).limit(1)
_PUT: Final = insert(AnchorRow)
_MARK: Final = update(InstanceRow).where(_I.id.in_(bindparam("ids", expanding=True))).values(anchored=true())
_AT_ONCE: Final = 500


class Anchors:
    """The anchors of one unit of work."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def take(self, key: SigningKey, *, most: int = MOST_CHAINS) -> SignedAnchor | None:
        """Anchor the chains that changed since they were anchored last; None when none did.

        An instance that another transaction works on is left to the next anchor.
        """
        connection = self._tx.connection
        if self._tx.locks_rows:
            connection.execute(_ONE_AT_A_TIME)
        changed = connection.execute(_CHANGED_LOCKED if self._tx.locks_rows else _CHANGED, {"most": most}).all()
        if not changed:
            return None
        last = self.latest()
        anchor = Anchor(
            sequence=1 if last is None else last.anchor.sequence + 1,
            at=self._tx.now,
            previous=FIRST_FOLLOWS if last is None else last.hash,
            key=key.id,
            chains=tuple(ChainHead(row.id, row.history_count, bytes(row.history_head)) for row in changed),
            complete=len(changed) < most,
        )
        signed = SignedAnchor.sign(anchor, key)
        connection.execute(
            _PUT,
            {
                "sequence": anchor.sequence,
                "at": anchor.at,
                "chains": len(changed),
                "content": signed.content.decode(),
                "signature": signed.signature,
            },
        )
        ids = [row.id for row in changed]
        for start in range(0, len(ids), _AT_ONCE):
            connection.execute(_MARK, {"ids": ids[start : start + _AT_ONCE]})
        return signed

    def latest(self) -> SignedAnchor | None:
        """Return the last anchor, None before there is one."""
        row = self._tx.connection.execute(_LATEST).first()
        return None if row is None else _signed(row)

    def find(self, *, after: int = 0, limit: int = 100) -> list[SignedAnchor]:
        """List anchors in order, a page at a time; `after` is a sequence number."""
        chosen = select(AnchorRow.__table__).where(_A.sequence > after).order_by(_A.sequence)
        return [_signed(row) for row in self._tx.connection.execute(chosen.limit(bounded(self._tx, limit)))]

    def count(self) -> int:
        """Count the anchors."""
        return self._tx.connection.execute(select(func.count()).select_from(AnchorRow.__table__)).scalar_one()

    def is_due(self) -> bool:
        """Tell whether any chain has changed since it was anchored last."""
        return self._tx.connection.execute(_ANY_CHANGED).first() is not None


def _signed(row: Any) -> SignedAnchor:
    return SignedAnchor(row.content.encode(), bytes(row.signature))
