"""Plays scenes: moves the clock, finds the task, lets the holder of the office complete it as the pages would."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine import Actor, Task
from workflows.calendar import OFFICE_OPENS, day_of, moment_of
from workflows.cast import Performer
from workflows.errors import DomainError
from workflows.files.store import FileStore
from workflows.plans import commands
from workflows.plans.cycles import due_row, get_cycle
from workflows.plans.models import Step
from workflows.plans.queries import subjects
from workflows.plans.states import FileRole
from workflows.plans.values import mapping, rows, text
from workflows.replay.clock import ScriptClock
from workflows.replay.report import StepLine
from workflows.replay.script import Reissue, Scene

if TYPE_CHECKING:
    from engine import ProcessEngine

NATION = "TH"
_STOPS = (dt.time(0, 5), OFFICE_OPENS)
_FILE_NAMES = {
    FileRole.PLAN: "เล่มแผน.pdf",
    FileRole.FORMS: "แบบ จ.1.pdf",
    FileRole.MINUTES: "รายงานการประชุม.pdf",
    FileRole.SURVEY: "รายงานผลการสำรวจ.pdf",
    FileRole.ATTACHMENT: "เอกสารประกอบ.pdf",
}


class SceneImpossible(DomainError):
    """Expected the script to fit the process, but no such task is open."""

    code = "scene_impossible"


Cast = Callable[[str, dt.datetime], Performer]
"""Names the holder of an office (role@unit) at a moment."""


class Player:
    """Plays a script on an engine."""

    def __init__(self, engine: ProcessEngine, *, clock: ScriptClock, cast: Cast, store: FileStore) -> None:
        self._engine = engine
        self._clock = clock
        self._cast = cast
        self._store = store

    def play(self, scenes: Iterable[Scene | Reissue]) -> Iterator[Sequence[StepLine]]:
        """Play scenes in the order of their moments; yields the lines of each.

        Raises:
            SceneImpossible: The process is not where the script expects it.
        """
        for scene in sorted(scenes, key=lambda scene: scene.at):
            self.pass_time(scene.at)
            yield self._reissue(scene) if isinstance(scene, Reissue) else self._complete(scene)

    def pass_time(self, until: dt.datetime) -> None:
        """Let the days go by, each with what falls due over night and what offices are told when they open."""
        day = day_of(self._clock.now())
        while day <= day_of(until):
            for time in _STOPS:
                moment = moment_of(day, time)
                if self._clock.now() < moment < until:
                    self._clock.go_to(moment)
                    self._engine.run_due()
            day += dt.timedelta(days=1)
        self._clock.go_to(until)
        self._engine.run_due()

    def _complete(self, scene: Scene) -> Sequence[StepLine]:
        task = self._find(scene)
        performer = self._cast(scene.office or task.candidate_groups[0], scene.at)
        variables = dict(scene.variables)
        if scene.upload:
            variables["edition"] = self._upload(scene, performer.actor)
        if scene.outcome is not None:
            variables["outcome"] = scene.outcome
        if scene.comment is not None:
            variables["comment"] = scene.comment
        self._fill_rows(task, variables)
        self._engine.complete(task.id, variables, performer.actor, outcome=scene.outcome, comment=scene.comment)
        return self._lines(scene, task, performer, variables)

    def _find(self, scene: Scene) -> Task:
        found = self._engine.tasks(business_key=scene.key, element_id=scene.element, limit=1_000)
        for task in found:
            if scene.office is not None and scene.office not in task.candidate_groups:
                continue
            if scene.plan is not None:
                task = self._engine.task(task.id)  # noqa: PLW2901 - the same task, with its variables
                if text(mapping(task.variables.get("plan")), "plan_key") != scene.plan:
                    continue
            return self._engine.task(task.id)
        waiting = sorted({task.element_id for task in self._engine.tasks(business_key=scene.key, limit=1_000)})
        raise SceneImpossible(
            f"Expected an open task {scene.element} of {scene.key} at {scene.at.isoformat()}, but open are {waiting}."
        )

    def _fill_rows(self, task: Task, variables: dict[str, object]) -> None:
        """Answer lists with given rows as the form does: the rows of the process, with what the script says of each."""
        if "invitations" in variables:  # the form proposes whom to invite; the script adds its own
            variables["invitations"] = [*rows(task.variables.get("suggested")), *rows(variables["invitations"])]
        for name, source, key in (
            ("attendance", "invited", "name"),
            ("answers", "unanswered", "text"),
            ("outcomes", "plans", "unit"),
        ):
            said = variables.get(name)
            if isinstance(said, Mapping):
                given = rows(task.variables.get(source))
                usual = mapping(said.get("*"))
                variables[name] = [{**row, **usual, **mapping(said.get(text(row, key)))} for row in given]

    def _upload(self, scene: Scene, actor: Actor) -> int:
        edition = None
        for role in scene.upload:
            stored = self._store.put(io.BytesIO(_pdf(f"{scene.plan or scene.key} {role} {scene.at.isoformat()}")))
            with self._engine.unit_of_work(actor) as uow:
                key = scene.plan or scene.key
                edition = commands.attach_file(uow, key, stored, name=_FILE_NAMES[role], role=role).edition
        assert edition is not None
        return edition

    def _reissue(self, scene: Reissue) -> Sequence[StepLine]:
        performer = self._cast(scene.office, scene.at)
        with self._engine.reading() as read:
            before = due_row(read.session, get_cycle(read.session, scene.cycle), scene.step, "")
            original = before.original_due if before is not None else None
        with self._engine.unit_of_work(performer.actor) as uow:
            kept = commands.reissue_due(
                uow,
                scene.cycle,
                step=scene.step,
                due=scene.due,
                reason=scene.reason,
                order_ref=scene.order_ref,
            )
            due = kept.new_due
        return [
            StepLine(
                unit=NATION,
                process=commands.CYCLE_PROCESS,
                step=f"reissue_{scene.step}",
                name=f"ออกกำหนดใหม่: {scene.reason}",
                actor=performer.name,
                capacity=performer.capacity,
                due_original=original,
                due=due,
                done=self._clock.now(),
                working_days_late=0,
                outcome="reissued",
                assumed=scene.assumed,
            )
        ]

    def _lines(
        self, scene: Scene, task: Task, performer: Performer, variables: Mapping[str, object]
    ) -> Sequence[StepLine]:
        with self._engine.reading() as read:
            step = read.session.scalar(select(Step).where(Step.task_id == task.id))
            assert step is not None
            original, due, late = step.original_due, step.due, step.working_days_late or 0
            done = step.done_at or self._clock.now()
            plan = scene.plan or scene.key
            names = subjects(read.session, [plan])
        own = plan.rpartition("/")[2] if plan in names and names[plan].plan_key else NATION
        outcomes: dict[str, str | None] = {
            text(row, "unit"): text(row, "decision") for row in rows(variables.get("outcomes"))
        }
        return [
            StepLine(
                unit=unit,
                process=task.process_id,
                step=task.element_id,
                name=task.name,
                actor=performer.name,
                capacity=performer.capacity,
                due_original=original,
                due=due,
                done=done,
                working_days_late=late,
                outcome=outcome or None,
                assumed=scene.assumed,
            )
            for unit, outcome in (outcomes or {own: scene.outcome}).items()
        ]


def _pdf(words: str) -> bytes:
    """A small but real PDF: one empty page, whose title says what it stands for."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        b"<< /Title <feff" + words.encode("utf-16-be").hex().encode() + b"> >>",
    ]
    content = b"%PDF-1.7\n"
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(parts) + 1
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(content))
    )
