"""Accounts and sessions: throttle, open, find, touch, list and end; every verb takes the session and the moment."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from web.accounts.models import Account, SignInFailure, WebSession
from web.config import Settings

TOUCH_EVERY = dt.timedelta(minutes=1)


def clean_login(text: str) -> str:
    """Return an account name as it is stored."""
    return text.strip().lower()[:100]


def create_account(
    session: Session, *, person_id: str, login: str, password_hash: str | None, now: dt.datetime
) -> Account:
    """Create the account of a person."""
    account = Account(person_id=person_id, login=clean_login(login), password_hash=password_hash, created_at=now)
    session.add(account)
    session.flush()
    return account


def change_password(session: Session, account: Account, password_hash: str, *, now: dt.datetime) -> None:
    """Store a new password and end all sessions of the account."""
    account.password_hash = password_hash
    end_all_sessions(session, account.id, now=now)


def disable_account(session: Session, account: Account, *, now: dt.datetime) -> None:
    """Take away the right to sign in and end all sessions."""
    account.disabled_at = now
    end_all_sessions(session, account.id, now=now)


def enable_account(account: Account) -> None:
    """Give the right to sign in back."""
    account.disabled_at = None


def list_accounts(session: Session, *, after: str, limit: int) -> Sequence[Account]:
    """Return accounts by name, disabled ones too, a page at a time; `after` is the last name of the page before."""
    return session.scalars(select(Account).where(Account.login > after).order_by(Account.login).limit(limit)).all()


def any_account(session: Session, *, login: str = "", person_id: str = "") -> Account | None:
    """Return the account with this name or of this person, disabled or not; None if there is none."""
    query = select(Account).where(or_(Account.login == clean_login(login), Account.person_id == person_id))
    return session.scalars(query.limit(1)).first()


def find_account(session: Session, login: str) -> Account | None:
    """Return the account with this name that may sign in, None if there is none."""
    query = select(Account).where(Account.login == clean_login(login), Account.disabled_at.is_(None))
    return session.scalars(query).one_or_none()


def find_account_of_person(session: Session, person_id: str) -> Account | None:
    """Return the account of a person, None if there is none that may sign in."""
    query = select(Account).where(Account.person_id == person_id, Account.disabled_at.is_(None))
    return session.scalars(query).one_or_none()


def is_throttled(session: Session, *, login: str, address: str, now: dt.datetime, settings: Settings) -> bool:
    """Tell whether there were too many failures of this name or from this address lately."""
    since = now - settings.sign_in_window
    failures = select(
        func.count().filter(SignInFailure.login == clean_login(login)),
        func.count().filter(SignInFailure.address == address),
    ).where(
        SignInFailure.at > since,
        or_(SignInFailure.login == clean_login(login), SignInFailure.address == address),
    )
    by_login, by_address = session.execute(failures).one()
    return by_login >= settings.sign_in_failures or by_address >= settings.sign_in_failures_address


def record_failure(session: Session, *, login: str, address: str, now: dt.datetime, settings: Settings) -> None:
    """Remember a failed sign-in, and forget those that no longer count."""
    session.execute(delete(SignInFailure).where(SignInFailure.at <= now - settings.sign_in_window))
    session.add(SignInFailure(login=clean_login(login), address=address, at=now))


def open_session(
    session: Session, account: Account, *, capacity: str, browser: str, now: dt.datetime, settings: Settings
) -> str:
    """Open a session and return its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(SignInFailure).where(SignInFailure.login == account.login))
    session.add(
        WebSession(
            token_hash=hash_token(token),
            account_id=account.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + settings.session_absolute,
            browser=browser[:200],
            capacity=capacity,
        )
    )
    return token


def find_session(
    session: Session, token: str, *, now: dt.datetime, settings: Settings
) -> tuple[WebSession, Account] | None:
    """Return the session of a token with its account, None when it has ended in any way."""
    query = (
        select(WebSession, Account)
        .join(Account, Account.id == WebSession.account_id)
        .where(
            WebSession.token_hash == hash_token(token),
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > now,
            WebSession.last_seen_at > now - settings.session_idle,
            Account.disabled_at.is_(None),
        )
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def needs_touch(opened: WebSession, now: dt.datetime) -> bool:
    """Tell whether the last sign of life is old enough to be written again."""
    return now - opened.last_seen_at >= TOUCH_EVERY


def touch(session: Session, token: str, *, now: dt.datetime) -> None:
    """Write that the session is in use."""
    session.execute(update(WebSession).where(WebSession.token_hash == hash_token(token)).values(last_seen_at=now))


def choose_capacity(session: Session, token: str, capacity: str) -> None:
    """Remember the position in which the person acts from now on."""
    session.execute(update(WebSession).where(WebSession.token_hash == hash_token(token)).values(capacity=capacity))


def sessions_of(session: Session, account_id: int, *, now: dt.datetime, settings: Settings) -> Sequence[WebSession]:
    """Return the open sessions of an account, the latest first."""
    query = (
        select(WebSession)
        .where(
            WebSession.account_id == account_id,
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > now,
            WebSession.last_seen_at > now - settings.session_idle,
        )
        .order_by(WebSession.last_seen_at.desc())
    )
    return session.scalars(query).all()


def end_session(session: Session, token_hash: str, account_id: int, *, now: dt.datetime) -> None:
    """End one session of an account; that of another account is left alone."""
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == token_hash, WebSession.account_id == account_id)
        .values(revoked_at=now)
    )


def end_all_sessions(session: Session, account_id: int, *, now: dt.datetime) -> None:
    """End every session of an account."""
    session.execute(
        update(WebSession)
        .where(WebSession.account_id == account_id, WebSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def hash_token(token: str) -> str:
    """Return what the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
