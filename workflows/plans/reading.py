"""Who read which file of a plan: written with every look and download, read by those who answer for the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.plans.models import FileRead, PlanFile

ONE_READING: Final = dt.timedelta(hours=1)
"""Parts that a reader of PDF asks for within this time belong to the look that began it."""
LONGEST_PAGE: Final = 100


class ReadingWay(StrEnum):
    """How a file was read."""

    SAVED = "saved"
    SHOWN = "shown"


def keep_reading(
    session: Session, file: PlanFile, *, way: ReadingWay, goes_on: bool, actor: Actor, now: dt.datetime
) -> None:
    """Record that somebody reads a file; a part that goes on with a reading of the last hour is none of its own."""
    if goes_on and _has_begun(session, file, way, actor, now):
        return
    session.add(
        FileRead(
            document_id=file.document_id,
            file_id=file.id,
            name=file.name,
            sha256=file.sha256,
            person_id=actor.id,
            capacity=actor.capacity,
            way=way,
            at=now,
        )
    )
    session.flush()


def readings_of(
    session: Session, document_id: int, *, limit: int = 50, before: int | None = None
) -> Sequence[FileRead]:
    """Return who read the files of a plan, the latest first, a page at a time."""
    query = select(FileRead).where(FileRead.document_id == document_id)
    if before is not None:
        query = query.where(FileRead.id < before)
    return session.scalars(query.order_by(FileRead.id.desc()).limit(min(limit, LONGEST_PAGE))).all()


def _has_begun(session: Session, file: PlanFile, way: ReadingWay, actor: Actor, now: dt.datetime) -> bool:
    begun = select(FileRead.id).where(
        FileRead.person_id == actor.id,
        FileRead.file_id == file.id,
        FileRead.way == way,
        FileRead.at > now - ONE_READING,
    )
    return session.scalar(begun.limit(1)) is not None
