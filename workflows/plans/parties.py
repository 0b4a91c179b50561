"""Whom a plan asks: the port by which the room of plans learns of agencies, local governments and partners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from workflows.plans.states import Sector


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with an inbox who is asked for data or invited to a consultation."""

    unit: str
    role: str
    name: str
    sector: Sector

    def row(self) -> dict[str, str]:
        """Return it as a context for the process."""
        return {"unit": self.unit, "role": self.role, "name": self.name, "sector": self.sector}


class Parties(Protocol):
    """Knows the parties of a province or cluster at a moment."""

    def owing_data(self, session: Session, unit: str, at: dt.datetime) -> Sequence[Party]:
        """Return the agencies and local governments that send data to the plan of a province."""
        ...

    def of_consultation(self, session: Session, unit: str, at: dt.datetime) -> Sequence[Party]:
        """Return all who must be invited to the consultative meeting of a province or cluster."""
        ...
