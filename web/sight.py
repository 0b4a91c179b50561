"""Whose plans the signed-in person sees in the present capacity: for all pages, lists and searches of plans."""

from __future__ import annotations

from flask_login import current_user

from web.composition import Reading, directory
from web.identity import SignedIn
from workflows.plans.visibility import Sight

GUESTS = frozenset({"agency", "local_government"})
"""Roles that owe a province data and opinions: they see its plan, and no other."""


def sight(read: Reading) -> Sight:
    """Return how far the signed-in person sees."""
    return sight_of(read, current_user)


def sight_of(read: Reading, user: SignedIn) -> Sight:
    """Return how far a person sees from the unit of the present capacity; without a capacity, nothing."""
    capacity = user.capacity
    if capacity is None:
        return Sight()
    if capacity.role in GUESTS:
        return Sight(directory().home_of(read.session, capacity.unit, read.now), upward=False)
    return Sight(capacity.unit)
