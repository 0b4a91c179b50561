"""How far the anchors have been delivered (web_anchor_delivery)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base, UtcDateTime

BIG = BigInteger().with_variant(Integer(), "sqlite")


class AnchorDelivery(Base):
    """One way in which anchors leave; `claimed_until` keeps a second worker from doing the same."""

    __tablename__ = "web_anchor_delivery"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    delivered: Mapped[int] = mapped_column(BIG)  # the number of the last anchor that has left
    claimed_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime())
