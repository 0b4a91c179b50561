"""Accounts: who may sign in, their sessions, and the capacity in which they act."""

from __future__ import annotations

from flask import Flask, current_app, g, request
from flask_login import current_user

from engine import SYSTEM
from web.access import is_background
from web.accounts import service
from web.accounts.views import blueprint
from web.composition import composition, directory, reading, unit_of_work
from web.extensions import login_manager
from web.identity import SignedIn
from workflows.notifications import unread_count


def install_accounts(app: Flask) -> None:
    """Register the pages and tell Flask-Login how to find a signed-in person."""
    login_manager.session_protection = "strict"
    login_manager.user_loader(_load)
    login_manager.init_app(app, add_context_processor=False)
    # As a global it is looked up only where a template names it: error pages must not ask a database that is away.
    app.jinja_env.globals["current_user"] = current_user
    app.register_blueprint(blueprint)


def _load(token: str) -> SignedIn | None:
    settings = composition().settings
    with reading() as read:
        found = service.find_session(read.session, token, now=read.now, settings=settings)
        if found is None:
            return None
        opened, account = found
        capacities = tuple(directory().capacities_of(read.session, account.person_id, read.now))
        # A position that ended today is no longer acted in, whatever the session remembers.
        first = capacities[0] if capacities else None
        capacity = next((held for held in capacities if held.id == opened.capacity), first)
        user = SignedIn(
            token=token,
            account_id=account.id,
            person_id=account.person_id,
            name=directory().names_of(read.session, [account.person_id]).get(account.person_id, account.login),
            capacities=capacities,
            capacity=capacity,
            unread=unread_count(read.session, account.person_id),
        )
        old = service.needs_touch(opened, read.now) and not is_background(current_app, request.endpoint)
    if old and not g.get("session_touched"):
        g.session_touched = True
        with unit_of_work(SYSTEM) as uow:
            service.touch(uow.session, token, now=uow.now)
    return user
