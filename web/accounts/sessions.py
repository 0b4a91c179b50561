"""Sessions: open, find, renew, use, list and end; the cookie holds a token, everything else stands in the database.

While a request is read, the database is written in one place only, `record_use`: when the session was last used, at
most once a minute.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, select, update
from sqlalchemy.orm import Session

from engine import Prepared, UtcDateTime
from web.accounts.models import Account, WebSession
from web.config import Settings

USE_WRITTEN_EVERY: Final = dt.timedelta(minutes=1)
SECOND_STEP_LASTS: Final = dt.timedelta(minutes=10)
CONFIRMED_FOR: Final = dt.timedelta(minutes=10)
Moment: TypeAlias = dt.datetime | BindParameter[dt.datetime]


class Stage(StrEnum):
    """What is still missing until a session opens the pages."""

    CODE = "code"  # the password was right, the second factor is owed
    ENROL = "enrol"  # the person must set up a second factor first
    FULL = "full"


class EndReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    REPLACED = "replaced"  # somebody signed in anew in the same browser
    BY_OWNER = "by_owner"
    BY_ADMINISTRATOR = "by_administrator"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (a reason)
    FACTOR_CHANGED = "factor_changed"
    AUTHORITY_CHANGED = "authority_changed"
    DISABLED = "disabled"
    IDLE = "idle"
    ABSOLUTE = "absolute"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that goes on, with what every request needs of its account."""

    id: int
    account_id: int
    person_id: str
    login: str
    stage: Stage
    capacity: str
    authority: str
    last_seen_at: dt.datetime
    confirmed_at: dt.datetime


