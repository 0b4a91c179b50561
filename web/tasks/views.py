"""The inbox and the task page: read, take, give back, hand over, keep the draft, finish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from engine import (
    PART_LIMIT,
    NotAuthorized,
    StateConflict,
    Task,
    TaskList,
    TaskNotActive,
    TaskNotFound,
    TaskState,
    UnitOfWork,
)
from web.access import signed_in
from web.composition import Reading, composition, directory, reading, transact, unit_of_work
from web.formatting import Urgency
from web.repeats import was_done
from web.tasks import drafts
from web.tasks.inbox import Wish, read_inbox, task_filter
from web.tasks.page import (
    TaskPageView,
    build_page,
    describe_typed,
    holders_of,
    is_candidate,
    read_form,
    visible_task,
)

log = structlog.get_logger("web.tasks")
blueprint = Blueprint("tasks", __name__)
TABS = (
    (TaskList.MINE, _l("Mine")),
    (TaskList.TAKEABLE, _l("Can take")),
    (TaskList.WAITING, _l("Waiting for others")),
    (TaskList.DONE, _l("Done")),
)
URGENCY_NAMES = {
    Urgency.OVERDUE: _l("Overdue"),
    Urgency.TODAY: _l("Today"),
    Urgency.THIS_WEEK: _l("This week"),
    Urgency.LATER: _l("Later"),
}
LONGEST_REASON = 1_000
_ANY = "any-task"  # stands for an id in an address


@blueprint.get("/")
@signed_in
def home() -> AnyResponse:
    """Lead to the inbox."""
    return redirect(url_for("tasks.inbox"), code=303)


@blueprint.get("/tasks")
@signed_in
def inbox() -> str:
    """Show one list, and beside it the opened task."""
    wish = Wish.from_query(request.args)
    with reading() as read:
        count_days = directory().day_counter(read.session, read.now)
        found = read_inbox(
            read,
            current_user,
            wish,
            panels=composition().panels,
            count_days=count_days,
            holders=lambda tasks: holders_of(read, current_user, tasks),
        )
        open_id = request.args.get("task", "")
        page = _pane(read, open_id, found.wish) if open_id else None
        return render_template(
            "tasks/inbox.html",
            inbox=found,
            tabs=TABS,
            urgency_names=URGENCY_NAMES,
            open_id=open_id if page else "",
            page=page,
            task=page.task if page else None,
            now=read.now,
            part_limit=PART_LIMIT,
            addresses=_addresses(found.wish),
        )


@blueprint.get("/tasks/<task_id>")
@signed_in
def show(task_id: str) -> str:
    """Show one task, as a page or as the right side of the inbox."""
    with reading() as read:
        task = visible_task(read, current_user, task_id)
        page = build_page(read, current_user, task, back=_back(request.args), chosen=_chosen(request.args))
        return _render(read, page)


@blueprint.post("/tasks/<task_id>/claim")
@signed_in
def claim(task_id: str) -> AnyResponse:
    """Take a task of one's group."""
    with unit_of_work() as uow:
        visible_task(uow, current_user, task_id)
        uow.tasks.claim(task_id)
    flash(_("The task is yours now."), "done")
    return _to_task(task_id, tab=TaskList.MINE)


@blueprint.post("/tasks/<task_id>/release")
@signed_in
def release(task_id: str) -> AnyResponse:
    """Give a task back to the group; the draft stays with it."""
    with reading() as read:
        run = visible_task(read, current_user, task_id).instance_id
    try:
        with unit_of_work() as uow:
            uow.tasks.release(task_id)
    except StateConflict:
        if not was_done(run, "task_released", task=task_id):
            raise
    flash(_("The task is back with the group; your draft stays with it."), "done")
    return redirect(url_for("tasks.inbox"), code=303)


