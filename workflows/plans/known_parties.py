"""Whom a plan asks, as the organisation knows them: what lies in the province, or in the cluster's provinces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from workflows.organization.directory import holders_of_any
from workflows.organization.models import Unit
from workflows.organization.roles import ROLES, UnitKind, group
from workflows.organization.units import get_unit, members_at, units_below
from workflows.plans.parties import Party
from workflows.plans.states import Sector

_ROLE_OF: Final = {
    kind: next(role.code for role in ROLES.values() if role.level is kind)
    for kind in (UnitKind.AGENCY, UnitKind.LOCAL, UnitKind.CIVIL, UnitKind.BUSINESS)
}


class KnownParties:
    """The parties of a province or cluster (workflows.plans.parties.Parties)."""

    def owing_data(self, session: Session, unit: str, at: dt.datetime) -> Sequence[Party]:  # noqa: ARG002
        """Return the agencies and local governments that owe the plan of a province their data."""
        return [_party(below) for below in units_below(session, [unit]) if below.owes_data]

    def of_consultation(self, session: Session, unit: str, at: dt.datetime) -> Sequence[Party]:
        """Return all who must be invited: State Administration Act 2534, s. 53/1 for a province, 53/2 for a cluster.

        Who has nobody to answer here is invited by letter only: unit and role are empty.
        """
        home = get_unit(session, unit)
        provinces = members_at(session, unit, at) if home.kind == UnitKind.CLUSTER else [unit]
        parties = [_party(below) for below in units_below(session, provinces) if below.sector]
        inboxes = {group(party.role, party.unit) for party in parties}
        held = {holder.position for holder in holders_of_any(session, inboxes, at)}
        return [
            party if group(party.role, party.unit) in held else Party("", "", party.name, party.sector)
            for party in parties
        ]


def _party(unit: Unit) -> Party:
    return Party(unit.code, _ROLE_OF[UnitKind(unit.kind)], unit.name_th, Sector(unit.sector))
