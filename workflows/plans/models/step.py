"""The path a plan has gone: one row for each task, kept by following the engine's events."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import BIG, Key, Moment, Ref, Txt


class Step(Base):
    """A task of a plan or cycle: since when, until when (first and now), by whom done, how late."""

    __tablename__ = "plan_step"
    # The board, and re-issue of dates. What the finished steps of a stage come to stands in the index.
    __table_args__ = (
        Index("ix_plan_step_cycle_id_state", "cycle_id", "state", "document_id", "stage", "due", "working_days_late"),
    )

    id: Mapped[Key]
    cycle_id: Mapped[Ref] = mapped_column(ForeignKey("plan_cycle.id"))
    document_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plan_document.id"), index=True)  # the plan page
    process_id: Mapped[Txt]
    element_id: Mapped[Txt]
    stage: Mapped[Txt]
    task_id: Mapped[Txt] = mapped_column(unique=True)
    name: Mapped[Txt]
    groups: Mapped[Txt]  # comma-separated
    due_step: Mapped[Txt]  # of the cycle's calendar; empty when the date is not the cycle's
    state: Mapped[Txt]
    opened_at: Mapped[Moment]
    original_due: Mapped[Moment | None]
    due: Mapped[Moment | None]
    done_at: Mapped[Moment | None]
    actor: Mapped[Txt | None]
    capacity: Mapped[Txt | None]
    outcome: Mapped[Txt | None]
    working_days_late: Mapped[int | None]
