"""The one table of roles: code, names, level and superior; a candidate group is a role at a unit, `governor@TH-52`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflows.organization.errors import UnknownRole
from workflows.organization.geography import NATION, areas_of_code, cluster_of, province_of


class UnitKind(StrEnum):
    """What a unit is; a role belongs to units of one kind."""

    NATION = "nation"
    REGION = "region"
    CLUSTER = "cluster"
    PROVINCE = "province"
    AGENCY = "agency"  # an office of the state in a province, central or regional administration
    LOCAL = "local"  # a local government
    CIVIL = "civil"  # an organisation of civil society
    BUSINESS = "business"  # an organisation of private business


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the process.

    `title_th` and `title_en` name its holder, with `{unit}` for the unit. `superior` is the role that learns of it
    when this one is late. `sole` roles are held by one person at a time.
    """

    code: str
    level: UnitKind
    name_th: str
    name_en: str
    superior: str | None
    title_th: str = ""
    title_en: str = ""
    sole: bool = False


_TABLE: Final = (
    # the nation
    Role(
        "cabinet", UnitKind.NATION, "สำนักเลขาธิการคณะรัฐมนตรี", "Secretariat of the Cabinet", None,
    ),
    Role(
        "policy_committee", UnitKind.NATION, "ฝ่ายเลขานุการ ก.น.บ.",
        "Secretariat of the Policy Committee on Integrated Area-based Administration", None,
    ),
    Role(
        "nesdc", UnitKind.NATION, "สำนักงานสภาพัฒนาการเศรษฐกิจและสังคมแห่งชาติ (สศช.)",
        "National Economic and Social Development Council (NESDC)", "policy_committee",
    ),
    Role("central_team", UnitKind.NATION, "ทีมบูรณาการกลาง", "Central Integration Team", "nesdc"),
    Role("system_admin", UnitKind.NATION, "ผู้ดูแลระบบ", "System administrator", None),
    Role("auditor", UnitKind.NATION, "ผู้ตรวจสอบ", "Auditor", None),
    # the region
    Role(
        "regional_subcommittee", UnitKind.REGION, "ฝ่ายเลขานุการ อ.ก.น.บ. ภาค", "Regional sub-committee",
        "policy_committee", "ฝ่ายเลขานุการ อ.ก.น.บ. {unit}", "Regional sub-committee, {unit}",
    ),
    # the cluster
    Role(
        "cluster_head", UnitKind.CLUSTER, "หัวหน้ากลุ่มจังหวัด", "Head of the cluster", "nesdc",
        "หัวหน้า{unit}", "Head of {unit}", sole=True,
    ),
    Role(
        "cluster_committee", UnitKind.CLUSTER, "เลขานุการ ก.บ.ก.", "Cluster committee", "cluster_head",
        "เลขานุการ ก.บ.ก. {unit}", "Secretary of the committee of {unit}",
    ),
    Role(
        "cluster_office", UnitKind.CLUSTER, "กลุ่มงานบริหารยุทธศาสตร์กลุ่มจังหวัด (OSM)", "Cluster strategy office (OSM)",
        "cluster_head", "กลุ่มงานบริหารยุทธศาสตร์ {unit}", "Strategy office of {unit}",
    ),
    # the province
    Role(
        "governor", UnitKind.PROVINCE, "ผู้ว่าราชการจังหวัด", "Governor", "nesdc",
        "ผู้ว่าราชการ{unit}", "Governor of {unit}", sole=True,
    ),
    Role(
        "deputy_governor", UnitKind.PROVINCE, "รองผู้ว่าราชการจังหวัด", "Deputy governor", "governor",
        "รองผู้ว่าราชการ{unit}", "Deputy governor of {unit}",
    ),
    Role(
        "province_committee", UnitKind.PROVINCE, "เลขานุการ ก.บ.จ.", "Provincial committee", "governor",
        "เลขานุการ ก.บ.จ. {unit}", "Secretary of the committee of {unit}",
    ),
    Role(
        "province_office_head", UnitKind.PROVINCE, "หัวหน้าสำนักงานจังหวัด", "Head of the provincial office", "governor",
        "หัวหน้าสำนักงาน{unit}", "Head of the office of {unit}", sole=True,
    ),
    Role(
        "province_strategy", UnitKind.PROVINCE, "กลุ่มงานยุทธศาสตร์และข้อมูลเพื่อการพัฒนาจังหวัด", "Provincial strategy group",
        "province_office_head", "กลุ่มงานยุทธศาสตร์ฯ สำนักงาน{unit}", "Strategy group of {unit}",
    ),
    # in the province
    Role("agency", UnitKind.AGENCY, "หน่วยงานของรัฐในจังหวัด", "Agency in the province", "governor", "{unit}", "{unit}"),
    Role(
        "local_government", UnitKind.LOCAL, "องค์กรปกครองส่วนท้องถิ่น", "Local government", "governor", "{unit}", "{unit}"
    ),
    # Nobody commands those who are invited: who is late with an opinion is reminded, and that is all.
    Role("civil_society", UnitKind.CIVIL, "ภาคประชาสังคม", "Civil society", None, "{unit}", "{unit}"),
    Role("business", UnitKind.BUSINESS, "ภาคธุรกิจเอกชน", "Private business", None, "{unit}", "{unit}"),
)  # fmt: skip
ROLES: Final[Mapping[str, Role]] = {role.code: role for role in _TABLE}
ADMIN: Final = f"system_admin@{NATION}"
CYCLE_DESK: Final = f"nesdc@{NATION}"


def role_of(code: str) -> Role:
    """Return a role by its code.

    Raises:
        UnknownRole: There is none.
    """
    found = ROLES.get(code)
    if found is None:
        raise UnknownRole(f"Expected a role of the table of roles, but got {code!r}.", role=code)
    return found


def group(role: str, unit: str) -> str:
    """Return the candidate group of a role at a unit, which is the code of the position too."""
    return f"{role}@{unit}"


def split_group(code: str) -> tuple[str, str]:
    """Return role and unit of a candidate group; the unit is empty where the code names none."""
    role, _, unit = code.partition("@")
    return role, unit


def superior_of(code: str) -> str | None:
    """Return the group above a group: at the same unit, else at the province, cluster or nation it lies in.

    Raises:
        UnknownRole: The group's role is none of the table.
        UnknownUnit: The group's unit has no place in the country.
    """
    role, unit = split_group(code)
    superior = role_of(role).superior
    if superior is None:
        return None
    level = ROLES[superior].level
    if level is ROLES[role].level:
        return group(superior, unit)
    homes = {
        UnitKind.NATION: NATION,
        UnitKind.REGION: areas_of_code(unit)[1] if unit != NATION else None,
        UnitKind.CLUSTER: cluster_of(unit),
        UnitKind.PROVINCE: province_of(unit),
    }
    home = homes.get(level)
    return group(superior, home) if home is not None else None
