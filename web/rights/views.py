"""The page of the access table: all of it, or what one role is answered everywhere."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.access import requires_role
from web.rights.reading import addresses, rooms
from web.rights.words import standings

blueprint = Blueprint("rights", __name__)


@blueprint.get("/rights")
@requires_role("system_admin", "auditor")
def index() -> str:
    """Show the table; cut to one role where the address names one."""
    known = standings()
    asked = request.args.get("who", "")
    who = asked if asked in known else ""
    found = rooms(addresses(), who)
    return render_template(
        "rights/index.html",
        rooms=found,
        standings=known,
        who=who,
        routes=sum(len(room.pages) for room in found),
        lines=sum(len(page.lines) for room in found for page in room.pages),
    )
