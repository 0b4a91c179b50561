"""User tasks, and who may take them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Json, Key, Moment, Txt

# As literals, because a partial index serves only a query that says the same words.
OPEN = text("state IN ('created', 'assigned')")
TAKEN = text("state IN ('created', 'assigned') AND assignee IS NOT NULL")
DUE = text("state IN ('created', 'assigned') AND due_at IS NOT NULL")
DONE = text("state = 'completed'")


class TaskRow(Base):
    """A task waiting for a person, or done; its candidates stand here to be read, in `TaskCandidateRow` to be found."""

    __tablename__ = "bpm_task"
    __table_args__ = (
        UniqueConstraint("instance_id", "wait_id"),
        # Inbox: mine, by urgency. Oversight: what is due, by urgency. Every index more is a page more in every commit,
        # so they hold only the rows that somebody looks for; pools are found by their candidates, others by instance.
        Index("ix_bpm_task_open_assignee", "assignee", "due_at", "id", sqlite_where=TAKEN, postgresql_where=TAKEN),
        Index("ix_bpm_task_open_due_at", "due_at", "id", sqlite_where=DUE, postgresql_where=DUE),
        # Archive: finished by me, newest first.
        Index("ix_bpm_task_done_completed_by", "completed_by", "ended_at", sqlite_where=DONE, postgresql_where=DONE),
    )

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"))
    definition_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_definition.id"))
    business_key: Mapped[Txt | None]
    wait_id: Mapped[Txt]
    part: Mapped[Txt]
    element_id: Mapped[Txt]
    name: Mapped[Txt]
    state: Mapped[Txt]
    assignee: Mapped[Txt | None]
    candidate_groups: Mapped[Json | None]
    candidate_users: Mapped[Json | None]
    form_id: Mapped[Txt | None]
    due_at: Mapped[Moment | None]
    follow_up_at: Mapped[Moment | None]
    priority: Mapped[int]
    created_at: Mapped[Moment]
    claimed_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    completed_by: Mapped[Txt | None]


class TaskCandidateRow(Base):
    """A group (`g:`) or a user (`u:`) that may take an open task; rows go when the task ends, by their names."""

    __tablename__ = "bpm_task_candidate"
    __table_args__ = ({"sqlite_with_rowid": False},)

    candidate: Mapped[Txt] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_task.id"), primary_key=True)
