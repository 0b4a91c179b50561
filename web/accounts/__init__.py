"""Accounts: who may sign in, their sessions, and the capacity in which they act."""

from __future__ import annotations

import structlog
from flask import Flask, current_app, g, request
from flask_login import current_user

from engine import SYSTEM, ConcurrentUpdate, DatabaseUnavailable
from web.access import is_background
from web.accounts import sessions
from web.accounts.administration import blueprint as users
from web.accounts.own_factor import blueprint as own_factor
from web.accounts.own_password import blueprint as own_password
from web.accounts.own_sessions import blueprint as own_sessions
from web.accounts.security_log import note
from web.accounts.sessions import CONFIRMED_FOR, EndReason, OpenSession, Stage
from web.accounts.signing_in import blueprint as signing_in
from web.accounts.standing import stamp_of
from web.composition import composition, directory, reading, unit_of_work
from web.extensions import login_manager
from web.identity import SignedIn
from workflows.notifications import unread_count

log = structlog.get_logger("web.accounts")
BLUEPRINTS = (signing_in, own_sessions, own_password, own_factor, users)


def install_accounts(app: Flask) -> None:
    """Register the pages and tell Flask-Login how to find a signed-in person."""
    # Not bound to an address: mobile networks change it under one's hands. The database knows when a session ends.
    login_manager.session_protection = None
    login_manager.user_loader(_load)
    login_manager.init_app(app, add_context_processor=False)
    # As a global it is looked up only where a template names it: error pages must not ask a database that is away.
    app.jinja_env.globals["current_user"] = current_user
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def _load(token: str) -> SignedIn | None:
    settings = composition().settings
    with reading(hand_on=True) as read:
        opened = sessions.find_session(read.session, token, now=read.now, settings=settings)
        if opened is None:
            return None
        capacities = tuple(directory().capacities_of(read.session, opened.person_id, read.now))
        lapsed = stamp_of(capacities, settings) != opened.authority
        user = SignedIn(
            token=token,
            session_id=opened.id,
            account_id=opened.account_id,
            person_id=opened.person_id,
            login=opened.login,
            name=directory().names_of(read.session, [opened.person_id]).get(opened.person_id, opened.login),
            capacities=capacities,
            capacity=next((held for held in capacities if held.id == opened.capacity), next(iter(capacities), None)),
            unread=unread_count(read.session, opened.person_id),
            must_enrol=opened.stage is Stage.ENROL,
            confirmed=settings.demo or read.now - opened.confirmed_at <= CONFIRMED_FOR,
        )
        unwritten = read.now - opened.last_seen_at >= sessions.USE_WRITTEN_EVERY
    if lapsed:
        _end_lapsed(opened)
        return None
    if unwritten and not is_background(current_app, request.endpoint) and not g.get("session_use_recorded"):
        g.session_use_recorded = True
        _record_use(opened)
    return user


def _end_lapsed(opened: OpenSession) -> None:
    """End a session whose person may act in something else than when it began: nobody keeps what was taken away."""
    with unit_of_work(SYSTEM) as uow:
        sessions.end_session(uow.session, opened.id, opened.account_id, EndReason.AUTHORITY_CHANGED, now=uow.now)
    note("session_ended", account=opened.account_id, session=opened.id, reason=EndReason.AUTHORITY_CHANGED)


def _record_use(opened: OpenSession) -> None:
    """Write the sign of life in a transaction of its own; a page is not refused because that cannot be written."""
    try:
        with unit_of_work(SYSTEM) as uow:
            sessions.record_use(uow.session, opened.id, now=uow.now)
    except (DatabaseUnavailable, ConcurrentUpdate) as error:
        log.warning("session_use_not_recorded", code=error.code)
