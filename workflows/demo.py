"""Demo data: a cycle of NU1 in mid-air, made by the same services as real work, on a clock that runs up to now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from workflows import install
from workflows.calendar import BANGKOK
from workflows.cast import LOCAL, NU1, PROVINCES, agency_of, office_holder, seed
from workflows.errors import DomainError
from workflows.files.store import FileStore
from workflows.plans import commands
from workflows.plans.cycles import NewCycle, UnitOfCycle
from workflows.plans.models import Setting
from workflows.plans.states import CycleKind
from workflows.plans.steps import CALENDAR
from workflows.replay import fy2570
from workflows.replay.clock import ScriptClock
from workflows.replay.fresh import holds_work
from workflows.replay.player import Player
from workflows.replay.scenes import PACKAGE, meeting
from workflows.replay.script import Scene, at

if TYPE_CHECKING:
    from engine import ProcessEngine

MARK = "demo"
_LOADING = "loading"
FISCAL_YEAR = 2571
CYCLE = f"FY{FISCAL_YEAR}-NEW"
_OPENED = 70  # days ago
_DUE = {
    "review_decision": -45,
    "work_plan": -45,
    "data_returns": -31,
    "analysis": -25,
    "survey": -21,
    "cluster_inputs": -18,
    "draft": -1,
    "cluster_draft": 2,
    "consultation": 9,
    "committee": 16,
    "submission": 23,
    "central_screening": 50,
    "regional_review": 85,
    "policy_committee": 120,
    "cabinet": 160,
    "notification": 170,
    "announcement": 200,
}

Progress = Callable[[int, int], None]
"""Told how many scenes of how many were played."""


class DemoRefused(DomainError):
    """Expected an empty database or one that the demo made, but this one holds real work."""

    code = "demo_refused"


def is_demo(engine: ProcessEngine) -> bool:
    """Tell whether the demo made this database."""
    with engine.reading() as read:
        return read.session.get(Setting, MARK) is not None


def load(database_url: str, *, now: dt.datetime, store: FileStore, progress: Progress | None = None) -> bool:
    """Fill an empty database with the demo; tells whether it had to.

    Raises:
        DemoRefused: The database holds work that the demo did not make, or only a part of what it makes.
    """
    today = now.astimezone(BANGKOK).date()
    opened = at(_workday(today, -_OPENED).isoformat(), "09:00")
    history = fy2570.script()
    has_history = history[-1].at < opened
    clock = ScriptClock(fy2570.OPENED if has_history else opened)
    engine = install.open_engine(database_url, clock=clock, migrate=True)
    try:
        if is_demo(engine):
            _check_whole(engine)
            return False
        if holds_work(engine):
            raise DemoRefused
        install.deploy_definitions(engine)
        with engine.unit_of_work() as uow:
            uow.session.add(Setting(name=MARK, value=_LOADING))
            seed(uow.session, uow.now)
            units = install.units_for_cycle(uow.session, [*PROVINCES, NU1], uow.now)
        player = Player(engine, clock=clock, cast=lambda office, when: office_holder(engine, office, when), store=store)
        scenes = [scene for scene in _scenes(today) if scene.at <= now]
        total = len(scenes) + (len(history) if has_history else 0)
        done = 0
        if has_history:  # last year's cycle: plans in force, and a remark that this year's edition must answer
            fy2570.open_cycle(engine, units)
            for _lines in player.play(history):
                done += 1
                _tell(progress, done, total)
        player.pass_time(opened)
        _open_cycle(engine, units, opened)
        for _lines in player.play(scenes):
            done += 1
            _tell(progress, done, total)
        player.pass_time(now)
        with engine.unit_of_work() as uow:
            _mark(uow.session).value = now.isoformat()
    finally:
        engine.close()
    return True


def _check_whole(engine: ProcessEngine) -> None:
    with engine.reading() as read:
        if _mark(read.session).value == _LOADING:
            raise DemoRefused(
                "Expected demo data loaded whole, but loading was interrupted; empty the database and start again."
            )


def _mark(session: Session) -> Setting:
    found = session.get(Setting, MARK)
    assert found is not None
    return found


def _open_cycle(engine: ProcessEngine, units: Sequence[UnitOfCycle], opened: dt.datetime) -> None:
    new = NewCycle(fiscal_year=FISCAL_YEAR, kind=CycleKind.NEW_PLAN, plan_from=2571, plan_to=2575, units=units)
    with engine.unit_of_work(office_holder(engine, fy2570.NESDC, opened).actor) as uow:
        commands.open_cycle(uow, new)


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _scenes(today: dt.date) -> Iterator[Scene]:
    yield from _criteria(today)
    for unit in PROVINCES:
        yield from _until_survey(today, unit)
    for unit, sent in (("TH-50", -24), ("TH-51", -22), ("TH-52", -19)):
        yield _scene(
            today, sent, unit, "cluster_input",
            projects="เส้นทางท่องเที่ยวเชื่อมโยงสี่จังหวัด\nป้องกันไฟป่าแนวเขตต่อเนื่อง",
            summary="ทุกโครงการมีพื้นที่ดำเนินการมากกว่าหนึ่งจังหวัด",
        )  # fmt: skip
    yield _scene(today, -15, NU1, "consolidate", note="รวมรายการตามประเด็นการพัฒนาแล้ว", duplicates="")
    for unit, drafted in (("TH-50", -12), ("TH-51", -14), ("TH-52", -3)):
        yield Scene(at=_moment(today, drafted), key=f"{CYCLE}/{unit}", element="draft", upload=PACKAGE)
    yield from _hearings(today)


def _criteria(today: dt.date) -> Iterator[Scene]:
    names = {step.code: step.name for step in CALENDAR}
    calendar = [{"step": code, "label": names[code], "due": _workday(today, days)} for code, days in _DUE.items()]
    yield Scene(
        at=_moment(today, -65), key=CYCLE, element="draft_criteria",
        variables={"basis": "หลักเกณฑ์การจัดทำแผนพัฒนา พ.ศ. 2571–2575", "calendar": calendar},
    )  # fmt: skip
    for element, days, number in (("criteria_resolution", -60, "3/2569"), ("cabinet_criteria", -56, "ครม. 38/2569")):
        yield Scene(
            at=_moment(today, days), key=CYCLE, element=element, outcome="approve",
            variables=meeting(number, _workday(today, days).isoformat()),
        )  # fmt: skip
    yield Scene(
        at=_moment(today, -52), key=CYCLE, element="circular",
        variables={"document_number": "นร 1100/ว 2571", "document_date": _workday(today, -52)},
    )  # fmt: skip


def _until_survey(today: dt.date, unit: str) -> Iterator[Scene]:
    yield _scene(
        today, -48, unit, "work_plan",
        note="ประชุมคณะทำงานทุกสัปดาห์", questions="ผลการดำเนินงาน ปัญหาและความต้องการของพื้นที่",
    )  # fmt: skip
    late = unit == "TH-58"  # one agency still owes its data, the province its input to the cluster
    offices = [f"{LOCAL}@{unit}-PAO"] if late else [f"{LOCAL}@{unit}-PAO", agency_of(unit)]
    for days, office in enumerate(offices, start=-40):
        yield Scene(
            at=_moment(today, days), key=f"{CYCLE}/{unit}", element="return_data", office=office,
            variables={
                "summary": "ผลการดำเนินงานเป็นไปตามเป้าหมายร้อยละ 82",
                "needs": "แหล่งน้ำเพื่อการเกษตร",
                "source": "ทะเบียนของหน่วยงาน",
            },
        )  # fmt: skip
    if not late:
        yield _scene(today, -27, unit, "analysis", summary="รายได้ครัวเรือนเพิ่มขึ้น แต่ฝุ่นละอองยังเป็นปัญหาหลัก")
        yield _scene(today, -22, unit, "survey", respondents=412, summary="ประชาชนให้ความสำคัญกับน้ำและคุณภาพอากาศ")


def _hearings(today: dt.date) -> Iterator[Scene]:
    for unit, planned, held in (("TH-51", -11, -4), ("TH-50", -9, 6), ("TH-52", -1, 9)):
        yield _scene(
            today, planned, unit, "plan_meeting",
            meeting_date=_workday(today, held), place="หอประชุมศาลากลาง", channel="hybrid",
            invitations=[
                {"sector": "civil", "name": "กลุ่มผู้ใช้น้ำ (สมมติ)"},
                {"sector": "business", "name": "สภาอุตสาหกรรมจังหวัด (สมมติ)"},
            ],
        )  # fmt: skip
        if unit == "TH-52":
            continue  # the invitation waits for the governor of Lampang
        yield Scene(
            at=_moment(today, planned + 2), key=f"{CYCLE}/{unit}", element="sign_invitation", outcome="sign",
            variables={"document_number": "ที่ 0017.2/ว 812", "document_date": _workday(today, planned + 2)},
        )  # fmt: skip
    opinion = {
        "sector": "civil",
        "speaker": "กลุ่มผู้ใช้น้ำ (สมมติ)",
        "on_what": "โครงการแหล่งน้ำ",
        "text": "ขอให้ลำดับพื้นที่แล้งซ้ำซากก่อน",
    }
    yield _scene(
        today, -4, "TH-51", "hold_meeting",
        held_on=_workday(today, -4), attendance={"*": {"status": "attended"}}, opinions=[opinion],
        summary="ที่ประชุมเห็นพ้องกับประเด็นการพัฒนา",
    )  # fmt: skip
    yield _scene(
        today, -2, "TH-51", "answer",
        answers={"*": {"disposition": "declined", "reason": "มีอยู่แล้วในแผนงานของกระทรวง"}},
    )  # fmt: skip


def _scene(today: dt.date, days: int, unit: str, element: str, **variables: object) -> Scene:
    return Scene(at=_moment(today, days), key=f"{CYCLE}/{unit}", element=element, variables=variables)


def _moment(today: dt.date, days: int) -> dt.datetime:
    return at(_workday(today, days).isoformat())


def _workday(today: dt.date, days: int) -> dt.date:
    """Return the day so many days from today, on a Friday instead of a weekend."""
    day = today + dt.timedelta(days=days)
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
