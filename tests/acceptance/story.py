"""A cycle in a test's hand: offices act by element, plans are known by their unit."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from engine import Actor, ProcessEngine, Task
from tests.support.clock import ManualClock
from workflows.files.store import DirectoryStore
from workflows.plans import commands
from workflows.plans.cycles import NewCycle, UnitOfCycle
from workflows.plans.models import Document
from workflows.plans.states import CycleKind, FileRole, Level
from workflows.plans.steps import usual_calendar
from workflows.plans.values import mapping, text

A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
NESDC = Actor("nesdc-officer", "สศช.")
MEETING = {"meeting_no": "1/2568", "meeting_date": dt.date(2025, 6, 20)}
LETTER = {"document_number": "ว 1", "document_date": dt.date(2025, 6, 20)}
UNITS = (
    UnitOfCycle("NU1", Level.CLUSTER, "กลุ่มจังหวัดภาคเหนือตอนบน 1", "NORTH"),
    UnitOfCycle("TH-50", Level.PROVINCE, "เชียงใหม่", "NORTH", "NU1"),
    UnitOfCycle("TH-52", Level.PROVINCE, "ลำปาง", "NORTH", "NU1"),
)


class Story:
    """One cycle, and the words to act in it."""

    def __init__(self, engine: ProcessEngine, clock: ManualClock, files: Path) -> None:
        self.engine = engine
        self.clock = clock
        self.store = DirectoryStore(files)
        self.cycle = ""

    def open_cycle(self, *units: str, kind: CycleKind = CycleKind.REVISION, year: int = 2570) -> str:
        """Open a cycle for these units of NU1 and bring it to the circular."""
        self.cycle = self.begin_cycle(year, *units, kind=kind)
        calendar = usual_calendar(self.clock.now().date())
        self.do("draft_criteria", {"basis": "มติ ก.น.บ.", "calendar": calendar})
        self.do("criteria_resolution", MEETING, "approve")
        self.do("cabinet_criteria", MEETING, "approve")
        self.do("circular", LETTER)
        return self.cycle

    def begin_cycle(self, year: int, *units: str, kind: CycleKind = CycleKind.REVISION) -> str:
        """Open a cycle whose criteria are still to be drafted."""
        chosen = [unit for unit in UNITS if unit.unit in units]
        with self.engine.unit_of_work(NESDC) as uow:
            new = NewCycle(fiscal_year=year, kind=kind, plan_from=2566, plan_to=2570, units=chosen)
            return commands.open_cycle(uow, new)

    def key(self, unit: str | None) -> str:
        """Return the business key of a unit's plan, of the cycle without unit."""
        return f"{self.cycle}/{unit}" if unit else self.cycle

    def open(self, unit: str | None = None) -> list[str]:
        """Return the open tasks of a plan or of the cycle, sorted."""
        return sorted(task.element_id for task in self.engine.tasks(business_key=self.key(unit), limit=1_000))

    def task(self, element: str, unit: str | None = None, *, plan: str | None = None) -> Task:
        """Return an open task; in the national review, that of a plan."""
        found = [
            task for task in self.engine.tasks(business_key=self.key(unit), limit=1_000) if task.element_id == element
        ]
        tasks = [self.engine.task(task.id) for task in found]
        if plan is not None:
            tasks = [task for task in tasks if text(mapping(task.variables.get("plan")), "unit") == plan]
        assert tasks, f"no {element!r} of {self.key(unit)}, open are {self.open(unit)}"
        return tasks[0]

    def do(
        self,
        element: str,
        variables: Mapping[str, object] | None = None,
        outcome: str | None = None,
        *,
        unit: str | None = None,
        plan: str | None = None,
        comment: str | None = None,
    ) -> Task:
        """Complete a task as the page does."""
        task = self.task(element, unit, plan=plan)
        values = dict(variables or {})
        values |= {"outcome": outcome} if outcome else {}
        values |= {"comment": comment} if comment else {}
        actor = Actor(f"person of {task.candidate_groups[0]}", task.candidate_groups[0])
        return self.engine.complete(task.id, values, actor, outcome=outcome, comment=comment)

    def upload(self, unit: str, *roles: FileRole) -> int:
        """Upload files to the working edition of a unit's plan; returns its number."""
        edition = None
        for role in roles or (FileRole.PLAN,):
            stored = self.store.put(io.BytesIO(A_PDF))
            with self.engine.unit_of_work(Actor("planner", "planner")) as uow:
                edition = commands.attach_file(uow, self.key(unit), stored, name="แผน.pdf", role=role).edition
        assert edition is not None
        return edition

    def document(self, unit: str) -> Document:
        """Return a plan as it stands."""
        with self.engine.reading() as read:
            found = read.session.scalar(select(Document).where(Document.plan_key == self.key(unit)))
            assert found is not None
            read.session.expunge(found)
            return found

    def to_draft(self, unit: str) -> None:
        """Bring a revised edition of a province to its draft task."""
        self.do("decide_review", MEETING, "revise", unit=unit)
        self.do("work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"}, unit=unit)
        if "close_collection" in self.open(unit):
            self.do("close_collection", unit=unit, comment="ปิดรับ")
        self.do("analysis", {"summary": "วิเคราะห์"}, unit=unit)
        self.do("survey", {"respondents": 10, "summary": "สำรวจ"}, unit=unit)

    def to_committee(self, unit: str) -> None:
        """Bring a revised edition without change of substance to the committee."""
        self.to_draft(unit)
        self.do("draft", {"edition": self.upload(unit), "substance_changed": False}, unit=unit)

    def to_review(self, unit: str) -> None:
        """Bring a province's plan to the national review."""
        self.to_committee(unit)
        self.do("committee_resolution", MEETING, "approve", unit=unit)
        self.do("sign_submission", LETTER, "sign", unit=unit)

    def consult(self, unit: str, *, disposition: str = "declined") -> None:
        """Hold a consultation with one opinion."""
        invitations = [{"sector": "civil", "name": "เครือข่ายลุ่มน้ำ"}]
        day = self.clock.now().date() + dt.timedelta(days=7)
        self.do(
            "plan_meeting",
            {"meeting_date": day, "place": "หอประชุม", "channel": "onsite", "invitations": invitations},
            unit=unit,
        )
        self.do("sign_invitation", LETTER, "sign", unit=unit)
        opinion = {"sector": "civil", "speaker": "เครือข่าย", "on_what": "โครงการ 1", "text": "ขอเพิ่มพื้นที่"}
        self.do("hold_meeting", {"held_on": day, "attendance": [], "opinions": [opinion], "summary": "สรุป"}, unit=unit)
        rows = self.task("answer", unit).variables["unanswered"]
        assert isinstance(rows, list)
        answers = [{"id": row["id"], "disposition": disposition, "reason": "เหตุผล"} for row in rows]
        self.do("answer", {"answers": answers}, unit=unit)
        if "amend_draft" in self.open(unit):
            self.do("amend_draft", {"edition": self.upload(unit)}, unit=unit)

    def body(self, element: str, usual: str, **besides: Mapping[str, object]) -> None:
        """Let a national body decide on every plan before it; keywords are units with `_` for `-`."""
        task = self.task(element)
        rows = task.variables["plans"]
        assert isinstance(rows, list)
        outcomes = []
        for row in rows:
            said = besides.get(str(row["unit"]).replace("-", "_"), {})
            outcomes.append({"plan_key": row["plan_key"], "decision": usual} | dict(said))
        self.do(element, MEETING | {"outcomes": outcomes})
