"""Runs of a process and their stored state, in parts."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Json, Key, Moment, Txt

# As a literal, because a partial index serves only a query that says the same words.
UNANCHORED = text("NOT anchored")


class InstanceRow(Base):
    """One run. `lock_version` guards every change; `history_count` and `history_head` anchor its audit chain."""

    __tablename__ = "bpm_process_instance"
    __table_args__ = (
        Index("ix_bpm_process_instance_definition_id_state", "definition_id", "state"),  # lists, counts per version
        Index("ix_bpm_process_instance_business_key", "business_key"),
        Index(
            "ix_bpm_process_instance_parent_id",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index("ix_bpm_process_instance_root_id", "root_id"),
        Index("ix_bpm_process_instance_unanchored", "id", sqlite_where=UNANCHORED, postgresql_where=UNANCHORED),
        # One running instance per start message and key (see services/messages.py).
        Index(
            "ix_bpm_process_instance_started_by_message",
            "message_name",
            "message_key",
            sqlite_where=text("message_key IS NOT NULL"),
            postgresql_where=text("message_key IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    definition_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_definition.id"))
    business_key: Mapped[Txt | None]
    state: Mapped[Txt]
    started_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    started_by: Mapped[Txt]
    parent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"))
    parent_wait_id: Mapped[Txt | None]
    parent_part: Mapped[Txt | None]
    parent_element_id: Mapped[Txt | None]
    root_id: Mapped[int | None] = mapped_column(BIG)  # own id where there is no parent
    message_name: Mapped[Txt | None]
    message_key: Mapped[Txt | None]
    end_reason: Mapped[Txt | None]
    incidents: Mapped[int]  # open ones
    lock_version: Mapped[int]
    history_count: Mapped[int]
    history_head: Mapped[bytes] = mapped_column(LargeBinary)
    anchored: Mapped[bool] = mapped_column(server_default=false())  # whether the last anchor holds this head
    variables: Mapped[Json | None]  # of the process scope at the end; until then they stand in the state


class StatePartRow(Base):
    """A piece of a run's state in the interpreter's own format; part `""` is the head."""

    __tablename__ = "bpm_state_part"

    instance_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_instance.id"), primary_key=True)
    part: Mapped[Txt] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
