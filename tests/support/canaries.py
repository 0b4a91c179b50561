"""Words that stand in the data of one province only, planted wherever people of it write something."""

from __future__ import annotations

import io
from typing import Final

from sqlalchemy import select

from engine import SYSTEM, Actor
from tests.support.walls import CYCLE, PDF, Walls
from web.tasks.drafts import save_draft
from workflows.organization.appointments import appoint, register_person
from workflows.organization.directory import holders_of
from workflows.plans import commands, documents, files
from workflows.plans.models import Cycle, Document, Observation, Step
from workflows.plans.states import Body, FileRole, ObservationState, StepState

CANARIES: Final = {"TH-52": "ขมิ้นน้อย", "TH-51": "กระจาบทอง", "TH-57": "เงือกกรามช้าง", "TH-81": "แร้งพญา"}
"""Of Lampang, of its neighbour in the cluster, of another cluster of the region, of another region."""


def plant(walls: Walls, unit: str) -> None:
    """Let the people of a province work on its plan, and write their canary into everything."""
    word, key = CANARIES[unit], f"{CYCLE}/{unit}"
    planner = _planner(walls, unit)
    act = walls.product.act
    act(key, "work_plan", {"note": f"แผนงาน {word}", "questions": f"ข้อมูล {word}"})
    if "close_collection" in walls.product.open(key):  # where agencies owe data
        act(key, "close_collection", {"comment": f"ปิดรับ {word}"})
    act(key, "analysis", {"summary": f"วิเคราะห์ {word}"})
    act(key, "survey", {"respondents": 10, "summary": f"สำรวจ {word}"})
    walls.product.engine.start("wall", {"who": f"governor@{unit}", "next": f"governor@{unit}", "word": word}, key)
    drafting = walls.product.task(key, "draft")
    with walls.product.engine.unit_of_work(SYSTEM) as uow:
        session, now = uow.session, uow.now
        document = session.scalars(select(Document).where(Document.plan_key == key)).one()
        kept = walls.product.app.extensions["saanphaen"].files.put(io.BytesIO(PDF + word.encode()))
        edition = documents.working_edition(session, document, actor=planner, now=now)
        files.add_file(
            session, document, kept, name=f"{word}.pdf", role=FileRole.PLAN, edition=edition, actor=planner, now=now
        )
        session.add(
            Observation(
                document_id=document.id, decision_id=None, unit=unit, body=Body.CENTRAL_TEAM, text=f"แก้ {word}",
                owner=f"province_strategy@{unit}", raised_on=1, due_fiscal_year=2572, state=ObservationState.OPEN,
                raised_at=now, proof="",
            )
        )  # fmt: skip
        typed = {"v:note": [f"ร่าง {word}"]}
        save_draft(session, drafting.id, typed, person_id=planner.id, version=0, force=True, now=now)
    with walls.product.engine.unit_of_work(walls.product.holder("nesdc@TH").actor) as uow:
        commands.reissue_due(
            uow,
            CYCLE,
            step="consultation",
            due=walls.product.day(60),
            reason=f"อุทกภัย {word}",
            order_ref=word,
            unit=unit,
        )


def send_to_review(walls: Walls, unit: str) -> None:
    """Let the plan of a province wait for the national screening: a step of the cycle that is about one plan."""
    with walls.product.engine.unit_of_work(SYSTEM) as uow:
        cycle = uow.session.scalars(select(Cycle).where(Cycle.code == CYCLE)).one()
        uow.session.add(
            Step(
                cycle_id=cycle.id, document_id=None, process_id="national-review", element_id="screen",
                stage="screening", task_id=f"screen-{unit}", name="กลั่นกรอง", groups="central_team@TH", due_step="",
                state=StepState.OPEN, opened_at=uow.now,
            )
        )  # fmt: skip


def _planner(walls: Walls, unit: str) -> Actor:
    """Return the planner of a province, after giving the office to somebody where nobody has it."""
    office = f"province_strategy@{unit}"
    with walls.product.engine.unit_of_work(SYSTEM) as uow:
        if not holders_of(uow.session, office, uow.now):
            register_person(uow.session, f"นักวางแผน {CANARIES[unit]}", person_id=f"planner-{unit}")
            appoint(uow.session, f"planner-{unit}", office, start=uow.now, actor=SYSTEM, now=uow.now)
        return holders_of(uow.session, office, uow.now)[0].actor
