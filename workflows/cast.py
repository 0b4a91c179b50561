"""The invented people of the demo and the replay: one for each role of cluster NU1 and of the national bodies.

Bodies and units are real, every person is invented and says so (สมมติ). Like real people they hold positions from–to:
the governor of Mae Hong Son retires in the middle of the replayed year and a deputy governor acts in the place, the
deputy governor of Lampang signs on behalf of the governor, some hold two positions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor
from workflows.organization.acting import KIND_NAMES, ActingKind, make_order
from workflows.organization.appointments import appoint, register_person
from workflows.organization.directory import holders_of
from workflows.organization.errors import UnknownPerson
from workflows.organization.geography import NATION, provinces
from workflows.organization.models import Person
from workflows.organization.roles import UnitKind, group
from workflows.organization.titles import position_titles
from workflows.organization.units import add_unit, seed_units

if TYPE_CHECKING:
    from engine import ProcessEngine

NU1: Final = "NU1"
PROVINCES: Final = ("TH-50", "TH-51", "TH-52", "TH-58")
LOCAL: Final = "local_government"
_BANGKOK: Final = dt.timezone(dt.timedelta(hours=7))
_SINCE: Final = dt.datetime(2024, 10, 1, tzinfo=_BANGKOK)
_RETIRED: Final = dt.datetime(2025, 10, 1, tzinfo=_BANGKOK)  # the end of a fiscal year
_SUCCEEDED: Final = dt.datetime(2025, 11, 17, tzinfo=_BANGKOK)
_BASINS: Final = {"TH-50": "ลุ่มน้ำปิง", "TH-51": "ลุ่มน้ำกวง", "TH-52": "ลุ่มน้ำวัง", "TH-58": "ลุ่มน้ำปาย"}


@dataclass(frozen=True, slots=True)
class Performer:
    """Somebody in an office: who acts for the engine, the name, and the capacity in words."""

    actor: Actor
    name: str
    capacity: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A person of the cast with the positions that they hold."""

    id: str
    name: str
    positions: tuple[str, ...]
    since: dt.datetime = _SINCE
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class _Order:
    person: str
    position: str
    kind: ActingKind
    number: str
    dated: dt.date
    since: dt.datetime
    until: dt.datetime | None = None


def agency_of(unit: str) -> str:
    """Return the agency of a province that owes its data, as an office."""
    return group("agency", f"{unit}-AGRI")


def office_holder(engine: ProcessEngine, office: str, when: dt.datetime) -> Performer:
    """Return who acts in an office (role@unit) at a moment: its holder, else whoever acts in the place.

    Raises:
        UnknownPerson: Nobody does.
    """
    with engine.reading() as read:
        holders = holders_of(read.session, office, when)
        if not holders:
            raise UnknownPerson(f"Expected somebody in {office} on {when.isoformat()}, but there is nobody.")
        title = position_titles(read.session, [office])[office]
    holder = holders[0]
    acting = f" ({KIND_NAMES[holder.kind]})" if holder.kind is not None else ""
    return Performer(holder.actor, holder.name, f"{title}{acting}")


def seed(session: Session, now: dt.datetime) -> None:
    """Write the units, people, appointments and acting orders of the cast; who is there already stays as they are."""
    seed_units(session)
    for unit in PROVINCES:
        _seed_partners(session, unit)
    known = set(session.scalars(select(Person.id).where(Person.id.in_(people()))))
    for part in _parts():
        if part.id not in known:
            register_person(session, f"{part.name} (สมมติ)", person_id=part.id)
            for position in part.positions:
                appoint(
                    session, part.id, position, start=_began(part.since, now), end=part.until, actor=SYSTEM, now=now
                )
    for order in _ORDERS:
        if order.person not in known:
            make_order(
                session, order.person, order.position, kind=order.kind, number=order.number, dated=order.dated,
                start=_began(order.since, now), end=order.until, actor=SYSTEM, now=now,
            )  # fmt: skip


