"""A plan of one unit in one cycle, its numbered editions, and their files."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import BIG, Day, Key, Moment, Ref, Txt


class Document(Base):
    """The plan of a province or cluster in a cycle; `plan_key` is what its process is correlated by."""

    __tablename__ = "plan_document"
    __table_args__ = (UniqueConstraint("cycle_id", "unit"),)

    id: Mapped[Key]
    cycle_id: Mapped[Ref] = mapped_column(ForeignKey("plan_cycle.id"))
    unit: Mapped[Txt] = mapped_column(index=True)  # a unit's plans over the years
    level: Mapped[Txt]
    plan_key: Mapped[Txt] = mapped_column(unique=True)
    title: Mapped[Txt]
    state: Mapped[Txt]
    review_stage: Mapped[Txt]
    bundle: Mapped[int]  # number of the national bundle it came in, 0 before
    # one lookup for each task event
    process_instance_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"), index=True)
    opened_at: Mapped[Moment | None]
    inputs_closed_at: Mapped[Moment | None]  # of a cluster: since then an input is an addendum
    submitted_at: Mapped[Moment | None]
    submission_number: Mapped[Txt | None]
    announced_on: Mapped[Day | None]
    url: Mapped[Txt | None]
    emenscr_code: Mapped[Txt | None]


class Edition(Base):
    """A numbered edition; `hash` covers its files. A trigger refuses any change once it is decided."""

    __tablename__ = "plan_edition"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[Key]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("plan_document.id"))
    number: Mapped[int]
    state: Mapped[Txt]
    note: Mapped[Txt]
    hash: Mapped[Txt]
    created_at: Mapped[Moment]
    created_by: Mapped[Txt]
    capacity: Mapped[Txt]


class PlanFile(Base):
    """A file of an edition, or (without edition) of the plan as a whole; its bytes stand under their SHA-256."""

    __tablename__ = "plan_file"

    id: Mapped[Key]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("plan_document.id"), index=True)  # listed on the plan page
    edition_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plan_edition.id"), index=True)  # hash, package
    role: Mapped[Txt]
    name: Mapped[Txt]
    media_type: Mapped[Txt]
    size: Mapped[int] = mapped_column(BIG)
    sha256: Mapped[Txt] = mapped_column(index=True)  # whether any file still has these bytes
    uploaded_at: Mapped[Moment]
    uploaded_by: Mapped[Txt]
    capacity: Mapped[Txt]
