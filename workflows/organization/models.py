"""The tables of the organisation (org_*): units, dated membership, positions, people, who holds or acts when."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Index, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import Day, Key, Moment, Txt

# As a literal, because a partial index serves only a query that says the same words.
ENDING = text("settled_at IS NULL AND valid_to IS NOT NULL")


class Period:
    """From a moment up to another, which no longer belongs to it; without end it goes on."""

    valid_from: Mapped[Moment]
    valid_to: Mapped[Moment | None]


At = dt.datetime | BindParameter[dt.datetime]
"""A moment, or the place of one in a statement that is made once."""


def covers(kind: type[Period], at: At) -> ColumnElement[bool]:
    """Return the condition that a row's period contains a moment."""
    return and_(kind.valid_from <= at, or_(kind.valid_to.is_(None), kind.valid_to > at))


def overlaps(kind: type[Period], start: dt.datetime, end: dt.datetime | None) -> ColumnElement[bool]:
    """Return the condition that a row's period shares a moment with another; one that never began shares none."""
    begun = or_(kind.valid_to.is_(None), and_(kind.valid_to > start, kind.valid_to > kind.valid_from))
    return begun if end is None else and_(begun, kind.valid_from < end)


class Unit(Base):
    """The nation, a region, cluster or province, an agency or local government, an organisation that is invited."""

    __tablename__ = "org_unit"

    code: Mapped[Txt] = mapped_column(primary_key=True)  # TH-52, NU1, NORTH, TH, TH-52-PAO
    kind: Mapped[Txt]
    name_th: Mapped[Txt]  # as written alone: จังหวัดลำปาง
    name_en: Mapped[Txt]
    parent: Mapped[Txt | None] = mapped_column(ForeignKey("org_unit.code"), index=True)  # listed below its parent
    sector: Mapped[Txt]  # of a consultation; empty where it is not invited as such
    owes_data: Mapped[bool]  # to the plan of its province


class ClusterMembership(Base, Period):
    """A province in a cluster; the one whose governor heads the cluster leads."""

    __tablename__ = "org_cluster_membership"
    __table_args__ = (Index("ix_org_cluster_membership_cluster", "cluster"),)

    province: Mapped[Txt] = mapped_column(ForeignKey("org_unit.code"), primary_key=True)
    valid_from: Mapped[Moment] = mapped_column(primary_key=True)
    cluster: Mapped[Txt] = mapped_column(ForeignKey("org_unit.code"))
    leads: Mapped[bool]
    source: Mapped[Txt]  # announcement or resolution


class Position(Base):
    """A role at a unit; its code is the candidate group of tasks."""

    __tablename__ = "org_position"

    code: Mapped[Txt] = mapped_column(primary_key=True)  # governor@TH-52
    role: Mapped[Txt]
    unit: Mapped[Txt] = mapped_column(ForeignKey("org_unit.code"), index=True)  # listed with its unit


class Person(Base):
    """Somebody who holds or held a position; the id says nothing about them."""

    __tablename__ = "org_person"

    id: Mapped[Txt] = mapped_column(primary_key=True)
    name: Mapped[Txt]  # with title, in Thai
    email: Mapped[Txt | None]
    left_at: Mapped[Moment | None]  # from then on they may do nothing, whatever they hold


class Holding(Base, Period):
    """A person holds a position; the row stays when it is over."""

    __tablename__ = "org_holding"
    __table_args__ = (
        Index("ix_org_holding_person", "person_id"),
        Index("ix_org_holding_position", "position"),
        Index("ix_org_holding_ending", "valid_to", sqlite_where=ENDING, postgresql_where=ENDING),
    )

    id: Mapped[Key]
    person_id: Mapped[Txt] = mapped_column(ForeignKey("org_person.id"))
    position: Mapped[Txt] = mapped_column(ForeignKey("org_position.code"))
    recorded_at: Mapped[Moment]
    recorded_by: Mapped[Txt]
    ended_by: Mapped[Txt | None]
    end_reason: Mapped[Txt]
    settled_at: Mapped[Moment | None]  # when what the person had in this position went back to the others


class ActingOrder(Base, Period):
    """A person acts in a position by order: รักษาราชการแทน (nobody is there) or ปฏิบัติราชการแทน (delegated)."""

    __tablename__ = "org_acting_order"
    __table_args__ = (
        Index("ix_org_acting_order_person", "person_id"),
        Index("ix_org_acting_order_position", "position"),
        Index("ix_org_acting_order_ending", "valid_to", sqlite_where=ENDING, postgresql_where=ENDING),
    )

    id: Mapped[Key]
    person_id: Mapped[Txt] = mapped_column(ForeignKey("org_person.id"))
    position: Mapped[Txt] = mapped_column(ForeignKey("org_position.code"))
    kind: Mapped[Txt]
    number: Mapped[Txt]  # ที่ 2145/2567
    dated: Mapped[Day]
    recorded_at: Mapped[Moment]
    recorded_by: Mapped[Txt]
    ended_by: Mapped[Txt | None]
    end_reason: Mapped[Txt]
    settled_at: Mapped[Moment | None]  # when what the person had in this position went back to the others
