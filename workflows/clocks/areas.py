"""The areas that a unit lies in, for the calendar: the nation's holidays count where a unit is not known."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.organization.errors import UnknownUnit
from workflows.organization.geography import NATION, areas_of_code


def areas_of_unit(_session: Session, unit: str) -> tuple[str, ...]:
    """Return the areas that a unit lies in, the largest first; only the nation for a unit without a place."""
    try:
        return areas_of_code(unit)
    except UnknownUnit:
        return (NATION,)
