"""Who has read the files of a plan: for those who write it, who head its unit, administrators and auditors."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template, request
from flask_login import current_user

from engine import NotAuthorized
from web.access import signed_in
from web.composition import directory, reading
from web.plans.page import may_see_readers, visible_document
from workflows.plans.cycles import plan_key
from workflows.plans.reading import readings_of

readers = Blueprint("readers", __name__)
ON_A_PAGE: Final = 50


@readers.get("/<cycle>/<unit>/files/readers")
@signed_in
def index(cycle: str, unit: str) -> str:
    """List who read which file when, and in which capacity."""
    before = request.args.get("before", type=int)
    with reading() as read:
        document = visible_document(read, current_user, plan_key(cycle, unit))
        if not may_see_readers(current_user, document):
            raise NotAuthorized
        found = readings_of(read.session, document.id, limit=ON_A_PAGE + 1, before=before)
        people = directory()
        return render_template(
            "plans/readers.html",
            document=document,
            cycle=cycle,
            unit=unit,
            readings=found[:ON_A_PAGE],
            next=found[ON_A_PAGE - 1].id if len(found) > ON_A_PAGE else None,
            before=before,
            names=people.names_of(read.session, sorted({each.person_id for each in found})),
            capacities={
                capacity: people.capacity_title(read.session, capacity)
                for capacity in sorted({each.capacity for each in found})
            },
        )
