"""Units: the country as shipped, agencies and partners of a province, who belongs to which cluster when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine import Prepared
from workflows.organization import geography
from workflows.organization.errors import PeriodRefused, UnknownUnit
from workflows.organization.models import ClusterMembership, Position, Unit, covers
from workflows.organization.roles import ROLES, UnitKind, group

# In force since the announcement; nothing earlier is known to this product.
GROUPED_AT: Final = dt.datetime(2017, 11, 16, tzinfo=dt.timezone(dt.timedelta(hours=7)))
GROUPED_BY: Final = "ประกาศ ก.น.จ. (ฉบับที่ 3) ลงวันที่ 16 พฤศจิกายน 2560"
_NAMED: Final = "workflows.organization.unit_names"
_FEW: Final = 3  # asked one by one, in a statement that is made once

_U: Final = Unit.__table__.c
_ALL_NAMES: Final = select(_U.code, _U.name_th, _U.name_en)
_NAMES: Final = Prepared(_ALL_NAMES.where(_U.code == bindparam("unit")))


class UnitNames(NamedTuple):
    """A unit as it is written alone."""

    name_th: str
    name_en: str


def seed_units(session: Session) -> None:
    """Write the nation, regions, clusters and provinces with their positions; what is there already stays as it is."""
    known = set(session.scalars(select(Unit.code)))
    units = [unit for unit in _country() if unit.code not in known]
    session.add_all(units)
    session.flush()
    session.info.pop(_NAMED, None)
    _seed_positions(session)
    grouped = set(session.scalars(select(ClusterMembership.province)))
    session.add_all(
        ClusterMembership(
            province=province.code, cluster=province.cluster, leads=province.leads, valid_from=GROUPED_AT,
            source=GROUPED_BY,
        )
        for province in geography.provinces().values()
        if province.code not in grouped
    )  # fmt: skip
    session.flush()


def add_unit(
    session: Session,
    code: str,
    *,
    kind: UnitKind,
    name_th: str,
    name_en: str,
    parent: str,
    sector: str = "",
    owes_data: bool = False,
) -> Unit:
    """Write a unit in a province, with the positions of its kind; one that is there already is returned.

    Raises:
        UnknownUnit: There is no such province, or the code does not begin with its code (`TH-52-PAO`).
    """
    get_unit(session, parent)
    if not code.startswith(f"{parent}-") or geography.province_of(code) != parent:
        raise UnknownUnit(f"Expected a code that begins with that of a province, but got {code!r} in {parent!r}.")
    found = session.get(Unit, code)
    if found is None:
        found = Unit(
            code=code, kind=kind, name_th=name_th, name_en=name_en, parent=parent, sector=sector, owes_data=owes_data
        )
        session.add(found)
        session.flush()
        session.add_all(_positions(found))
        session.flush()
        session.info.pop(_NAMED, None)
    return found


def get_unit(session: Session, code: str) -> Unit:
    """Return a unit.

    Raises:
        UnknownUnit: There is none.
    """
    found = session.get(Unit, code)
    if found is None:
        raise UnknownUnit(f"Expected the code of a unit, but got {code!r}.", unit=code)
    return found


def unit_names(session: Session, codes: Collection[str]) -> Mapping[str, UnitNames]:
    """Return how units are written; unknown ones are missing. A session asks for each only once."""
    known: dict[str, UnitNames | None] = session.info.setdefault(_NAMED, {})
    missing = set(codes) - known.keys()
    if missing:
        session.flush()
        known.update(dict.fromkeys(missing))
        known.update(_read_names(session, missing))
    return {code: names for code in codes if (names := known[code]) is not None}


def _read_names(session: Session, codes: Collection[str]) -> dict[str, UnitNames]:
    if len(codes) > _FEW:
        rows = session.connection().execute(_ALL_NAMES.where(_U.code.in_(codes))).mappings()
        return {row["code"]: UnitNames(row["name_th"], row["name_en"]) for row in rows}
    found = (_NAMES.row(session.connection(), {"unit": code}) for code in codes)
    return {row["code"]: UnitNames(row["name_th"], row["name_en"]) for row in found if row is not None}


def units_of_kind(session: Session, kind: UnitKind) -> Sequence[Unit]:
    """Return the units of a kind by code: 76 provinces, 18 clusters, 6 regions."""
    return session.scalars(select(Unit).where(Unit.kind == kind).order_by(Unit.code)).all()


def units_below(session: Session, parents: Collection[str]) -> Sequence[Unit]:
    """Return the agencies, local governments and partners of provinces, by code."""
    return session.scalars(select(Unit).where(Unit.parent.in_(set(parents))).order_by(Unit.code)).all()


def cluster_at(session: Session, province: str, at: dt.datetime) -> str | None:
    """Return the cluster that a province belonged to at a moment, None where it was in none."""
    return session.scalar(
        select(ClusterMembership.cluster).where(ClusterMembership.province == province, covers(ClusterMembership, at))
    )


def members_at(session: Session, cluster: str, at: dt.datetime) -> list[str]:
    """Return the provinces of a cluster at a moment, the leading one first."""
    return list(
        session.scalars(
            select(ClusterMembership.province)
            .where(ClusterMembership.cluster == cluster, covers(ClusterMembership, at))
            .order_by(ClusterMembership.leads.desc(), ClusterMembership.province)
        )
    )


def move_province(
    session: Session, province: str, cluster: str, *, at: dt.datetime, source: str, leads: bool = False
) -> ClusterMembership:
    """Let a province belong to another cluster from a moment on; the earlier membership is kept with its end.

    Raises:
        UnknownUnit: There is no such province or cluster.
        PeriodRefused: The present membership began later, or no source is named.
    """
    get_unit(session, province)
    get_unit(session, cluster)
    if not source.strip():
        raise PeriodRefused("Expected the announcement or resolution that moves the province, but none is named.")
    latest = session.scalar(
        select(ClusterMembership)
        .where(ClusterMembership.province == province)
        .order_by(ClusterMembership.valid_from.desc())
        .limit(1)
    )
    if latest is not None and latest.valid_from >= at:
        raise PeriodRefused(
            f"Expected a moment after {latest.valid_from.isoformat()}, but got {at.isoformat()}.", province=province
        )
    session.execute(
        update(ClusterMembership)
        .where(ClusterMembership.province == province, covers(ClusterMembership, at))
        .values(valid_to=at)
    )
    moved = ClusterMembership(province=province, cluster=cluster, leads=leads, valid_from=at, source=source.strip())
    session.add(moved)
    session.flush()
    return moved


def _country() -> list[Unit]:
    def unit(code: str, kind: UnitKind, name_th: str, name_en: str, parent: str | None) -> Unit:
        return Unit(code=code, kind=kind, name_th=name_th, name_en=name_en, parent=parent, sector="", owes_data=False)

    nation = geography.NATION
    return [
        unit(nation, UnitKind.NATION, "ประเทศไทย", "Thailand", None),
        *(unit(a.code, UnitKind.REGION, a.name_th, a.name_en, nation) for a in geography.regions().values()),
        *(unit(a.code, UnitKind.CLUSTER, a.name_th, a.name_en, a.region) for a in geography.clusters().values()),
        *(
            unit(p.code, UnitKind.PROVINCE, f"จังหวัด{p.name_th}", p.name_en, p.region)
            for p in geography.provinces().values()
        ),
    ]


def _seed_positions(session: Session) -> None:
    known = set(session.scalars(select(Position.code)))
    units = session.scalars(select(Unit)).all()
    session.add_all(position for unit in units for position in _positions(unit) if position.code not in known)
    session.flush()


def _positions(unit: Unit) -> list[Position]:
    return [
        Position(code=group(role.code, unit.code), role=role.code, unit=unit.code)
        for role in ROLES.values()
        if role.level == unit.kind
    ]
