"""The calendar's steps and the stages of a plan's path: codes, order, Thai names, and usual distances in days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workflows.plans.states import Level


@dataclass(frozen=True, slots=True)
class CalendarStep:
    """A step that has a due date in the calendar of a cycle; `days` from the circular when nobody says otherwise."""

    code: str
    name: str
    days: int


CALENDAR: Final = (
    CalendarStep("work_plan", "วางแผนงานและมอบหมาย", 7),
    CalendarStep("review_decision", "วินิจฉัยว่าทบทวนหรือไม่", 7),
    CalendarStep("data_returns", "หน่วยงานส่งข้อมูล", 21),
    CalendarStep("analysis", "วิเคราะห์พื้นที่", 28),
    CalendarStep("survey", "สำรวจความเห็นประชาชน", 32),
    CalendarStep("cluster_inputs", "ส่งข้อมูลให้กลุ่มจังหวัด (วันตัดยอด)", 30),
    CalendarStep("draft", "ยกร่างแผนจังหวัด", 40),
    CalendarStep("cluster_draft", "ยกร่างแผนกลุ่มจังหวัด", 45),
    CalendarStep("consultation", "ประชุมรับฟังความเห็น", 55),
    CalendarStep("committee", "มติ ก.บ.จ. / ก.บ.ก.", 63),
    CalendarStep("submission", "ส่งแผนถึง สศช.", 70),
    CalendarStep("central_screening", "ทีมบูรณาการกลางกลั่นกรอง", 90),
    CalendarStep("regional_review", "อ.ก.น.บ. ภาคพิจารณา", 120),
    CalendarStep("policy_committee", "ก.น.บ. พิจารณา", 150),
    CalendarStep("cabinet", "คณะรัฐมนตรีพิจารณา", 180),
    CalendarStep("notification", "แจ้งมติเป็นหนังสือเวียน", 187),
    CalendarStep("announcement", "ประกาศและเผยแพร่แผน", 210),
)
CALENDAR_NAMES: Final = {step.code: step.name for step in CALENDAR}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a plan's path, as its page and the board show it."""

    code: str
    name: str
    due_step: str  # of the calendar; empty where the stage has no date of its own


_PROVINCE: Final = (
    Stage("review_decision", "วินิจฉัยการทบทวน", "review_decision"),
    Stage("work_plan", "วางแผนงาน", "work_plan"),
    Stage("data_returns", "รวบรวมข้อมูล", "data_returns"),
    Stage("analysis", "วิเคราะห์", "analysis"),
    Stage("survey", "สำรวจ", "survey"),
    Stage("cluster_inputs", "ส่งกลุ่มจังหวัด", "cluster_inputs"),
    Stage("draft", "ยกร่าง", "draft"),
    Stage("consultation", "รับฟัง", "consultation"),
    Stage("committee", "มติ ก.บ.จ.", "committee"),
    Stage("submission", "ส่งแผน", "submission"),
    Stage("review", "พิจารณาระดับชาติ", "cabinet"),
    Stage("announcement", "ประกาศ", "announcement"),
)
_CLUSTER: Final = (
    Stage("review_decision", "วินิจฉัยการทบทวน", "review_decision"),
    Stage("cluster_inputs", "รับข้อมูลจังหวัด", "cluster_inputs"),
    Stage("consolidate", "รวมโครงการ", "cluster_draft"),
    Stage("draft", "ยกร่าง", "cluster_draft"),
    Stage("consultation", "รับฟัง", "consultation"),
    Stage("committee", "มติ ก.บ.ก.", "committee"),
    Stage("submission", "ส่งแผน", "submission"),
    Stage("review", "พิจารณาระดับชาติ", "cabinet"),
    Stage("announcement", "ประกาศ", "announcement"),
)
STAGES: Final[Mapping[Level, tuple[Stage, ...]]] = {Level.PROVINCE: _PROVINCE, Level.CLUSTER: _CLUSTER}
BOARD_STAGES: Final = (*_PROVINCE[:6], _CLUSTER[2], *_PROVINCE[6:])
"""The columns of the board: every stage once, in the order of the path."""


def stages_of(level: Level, *, reviews: bool, feeds_cluster: bool) -> tuple[Stage, ...]:
    """Return the stages of a plan: `reviews` in a revised edition, `feeds_cluster` when its cluster is in the cycle."""
    left_out = set() if reviews else {"review_decision"}
    if level is Level.PROVINCE and not feeds_cluster:
        left_out.add("cluster_inputs")
    return tuple(stage for stage in STAGES[level] if stage.code not in left_out)


def usual_calendar(start: dt.date) -> list[dict[str, object]]:
    """Return the rows of a calendar that starts on a day, to be changed by whoever issues it."""
    return [{"step": step.code, "label": step.name, "due": start + dt.timedelta(days=step.days)} for step in CALENDAR]
