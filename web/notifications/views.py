"""The bell, and the list of what a person was told, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from web.access import background, signed_in
from web.composition import Reading, composition, reading, unit_of_work
from web.formatting import bangkok_date
from web.notifications.words import Said, is_owner, say
from web.panels import Subject
from workflows.notifications import Message, mark_all_read, mark_read, page

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications")
PAGE = 30
LARGEST_ID = 2**63 - 1


@blueprint.get("")
@signed_in
def index() -> str:
    """List what the person was told, the newest first."""
    before = _id(request.args.get("before", ""))
    unread = request.args.get("show") == "unread"
    with reading() as read:
        found = page(read.session, current_user.person_id, limit=PAGE + 1, before=before, unread=unread)
        shown = found[:PAGE]
        said = _say_all(read, shown)
        days = [(day, list(inside)) for day, inside in groupby(said, lambda one: bangkok_date(one.at))]
        return render_template(
            "notifications/index.html",
            days=days,
            today=bangkok_date(read.now),
            yesterday=bangkok_date(read.now - dt.timedelta(days=1)),
            only_unread=unread,
            newest=shown[0].id if shown else None,
            next=shown[-1].id if len(found) > PAGE else None,
            before=before,
        )


@blueprint.get("/bell")
@signed_in
@background
def bell() -> Response:
    """Answer the bell when its count differs from what the page shows, else nothing."""
    if request.args.get("seen", "") == str(current_user.unread):
        return make_response("", 204)
    return make_response(render_template("notifications/_bell.html"))


@blueprint.get("/<int:message_id>")
@signed_in
def follow(message_id: int) -> AnyResponse:
    """Go to what a message is about; it counts as read from then on."""
    with unit_of_work() as uow:
        found = page(uow.session, current_user.person_id, limit=1, before=min(message_id, LARGEST_ID - 1) + 1)
        if not found or found[0].id != message_id:
            abort(404)
        mark_read(uow.session, current_user.person_id, message_id, now=uow.now)
    with reading() as read:
        subject = _subjects(read, found).get(_key(found[0]))
    if is_owner(found[0]) and _may_see_task(found[0]):
        return redirect(url_for("tasks.show", task_id=str(found[0].facts.get("task_id", ""))), code=303)
    if subject is not None and subject.url and not is_owner(found[0]):
        return redirect(subject.url, code=303)
    flash(_away(found[0]), "due")
    return redirect(url_for("notifications.index"), code=303)


@blueprint.post("/<int:message_id>/read")
@signed_in
def read_one(message_id: int) -> AnyResponse:
    """Mark one message as read."""
    with unit_of_work() as uow:
        mark_read(uow.session, current_user.person_id, min(message_id, LARGEST_ID), now=uow.now)
    return redirect(url_for("notifications.index", **_shown()), code=303)


@blueprint.post("/read")
@signed_in
def read_all() -> AnyResponse:
    """Mark everything as read, up to the newest message that the page showed."""
    with unit_of_work() as uow:
        upto = _id(request.form.get("upto", ""))
        count = mark_all_read(uow.session, current_user.person_id, now=uow.now, upto=upto)
    flash(ngettext("%(num)d message is marked as read.", "%(num)d messages are marked as read.", count), "done")
    return redirect(url_for("notifications.index"), code=303)


def _may_see_task(message: Message) -> bool:
    facts = message.facts
    return facts.get("assignee") == current_user.person_id or facts.get("group") in current_user.actor.groups


def _away(message: Message) -> str:
    """Say in which other capacity the task can be opened, where there is one."""
    group = message.facts.get("group")
    others = (held for held in current_user.capacities if held != current_user.capacity)
    other = next((held for held in others if group in held.groups), None)
    if other is None:
        return str(_("What this message is about cannot be opened in your present capacity."))
    return str(_("This is work of another capacity of yours: switch to “%(title)s” at the top.", title=other.title))


def _say_all(read: Reading, messages: Sequence[Message]) -> list[Said]:
    subjects = _subjects(read, messages)
    return [say(message, subjects.get(_key(message))) for message in messages]


def _subjects(read: Reading, messages: Sequence[Message]) -> Mapping[str, Subject]:
    keys = sorted({_key(message) for message in messages} - {""})
    return composition().panels.subjects(read, keys)


def _key(message: Message) -> str:
    key = message.facts.get("business_key")
    return key if isinstance(key, str) else ""


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= LARGEST_ID else None


def _shown() -> dict[str, Any]:
    return {name: request.form[name] for name in ("show", "before") if request.form.get(name)}
