"""The invented people of the country of the measurements: 2,109 holders of real positions in 76 provinces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, insert

from engine import SYSTEM
from web.accounts.models import Account
from web.accounts.passwords import hash_password
from workflows.organization.geography import NATION, Province, clusters, provinces, regions
from workflows.organization.models import Holding, Person, Position, Unit
from workflows.organization.roles import UnitKind, group

PASSWORD: Final = "วัดความเร็ว ทั้งประเทศ"  # noqa: S105 - see below
"""Of every account: the databases of the measurements are thrown away."""

PARTNERS: Final = (  # of each province: mark, role, kind, sector, owes data, name
    ("A1", "agency", UnitKind.AGENCY, "regional", True, "สำนักงานเกษตรและสหกรณ์จังหวัด{name}"),
    ("A2", "agency", UnitKind.AGENCY, "regional", True, "สำนักงานโยธาธิการและผังเมืองจังหวัด{name}"),
    ("A3", "agency", UnitKind.AGENCY, "regional", True, "สำนักงานสาธารณสุขจังหวัด{name}"),
    ("A4", "agency", UnitKind.AGENCY, "regional", True, "สำนักงานศึกษาธิการจังหวัด{name}"),
    ("A5", "agency", UnitKind.AGENCY, "regional", True, "สำนักงานทรัพยากรธรรมชาติและสิ่งแวดล้อมจังหวัด{name}"),
    ("A6", "agency", UnitKind.AGENCY, "regional", True, "สำนักงานการท่องเที่ยวและกีฬาจังหวัด{name}"),
    ("A7", "agency", UnitKind.AGENCY, "central", True, "สำนักงานสถิติจังหวัด{name}"),
    ("A8", "agency", UnitKind.AGENCY, "central", True, "โครงการชลประทาน{name}"),
    ("L1", "local_government", UnitKind.LOCAL, "local", True, "องค์การบริหารส่วนจังหวัด{name}"),
    ("L2", "local_government", UnitKind.LOCAL, "local", True, "เทศบาลเมือง{name}"),
    ("B1", "business", UnitKind.BUSINESS, "business", False, "หอการค้าจังหวัด{name}"),
    ("C1", "civil_society", UnitKind.CIVIL, "civil", False, "เครือข่ายภาคประชาสังคมจังหวัด{name} (สมมติ)"),
)
_NATION: Final = {"nesdc": 30, "central_team": 20, "policy_committee": 8, "cabinet": 4, "system_admin": 3}
_CLUSTER: Final = {"cluster_head": 1, "cluster_committee": 2, "cluster_office": 4}
_PROVINCE: Final = {
    "governor": 1,
    "deputy_governor": 3,
    "province_committee": 2,
    "province_office_head": 1,
    "province_strategy": 6,
}
_FIRST: Final = ("สมชาย", "พรทิพย์", "ธีรพล", "กมลชนก", "สุรชัย", "รัตนา", "วรเทพ", "บัวผัน", "อนุชา", "ศิริพร", "ภูวดล")
_LAST: Final = ("ใจดี", "แสงทอง", "คำปัน", "วงศ์เรือน", "จันทร์ทิพย์", "ปัญญาดี", "ศรีวิไล", "มูลใจ", "ทองคำ", "เรืองเดช")


def populate(connection: Connection, now: dt.datetime) -> Mapping[str, list[str]]:
    """Write partners of provinces, people in their positions and accounts; returns person ids by position."""
    _write_partners(connection)
    chairs: dict[str, list[str]] = {}
    people, holdings, accounts = [], [], []
    secret = hash_password(PASSWORD)  # once: a hash is meant to be slow
    since = now - dt.timedelta(days=3650)
    for number, position in enumerate(_positions()):
        person = f"p{number:04}"
        chairs.setdefault(position, []).append(person)
        name = f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST) % len(_LAST)]} ({number}, สมมติ)"
        people.append({"id": person, "name": name})
        holdings.append(
            {
                "person_id": person,
                "position": position,
                "valid_from": since,
                "recorded_at": since,
                "recorded_by": SYSTEM.id,
                "end_reason": "",
            }
        )
        accounts.append({"person_id": person, "login": person, "password_hash": secret, "created_at": since})
    connection.execute(insert(Person), people)
    connection.execute(insert(Holding), holdings)
    connection.execute(insert(Account), accounts)
    return chairs


def _write_partners(connection: Connection) -> None:
    units, positions = [], []
    for province in provinces().values():
        for mark, role, kind, sector, owes, name in PARTNERS:
            code = f"{province.code}-{mark}"
            units.append(
                {
                    "code": code,
                    "kind": str(kind),
                    "name_th": name.format(name=province.name_th),
                    "name_en": f"{mark} of {province.name_en}",
                    "parent": province.code,
                    "sector": sector,
                    "owes_data": owes,
                }
            )
            positions.append({"code": group(role, code), "role": role, "unit": code})
    connection.execute(insert(Unit), units)
    connection.execute(insert(Position), positions)


def _positions() -> Iterator[str]:
    """Yield every chair: a position as often as people hold it."""
    for role, chairs in _NATION.items():
        yield from [group(role, NATION)] * chairs
    for region in regions():
        yield from [group("regional_subcommittee", region)] * 3
    for cluster in clusters():
        for role, chairs in _CLUSTER.items():
            yield from [group(role, cluster)] * chairs
    for province in provinces().values():
        yield from _positions_of(province)


def _positions_of(province: Province) -> Iterator[str]:
    for role, chairs in _PROVINCE.items():
        yield from [group(role, province.code)] * chairs
    for mark, role, *_ in PARTNERS:
        yield group(role, f"{province.code}-{mark}")