def _began(since: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Let those who are there from the beginning be there even on a clock that stands before it."""
    return min(since, now) if since == _SINCE else since


def people() -> list[str]:
    """Return the ids of all people of the cast, in the order in which they are shown."""
    return [part.id for part in _parts()]


def _seed_partners(session: Session, unit: str) -> None:
    home = provinces()[unit]
    add_unit(
        session, f"{unit}-AGRI", kind=UnitKind.AGENCY, parent=unit, sector="regional", owes_data=True,
        name_th=f"สำนักงานเกษตรและสหกรณ์จังหวัด{home.name_th}",
        name_en=f"{home.name_en} Provincial Agriculture and Cooperatives Office",
    )  # fmt: skip
    add_unit(
        session, f"{unit}-PAO", kind=UnitKind.LOCAL, parent=unit, sector="local", owes_data=True,
        name_th=f"องค์การบริหารส่วนจังหวัด{home.name_th}",
        name_en=f"{home.name_en} Provincial Administrative Organization",
    )  # fmt: skip
    add_unit(
        session, f"{unit}-CHAMBER", kind=UnitKind.BUSINESS, parent=unit, sector="business",
        name_th=f"หอการค้าจังหวัด{home.name_th}", name_en=f"{home.name_en} Chamber of Commerce",
    )  # fmt: skip
    add_unit(
        session, f"{unit}-BASIN", kind=UnitKind.CIVIL, parent=unit, sector="civil",
        name_th=f"เครือข่าย{_BASINS[unit]} (สมมติ)", name_en=f"River basin network of {home.name_en} (invented)",
    )  # fmt: skip


def _parts() -> Iterator[_Part]:
    for unit, names in _IN_PROVINCES.items():
        yield from _province(unit, *names)
    yield _Part("demo-nu1-office", "นางสาวปวีณา ดวงดี", (group("cluster_office", NU1),))
    for role, name, unit in _NATIONAL:
        yield _Part(f"demo-{unit.lower()}-{role.replace('_', '-')}", name, (group(role, unit),))


def _province(unit: str, *names: str) -> Iterator[_Part]:
    governor, deputy, head, planner, agency, local, business, civil = names
    mark = f"demo-{unit.replace('-', '').lower()}"
    leads = provinces()[unit].leads
    yield _Part(f"{mark}-planner", planner, (group("province_strategy", unit),))
    yield _Part(f"{mark}-head", head, (group("province_office_head", unit), group("province_committee", unit)))
    first = (group("governor", unit), *([group("cluster_head", NU1)] if leads else []))
    second = (group("deputy_governor", unit), *([group("cluster_committee", NU1)] if leads else []))
    if unit == "TH-58":
        yield _Part(f"{mark}-governor-before", "นายประสิทธิ์ ธรรมวงศ์", first, until=_RETIRED)
        yield _Part(f"{mark}-governor", governor, first, since=_SUCCEEDED)
    else:
        yield _Part(f"{mark}-governor", governor, first)
    yield _Part(f"{mark}-deputy", deputy, second)
    yield _Part(f"{mark}-agency", agency, (agency_of(unit),))
    yield _Part(f"{mark}-local", local, (group(LOCAL, f"{unit}-PAO"),))
    yield _Part(f"{mark}-business", business, (group("business", f"{unit}-CHAMBER"),))
    yield _Part(f"{mark}-civil", civil, (group("civil_society", f"{unit}-BASIN"),))


# Governor, deputy, head of the office, planner, agency, local government, business, civil society.
_IN_PROVINCES: Final = {
    "TH-50": (
        "นายอนุชา วรรณสิริ", "นางพรทิพย์ เรืองเดช", "นายธีรพล จันทร์ทิพย์", "นางสาวกมลชนก ใจแก้ว",
        "นายสุรชัย ปัญญาดี", "นางรัตนา คำมูล", "นายวรเทพ ศรีวิไล", "นางบัวผัน ต๊ะวงศ์",
    ),
    "TH-51": (
        "นายกิตติพงษ์ เมธากุล", "นายนพดล สายใจ", "นางสาวศิริพร อินทะวงศ์", "นายภูวดล แก้วมา",
        "นางจิราภรณ์ ทองคำ", "นายบุญส่ง ลังกา", "นางสาวอรอนงค์ พิพัฒน์", "นายศรีทน มูลใจ",
    ),
    "TH-52": (
        "นายวิทยา สุวรรณรัตน์", "นายชัยณรงค์ เขื่อนแก้ว", "นางนงลักษณ์ วงค์คำ", "นางสาวพิมพ์ใจ แสงทอง",
        "นายสมเกียรติ ปินตา", "นางวันเพ็ญ จักรคำ", "นายพงศกร ตันติวงศ์", "นางแสงดา ใจมา",
    ),
    "TH-58": (
        "นางสุภาวดี ชัยประเสริฐ", "นายเอกชัย พนาสันต์", "นายณรงค์ฤทธิ์ ดอยคำ", "นางสาวชุติมา ปายสาร",
        "นายอาทิตย์ วนาลี", "นายจำรัส ขุนยวม", "นางกาญจนา รุ่งเรืองกิจ", "นายซอ พงษ์ไพร",
    ),
}  # fmt: skip
_NATIONAL: Final = (
    ("regional_subcommittee", "นางสาวธิดารัตน์ พูนทรัพย์", "NORTH"),
    ("nesdc", "นายปิยะ ศุภมิตร", NATION),
    ("central_team", "นางสาววรัญญา เลิศวิทย์", NATION),
    ("policy_committee", "นายพิสิฐ ธนากร", NATION),
    ("cabinet", "นางอัจฉรา วิมลพันธ์", NATION),
    ("system_admin", "นายก้องภพ ระบบดี", NATION),
    ("auditor", "นางสาวมาลินี ตรงธรรม", NATION),
)
_ORDERS: Final = (
    _Order(
        "demo-th52-deputy", group("governor", "TH-52"), ActingKind.ON_BEHALF, "ลป 0017/2145", dt.date(2024, 10, 1),
        _SINCE,
    ),
    _Order(
        "demo-th58-deputy", group("governor", "TH-58"), ActingKind.IN_PLACE, "มส 0017/2310", dt.date(2025, 9, 29),
        _RETIRED, _SUCCEEDED,
    ),
)  # fmt: skip
