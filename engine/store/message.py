"""Published messages, and who waits for messages and signals."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Json, Key, Moment, Txt

BUFFERED = text("state = 'buffered'")
NAMED = text("message_id IS NOT NULL")


class MessageRow(Base):
    """A message with its one receiver, or buffered until somebody waits or it expires."""

    __tablename__ = "bpm_message"
    __table_args__ = (
        Index(
            "ix_bpm_message_buffered",
            "name",
            "correlation_key",
            "id",
            sqlite_where=BUFFERED,
            postgresql_where=BUFFERED,
        ),
        Index("ix_bpm_message_expires_at", "expires_at", sqlite_where=BUFFERED, postgresql_where=BUFFERED),
        # The same message id twice for one name and key is one message.
        Index(
            "uq_bpm_message_message_id",
            "name",
            "correlation_key",
            "message_id",
            unique=True,
            sqlite_where=NAMED,
            postgresql_where=NAMED,
        ),
    )

    id: Mapped[Key]
    name: Mapped[Txt]
    correlation_key: Mapped[Txt]
    message_id: Mapped[Txt | None]
    variables: Mapped[Json]
    state: Mapped[Txt]  # buffered, delivered, expired
    published_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    instance_id: Mapped[int | None] = mapped_column(BIG)  # the receiver


class SubscriptionRow(Base):
    """A wait for a message or signal: of a running instance, or of a start event (`instance_id` is empty)."""

    __tablename__ = "bpm_subscription"
    __table_args__ = (
        Index("ix_bpm_subscription_name", "kind", "name", "correlation_key", "id"),
        Index("ix_bpm_subscription_instance_id_wait_id", "instance_id", "wait_id"),
        Index("ix_bpm_subscription_definition_id", "definition_id"),
    )

    id: Mapped[Key]
    kind: Mapped[Txt]  # message, signal; of a start event conditional, too
    name: Mapped[Txt]
    correlation_key: Mapped[Txt | None]
    definition_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_definition.id"))
    instance_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"))
    element_id: Mapped[Txt]
    wait_id: Mapped[Txt | None]
    part: Mapped[Txt | None]
    message_id: Mapped[int | None] = mapped_column(BIG)  # on its way to this receiver
    created_at: Mapped[Moment]
