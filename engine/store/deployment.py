"""Deployed bundles: acts of deployment, immutable versions of processes, and their files by content."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Json, Key, Moment, Txt


class DeploymentRow(Base):
    """The act of making files runnable."""

    __tablename__ = "bpm_deployment"

    id: Mapped[Key]
    at: Mapped[Moment]
    author: Mapped[Txt]
    capacity: Mapped[Txt]
    note: Mapped[Txt]
    warnings: Mapped[Json]


class ResourceRow(Base):
    """The bytes of one deployed file, kept once however many versions hold it."""

    __tablename__ = "bpm_resource"

    sha256: Mapped[Txt] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DefinitionRow(Base):
    """One version of a process: an immutable, hashed bundle."""

    __tablename__ = "bpm_process_definition"
    __table_args__ = (
        UniqueConstraint("key", "version"),  # two administrators at once: one is told to take the next number
        Index("ix_bpm_process_definition_deployment_id", "deployment_id"),
        Index("ix_bpm_process_definition_key_version_tag", "key", "version_tag"),
    )

    id: Mapped[Key]
    deployment_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_deployment.id"))
    key: Mapped[Txt]
    version: Mapped[int]
    version_tag: Mapped[Txt | None]
    name: Mapped[Txt | None]
    bundle_hash: Mapped[Txt]
    file: Mapped[Txt]
    deployed_at: Mapped[Moment]
    author: Mapped[Txt]
    note: Mapped[Txt]


class BundleFileRow(Base):
    """A file in a version's bundle: the diagram, a form, a decision or another text."""

    __tablename__ = "bpm_bundle_file"
    __table_args__ = ({"sqlite_with_rowid": False},)

    definition_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_definition.id"), primary_key=True)
    name: Mapped[Txt] = mapped_column(primary_key=True)
    kind: Mapped[Txt]  # diagram, form, other
    form_id: Mapped[Txt | None]
    sha256: Mapped[Txt] = mapped_column(ForeignKey("bpm_resource.sha256"))


class DecisionRow(Base):
    """One version of a decision: immutable, with the files that it is made of."""

    __tablename__ = "bpm_decision"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        Index("ix_bpm_decision_deployment_id", "deployment_id"),
        Index("ix_bpm_decision_key_version_tag", "key", "version_tag"),
    )

    id: Mapped[Key]
    deployment_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_deployment.id"))
    key: Mapped[Txt]  # the id of the decision or decision service in its file
    version: Mapped[int]
    version_tag: Mapped[Txt | None]
    name: Mapped[Txt]
    file: Mapped[Txt]
    files: Mapped[Json]  # name of the file and of those it imports -> sha256 of bpm_resource
    deployed_at: Mapped[Moment]
