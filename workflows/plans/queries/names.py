"""Names for what business keys stand for, and the records that form fields choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.plans.documents import find_document
from workflows.plans.models import Cycle, CycleUnit, Document, Edition, PlanFile
from workflows.plans.states import EditionState, Level

_STATE_NAMES = {
    EditionState.DRAFT: "ร่าง",
    EditionState.SUBMITTED: "ส่งแล้ว",
    EditionState.DECIDED: "มีมติแล้ว",
}


@dataclass(frozen=True, slots=True)
class SubjectName:
    """What a business key stands for; `plan_key` is empty for a cycle."""

    title: str
    unit: str
    cycle: str
    plan_key: str


def subjects(session: Session, keys: Sequence[str]) -> dict[str, SubjectName]:
    """Return the names of plans and cycles by business key; unknown keys are missing."""
    if not keys:
        return {}
    found: dict[str, SubjectName] = {}
    plans = (
        select(Document, Cycle.code, CycleUnit.name)
        .join(Cycle, Cycle.id == Document.cycle_id)
        .join(CycleUnit, (CycleUnit.cycle_id == Document.cycle_id) & (CycleUnit.unit == Document.unit))
        .where(Document.plan_key.in_(keys))
    )
    for document, code, name in session.execute(plans):
        unit = f"จังหวัด{name}" if document.level == Level.PROVINCE else name
        found[document.plan_key] = SubjectName(document.title, unit, code, document.plan_key)
    for cycle in session.scalars(select(Cycle).where(Cycle.code.in_(keys))):
        found[cycle.code] = SubjectName(cycle.name, "ประเทศไทย", cycle.code, "")
    return found


def edition_choices(session: Session, plan_key: str) -> list[tuple[int, str]]:
    """Return the editions of a plan that have files: number and words, newest first."""
    document = find_document(session, plan_key)
    if document is None:
        return []
    found = session.scalars(
        select(Edition)
        .where(Edition.document_id == document.id)
        .where(select(PlanFile.id).where(PlanFile.edition_id == Edition.id).exists())
        .order_by(Edition.number.desc())
    )
    return [
        (edition.number, f"ฉบับที่ {edition.number} · {_STATE_NAMES[EditionState(edition.state)]} · {edition.hash[:12]}")
        for edition in found
    ]


def file_choices(session: Session, plan_key: str) -> list[tuple[int, str]]:
    """Return the files of a plan: id and name, newest first."""
    document = find_document(session, plan_key)
    if document is None:
        return []
    found = session.scalars(select(PlanFile).where(PlanFile.document_id == document.id).order_by(PlanFile.id.desc()))
    return [(file.id, file.name) for file in found]
