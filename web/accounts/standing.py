"""What somebody might act in, as one short stamp: a session ends when it changes, and the role may ask for more."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from web.config import Settings
from web.identity import Capacity

EVERYBODY: Final = "*"


def stamp_of(capacities: Sequence[Capacity], settings: Settings) -> str:
    """Return a hash of all capacities and of whether they ask for a second factor.

    The session keeps the one of its beginning. An appointment or acting order that begins, ends or is withdrawn makes
    another one, whatever wrote it and in whatever process; so does a changed setting.
    """
    facts = sorted(capacity.id for capacity in capacities)
    facts.append("second factor" if needs_second_factor(capacities, settings) else "")
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def needs_second_factor(capacities: Sequence[Capacity], settings: Settings) -> bool:
    """Tell whether one of these capacities is of a role or group that must have a second factor."""
    named = settings.second_factor_roles
    if EVERYBODY in named:
        return True
    return any(capacity.role in named or not named.isdisjoint(capacity.groups) for capacity in capacities)
