"""The revised edition of fiscal year 2570 as its calendar really was, for the four provinces of NU1 and the cluster.

Real are: criteria on 22 May 2568, due on 31 July 2568, extended on 19 August (after it had passed) to 30 September
2568, and the central team's screening until October 2568. Everything else got a plausible day and says so (`assumed`).
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflows import install
from workflows.cast import LOCAL, NU1, PROVINCES, agency_of, office_holder, seed
from workflows.files.store import DirectoryStore
from workflows.plans import commands
from workflows.plans.cycles import NewCycle, UnitOfCycle
from workflows.plans.states import CycleKind
from workflows.plans.steps import CALENDAR
from workflows.replay.clock import ScriptClock
from workflows.replay.fresh import NotFresh, holds_work
from workflows.replay.player import NATION, Player
from workflows.replay.report import ReplayResult, StepLine
from workflows.replay.scenes import Hearing, Year, day, meeting, outcomes, scenes_of
from workflows.replay.script import Reissue, Scene, at

if TYPE_CHECKING:
    from engine import ProcessEngine

CYCLE = "FY2570-REV"
NESDC = "nesdc@TH"
OPENED = at("2025-05-06", "09:00")
_CALENDAR = {
    "review_decision": "2025-06-20",
    "work_plan": "2025-06-24",
    "data_returns": "2025-07-04",
    "analysis": "2025-07-08",
    "survey": "2025-07-09",
    "cluster_inputs": "2025-07-09",
    "draft": "2025-07-16",
    "cluster_draft": "2025-07-18",
    "consultation": "2025-07-23",
    "committee": "2025-07-25",
    "submission": "2025-07-31",
    "central_screening": "2025-10-31",
    "regional_review": "2026-03-31",
    "policy_committee": "2026-05-29",
    "cabinet": "2026-08-31",
    "notification": "2026-09-04",
    "announcement": "2026-09-30",
}
_YEARS = (
    Year(
        key=f"{CYCLE}/TH-50", letter="ชม 0017.2", review="2025-06-18", work_plan="2025-06-19",
        returns=((agency_of("TH-50"), "2025-06-26"), (f"{LOCAL}@TH-50-PAO", "2025-06-30")),
        analysis="2025-07-03", survey="2025-07-08", cluster_input="2025-07-04", draft="2025-07-14",
        hearing=Hearing(
            planned="2025-07-14", signed="2025-07-15", meeting="2025-07-21", held="2025-07-21", answered="2025-07-22",
            amended="2025-07-22", written=((agency_of("TH-50"), "2025-07-17"),),
        ),
        committee="2025-07-24", sign="2025-07-31", announce="2026-09-07",
    ),
    Year(
        key=f"{CYCLE}/TH-51", letter="ลพ 0017.2", review="2025-06-17", work_plan="2025-06-20",
        returns=((agency_of("TH-51"), "2025-06-27"), (f"{LOCAL}@TH-51-PAO", "2025-07-01")),
        analysis="2025-07-04", survey="2025-07-09", cluster_input="2025-07-07", draft="2025-07-15", hearing=None,
        committee="2025-07-23", sign="2025-07-30", announce="2026-09-04",
    ),
    Year(
        key=f"{CYCLE}/TH-52", letter="ลป 0017.2", review="2025-06-19", work_plan="2025-06-24",
        returns=((agency_of("TH-52"), "2025-07-02"), (f"{LOCAL}@TH-52-PAO", "2025-07-03")),
        analysis="2025-07-07", survey="2025-07-09", cluster_input="2025-07-09", draft="2025-07-16",
        hearing=Hearing(
            planned="2025-07-17", signed="2025-07-18", meeting="2025-07-23", held="2025-09-09", answered="2025-09-12",
            amended="2025-09-15", written=((agency_of("TH-52"), "2025-07-21"),),
        ),
        committee="2025-09-19", sign="2025-09-26", announce="2026-09-11",
    ),
    # The late one: no local government data, input to the cluster after its cut-off, submission after the extension.
    Year(
        key=f"{CYCLE}/TH-58", letter="มส 0017.2", review="2025-06-20", work_plan="2025-06-24",
        returns=((agency_of("TH-58"), "2025-07-03"),), closes_returns="2025-07-04",
        analysis="2025-07-08", survey="2025-07-09", cluster_input="2025-07-21", draft="2025-07-16",
        hearing=Hearing(
            planned="2025-07-17", signed="2025-07-18", meeting="2025-07-23", held="2025-09-11", answered="2025-09-15",
        ),
        committee="2025-09-24", sign="2025-10-03", announce="2026-09-14",
    ),
    Year(
        key=f"{CYCLE}/{NU1}", letter="ชม 0017.3", review="2025-06-20", consolidate="2025-07-14", draft="2025-07-16",
        hearing=Hearing(
            planned="2025-07-16", signed="2025-07-17", meeting="2025-07-22", held="2025-07-22", answered="2025-07-23",
        ),
        committee="2025-07-25", sign="2025-07-31", announce="2026-09-09",
    ),
)  # fmt: skip
_SCREENED = {
    "TH-51": "2025-10-06",
    "TH-50": "2025-10-07",
    NU1: "2025-10-08",
    "TH-52": "2025-10-09",
    "TH-58": "2025-10-16",
}
_REMARK = "ให้ระบุข้อมูลฐานและค่าเป้าหมายรายปีของตัวชี้วัดคุณภาพอากาศให้ชัดเจน"
_FLOODS = "อุทกภัยและสถานการณ์ชายแดน"
_ORDER = "มติคณะรัฐมนตรี 19 สิงหาคม 2568"


def script() -> list[Scene | Reissue]:
    """Return all scenes of the year."""
    scenes: list[Scene | Reissue] = list(_criteria())
    for year in _YEARS:
        scenes += scenes_of(year)
    scenes.append(
        Scene(
            at=at("2025-07-22", "09:00"), key=f"{CYCLE}/{NU1}", element="settle_addendum", outcome="accept",
            comment="นำเข้าฉบับนี้ได้ทันก่อนประชุม",
        )
    )  # fmt: skip
    for step, due, assumed in (
        ("submission", "2025-09-30", False),
        ("consultation", "2025-09-12", True),
        ("committee", "2025-09-24", True),
    ):
        scenes.append(
            Reissue(
                at=at("2025-08-19", "15:00"), cycle=CYCLE, step=step, due=day(due), reason=_FLOODS, order_ref=_ORDER,
                office=NESDC, assumed=assumed,
            )
        )  # fmt: skip
    scenes += _national()
    return sorted(scenes, key=lambda scene: scene.at)


def open_cycle(engine: ProcessEngine, units: Sequence[UnitOfCycle]) -> None:
    """Open the cycle in the name of whoever holds the national desk."""
    new = NewCycle(fiscal_year=2570, kind=CycleKind.REVISION, plan_from=2566, plan_to=2570, units=units)
    with engine.unit_of_work(office_holder(engine, NESDC, OPENED).actor) as uow:
        commands.open_cycle(uow, new)


def replay(database_url: str, *, files: Path | None = None) -> Generator[tuple[int, int, StepLine], None, ReplayResult]:
    """Play the year on a fresh database; yields (scenes done, all scenes, line) and returns the result.

    Raises:
        NotFresh: The database holds work already.
    """
    clock = ScriptClock(OPENED)
    engine = install.open_engine(database_url, clock=clock)
    try:
        if holds_work(engine):
            raise NotFresh
        install.deploy_definitions(engine)
        with tempfile.TemporaryDirectory(prefix="saanphaen-replay-") as folder:
            store = DirectoryStore(files or Path(folder))
            with engine.unit_of_work() as uow:
                seed(uow.session, uow.now)
                units = install.units_for_cycle(uow.session, [*PROVINCES, NU1], uow.now)
            open_cycle(engine, units)
            player = Player(
                engine, clock=clock, cast=lambda office, when: office_holder(engine, office, when), store=store
            )
            scenes = script()
            lines: list[StepLine] = []
            for done, found in enumerate(player.play(scenes), start=1):
                lines += found
                for line in found:
                    yield done, len(scenes), line
            report = engine.verify_audit()
            states = {key.rpartition("/")[2]: state for key, state in _states(engine)}
            return ReplayResult(tuple(lines), states, report.entries, report.verified)
    finally:
        engine.close()


def _criteria() -> Iterator[Scene]:
    labels = {step.code: step.name for step in CALENDAR}
    calendar = [{"step": code, "label": labels[code], "due": day(due)} for code, due in _CALENDAR.items()]
    yield Scene(
        at=at("2025-05-12"), key=CYCLE, element="draft_criteria",
        variables={"basis": "หลักเกณฑ์การทบทวนแผน ปีงบประมาณ พ.ศ. 2570", "calendar": calendar},
    )  # fmt: skip
    yield Scene(
        at=at("2025-05-22", "14:00"), key=CYCLE, element="criteria_resolution", outcome="approve",
        variables=meeting("1/2568", "2025-05-22"), assumed=False,
    )  # fmt: skip
    yield Scene(
        at=at("2025-06-10", "13:00"), key=CYCLE, element="cabinet_criteria", outcome="approve",
        variables=meeting("ครม. 10 มิ.ย. 2568", "2025-06-10"),
    )  # fmt: skip
    yield Scene(
        at=at("2025-06-13"), key=CYCLE, element="circular",
        variables={"document_number": "นร 1100/ว 2570", "document_date": dt.date(2025, 6, 13)},
    )  # fmt: skip


def _national() -> Iterator[Scene]:
    for unit, screened in _SCREENED.items():
        yield Scene(
            at=at(screened), key=CYCLE, element="screen", plan=f"{CYCLE}/{unit}", outcome="approve",
            comment="ครบถ้วน สอดคล้องกับเป้าหมายภาค",
        )  # fmt: skip
    yield Scene(
        at=at("2026-03-19"), key=CYCLE, element="regional_review",
        variables={**meeting("1/2569", "2026-03-19"), "outcomes": outcomes("agree")},
    )  # fmt: skip
    yield Scene(
        at=at("2026-05-21"), key=CYCLE, element="policy_resolution",
        variables={**meeting("1/2569", "2026-05-21"), "outcomes": outcomes("agree")},
    )  # fmt: skip
    besides = {"TH-52": {"decision": "approve_with_observations", "observations": _REMARK}}
    yield Scene(
        at=at("2026-08-18"), key=CYCLE, element="cabinet_resolution",
        variables={**meeting("ครม. 18 ส.ค. 2569", "2026-08-18"), "outcomes": outcomes("approve", besides)},
    )  # fmt: skip
    yield Scene(
        at=at("2026-08-25"), key=CYCLE, element="circulate",
        variables={"document_number": "นร 1100/ว 3391", "document_date": dt.date(2026, 8, 25)},
    )  # fmt: skip


def _states(engine: ProcessEngine) -> Iterator[tuple[str, str]]:
    for instance in engine.instances(limit=1_000):
        if instance.process_id in ("provincial-plan", "cluster-plan"):
            yield str(instance.business_key), str(instance.state)
        if instance.process_id == commands.CYCLE_PROCESS:
            yield NATION, str(instance.state)