@blueprint.post("/tasks/<task_id>/hand-over")
@signed_in
def hand_over(task_id: str) -> AnyResponse:
    """Give a task to a colleague who may do it."""
    colleague, reason = request.form.get("colleague", ""), request.form.get("reason", "").strip()[:LONGEST_REASON]
    with reading() as read:
        run = visible_task(read, current_user, task_id).instance_id
    try:
        name = _hand_over(task_id, colleague, reason)
    except NotAuthorized:
        if not was_done(run, "task_assigned", task=task_id, assignee=colleague, reason=reason):
            raise
        with reading() as read:
            name = directory().names_of(read.session, [colleague]).get(colleague, "")
    if not name:
        flash(_("Choose a colleague and give a reason; nothing was handed over."), "due")
        return _to_task(task_id)
    flash(_("Handed over to %(name)s.", name=name), "done")
    return redirect(url_for("tasks.inbox"), code=303)


def _hand_over(task_id: str, colleague: str, reason: str) -> str:
    """Give the task to a colleague; returns the name, nothing where the choice is no good."""
    with unit_of_work() as uow:
        task = visible_task(uow, current_user, task_id)
        if task.completed_by is not None:
            raise TaskNotActive
        uow.tasks.check("release", task)  # whoever may give it back may give it on
        found = directory().colleagues(uow.session, task.candidate_groups, uow.now, without=current_user.person_id)
        chosen = next((person for person in found if person.id == colleague), None)
        if colleague and chosen is None:  # the page offers colleagues only; one may have left meanwhile
            log.warning("access_denied", endpoint=request.endpoint, code="no_colleague", task_id=task_id)
        if chosen is None or not reason:
            return ""
        uow.tasks.assign(task_id, chosen.id, reason=reason)
        return chosen.name


@blueprint.post("/tasks/<task_id>/complete")
@signed_in
def complete(task_id: str) -> str | tuple[str, int] | AnyResponse:
    """Finish a task and go on to the next one of the list."""
    typed = request.form.to_dict(flat=False)
    with reading() as read:
        task = visible_task(read, current_user, task_id)
        form = read_form(read, task)
        bound = form.submit(task.variables, typed) if form else None
        if bound and bound.errors:
            page = build_page(read, current_user, task, back=_back_sent(), bound=bound)
            page.draft_version = drafts.sent_version(request.form)
            return _render_whole(read, page), 422
    values = dict(bound.values) if bound else {}
    outcome = str(bound.outcome.value) if bound and bound.outcome else None
    comment = values.get("comment")
    said = comment if isinstance(comment, str) else None

    def finish(uow: UnitOfWork) -> None:
        uow.tasks.complete(task_id, values, outcome=outcome, comment=said)
        drafts.drop_draft(uow.session, task_id)

    try:
        transact(finish, idempotency_key=_once(task_id))
    except (StateConflict, TaskNotFound, NotAuthorized) as conflict:
        log.info("complete_lost", task_id=task_id, code=conflict.code)
        told = _lost(task_id, typed)
        if isinstance(conflict, NotAuthorized):
            log.warning("access_denied", endpoint=request.endpoint, code=conflict.code, task_id=task_id)
        return told
    with reading() as read:
        flash(_done_message(read, task), "done")
        return _to_next(read)


@blueprint.get("/tasks/<task_id>/diagram.bpmn")
@signed_in
def diagram(task_id: str) -> Response:
    """Answer the diagram of the task's process version."""
    with reading() as read:
        task = visible_task(read, current_user, task_id)
        answer = make_response(read.deployments.drawing(task.definition_id))
    answer.mimetype = "application/xml"
    return answer


def _addresses(wish: Wish) -> Callable[[str], tuple[str, str]]:
    """Return what answers the addresses of a task as a page and beside the list; the router is asked once for all."""
    page = url_for("tasks.show", task_id=_ANY)
    query: dict[str, Any] = {"pane": 1, **wish.query()}
    pane = url_for("tasks.show", task_id=_ANY, **query)
    return lambda task_id: (page.replace(_ANY, task_id, 1), pane.replace(_ANY, task_id, 1))


def _pane(read: Reading, task_id: str, wish: Wish) -> TaskPageView | None:
    try:
        task = visible_task(read, current_user, task_id)
    except TaskNotFound:
        return None
    return build_page(read, current_user, task, back={"pane": "1", **wish.query()})


