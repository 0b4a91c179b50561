"""Pages on which administrators look after accounts: end sessions, reset a second step, let somebody try again."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import UnitOfWork
from web.access import requires_role
from web.accounts import second_factor, service, sessions, throttle
from web.accounts.confirming import confirmed
from web.accounts.models import Account
from web.accounts.own_sessions import ENDED_SHOWN, LARGEST_ID, REASONS
from web.accounts.security_log import note
from web.accounts.sessions import EndReason
from web.accounts.standing import needs_second_factor
from web.composition import Reading, composition, directory, reading, transact

ADMINISTRATOR: Final = "system_admin"
PAGE: Final = 50
blueprint = Blueprint("users", __name__, url_prefix="/users")


@blueprint.get("")
@requires_role(ADMINISTRATOR)
def index() -> str:
    """List accounts by name, those whose name begins as typed, a page at a time; above them who must wait."""
    prefix, after = (service.clean_login(request.args.get(name, "")) for name in ("q", "after"))
    with reading() as read:
        found = service.list_accounts(read.session, after=after, limit=PAGE + 1, prefix=prefix)
        shown = found[:PAGE]
        return render_template(
            "accounts/users.html",
            accounts=shown,
            names=directory().names_of(read.session, [account.person_id for account in shown]),
            waiting=_waiting(read),
            q=prefix,
            after=after,
            next=shown[-1].login if len(found) > PAGE else "",
        )


@blueprint.get("/<int:account_id>")
@requires_role(ADMINISTRATOR)
def show(account_id: int) -> str:
    """Show an account: who it is, where it is signed in, its second step, whether it must wait."""
    settings = composition().settings
    with reading() as read:
        account = _account(read, account_id)
        capacities = directory().capacities_of(read.session, account.person_id, read.now)
        ended = sessions.ended_sessions_of(read.session, account.id, now=read.now, settings=settings, limit=ENDED_SHOWN)
        return render_template(
            "accounts/user.html",
            account=account,
            name=directory().names_of(read.session, [account.person_id]).get(account.person_id, account.login),
            capacities=capacities,
            sessions=sessions.sessions_of(read.session, account.id, now=read.now, settings=settings),
            ended=[(row, REASONS.get(sessions.reason_of(row, read.now, settings) or EndReason.IDLE)) for row in ended],
            factor=second_factor.find(read.session, account.id),
            needed=needs_second_factor(capacities, settings),
            left=second_factor.recovery_codes_left(read.session, account.id),
            waiting=_waiting(read, account.id),
        )


@blueprint.post("/<int:account_id>/sessions/end")
@requires_role(ADMINISTRATOR)
@confirmed
def end_sessions(account_id: int) -> Response:
    """End one session of an account, or all of them."""
    chosen = request.form.get("session", "")

    def act(uow: UnitOfWork) -> int:
        account = _account(uow, account_id)
        if not chosen:
            return sessions.end_all_sessions(uow.session, account.id, EndReason.BY_ADMINISTRATOR, now=uow.now)
        if not chosen.isdecimal() or int(chosen) > LARGEST_ID:
            return 0
        return int(sessions.end_session(uow.session, int(chosen), account.id, EndReason.BY_ADMINISTRATOR, now=uow.now))

    count = transact(act)
    note("sessions_ended_by_administrator", account=account_id, by=current_user.account_id, count=count)
    flash(ngettext("%(num)d device is signed out.", "%(num)d devices are signed out.", count), "done")
    return _back(account_id)


@blueprint.post("/<int:account_id>/second-factor/reset")
@requires_role(ADMINISTRATOR)
@confirmed
def reset_second_factor(account_id: int) -> Response:
    """Forget the second step of somebody who has lost it; all sessions of the account end."""

    def act(uow: UnitOfWork) -> bool:
        return service.reset_second_factor(uow.session, _account(uow, account_id), now=uow.now)

    if transact(act):
        note("second_factor_reset", account=account_id, by=current_user.account_id)
        flash(_("The second step is reset, and all devices are signed out."), "done")
    else:
        flash(_("This account has no second step."), "due")
    return _back(account_id)


@blueprint.post("/<int:account_id>/waiting/clear")
@requires_role(ADMINISTRATOR)
def clear_waiting(account_id: int) -> Response:
    """Let somebody who mistyped too often try again at once."""
    transact(lambda uow: throttle.clear(uow.session, account_id=_account(uow, account_id).id))
    note("waiting_cleared", account=account_id, by=current_user.account_id)
    flash(_("The account may try again at once."), "done")
    return _back(account_id)


@blueprint.post("/waiting/clear")
@requires_role(ADMINISTRATOR)
def clear_bucket() -> Response:
    """Let one address or name try again at once."""
    key = request.form.get("key", "")[:120]
    transact(lambda uow: throttle.clear(uow.session, key=key))
    note("waiting_cleared", by=current_user.account_id)
    flash(_("It may be tried again at once."), "done")
    return redirect(url_for("users.index"), code=303)


def _account(read: Reading, account_id: int) -> Account:
    account = service.get_account(read.session, account_id) if account_id <= LARGEST_ID else None
    if account is None:
        abort(404)
    return account


def _waiting(read: Reading, account_id: int | None = None) -> list[dict[str, object]]:
    """Return what must wait now, as the pages tell it."""
    return [
        {
            "key": row.key,
            "kind": row.key.partition(":")[0],
            "login": login,
            "account_id": row.account_id,
            "address": row.address,
            "minutes": throttle.minutes_of(row.free_at - read.now),
        }
        for row, login in throttle.waiting_now(read.session, read.now, account_id=account_id)
    ]


def _back(account_id: int) -> Response:
    return redirect(url_for("users.show", account_id=account_id), code=303)
