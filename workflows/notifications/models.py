"""The table of messages (note_notification): facts, not texts, so that everybody reads them in their own language."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from engine import Base
from workflows.columns import Key, Moment, Txt


class Notification(Base):
    """What one person was told once."""

    __tablename__ = "note_notification"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),  # nobody is told the same thing twice
        Index("ix_note_notification_unread", "person_id", "read_at", "id"),  # the bell
        Index("ix_note_notification_person_id_id", "person_id", "id"),  # the list, newest first
    )

    id: Mapped[Key]
    person_id: Mapped[Txt]
    kind: Mapped[Txt]
    key: Mapped[Txt]
    facts: Mapped[Txt]  # JSON
    created_at: Mapped[Moment]
    read_at: Mapped[Moment | None]
