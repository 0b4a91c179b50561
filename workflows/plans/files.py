"""Files of plans: attached to a draft edition or to the plan as a whole, taken out, found again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.files.errors import FileRefused
from workflows.files.kinds import KIND_OF_TYPE
from workflows.files.names import clean_name
from workflows.files.store import StoredFile
from workflows.plans.documents import ensure_draft, files_of, hash_of
from workflows.plans.errors import EditionFrozen, PlanNotFound
from workflows.plans.models import Document, Edition, PlanFile
from workflows.plans.states import FileRole


def add_file(
    session: Session,
    document: Document,
    stored: StoredFile,
    *,
    name: str,
    role: FileRole,
    actor: Actor,
    now: dt.datetime,
    edition: Edition | None = None,
) -> PlanFile:
    """Attach a stored file to a draft edition, or to the plan as a whole; what is sent twice is there once.

    Raises:
        EditionFrozen: The edition does not change any more.
    """
    if edition is not None:
        ensure_draft(edition)
    place = edition.id if edition is not None else None
    clean = clean_name(name, KIND_OF_TYPE[stored.media_type])
    same = select(PlanFile).where(
        PlanFile.document_id == document.id,
        PlanFile.edition_id == place,
        PlanFile.role == role,
        PlanFile.name == clean,
        PlanFile.sha256 == stored.sha256,
    )
    known = session.scalar(same)
    if known is not None:
        return known
    file = PlanFile(
        document_id=document.id,
        edition_id=place,
        role=role,
        name=clean,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        uploaded_at=now,
        uploaded_by=actor.id,
        capacity=actor.capacity,
    )
    session.add(file)
    session.flush()
    if edition is not None:
        edition.hash = hash_of(files_of(session, edition))
        session.flush()
    return file


def remove_file(session: Session, file: PlanFile) -> None:
    """Take a file out of a draft; its bytes stay, other editions may hold them.

    Raises:
        EditionFrozen: The edition does not change any more, or the file belongs to what was handed in.
    """
    edition = session.get(Edition, file.edition_id) if file.edition_id is not None else None
    document = session.get(Document, file.document_id)
    if edition is not None:
        ensure_draft(edition)
    elif document is not None and document.submitted_at is not None and file.uploaded_at <= document.submitted_at:
        raise EditionFrozen("Expected a file that was not handed in yet, but the plan was submitted with it.")
    session.delete(file)
    session.flush()
    if edition is not None:
        edition.hash = hash_of(files_of(session, edition))
        session.flush()


def ensure_room(session: Session, document: Document, *, coming: int, quota: int) -> None:
    """Refuse files that a plan has no room for; other uploads to it wait until this transaction ends.

    Args:
        session: The session.
        document: The plan.
        coming: Bytes that are to be added.
        quota: Bytes that all files of a plan may have together.

    Raises:
        FileRefused: There would be more.
    """
    session.refresh(document, with_for_update=True)
    held = session.scalar(select(func.coalesce(func.sum(PlanFile.size), 0)).where(PlanFile.document_id == document.id))
    if int(held or 0) + coming > quota:
        raise FileRefused(
            f"Expected at most {quota} bytes of files with {document.plan_key}, but there would be more.",
            reason="quota",
            limit=quota,
        )


def unused_of(session: Session, hashes: Sequence[str]) -> frozenset[str]:
    """Return those of some hashes to which no file of any plan refers."""
    used = session.scalars(select(PlanFile.sha256).where(PlanFile.sha256.in_(hashes)))
    return frozenset(hashes) - frozenset(used)


def get_file(session: Session, file_id: int) -> PlanFile:
    """Return a file's record.

    Raises:
        PlanNotFound: There is none.
    """
    file = session.scalar(select(PlanFile).where(PlanFile.id == file_id))
    if file is None:
        raise PlanNotFound(f"Expected a file {file_id}, but there is none.", file=file_id)
    return file
