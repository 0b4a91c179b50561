"""Pages on which one changes the own password, and proves who one is before something else is changed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import UnitOfWork
from web.access import signed_in, while_enrolling
from web.accounts import confirming, entering, second_factor, service, sessions
from web.accounts.passwords import MAX_LENGTH, MIN_LENGTH, hash_password
from web.accounts.security_log import note
from web.composition import reading, transact
from web.preferences import own_page
from web.task_forms import FormError

FEWEST_SIGNS = 5  # different ones
blueprint = Blueprint("own_password", __name__, url_prefix="/account")


@blueprint.get("/password")
@signed_in
def show() -> str:
    """Ask for the present and the new password."""
    return _password_page([])


@blueprint.post("/password")
@signed_in
def change() -> tuple[str, int] | Response:
    """Change the password: all other sessions end, and this one goes on under a new token."""
    present, new, again = (request.form.get(name, "") for name in ("password", "new_password", "again"))
    errors = _problems(present, new, again)
    if not errors and (problem := confirming.check(password=present)):
        errors.append(FormError("password", problem))
    if errors:
        return _password_page(errors), 422
    hashed = hash_password(new)
    account_id, session_id = current_user.account_id, current_user.session_id

    def act(uow: UnitOfWork) -> str:
        account = service.get_account(uow.session, account_id)
        assert account is not None, "the session's account"
        service.change_password(uow.session, account, hashed, now=uow.now, keeping=session_id)
        return sessions.renew(uow.session, session_id, now=uow.now, confirmed=True)

    entering.give_renewed(transact(act))
    note("password_changed", account=account_id)
    flash(_("Your password is changed. All other devices are signed out."), "done")
    return redirect(url_for("own_sessions.show"), code=303)


@blueprint.get("/confirm")
@signed_in
@while_enrolling
def confirm() -> str:
    """Ask somebody to prove who they are."""
    return _confirm_page("")


@blueprint.post("/confirm")
@signed_in
@while_enrolling
def confirm_submit() -> tuple[str, int] | Response:
    """Check it, and lead back to what they wanted to do."""
    with reading() as read:
        has_factor = second_factor.find(read.session, current_user.account_id) is not None
    typed = request.form.get("code" if has_factor else "password", "")
    if not typed:
        problem = _("Type the code.") if has_factor else _("Type your password.")
    elif has_factor:
        problem = confirming.check(password="", code=typed)
    else:
        problem = confirming.check(password=typed)
    if problem:
        return _confirm_page(problem), 422
    entering.give_renewed(confirming.renew_confirmed())
    flash(_("Thank you. Now go on."), "done")
    return redirect(own_page(request.form.get("next"), url_for("own_sessions.show")), code=303)


def _problems(present: str, new: str, again: str) -> list[FormError]:
    errors = []
    if not present:
        errors.append(FormError("password", _("Type your present password.")))
    if not MIN_LENGTH <= len(new) <= MAX_LENGTH:
        told = _("The new password needs %(least)d to %(most)d characters.", least=MIN_LENGTH, most=MAX_LENGTH)
        errors.append(FormError("new_password", told))
    elif new == present:
        errors.append(FormError("new_password", _("The new password is the same as the present one.")))
    elif current_user.login in new.lower() or len(set(new)) < FEWEST_SIGNS:
        errors.append(FormError("new_password", _("This password is easily guessed. Choose another one.")))
    if not errors and new != again:
        errors.append(FormError("again", _("The two new passwords differ.")))
    return errors


def _password_page(errors: list[FormError]) -> str:
    return render_template("accounts/password.html", errors=errors, least=MIN_LENGTH, most=MAX_LENGTH)


def _confirm_page(problem: str) -> str:
    with reading() as read:
        has_factor = second_factor.find(read.session, current_user.account_id) is not None
    wanted = own_page(request.values.get("next"), "")
    return render_template("accounts/confirm.html", problem=problem, has_factor=has_factor, wanted=wanted)
