"""Pages of signing in and out: name and password, second step, capacity, the demo's one click."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import SYSTEM, UnitOfWork
from web.access import public, signed_in
from web.accounts import entering, second_factor, service, sessions, throttle
from web.accounts.entering import Entrance
from web.accounts.passwords import hash_password, is_outdated, is_password
from web.accounts.sealing import SealBroken, present_sealer
from web.accounts.security_log import note, warn
from web.accounts.sessions import EndReason, OpenSession, Stage
from web.accounts.throttle import Bucket, minutes_of
from web.composition import Reading, composition, directory, reading, transact
from web.people import DemoUnit
from web.preferences import own_page

blueprint = Blueprint("accounts", __name__)
WHY: dict[EndReason, LazyString] = {
    EndReason.IDLE: _l("You were signed out because nothing was done for a while. Drafts that were saved are kept."),
    EndReason.ABSOLUTE: _l("You were signed out because the day's session is over. Drafts that were saved are kept."),
    EndReason.AUTHORITY_CHANGED: _l("Your positions have changed. Sign in again to act in the new ones."),
    EndReason.PASSWORD_CHANGED: _l("The password of this account was changed. Sign in with the new one."),
    EndReason.FACTOR_CHANGED: _l("The second step of this account was changed. Sign in again."),
    EndReason.BY_OWNER: _l("This session was ended from another device of yours."),
    EndReason.BY_ADMINISTRATOR: _l("An administrator has ended this session."),
}


@blueprint.get("/sign-in")
@public
def sign_in() -> str:
    """Ask for name and password; in demo mode also list the demo people."""
    return _sign_in_page()


@blueprint.post("/sign-in")
@public
def sign_in_submit() -> tuple[str, int] | Response:
    """Check name and password.

    The same is read, written and hashed whether the name is unknown, its account is disabled or the password is wrong.
    """
    login, password = service.clean_login(request.form.get("login", "")), request.form.get("password", "")
    with reading() as read:
        account = service.any_account(read.session, login=login)
        stored = account.password_hash if account is not None and account.disabled_at is None else None
        account_id = account.id if account is not None else None
        buckets = throttle.sign_in_buckets(
            login,
            request.remote_addr or "",
            account_id=account_id,
            known=sessions.is_known_address(read.session, login, request.remote_addr or ""),
            settings=composition().settings,
        )
        wait = throttle.waiting(read.session, buckets, read.now)
    wait = wait or transact(lambda uow: throttle.charge(uow.session, buckets, uow.now), actor=SYSTEM)
    if wait is not None:
        warn("sign_in_throttled", account=account_id, seconds=math.ceil(wait.total_seconds()))
        return _refused(_too_many(minutes_of(wait)), 429, retry_after=math.ceil(wait.total_seconds()))
    if not is_password(stored, password):
        warn("sign_in_failed", account=account_id)
        return _refused(_("Name or password is not right. Nothing else was checked."), 422)
    renewed = hash_password(password) if stored is not None and is_outdated(stored) else stored
    entrance = transact(lambda uow: _open(uow, login, stored, renewed, buckets), actor=SYSTEM)
    if entrance is None:  # disabled, or the password was changed, while it was being compared
        return _refused(_("Name or password is not right. Nothing else was checked."), 422)
    return _let_in(entrance, account_id)


@blueprint.get("/sign-in/code")
@public
def second_step() -> str | Response:
    """Ask for the code of the authenticator."""
    with reading() as read:
        if _second_step(read) is None:
            return _begin_again()
    return _code_page()


@blueprint.post("/sign-in/code")
@public
def second_step_submit() -> tuple[str, int] | str | Response:
    """Check the code of the authenticator, or a recovery code."""
    settings = composition().settings
    with reading() as read:
        opened = _second_step(read)
        if opened is None:
            return _begin_again()
        known = sessions.is_known_address(read.session, opened.login, request.remote_addr or "")
        buckets = throttle.code_buckets(opened.account_id, request.remote_addr or "", known=known, settings=settings)
        wait = throttle.waiting(read.session, buckets, read.now)
    wait = wait or transact(lambda uow: throttle.charge(uow.session, buckets, uow.now), actor=SYSTEM)
    if wait is not None:
        warn("second_step_throttled", account=opened.account_id, session=opened.id)
        return _code_page(_too_many(minutes_of(wait))), 429
    try:
        with reading() as read:
            typed = request.form.get("code", "")
            proof = second_factor.find_proof(read.session, opened.account_id, typed, present_sealer(), read.now)
    except SealBroken:
        warn("second_factor_unreadable", account=opened.account_id)
        return _code_page(_("The authenticator cannot be checked at the moment. Use a recovery code.")), 422
    entrance = None
    if proof is not None:
        entrance = transact(lambda uow: _pass_second_step(uow, opened, proof, buckets), actor=SYSTEM)
    if proof is None or entrance is None:
        warn("second_step_failed", account=opened.account_id, session=opened.id)
        return _code_page(_("This code is not right, or was used already. Type the one that is shown now.")), 422
    if proof.recovery_code is not None:
        with reading() as read:
            left = second_factor.recovery_codes_left(read.session, opened.account_id)
        note("recovery_code_used", account=opened.account_id, left=left)
        told = ngettext("You have %(num)d recovery code left.", "You have %(num)d recovery codes left.", left)
        answer = _let_in(entrance, opened.account_id)
        flash(told, "due" if left <= second_factor.FEW_LEFT else "done")
        return answer
    return _let_in(entrance, opened.account_id)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End this session."""
    if current_user.is_authenticated:
        note("signed_out", account=current_user.account_id, session=current_user.session_id)
    transact(entering.give_up, actor=SYSTEM)
    flash(_("You have signed out."), "done")
    return redirect(url_for("accounts.sign_in"), code=303)


