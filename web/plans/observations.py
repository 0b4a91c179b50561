"""The register of remarks: the owner closes one with the edition that answers it, and the proof."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from engine import NotAuthorized, UnitOfWork
from web.access import signed_in
from web.composition import reading, transact
from web.plans.page import Closing, build_view, may_draft, render_page, visible_document
from web.plans.uploads import UploadProblem
from web.task_forms.values import clean_text
from workflows.plans import commands
from workflows.plans.cycles import plan_key
from workflows.plans.errors import ObservationClosed, PlanNotFound
from workflows.plans.models import Observation

remarks = Blueprint("observations", __name__)
LONGEST_PROOF = 5_000


@remarks.post("/<cycle>/<unit>/observations/<int:observation_id>/close")
@signed_in
def close(cycle: str, unit: str, observation_id: int) -> AnyResponse:
    """Close a remark."""
    key = plan_key(cycle, unit)
    closing = Closing(
        observation_id, request.form.get("edition", "")[:10], clean_text(request.form.get("proof", ""))[:LONGEST_PROOF]
    )
    with reading() as read:
        document = visible_document(read, current_user, key)
        if not may_draft(current_user, document):
            raise NotAuthorized
        observation = read.session.get(Observation, observation_id)
        if observation is None or observation.unit != document.unit:
            raise PlanNotFound(f"Expected a remark on {key}, but {observation_id} is none.", observation=observation_id)
        if observation.owner not in current_user.actor.groups:
            raise NotAuthorized
        view = build_view(read, current_user, document)
        known = {str(edition.number) for edition in view.page.editions}
        problems = _problems(closing, known)
        if problems:
            page = render_page(read, document, view, tab="observations", closing=closing, problems=problems)
            return make_response(page, 422)

    def act(uow: UnitOfWork) -> None:
        commands.close_observation(uow, observation_id, plan_key=key, edition=int(closing.edition), proof=closing.proof)

    try:
        transact(act)
    except ObservationClosed:
        flash(_("Somebody has closed this remark already; their proof stands."), "due")
    else:
        flash(_("The remark is closed, answered in edition %(edition)s.", edition=closing.edition), "done")
    return redirect(url_for("plans.plan", cycle=cycle, unit=unit, tab="observations", _anchor="parts"), code=303)


def _problems(closing: Closing, known: set[str]) -> list[UploadProblem]:
    problems = []
    if closing.edition not in known:
        problems.append(
            UploadProblem(f"edition-{closing.observation}", _("Choose the edition in which the remark is answered."))
        )
    if not closing.proof:
        problems.append(UploadProblem(f"proof-{closing.observation}", _("Say where and how the remark is answered.")))
    return problems
