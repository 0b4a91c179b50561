"""The pages of what is stuck: the list, one case with its repair, and letting it go on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import (
    ExpressionError,
    Incident,
    IncidentState,
    InstanceState,
    InvalidVariables,
    JobState,
    StateConflict,
    TaskFilter,
)
from web.access import requires_role
from web.composition import Reading, composition, directory, reading, transact
from web.diagrams import standing_of, steps_of
from web.operations.stuck import StuckLine, read_stuck, stuck_lines
from web.run_words import stuck_elements
from web.variables import KIND_NAMES, UnreadableValue, ValueKind, described, read_value

ADMINISTRATOR: Final = "system_admin"
LONGEST_REASON: Final = 1_000
LONGEST_NAME: Final = 200
_NEXT_TOLD: Final = 3
_LATER_SEEN: Final = 50
blueprint = Blueprint("operations", __name__)


@dataclass(frozen=True, slots=True)
class EntryError:
    """What is wrong with one entry of the repair."""

    html_id: str
    message: str


@dataclass(slots=True)
class Repair:
    """A repair as it was typed, with what is wrong with it."""

    name: str = ""
    kind: str = ValueKind.TEXT
    value: str = ""
    reason: str = ""
    read: object = None
    errors: list[EntryError] = field(default_factory=list)

    def error_of(self, html_id: str) -> str:
        """Return what is wrong with one entry."""
        return next((error.message for error in self.errors if error.html_id == html_id), "")


@blueprint.get("/operations")
@requires_role(ADMINISTRATOR)
def index() -> str:
    """List what is stuck, and tell whether what falls due is done."""
    with reading() as read:
        page = read_stuck(read, after=request.args.get("after", type=int))
        return render_template("operations/index.html", page=page, now=read.now, after=request.args.get("after"))


@blueprint.get("/operations/<int:incident_id>")
@requires_role(ADMINISTRATOR)
def show(incident_id: int) -> str:
    """Show one case: what happened, where, the data, and how to repair it."""
    with reading() as read:
        return _render(read, incident_id, Repair(name=request.args.get("variable", "")[:LONGEST_NAME]))


@blueprint.post("/operations/<int:incident_id>/retry")
@requires_role(ADMINISTRATOR)
def retry(incident_id: int) -> Response:
    """Try the failed step again."""
    return _retry(incident_id)


@blueprint.post("/operations/<int:incident_id>/resolve")
@requires_role(ADMINISTRATOR)
def resolve(incident_id: int) -> Response:
    """Lay a case down without trying again."""
    try:
        transact(lambda uow: uow.incidents.resolve(incident_id))
    except StateConflict:
        _closed_before(incident_id, by_trying=False)
    flash(_("The case is closed. The step was not tried again."), "done")
    return redirect(url_for("operations.index"), code=303)


@blueprint.post("/operations/<int:incident_id>/repair")
@requires_role(ADMINISTRATOR)
def repair(incident_id: int) -> str | tuple[str, int] | Response:
    """Set a variable of the plan, with a reason, and try again if that was asked for."""
    typed = _read_repair()
    if not typed.errors:
        with reading() as read:
            instance_id = read.incidents.get(incident_id).instance_id
        try:
            if instance_id is not None:
                values, once = {typed.name: typed.read}, _once(incident_id, typed)
                transact(
                    lambda uow: uow.instances.set_variables(
                        instance_id, values, reason=typed.reason, idempotency_key=once
                    )
                )
        except InvalidVariables:
            typed.errors.append(EntryError("value", _("This value cannot be stored: it is too large.")))
    if typed.errors:
        with reading() as read:
            return _render(read, incident_id, typed), 422
    with reading() as read:
        incident = read.incidents.get(incident_id)
        if incident.state is not IncidentState.OPEN:  # the repair alone was enough for the run to go on
            flash(_went_on(read, incident), "done")
            return redirect(url_for("operations.index"), code=303)
    if request.form.get("then") == "retry":
        return _retry(incident_id)
    flash(_("“%(name)s” is repaired. Try the step again now.", name=typed.name), "done")
    return redirect(url_for("operations.show", incident_id=incident_id), code=303)


def _retry(incident_id: int) -> Response:
    """Try again and say how it went: what comes next, or what is still wrong."""
    try:
        incident = transact(lambda uow: uow.incidents.retry(incident_id))
    except StateConflict:
        incident = _closed_before(incident_id, by_trying=True)
    with reading() as read:
        still = read.incidents.find(instance_id=incident.instance_id, limit=1) if incident.instance_id else []
        if still:
            (line,) = stuck_lines(read, still)
            flash(_("It was tried again and is still stuck: %(trouble)s", trouble=line.trouble), "late")
            return redirect(url_for("operations.show", incident_id=still[0].id), code=303)
        flash(_went_on(read, incident), "done")
    return redirect(url_for("operations.index"), code=303)


def _once(incident_id: int, typed: Repair) -> str:
    """Return the key under which this repair of this case is written once, however often it is sent."""
    said = f"{typed.name}\x00{typed.kind}\x00{typed.value}\x00{typed.reason}"
    digest = hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()
    return f"repair:{incident_id}:{current_user.person_id}:{digest}"


def _closed_before(incident_id: int, *, by_trying: bool) -> Incident:
    """Return a case that this person has closed in this way before: the same form was sent twice.

    Raises:
        StateConflict: Somebody else has closed it, or it was closed in the other way.
    """
    with reading() as read:
        incident = read.incidents.get(incident_id)
        if incident.resolved_by != current_user.person_id or _was_tried_again(read, incident) != by_trying:
            raise StateConflict("Expected an open case, but it is closed.", incident_id=incident_id)
    return incident


def _was_tried_again(read: Reading, incident: Incident) -> bool:
    """Tell whether the failed step ran once more: it no longer stands as failed, or has failed anew."""
    if incident.job_id is None:
        return False
    of_run = read.incidents.find(instance_id=incident.instance_id, state=None, limit=_LATER_SEEN)
    failed_anew = any(one.job_id == incident.job_id and one.id > incident.id for one in of_run)
    return failed_anew or read.jobs.get(incident.job_id).state is not JobState.FAILED


def _went_on(read: Reading, incident: Incident) -> str:
    if incident.instance_id is None:
        return str(_("It was tried again and has succeeded."))
    if read.instances.get(incident.instance_id).state is InstanceState.COMPLETED:
        return str(_("It goes on, and has come to its end."))
    tasks = read.tasks.find(TaskFilter(instance_id=incident.instance_id), limit=_NEXT_TOLD)
    if not tasks:
        return str(_("It goes on."))
    return str(_("It goes on. Next: %(steps)s.", steps=", ".join(task.name for task in tasks)))


def _read_repair() -> Repair:
    typed = Repair(
        name=request.form.get("name", "").strip(),
        kind=request.form.get("kind", ""),
        value=request.form.get("value", ""),
        reason=request.form.get("reason", "").strip(),
    )
    if not typed.name or len(typed.name) > LONGEST_NAME:
        typed.errors.append(EntryError("name", _("Write which entry is to be repaired.")))
    if typed.kind not in set(ValueKind):
        typed.errors.append(EntryError("kind", _("Choose what kind of value it is.")))
    else:
        try:
            typed.read = read_value(typed.kind, typed.value, _evaluate)
        except UnreadableValue as error:
            typed.errors.append(EntryError("value", str(error)))
    if not typed.reason:
        typed.errors.append(EntryError("reason", _("Write why: it is kept in the history of the plan.")))
    elif len(typed.reason) > LONGEST_REASON:
        typed.errors.append(EntryError("reason", _("The reason is longer than 1,000 characters: shorten it.")))
    return typed


def _evaluate(text: str) -> object:
    try:
        return composition().engine.evaluate(text, {})
    except ExpressionError as error:
        raise UnreadableValue(_("This is not written as FEEL: %(error)s", error=error.message)) from error


def _render(read: Reading, incident_id: int, typed: Repair) -> str:
    incident = read.incidents.get(incident_id)
    (line,) = stuck_lines(read, [incident])
    variables = described(line.instance.variables) if line.instance else []
    chosen = next((known for known in variables if known.name == typed.name), None)
    if chosen is not None and not typed.errors and not typed.value:
        typed.kind, typed.value = chosen.kind, chosen.typed
    return render_template(
        "operations/case.html",
        line=line,
        is_open=incident.state is IncidentState.OPEN,
        may_repair=line.instance is not None and line.instance.state is InstanceState.ACTIVE,
        resolved_by=_resolver(read, incident),
        variables=variables,
        repair=typed,
        kinds=KIND_NAMES,
        now=read.now,
        **_diagram(read, line),
    )


def _diagram(read: Reading, line: StuckLine) -> dict[str, object]:
    if line.instance is None:
        return {"tokens": [], "steps": []}
    stuck = stuck_elements(read.incidents.find(instance_id=line.instance.id))
    xml = read.deployments.xml(line.instance.definition_id)
    return {
        "tokens": standing_of(read, line.instance.id, late=stuck).marks,
        "steps": steps_of(xml, line.instance.process_id),
    }


def _resolver(read: Reading, incident: Incident) -> str:
    if incident.resolved_by is None:
        return ""
    return directory().names_of(read.session, [incident.resolved_by]).get(incident.resolved_by, incident.resolved_by)
