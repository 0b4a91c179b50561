"""The tables of the calendar (cal_*): holidays, and the revisions that added and withdrew them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import BIG, Day, Key, Moment, Ref, Txt

# As a literal, because a partial index serves only a query that says the same words.
IN_FORCE = text("withdrawn_in IS NULL")


class CalendarRevision(Base):
    """One change of the calendar: who made it, when, and until when holidays were announced then."""

    __tablename__ = "cal_revision"

    id: Mapped[Key]
    stamp: Mapped[Txt] = mapped_column(unique=True)  # names the content for good, whatever happens to the number
    at: Mapped[Moment]
    by: Mapped[Txt]
    note: Mapped[Txt]
    announced_until: Mapped[Day]  # what is counted beyond it is provisional


class Holiday(Base):
    """A day off of an area; it is never changed, only withdrawn, so that every earlier count can be repeated."""

    __tablename__ = "cal_holiday"
    __table_args__ = (
        # One reason stands once for a day and area; also how a year is listed.
        Index(
            "uq_cal_holiday_in_force",
            "date",
            "area",
            "name",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    id: Mapped[Key]
    date: Mapped[Day]
    area: Mapped[Txt]  # TH, a region (NORTH) or a province (TH-50)
    name: Mapped[Txt]
    kind: Mapped[Txt]
    source: Mapped[Txt | None]  # None: not known, never a guess
    announced_on: Mapped[Day | None]
    added_in: Mapped[Ref] = mapped_column(ForeignKey("cal_revision.id"))
    withdrawn_in: Mapped[int | None] = mapped_column(BIG, ForeignKey("cal_revision.id"))
