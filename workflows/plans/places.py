"""For which cycle and plan a process instance works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, literal, literal_column, null, select, union_all
from sqlalchemy.orm import Session

from engine import Prepared
from workflows.plans.models import Consultation, Cycle, Document

_D: Final = Document.__table__.c
_C: Final = Consultation.__table__.c
_Y: Final = Cycle.__table__.c

_KEY: Final[BindParameter[Any]] = bindparam("key")
_INSTANCE: Final[BindParameter[Any]] = bindparam("instance")
_OF_CONSULTATION: Final = select(_C.document_id).where(_C.process_instance_id == _INSTANCE)
# One statement for every task that opens: by the plan's key, its process, its consultation's, the cycle's key.
_PLACE: Final = Prepared(
    union_all(
        select(
            literal(1).label("rank"), _D.cycle_id.label("cycle_id"), _D.id.label("document_id"), _D.unit.label("unit")
        ).where(_D.plan_key == _KEY),
        select(literal(2), _D.cycle_id, _D.id, _D.unit).where(_D.process_instance_id == _INSTANCE),
        select(literal(3), _D.cycle_id, _D.id, _D.unit).where(_D.id.in_(_OF_CONSULTATION)),
        select(literal(4), _Y.id, null(), literal("")).where(_Y.code == _KEY),
    ).order_by(literal_column("rank"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """A cycle, and the plan in it; without one the whole cycle."""

    cycle_id: int
    document_id: int | None
    unit: str


def place_of(session: Session, instance_id: str, business_key: str | None) -> Place | None:
    """Return the cycle and plan that a process instance works for, None for processes of other kinds."""
    session.flush()  # a plan may have been opened in this very transaction
    asked = {"key": business_key, "instance": int(instance_id)}
    found = _PLACE.row(session.connection(), asked)
    return Place(found["cycle_id"], found["document_id"], found["unit"]) if found is not None else None
