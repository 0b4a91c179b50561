"""Assembles the task page: what is asked, what was typed, what may be done, and what it is about."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from engine import HistoryEntry, Task, TaskList, TaskNotFound, TaskState
from web import labels
from web.composition import Reading, composition, directory, evaluate
from web.diagrams import Step, standing_of, steps_of
from web.formatting import bangkok_date
from web.identity import SignedIn
from web.panels import Panel, Subject
from web.people import Colleague
from web.task_forms import BoundForm, FieldType, FormSchemaError, TaskForm, parse_form
from web.tasks.drafts import Draft, find_draft
from web.tasks.inbox import task_filter

log = structlog.get_logger("web.tasks")
HISTORY_LINES = 60
Typed = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class TaskPageView:
    """Everything that the task template shows."""

    task: Task
    now: dt.datetime
    subject: Subject | None
    working_days: int | None
    holder: str
    completed_by: str
    is_open: bool
    is_mine: bool
    can_claim: bool
    can_release: bool
    step: Step | None
    form: BoundForm | None
    form_problem: bool
    once: str
    draft_version: int
    panels: list[Panel]
    colleagues: Sequence[Colleague]
    back_fields: Markup
    conflict: str = ""
    kept: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Tell whether somebody has finished the task."""
        return self.task.state is TaskState.COMPLETED


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act of the history, in words."""

    at: dt.datetime
    text: str
    who: str
    outcome: str
    comment: str


def visible_task(read: Reading, user: SignedIn, task_id: str) -> Task:
    """Return a task that this person may see.

    It is work of the present capacity; or the person's own, in a position that they still hold; or something of a plan
    that they see and of which they have done a step.

    Raises:
        TaskNotFound: There is none, or it belongs to others; both are told alike.
    """
    task = read.tasks.get(task_id)
    if is_candidate(user, task) or (user.person_id in {task.assignee, task.completed_by} and _still_may(user, task)):
        return task
    about = replace(task_filter(user), task_id=task_id)
    if read.inbox.count(TaskList.WAITING, about) or read.inbox.count(TaskList.DONE, about):
        return task
    raise TaskNotFound


def is_candidate(user: SignedIn, task: Task) -> bool:
    """Tell whether a person is among those who may take a task in the present capacity."""
    return user.person_id in task.candidate_users or bool(user.actor.groups & set(task.candidate_groups))


def _still_may(user: SignedIn, task: Task) -> bool:
    """Tell whether somebody who has or did a task holds a position, in whatever capacity, that may do it today."""
    held = frozenset().union(*(capacity.groups for capacity in user.capacities))
    return not (task.candidate_groups or task.candidate_users) or not held.isdisjoint(task.candidate_groups)


def read_form(read: Reading, task: Task) -> TaskForm | None:
    """Return the form of a task, None when its step has none.

    Raises:
        FormSchemaError: The stored form cannot be shown.
    """
    if not task.form_id:
        return None
    schema = parse_form(read.deployments.form(task.definition_id, task.form_id))
    panels = composition().panels
    return TaskForm(
        schema,
        evaluate=evaluate,
        today=bangkok_date(read.now),
        references=lambda kind: panels.references(read, task, kind),
    )


def build_page(
    read: Reading,
    user: SignedIn,
    task: Task,
    *,
    back: Mapping[str, str],
    bound: BoundForm | None = None,
    chosen: Mapping[str, str] | None = None,
) -> TaskPageView:
    """Return what the page shows; `bound` is a form that has just been refused, `chosen` are records by kind."""
    draft = find_draft(read.session, task.id)
    form, problem = bound, False
    is_open = task.state in {TaskState.CREATED, TaskState.ASSIGNED}
    is_mine = is_open and task.assignee == user.person_id
    if form is None and is_open:
        try:
            form = _open_form(read, task, draft, chosen)
        except FormSchemaError:
            log.exception("form_unreadable", form_id=task.form_id, definition_id=task.definition_id)
            problem = True
    names = directory().names_of(read.session, [person for person in (task.assignee, task.completed_by) if person])
    groups = user.actor.groups
    return TaskPageView(
        task=task,
        now=read.now,
        subject=composition().panels.subjects(read, [task.business_key]).get(task.business_key)
        if task.business_key
        else None,
        working_days=directory().day_counter(read.session, read.now)(task.due_at),
        holder=holder_of(read, user, task),
        completed_by=names.get(task.completed_by or "", ""),
        is_open=is_open,
        is_mine=is_mine,
        can_claim=is_open and task.assignee is None and bool(groups & set(task.candidate_groups)),
        can_release=is_mine,
        step=_step(read, task),
        form=form,
        form_problem=problem,
        once=secrets.token_urlsafe(16),
        draft_version=draft.version if draft else 0,
        panels=[*composition().panels.of(read, task), *_own_panels(read, task)],
        colleagues=directory().colleagues(read.session, task.candidate_groups, read.now, without=user.person_id)
        if is_mine
        else [],
        back_fields=back_fields(back),
    )


def holder_of(read: Reading, user: SignedIn, task: Task) -> str:
    """Return in words who has the task now."""
    return holders_of(read, user, [task])[task.id]


def holders_of(read: Reading, user: SignedIn, tasks: Sequence[Task]) -> dict[str, str]:
    """Return in words who has tasks now, by their ids; asks for all names at once."""
    people = {task.assignee for task in tasks if task.assignee and task.assignee != user.person_id}
    names = directory().names_of(read.session, people) if people else {}
    groups = {group for task in tasks if not task.assignee for group in task.candidate_groups}
    titles = directory().group_titles(read.session, groups) if groups else {}
    return {task.id: _holder(user, task, names, titles) for task in tasks}


def _holder(user: SignedIn, task: Task, names: Mapping[str, str], titles: Mapping[str, str]) -> str:
    if task.state is TaskState.COMPLETED:
        return str(_("done"))
    if task.state is TaskState.CANCELLED:
        return str(_("no longer needed"))
    if task.assignee == user.person_id:
        return str(_("with you"))
    if task.assignee:
        return names.get(task.assignee, task.assignee)
    return ", ".join(titles[group] for group in task.candidate_groups) or str(_("nobody yet"))


def describe_typed(form: TaskForm, variables: Mapping[str, object], typed: Typed) -> list[tuple[str, str]]:
    """Return what was typed as label and text, for keeping and for comparing."""
    bound = form.open(variables, typed)
    lines = []
    for control in bound.walk():
        if control.field.type in {FieldType.GROUP, FieldType.TEXT, FieldType.LIST} or control.field.outcome:
            continue
        texts = [text for name in control.field.names() for text in control.shown.get(name, ()) if text]
        if texts:
            chosen = {option.code: option.label for option in control.options}
            lines.append((control.field.label or control.field.key, " ".join(chosen.get(text, text) for text in texts)))
    return lines


def back_fields(back: Mapping[str, str]) -> Markup:
    """Return the hidden fields that remember from which list the task was opened."""
    parts = [
        Markup('<input type="hidden" name="back_{}" value="{}">').format(name, value) for name, value in back.items()
    ]
    return Markup("").join(parts)


def _open_form(read: Reading, task: Task, draft: Draft | None, chosen: Mapping[str, str] | None) -> BoundForm | None:
    form = read_form(read, task)
    if form is None:
        return _empty_form()
    return form.open(task.variables, draft.typed if draft else None, chosen=chosen)


def _empty_form() -> BoundForm:
    """Return the form of a step that asks nothing: only the button."""
    return BoundForm(parse_form('{"id": "", "components": []}'), ())


def _step(read: Reading, task: Task) -> Step | None:
    steps = steps_of(read.deployments.xml(task.definition_id), task.process_id)
    return next((step for step in steps if step.element_id == task.element_id), None)


def _own_panels(read: Reading, task: Task) -> list[Panel]:
    xml = read.deployments.xml(task.definition_id)
    steps = steps_of(xml, task.process_id)
    history = read.history.latest(task.instance_id, limit=HISTORY_LINES, kinds=tuple(labels.HISTORY_KINDS))
    is_open = task.state in {TaskState.CREATED, TaskState.ASSIGNED}
    late = is_open and task.due_at is not None and task.due_at < read.now
    standing = standing_of(read, task.instance_id, late={task.element_id} if late else (), first=task.element_id)
    names = {step.element_id: step.name for step in steps}
    return [
        Panel(
            "history",
            str(_("What has happened")),
            "tasks/_panel_history.html",
            {"lines": history_lines(read, history, names)},
            open=True,
        ),
        Panel(
            "diagram",
            str(_("Where it stands in the process")),
            "tasks/_panel_diagram.html",
            {
                "url": url_for("tasks.diagram", task_id=task.id),
                "tokens": standing.marks,
                "done": standing.done,
                "steps": steps,
                "here": standing.here,
            },
        ),
    ]


def history_lines(read: Reading, history: Sequence[HistoryEntry], names: Mapping[str, str]) -> list[HistoryLine]:
    """Return lines of the history in words."""
    known = directory().names_of(read.session, sorted({entry.actor for entry in history}))
    lines = []
    for entry in history:
        step = names.get(entry.element_id or "", "")
        text = labels.label(labels.HISTORY_KINDS, entry.kind)
        outcome = entry.details.get("outcome")
        lines.append(
            HistoryLine(
                at=entry.at,
                text=f"{text}: {step}" if step else text,
                who=" · ".join(
                    part
                    for part in (known.get(entry.actor, ""), directory().capacity_title(read.session, entry.capacity))
                    if part
                ),
                outcome=labels.label(labels.OUTCOMES, outcome) if outcome else "",
                comment=str(entry.details.get("comment") or ""),
            )
        )
    return lines
