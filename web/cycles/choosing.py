"""Choosing the units of a cycle: single ones, or a whole cluster, region or the nation at once, also without script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from web.preferences import select_locale
from workflows.organization.grouping import grouping_at
from workflows.organization.models import Unit
from workflows.plans.visibility import NATION


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit that can be chosen."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """A cluster: its own plan, and its provinces."""

    code: str
    name: str
    provinces: tuple[Choice, ...]

    @property
    def codes(self) -> frozenset[str]:
        """Return all units of it."""
        return frozenset({self.code, *(province.code for province in self.provinces)})


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """A region with its clusters."""

    code: str
    name: str
    clusters: tuple[ClusterChoice, ...]

    @property
    def codes(self) -> frozenset[str]:
        """Return all units of it."""
        return frozenset().union(*(cluster.codes for cluster in self.clusters))


@dataclass(frozen=True, slots=True)
class Country:
    """Everything that can be chosen."""

    regions: tuple[RegionChoice, ...]

    @property
    def codes(self) -> frozenset[str]:
        """Return all units of it."""
        return frozenset().union(*(region.codes for region in self.regions))

    def chosen(self, units: Iterable[str], areas: Collection[str]) -> list[str]:
        """Return the chosen units, clusters before their provinces; what is no unit counts as not said."""
        wanted = set(units)
        if NATION in areas:
            wanted |= self.codes
        for region in self.regions:
            wanted |= region.codes if region.code in areas else set()
            for cluster in region.clusters:
                wanted |= cluster.codes if cluster.code in areas else set()
        return [code for code in self._in_order() if code in wanted]

    def _in_order(self) -> Iterable[str]:
        for region in self.regions:
            for cluster in region.clusters:
                yield cluster.code
                yield from (province.code for province in cluster.provinces)


def read_country(session: Session, at: dt.datetime) -> Country:
    """Return the country as it is grouped at a moment."""
    return Country(
        tuple(
            RegionChoice(
                region.unit.code,
                _name(region.unit),
                tuple(
                    ClusterChoice(
                        cluster.unit.code,
                        _name(cluster.unit),
                        tuple(Choice(province.code, _name(province)) for province in cluster.provinces),
                    )
                    for cluster in region.clusters
                ),
            )
            for region in grouping_at(session, at)
        )
    )


def _name(unit: Unit) -> str:
    return unit.name_th.removeprefix("จังหวัด") if select_locale() == "th" else unit.name_en