@blueprint.post("/capacity")
@signed_in
def capacity() -> Response:
    """Act in another of one's positions from now on; with its rights the session gets a new token."""
    chosen = next((held for held in current_user.capacities if held.id == request.form.get("capacity")), None)
    if chosen is None:
        abort(403)
    session_id = current_user.session_id

    def act(uow: UnitOfWork) -> str:
        sessions.choose_capacity(uow.session, session_id, chosen.id)
        return sessions.renew(uow.session, session_id, now=uow.now)

    entering.give_renewed(transact(act))
    flash(_("You now act as %(title)s.", title=chosen.title), "done")
    return redirect("/", code=303)


@blueprint.post("/demo/switch")
@public
def demo_switch() -> Response:
    """Become a demo person; exists in demo mode only, and only on this machine."""
    if not _is_demo():
        abort(404)

    def act(uow: UnitOfWork) -> Entrance | None:
        account = service.find_account_of_person(uow.session, request.form.get("person", ""))
        if account is None:
            return None
        return entering.open_entrance(uow, account, capacity=request.form.get("capacity", ""), by_click=True)

    entrance = transact(act, actor=SYSTEM)
    if entrance is None:
        abort(404)
    return _let_in(entrance, None)


def _open(
    uow: UnitOfWork, login: str, stored: str | None, renewed: str | None, buckets: Sequence[Bucket]
) -> Entrance | None:
    account = service.find_account(uow.session, login)
    if account is None or account.password_hash != stored:
        return None
    throttle.refund(uow.session, buckets, uow.now)
    account.password_hash = renewed
    return entering.open_entrance(uow, account)


def _pass_second_step(
    uow: UnitOfWork, opened: OpenSession, proof: second_factor.Proof, buckets: Sequence[Bucket]
) -> Entrance | None:
    """Let a sign-in go on with a code that is right, unless it was used up, or the account disabled, meanwhile."""
    settings = composition().settings
    token = entering.second_step_token() or ""
    if sessions.find_second_step(uow.session, token, now=uow.now, settings=settings) is None:
        return None
    if not second_factor.use_up(uow.session, opened.account_id, proof, now=uow.now):
        return None
    throttle.refund(uow.session, buckets, uow.now)
    renewed = sessions.promote(uow.session, opened.id, Stage.FULL, now=uow.now, settings=settings)
    return Entrance(opened.id, renewed, Stage.FULL)


def _let_in(entrance: Entrance, account_id: int | None) -> Response:
    """Give the browser its session and go where the person wanted to go."""
    wanted = own_page(request.form.get("next"), "")
    entering.give(entrance)
    if entrance.stage is Stage.CODE:
        note("first_step_passed", account=account_id, session=entrance.session_id)
        return redirect(url_for("accounts.second_step", next=wanted or None), code=303)
    note("signed_in", account=account_id, session=entrance.session_id, stage=entrance.stage)
    if entrance.stage is Stage.ENROL:
        return redirect(url_for("own_factor.show", next=wanted or None), code=303)
    return redirect(wanted or "/", code=303)


def _second_step(read: Reading) -> OpenSession | None:
    token = entering.second_step_token()
    if token is None:
        return None
    return sessions.find_second_step(read.session, token, now=read.now, settings=composition().settings)


def _begin_again() -> Response:
    if current_user.is_authenticated:  # came back to the form by the browser's own button
        return redirect(own_page(request.values.get("next"), "/"), code=303)
    flash(_("That took too long, or was ended. Begin again with name and password."), "due")
    return redirect(url_for("accounts.sign_in", next=own_page(request.values.get("next"), "") or None), code=303)


def _too_many(minutes: int) -> str:
    return str(
        ngettext(
            "There were too many attempts. Try again in %(num)d minute.",
            "There were too many attempts. Try again in %(num)d minutes.",
            minutes,
        )
    )


def _refused(problem: str, status: int, *, retry_after: int | None = None) -> Response:
    answer = make_response(_sign_in_page(problem), status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _code_page(problem: str = "") -> str:
    wanted = own_page(request.values.get("next"), "")
    return render_template("accounts/second_step.html", problem=problem, wanted=wanted)


def _sign_in_page(problem: str = "") -> str:
    groups: Sequence[DemoUnit] = ()
    demo = _is_demo()
    if demo:
        with reading() as read:
            groups = directory().demo_people(read.session, read.now)
    return render_template(
        "accounts/sign_in.html",
        problem=problem,
        why="" if problem else _why_here(),
        login=request.form.get("login", ""),
        wanted=own_page(request.values.get("next"), ""),
        demo=demo,
        groups=groups,
    )


def _why_here() -> LazyString | str:
    """Say why somebody who was signed in has to sign in again."""
    token = entering.present_token()
    if token is None or current_user.is_authenticated:
        return ""
    with reading() as read:
        reason = sessions.why_ended(read.session, token, now=read.now, settings=composition().settings)
    return WHY.get(reason, "") if reason is not None else ""


def _is_demo() -> bool:
    """Tell whether one click may make a visitor somebody: in demo mode, to a browser of this machine."""
    if not composition().settings.demo:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
