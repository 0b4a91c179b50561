"""Accounts: create, find, list, change the password, disable, enable; every verb takes the session and the moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from web.accounts import second_factor
from web.accounts.models import Account
from web.accounts.sessions import EndReason, end_all_sessions

_LONGEST_LOGIN = 100


def clean_login(text: str) -> str:
    """Return an account name as it is stored."""
    return "".join(sign for sign in text if sign.isprintable()).strip().lower()[:_LONGEST_LOGIN]


def create_account(
    session: Session, *, person_id: str, login: str, password_hash: str | None, now: dt.datetime
) -> Account:
    """Create the account of a person."""
    account = Account(person_id=person_id, login=clean_login(login), password_hash=password_hash, created_at=now)
    session.add(account)
    session.flush()
    return account


def change_password(
    session: Session, account: Account, password_hash: str, *, now: dt.datetime, keeping: int | None = None
) -> None:
    """Store a new password and end all sessions of the account, except the one in which it was changed."""
    account.password_hash = password_hash
    end_all_sessions(session, account.id, EndReason.PASSWORD_CHANGED, now=now, keeping=keeping)


def disable_account(session: Session, account: Account, *, now: dt.datetime) -> None:
    """Take away the right to sign in and end all sessions."""
    account.disabled_at = now
    end_all_sessions(session, account.id, EndReason.DISABLED, now=now)


def enable_account(account: Account) -> None:
    """Give the right to sign in back."""
    account.disabled_at = None


def reset_second_factor(session: Session, account: Account, *, now: dt.datetime) -> bool:
    """Forget the second factor of an account and end all its sessions; tells whether there was one."""
    if not second_factor.remove(session, account.id):
        return False
    end_all_sessions(session, account.id, EndReason.FACTOR_CHANGED, now=now)
    return True


def list_accounts(session: Session, *, after: str, limit: int, prefix: str = "") -> Sequence[Account]:
    """Return accounts by name, disabled ones too, a page at a time; `after` is the last name of the page before."""
    query = select(Account).where(Account.login > after).order_by(Account.login).limit(limit)
    if prefix:
        query = query.where(Account.login >= prefix, Account.login < prefix + "\U0010ffff")
    return session.scalars(query).all()


def get_account(session: Session, account_id: int) -> Account | None:
    """Return an account, disabled or not; None if there is none."""
    return session.get(Account, account_id)


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
