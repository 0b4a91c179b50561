"""Waiting times against guessing: attempts are counted in buckets before anything is compared, in every process alike.

A bucket lets a number of attempts pass at once and forgets them one by one. Beyond it every further attempt makes the
next wait longer, up to a limit: nobody is ever locked out for good, and what an attacker sends while waiting counts
for nothing.

Whoever signs in from an address from which the same account has signed in before is counted apart from the rest of
the world: strangers who guess at a name do not keep its owner out.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from web.accounts.models import Account, Throttle
from web.config import Settings

KEPT: Final = dt.timedelta(days=1)  # after the last wait; by then everything is forgiven
MOST_SHOWN: Final = 200
_ROUNDING: Final = 1e-6  # an attempt that is all but forgiven counts for nothing
_HOUR: Final = dt.timedelta(hours=1)
_MINUTE: Final = dt.timedelta(minutes=1)
_CODES: Final = 5  # attempts at a code of six digits, or at confirming a password
_SWEPT: Final = 100  # rows that count for nothing any more, deleted by an attempt
_PREFIX: Final = 64  # of IPv6: what one subscriber gets


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts a bucket takes, and how it makes wait beyond them."""

    most: int  # 0 means no limit
    forgiven: dt.timedelta  # after this time one attempt is forgotten
    first: dt.timedelta  # the first wait; each further attempt doubles it
    longest: dt.timedelta

    def left_of(self, attempts: float, since: dt.timedelta) -> float:
        """Return how many of the attempts still count after some time."""
        return max(0.0, attempts - since / self.forgiven)

    def wait(self, attempts: float) -> dt.timedelta:
        """Return how long the next attempt must wait after so many."""
        beyond = math.ceil(attempts - self.most - _ROUNDING)
        if not self.most or beyond < 0:
            return dt.timedelta(0)
        doubled: int = 2 ** min(beyond, 20)
        return min(self.longest, self.first * doubled)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where an attempt is counted."""

    key: str
    limit: Limit
    account_id: int | None = None
    address: str = ""
    cleared: bool = False  # success empties it; else success only takes its own attempt back


def sign_in_buckets(
    login: str, address: str, *, account_id: int | None, known: bool, settings: Settings
) -> tuple[Bucket, ...]:
    """Return where an attempt to sign in is counted; a name that nobody has is counted like any other."""
    longest = settings.sign_in_window
    by_name = Limit(settings.sign_in_failures, forgiven=_HOUR, first=_MINUTE, longest=longest)
    each = longest / max(1, settings.sign_in_failures_address)
    by_address = Limit(settings.sign_in_failures_address, forgiven=each, first=each, longest=longest)
    place = network_of(address)
    return (
        Bucket(address_key(address), by_address, address=place),
        _own("name", hashlib.sha256(login.encode()).hexdigest()[:40], by_name, account_id, place if known else ""),
    )


def code_buckets(account_id: int, address: str, *, known: bool, settings: Settings) -> tuple[Bucket, ...]:
    """Return where an attempt at the second step is counted."""
    limit = Limit(_CODES, forgiven=_HOUR, first=_MINUTE, longest=settings.sign_in_window)
    return (_own("code", str(account_id), limit, account_id, network_of(address) if known else ""),)


def confirm_buckets(account_id: int, *, settings: Settings) -> tuple[Bucket, ...]:
    """Return where an attempt of somebody signed in to prove who they are is counted."""
    limit = Limit(_CODES, forgiven=_HOUR, first=_MINUTE, longest=settings.sign_in_window)
    return (_own("confirm", str(account_id), limit, account_id, ""),)


def address_key(address: str) -> str:
    """Return the key of the bucket in which all sign-ins from an address are counted."""
    return f"address:{network_of(address)}"


def network_of(address: str) -> str:
    """Return what is counted as one address: of IPv6 the network that one subscriber gets."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed), _PREFIX), strict=False))
    return str(parsed)


def waiting(session: Session, buckets: Sequence[Bucket], now: dt.datetime) -> dt.timedelta | None:
    """Return how long an attempt must wait, None if it may be made; nothing is written."""
    free = select(Throttle.free_at).where(Throttle.key.in_([bucket.key for bucket in buckets]))
    return _longest(session.scalars(free), now)


