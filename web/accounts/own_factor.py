"""Pages on which one sets up an authenticator as second step, gets new recovery codes, or turns it off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import UnitOfWork
from web.access import signed_in, while_enrolling
from web.accounts import entering, second_factor, sessions
from web.accounts.confirming import confirmed
from web.accounts.sealing import SealBroken, present_sealer
from web.accounts.security_log import note, warn
from web.accounts.sessions import EndReason, Stage
from web.accounts.standing import needs_second_factor
from web.composition import composition, reading, transact
from web.preferences import own_page

blueprint = Blueprint("own_factor", __name__, url_prefix="/account/second-factor")


@blueprint.get("")
@signed_in
@while_enrolling
def show() -> str:
    """Tell whether there is a second step, and what can be done about it."""
    with reading() as read:
        found = second_factor.find(read.session, current_user.account_id)
        left = second_factor.recovery_codes_left(read.session, current_user.account_id)
        enabled_at = found.enabled_at if found is not None else None
    return render_template(
        "accounts/second_factor.html",
        enabled_at=enabled_at,
        left=left,
        few=second_factor.FEW_LEFT,
        needed=_is_needed(),
        wanted=_wanted(),
    )


@blueprint.get("/set-up")
@signed_in
@while_enrolling
@confirmed
def set_up() -> str:
    """Show a new secret as a picture and as text; nothing is stored before a code of it was typed."""
    return _set_up_page(second_factor.new_secret())


@blueprint.post("/set-up")
@signed_in
@while_enrolling
@confirmed
def set_up_submit() -> str | tuple[str, int] | Response:
    """Check the first code; then the second step is on, and the recovery codes are shown, once."""
    account_id, session_id = current_user.account_id, current_user.session_id
    try:
        secret = present_sealer().unseal(request.form.get("secret", ""), purpose=_purpose())
    except SealBroken:
        flash(_("This page was open too long. Begin again with a new picture."), "due")
        return redirect(url_for("own_factor.set_up", next=_wanted() or None), code=303)
    with reading() as read:
        code = second_factor.clean_code(request.form.get("code", ""))
        step = second_factor.matching_step(secret, code, read.now)
    if step is None:
        problem = _("This code does not belong to the picture, or is over. Type the one that is shown now.")
        return _set_up_page(secret, problem), 422
    sealed = present_sealer().seal(secret, purpose=second_factor.purpose_of(account_id))
    codes, stored = second_factor.new_recovery_codes()
    settings = composition().settings

    def act(uow: UnitOfWork) -> str:
        second_factor.enable(uow.session, account_id, sealed, step=step, now=uow.now)
        second_factor.store_recovery_codes(uow.session, account_id, stored)
        sessions.end_all_sessions(uow.session, account_id, EndReason.FACTOR_CHANGED, now=uow.now, keeping=session_id)
        return sessions.promote(uow.session, session_id, Stage.FULL, now=uow.now, settings=settings)

    entering.give_renewed(transact(act))
    note("second_factor_enabled", account=account_id)
    return _codes_page(codes, new=True)


@blueprint.post("/codes")
@signed_in
@confirmed
def new_codes() -> str | Response:
    """Make new recovery codes in the place of all earlier ones, and show them, once."""
    account_id = current_user.account_id
    codes, stored = second_factor.new_recovery_codes()

    def act(uow: UnitOfWork) -> bool:
        if second_factor.find(uow.session, account_id) is None:
            return False
        second_factor.store_recovery_codes(uow.session, account_id, stored)
        return True

    if not transact(act):
        return redirect(url_for("own_factor.show"), code=303)
    note("recovery_codes_made", account=account_id)
    return _codes_page(codes, new=False)


@blueprint.post("/off")
@signed_in
@confirmed
def turn_off() -> Response:
    """Turn the second step off, unless the role asks for it."""
    if _is_needed():
        flash(_("Your position asks for the second step. Set it up on another device instead."), "due")
        return redirect(url_for("own_factor.show"), code=303)
    account_id, session_id = current_user.account_id, current_user.session_id

    def act(uow: UnitOfWork) -> str:
        second_factor.remove(uow.session, account_id)
        sessions.end_all_sessions(uow.session, account_id, EndReason.FACTOR_CHANGED, now=uow.now, keeping=session_id)
        return sessions.renew(uow.session, session_id, now=uow.now)

    entering.give_renewed(transact(act))
    warn("second_factor_disabled", account=account_id)
    flash(_("The second step is off. All other devices are signed out."), "done")
    return redirect(url_for("own_factor.show"), code=303)


def _set_up_page(secret: str, problem: str = "") -> str:
    address = second_factor.address_of(secret, current_user.login)
    return render_template(
        "accounts/set_up_factor.html",
        picture=second_factor.picture_of(address),
        address=address,
        typed=second_factor.grouped(secret),
        sealed=present_sealer().seal(secret, purpose=_purpose()),
        problem=problem,
        needed=_is_needed(),
        wanted=_wanted(),
    )


def _codes_page(codes: list[str], *, new: bool) -> str:
    return render_template(
        "accounts/recovery_codes.html", codes=codes, new=new, login=current_user.login, wanted=_wanted() or "/"
    )


def _purpose() -> str:
    """Return what the secret of a page is sealed for: this session of this account."""
    return f"setting up in session {current_user.session_id} of account {current_user.account_id}"


def _is_needed() -> bool:
    return needs_second_factor(current_user.capacities, composition().settings)


def _wanted() -> str:
    return own_page(request.values.get("next"), "")
