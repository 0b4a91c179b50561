"""The submission package: what belongs in it, what is there, and what is still missing, by name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.plans.documents import files_of
from workflows.plans.models import Document, Edition, PlanFile
from workflows.plans.states import FileRole

MEMBERS = {
    FileRole.PLAN: "เล่มแผน",
    FileRole.FORMS: "แบบฟอร์ม จ.1 และ จ.1-1",
    FileRole.MINUTES: "รายงานการประชุม",
    FileRole.SURVEY: "รายงานผลการสำรวจ",
}
ALSO_OF_THE_PLAN = frozenset({FileRole.MINUTES, FileRole.SURVEY})
"""Members that may hang on the plan as a whole instead of on one edition."""


@dataclass(frozen=True, slots=True)
class Package:
    """The files of a submission and the names of the members that are missing."""

    files: tuple[PlanFile, ...]
    missing: tuple[str, ...]
    has_plan: bool


def package_of(session: Session, document: Document, edition: Edition) -> Package:
    """Return the package of an edition; a partial one names what it lacks."""
    files = list(files_of(session, edition))
    files += session.scalars(
        select(PlanFile)
        .where(PlanFile.document_id == document.id, PlanFile.edition_id.is_(None), PlanFile.role.in_(ALSO_OF_THE_PLAN))
        .order_by(PlanFile.id)
    )
    roles = {file.role for file in files}
    missing = tuple(name for role, name in MEMBERS.items() if role not in roles)
    return Package(tuple(files), missing, FileRole.PLAN in roles)
