"""Runs that cannot go on until someone repairs them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Key, Moment, Txt

OPEN = text("state = 'open'")


class IncidentRow(Base):
    """One incident; retrying its job resolves it."""

    __tablename__ = "bpm_incident"
    __table_args__ = (
        Index("ix_bpm_incident_open", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_bpm_incident_instance_id", "instance_id"),
        Index("ix_bpm_incident_job_id", "job_id"),
    )

    id: Mapped[Key]
    instance_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"))
    job_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_job.id"))
    element_id: Mapped[Txt | None]
    code: Mapped[Txt]
    message: Mapped[Txt]
    state: Mapped[Txt]
    created_at: Mapped[Moment]
    resolved_at: Mapped[Moment | None]
    resolved_by: Mapped[Txt | None]
