"""The page of one's own sessions: which devices are signed in, and signing them out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import UnitOfWork
from web.access import signed_in
from web.accounts import sessions
from web.accounts.confirming import confirmed
from web.accounts.security_log import note
from web.accounts.sessions import EndReason
from web.composition import composition, reading, transact

blueprint = Blueprint("own_sessions", __name__)
ENDED_SHOWN = 10
LARGEST_ID = 2**63 - 1
REASONS: dict[EndReason, LazyString] = {
    EndReason.SIGNED_OUT: _l("signed out"),
    EndReason.REPLACED: _l("signed in anew in the same browser"),
    EndReason.BY_OWNER: _l("ended from another device"),
    EndReason.BY_ADMINISTRATOR: _l("ended by an administrator"),
    EndReason.PASSWORD_CHANGED: _l("password changed"),
    EndReason.FACTOR_CHANGED: _l("second step changed"),
    EndReason.AUTHORITY_CHANGED: _l("positions changed"),
    EndReason.DISABLED: _l("account disabled"),
    EndReason.IDLE: _l("not used for a while"),
    EndReason.ABSOLUTE: _l("longest time reached"),
}


@blueprint.get("/sessions")
@signed_in
def show() -> str:
    """List the open sessions of this account, and the last ones that ended."""
    settings, account_id = composition().settings, current_user.account_id
    with reading() as read:
        ended = sessions.ended_sessions_of(read.session, account_id, now=read.now, settings=settings, limit=ENDED_SHOWN)
        return render_template(
            "accounts/sessions.html",
            sessions=sessions.sessions_of(read.session, account_id, now=read.now, settings=settings),
            ended=[(row, REASONS.get(sessions.reason_of(row, read.now, settings) or EndReason.IDLE)) for row in ended],
            idle=int(settings.session_idle.total_seconds() // 60),
        )


@blueprint.post("/sessions/end")
@signed_in
@confirmed
def end() -> Response:
    """End one session of this account, or all others."""
    chosen, others = request.form.get("session", ""), request.form.get("which") == "others"
    account_id, present = current_user.account_id, current_user.session_id

    def act(uow: UnitOfWork) -> int:
        if others:
            return sessions.end_all_sessions(uow.session, account_id, EndReason.BY_OWNER, now=uow.now, keeping=present)
        if not chosen.isdecimal() or int(chosen) > LARGEST_ID:
            return 0
        return int(sessions.end_session(uow.session, int(chosen), account_id, EndReason.BY_OWNER, now=uow.now))

    count = transact(act)
    note("sessions_ended_by_owner", account=account_id, count=count)
    if count:
        flash(ngettext("%(num)d device is signed out.", "%(num)d devices are signed out.", count), "done")
    else:
        flash(_("There was nothing left to end."), "due")
    return redirect(url_for("own_sessions.show"), code=303)
