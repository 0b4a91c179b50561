"""Plan documents and their editions: open, add an edition, freeze it, submit, publish, keep unchanged."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.plans.errors import EditionFrozen, PlanNotFound
from workflows.plans.models import Document, Edition, PlanFile
from workflows.plans.states import DocumentState, EditionState, Level
from workflows.plans.values import day, mapping, text


def find_document(session: Session, plan_key: str) -> Document | None:
    """Return a plan by its key, None where there is none."""
    return session.scalar(select(Document).where(Document.plan_key == plan_key))


def get_document(session: Session, plan_key: str) -> Document:
    """Return a plan by its key.

    Raises:
        PlanNotFound: There is none.
    """
    document = find_document(session, plan_key)
    if document is None:
        raise PlanNotFound(f"Expected a plan {plan_key!r}, but there is none.", plan=plan_key)
    return document


def drafters_of(document: Document) -> str:
    """Return the candidate group that writes a plan, keeps its files and answers remarks on it."""
    role = "province_strategy" if document.level == Level.PROVINCE else "cluster_office"
    return f"{role}@{document.unit}"


def open_document(session: Session, document: Document, *, instance_id: str, now: dt.datetime) -> None:
    """Tie a plan to its running process."""
    document.process_instance_id = int(instance_id)
    document.opened_at = now
    document.state = DocumentState.DRAFTING
    session.flush()


def get_edition(session: Session, document: Document, number: int) -> Edition:
    """Return an edition by its number.

    Raises:
        PlanNotFound: There is none.
    """
    found = session.scalar(select(Edition).where(Edition.document_id == document.id, Edition.number == number))
    if found is None:
        raise PlanNotFound(f"Expected edition {number} of {document.plan_key}, but there is none.", edition=number)
    return found


def add_edition(session: Session, document: Document, *, actor: Actor, now: dt.datetime, note: str = "") -> Edition:
    """Make the next numbered edition, a draft without files."""
    last = session.scalar(select(func.max(Edition.number)).where(Edition.document_id == document.id)) or 0
    edition = Edition(
        document_id=document.id,
        number=last + 1,
        state=EditionState.DRAFT,
        note=note,
        hash=hash_of([]),
        created_at=now,
        created_by=actor.id,
        capacity=actor.capacity,
    )
    session.add(edition)
    session.flush()
    return edition


def working_edition(session: Session, document: Document, *, actor: Actor, now: dt.datetime) -> Edition:
    """Return the draft that files may be added to; makes the next edition when the last one is frozen."""
    last = session.scalar(
        select(Edition)
        .where(Edition.document_id == document.id)
        .order_by(Edition.number.desc())
        .limit(1)
        .with_for_update()
    )
    if last is not None and last.state == EditionState.DRAFT:
        return last
    return add_edition(session, document, actor=actor, now=now)


def ensure_draft(edition: Edition) -> None:
    """Refuse to change what was submitted or decided.

    Raises:
        EditionFrozen: It is no draft any more.
    """
    if edition.state != EditionState.DRAFT:
        raise EditionFrozen(
            f"Expected a draft, but edition {edition.number} is {edition.state}; make a new one.",
            edition=edition.number,
            state=edition.state,
        )


def hold(session: Session, edition: Edition) -> None:
    """Keep others from adding files to an edition until the transaction ends: what is decided on is what is hashed."""
    session.refresh(edition, with_for_update=True)


def freeze(session: Session, edition: Edition, state: EditionState) -> None:
    """Close an edition for changes: submitted to a body, or decided by one. What is decided stays so."""
    hold(session, edition)
    if edition.state in (EditionState.DECIDED, state):
        return
    edition.hash = hash_of(files_of(session, edition))
    edition.state = state
    session.flush()


def files_of(session: Session, edition: Edition) -> Sequence[PlanFile]:
    """Return the files of an edition in the order in which they came."""
    return session.scalars(select(PlanFile).where(PlanFile.edition_id == edition.id).order_by(PlanFile.id)).all()


def hash_of(files: Sequence[PlanFile]) -> str:
    """Return the hash of an edition: over role, name and SHA-256 of each file."""
    lines = sorted(f"{file.role}\t{file.name}\t{file.sha256}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def submit(session: Session, document: Document, edition: Edition, signature: object, *, now: dt.datetime) -> None:
    """Record that a plan was handed in with this edition, which does not change any more."""
    freeze(session, edition, EditionState.SUBMITTED)
    document.state = DocumentState.SUBMITTED
    document.submitted_at = now
    document.submission_number = text(mapping(signature), "document_number") or document.submission_number
    session.flush()


def keep_unchanged(session: Session, document: Document, signature: object, *, now: dt.datetime) -> None:
    """Record that the plan in force stays as it is in this cycle."""
    document.state = DocumentState.UNCHANGED
    document.submitted_at = now
    document.submission_number = text(mapping(signature), "document_number") or None
    session.flush()


def announce(session: Session, document: Document, announcement: object) -> None:
    """Record where and when the approved plan was published."""
    values = mapping(announcement)
    document.state = DocumentState.ANNOUNCED
    document.announced_on = day(values, "date")
    document.url = text(values, "url") or None
    document.emenscr_code = text(values, "emenscr") or None
    session.flush()
