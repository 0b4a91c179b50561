"""The tables of clocks (clock_*): each due date of a task, and all that ever happened to it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import BIG, Key, Moment, Ref, Txt

# As a literal, because a partial index serves only a query that says the same words.
LADDERED = text("next_at IS NOT NULL")


class Clock(Base):
    """A due date: what started it, by which rule and basis, until when (first and now), how it ended."""

    __tablename__ = "clock_clock"
    # What the ladder does next, in order; a clock that is over, or whose ladder is, is not in it.
    __table_args__ = (Index("ix_clock_clock_next", "next_at", "id", sqlite_where=LADDERED, postgresql_where=LADDERED),)

    id: Mapped[Key]
    task_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_task.id"), unique=True)
    instance_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"))
    business_key: Mapped[Txt | None]
    process_id: Mapped[Txt]
    element_id: Mapped[Txt]
    name: Mapped[Txt]
    unit: Mapped[Txt]
    groups: Mapped[Txt]  # comma-separated: who owns it while nobody has the task
    users: Mapped[Txt]
    assignee: Mapped[Txt | None]
    started_by: Mapped[Txt]  # the event that started it
    started_at: Mapped[Moment]
    rule: Mapped[Txt]  # as the diagram says it
    basis: Mapped[Txt]
    original_due: Mapped[Moment]
    due: Mapped[Moment]
    state: Mapped[Txt]
    ended_at: Mapped[Moment | None]
    working_days_late: Mapped[int | None]
    next_rung: Mapped[int | None]
    next_at: Mapped[Moment | None]


class ClockEvent(Base):
    """One line of a clock's history; append-only."""

    __tablename__ = "clock_event"

    id: Mapped[Key]
    clock_id: Mapped[Ref] = mapped_column(ForeignKey("clock_clock.id"), index=True)  # read with its clock
    at: Mapped[Moment]
    kind: Mapped[Txt]
    actor: Mapped[Txt]
    capacity: Mapped[Txt]
    old_due: Mapped[Moment | None]
    due: Mapped[Moment | None]
    reason: Mapped[Txt]
    order_ref: Mapped[Txt]
    rung: Mapped[int | None]
    planned_at: Mapped[Moment | None]  # of a rung; how late it was is `at` less this
    told: Mapped[Txt | None]  # JSON: persons, in which part
