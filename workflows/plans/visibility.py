"""Whose plans one may see, and who runs cycles: the one rule for every page, list and search."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Select, Text, bindparam, case, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from engine import Withheld
from workflows.plans.models import Cycle, CycleUnit, Document
from workflows.plans.states import Level

NATION = "TH"
CYCLE_DESK = "nesdc@TH"
"""The candidate group that opens cycles and re-issues their dates: the secretariat of the national committee."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How far one sees from a unit: the nation everything, a region or cluster what is in it, a province itself.

    A province also sees the plan of its cluster, to which it contributes, but never that of a neighbour. An agency or
    local government sees its province (`upward` is false).
    """

    home: str = ""  # code of the unit; empty sees nothing
    upward: bool = True

    @property
    def is_national(self) -> bool:
        """Tell whether nothing is hidden."""
        return self.home == NATION

    def of_units(self) -> ColumnElement[bool]:
        """Return the condition on `CycleUnit` rows; who belonged to whom is said by each cycle itself."""
        if self.is_national:
            return true()
        return _sees(self.home, upward=self.upward) if self.home else false()


def sees_plan(session: Session, sight: Sight, cycle_id: int, unit: str) -> bool:
    """Tell whether the plan of a unit in a cycle may be seen."""
    wanted = select(CycleUnit.unit).where(CycleUnit.cycle_id == cycle_id, CycleUnit.unit == unit, sight.of_units())
    return session.scalar(wanted) is not None


def seen_plans(session: Session, sight: Sight, plan_keys: Collection[str]) -> set[str]:
    """Return those of the plans that may be seen."""
    wanted = (
        select(Document.plan_key)
        .join(CycleUnit, (CycleUnit.cycle_id == Document.cycle_id) & (CycleUnit.unit == Document.unit))
        .where(Document.plan_key.in_(plan_keys), sight.of_units())
    )
    return set(session.scalars(wanted))


def withheld_keys(sight: Sight) -> Withheld | None:
    """Return which business keys are kept from somebody: plans that they do not see, and what is the nation's.

    The steps of a cycle itself are about the plans of all. None keeps nothing back; keys of other work are not named.
    """
    return None if sight.is_national else Withheld(_withheld(upward=sight.upward), {"home": sight.home})


@cache
def _withheld(*, upward: bool) -> Select[tuple[str]]:
    sees = _sees(bindparam("home", type_=Text()), upward=upward)
    unseen = (
        select(Document.plan_key)
        .join(CycleUnit, (CycleUnit.cycle_id == Document.cycle_id) & (CycleUnit.unit == Document.unit))
        .where(case((sees, 1), else_=0) == 0)  # a unit without a cluster is not seen either, which NOT would not say
    )
    return select(unseen.union_all(select(Cycle.code)).subquery().c.plan_key)


def _sees(home: str | BindParameter[str], *, upward: bool) -> ColumnElement[bool]:
    inside = or_(CycleUnit.unit == home, CycleUnit.cluster == home, CycleUnit.region == home)
    if not upward:
        return inside
    own = aliased(CycleUnit)
    above = select(own.cluster).where(own.cycle_id == CycleUnit.cycle_id, own.unit == home, own.level == Level.PROVINCE)
    return or_(inside, CycleUnit.unit.in_(above))


def runs_cycles(groups: Collection[str]) -> bool:
    """Tell whether somebody in these groups may open cycles and re-issue their dates."""
    return CYCLE_DESK in groups
