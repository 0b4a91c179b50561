"""Who read which file of a plan, and when; append-only until its time is over."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import Key, Moment, Ref, Txt


class FileRead(Base):
    """One download or look; the file may have been taken out of its draft since, so its name and hash stand here."""

    __tablename__ = "plan_file_read"
    __table_args__ = (
        Index("ix_plan_file_read_document_id", "document_id", "id"),  # the list of a plan, newest first
        Index("ix_plan_file_read_person_id", "person_id", "file_id", "at"),  # one's own; the parts of one reading
        Index("ix_plan_file_read_at", "at"),  # what is over its time
    )

    id: Mapped[Key]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("plan_document.id"))
    file_id: Mapped[Ref]
    name: Mapped[Txt]
    sha256: Mapped[Txt]
    person_id: Mapped[Txt]
    capacity: Mapped[Txt]
    way: Mapped[Txt]  # saved, shown
    at: Mapped[Moment]
