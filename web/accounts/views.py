"""Pages of the account: sign in and out, act in another capacity, see and end one's sessions, switch demo people."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import SYSTEM
from web.access import public, signed_in
from web.accounts import service
from web.accounts.models import Account
from web.accounts.passwords import is_password
from web.composition import composition, directory, reading, unit_of_work
from web.identity import SignedIn
from web.people import DemoUnit
from web.preferences import local_address

log = structlog.get_logger("web.accounts")
blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
@public
def sign_in() -> str:
    """Ask for name and password; in demo mode also list the demo people."""
    return _sign_in_page()


@blueprint.post("/sign-in")
@public
def sign_in_submit() -> tuple[str, int] | Response:
    """Check name and password."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    settings, address = composition().settings, request.remote_addr or ""
    with reading() as read:
        throttled = service.is_throttled(read.session, login=login, address=address, now=read.now, settings=settings)
        found = None if throttled else service.find_account(read.session, login)
        stored = found.password_hash if found else None
    if throttled:
        log.warning("sign_in_throttled", address=address)
        return _sign_in_page(_("There were too many attempts. Wait a quarter of an hour and try again.")), 429
    if not is_password(stored, password):
        with unit_of_work(SYSTEM) as uow:
            service.record_failure(uow.session, login=login, address=address, now=uow.now, settings=settings)
        return _sign_in_page(_("Name or password is not right. Nothing else was checked.")), 422
    return _enter(login=login)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End this session."""
    if current_user.is_authenticated:
        _end(current_user)
    flash(_("You have signed out."), "done")
    return redirect(url_for("accounts.sign_in"), code=303)


@blueprint.post("/capacity")
@signed_in
def capacity() -> Response:
    """Act in another of one's positions from now on."""
    chosen = next((held for held in current_user.capacities if held.id == request.form.get("capacity")), None)
    if chosen is None:
        abort(403)
    with unit_of_work() as uow:
        service.choose_capacity(uow.session, current_user.token, chosen.id)
    flash(_("You now act as %(title)s.", title=chosen.title), "done")
    return redirect("/", code=303)


@blueprint.get("/sessions")
@signed_in
def sessions() -> str:
    """List the open sessions of this account."""
    with reading() as read:
        opened = service.sessions_of(
            read.session, current_user.account_id, now=read.now, settings=composition().settings
        )
        present = service.hash_token(current_user.token)
        return render_template("accounts/sessions.html", sessions=opened, present=present, now=read.now)


@blueprint.post("/sessions/end")
@signed_in
def end_session() -> Response:
    """End one session of this account, or all others."""
    with unit_of_work() as uow:
        if request.form.get("which") == "others":
            for other in service.sessions_of(
                uow.session, current_user.account_id, now=uow.now, settings=composition().settings
            ):
                if other.token_hash != service.hash_token(current_user.token):
                    service.end_session(uow.session, other.token_hash, current_user.account_id, now=uow.now)
        else:
            chosen = request.form.get("session", "")
            service.end_session(uow.session, chosen, current_user.account_id, now=uow.now)
    flash(_("The session has ended."), "done")
    return redirect(url_for("accounts.sessions"), code=303)


@blueprint.post("/demo/switch")
@public
def demo_switch() -> Response:
    """Become a demo person; exists in demo mode only, and only on this machine."""
    if not composition().settings.demo or not _is_local(request.remote_addr):
        abort(404)
    person = request.form.get("person", "")
    if current_user.is_authenticated:
        _end(current_user)
    return _enter(person=person)


def _enter(*, login: str = "", person: str = "") -> Response:
    """Open a session under a new cookie and go where the person wanted to go."""
    wanted = local_address(request.form.get("next"), "/")
    with unit_of_work(SYSTEM) as uow:
        account = _account(uow.session, login, person)
        capacities = directory().capacities_of(uow.session, account.person_id, uow.now)
        asked = request.form.get("capacity", "")
        chosen = next((held for held in capacities if held.id == asked), capacities[0] if capacities else None)
        token = service.open_session(
            uow.session,
            account,
            capacity=chosen.id if chosen else "",
            browser=request.user_agent.string,
            now=uow.now,
            settings=composition().settings,
        )
        user = SignedIn(
            token=token,
            account_id=account.id,
            person_id=account.person_id,
            name=directory().names_of(uow.session, [account.person_id]).get(account.person_id, login),
            capacities=tuple(capacities),
            capacity=chosen,
        )
    kept = {name: session[name] for name in ("language", "shortcuts") if name in session}
    session.clear()  # nothing of an earlier visitor of this browser goes on
    session.update(kept)
    session.permanent = True
    login_user(user)
    return redirect(wanted, code=303)


def _account(database: Session, login: str, person: str) -> Account:
    account = service.find_account(database, login) if login else service.find_account_of_person(database, person)
    if account is None:
        abort(404)
    return account


def _end(user: SignedIn) -> None:
    with unit_of_work(SYSTEM) as uow:
        service.end_session(uow.session, service.hash_token(user.token), user.account_id, now=uow.now)
    logout_user()


def _sign_in_page(problem: str = "") -> str:
    groups: Sequence[DemoUnit] = ()
    demo = composition().settings.demo and _is_local(request.remote_addr)
    if demo:
        with reading() as read:
            groups = directory().demo_people(read.session, read.now)
    return render_template(
        "accounts/sign_in.html",
        problem=problem,
        login=request.form.get("login", ""),
        wanted=local_address(request.values.get("next"), ""),
        demo=demo,
        groups=groups,
    )


def _is_local(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
