"""Commands under an idempotency key, with the answer that a repetition gets."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Json, Moment, Txt


class CommandRow(Base):
    """One executed command; `digest` tells whether a repetition asks for the same."""

    __tablename__ = "bpm_command"
    __table_args__ = (Index("ix_bpm_command_at", "at"),)  # old ones are cleared by age

    key: Mapped[Txt] = mapped_column(primary_key=True)
    digest: Mapped[Txt]
    answer: Mapped[Json | None]
    at: Mapped[Moment]
