"""Whoever changes what protects an account proves again who they are, when the last time is more than minutes ago."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from engine import SYSTEM, UnitOfWork
from web.accounts import second_factor, service, sessions, throttle
from web.accounts.passwords import is_password
from web.accounts.sealing import SealBroken, present_sealer
from web.accounts.security_log import note, warn
from web.accounts.throttle import minutes_of
from web.composition import composition, reading, transact
from web.preferences import own_page

View = TypeVar("View", bound=Callable[..., Any])


def confirmed(view: View) -> View:
    """Guard a view: whoever has not proved lately who they are is asked first, and then comes back to the page."""

    @wraps(view)
    def guarded(*arguments: Any, **named: Any) -> Any:
        if current_user.confirmed:
            return view(*arguments, **named)
        return redirect(url_for("own_password.confirm", next=_page()), code=303)

    return guarded  # type: ignore[return-value]  # the same signature


def check(*, password: str, code: str = "") -> str:
    """Check what the signed-in person types to prove who they are; returns what is wrong with it, else nothing.

    With a second factor its code counts, without one the password; both are counted against guessing.
    """
    person = current_user
    buckets = throttle.confirm_buckets(person.account_id, settings=composition().settings)
    wait = transact(lambda uow: throttle.charge(uow.session, buckets, uow.now), actor=SYSTEM)
    if wait is not None:
        warn("confirmation_throttled", account=person.account_id, session=person.session_id)
        minutes = minutes_of(wait)
        return str(
            ngettext(
                "There were too many attempts. Try again in %(num)d minute.",
                "There were too many attempts. Try again in %(num)d minutes.",
                minutes,
            )
        )
    problem = _check_code(person.account_id, code) if code else _check_password(person.account_id, password)
    if problem:
        warn("confirmation_failed", account=person.account_id, session=person.session_id)
        return problem
    transact(lambda uow: throttle.refund(uow.session, buckets, uow.now), actor=SYSTEM)
    note("confirmed", account=person.account_id, session=person.session_id)
    return ""


def renew_confirmed() -> str:
    """Note in the database that the person has proved who they are; returns the session's new token."""
    session_id = current_user.session_id

    def act(uow: UnitOfWork) -> str:
        return sessions.renew(uow.session, session_id, now=uow.now, confirmed=True)

    return transact(act)


def _page() -> str:
    """Return the page on which the person is: the one asked for, or the one that sent the form."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    sent_by = urlsplit(request.referrer or "")
    return own_page(f"{sent_by.path}?{sent_by.query}".rstrip("?"), url_for("own_sessions.show"))


def _check_password(account_id: int, password: str) -> str:
    with reading() as read:
        account = service.get_account(read.session, account_id)
        stored = account.password_hash if account is not None else None
    return "" if is_password(stored, password) else str(_("The password is not right."))


def _check_code(account_id: int, code: str) -> str:
    try:
        with reading() as read:
            proof = second_factor.find_proof(read.session, account_id, code, present_sealer(), read.now)
    except SealBroken:
        return str(_("The authenticator cannot be checked at the moment. Use a recovery code."))
    if proof is None or not transact(
        lambda uow: second_factor.use_up(uow.session, account_id, proof, now=uow.now), actor=SYSTEM
    ):
        return str(_("This code is not right, or was used already. Type the one that is shown now."))
    return ""
