"""The grouping of the 76 provinces into 18 clusters and 6 regions, read from the shipped table; pure, no database.

Source: announcement of ก.น.จ. No. 3 of 16 November 2560, kept by the grouping that cabinet agreed on 19 March 2567
(Royal Decree on Integrated Area-based Administration 2565, sections 33 and 36). Bangkok is no province here. The
cluster codes are this product's own: no official short ones exist. Which province was in which cluster when is dated
in the database (`ClusterMembership`); this is what a new database starts with.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from workflows.organization.errors import UnknownUnit

NATION: Final = "TH"


@dataclass(frozen=True, slots=True)
class Province:
    """One line of the table."""

    code: str  # ISO 3166-2
    name_th: str
    name_en: str
    cluster: str
    region: str
    leads: bool  # its governor heads the cluster


@dataclass(frozen=True, slots=True)
class Area:
    """A region or cluster."""

    code: str
    name_th: str
    name_en: str
    region: str  # a region's own code


@cache
def provinces() -> dict[str, Province]:
    """Return the provinces by code."""
    return {
        row["iso_code"]: Province(
            code=row["iso_code"],
            name_th=row["province_th"],
            name_en=row["province_en"],
            cluster=row["cluster_code"],
            region=_region_code(row["region_en"]),
            leads=row["is_lead"] == "true",
        )
        for row in _rows()
    }


@cache
def clusters() -> dict[str, Area]:
    """Return the clusters by code."""
    return {
        row["cluster_code"]: Area(
            row["cluster_code"], row["cluster_th"], row["cluster_en"], _region_code(row["region_en"])
        )
        for row in _rows()
    }


@cache
def regions() -> dict[str, Area]:
    """Return the regions by code: NORTH, NORTHEAST, CENTRAL, EAST, SOUTH, SOUTHERN_BORDER."""
    codes = {_region_code(row["region_en"]): row for row in _rows()}
    return {code: Area(code, row["region_th"], row["region_en"], code) for code, row in codes.items()}


def areas_of_code(code: str) -> tuple[str, ...]:
    """Return the areas that a unit lies in, the largest first: `TH-50` → `("TH", "NORTH", "TH-50")`.

    A cluster lies in its region, an agency or local government (`TH-52-PAO`) in its province.

    Raises:
        UnknownUnit: No area has this code.
    """
    if code == NATION:
        return (NATION,)
    if code in regions():
        return (NATION, code)
    if code in clusters():
        return (NATION, clusters()[code].region, code)
    province = province_of(code)
    if province is None:
        raise UnknownUnit(f"Expected the code of a province, cluster or region, but got {code!r}.", unit=code)
    home = (NATION, provinces()[province].region, province)
    return home if code == province else (*home, code)


def areas_or_nation(code: str) -> tuple[str, ...]:
    """Return the areas that a unit lies in, for what is no unit the nation: to count days, never for rights."""
    try:
        return areas_of_code(code)
    except UnknownUnit:
        return (NATION,)


def province_of(code: str) -> str | None:
    """Return the province that a province, agency or local government lies in, None for larger areas."""
    parts = code.split("-", 2)
    province = "-".join(parts[:2])
    return province if province in provinces() else None


def cluster_of(code: str) -> str | None:
    """Return the cluster of a province (or of what lies in one) as the shipped table groups it."""
    if code in clusters():
        return code
    province = province_of(code)
    return provinces()[province].cluster if province is not None else None


def lead_of(cluster: str) -> str:
    """Return the province whose governor heads a cluster.

    Raises:
        UnknownUnit: There is no such cluster.
    """
    for province in provinces().values():
        if province.cluster == cluster and province.leads:
            return province.code
    raise UnknownUnit(f"Expected the code of a cluster, but got {cluster!r}.", unit=cluster)


def _region_code(name: str) -> str:
    return name.upper().replace(" ", "_")


def _rows() -> list[dict[str, str]]:
    text = files("workflows.organization").joinpath("provinces.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