def open_session(
    session: Session,
    account_id: int,
    *,
    stage: Stage,
    capacity: str,
    authority: str,
    address: str,
    browser: str,
    now: dt.datetime,
    settings: Settings,
) -> tuple[int, str]:
    """Open a session; returns its id and its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    opened = WebSession(
        token_hash=hash_token(token),
        account_id=account_id,
        stage=stage,
        capacity=capacity,
        authority=authority,
        created_at=now,
        last_seen_at=now,
        confirmed_at=now,
        expires_at=now + (SECOND_STEP_LASTS if stage is Stage.CODE else settings.session_absolute),
        address=address[:64],
        browser=browser[:100],
    )
    session.add(opened)
    session.flush()
    return opened.id, token


def find_session(session: Session, token: str, *, now: dt.datetime, settings: Settings) -> OpenSession | None:
    """Return the session of a token, None when it has ended in any way or waits for its second factor."""
    found = _find(session, token, now=now, settings=settings)
    return found if found is not None and found.stage is not Stage.CODE else None


def find_second_step(session: Session, token: str, *, now: dt.datetime, settings: Settings) -> OpenSession | None:
    """Return the session of a token that waits for its second factor, None when there is none."""
    found = _find(session, token, now=now, settings=settings)
    return found if found is not None and found.stage is Stage.CODE else None


def why_ended(session: Session, token: str, *, now: dt.datetime, settings: Settings) -> EndReason | None:
    """Return why the session of a token is over, None if it goes on or there never was one."""
    found = session.scalars(select(WebSession).where(WebSession.token_hash == hash_token(token))).one_or_none()
    return None if found is None else reason_of(found, now, settings)


def reason_of(row: WebSession, now: dt.datetime, settings: Settings) -> EndReason | None:
    """Return why a session is over, None if it goes on."""
    if row.ended_at is not None:
        return EndReason(row.end_reason or EndReason.BY_OWNER)
    if row.expires_at <= now:
        return EndReason.ABSOLUTE
    return EndReason.IDLE if row.last_seen_at <= now - settings.session_idle else None


def record_use(session: Session, session_id: int, *, now: dt.datetime) -> None:
    """Write that a session is in use, unless another request did so within the minute."""
    session.execute(
        update(WebSession)
        .where(
            WebSession.id == session_id,
            WebSession.ended_at.is_(None),
            WebSession.last_seen_at <= now - USE_WRITTEN_EVERY,
        )
        .values(last_seen_at=now)
    )


def renew(session: Session, session_id: int, *, now: dt.datetime, confirmed: bool = False) -> str:
    """Give a session a new token, as it is due when its rights grow; the old one opens nothing any more."""
    token = secrets.token_urlsafe(32)
    values: dict[str, object] = {"token_hash": hash_token(token), "last_seen_at": now}
    if confirmed:
        values["confirmed_at"] = now
    session.execute(update(WebSession).where(WebSession.id == session_id).values(values))
    return token


def promote(session: Session, session_id: int, stage: Stage, *, now: dt.datetime, settings: Settings) -> str:
    """Let a session go on to its next stage, under a new token."""
    row = session.get_one(WebSession, session_id)
    if row.stage == Stage.CODE:
        row.expires_at = now + settings.session_absolute
    row.stage = stage
    session.flush()
    return renew(session, session_id, now=now, confirmed=True)


def choose_capacity(session: Session, session_id: int, capacity: str) -> None:
    """Remember the position in which the person acts from now on."""
    session.execute(update(WebSession).where(WebSession.id == session_id).values(capacity=capacity))


def is_known_address(session: Session, login: str, address: str) -> bool:
    """Tell whether somebody has signed in to this account from this address before, all the way."""
    seen = (
        select(WebSession.id)
        .join(Account, Account.id == WebSession.account_id)
        .where(Account.login == login, WebSession.address == address, WebSession.stage != Stage.CODE)
    )
    return session.scalar(seen.limit(1)) is not None


def sessions_of(session: Session, account_id: int, *, now: dt.datetime, settings: Settings) -> Sequence[WebSession]:
    """Return the open sessions of an account, the latest first."""
    going_on = _goes_on(now, settings)
    query = select(WebSession).where(WebSession.account_id == account_id, WebSession.stage != Stage.CODE, going_on)
    return session.scalars(query.order_by(WebSession.last_seen_at.desc(), WebSession.id.desc())).all()


def ended_sessions_of(
    session: Session, account_id: int, *, now: dt.datetime, settings: Settings, limit: int
) -> Sequence[WebSession]:
    """Return the latest sessions of an account that are over."""
    over = ~_goes_on(now, settings)
    query = select(WebSession).where(WebSession.account_id == account_id, WebSession.stage != Stage.CODE, over)
    return session.scalars(query.order_by(WebSession.created_at.desc()).limit(limit)).all()


def end_session(session: Session, session_id: int, account_id: int, reason: EndReason, *, now: dt.datetime) -> bool:
    """End one session of an account and tell whether it went on; that of another account is left alone."""
    return _end(session, and_(WebSession.id == session_id, WebSession.account_id == account_id), reason, now) > 0


def end_by_token(session: Session, token: str, reason: EndReason, *, now: dt.datetime) -> None:
    """End the session of a token, if it goes on."""
    _end(session, WebSession.token_hash == hash_token(token), reason, now)


def end_all_sessions(
    session: Session, account_id: int, reason: EndReason, *, now: dt.datetime, keeping: int | None = None
) -> int:
    """End every session of an account, except the one to keep; returns how many ended."""
    which = WebSession.account_id == account_id
    return _end(session, which if keeping is None else and_(which, WebSession.id != keeping), reason, now)


def hash_token(token: str) -> str:
    """Return what the table keeps of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _find(session: Session, token: str, *, now: dt.datetime, settings: Settings) -> OpenSession | None:
    session.flush()
    asked = {"token": hash_token(token), "now": now, "alive": now - settings.session_idle}
    found = _OPEN.row(session.connection(), asked)
    return None if found is None else OpenSession(**{**found, "stage": Stage(found["stage"])})


def _goes_on(now: dt.datetime, settings: Settings) -> ColumnElement[bool]:
    return _alive(now, now - settings.session_idle)


def _alive(now: Moment, used_since: Moment) -> ColumnElement[bool]:
    return and_(WebSession.ended_at.is_(None), WebSession.expires_at > now, WebSession.last_seen_at > used_since)


def _end(session: Session, which: ColumnElement[bool], reason: EndReason, now: dt.datetime) -> int:
    ended = (
        update(WebSession)
        .where(which, WebSession.ended_at.is_(None), WebSession.expires_at > now)
        .values(ended_at=now, end_reason=reason)
        .returning(WebSession.id)
    )
    return len(session.execute(ended).all())


# Asked with every request, so it is made once; the columns are the fields of an OpenSession.
_OPEN: Final = Prepared(
    select(
        WebSession.id,
        WebSession.account_id,
        Account.person_id,
        Account.login,
        WebSession.stage,
        WebSession.capacity,
        WebSession.authority,
        WebSession.last_seen_at,
        WebSession.confirmed_at,
    )
    .join(Account, Account.id == WebSession.account_id)
    .where(
        WebSession.token_hash == bindparam("token"),
        _alive(bindparam("now", type_=UtcDateTime()), bindparam("alive", type_=UtcDateTime())),
        Account.disabled_at.is_(None),
    )
)
