"""One run for administrators: where it stands, what it knows, what has happened, and pausing or ending it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from engine import (
    AdHocChoice,
    HistoryEntry,
    Incident,
    Instance,
    InstanceNotActive,
    InstanceState,
    Job,
    Task,
    TaskFilter,
    UnitOfWork,
)
from web.access import requires_role
from web.composition import Reading, composition, directory, reading, transact
from web.diagrams import Step, standing_of, steps_of
from web.panels import Subject
from web.processes.blueprint import ADMINISTRATOR, blueprint
from web.repeats import was_done
from web.run_words import JOB_KINDS, JOB_STATES, TOLD_KINDS, RunHistory, element_names, run_history, stuck_elements
from web.variables import Variable, described

LINES_OF_PAGE: Final = 50
MOST_SHOWN: Final = 100
LONGEST_REASON: Final = 1_000


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything that the page of a run shows."""

    instance: Instance
    subject: Subject | None
    process_name: str
    started_by: str
    parent: Instance | None
    children: Sequence[Instance]
    steps: Sequence[Step]
    step_names: Mapping[str, str]
    tokens: Sequence[Mapping[str, object]]
    done: Sequence[str]
    here: frozenset[str]
    variables: Sequence[Variable]
    tasks: Sequence[tuple[Task, str, int | None]]  # with who has it, and working days to or since its due date
    jobs: Sequence[Job]
    incidents: Sequence[Incident]
    choices: Sequence[AdHocChoice]  # ad-hoc sub-processes, with what somebody may begin in them
    seen: str  # the latest line of history when the page was made
    history: RunHistory
    job_kinds: Mapping[str, LazyString]
    job_states: Mapping[str, LazyString]

    @property
    def is_running(self) -> bool:
        """Tell whether it goes on."""
        return self.instance.state is InstanceState.ACTIVE

    @property
    def is_paused(self) -> bool:
        """Tell whether somebody has paused it."""
        return self.instance.state is InstanceState.SUSPENDED


@dataclass(frozen=True, slots=True)
class Act:
    """What an administrator may do with a run, and the words for having done it."""

    do: Callable[[UnitOfWork, str, str], object]
    kind: str  # of its line of history
    done: LazyString
    needs_reason: bool = True


ACTS: Final[dict[str, Act]] = {
    "suspend": Act(
        lambda uow, run, reason: uow.instances.suspend(run, reason=reason),
        "instance_suspended",
        _l("Paused: nobody can finish a step, and no time limit takes effect, until you let it go on."),
    ),
    "resume": Act(
        lambda uow, run, _reason: uow.instances.resume(run),
        "instance_resumed",
        _l("It goes on; what fell due meanwhile happens now."),
        needs_reason=False,
    ),
    "cancel": Act(
        lambda uow, run, reason: uow.instances.cancel(run, reason=reason),
        "instance_cancelled",
        _l("Ended for good. What was done is kept in the history."),
    ),
}


@blueprint.get("/processes/runs/<instance_id>")
@requires_role(ADMINISTRATOR)
def instance(instance_id: str) -> str:
    """Show one run."""
    with reading() as read:
        return _render(read, instance_id)


@blueprint.post("/processes/runs/<instance_id>/<any(suspend, resume, cancel):act>")
@requires_role(ADMINISTRATOR)
def act_on_instance(instance_id: str, act: str) -> str | tuple[str, int] | Response:
    """Pause a run, let it go on, or end it; the reason is kept in its history."""
    reason = request.form.get("reason", "").strip()
    chosen = ACTS.get(act) or abort(404)
    if chosen.needs_reason and not reason:
        problem = _("Write why: it is kept in the history of the plan.")
    elif len(reason) > LONGEST_REASON:
        problem = _("The reason is longer than 1,000 characters: shorten it.")
    else:
        try:
            transact(lambda uow: chosen.do(uow, instance_id, reason))
        except InstanceNotActive:
            said = {"reason": reason} if chosen.needs_reason else {}
            if not was_done(instance_id, chosen.kind, **said):
                raise
        flash(str(chosen.done), "done")
        return redirect(url_for("processes.instance", instance_id=instance_id), code=303)
    with reading() as read:
        return _render(read, instance_id, refused=act, reason=reason, problem=problem), 422


def _render(read: Reading, instance_id: str, *, refused: str = "", reason: str = "", problem: str = "") -> str:
    after, lines = request.args.get("after", 0, type=int), request.args.get("lines")
    page = build_page(read, instance_id, after=after, every_line=lines == "all")
    return render_template(
        "processes/run.html", page=page, now=read.now, refused=refused, reason=reason, problem=problem
    )


def build_page(read: Reading, instance_id: str, *, after: int, every_line: bool) -> RunPage:
    """Return what the page of a run shows.

    Raises:
        InstanceNotFound: There is none with this id.
    """
    found = read.instances.get(instance_id)
    definition = read.deployments.get(found.definition_id)
    steps = steps_of(read.deployments.xml(found.definition_id), found.process_id)
    incidents = read.incidents.find(instance_id=instance_id, limit=MOST_SHOWN)
    standing = standing_of(read, instance_id, late=stuck_elements(incidents))
    names = element_names(read.deployments.process(found.definition_id))
    key = found.business_key
    return RunPage(
        instance=found,
        subject=composition().panels.subjects(read, [key]).get(key) if key else None,
        process_name=definition.name or definition.key,
        started_by=directory().names_of(read.session, [found.started_by]).get(found.started_by, ""),
        parent=read.instances.get(found.parent_id) if found.parent_id else None,
        children=read.instances.find(parent_id=instance_id, limit=MOST_SHOWN),
        steps=steps,
        step_names=names,
        tokens=standing.marks,
        done=standing.done,
        here=standing.here,
        variables=described(found.variables),
        tasks=_open_tasks(read, instance_id),
        jobs=read.jobs.find(instance_id=instance_id, limit=MOST_SHOWN),
        incidents=incidents,
        choices=read.optional_work.choices(instance_id),
        seen=latest_line(read, instance_id),
        history=run_history(read, _lines(read, instance_id, after, every_line=every_line), names, limit=LINES_OF_PAGE),
        job_kinds=JOB_KINDS,
        job_states=JOB_STATES,
    )


def latest_line(read: Reading, instance_id: str) -> str:
    """Return the number of the latest line of history: a form that is sent again still names it."""
    latest = read.history.latest(instance_id, limit=1)
    return str(latest[0].seq) if latest else ""


def _lines(read: Reading, instance_id: str, after: int, *, every_line: bool) -> list[HistoryEntry]:
    kinds = None if every_line else TOLD_KINDS
    return read.history.of_instance(instance_id, limit=LINES_OF_PAGE + 1, after=max(0, after), kinds=kinds)


def _open_tasks(read: Reading, instance_id: str) -> list[tuple[Task, str, int | None]]:
    count_days = directory().day_counter(read.session, read.now)
    found = read.tasks.find(TaskFilter(instance_id=instance_id), limit=MOST_SHOWN)
    return [(task, _holder(read, task), count_days(task.due_at)) for task in found]


def _holder(read: Reading, task: Task) -> str:
    if task.assignee:
        return directory().names_of(read.session, [task.assignee]).get(task.assignee, task.assignee)
    groups = [directory().group_title(read.session, group) for group in task.candidate_groups]
    return ", ".join(groups) or str(_("nobody yet"))
