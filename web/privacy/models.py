"""The record of what was done with the data of persons (web_privacy_act): append-only."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base, UtcDateTime

BIG = BigInteger().with_variant(Integer(), "sqlite")


class PrivacyAct(Base):
    """One export, anonymisation or sweep: whose data, by whom, in which capacity, why, and how many rows."""

    __tablename__ = "web_privacy_act"
    __table_args__ = (Index("ix_web_privacy_act_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
    kind: Mapped[str] = mapped_column(String(20))  # export, anonymise, sweep_reads
    person_id: Mapped[str] = mapped_column(String(64))  # empty for a sweep
    actor: Mapped[str] = mapped_column(String(64))
    capacity: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text())
    counts: Mapped[str] = mapped_column(Text())  # JSON: table → rows
