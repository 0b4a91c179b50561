"""Whose plans the signed-in person sees in the present capacity: for all pages, lists and searches of plans."""

from __future__ import annotations

from flask_login import current_user

from engine import Withheld
from web.identity import SignedIn
from workflows.organization.geography import province_of
from workflows.organization.roles import ROLES, UnitKind
from workflows.plans.visibility import Sight, withheld_keys

GUESTS = frozenset({UnitKind.AGENCY, UnitKind.LOCAL, UnitKind.CIVIL, UnitKind.BUSINESS})
"""They owe a province data and opinions: they see its plan, and no other."""


def sight() -> Sight:
    """Return how far the signed-in person sees."""
    return sight_of(current_user)


def sight_of(user: SignedIn) -> Sight:
    """Return how far a person sees from the unit of the present capacity; without a capacity, nothing."""
    capacity = user.capacity
    role = ROLES.get(capacity.role) if capacity is not None else None
    if capacity is None or role is None:
        return Sight()
    if role.level in GUESTS:
        return Sight(province_of(capacity.unit) or "", upward=False)
    return Sight(capacity.unit)


def withheld_from(user: SignedIn) -> Withheld | None:
    """Return the business keys whose work is kept from a person, also where they once had a part in it."""
    return withheld_keys(sight_of(user))
