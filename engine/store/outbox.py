"""Facts that the host asked to have kept for sending, written in the transaction that made them true."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from engine.store.base import Base, Json, Key, Moment, Txt


class OutboxRow(Base):
    """One fact to be sent; the host deletes what it has sent."""

    __tablename__ = "bpm_outbox"

    id: Mapped[Key]
    topic: Mapped[Txt]
    payload: Mapped[Json]
    at: Mapped[Moment]
