"""Accounts, their sessions and their failed sign-ins (web_*); who the people are stands in the organisation."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
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
    """One signed-in browser; the cookie holds a token of which only the hash stands here."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_account_id", "account_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(BIG, ForeignKey("web_account.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
    last_seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())  # whatever happens
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime())
    browser: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[str] = mapped_column(String(100))  # the position in which the person acts


class SignInFailure(Base):
    """A failed sign-in, kept for the length of the throttle's window."""

    __tablename__ = "web_sign_in_failure"
    __table_args__ = (
        Index("ix_web_sign_in_failure_login_at", "login", "at"),
        Index("ix_web_sign_in_failure_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    login: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
