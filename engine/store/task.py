"""User tasks, and who may take them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Json, Key, Moment, Txt

# As literals, because a partial index serves only a query that says the same words.
OPEN = text("state IN ('created', 'assigned')")
TAKEN = text("state IN ('created', 'assigned') AND assignee IS NOT NULL")
DUE = text("state IN ('created', 'assigned') AND due_at IS NOT NULL")
DONE = text("state = 'completed'")
OPEN_OF = text("state IN ('created', 'assigned') AND business_key IS NOT NULL")
DONE_OF = text("state = 'completed' AND business_key IS NOT NULL")

NOBODY: Final = ""
"""Stands for the assignee of a task that nobody has taken."""

ANYBODY: Final = "*"
"""Stands for the candidates of a task that names none."""

NEVER: Final = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""Stands for the due moment of a task that has none, so that it comes last in the order of urgency."""


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
        # What waits for others: of which subjects I have done a step, and what is open of a subject, by urgency. The
        # state stands in it although all are alike, or SQLite would look it up in each row.
        Index(
            "ix_bpm_task_done_subject",
            *("completed_by", "business_key", "state"),
            sqlite_where=DONE_OF,
            postgresql_where=DONE_OF,
        ),
        Index(
            "ix_bpm_task_open_subject", "business_key", "due_at", "id", sqlite_where=OPEN_OF, postgresql_where=OPEN_OF
        ),
        # Of much that waits for others, what stands at few steps: all that is asked of it stands in the index.
        Index(
            "ix_bpm_task_open_step",
            *("definition_id", "element_id", "due_at", "id", "business_key", "assignee", "state"),
            sqlite_where=OPEN_OF,
            postgresql_where=OPEN_OF,
        ),
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
    """A group (`g:`), a user (`u:`) or anybody (`*`) that may take an open task; rows go when the task ends.

    Who has the task and until when it is due stand beside it, in the order in which lists read: what a group can take,
    and what a person has taken in it, are each one stretch of this table, the most pressing first.
    """

    __tablename__ = "bpm_task_candidate"
    __table_args__ = ({"sqlite_with_rowid": False},)

    candidate: Mapped[Txt] = mapped_column(primary_key=True)
    assignee: Mapped[Txt] = mapped_column(primary_key=True)  # NOBODY while it can be taken
    due_at: Mapped[Moment] = mapped_column(primary_key=True)  # NEVER without one
    task_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_task.id"), primary_key=True)
