"""Work that nobody has to do: an administrator begins what a diagram leaves to choice."""

from __future__ import annotations

import hashlib

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import InstanceNotActive, InvalidArgument, StateConflict
from web.access import requires_role
from web.composition import transact
from web.processes.blueprint import ADMINISTRATOR, blueprint


@blueprint.post("/processes/runs/<instance_id>/choose")
@requires_role(ADMINISTRATOR)
def choose(instance_id: str) -> Response:
    """Begin one piece of optional work; the form names the line of history that it was made after: it counts once."""
    ad_hoc, element, seen = (request.form.get(name, "") for name in ("ad_hoc", "element", "seen"))
    key = hashlib.sha256(repr((instance_id, ad_hoc, element, seen)).encode()).hexdigest()
    try:
        transact(lambda uow: uow.optional_work.activate(instance_id, ad_hoc, [element], idempotency_key=key))
    except (InstanceNotActive, InvalidArgument, StateConflict):
        flash(_("Nothing was begun: this work can no longer be chosen."), "late")
    else:
        flash(_("Begun. It stands in the history who chose it."), "done")
    return redirect(url_for("processes.instance", instance_id=instance_id), code=303)
