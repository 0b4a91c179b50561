"""Keeping a draft while somebody types, and what another window or person has saved meanwhile."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, abort, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from engine import NotAuthorized, TaskNotActive
from web.access import signed_in
from web.composition import Reading, directory, unit_of_work
from web.tasks import drafts
from web.tasks.page import describe_typed, read_form, visible_task
from web.tasks.views import blueprint


@blueprint.post("/tasks/<task_id>/draft")
@signed_in
def draft(task_id: str) -> Response:
    """Keep what is typed; answers the words beside the form and which fields are hidden now."""
    force = request.args.get("force") == "1"
    with unit_of_work() as uow:
        task = visible_task(uow, current_user, task_id)
        if task.completed_by == current_user.person_id:
            return make_response("")  # what was on its way when the task was sent: it went with it
        if task.completed_by is not None:
            raise TaskNotActive
        if task.assignee != current_user.person_id:
            raise NotAuthorized
        uow.tasks.check("save_draft", task)
        form = read_form(uow, task)
        if form is None:
            return make_response("")
        typed = form.keep_declared(request.form.to_dict(flat=False))
        try:
            saved = drafts.save_draft(
                uow.session,
                task_id,
                typed,
                person_id=current_user.person_id,
                version=drafts.sent_version(request.form),
                force=force,
                now=uow.now,
            )
        except drafts.StaleDraft as stale:
            mine = dict(describe_typed(form, task.variables, typed))
            theirs = dict(describe_typed(form, task.variables, stale.present.typed))
            difference = _difference(uow, mine, theirs, stale.present)
            return make_response(render_template("tasks/_draft_state.html", difference=difference, task=task))
        except drafts.DraftTooLarge:
            abort(413)
        hidden = form.open(task.variables, typed).hidden_boxes
        now = uow.now
    answer = make_response(render_template("tasks/_draft_state.html", draft=saved, now=now, task=task))
    told = {"form": f"task-form-{task_id}", "version": saved.version, "hidden": hidden}
    answer.headers["HX-Trigger"] = json.dumps({"draft-saved": told})
    return answer


@dataclass(frozen=True, slots=True)
class DifferentLine:
    """One field in which two drafts differ."""

    label: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What another window or person has saved meanwhile, against what is typed here."""

    whom: str
    at: dt.datetime
    lines: list[DifferentLine]


def _difference(read: Reading, mine: Mapping[str, str], theirs: Mapping[str, str], present: drafts.Draft) -> Difference:
    if present.person_id == current_user.person_id:
        whom = str(_("Another of your windows"))
    else:
        whom = directory().names_of(read.session, [present.person_id]).get(present.person_id, "")
    names = [*mine, *(name for name in theirs if name not in mine)]
    lines = [
        DifferentLine(name, mine.get(name, ""), theirs.get(name, ""))
        for name in names
        if mine.get(name, "") != theirs.get(name, "")
    ]
    return Difference(whom, present.updated_at, lines)
