"""Machine work as rows: timers, external work, and what one step leaves to another."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Json, Key, Moment, Txt

# As literals, because a partial index serves only a query that says the same words.
DUE = text("state = 'waiting' AND NOT held AND kind <> 'external'")
EXTERNAL = text("state IN ('waiting', 'locked') AND kind = 'external'")
OPEN = text("state IN ('waiting', 'locked', 'failed')")
TROUBLED = text("error IS NOT NULL AND state IN ('waiting', 'locked', 'failed')")


class JobRow(Base):
    """One job. `held` keeps the jobs of a suspended instance from running; the job row owns time, nothing else does."""

    __tablename__ = "bpm_job"
    __table_args__ = (
        Index("ix_bpm_job_due", "due_at", "id", sqlite_where=DUE, postgresql_where=DUE),  # what to run next
        Index("ix_bpm_job_external", "type", "due_at", "id", sqlite_where=EXTERNAL, postgresql_where=EXTERNAL),
        Index("ix_bpm_job_open_wait", "instance_id", "wait_id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_bpm_job_troubled", "id", sqlite_where=TROUBLED, postgresql_where=TROUBLED),  # what failed and is open
        Index("ix_bpm_job_open_definition", "definition_id", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[Key]
    kind: Mapped[Txt]
    type: Mapped[Txt | None]
    definition_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_definition.id"))
    instance_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"))
    element_id: Mapped[Txt | None]
    wait_id: Mapped[Txt | None]
    part: Mapped[Txt | None]
    state: Mapped[Txt]
    held: Mapped[bool]
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    retries: Mapped[int]  # attempts left
    attempts: Mapped[int]  # attempts that failed
    lock_owner: Mapped[Txt | None]
    lock_until: Mapped[Moment | None]
    error: Mapped[Txt | None]
    payload: Mapped[Json | None]  # what the kind needs: variables, headers, message, signal, process to start …
