"""Signed anchors over the audit chains, one after another."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Moment, Txt


class AnchorRow(Base):
    """One anchor as it was signed (engine.anchors). Triggers refuse UPDATE and DELETE."""

    __tablename__ = "bpm_anchor"

    sequence: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)  # 1, 2, 3 …
    at: Mapped[Moment]
    chains: Mapped[int]  # how many it holds
    content: Mapped[Txt]  # the signed bytes, which are ASCII
    signature: Mapped[bytes] = mapped_column(LargeBinary)
