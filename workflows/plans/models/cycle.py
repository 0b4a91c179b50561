"""A planning cycle, its units, and its due dates with every re-issue."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import BIG, Day, Key, Moment, Ref, Txt


class Cycle(Base):
    """One round: a new five-year plan, or the revised edition of a fiscal year."""

    __tablename__ = "plan_cycle"

    id: Mapped[Key]
    code: Mapped[Txt] = mapped_column(unique=True)
    name: Mapped[Txt]
    fiscal_year: Mapped[int]  # Buddhist era, as it is named
    kind: Mapped[Txt]
    plan_from: Mapped[int]
    plan_to: Mapped[int]
    state: Mapped[Txt]
    cabinet_verb: Mapped[Txt]  # the usual outcome of cabinet: who approves changed over the years
    notice_days: Mapped[int]  # of the consultative meeting, calendar days
    circular_number: Mapped[Txt | None]
    circular_date: Mapped[Day | None]
    bundle: Mapped[int]  # of the national review: 0 before the first, then counted
    process_instance_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"))
    opened_at: Mapped[Moment]
    opened_by: Mapped[Txt]


class CycleUnit(Base):
    """A province or cluster that makes a plan in the cycle."""

    __tablename__ = "plan_cycle_unit"

    cycle_id: Mapped[Ref] = mapped_column(ForeignKey("plan_cycle.id"), primary_key=True)
    unit: Mapped[Txt] = mapped_column(primary_key=True)
    level: Mapped[Txt]
    name: Mapped[Txt]
    region: Mapped[Txt]
    cluster: Mapped[Txt | None]  # of a province, as it was when the cycle was opened


class CycleDue(Base):
    """Until when a step is due: for all units (`unit` empty), or for one."""

    __tablename__ = "plan_cycle_due"
    __table_args__ = (UniqueConstraint("cycle_id", "step", "unit"),)

    id: Mapped[Key]
    cycle_id: Mapped[Ref] = mapped_column(ForeignKey("plan_cycle.id"))
    step: Mapped[Txt]
    unit: Mapped[Txt]
    original_due: Mapped[Moment]
    due: Mapped[Moment]


class CycleReissue(Base):
    """One re-issue of a due date, kept for good; it may come after the date has passed."""

    __tablename__ = "plan_cycle_reissue"

    id: Mapped[Key]
    due_id: Mapped[Ref] = mapped_column(ForeignKey("plan_cycle_due.id"), index=True)  # read with its due date
    old_due: Mapped[Moment]
    new_due: Mapped[Moment]
    reason: Mapped[Txt]
    order_ref: Mapped[Txt]
    actor: Mapped[Txt]
    capacity: Mapped[Txt]
    at: Mapped[Moment]


class Setting(Base):
    """A named value of the installation, such as the mark of a demo database."""

    __tablename__ = "plan_setting"

    name: Mapped[Txt] = mapped_column(primary_key=True)
    value: Mapped[Txt]
