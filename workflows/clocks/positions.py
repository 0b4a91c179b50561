"""Who is told: the port through which the ladder asks for holders and superiors, and the organisation behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from workflows.errors import DomainError
from workflows.organization import directory, roles


class Holder(Protocol):
    """Somebody who may act in a position."""

    @property
    def person(self) -> str:
        """The person's id."""
        ...


class Positions(Protocol):
    """Knows who acts in a candidate group (`governor@TH-52`), and which group is above it."""

    def holders_of(self, session: Session, group: str, at: dt.datetime) -> Sequence[Holder]:
        """Return who may act in the group at a moment, acting orders followed; nobody in a group it does not know."""
        ...

    def superior_of(self, group: str) -> str | None:
        """Return the group above, None where there is none or the group is not known."""
        ...


class OrganizationPositions:
    """The positions of the organisation."""

    def holders_of(self, session: Session, group: str, at: dt.datetime) -> Sequence[Holder]:
        """Return who may act in the group at a moment."""
        return directory.holders_of(session, group, at)

    def superior_of(self, group: str) -> str | None:
        """Return the group above, None where there is none."""
        try:
            return roles.superior_of(group)
        except DomainError:  # a diagram may name a group that the table of roles does not have
            return None
