"""What others owe a plan: the agencies their data, the member provinces their input to the cluster plan."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base
from workflows.columns import Key, Moment, Ref, Txt


class DataReturn(Base):
    """One agency's data for a plan: asked at the start, empty until it comes."""

    __tablename__ = "plan_data_return"
    __table_args__ = (UniqueConstraint("document_id", "unit"),)

    id: Mapped[Key]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("plan_document.id"))
    unit: Mapped[Txt]
    role: Mapped[Txt]
    name: Mapped[Txt]
    summary: Mapped[Txt]
    needs: Mapped[Txt]
    source: Mapped[Txt]
    returned_at: Mapped[Moment | None]
    returned_by: Mapped[Txt | None]


class ClusterInput(Base):
    """What a member province sent to the cluster; after the cut-off it is an addendum."""

    __tablename__ = "plan_cluster_input"

    id: Mapped[Key]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("plan_document.id"), index=True)  # the cluster's plan
    province: Mapped[Txt]
    projects: Mapped[Txt]
    summary: Mapped[Txt]
    received_at: Mapped[Moment]
    sent_by: Mapped[Txt]
    late: Mapped[bool]
    state: Mapped[Txt]
    comment: Mapped[Txt]
