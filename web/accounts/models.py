"""Accounts, their sessions, second factors and waiting times (web_*); who the people are stands in the organisation."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base, UtcDateTime

BIG = BigInteger().with_variant(Integer(), "sqlite")


class Account(Base):
    """The right of a person to sign in; without a password hash nobody can sign in by password."""

    __tablename__ = "web_account"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64), unique=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)  # lower case
    password_hash: Mapped[str | None] = mapped_column(String(200))
    disabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())


class WebSession(Base):
    """One signed-in browser; the cookie holds a token of which only the hash stands here.

    The row stays for a while when the session is over, and says why it ended.
    """

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_account_id", "account_id", "created_at"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(BIG, ForeignKey("web_account.id"))
    stage: Mapped[str] = mapped_column(String(10))  # what is still missing: see web.accounts.sessions.Stage
    capacity: Mapped[str] = mapped_column(String(100))  # the position in which the person acts
    authority: Mapped[str] = mapped_column(String(64))  # a hash of all that the person might act in when it began
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
    last_seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())  # written once a minute at most
    confirmed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())  # when the person last proved who they are
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())  # whatever happens
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime())
    end_reason: Mapped[str | None] = mapped_column(String(30))
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(100))  # in words


class SecondFactor(Base):
    """The shared secret of an account's authenticator, encrypted; a code's step is used once."""

    __tablename__ = "web_second_factor"

    account_id: Mapped[int] = mapped_column(BIG, ForeignKey("web_account.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(300))
    last_step: Mapped[int] = mapped_column(BIG)
    enabled_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())


class RecoveryCode(Base):
    """One of the codes that stand in for a lost authenticator: its first part to find it, the rest hashed."""

    __tablename__ = "web_recovery_code"
    __table_args__ = (Index("ix_web_recovery_code_account_id", "account_id", "handle", unique=True),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    account_id: Mapped[int] = mapped_column(BIG, ForeignKey("web_account.id"))
    handle: Mapped[str] = mapped_column(String(8))
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime())


class Throttle(Base):
    """How many attempts were made lately in one bucket (a name, an address, …), and until when the next must wait."""

    __tablename__ = "web_throttle"
    __table_args__ = (
        Index("ix_web_throttle_free_at", "free_at"),
        Index("ix_web_throttle_account_id", "account_id"),
    )

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("web_account.id"))  # None: an address, or no account
    address: Mapped[str] = mapped_column(String(64))  # empty where attempts from everywhere are counted together
    attempts: Mapped[float] = mapped_column(Float())  # falls with time
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime())  # of the last attempt
    free_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