def charge(session: Session, buckets: Sequence[Bucket], now: dt.datetime) -> dt.timedelta | None:
    """Count an attempt before it is made; returns how long it must wait instead, None when it may be made now.

    Attempts made at the same time are counted one after the other, whatever process they come to.
    """
    rows = _locked(session, buckets)
    missing = [bucket for bucket in buckets if bucket.key not in rows]
    wait = _longest((row.free_at for row in rows.values()), now)
    if wait is None and missing:
        dialect = session.get_bind().dialect.name
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        fresh = [
            {
                "key": bucket.key,
                "account_id": bucket.account_id,
                "address": bucket.address,
                "attempts": 0.0,
                "at": now,
                "free_at": now,
            }
            for bucket in missing
        ]
        # One statement: as a list of parameters, rows without account would be written apart, and so tell who has one.
        session.execute(insert(Throttle).values(fresh).on_conflict_do_nothing(index_elements=["key"]))
        rows = _locked(session, buckets)
        wait = _longest((row.free_at for row in rows.values()), now)
    if wait is not None:
        return wait
    old = select(Throttle.key).where(Throttle.free_at < now - KEPT).order_by(Throttle.free_at).limit(_SWEPT)
    session.execute(delete(Throttle).where(Throttle.key.in_(old.with_for_update(skip_locked=True))))
    for bucket in buckets:
        row = rows[bucket.key]
        row.attempts = bucket.limit.left_of(row.attempts, now - row.at) + 1
        row.at, row.free_at = now, now + bucket.limit.wait(row.attempts)
    session.flush()
    return None


def refund(session: Session, buckets: Sequence[Bucket], now: dt.datetime) -> None:
    """Take an attempt back that succeeded: it was no guess."""
    rows = _locked(session, buckets)
    for bucket in buckets:
        row = rows.get(bucket.key)
        if row is None:
            continue
        if bucket.cleared:
            session.delete(row)
            continue
        row.attempts = max(0.0, row.attempts - 1)
        row.free_at = min(row.free_at, now + bucket.limit.wait(row.attempts))
    session.flush()


def waiting_now(session: Session, now: dt.datetime, *, account_id: int | None = None) -> Sequence[tuple[Throttle, str]]:
    """Return what must wait now with the account's name (empty where there is none), the longest wait first."""
    query = (
        select(Throttle, Account.login)
        .outerjoin(Account, Account.id == Throttle.account_id)
        .where(Throttle.free_at > now)
        .order_by(Throttle.free_at.desc(), Throttle.key)
        .limit(MOST_SHOWN)
    )
    if account_id is not None:
        query = query.where(Throttle.account_id == account_id)
    return [(row, login or "") for row, login in session.execute(query)]


def clear(session: Session, *, account_id: int | None = None, key: str | None = None) -> int:
    """Let everything of an account, or one bucket, try again at once; returns how many buckets were emptied."""
    which = Throttle.key == key if account_id is None else Throttle.account_id == account_id
    return len(session.execute(delete(Throttle).where(which).returning(Throttle.key)).all())


def minutes_of(wait: dt.timedelta) -> int:
    """Return a wait as it is told: whole minutes, one at least."""
    return max(1, math.ceil(wait / _MINUTE))


def _own(kind: str, subject: str, limit: Limit, account_id: int | None, place: str) -> Bucket:
    """Return the bucket of one account or name; attempts from a place that it is known at are counted apart."""
    key = f"{kind}:{subject}@{place}" if place else f"{kind}:{subject}"
    return Bucket(key, limit, account_id, place, cleared=True)


def _locked(session: Session, buckets: Sequence[Bucket]) -> dict[str, Throttle]:
    """Return the rows that are there, locked in one order so that two attempts never wait for each other."""
    query = select(Throttle).where(Throttle.key.in_([bucket.key for bucket in buckets])).order_by(Throttle.key)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {row.key: row for row in rows}


def _longest(free: Iterable[dt.datetime], now: dt.datetime) -> dt.timedelta | None:
    waits = [moment - now for moment in free if moment > now]
    return max(waits, default=None)