def _render(read: Reading, page: TaskPageView) -> str:
    draft_now = drafts.find_draft(read.session, page.task.id)
    by = ""
    if draft_now and draft_now.person_id != current_user.person_id:
        by = directory().names_of(read.session, [draft_now.person_id]).get(draft_now.person_id, "")
    template = "tasks/_task.html" if request.headers.get("HX-Request") else "tasks/task.html"
    return render_template(template, page=page, task=page.task, draft=draft_now, draft_by=by, now=read.now, level=2)


def _render_whole(read: Reading, page: TaskPageView) -> str:
    return render_template("tasks/task.html", page=page, task=page.task, draft=None, now=read.now)


def _lost(task_id: str, typed: Mapping[str, list[str]]) -> tuple[str, int]:
    """Tell who was faster, and keep what the slower one typed."""
    with unit_of_work() as uow:
        task = visible_task(uow, current_user, task_id)
        if task.state is TaskState.CREATED:
            raise NotAuthorized  # nobody was faster: this person may not do it, or has not taken it
        form = read_form(uow, task)
        kept = form.keep_declared(typed) if form else {}
        present = drafts.find_draft(uow.session, task_id)
        if not is_candidate(current_user, task) and present and present.person_id != current_user.person_id:
            raise NotAuthorized  # one who only looks on does not write over what another has typed
        if kept:
            drafts.save_draft(
                uow.session,
                task_id,
                kept,
                person_id=current_user.person_id,
                version=drafts.sent_version(request.form),
                force=True,
                now=uow.now,
            )
    with reading() as read:
        page = build_page(read, current_user, task, back={})
        if task.completed_by and task.completed_by != current_user.person_id:
            page.conflict = _("%(name)s has already finished this task.", name=page.completed_by)
        elif task.completed_by:
            page.conflict = _("You have already finished this task in another window.")
        elif task.assignee and task.assignee != current_user.person_id:
            page.conflict = _("%(name)s has this task now.", name=page.holder)
        else:
            page.conflict = _("This task has changed meanwhile.")
        page.kept = describe_typed(form, task.variables, kept) if form else []
        return _render_whole(read, page), 409


def _done_message(read: Reading, task: Task) -> str:
    following = read.tasks.open_in(task.instance_id, limit=3)
    holders = holders_of(read, current_user, following)
    steps = ", ".join(f"{other.name} ({holders[other.id]})" for other in following)
    if not steps:
        return str(_("“%(name)s” is finished. Reference %(id)s.", name=task.name, id=task.id))
    return str(_("“%(name)s” is finished. Reference %(id)s. Next: %(steps)s.", name=task.name, id=task.id, steps=steps))


def _to_next(read: Reading) -> AnyResponse:
    """Open the next task of the list from which the finished one was opened."""
    page = read.inbox.page(TaskList.MINE, task_filter(current_user), limit=1)
    back = _back_sent()
    if not page.items:
        return redirect(url_for("tasks.inbox"), code=303)
    if back.get("pane"):
        return redirect(url_for("tasks.inbox", task=page.items[0].id), code=303)
    return redirect(url_for("tasks.show", task_id=page.items[0].id), code=303)


def _to_task(task_id: str, tab: TaskList | None = None) -> AnyResponse:
    back = _back_sent()
    if back.pop("pane", None):
        if tab:
            back["tab"] = tab.value
        query: dict[str, Any] = {**back, "task": task_id}
        return redirect(url_for("tasks.inbox", **query), code=303)
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


BACK = ("pane", "tab", "q", "process", "due")


def _chosen(query: Mapping[str, str]) -> dict[str, str]:
    """Return the record that was made beside the form and is to be chosen in it, by kind."""
    return {"edition": query["edition"][:20]} if query.get("edition") else {}


def _back(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in BACK if query.get(name)}


def _back_sent() -> dict[str, str]:
    return {name: request.form[f"back_{name}"] for name in BACK if request.form.get(f"back_{name}")}


def _once(task_id: str) -> str | None:
    """Return the key under which this very submission is carried out once, however often it arrives."""
    once = request.form.get("once", "")[:64]
    return f"complete:{task_id}:{current_user.person_id}:{once}" if once else None
