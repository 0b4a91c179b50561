"""A consultation: who was invited, who came, what was said, and what became of it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import BIG, Day, Key, Moment, Ref, Txt


class Consultation(Base):
    """One round of consultation on one edition."""

    __tablename__ = "plan_consultation"
    __table_args__ = (UniqueConstraint("document_id", "round"),)

    id: Mapped[Key]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("plan_document.id"))
    round: Mapped[int]
    edition_number: Mapped[int | None]
    # one lookup for each task event
    process_instance_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"), index=True)
    meeting_date: Mapped[Day | None]
    place: Mapped[Txt]
    channel: Mapped[Txt]
    letter_number: Mapped[Txt]
    held_on: Mapped[Day | None]
    summary: Mapped[Txt]
    opened_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]


class Invitation(Base):
    """One invited party; `unit` and `role` when it has an inbox here."""

    __tablename__ = "plan_invitation"

    id: Mapped[Key]
    consultation_id: Mapped[Ref] = mapped_column(ForeignKey("plan_consultation.id"), index=True)  # read together
    sector: Mapped[Txt]
    name: Mapped[Txt]
    unit: Mapped[Txt | None]
    role: Mapped[Txt | None]
    invited_at: Mapped[Moment]


class Attendance(Base):
    """Who came to the meeting."""

    __tablename__ = "plan_attendance"

    id: Mapped[Key]
    consultation_id: Mapped[Ref] = mapped_column(ForeignKey("plan_consultation.id"), index=True)  # read together
    invitation_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plan_invitation.id"))
    sector: Mapped[Txt]
    name: Mapped[Txt]
    presence: Mapped[Txt]


class Opinion(Base):
    """What was said, by which sector, on what; and the answer with its reason."""

    __tablename__ = "plan_opinion"

    id: Mapped[Key]
    consultation_id: Mapped[Ref] = mapped_column(ForeignKey("plan_consultation.id"), index=True)  # read together
    sector: Mapped[Txt]
    speaker: Mapped[Txt]
    on_what: Mapped[Txt]
    text: Mapped[Txt]
    channel: Mapped[Txt]  # before (in writing) or meeting
    given_at: Mapped[Moment]
    disposition: Mapped[Txt | None]
    reason: Mapped[Txt]
    answered_at: Mapped[Moment | None]
    answered_by: Mapped[Txt | None]
