"""The list of plans, and the page of a plan with its parts."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from flask_login import current_user

from web.access import signed_in
from web.areas import cluster_name, region_name
from web.composition import reading
from web.plans.listing import LATE, Wish, read_list
from web.plans.page import ALL, build_view, render_page, visible_document
from web.plans.runs import chosen_run, runs_of
from workflows.plans.cycles import plan_key
from workflows.plans.errors import PlanNotFound
from workflows.plans.states import DocumentState

blueprint = Blueprint("plans", __name__, url_prefix="/plans")


@blueprint.get("")
@signed_in
def index() -> str:
    """Show the plans that the person sees."""
    with reading() as read:
        return render_template(
            "plans/index.html",
            view=read_list(read, Wish.from_query(request.args)),
            states=[LATE, *DocumentState],
            region_name=region_name,
            cluster_name=cluster_name,
        )


@blueprint.get("/<cycle>/<unit>")
@signed_in
def plan(cycle: str, unit: str) -> str:
    """Show a plan: where it stands, and one of its parts."""
    with reading() as read:
        document = visible_document(read, current_user, plan_key(cycle, unit))
        view = build_view(read, current_user, document)
        asked = request.args.get("tab", "")
        tab = asked if asked == ALL or asked in {entry.code for entry in view.tabs} else "documents"
        return render_page(read, document, view, tab=tab, run=request.args.get("run", ""))


@blueprint.get("/<cycle>/<unit>/diagram.bpmn")
@signed_in
def diagram(cycle: str, unit: str) -> Response:
    """Answer the diagram of one of the plan's runs."""
    with reading() as read:
        document = visible_document(read, current_user, plan_key(cycle, unit))
        chosen = chosen_run(runs_of(read, document), request.args.get("run", ""))
        if chosen is None:
            raise PlanNotFound(f"Expected a running process of {document.plan_key}, but there is none.")
        answer = make_response(read.deployments.drawing(chosen.definition_id))
    answer.mimetype = "application/xml"
    return answer
