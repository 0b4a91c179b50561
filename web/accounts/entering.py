"""A browser gets its session: opened in the place of an earlier one, renewed when rights grow, given up at the end."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, session
from flask_wtf.csrf import generate_csrf

from engine import UnitOfWork
from web.accounts import second_factor, sessions
from web.accounts.browsers import browser_in_words
from web.accounts.models import Account
from web.accounts.sessions import EndReason, Stage
from web.accounts.standing import needs_second_factor, stamp_of
from web.composition import composition, directory

_TOKEN = "_user_id"  # noqa: S105 (where Flask-Login looks for it in the cookie)
_SECOND_STEP = "second_step"
_KEPT = ("language", "shortcuts")


@dataclass(frozen=True, slots=True)
class Entrance:
    """A session that was opened, before the browser has it."""

    session_id: int
    token: str
    stage: Stage


def open_entrance(uow: UnitOfWork, account: Account, *, capacity: str = "", by_click: bool = False) -> Entrance:
    """Open a session for this browser in the place of the one it has; the demo's one click asks for nothing more."""
    settings = composition().settings
    capacities = directory().capacities_of(uow.session, account.person_id, uow.now)
    chosen = next((held for held in capacities if held.id == capacity), capacities[0] if capacities else None)
    stage = Stage.FULL
    if not by_click:
        if second_factor.find(uow.session, account.id) is not None:
            stage = Stage.CODE
        elif needs_second_factor(capacities, settings):
            stage = Stage.ENROL
    _end_present(uow, EndReason.REPLACED)
    session_id, token = sessions.open_session(
        uow.session,
        account.id,
        stage=stage,
        capacity=chosen.id if chosen else "",
        authority=stamp_of(capacities, settings),
        address=request.remote_addr or "",
        browser=browser_in_words(request.user_agent.string),
        now=uow.now,
        settings=settings,
    )
    return Entrance(session_id, token, stage)


def give(entrance: Entrance) -> None:
    """Give the browser its session, once that is in the database; nothing of an earlier visitor goes on."""
    _start_over()
    session[_SECOND_STEP if entrance.stage is Stage.CODE else _TOKEN] = entrance.token


def give_renewed(token: str) -> None:
    """Give the browser the new token of the session that it has; the forms of its pages stay usable."""
    session[_TOKEN] = token


def give_up(uow: UnitOfWork) -> None:
    """End the session that this browser has."""
    _end_present(uow, EndReason.SIGNED_OUT)
    _start_over()


def present_token() -> str | None:
    """Return the token in this browser's cookie, whether it still opens anything or not."""
    token = session.get(_TOKEN)
    return token if isinstance(token, str) else None


def second_step_token() -> str | None:
    """Return the token of the sign-in in this browser that waits for its second factor."""
    token = session.get(_SECOND_STEP)
    return token if isinstance(token, str) else None


def _end_present(uow: UnitOfWork, reason: EndReason) -> None:
    for token in (present_token(), second_step_token()):
        if token is not None:
            sessions.end_by_token(uow.session, token, reason, now=uow.now)


def _start_over() -> None:
    kept = {name: session[name] for name in _KEPT if name in session}
    session.clear()
    session.update(kept)
    session.permanent = True
    generate_csrf()  # now: two pages that are opened at once must not each make a token of their own
