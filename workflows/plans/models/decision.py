"""What the bodies decided, on which edition, and the remarks that a later edition must answer."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import BIG, Day, Key, Moment, Ref, Txt


class Decision(Base):
    """One decision; append-only by trigger. It names the edition and the hash it was taken on."""

    __tablename__ = "plan_decision"

    id: Mapped[Key]
    cycle_id: Mapped[Ref] = mapped_column(ForeignKey("plan_cycle.id"))
    document_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plan_document.id"), index=True)  # the plan page
    body: Mapped[Txt]
    subject: Mapped[Txt]
    outcome: Mapped[Txt]
    edition_number: Mapped[int | None]
    edition_hash: Mapped[Txt | None]
    comment: Mapped[Txt]
    meeting_no: Mapped[Txt]
    meeting_date: Mapped[Day | None]
    actor: Mapped[Txt]
    capacity: Mapped[Txt]
    at: Mapped[Moment]


class Observation(Base):
    """A remark of a reviewing body: who must answer it, in which edition, and the proof that it was done."""

    __tablename__ = "plan_observation"
    __table_args__ = (Index("ix_plan_observation_unit_state", "unit", "state"),)  # the open ones of a drafter

    id: Mapped[Key]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("plan_document.id"), index=True)  # the plan page
    decision_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plan_decision.id"))
    unit: Mapped[Txt]
    body: Mapped[Txt]
    text: Mapped[Txt]
    owner: Mapped[Txt]  # role@unit
    raised_on: Mapped[int | None]  # number of the edition
    due_fiscal_year: Mapped[int]  # the revised edition in which it is due
    state: Mapped[Txt]
    raised_at: Mapped[Moment]
    proof: Mapped[Txt]
    closed_in: Mapped[int | None]  # number of the edition that answers it
    closed_document_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plan_document.id"))
    closed_at: Mapped[Moment | None]
    closed_by: Mapped[Txt | None]
    closed_capacity: Mapped[Txt | None]
