"""The audit trail: append-only lines, hash-chained per instance."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Json, Moment, Txt


class HistoryRow(Base):
    """One line; `hash` covers all columns and the line before. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "bpm_history"
    __table_args__ = ({"sqlite_with_rowid": False},)

    instance_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    actor: Mapped[Txt]
    capacity: Mapped[Txt]
    kind: Mapped[Txt]
    element_id: Mapped[Txt | None]
    details: Mapped[Json]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
