"""The country as a tree at a moment: regions, their clusters, the provinces of each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.organization.models import ClusterMembership, Unit, covers
from workflows.organization.roles import UnitKind
from workflows.organization.units import units_of_kind


@dataclass(frozen=True, slots=True)
class GroupedCluster:
    """A cluster with its provinces, the leading one first."""

    unit: Unit
    provinces: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class GroupedRegion:
    """A region with its clusters."""

    unit: Unit
    clusters: tuple[GroupedCluster, ...]


def grouping_at(session: Session, at: dt.datetime) -> list[GroupedRegion]:
    """Return all regions with their clusters and provinces as they were grouped at a moment; four questions."""
    provinces = {unit.code: unit for unit in units_of_kind(session, UnitKind.PROVINCE)}
    members: dict[str, list[Unit]] = {}
    grouped = (
        select(ClusterMembership.cluster, ClusterMembership.province)
        .where(covers(ClusterMembership, at))
        .order_by(ClusterMembership.leads.desc(), ClusterMembership.province)
    )
    for cluster, province in session.execute(grouped):
        members.setdefault(cluster, []).append(provinces[province])
    clusters = [
        GroupedCluster(unit, tuple(members[unit.code]))
        for unit in units_of_kind(session, UnitKind.CLUSTER)
        if unit.code in members
    ]
    return [
        GroupedRegion(region, inside)
        for region in units_of_kind(session, UnitKind.REGION)
        if (inside := tuple(cluster for cluster in clusters if cluster.unit.parent == region.code))
    ]
